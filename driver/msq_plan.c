/* SPDX-License-Identifier: Apache-2.0 */
#include "msq_plan.h"

#include <string.h>

/* ---------------------------------------------------------------------------------------------- vectors */

void* msq_vector_grow(msq_vector* vector, size_t count, const msq_allocator* allocator) {
  unsigned char* items;
  if (count > vector->capacity - vector->count) {
    size_t capacity = vector->capacity < 16 ? 32 : 2 * vector->capacity;
    if (capacity < vector->count + count) capacity = vector->count + count;
    items = allocator->allocate(allocator->context, capacity * vector->item);
    if (items == NULL) return NULL;
    if (vector->count != 0) memcpy(items, vector->data, vector->count * vector->item);
    if (vector->data != NULL)
      allocator->release(allocator->context, vector->data, vector->capacity * vector->item);
    vector->data = items;
    vector->capacity = capacity;
  }
  items = vector->data + vector->count * vector->item;
  memset(items, 0, count * vector->item);
  vector->count += count;
  return items;
}

void msq_vector_free(msq_vector* vector, const msq_allocator* allocator) {
  if (vector->data != NULL)
    allocator->release(allocator->context, vector->data, vector->capacity * vector->item);
  vector->data = NULL;
  vector->count = vector->capacity = 0;
}

/* ------------------------------------------------------------------------------------------------ tiles */

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

static int64_t activation_max(const msq_pack* pack) { return pack->array.act_bits == 8 ? 127 : 7; }

/* Whatever the activations, every output accumulator holds the dot product: 12 bits more than the sum of the
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
      if (bit_length(sums[i] * (uint64_t)activation_max(pack)) + 12 + factor > pack->array.accumulator_bits)
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

/* ------------------------------------------------------------------------------------------------ parts */

/* An outlier's entry of the stream, without the skip. */
static uint32_t entry_bits(const msq_pack* pack, const msq_outlier* outlier, uint32_t excess) {
  const uint32_t bits = pack->weights.location_bits;
  return outlier->pair.lower | (uint32_t)outlier->pair.upper << bits |
         ((uint32_t)outlier->shift - excess) << 2 * bits;
}

/* Of one row and micro-block. */
static msq_status add_entries(msq_pack* pack, msq_plan* plan, msq_tile_work* work, uint32_t number,
                              uint32_t row, uint32_t block, uint32_t excess) {
  const uint32_t at = row * pack->blocks + block;
  uint32_t i;
  for (i = work->start[at]; i < work->start[at + 1]; ++i) {
    msq_outlier* outlier = (msq_outlier*)(void*)work->outliers.data + i;
    msq_entry* entry;
    if (outlier->state != MSQ_PLACED) continue;
    entry = msq_vector_grow(&plan->entries, 1, &pack->allocator);
    if (entry == NULL) return MSQ_E_NO_MEMORY;
    entry->number = number;
    entry->bits = entry_bits(pack, outlier, excess);
    outlier->state = MSQ_DONE;
  }
  return MSQ_OK;
}

static msq_status keep_order(msq_pack* pack, msq_plan* plan, const msq_tile_work* work, size_t* at) {
  uint32_t p;
  unsigned char* bytes;
  *at = MSQ_NATURAL;
  for (p = 0; p < pack->places && work->order[p] == p; ++p) continue;
  if (p == pack->places) return MSQ_OK;
  *at = plan->bytes.count;
  bytes = msq_vector_grow(&plan->bytes, pack->places, &pack->allocator);
  if (bytes == NULL) return MSQ_E_NO_MEMORY;
  memcpy(bytes, work->order, pack->places);
  return MSQ_OK;
}

static msq_status keep_rows(msq_pack* pack, msq_plan* plan, const msq_tile_work* work, size_t* at) {
  uint32_t row;
  unsigned char* bytes;
  *at = MSQ_ALL_ROWS;
  for (row = 0; row < pack->places && work->group[row] == 1; ++row) continue;
  if (row == pack->places) return MSQ_OK;
  *at = plan->bytes.count;
  bytes = msq_vector_grow(&plan->bytes, (pack->places + 7) / 8, &pack->allocator);
  if (bytes == NULL) return MSQ_E_NO_MEMORY;
  for (row = 0; row < pack->places; ++row)
    bytes[row / 8] = (unsigned char)(bytes[row / 8] | (work->group[row] == 1 ? 1U << row % 8 : 0));
  return MSQ_OK;
}

