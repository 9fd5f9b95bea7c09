/* SPDX-License-Identifier: Apache-2.0 */
#include "msq_pack.h"

#include <string.h>

#include "msq_permuter.h"
#include "msq_plan.h"

enum { HEADER_BITS = 64, ENTRY_BITS = 16, MOST_TILES = 255, MOST_PERIOD = 7, ZERO_BLOCK = 0x80 };

/* ----------------------------------------------------------------------------------------------- memory */

enum { ALIGNMENT = 16 };

static size_t rounded(size_t size) { return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT; }

static void* take_piece(void* context, size_t size) {
  msq_arena* arena = context;
  void* piece = arena->base + arena->used;
  if (size > arena->size || rounded(size) > arena->size - arena->used) return NULL;
  arena->used += rounded(size);
  if (arena->used > arena->peak) arena->peak = arena->used;
  return piece;
}

static void return_piece(void* context, void* memory, size_t size) {
  msq_arena* arena = context;
  if ((unsigned char*)memory + rounded(size) == arena->base + arena->used) arena->used -= rounded(size);
}

msq_allocator msq_arena_allocator(msq_arena* arena, void* block, size_t size) {
  const size_t skip = (ALIGNMENT - (uintptr_t)block % ALIGNMENT) % ALIGNMENT;
  msq_allocator allocator;
  arena->base = (unsigned char*)block + (skip < size ? skip : size);
  arena->size = skip < size ? size - skip : 0;
  arena->used = arena->peak = 0;
  allocator.allocate = take_piece;
  allocator.release = return_piece;
  allocator.context = arena;
  return allocator;
}

/* ------------------------------------------------------------------------------------------------ sizes */

static size_t divided(size_t bits, size_t beat) { return (bits + beat - 1) / beat; }

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
  if (part->tile == 0 && part->first) words += divided(8 * columns, word);
  if (part->scales) words += divided(8 * columns, word);
  if (part->scales && pack->array.full_range) words += divided(4 * columns, word);
  if (part->order != MSQ_NATURAL) words += divided(msq_switches(pack), word);
  if (part->shifts) words += divided((size_t)4 * pack->ways, word);
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
  size_t words = divided(HEADER_BITS, word_bits(pack)), i, e;
  uint64_t at = 0;
  describe_block(pack, plan, block);
  if (block->described) words += divided(block->count, shared);
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
  block->section_beats = divided(words, beat_bits(pack) / word_bits(pack));
  block->entry_beats = divided(ENTRY_BITS * block->entries, beat_bits(pack));
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

static size_t plan_bytes(const msq_pack* pack, const msq_plan* plan) {
  msq_block block;
  size_t beats = 0, first;
  for (first = 0; first < plan->parts.count; first += block.count) {
    take_block(pack, plan, first, &block);
    beats += block_beats(pack, &block);
  }
  return beats * pack->array.weight_beat;
}

/* ---------------------------------------------------------------------------------------------- writing */

typedef struct msq_writer {
  uint8_t* out; /* zeros where nothing is written */
  size_t at;    /* bits */
} msq_writer;

