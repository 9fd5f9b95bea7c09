/* SPDX-License-Identifier: Apache-2.0 */
/* Of the packer alone: fields of packets, each from the lowest bit up. */
#ifndef MSQ_WRITER_H
#define MSQ_WRITER_H

#include <stddef.h>
#include <stdint.h>

typedef struct msq_writer {
  uint8_t* out; /* zeros where nothing is written */
  size_t at;    /* bits */
} msq_writer;

static inline size_t msq_divided(size_t bits, size_t beat) { return (bits + beat - 1) / beat; }

static inline void msq_put(msq_writer* writer, uint32_t bits, uint32_t value) {
  while (bits != 0) {
    const uint32_t low = (uint32_t)(writer->at % 8);
    const uint32_t here = 8 - low < bits ? 8 - low : bits;
    uint8_t* byte = writer->out + writer->at / 8;
    *byte = (uint8_t)(*byte | (value & ((1U << here) - 1)) << low);
    value >>= here;
    bits -= here;
    writer->at += here;
  }
}

/* The next field begins at a multiple of `bits`. */
static inline void msq_align(msq_writer* writer, size_t bits) {
  writer->at = msq_divided(writer->at, bits) * bits;
}

#endif
