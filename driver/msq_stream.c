/* SPDX-License-Identifier: Apache-2.0 */
/* Weight packets: how tiles are cut into blocks, and the bits of these (docs/reference/streams.md,
 * "Weights").
 */
#include <string.h>

#include "msq_permuter.h"
#include "msq_plan.h"
#include "msq_writer.h"

enum { HEADER_BITS = 64, ENTRY_BITS = 16, MOST_TILES = 255, MOST_PERIOD = 7 };

/* ------------------------------------------------------------------------------------------------ sizes */

static size_t word_bits(const msq_pack* pack) {
  return 4 * pack->array.cols > 32 ? (size_t)4 * pack->array.cols : 32;
}

static size_t beat_bits(const msq_pack* pack) { return (size_t)8 * pack->array.weight_beat; }

static int is_recon(const msq_pack* pack) { return pack->array.path == MSQ_PATH_IS_RECON; }

static size_t description_bits(const msq_pack* pack) { return is_recon(pack) ? 32 : 8; }

/* Of a part: references, scales, factors, order and row shifts, in words. */
static size_t part_words(const msq_pack* pack, const msq_part* part) {
  const size_t word = word_bits(pack), columns = pack->columns;
  size_t words = 0;
  if (part->tile == 0 && part->first) words += msq_divided(8 * columns, word);
  if (part->scales) words += msq_divided(8 * columns, word);
  if (part->scales && pack->array.full_range) words += msq_divided(4 * columns, word);
  if (part->order != MSQ_NATURAL) words += msq_divided(msq_switches(pack), word);
  if (part->shifts) words += msq_divided((size_t)4 * pack->ways, word);
  return words;
}

/* Tiles first .. first + count - 1 of a packet. */
typedef struct msq_block {
  size_t first, count;
  int described, scales;
  uint32_t period;
  size_t section_beats, entries, entry_beats;
} msq_block;

/* Whether scales come with the first tile and each 2^period-th after it, and with no other. */
static int has_period(const msq_plan* plan, const msq_block* block, uint32_t period) {
  size_t i;
  for (i = 0; i < block->count; ++i)
    if (msq_part_at(plan, block->first + i)->scales != (i % ((size_t)1 << period) == 0)) return 0;
  return 1;
}

static void describe_block(const msq_pack* pack, const msq_plan* plan, msq_block* block) {
  int any = 0;
  size_t i;
  block->described = is_recon(pack);
  block->period = 0;
  for (i = 0; i < block->count; ++i) {
    const msq_part* part = msq_part_at(plan, block->first + i);
    any |= part->scales;
    block->described |= part->order != MSQ_NATURAL || part->shifts || part->more;
  }
  block->scales = any && !block->described;
  if (!block->scales) return;
  while (block->period <= MOST_PERIOD && !has_period(plan, block, block->period)) ++block->period;
  if (block->period <= MOST_PERIOD) return;
  block->described = 1;
  block->scales = 0;
  block->period = 0;
}

static uint32_t longest_skip(const msq_pack* pack) {
  return (UINT32_C(1) << (12 - 2 * pack->weights.location_bits)) - 1;
}

static void measure_block(const msq_pack* pack, const msq_plan* plan, msq_block* block) {
  const uint64_t of_tile = (uint64_t)pack->blocks * pack->places;
  const size_t shared = word_bits(pack) / description_bits(pack);
  size_t words = msq_divided(HEADER_BITS, word_bits(pack)), i, e;
  uint64_t at = 0;
  describe_block(pack, plan, block);
  if (block->described) words += msq_divided(block->count, shared);
  block->entries = 0;
  for (i = 0; i < block->count; ++i) {
    const msq_part* part = msq_part_at(plan, block->first + i);
    const msq_entry* entries = (const msq_entry*)(const void*)plan->entries.data + part->entry;
    words += part_words(pack, part);
    for (e = 0; e < part->entries; ++e) {
      const uint64_t number = i * of_tile + entries[e].number;
      block->entries += (size_t)((number - at) / longest_skip(pack)) + 1;
      at = number;
    }
  }
  block->section_beats = msq_divided(words, beat_bits(pack) / word_bits(pack));
  block->entry_beats = msq_divided(ENTRY_BITS * block->entries, beat_bits(pack));
}

