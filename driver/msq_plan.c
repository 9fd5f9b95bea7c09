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
    const int64_t unit = msq_activation_max(pack) << msq_row_shift(pack, work->tile, work->n0, row);
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
  return msq_plan_whole(pack, plan, work, alone);
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
  return status == MSQ_OK && recon ? msq_plan_gaps(pack) : status;
}

msq_status msq_plan_layer(msq_pack* pack) {
  msq_allocator* a = &pack->allocator;
  msq_tile_work* work;
  msq_status status = msq_find_facts(pack);
  if (status != MSQ_OK) return status;
  work = a->allocate(a->context, sizeof *work);
  if (work == NULL) return MSQ_E_NO_MEMORY;
  memset(work, 0, sizeof *work);
  work->outliers.item = sizeof(msq_outlier);
  status = plan_all(pack, work);
  msq_vector_free(&work->outliers, a);
  a->release(a->context, work, sizeof *work);
  return status;
}
