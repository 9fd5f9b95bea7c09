/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64

#include "msq_linux.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

enum { REGISTER_BYTES = 256 };

static msq_status map_registers(msq_linux* device, const char* path, uint64_t address) {
  const long page = sysconf(_SC_PAGESIZE);
  const uint64_t size = page > 0 ? (uint64_t)page : 4096, skip = address % size;
  device->file = open(path, O_RDWR | O_SYNC | O_CLOEXEC);
  if (device->file < 0) return MSQ_E_SYSTEM;
  device->mapping_bytes = (size_t)(skip + REGISTER_BYTES);
  device->mapping = mmap(NULL, device->mapping_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, device->file,
                         (off_t)(address - skip));
  if (device->mapping == MAP_FAILED) {
    const int reason = errno;
    close(device->file);
    errno = reason;
    return MSQ_E_SYSTEM;
  }
  device->registers = (volatile uint32_t*)(void*)((unsigned char*)device->mapping + skip);
  device->io = msq_io_memory(device->registers);
  return MSQ_OK;
}

msq_status msq_linux_open_uio(msq_linux* device, const char* path) {
  if (device == NULL || path == NULL) return MSQ_E_ARGUMENT;
  return map_registers(device, path, 0);
}

msq_status msq_linux_open_memory(msq_linux* device, const char* path, uint64_t address) {
  if (device == NULL || path == NULL || address % 4 != 0) return MSQ_E_ARGUMENT;
  return map_registers(device, path, address);
}

void msq_linux_close(msq_linux* device) {
  munmap(device->mapping, device->mapping_bytes);
  close(device->file);
}

msq_status msq_linux_wait_interrupt(msq_linux* device, int milliseconds) {
  const uint32_t enable = 1;
  uint32_t count;
  struct pollfd ready;
  int found;
  /* The kernel masks the interrupt with each one that it reports. */
  if (write(device->file, &enable, sizeof enable) != (ssize_t)sizeof enable) return MSQ_E_SYSTEM;
  ready.fd = device->file;
  ready.events = POLLIN;
  ready.revents = 0;
  do {
    found = poll(&ready, 1, milliseconds);
  } while (found < 0 && errno == EINTR);
  if (found == 0) return MSQ_E_TIMEOUT;
  if (found < 0 || read(device->file, &count, sizeof count) != (ssize_t)sizeof count) return MSQ_E_SYSTEM;
  return MSQ_OK;
}