msq_status msq_add_part(msq_pack* pack, msq_plan* plan, msq_tile_work* work, uint32_t excess, int inliers) {
  const uint32_t of_row = pack->places / pack->array.rows;
  msq_part part = {0};
  msq_part* kept;
  uint32_t r, block, p, row;
  msq_status status = keep_order(pack, plan, work, &part.order);
  part.inliers = MSQ_NO_ROWS;
  if (status == MSQ_OK && inliers) status = keep_rows(pack, plan, work, &part.inliers);
  part.tile = work->tile;
  part.n0 = work->n0;
  part.excess = (uint8_t)excess;
  part.interval = 1;
  part.entry = plan->entries.count;
  for (r = 0; r < pack->array.rows; ++r) {
    for (block = 0; block < pack->blocks; ++block) {
      for (p = 0; p < of_row && status == MSQ_OK; ++p) {
        const uint32_t number = (r * pack->blocks + block) * of_row + p;
        row = work->order[p * pack->array.rows + r];
        status = add_entries(pack, plan, work, number, row, block, excess);
      }
    }
  }
  part.entries = plan->entries.count - part.entry;
  if (status != MSQ_OK) return status;
  kept = msq_vector_grow(&plan->parts, 1, &pack->allocator);
  if (kept == NULL) return MSQ_E_NO_MEMORY;
  *kept = part;
  return MSQ_OK;
}

static msq_status gather_block(msq_pack* pack, msq_tile_work* work, uint32_t row, uint32_t block,
                               uint32_t k) {
  const msq_weights* w = &pack->weights;
  const uint32_t number = work->n0 / w->layer.micro_block + block;
  uint32_t list, count, i;
  msq_pair pairs[MSQ_MOST_PAIRS];
  if (k == UINT32_MAX || number >= w->blocks) return MSQ_OK;
  list = msq_list_of(w, k, number);
  if (list == MSQ_NO_LIST) return MSQ_OK;
  count = msq_pairs(w, list, pairs);
  for (i = 0; i < count; ++i) {
    msq_outlier* outlier = msq_vector_grow(&work->outliers, 1, &pack->allocator);
    if (outlier == NULL) return MSQ_E_NO_MEMORY;
    outlier->row = (uint16_t)row;
    outlier->block = (uint16_t)block;
    outlier->pair = pairs[i];
    outlier->shift = (uint8_t)msq_shift(w, list);
  }
  return MSQ_OK;
}

static msq_status gather(msq_pack* pack, msq_tile_work* work) {
  uint32_t row, block;
  work->outliers.count = 0;
  for (row = 0; row < pack->places; ++row) {
    const uint32_t k = msq_row_position(pack, work->tile, row);
    for (block = 0; block < pack->blocks; ++block) {
      msq_status status;
      work->start[row * pack->blocks + block] = (uint32_t)work->outliers.count;
      status = gather_block(pack, work, row, block, k);
      if (status != MSQ_OK) return status;
    }
  }
  work->start[pack->places * pack->blocks] = (uint32_t)work->outliers.count;
  return MSQ_OK;
}

uint32_t msq_take_group(const msq_pack* pack, msq_tile_work* work) {
  const int64_t limit = INT64_C(1) << (pack->array.acc_bits - 1);
  uint32_t row, c, rows = 0;
  memset(work->sums, 0, sizeof work->sums);
  for (row = 0; row < pack->places; ++row) {
    const int32_t* sizes = work->sizes + (size_t)row * pack->columns;
    const int64_t unit = activation_max(pack) << msq_row_shift(pack, work->tile, work->n0, row);
    if (work->group[row] == 1) work->group[row] = 2;
    if (work->group[row] == 2) continue;
    for (c = 0; c < pack->columns && work->sums[c] + unit * sizes[c] < limit; ++c) continue;
    if (c < pack->columns) continue;
    for (c = 0; c < pack->columns; ++c) work->sums[c] += unit * sizes[c];
    work->group[row] = 1;
    ++rows;
  }
  return rows;
}

/* ------------------------------------------------------------------------------------ paths recon, none */

/* Flagged rows are spread evenly over the bands, first in each; both kinds in ascending order. */
static void spread(const msq_pack* pack, const uint8_t* flagged, uint8_t* order) {
  const uint32_t rows = pack->array.rows, bands = pack->bands;
  uint32_t count = 0, special = 0, plain = 0, place = 0, band, i;
  for (i = 0; i < rows; ++i) count += flagged[i];
  for (band = 0; band < bands; ++band) {
    const uint32_t own = count / bands + (band < count % bands ? 1 : 0);
    for (i = 0; i < pack->array.band_rows; ++i) {
      uint32_t* next = i < own ? &special : &plain;
      while (flagged[*next] != (i < own)) ++*next;
      order[place++] = (uint8_t)(*next)++;
    }
  }
}