static int does_fit(const msq_pack* pack, const msq_plan* plan, msq_block* block, size_t count) {
  block->count = count;
  measure_block(pack, plan, block);
  return block->section_beats <= pack->array.section_beats && block->entry_beats <= pack->array.entry_beats;
}

/* The block that begins with a tile. */
static void take_block(const msq_pack* pack, const msq_plan* plan, size_t first, msq_block* block) {
  const size_t left = plan->parts.count - first, most = left < MOST_TILES ? left : MOST_TILES;
  size_t count = 1, step = 1;
  block->first = first;
  while (2 * step <= most) step *= 2;
  for (; step != 0; step /= 2)
    if (count + step <= most && does_fit(pack, plan, block, count + step)) count += step;
  /* The next block begins with scales if it can. */
  if (count < left) {
    size_t c = count;
    while (c > 1 && !msq_part_at(plan, first + c)->scales) --c;
    if (c > 1) count = c;
  }
  block->count = count;
  measure_block(pack, plan, block);
}

static size_t block_beats(const msq_pack* pack, const msq_block* block) {
  return block->section_beats + block->entry_beats +
         block->count * (pack->array.rows / pack->array.weight_rows);
}

size_t msq_packet_bytes(const msq_pack* pack, const msq_plan* plan) {
  msq_block block;
  size_t beats = 0, first;
  for (first = 0; first < plan->parts.count; first += block.count) {
    take_block(pack, plan, first, &block);
    beats += block_beats(pack, &block);
  }
  return beats * pack->array.weight_beat;
}

/* ---------------------------------------------------------------------------------------------- writing */

static void put_header(const msq_pack* pack, msq_writer* writer, const msq_block* block, int last) {
  const uint32_t hash = pack->array.config_hash;
  msq_put(writer, 8, hash);
  msq_put(writer, 8, (uint32_t)block->count);
  msq_put(writer, 1, pack->weights.layer.bits == 4);
  msq_put(writer, 1, pack->pairs);
  msq_put(writer, 1, block->described != 0);
  msq_put(writer, 1, last != 0);
  msq_put(writer, 3, block->period);
  msq_put(writer, 1, block->scales != 0);
  msq_put(writer, 8, hash >> 8);
  msq_put(writer, 16, (uint32_t)block->section_beats);
  msq_put(writer, 16, (uint32_t)block->entry_beats);
  msq_align(writer, word_bits(pack));
}

/* Of the tiles that share a word. */
static void put_descriptions(const msq_pack* pack, const msq_plan* plan, const uint8_t* gaps,
                             msq_writer* writer, size_t first, size_t count) {
  size_t i;
  for (i = first; i < first + count; ++i) {
    const msq_part* part = msq_part_at(plan, i);
    msq_put(writer, 1, part->scales);
    msq_put(writer, 1, part->order != MSQ_NATURAL);
    msq_put(writer, 1, part->shifts);
    msq_put(writer, 5, part->more);
    if (!is_recon(pack)) continue;
    msq_put(writer, 8, 0);
    msq_put(writer, 8, part->interval);
    msq_put(writer, 8, gaps[i]);
  }
  msq_align(writer, word_bits(pack));
}

static void put_references(const msq_pack* pack, msq_writer* writer, const msq_part* part) {
  uint32_t c;
  for (c = 0; c < pack->columns; ++c) {
    const uint32_t n = part->n0 + c;
    msq_put(writer, 8, n < pack->weights.layer.n ? (uint32_t)(uint8_t)pack->references[n] : 0);
  }
  msq_align(writer, word_bits(pack));
}

static void put_scales(const msq_pack* pack, msq_writer* writer, const msq_part* part,
                       const uint8_t* scales) {
  uint32_t c, first, end;
  msq_tile_range(pack, part->tile, &first, &end);
  for (c = 0; c < pack->columns; ++c) msq_put(writer, 8, scales[c]);
  msq_align(writer, word_bits(pack));
  if (!pack->array.full_range) return;
  for (c = 0; c < pack->columns; ++c) {
    const uint32_t n = part->n0 + c;
    msq_put(writer, 4, n < pack->weights.layer.n ? msq_factor(&pack->weights, first, n) : 0);
  }
  msq_align(writer, word_bits(pack));
}

