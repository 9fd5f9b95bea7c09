/* SPDX-License-Identifier: Apache-2.0 */
/* Image that the loader puts at the start of memory: a chain of quantized layers, its inputs and its
 * expected outputs. Offsets are from the start, multiples of 16; all words little endian. */
#ifndef SOC_IMAGE_H
#define SOC_IMAGE_H

#include <stdint.h>

enum { IMAGE_MAGIC = 0x4d534349, IMAGE_MOST_LAYERS = 8 };

typedef struct image_tensor {
  uint32_t offset, bytes;
} image_tensor;

/* A layer of a quantized file, as msq_layer has it. */
typedef struct image_layer {
  uint32_t k, n, bits, micro_block, macro_block, axis, full_range, list_entries, shift_bits;
  uint32_t fraction_bits, scale_mantissa_bits, identifier_group;
  image_tensor codes, identifiers, identifier_masks, mx_scales, lists, scales, scale_mantissas;
} image_layer;

typedef struct image {
  uint32_t magic, bytes; /* of all */
  uint32_t layers, tokens;
  image_tensor inputs;  /* float32 [tokens][K of the first layer] */
  image_tensor outputs; /* float32 [tokens][N of the last layer] */
  image_layer layer[IMAGE_MOST_LAYERS];
} image;

#endif