static int is_flagged(const uint32_t* rows, uint32_t row) { return (int)(rows[row / 32] >> (row % 32) & 1U); }

/* Whether flagged rows of each band are distinct modulo the interval. */
static int is_distinct(const msq_pack* pack, const uint32_t* flagged, uint32_t interval) {
  uint32_t row, other;
  for (row = 0; row < pack->array.rows; ++row) {
    const uint32_t end = (row / pack->array.band_rows + 1) * pack->array.band_rows;
    for (other = row + interval; other < end; other += interval)
      if (is_flagged(flagged, row) && is_flagged(flagged, other)) return 0;
  }
  return 1;
}

static msq_status plan_whole(msq_pack* pack, msq_plan* plan, msq_tile_work* work, int alone) {
  const int recon = pack->array.path == MSQ_PATH_IS_RECON;
  uint8_t flagged[MSQ_MOST_PLACES] = {0};
  msq_part* part;
  msq_status status;
  uint32_t i;
  msq_outlier* outliers = (msq_outlier*)(void*)work->outliers.data;
  for (i = 0; i < work->outliers.count; ++i) {
    flagged[outliers[i].row] = 1;
    outliers[i].state = MSQ_PLACED;
  }
  for (i = 0; i < pack->places; ++i) work->order[i] = (uint8_t)i;
  if (recon && pack->array.permuter && !alone) spread(pack, flagged, work->order);
  status = msq_add_part(pack, plan, work, 0, 1);
  if (status != MSQ_OK) return status;
  part = (msq_part*)(void*)plan->parts.data + plan->parts.count - 1;
  part->first = 1;
  if (!recon) return MSQ_OK;
  for (i = 0; i < pack->places; ++i)
    if (flagged[work->order[i]]) part->flagged[i / 32] |= UINT32_C(1) << (i % 32);
  while (!alone && !is_distinct(pack, part->flagged, part->interval)) ++part->interval;
  return MSQ_OK;
}

/* Cycles between the last token of one tile and the first of another one that only the two ask for. */
static uint32_t needed_gap(const msq_pack* pack, const msq_part* before, const msq_part* after) {
  uint32_t need = 1, band, row;
  for (row = 0; row < pack->array.rows; ++row)
    if (!is_flagged(before->flagged, row) && is_flagged(after->flagged, row)) need = pack->array.lead + 1;
  for (band = 0; band < pack->bands; ++band) {
    uint32_t last = UINT32_MAX, first = UINT32_MAX;
    for (row = band * pack->array.band_rows; row < (band + 1) * pack->array.band_rows; ++row) {
      if (is_flagged(before->flagged, row)) last = row;
      if (is_flagged(after->flagged, row) && first == UINT32_MAX) first = row;
    }
    if (last == UINT32_MAX || first == UINT32_MAX || last < first) continue;
    if (last - first + 1 > need) need = last - first + 1;
  }
  return need;
}

/* The tiles of all passes are one sequence. */
static uint32_t gap_of(const msq_pack* pack, uint32_t pass, size_t number, size_t per_pass) {
  const msq_part* part = msq_part_at(msq_plan_of(pack, pass), number);
  const uint32_t reach = pack->array.rows > pack->array.lead + 1 ? pack->array.rows : pack->array.lead + 1;
  uint32_t gap = 1, since = 0;
  size_t at = number;
  while (since < reach && (at > 0 || pass > 0)) {
    const msq_part* before;
    uint32_t need;
    if (at == 0) {
      --pass;
      at = per_pass;
    }
    --at;
    before = msq_part_at(msq_plan_of(pack, pass), at);
    need = needed_gap(pack, before, part);
    if (need > since && need - since > gap) gap = need - since;
    since += pack->gaps[pass * per_pass + at] + (msq_tokens_of(pack, pass) - 1) * before->interval;
  }
  return gap;
}

static msq_status plan_gaps(msq_pack* pack) {
  const size_t per_pass = msq_plan_of(pack, 0)->parts.count;
  uint32_t pass;
  size_t i;
  pack->gaps = pack->allocator.allocate(pack->allocator.context, pack->passes * per_pass);
  if (pack->gaps == NULL) return MSQ_E_NO_MEMORY;
  for (pass = 0; pass < pack->passes; ++pass)
    for (i = 0; i < per_pass; ++i) pack->gaps[pass * per_pass + i] = (uint8_t)gap_of(pack, pass, i, per_pass);
  return MSQ_OK;
}

