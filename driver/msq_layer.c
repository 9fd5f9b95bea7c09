/* SPDX-License-Identifier: Apache-2.0 */
#include "msq_layer.h"

uint32_t msq_bits(const uint8_t* data, size_t at, uint32_t count) {
  uint32_t value = 0, done = 0;
  while (done < count) {
    const uint32_t low = (uint32_t)(at % 8);
    const uint32_t here = 8 - low < count - done ? 8 - low : count - done;
    value |= (((uint32_t)data[at / 8] >> low) & ((1U << here) - 1)) << done;
    done += here;
    at += here;
  }
  return value;
}

uint32_t msq_code(const msq_weights* weights, uint32_t k, uint32_t n) {
  const size_t row = (size_t)k * weights->row_bytes;
  return msq_bits(weights->layer.codes.data + row, (size_t)n * weights->layer.bits, weights->layer.bits);
}

uint32_t msq_list_of(const msq_weights* weights, uint32_t k, uint32_t block) {
  const size_t at = (size_t)k * weights->blocks + block;
  uint32_t word;
  if (weights->lists == 0) return MSQ_NO_LIST;
  word = weights->flags[at / 32];
  if ((word >> (at % 32) & 1U) == 0) return MSQ_NO_LIST;
  return weights->before[at / 32] + msq_ones(word & ((UINT32_C(1) << (at % 32)) - 1));
}

uint32_t msq_pairs(const msq_weights* weights, uint32_t list, msq_pair pairs[MSQ_MOST_PAIRS]) {
  const uint32_t bits = weights->location_bits;
  size_t at = (size_t)list * weights->entries * 2 * bits;
  uint32_t i, count = 0;
  for (i = 0; i < weights->entries; ++i, at += (size_t)2 * bits) {
    const uint32_t upper = msq_bits(weights->layer.lists.data, at, bits);
    const uint32_t lower = msq_bits(weights->layer.lists.data, at + bits, bits);
    if (upper == lower) continue;
    pairs[count].upper = (uint8_t)upper;
    pairs[count].lower = (uint8_t)lower;
    ++count;
  }
  return count;
}

uint32_t msq_shift(const msq_weights* weights, uint32_t list) {
  return msq_bits(weights->layer.mx_scales.data, (size_t)list * weights->shift_bits, weights->shift_bits);
}

/* Of a code of `paper` the magnitude has a sign of its own; of one of `full_range` both are one number. */
static int32_t inlier(const msq_weights* weights, uint32_t code) {
  const uint32_t sign = 1U << (weights->layer.bits - 1);
  const int32_t magnitude = (int32_t)(code & (sign - 1));
  int32_t value = magnitude;
  if (code & sign) value = weights->layer.full_range ? magnitude - (int32_t)sign : -magnitude;
  return value * (1 << weights->fraction_bits);
}

void msq_inliers(const msq_weights* weights, uint32_t k, uint32_t block, int32_t out[MSQ_MOST_MICRO_BLOCK]) {
  const uint32_t size = weights->layer.micro_block;
  const uint32_t list = msq_list_of(weights, k, block);
  msq_pair pairs[MSQ_MOST_PAIRS];
  uint32_t i, count;
  for (i = 0; i < size; ++i) out[i] = inlier(weights, msq_code(weights, k, block * size + i));
  if (list == MSQ_NO_LIST) return;
  count = msq_pairs(weights, list, pairs);
  for (i = 0; i < count; ++i) out[pairs[i].upper] = out[pairs[i].lower] = 0;
}

int32_t msq_significand(const msq_weights* weights, uint32_t k, uint32_t block, msq_pair pair) {
  const uint32_t bits = weights->layer.bits;
  const uint32_t base = block * weights->layer.micro_block;
  const uint32_t upper = msq_code(weights, k, base + pair.upper);
  const uint32_t lower = msq_code(weights, k, base + pair.lower);
  const uint32_t sign = 1U << (bits - 1);
  int32_t size;
  if (weights->layer.full_range) {
    const int32_t high = (int32_t)(upper & (sign - 1)) - (upper & sign ? (int32_t)sign : 0);
    return high * (1 << bits) + (int32_t)lower;
  }
  size = (int32_t)((1U << bits) | (upper & (sign - 1)) << (bits / 2) | (lower & (sign - 1)));
  return upper & sign ? -size : size;
}

