/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of a layer: from the tensors of a quantized file (docs/reference/numerics.md, "Stored file") and
 * activations to the accelerator's streams (docs/reference/streams.md), byte for byte those of
 * `microscopiq accelerate --packets`. */
#ifndef MSQ_PACK_H
#define MSQ_PACK_H

#include "msq_driver.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Memory for plans. `release` gets the size that `allocate` gave. */
typedef struct msq_allocator {
  void* (*allocate)(void* context, size_t size); /* aligned for any type; null if there is none */
  void (*release)(void* context, void* memory, size_t size);
  void* context;
} msq_allocator;

/* An allocator in a block of the caller's, where there is no heap. Memory comes back when the latest piece is
 * released. */
typedef struct msq_arena {
  unsigned char* base;
  size_t size, used;
  size_t peak; /* most that was in use: how large the block must be */
} msq_arena;
msq_allocator msq_arena_allocator(msq_arena* arena, void* block, size_t size);

enum { MSQ_AXIS_REDUCTION = 0, MSQ_AXIS_OUTPUT = 1 };

/* A tensor as it is in the file. */
typedef struct msq_tensor {
  const uint8_t* data;
  size_t bytes;
} msq_tensor;

/* A layer of a quantized file: metadata under the names of the page, and its tensors. The tensors that the
 * layer does not have are {NULL, 0}. */
typedef struct msq_layer {
  uint32_t k, n;
  uint32_t bits;                               /* 2 or 4 */
  uint32_t micro_block;                        /* 4, 8, 16 */
  uint32_t macro_block;                        /* 32, 64, 128 */
  uint32_t axis;                               /* MSQ_AXIS_.. */
  uint32_t full_range;                         /* encoding: 0 paper, 1 full_range */
  uint32_t list_entries;                       /* full_range; 0: micro_block / 2 */
  uint32_t shift_bits;                         /* full_range */
  uint32_t fraction_bits, scale_mantissa_bits; /* full_range */
  uint32_t identifier_group;                   /* 0 or 1: none */
  msq_tensor codes, identifiers, identifier_masks, mx_scales, lists, scales, scale_mantissas;
} msq_layer;

/* Purpose of the packets: tokens and formats. */
typedef struct msq_request {
  uint32_t tokens;      /* M */
  uint32_t act_bits;    /* of the activations: 8 or 4 */
  uint32_t block;       /* activations that share a scale: 32, 64, 128 */
  uint32_t format;      /* of the outputs: MSQ_RAW .. */
  uint32_t pass_tokens; /* T; 0: as many as fit */
} msq_request;

typedef struct msq_pack msq_pack;

/* Plans the packets of a layer for an array. A layer that the array cannot compute is refused with its own
 * status (MSQ_E_MODE .. MSQ_E_ACTIVATION_BLOCK, and those of msq_check_job). The layer's tensors stay in use
 * until msq_pack_close. `*pack` is null after an error. */
msq_status msq_pack_open(msq_pack** pack, const msq_capabilities* capabilities, const msq_layer* layer,
                         const msq_request* request, const msq_allocator* allocator);
void msq_pack_close(msq_pack* pack);

/* Settings of the job for msq_start. */
void msq_pack_job(const msq_pack* pack, msq_job* job);
uint32_t msq_pack_passes(const msq_pack* pack);
/* Tokens of a pass, 0 from the number of passes on. */
uint32_t msq_pack_tokens(const msq_pack* pack, uint32_t pass);

/* Bytes of the packets of a pass. */
size_t msq_pack_weight_bytes(const msq_pack* pack, uint32_t pass);
size_t msq_pack_activation_bytes(const msq_pack* pack, uint32_t pass);
size_t msq_pack_output_bytes(const msq_pack* pack, uint32_t pass);

/* The first pass whose weight packet is that of this pass: one copy in memory serves both. */
uint32_t msq_pack_same_weights(const msq_pack* pack, uint32_t pass);

/* Writes a packet into a buffer of exactly its size. MSQ_E_ARGUMENT, MSQ_E_BUFFER. Of the whole matrix of
 * activations: values [M][K] and scales Xsf [M][ceil(K / block)]; MSQ_E_ACTIVATION_VALUE. */
msq_status msq_pack_weights(const msq_pack* pack, uint32_t pass, uint8_t* out, size_t size);
msq_status msq_pack_activations(const msq_pack* pack, uint32_t pass, const int8_t* values,
                                const int8_t* scales, uint8_t* out, size_t size);

/* Outputs of a pass from its packet, into the rows of a whole matrix [M][N]. MSQ_E_FORMAT: the job has
 * another format; MSQ_E_BUFFER: a packet of another size, as an error of the accelerator leaves it. Raw:
 * value = accumulator * 2^exponent, the exponents [M][N] too. MX: values [M][N], scales Ysf [M][ceil(N /
 * 128)], -127 of blocks of zeros: activations of a next layer, in blocks of 128. */
msq_status msq_read_raw(const msq_pack* pack, uint32_t pass, const uint8_t* packet, size_t size,
                        int64_t* accumulators, int32_t* exponents);
msq_status msq_read_fp32(const msq_pack* pack, uint32_t pass, const uint8_t* packet, size_t size, float* y);
msq_status msq_read_mx(const msq_pack* pack, uint32_t pass, const uint8_t* packet, size_t size,
                       int8_t* values, int8_t* scales);

/* Activations X [M][K] in MX-INT-8 or MX-INT-4, blocks along K: values [M][K], scales [M][ceil(K / block)].
 * With `input_scales` [K] (null: none) each is divided by that of its k before, in float.
 * MSQ_E_ACTIVATION_BITS, MSQ_E_ACTIVATION_BLOCK, MSQ_E_ACTIVATION_FINITE. */
msq_status msq_quantize(const float* x, const float* input_scales, size_t m, size_t k, uint32_t act_bits,
                        uint32_t block, int8_t* values, int8_t* scales);

#ifdef __cplusplus
}
#endif

#endif
