/* SPDX-License-Identifier: Apache-2.0 */
/* Activations: in MX-INT-8 or MX-INT-4 (numerics.md, "Activations"), and their packets. In integers
 * alone: the fields of a float are exact, and no library of mathematics is needed. */
#include <string.h>

#include "msq_plan.h"
#include "msq_writer.h"

enum { FRACTION = 23, BIAS = 127, INFINITE = 255, ZERO_BLOCK = 0x80 };

/* A float is (-1)^negative * mantissa * 2^exponent. */
typedef struct msq_float {
  uint32_t negative, mantissa;
  int32_t exponent;
} msq_float;

static int take_apart(float value, msq_float* out) {
  uint32_t word, field;
  memcpy(&word, &value, sizeof word);
  field = word >> FRACTION & 255U;
  out->negative = word >> 31;
  out->mantissa = word & ((UINT32_C(1) << FRACTION) - 1);
  if (field != 0) out->mantissa |= UINT32_C(1) << FRACTION;
  out->exponent = (int32_t)(field == 0 ? 1 : field) - BIAS - FRACTION;
  return field != INFINITE;
}

/* floor(log2) of a number that is not zero. */
static int32_t log2_of(const msq_float* value) {
  int32_t result = value->exponent;
  uint32_t mantissa;
  for (mantissa = value->mantissa; mantissa > 1; mantissa >>= 1) ++result;
  return result;
}

/* Nearest integer to value / 2^scale, ties to the even one, at most `most` in size. The scale is that of the
 * block: at least 17 above the exponent of each of its values. */
static int8_t rounded(const msq_float* value, int32_t scale, uint32_t most) {
  const int32_t right = scale - value->exponent;
  uint32_t result = 0;
  if (right <= FRACTION + 1) {
    const uint32_t half = UINT32_C(1) << (right - 1), rest = value->mantissa & (2 * half - 1);
    result = value->mantissa >> right;
    if (rest > half || (rest == half && (result & 1U) != 0)) ++result;
  }
  if (result > most) result = most;
  return (int8_t)(value->negative ? -(int32_t)result : (int32_t)result);
}

/* Of one token. */
static msq_status quantize_block(const float* x, const float* input_scales, size_t count, uint32_t act_bits,
                                 int8_t* values, int8_t* scale) {
  const uint32_t most = (UINT32_C(1) << (act_bits - 1)) - 1;
  int32_t exponent = -127;
  int any = 0;
  size_t i;
  msq_float value;
  for (i = 0; i < count; ++i) {
    const float own = input_scales == NULL ? x[i] : x[i] / input_scales[i];
    if (!take_apart(own, &value)) return MSQ_E_ACTIVATION_FINITE;
    if (value.mantissa == 0) continue;
    if (!any || log2_of(&value) > exponent) exponent = log2_of(&value);
    any = 1;
  }
  if (any) exponent -= (int32_t)act_bits - 2;
  if (exponent < -127) exponent = -127; /* 127 is beyond the largest float's */
  *scale = (int8_t)exponent;
  for (i = 0; i < count; ++i) {
    take_apart(input_scales == NULL ? x[i] : x[i] / input_scales[i], &value);
    values[i] = rounded(&value, exponent, most);
  }
  return MSQ_OK;
}

static msq_status check_scales(const float* input_scales, size_t k) {
  msq_float scale;
  size_t i;
  for (i = 0; input_scales != NULL && i < k; ++i)
    if (!take_apart(input_scales[i], &scale) || scale.negative || scale.mantissa == 0)
      return MSQ_E_ACTIVATION_FINITE;
  return MSQ_OK;
}

msq_status msq_quantize(const float* x, const float* input_scales, size_t m, size_t k, uint32_t act_bits,
                        uint32_t block, int8_t* values, int8_t* scales) {
  const size_t groups = block == 0 ? 0 : (k + block - 1) / block;
  size_t row, g;
  msq_status status;
  if (x == NULL || values == NULL || scales == NULL) return MSQ_E_ARGUMENT;
  if (act_bits != 4 && act_bits != 8) return MSQ_E_ACTIVATION_BITS;
  if (block != 32 && block != 64 && block != 128) return MSQ_E_ACTIVATION_BLOCK;
  status = check_scales(input_scales, k);
  for (row = 0; row < m; ++row) {
    for (g = 0; g < groups && status == MSQ_OK; ++g) {
      const size_t first = g * block, count = k - first < block ? k - first : block;
      status = quantize_block(x + row * k + first, input_scales == NULL ? NULL : input_scales + first, count,
                              act_bits, values + row * k + first, scales + row * groups + g);
    }
  }
  return status;
}

/* ---------------------------------------------------------------------------------------------- packets */

uint32_t msq_blocks_along_k(const msq_pack* pack) {
  return (pack->weights.layer.k + pack->request.block - 1) / pack->request.block;
}

static msq_status put_values(const msq_pack* pack, msq_writer* writer, const int8_t* values, uint32_t tile) {
  const uint32_t first = tile * pack->tile_rows, most = pack->array.act_bits == 8 ? 127 : 7;
  uint32_t i;
  for (i = 0; i < pack->tile_rows && first + i < pack->weights.layer.k; ++i) {
    const int value = values[first + i];
    if (value < -(int)most || value > (int)most) return MSQ_E_ACTIVATION_VALUE;
    msq_put(writer, pack->array.act_bits, (uint32_t)value & ((1U << pack->array.act_bits) - 1));
  }
  msq_align(writer, (size_t)8 * pack->array.act_beat);
  return MSQ_OK;
}

/* Scale of a block of a token, or the code of a block of zeros. */
static uint32_t block_scale(const msq_pack* pack, const int8_t* values, int8_t scale, uint32_t block) {
  const uint32_t first = block * pack->request.block;
  uint32_t i;
  for (i = first; i < pack->weights.layer.k && i - first < pack->request.block; ++i)
    if (values[i] != 0) return (uint8_t)scale;
  return ZERO_BLOCK;
}

msq_status msq_pack_activations(const msq_pack* pack, uint32_t pass, const int8_t* values,
                                const int8_t* scales, uint8_t* out, size_t size) {
  const size_t k = pack == NULL ? 0 : pack->weights.layer.k;
  msq_writer writer;
  uint32_t token, g, tile, tokens;
  size_t first;
  if (pack == NULL || out == NULL || values == NULL || scales == NULL || pass >= pack->passes)
    return MSQ_E_ARGUMENT;
  if (size != msq_pack_activation_bytes(pack, pass)) return MSQ_E_BUFFER;
  memset(out, 0, size);
  writer.out = out;
  writer.at = 0;
  first = (size_t)pass * pack->pass_tokens;
  tokens = msq_tokens_of(pack, pass);
  for (g = 0; g < msq_blocks_along_k(pack); ++g) {
    for (token = 0; token < tokens; ++token) {
      const size_t m = first + token;
      msq_put(&writer, 8, block_scale(pack, values + m * k, scales[m * msq_blocks_along_k(pack) + g], g));
    }
  }
  msq_align(&writer, (size_t)8 * pack->array.act_beat);
  for (tile = 0; tile < pack->tiles_k; ++tile) {
    for (token = 0; token < tokens; ++token) {
      const msq_status status = put_values(pack, &writer, values + (first + token) * k, tile);
      if (status != MSQ_OK) return status;
    }
  }
  return MSQ_OK;
}