static void put(msq_writer* writer, uint32_t bits, uint32_t value) {
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

static void align(msq_writer* writer, size_t bits) { writer->at = divided(writer->at, bits) * bits; }

static void put_header(const msq_pack* pack, msq_writer* writer, const msq_block* block, int last) {
  const uint32_t hash = pack->array.config_hash;
  put(writer, 8, hash);
  put(writer, 8, (uint32_t)block->count);
  put(writer, 1, pack->weights.layer.bits == 4);
  put(writer, 1, pack->pairs);
  put(writer, 1, block->described != 0);
  put(writer, 1, last != 0);
  put(writer, 3, block->period);
  put(writer, 1, block->scales != 0);
  put(writer, 8, hash >> 8);
  put(writer, 16, (uint32_t)block->section_beats);
  put(writer, 16, (uint32_t)block->entry_beats);
  align(writer, word_bits(pack));
}

/* Of the tiles that share a word. */
static void put_descriptions(const msq_pack* pack, const msq_plan* plan, const uint8_t* gaps,
                             msq_writer* writer, size_t first, size_t count) {
  size_t i;
  for (i = first; i < first + count; ++i) {
    const msq_part* part = msq_part_at(plan, i);
    put(writer, 1, part->scales);
    put(writer, 1, part->order != MSQ_NATURAL);
    put(writer, 1, part->shifts);
    put(writer, 5, part->more);
    if (!is_recon(pack)) continue;
    put(writer, 8, 0);
    put(writer, 8, part->interval);
    put(writer, 8, gaps[i]);
  }
  align(writer, word_bits(pack));
}

static void put_references(const msq_pack* pack, msq_writer* writer, const msq_part* part) {
  uint32_t c;
  for (c = 0; c < pack->columns; ++c) {
    const uint32_t n = part->n0 + c;
    put(writer, 8, n < pack->weights.layer.n ? (uint32_t)(uint8_t)pack->references[n] : 0);
  }
  align(writer, word_bits(pack));
}

static void put_scales(const msq_pack* pack, msq_writer* writer, const msq_part* part,
                       const uint8_t* scales) {
  uint32_t c, first, end;
  msq_tile_range(pack, part->tile, &first, &end);
  for (c = 0; c < pack->columns; ++c) put(writer, 8, scales[c]);
  align(writer, word_bits(pack));
  if (!pack->array.full_range) return;
  for (c = 0; c < pack->columns; ++c) {
    const uint32_t n = part->n0 + c;
    put(writer, 4, n < pack->weights.layer.n ? msq_factor(&pack->weights, first, n) : 0);
  }
  align(writer, word_bits(pack));
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
    for (i = 0; i < msq_switches(pack); ++i) put(writer, 1, settings[i]);
    align(writer, word_bits(pack));
  }
  if (!part->shifts) return;
  for (i = 0; i < pack->ways; ++i)
    put(writer, 4, i < pack->places ? msq_row_shift(pack, part->tile, part->n0, order[i]) : 0);
  align(writer, word_bits(pack));
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
  align(writer, beat_bits(pack));
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
      for (; skip >= longest; skip -= longest) put(writer, ENTRY_BITS, longest << bits);
      put(writer, bits, entries[e].bits);
      put(writer, skip_bits, (uint32_t)skip);
      at = number;
    }
  }
  while (writer->at % beat_bits(pack) != 0) put(writer, ENTRY_BITS, longest << bits);
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
    if (r % pack->array.weight_rows == 0) align(writer, beat_bits(pack));
    for (p = 0; p < of_row; ++p) row_codes(pack, plan, part, kept, order[p * pack->array.rows + r], codes[p]);
    for (c = 0; c < pack->columns; ++c)
      for (p = 0; p < of_row; ++p) put(writer, pack->weights.layer.bits, codes[p][c]);
  }
  align(writer, beat_bits(pack));
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

/* ------------------------------------------------------------------------------------------ activations */

static uint32_t blocks_along_k(const msq_pack* pack) {
  return (pack->weights.layer.k + pack->request.block - 1) / pack->request.block;
}

static msq_status put_values(const msq_pack* pack, msq_writer* writer, const int8_t* values, uint32_t tile) {
  const uint32_t first = tile * pack->tile_rows, most = pack->array.act_bits == 8 ? 127 : 7;
  uint32_t i;
  for (i = 0; i < pack->tile_rows && first + i < pack->weights.layer.k; ++i) {
    const int value = values[first + i];
    if (value < -(int)most || value > (int)most) return MSQ_E_ACTIVATION_VALUE;
    put(writer, pack->array.act_bits, (uint32_t)value & ((1U << pack->array.act_bits) - 1));
  }
  align(writer, (size_t)8 * pack->array.act_beat);
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
  for (g = 0; g < blocks_along_k(pack); ++g) {
    for (token = 0; token < tokens; ++token) {
      const size_t m = first + token;
      put(&writer, 8, block_scale(pack, values + m * k, scales[m * blocks_along_k(pack) + g], g));
    }
  }
  align(&writer, (size_t)8 * pack->array.act_beat);
  for (tile = 0; tile < pack->tiles_k; ++tile) {
    for (token = 0; token < tokens; ++token) {
      const msq_status status = put_values(pack, &writer, values + (first + token) * k, tile);
      if (status != MSQ_OK) return status;
    }
  }
  return MSQ_OK;
}

/* ---------------------------------------------------------------------------------------------- opening */