void msq_values(const msq_weights* weights, uint32_t k, uint32_t block, int32_t out[MSQ_MOST_MICRO_BLOCK]) {
  const uint32_t list = msq_list_of(weights, k, block);
  msq_pair pairs[MSQ_MOST_PAIRS];
  uint32_t i, count;
  msq_inliers(weights, k, block, out);
  if (list == MSQ_NO_LIST) return;
  count = msq_pairs(weights, list, pairs);
  for (i = 0; i < count; ++i)
    out[pairs[i].upper] = msq_significand(weights, k, block, pairs[i]) * (1 << msq_shift(weights, list));
}

static size_t scale_index(const msq_weights* weights, uint32_t k, uint32_t n) {
  const uint32_t macro = weights->layer.macro_block;
  if (weights->layer.axis == MSQ_AXIS_OUTPUT) return (size_t)k * weights->groups + n / macro;
  return (size_t)(k / macro) * weights->layer.n + n;
}

int32_t msq_scale(const msq_weights* weights, uint32_t k, uint32_t n) {
  const uint32_t byte = weights->layer.scales.data[scale_index(weights, k, n)];
  if (weights->layer.full_range) return (int32_t)(byte & 127U) - 64;
  return byte < 128 ? (int32_t)byte : (int32_t)byte - 256;
}

uint32_t msq_factor(const msq_weights* weights, uint32_t k, uint32_t n) {
  const size_t at = scale_index(weights, k, n);
  const uint32_t bits = weights->mantissa_bits;
  const uint32_t negative = weights->layer.scales.data[at] >> 7;
  return negative << 3 | (bits == 0 ? 0 : msq_bits(weights->layer.scale_mantissas.data, at * bits, bits));
}

/* ---------------------------------------------------------------------------------------------- opening */

static int is_one_of(uint32_t value, uint32_t a, uint32_t b, uint32_t c) {
  return value == a || value == b || value == c;
}

static size_t bytes_of(size_t bits) { return (bits + 7) / 8; }

static int has_size(const msq_tensor* tensor, size_t bytes) {
  return tensor->bytes == bytes && (tensor->data != NULL || bytes == 0);
}

static msq_status check_metadata(const msq_layer* l) {
  const uint32_t group = l->identifier_group;
  if (l->k == 0 || l->n == 0 || l->k > 0xffffff || l->n > 0xffffff) return MSQ_E_SHAPE;
  if (l->bits != 2 && l->bits != 4) return MSQ_E_MODE;
  if (!is_one_of(l->micro_block, 4, 8, 16)) return MSQ_E_MICRO_BLOCK;
  if (!is_one_of(l->macro_block, 32, 64, 128)) return MSQ_E_MACRO_BLOCK;
  if (l->full_range > 1) return MSQ_E_ENCODING;
  if (l->axis > MSQ_AXIS_OUTPUT || (l->full_range && l->axis == MSQ_AXIS_OUTPUT)) return MSQ_E_AXIS;
  if (group > 1 && !is_one_of(group, 4, 8, 16)) return MSQ_E_ARGUMENT;
  if (!l->full_range) return MSQ_OK;
  if (l->list_entries > l->micro_block / 2 || (l->list_entries & (l->list_entries - 1)) != 0)
    return MSQ_E_LIST_ENTRIES; /* 0 or a power of two */
  if (l->shift_bits != 4 && l->shift_bits != 8) return MSQ_E_ARGUMENT;
  if (l->fraction_bits != 1 && l->fraction_bits != 2) return MSQ_E_FRACTION_BITS;
  return l->scale_mantissa_bits > 3 ? MSQ_E_SCALE_MANTISSA_BITS : MSQ_OK;
}

static void derive(msq_weights* w) {
  const msq_layer* l = &w->layer;
  w->blocks = (l->n + l->micro_block - 1) / l->micro_block;
  w->row_bytes = w->blocks * l->micro_block * l->bits / 8;
  w->groups = ((l->axis == MSQ_AXIS_OUTPUT ? l->n : l->k) + l->macro_block - 1) / l->macro_block;
  w->location_bits = msq_log2(l->micro_block);
  w->entries = l->full_range && l->list_entries != 0 ? l->list_entries : l->micro_block / 2;
  w->shift_bits = l->full_range ? l->shift_bits : 8;
  w->fraction_bits = l->full_range ? l->fraction_bits : 2;
  w->mantissa_bits = l->full_range ? l->scale_mantissa_bits : 0;
}

