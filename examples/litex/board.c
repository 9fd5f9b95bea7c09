/* SPDX-License-Identifier: Apache-2.0 */
/* The board of examples/soc on the SoC of soc.py, and its start. Addresses and registers are in headers that
 * LiteX writes. */
#include "../soc/board.h"

#include <generated/csr.h>
#include <generated/mem.h>
#include <irq.h>

enum { INTERRUPT = 1 << ACCELERATOR_INTERRUPT, WAITS = 100000 };
enum { END_OF_TRANSMISSION = 4, NEGATIVE_ACKNOWLEDGE = 21 }; /* end of the program, for bench.v */

static volatile uint32_t* register_of(uint32_t address) {
  return (volatile uint32_t*)(ACCELERATOR_BASE + (address - BOARD_ACCELERATOR));
}

static void send(uint32_t byte) {
  while (uart_txfull_read()) {
  }
  uart_rxtx_write(byte);
}

uint32_t board_read32(uint32_t address) { return *register_of(address); }

void board_write32(uint32_t address, uint32_t value) {
  if (address == BOARD_UART) {
    send(value);
  } else {
    *register_of(address) = value;
  }
}

/* Traps are off: the processor's register of pending interrupts ends the wait. Its data cache writes through,
 * but keeps what it read before. */
void board_wait_for_interrupt(void) {
  uint32_t wait;
  for (wait = 0; wait < WAITS && (irq_pending() & INTERRUPT) == 0; ++wait) {
  }
  flush_cpu_dcache();
}

board_memory board_main_memory(void) {
  const board_memory memory = {(unsigned char*)MAIN_RAM_BASE, MAIN_RAM_BASE, MAIN_RAM_SIZE};
  return memory;
}

void isr(void) {} /* crt0.S names it */

int main(void) {
  accelerator_ev_enable_write(1);
  irq_setmask(INTERRUPT);
  send(program() == 0 ? END_OF_TRANSMISSION : NEGATIVE_ACKNOWLEDGE);
  return 0;
}
