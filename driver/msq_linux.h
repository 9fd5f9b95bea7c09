/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of an accelerator under Linux: a UIO device, or physical memory. */
#ifndef MSQ_LINUX_H
#define MSQ_LINUX_H

#include "msq_driver.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct msq_linux {
  msq_io io;
  volatile uint32_t* registers;
  void* mapping;
  size_t mapping_bytes;
  int file;
} msq_linux;

/* Map 0 of a UIO device, such as "/dev/uio0". MSQ_E_SYSTEM, with errno. */
msq_status msq_linux_open_uio(msq_linux* device, const char* path);
/* Registers at a physical address; `path` is "/dev/mem". MSQ_E_SYSTEM, with errno. */
msq_status msq_linux_open_memory(msq_linux* device, const char* path, uint64_t address);
void msq_linux_close(msq_linux* device);

/* UIO: waits for the next interrupt, at most `milliseconds` (negative: without a limit). MSQ_E_TIMEOUT,
 * MSQ_E_SYSTEM. The interrupt of the accelerator stays up until msq_acknowledge. */
msq_status msq_linux_wait_interrupt(msq_linux* device, int milliseconds);

#ifdef __cplusplus
}
#endif

#endif