static msq_status check_layer(const msq_pack* pack) {
  const msq_capabilities* c = &pack->array;
  const msq_weights* w = &pack->weights;
  uint32_t list, most = 0, shift = 0;
  msq_pair pairs[MSQ_MOST_PAIRS];
  for (list = 0; list < w->lists; ++list) {
    const uint32_t count = msq_pairs(w, list, pairs);
    if (count > most) most = count;
    if (count != 0 && msq_shift(w, list) > shift) shift = msq_shift(w, list);
  }
  if (w->layer.bits == 2 ? !c->mode2 : !c->mode4) return MSQ_E_MODE;
  if (w->layer.full_range != c->full_range) return MSQ_E_ENCODING;
  if (w->fraction_bits != c->fraction_bits) return MSQ_E_FRACTION_BITS;
  if (w->mantissa_bits != c->scale_mantissa_bits) return MSQ_E_SCALE_MANTISSA_BITS;
  if (c->path == MSQ_PATH_IS_NONE) return most == 0 ? MSQ_OK : MSQ_E_NO_OUTLIERS;
  if (w->layer.micro_block != c->micro_block) return MSQ_E_MICRO_BLOCK;
  if (most > c->list_entries) return MSQ_E_LIST_ENTRIES;
  return shift > c->shift_max && c->path == MSQ_PATH_IS_RECON ? MSQ_E_OUTLIER_SHIFT : MSQ_OK;
}

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* What follows from layer, request and array. */
static msq_status cut(msq_pack* pack) {
  const msq_capabilities* c = &pack->array;
  const msq_layer* l = &pack->weights.layer;
  const int recon = c->path == MSQ_PATH_IS_RECON;
  uint32_t aligned = pack->request.block, words;
  msq_job job;
  if (l->axis == MSQ_AXIS_REDUCTION) aligned = least(aligned, l->macro_block);
  pack->places = l->bits == 2 ? c->places * c->rows : c->rows;
  pack->ways = c->places * c->rows;
  pack->columns = l->bits == 2 && recon ? 2 * c->cols : c->cols;
  pack->blocks = c->path == MSQ_PATH_IS_NONE ? 0 : pack->columns / l->micro_block;
  pack->bands = c->path == MSQ_PATH_IS_NONE ? 1 : c->rows / c->band_rows;
  pack->tile_rows = least(c->rows, aligned);
  pack->tiles_k = (l->k + pack->tile_rows - 1) / pack->tile_rows;
  pack->pairs = l->bits == 2 && c->places == 2 && pack->tile_rows == c->rows && aligned >= 2 * c->rows;
  pack->tiles = pack->pairs ? (pack->tiles_k + 1) / 2 : pack->tiles_k;
  words = (pack->tiles_k + c->places - 1) / c->places * c->places;
  if (words > c->act_words) return MSQ_E_DEPTH;
  pack->pass_tokens = pack->request.pass_tokens;
  if (pack->pass_tokens == 0) pack->pass_tokens = least(c->tokens, c->act_words / words);
  pack->pass_tokens = least(pack->pass_tokens, pack->request.tokens);
  if (pack->pass_tokens == 0) return MSQ_E_SHAPE;
  pack->passes = (pack->request.tokens - 1) / pack->pass_tokens + 1;
  msq_pack_job(pack, &job);
  return msq_check_job(c, &job);
}

static msq_status open_pack(msq_pack* pack, const msq_layer* layer) {
  msq_status status = msq_weights_open(&pack->weights, layer, &pack->allocator);
  int i;
  if (status == MSQ_OK) status = check_layer(pack);
  if (status == MSQ_OK && pack->request.act_bits != pack->array.act_bits) status = MSQ_E_ACTIVATION_BITS;
  if (status == MSQ_OK) status = cut(pack);
  if (status == MSQ_OK) status = msq_plan_layer(pack);
  for (i = 0; status == MSQ_OK && i < 2; ++i) pack->plans[i].packet_bytes = plan_bytes(pack, &pack->plans[i]);
  return status;
}

