/* SPDX-License-Identifier: Apache-2.0 */
/* The board under main.c. Here the functions are those of the bus-functional host (soc.cpp); on a processor
 * they are accesses to memory, and `wfi`. */
#ifndef SOC_BOARD_H
#define SOC_BOARD_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { BOARD_UART = 0x10000000, BOARD_ACCELERATOR = 0x20000000 };
/* UART: a write to its first register sends a byte. */

uint32_t board_read32(uint32_t address);
void board_write32(uint32_t address, uint32_t value);
/* Returns when the accelerator's interrupt is up, or after many cycles without one. */
void board_wait_for_interrupt(void);

/* Memory, which processor and accelerator share. */
typedef struct board_memory {
  unsigned char* data; /* as the processor reaches it */
  uint64_t address;    /* on the bus of the accelerator */
  size_t bytes;
} board_memory;
board_memory board_main_memory(void);

/* The program: 0 if everything was right. */
int program(void);

#ifdef __cplusplus
}
#endif

#endif