/* ------------------------------------------------------------------------------------------------ layer */

/* |w| of all weights of a tile, for paths that compute it as a whole. A tile may end inside a micro-block. */
static void set_sizes(const msq_pack* pack, msq_tile_work* work) {
  const msq_weights* w = &pack->weights;
  const uint32_t micro = w->layer.micro_block;
  int32_t values[MSQ_MOST_MICRO_BLOCK];
  uint32_t row, c;
  memset(work->sizes, 0, sizeof work->sizes);
  for (row = 0; row < pack->places; ++row) {
    const uint32_t k = msq_row_position(pack, work->tile, row);
    for (c = 0; c < pack->columns && k != UINT32_MAX; ++c) {
      const uint32_t n = work->n0 + c;
      if (n >= w->layer.n) break;
      if (c == 0 || n % micro == 0) msq_values(w, k, n / micro, values);
      work->sizes[(size_t)row * pack->columns + c] =
          values[n % micro] < 0 ? -values[n % micro] : values[n % micro];
    }
  }
}

static msq_status plan_tile(msq_pack* pack, msq_plan* plan, msq_tile_work* work, int alone) {
  msq_status status = gather(pack, work);
  memset(work->group, 0, sizeof work->group);
  if (status != MSQ_OK) return status;
  if (pack->array.path == MSQ_PATH_IS_INLINE) return msq_plan_parts(pack, plan, work);
  set_sizes(pack, work);
  if (msq_take_group(pack, work) != pack->places) return MSQ_E_PARTIAL_SUM;
  return plan_whole(pack, plan, work, alone);
}

/* With which parts scales and row shifts come. */
static void mark_parts(const msq_pack* pack, const msq_plan* plan) {
  const uint32_t macro = pack->weights.layer.macro_block;
  uint8_t before[MSQ_MOST_COLUMNS] = {0}, scales[MSQ_MOST_COLUMNS] = {0};
  uint32_t first, end, row;
  size_t i;
  for (i = 0; i < plan->parts.count; ++i) {
    msq_part* part = (msq_part*)(void*)plan->parts.data + i;
    const int leads = part->tile == 0 && part->first;
    msq_tile_range(pack, part->tile, &first, &end);
    if (pack->weights.layer.axis == MSQ_AXIS_OUTPUT) {
      msq_part_scales(pack, part, scales);
      part->scales = (uint8_t)(leads || memcmp(scales, before, pack->columns) != 0);
      memcpy(before, scales, pack->columns);
      for (row = 0; row < pack->places; ++row)
        part->shifts = (uint8_t)(part->shifts | (msq_row_shift(pack, part->tile, part->n0, row) != 0));
    } else {
      part->scales = (uint8_t)(part->first && first % macro == 0);
    }
  }
}

static msq_status plan_tiles(msq_pack* pack, msq_plan* plan, msq_tile_work* work, int alone) {
  for (work->n0 = 0; work->n0 < pack->weights.layer.n; work->n0 += pack->columns) {
    for (work->tile = 0; work->tile < pack->tiles; ++work->tile) {
      const msq_status status = plan_tile(pack, plan, work, alone);
      if (status != MSQ_OK) return status;
    }
  }
  mark_parts(pack, plan);
  return MSQ_OK;
}

static msq_status plan_all(msq_pack* pack, msq_tile_work* work) {
  const int recon = pack->array.path == MSQ_PATH_IS_RECON;
  const int has_alone = recon && msq_tokens_of(pack, pack->passes - 1) == 1;
  const int has_more = !recon || msq_tokens_of(pack, 0) > 1;
  msq_status status = MSQ_OK;
  if (has_more) status = plan_tiles(pack, &pack->plans[0], work, 0);
  if (status == MSQ_OK && has_alone) status = plan_tiles(pack, &pack->plans[1], work, 1);
  return status == MSQ_OK && recon ? plan_gaps(pack) : status;
}

msq_status msq_plan_layer(msq_pack* pack) {
  const msq_weights* w = &pack->weights;
  const size_t live = (size_t)w->layer.k * w->groups;
  msq_allocator* a = &pack->allocator;
  msq_tile_work* work;
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
  work = a->allocate(a->context, sizeof *work);
  if (work == NULL) return MSQ_E_NO_MEMORY;
  memset(work, 0, sizeof *work);
  work->outliers.item = sizeof(msq_outlier);
  status = plan_all(pack, work);
  msq_vector_free(&work->outliers, a);
  a->release(a->context, work, sizeof *work);
  return status;
}