msq_status msq_pack_open(msq_pack** pack, const msq_capabilities* capabilities, const msq_layer* layer,
                         const msq_request* request, const msq_allocator* allocator) {
  msq_status status;
  msq_pack* own;
  int i;
  if (pack == NULL) return MSQ_E_ARGUMENT;
  *pack = NULL;
  if (capabilities == NULL || layer == NULL || request == NULL || allocator == NULL) return MSQ_E_ARGUMENT;
  if (request->block != 32 && request->block != 64 && request->block != 128) return MSQ_E_ACTIVATION_BLOCK;
  own = allocator->allocate(allocator->context, sizeof *own);
  if (own == NULL) return MSQ_E_NO_MEMORY;
  memset(own, 0, sizeof *own);
  own->allocator = *allocator;
  own->array = *capabilities;
  own->request = *request;
  for (i = 0; i < 2; ++i) {
    own->plans[i].parts.item = sizeof(msq_part);
    own->plans[i].entries.item = sizeof(msq_entry);
    own->plans[i].bytes.item = 1;
  }
  status = open_pack(own, layer);
  if (status == MSQ_OK) {
    *pack = own;
  } else {
    msq_pack_close(own);
  }
  return status;
}

void msq_pack_close(msq_pack* pack) {
  msq_allocator a;
  int i;
  if (pack == NULL) return;
  a = pack->allocator;
  if (pack->gaps != NULL) a.release(a.context, pack->gaps, pack->passes * msq_plan_of(pack, 0)->parts.count);
  for (i = 1; i >= 0; --i) {
    msq_vector_free(&pack->plans[i].bytes, &a);
    msq_vector_free(&pack->plans[i].entries, &a);
    msq_vector_free(&pack->plans[i].parts, &a);
  }
  if (pack->live != NULL)
    a.release(a.context, pack->live, (size_t)pack->weights.layer.k * pack->weights.groups);
  if (pack->references != NULL) a.release(a.context, pack->references, pack->weights.layer.n);
  msq_weights_close(&pack->weights, &a);
  a.release(a.context, pack, sizeof *pack);
}

/* ------------------------------------------------------------------------------------------------- facts */

static uint32_t log2_of(uint32_t power) {
  uint32_t result = 0;
  for (; power > 1; power >>= 1) ++result;
  return result;
}

void msq_pack_job(const msq_pack* pack, msq_job* job) {
  job->tokens = pack->request.tokens;
  job->depth = pack->weights.layer.k;
  job->columns = pack->weights.layer.n;
  job->pass_tokens = pack->pass_tokens;
  job->log2_rows = log2_of(pack->tile_rows);
  job->log2_block = log2_of(pack->request.block);
  job->format = pack->request.format;
}

uint32_t msq_pack_passes(const msq_pack* pack) { return pack->passes; }
uint32_t msq_pack_tokens(const msq_pack* pack, uint32_t pass) { return msq_tokens_of(pack, pass); }

size_t msq_pack_weight_bytes(const msq_pack* pack, uint32_t pass) {
  return pass < pack->passes ? msq_plan_of(pack, pass)->packet_bytes : 0;
}

size_t msq_pack_activation_bytes(const msq_pack* pack, uint32_t pass) {
  const size_t tokens = msq_tokens_of(pack, pass);
  return (divided(blocks_along_k(pack) * tokens, pack->array.act_beat) + pack->tiles_k * tokens) *
         pack->array.act_beat;
}

/* Of each 128 columns a beat with the scale, and their values. */
static size_t mx_beats(const msq_pack* pack, size_t bits) {
  const size_t beat = (size_t)32 * pack->array.output_lanes, n = pack->weights.layer.n;
  const size_t rest = n % 128;
  return n / 128 * (1 + divided(128 * bits, beat)) + (rest != 0 ? 1 + divided(rest * bits, beat) : 0);
}

static size_t plain_beats(const msq_pack* pack) {
  const size_t n = pack->weights.layer.n, columns = pack->columns, lanes = pack->array.output_lanes;
  return n / columns * divided(columns, lanes) + divided(n % columns, lanes);
}

size_t msq_pack_output_bytes(const msq_pack* pack, uint32_t pass) {
  const uint32_t format = pack->request.format;
  const size_t of_token = format == MSQ_RAW    ? 3 * plain_beats(pack)
                          : format == MSQ_FP32 ? plain_beats(pack)
                                               : mx_beats(pack, format == MSQ_MX8 ? 8 : 4);
  return of_token * msq_tokens_of(pack, pass) * 4 * pack->array.output_lanes;
}