static void put_part(const msq_pack* pack, const msq_plan* plan, msq_writer* writer, const msq_part* part,
                     const uint8_t* scales) {
  uint8_t order[MSQ_MOST_PLACES], settings[MSQ_MOST_SWITCHES];
  uint32_t i;
  msq_part_order(pack, plan, part, order);
  if (part->tile == 0 && part->first) put_references(pack, writer, part);
  if (part->scales) put_scales(pack, writer, part, scales);
  if (part->order != MSQ_NATURAL) {
    msq_settings(pack, order, settings);
    for (i = 0; i < msq_switches(pack); ++i) msq_put(writer, 1, settings[i]);
    msq_align(writer, word_bits(pack));
  }
  if (!part->shifts) return;
  for (i = 0; i < pack->ways; ++i)
    msq_put(writer, 4, i < pack->places ? msq_row_shift(pack, part->tile, part->n0, order[i]) : 0);
  msq_align(writer, word_bits(pack));
}

static void put_sections(const msq_pack* pack, const msq_plan* plan, const uint8_t* gaps, msq_writer* writer,
                         const msq_block* block, uint8_t* scales) {
  const size_t shared = word_bits(pack) / description_bits(pack);
  size_t i;
  put_header(pack, writer, block, block->first + block->count == plan->parts.count);
  for (i = 0; i < block->count; ++i) {
    const msq_part* part = msq_part_at(plan, block->first + i);
    if (block->described && i % shared == 0)
      put_descriptions(pack, plan, gaps, writer, block->first + i,
                       block->count - i < shared ? block->count - i : shared);
    msq_part_scales(pack, part, scales);
    put_part(pack, plan, writer, part, scales);
  }
  msq_align(writer, beat_bits(pack));
}

static void put_entries(const msq_pack* pack, const msq_plan* plan, msq_writer* writer,
                        const msq_block* block) {
  const uint64_t of_tile = (uint64_t)pack->blocks * pack->places;
  const uint32_t longest = longest_skip(pack), skip_bits = 12 - 2 * pack->weights.location_bits;
  const uint32_t bits = ENTRY_BITS - skip_bits;
  uint64_t at = 0;
  size_t i, e;
  for (i = 0; i < block->count; ++i) {
    const msq_part* part = msq_part_at(plan, block->first + i);
    const msq_entry* entries = (const msq_entry*)(const void*)plan->entries.data + part->entry;
    for (e = 0; e < part->entries; ++e) {
      const uint64_t number = i * of_tile + entries[e].number;
      uint64_t skip = number - at;
      for (; skip >= longest; skip -= longest) msq_put(writer, ENTRY_BITS, longest << bits);
      msq_put(writer, bits, entries[e].bits);
      msq_put(writer, skip_bits, (uint32_t)skip);
      at = number;
    }
  }
  while (writer->at % beat_bits(pack) != 0) msq_put(writer, ENTRY_BITS, longest << bits);
}

/* Upper halves of the outliers of a micro-block that a part has, a bit for each position. */
typedef struct msq_kept {
  uint16_t upper[MSQ_MOST_PLACES][MSQ_MOST_BLOCKS];
} msq_kept;

static void find_kept(const msq_pack* pack, const msq_plan* plan, const msq_part* part, const uint8_t* order,
                      msq_kept* kept) {
  const uint32_t of_row = pack->places / pack->array.rows, bits = pack->weights.location_bits;
  const msq_entry* entries = (const msq_entry*)(const void*)plan->entries.data + part->entry;
  uint32_t row;
  size_t e;
  for (row = 0; row < pack->places; ++row) memset(kept->upper[row], 0, sizeof kept->upper[row]);
  for (e = 0; e < part->entries; ++e) {
    const uint32_t place = entries[e].number % of_row, at = entries[e].number / of_row;
    uint16_t* upper = &kept->upper[order[place * pack->array.rows + at / pack->blocks]][at % pack->blocks];
    *upper = (uint16_t)(*upper | 1U << (entries[e].bits >> bits & ((1U << bits) - 1)));
  }
}

