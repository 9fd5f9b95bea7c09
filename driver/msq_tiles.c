/* SPDX-License-Identifier: Apache-2.0 */
/* Tiles of a layer: rows, exponents, scales, and what holds for the whole layer. */
#include <string.h>

#include "msq_plan.h"

void msq_tile_range(const msq_pack* pack, uint32_t tile, uint32_t* first, uint32_t* end) {
  const uint32_t height = pack->pairs ? 2 * pack->tile_rows : pack->tile_rows;
  *first = tile * height;
  *end = pack->weights.layer.k - *first < height ? pack->weights.layer.k : *first + height;
}

uint32_t msq_row_position(const msq_pack* pack, uint32_t tile, uint32_t row) {
  const uint32_t second = row >= pack->array.rows, at = second ? row - pack->array.rows : row;
  uint32_t first, end, k;
  msq_tile_range(pack, tile, &first, &end);
  if (at >= pack->tile_rows || (second && !pack->pairs)) return UINT32_MAX;
  k = first + second * pack->tile_rows + at;
  return k < end ? k : UINT32_MAX;
}

static int is_live(const msq_pack* pack, uint32_t k, uint32_t group) {
  return pack->live[(size_t)k * pack->weights.groups + group];
}

int msq_tile_exponent(const msq_pack* pack, uint32_t tile, uint32_t n0, int32_t* exponent) {
  const uint32_t group = n0 / pack->weights.layer.macro_block;
  uint32_t k, end;
  int live = 0;
  *exponent = 0;
  msq_tile_range(pack, tile, &k, &end);
  for (; k < end; ++k) {
    const int32_t scale = msq_scale(&pack->weights, k, n0);
    if (!is_live(pack, k, group)) continue;
    if (!live || scale < *exponent) *exponent = scale;
    live = 1;
  }
  return live;
}

uint32_t msq_row_shift(const msq_pack* pack, uint32_t tile, uint32_t n0, uint32_t row) {
  const uint32_t k = msq_row_position(pack, tile, row);
  int32_t exponent;
  if (pack->weights.layer.axis != MSQ_AXIS_OUTPUT || k == UINT32_MAX) return 0;
  if (!is_live(pack, k, n0 / pack->weights.layer.macro_block)) return 0;
  msq_tile_exponent(pack, tile, n0, &exponent);
  return (uint32_t)(msq_scale(&pack->weights, k, n0) - exponent);
}

void msq_part_scales(const msq_pack* pack, const msq_part* part, uint8_t scales[MSQ_MOST_COLUMNS]) {
  const int output = pack->weights.layer.axis == MSQ_AXIS_OUTPUT;
  const int leads = part->tile == 0 && part->first;
  uint32_t first, end, c;
  int32_t exponent = 0;
  const int live = output ? msq_tile_exponent(pack, part->tile, part->n0, &exponent) : 1;
  msq_tile_range(pack, part->tile, &first, &end);
  for (c = 0; c < pack->columns; ++c) {
    const uint32_t n = part->n0 + c;
    int32_t relative;
    if (n >= pack->weights.layer.n) {
      scales[c] = 0;
    } else if (!live) {
      if (leads) scales[c] = 0; /* else those of the tile before hold */
    } else {
      if (!output) exponent = msq_scale(&pack->weights, first, n);
      relative = exponent - pack->references[n];
      if (relative > 4) relative = 4;
      if (relative < -64) relative = -64;
      scales[c] = (uint8_t)(relative & 255);
    }
  }
}

uint32_t msq_tokens_of(const msq_pack* pack, uint32_t pass) {
  uint32_t left;
  if (pass >= pack->passes) return 0;
  left = pack->request.tokens - pass * pack->pass_tokens;
  return left < pack->pass_tokens ? left : pack->pass_tokens;
}

const msq_plan* msq_plan_of(const msq_pack* pack, uint32_t pass) {
  return &pack->plans[pack->array.path == MSQ_PATH_IS_RECON && msq_tokens_of(pack, pass) == 1];
}

void msq_part_order(const msq_pack* pack, const msq_plan* plan, const msq_part* part,
                    uint8_t order[MSQ_MOST_PLACES]) {
  uint32_t p;
  for (p = 0; p < pack->ways; ++p) order[p] = (uint8_t)p;
  if (part->order != MSQ_NATURAL) memcpy(order, plan->bytes.data + part->order, pack->places);
}

/* ------------------------------------------------------------------------------------- whole-layer facts */

static int is_zero(const int32_t* values, uint32_t count) {
  uint32_t i;
  for (i = 0; i < count; ++i)
    if (values[i] != 0) return 0;
  return 1;
}

static void find_live_rows(msq_pack* pack) {
  const msq_weights* w = &pack->weights;
  uint32_t k, block;
  int32_t values[MSQ_MOST_MICRO_BLOCK];
  for (k = 0; k < w->layer.k; ++k) {
    for (block = 0; block < w->blocks; ++block) {
      const uint32_t n = block * w->layer.micro_block;
      msq_values(w, k, block, values);
      if (!is_zero(values, w->layer.micro_block))
        pack->live[(size_t)k * w->groups + n / w->layer.macro_block] = 1;
    }
  }
}