static void set_flag(msq_weights* w, size_t at) {
  w->flags[at / 32] |= UINT32_C(1) << (at % 32);
  ++w->lists;
}

/* One bit for each group of micro-blocks of a row, and for each group whose bit is 1 one for each of its
 * micro-blocks in a stream of their own. */
static msq_status read_groups(msq_weights* w) {
  const msq_layer* l = &w->layer;
  const uint32_t group = l->identifier_group, of_row = (w->blocks + group - 1) / group;
  size_t mask = 0, row, i, j;
  if (!has_size(&l->identifiers, bytes_of((size_t)l->k * of_row))) return MSQ_E_TENSOR_SIZE;
  for (row = 0; row < l->k; ++row) {
    for (i = 0; i < of_row; ++i) {
      if (msq_bits(l->identifiers.data, row * of_row + i, 1) == 0) continue;
      if (bytes_of(mask + group) > l->identifier_masks.bytes) return MSQ_E_TENSOR_SIZE;
      for (j = 0; j < group; ++j) {
        if (msq_bits(l->identifier_masks.data, mask + j, 1) == 0) continue;
        if (i * group + j >= w->blocks) return MSQ_E_LIST;
        set_flag(w, row * w->blocks + i * group + j);
      }
      mask += group;
    }
  }
  return has_size(&l->identifier_masks, bytes_of(mask)) ? MSQ_OK : MSQ_E_TENSOR_SIZE;
}

static msq_status read_flags(msq_weights* w) {
  const msq_layer* l = &w->layer;
  const size_t count = (size_t)l->k * w->blocks;
  size_t i;
  uint32_t before = 0;
  if (l->identifier_group > 1) {
    const msq_status status = read_groups(w);
    if (status != MSQ_OK) return status;
  } else {
    if (!has_size(&l->identifiers, bytes_of(count))) return MSQ_E_TENSOR_SIZE;
    for (i = 0; i < count; ++i)
      if (l->identifiers.data[i / 8] >> (i % 8) & 1) set_flag(w, i);
  }
  for (i = 0; i < w->words; ++i) {
    w->before[i] = before;
    before += msq_ones(w->flags[i]);
  }
  return MSQ_OK;
}

static msq_status check_sizes(const msq_weights* w) {
  const msq_layer* l = &w->layer;
  const size_t lists = w->lists;
  const size_t scales = l->axis == MSQ_AXIS_OUTPUT ? (size_t)l->k * w->groups : (size_t)w->groups * l->n;
  const size_t list_bits = (size_t)w->entries * 2 * w->location_bits;
  size_t i;
  if (!has_size(&l->codes, (size_t)l->k * w->row_bytes)) return MSQ_E_TENSOR_SIZE;
  if (!has_size(&l->mx_scales, bytes_of(lists * w->shift_bits))) return MSQ_E_TENSOR_SIZE;
  if (!has_size(&l->lists, bytes_of(lists * list_bits))) return MSQ_E_TENSOR_SIZE;
  if (!has_size(&l->scales, scales)) return MSQ_E_TENSOR_SIZE;
  if (!has_size(&l->scale_mantissas, bytes_of(scales * w->mantissa_bits))) return MSQ_E_TENSOR_SIZE;
  for (i = 0; !l->full_range && i < scales; ++i)
    if (l->scales.data[i] == 0x80) return MSQ_E_SCALE;
  return MSQ_OK;
}

/* The lower half of each pair moves to the upper one's position, bit by bit; no two may meet. */
static int is_routable(const msq_weights* w, const msq_pair* pairs, uint32_t count) {
  uint32_t at[MSQ_MOST_PAIRS] = {0}, stage, i;
  for (i = 0; i < count; ++i) at[i] = pairs[i].lower;
  for (stage = 0; stage < w->location_bits; ++stage) {
    uint32_t seen = 0;
    for (i = 0; i < count; ++i) {
      at[i] = (at[i] & ~(1U << stage)) | (pairs[i].upper & 1U << stage);
      if (seen >> at[i] & 1U) return 0;
      seen |= 1U << at[i];
    }
  }
  return 1;
}