/* The codes of a row of a tile, without what the part does not have. */
static void row_codes(const msq_pack* pack, const msq_plan* plan, const msq_part* part, const msq_kept* kept,
                      uint32_t row, uint8_t codes[MSQ_MOST_COLUMNS]) {
  const msq_weights* w = &pack->weights;
  const uint32_t k = msq_row_position(pack, part->tile, row), micro = w->layer.micro_block;
  const uint32_t stored = w->blocks * micro;
  int has_inliers = part->inliers == MSQ_ALL_ROWS;
  uint32_t c, block, i;
  memset(codes, 0, pack->columns);
  if (k == UINT32_MAX) return;
  if (part->inliers != MSQ_ALL_ROWS && part->inliers != MSQ_NO_ROWS)
    has_inliers = plan->bytes.data[part->inliers + row / 8] >> (row % 8) & 1;
  for (c = 0; has_inliers && c < pack->columns && part->n0 + c < stored; ++c)
    codes[c] = (uint8_t)msq_code(w, k, part->n0 + c);
  for (block = 0; block < pack->blocks && part->n0 / micro + block < w->blocks; ++block) {
    const uint32_t list = msq_list_of(w, k, part->n0 / micro + block);
    msq_pair pairs[MSQ_MOST_PAIRS];
    const uint32_t count = list == MSQ_NO_LIST ? 0 : msq_pairs(w, list, pairs);
    for (i = 0; i < count; ++i) {
      const uint32_t has = kept->upper[row][block] >> pairs[i].upper & 1U;
      const uint32_t upper = block * micro + pairs[i].upper, lower = block * micro + pairs[i].lower;
      codes[upper] = (uint8_t)(has ? msq_code(w, k, part->n0 + upper) : 0);
      codes[lower] = (uint8_t)(has ? msq_code(w, k, part->n0 + lower) : 0);
    }
  }
}

static void put_codes(const msq_pack* pack, const msq_plan* plan, msq_writer* writer, const msq_part* part,
                      msq_kept* kept) {
  const uint32_t of_row = pack->places / pack->array.rows;
  uint8_t order[MSQ_MOST_PLACES], codes[2][MSQ_MOST_COLUMNS];
  uint32_t r, c, p;
  msq_part_order(pack, plan, part, order);
  find_kept(pack, plan, part, order, kept);
  for (r = 0; r < pack->array.rows; ++r) {
    if (r % pack->array.weight_rows == 0) msq_align(writer, beat_bits(pack));
    for (p = 0; p < of_row; ++p) row_codes(pack, plan, part, kept, order[p * pack->array.rows + r], codes[p]);
    for (c = 0; c < pack->columns; ++c)
      for (p = 0; p < of_row; ++p) msq_put(writer, pack->weights.layer.bits, codes[p][c]);
  }
  msq_align(writer, beat_bits(pack));
}

msq_status msq_pack_weights(const msq_pack* pack, uint32_t pass, uint8_t* out, size_t size) {
  const msq_plan* plan;
  const uint8_t* gaps;
  msq_kept* kept;
  msq_writer writer;
  msq_block block;
  uint8_t scales[MSQ_MOST_COLUMNS] = {0};
  size_t first, i;
  if (pack == NULL || out == NULL || pass >= pack->passes) return MSQ_E_ARGUMENT;
  if (size != msq_pack_weight_bytes(pack, pass)) return MSQ_E_BUFFER;
  plan = msq_plan_of(pack, pass);
  gaps = pack->gaps == NULL ? NULL : pack->gaps + (size_t)pass * plan->parts.count;
  kept = pack->allocator.allocate(pack->allocator.context, sizeof *kept);
  if (kept == NULL) return MSQ_E_NO_MEMORY;
  memset(out, 0, size);
  writer.out = out;
  writer.at = 0;
  for (first = 0; first < plan->parts.count; first += block.count) {
    take_block(pack, plan, first, &block);
    put_sections(pack, plan, gaps, &writer, &block, scales);
    put_entries(pack, plan, &writer, &block);
    for (i = 0; i < block.count; ++i) put_codes(pack, plan, &writer, msq_part_at(plan, first + i), kept);
  }
  pack->allocator.release(pack->allocator.context, kept, sizeof *kept);
  return MSQ_OK;
}
