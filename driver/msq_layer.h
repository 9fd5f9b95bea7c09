/* SPDX-License-Identifier: Apache-2.0 */
/* Of the packer alone: the tensors of a layer, checked and decoded. */
#ifndef MSQ_LAYER_H
#define MSQ_LAYER_H

#include "msq_pack.h"

enum { MSQ_MOST_MICRO_BLOCK = 16, MSQ_MOST_PAIRS = 8 };

static inline uint32_t msq_log2(uint32_t power) {
  uint32_t result = 0;
  for (; power > 1; power >>= 1) ++result;
  return result;
}

/* Bits that are set. */
static inline uint32_t msq_ones(uint32_t word) {
  uint32_t count = 0;
  for (; word != 0; word &= word - 1) ++count;
  return count;
}

/* Positions of an outlier's halves in its micro-block. */
typedef struct msq_pair {
  uint8_t upper, lower;
} msq_pair;

/* Number of a micro-block without outliers. */
#define MSQ_NO_LIST UINT32_MAX

typedef struct msq_weights {
  msq_layer layer;
  uint32_t blocks;        /* micro-blocks of a row */
  uint32_t row_bytes;     /* of codes */
  uint32_t groups;        /* macro-blocks along the axis */
  uint32_t location_bits; /* of a position in a micro-block */
  uint32_t entries, shift_bits, fraction_bits, mantissa_bits;
  uint32_t lists; /* micro-blocks with outliers */
  /* A bit for each micro-block, set if it has outliers, and their number before each word. */
  uint32_t *flags, *before;
  size_t words;
} msq_weights;

/* Zeroes for an error; `weights` is then to be closed all the same. */
msq_status msq_weights_open(msq_weights* weights, const msq_layer* layer, const msq_allocator* allocator);
void msq_weights_close(msq_weights* weights, const msq_allocator* allocator);

/* Bits at a position of a stream. */
uint32_t msq_bits(const uint8_t* data, size_t at, uint32_t count);
uint32_t msq_code(const msq_weights* weights, uint32_t k, uint32_t n);
/* Number of the list of a micro-block, MSQ_NO_LIST. */
uint32_t msq_list_of(const msq_weights* weights, uint32_t k, uint32_t block);
/* Pairs in use, in the stored order. */
uint32_t msq_pairs(const msq_weights* weights, uint32_t list, msq_pair pairs[MSQ_MOST_PAIRS]);
uint32_t msq_shift(const msq_weights* weights, uint32_t list);
/* Inliers of a micro-block in units of partial sums; zero where an outlier has a half. */
void msq_inliers(const msq_weights* weights, uint32_t k, uint32_t block, int32_t out[MSQ_MOST_MICRO_BLOCK]);
/* An outlier in the same units, for r = 0. */
int32_t msq_significand(const msq_weights* weights, uint32_t k, uint32_t block, msq_pair pair);
/* All values of a micro-block. */
void msq_values(const msq_weights* weights, uint32_t k, uint32_t block, int32_t out[MSQ_MOST_MICRO_BLOCK]);
/* Isf, and {negative, f} of its factor. */
int32_t msq_scale(const msq_weights* weights, uint32_t k, uint32_t n);
uint32_t msq_factor(const msq_weights* weights, uint32_t k, uint32_t n);

#endif