/* Exponents of a column of micro-blocks over the tiles in which a column is not all zero. */
static void find_references(msq_pack* pack, uint32_t block) {
  const msq_weights* w = &pack->weights;
  const uint32_t micro = w->layer.micro_block, n0 = block * micro;
  int32_t values[MSQ_MOST_MICRO_BLOCK], least[MSQ_MOST_MICRO_BLOCK], most[MSQ_MOST_MICRO_BLOCK];
  uint8_t seen[MSQ_MOST_MICRO_BLOCK] = {0};
  uint32_t tile, first, end, k, i;
  for (tile = 0; tile < pack->tiles; ++tile) {
    uint8_t there[MSQ_MOST_MICRO_BLOCK] = {0};
    int32_t common = 0;
    const int output = w->layer.axis == MSQ_AXIS_OUTPUT;
    const int live = output ? msq_tile_exponent(pack, tile, n0, &common) : 0;
    msq_tile_range(pack, tile, &first, &end);
    for (k = first; !output && k < end; ++k) {
      msq_values(w, k, block, values);
      for (i = 0; i < micro; ++i) there[i] = (uint8_t)(there[i] | (values[i] != 0));
    }
    for (i = 0; i < micro && n0 + i < w->layer.n; ++i) {
      const int32_t exponent = output ? common : msq_scale(w, first, n0 + i);
      if (output ? !live : !there[i]) continue;
      if (!seen[i] || exponent < least[i]) least[i] = exponent;
      if (!seen[i] || exponent > most[i]) most[i] = exponent;
      seen[i] = 1;
    }
  }
  for (i = 0; i < micro && n0 + i < w->layer.n; ++i) {
    int32_t reference = -127;
    if (seen[i]) reference = least[i] > most[i] - 4 ? least[i] : most[i] - 4;
    pack->references[n0 + i] = (int8_t)reference;
  }
}

static uint32_t bit_length(uint64_t value) {
  uint32_t bits = 0;
  for (; value != 0; value >>= 1) ++bits;
  return bits;
}

/* For any activations, every output accumulator holds the dot product: 12 bits more than the sum of the
 * largest products, and those of a factor. */
static msq_status check_accumulators(const msq_pack* pack) {
  const msq_weights* w = &pack->weights;
  const uint32_t micro = w->layer.micro_block;
  const uint32_t factor = w->layer.full_range ? w->mantissa_bits + 1 : 0;
  uint32_t block, k, i;
  int32_t values[MSQ_MOST_MICRO_BLOCK];
  for (block = 0; block < w->blocks; ++block) {
    uint64_t sums[MSQ_MOST_MICRO_BLOCK] = {0};
    for (k = 0; k < w->layer.k; ++k) {
      msq_values(w, k, block, values);
      for (i = 0; i < micro; ++i) sums[i] += (uint64_t)(values[i] < 0 ? -(int64_t)values[i] : values[i]);
    }
    for (i = 0; i < micro; ++i)
      if (bit_length(sums[i] * (uint64_t)msq_activation_max(pack)) + 12 + factor >
          pack->array.accumulator_bits)
        return MSQ_E_ACCUMULATOR;
  }
  return MSQ_OK;
}

static msq_status check_row_shifts(const msq_pack* pack) {
  const msq_weights* w = &pack->weights;
  uint32_t tile, n0, row;
  if (w->layer.axis != MSQ_AXIS_OUTPUT) return MSQ_OK;
  if (pack->columns > w->layer.macro_block) return MSQ_E_TILE_COLUMNS;
  for (n0 = 0; n0 < w->layer.n; n0 += w->layer.macro_block)
    for (tile = 0; tile < pack->tiles; ++tile)
      for (row = 0; row < pack->places; ++row)
        if (msq_row_shift(pack, tile, n0, row) > pack->array.row_align_bits) return MSQ_E_ROW_SHIFT;
  return MSQ_OK;
}

/* Iref of all columns and, on axis output, rows that are not zero; what no array of these widths takes. */
msq_status msq_find_facts(msq_pack* pack) {
  const msq_weights* w = &pack->weights;
  const size_t live = (size_t)w->layer.k * w->groups;
  const msq_allocator* a = &pack->allocator;
  msq_status status;
  uint32_t block;
  pack->references = a->allocate(a->context, w->layer.n);
  if (pack->references == NULL) return MSQ_E_NO_MEMORY;
  if (w->layer.axis == MSQ_AXIS_OUTPUT) {
    pack->live = a->allocate(a->context, live);
    if (pack->live == NULL) return MSQ_E_NO_MEMORY;
    memset(pack->live, 0, live);
    find_live_rows(pack);
  }
  status = check_row_shifts(pack);
  if (status == MSQ_OK) status = check_accumulators(pack);
  if (status != MSQ_OK) return status;
  for (block = 0; block < w->blocks; ++block) find_references(pack, block);
  return MSQ_OK;
}