/* Halves of `paper` have one sign, and half of the mantissa each. */
static int are_halves(const msq_weights* w, uint32_t k, uint32_t block, msq_pair pair) {
  const uint32_t base = block * w->layer.micro_block, sign = 1U << (w->layer.bits - 1);
  const uint32_t upper = msq_code(w, k, base + pair.upper), lower = msq_code(w, k, base + pair.lower);
  if (w->layer.full_range) return 1;
  return ((upper ^ lower) & sign) == 0 && ((upper | lower) & (sign - 1)) >> (w->layer.bits / 2) == 0;
}

/* Checks the inliers of a micro-block, all except `halves`: no minus zero, and nothing beyond N. */
static int are_inliers(const msq_weights* w, uint32_t k, uint32_t block, uint32_t halves) {
  const uint32_t base = block * w->layer.micro_block, sign = 1U << (w->layer.bits - 1);
  uint32_t i;
  for (i = 0; i < w->layer.micro_block; ++i) {
    const uint32_t code = msq_code(w, k, base + i);
    if (halves >> i & 1U) continue;
    if (base + i >= w->layer.n && code != 0) return 0;
    if (!w->layer.full_range && code == sign) return 0;
  }
  return 1;
}

static msq_status check_block(const msq_weights* w, uint32_t k, uint32_t block) {
  const uint32_t list = msq_list_of(w, k, block), base = block * w->layer.micro_block;
  msq_pair pairs[MSQ_MOST_PAIRS];
  const uint32_t count = list == MSQ_NO_LIST ? 0 : msq_pairs(w, list, pairs);
  uint32_t halves = 0, i;
  for (i = 0; i < count; ++i) {
    const uint32_t own = 1U << pairs[i].upper | 1U << pairs[i].lower;
    if ((halves & own) != 0 || base + pairs[i].upper >= w->layer.n) return MSQ_E_LIST;
    if (i > 0 && pairs[i].upper < pairs[i - 1].upper) return MSQ_E_LIST;
    halves |= own;
  }
  if (!is_routable(w, pairs, count)) return MSQ_E_LIST;
  for (i = 0; i < count; ++i)
    if (!are_halves(w, k, block, pairs[i])) return MSQ_E_CODE;
  if (!are_inliers(w, k, block, halves)) return MSQ_E_CODE;
  return list != MSQ_NO_LIST && msq_shift(w, list) > 15 ? MSQ_E_OUTLIER_SHIFT : MSQ_OK;
}

static msq_status check_blocks(const msq_weights* w) {
  uint32_t k, block;
  for (k = 0; k < w->layer.k; ++k) {
    for (block = 0; block < w->blocks; ++block) {
      const msq_status status = check_block(w, k, block);
      if (status != MSQ_OK) return status;
    }
  }
  return MSQ_OK;
}

msq_status msq_weights_open(msq_weights* weights, const msq_layer* layer, const msq_allocator* allocator) {
  const msq_weights none = {0};
  msq_weights* w = weights;
  msq_status status = check_metadata(layer);
  size_t i;
  *w = none;
  if (status != MSQ_OK) return status;
  w->layer = *layer;
  derive(w);
  w->words = ((size_t)layer->k * w->blocks + 31) / 32;
  w->flags = allocator->allocate(allocator->context, w->words * sizeof *w->flags);
  if (w->flags == NULL) return MSQ_E_NO_MEMORY;
  w->before = allocator->allocate(allocator->context, w->words * sizeof *w->before);
  if (w->before == NULL) return MSQ_E_NO_MEMORY;
  for (i = 0; i < w->words; ++i) w->flags[i] = 0;
  status = read_flags(w);
  if (status == MSQ_OK) status = check_sizes(w);
  return status == MSQ_OK ? check_blocks(w) : status;
}

void msq_weights_close(msq_weights* weights, const msq_allocator* allocator) {
  if (weights->before != NULL)
    allocator->release(allocator->context, weights->before, weights->words * sizeof *weights->before);
  if (weights->flags != NULL)
    allocator->release(allocator->context, weights->flags, weights->words * sizeof *weights->flags);
  weights->before = weights->flags = NULL;
}
