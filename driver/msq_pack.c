/* SPDX-License-Identifier: Apache-2.0 */
#include "msq_pack.h"

#include <string.h>

#include "msq_plan.h"
#include "msq_writer.h"

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

/* Derives the cut of the layer from layer, request and array. */
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
  for (i = 0; status == MSQ_OK && i < 2; ++i)
    pack->plans[i].packet_bytes = msq_packet_bytes(pack, &pack->plans[i]);
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

void msq_pack_job(const msq_pack* pack, msq_job* job) {
  job->tokens = pack->request.tokens;
  job->depth = pack->weights.layer.k;
  job->columns = pack->weights.layer.n;
  job->pass_tokens = pack->pass_tokens;
  job->log2_rows = msq_log2(pack->tile_rows);
  job->log2_block = msq_log2(pack->request.block);
  job->format = pack->request.format;
}

uint32_t msq_pack_passes(const msq_pack* pack) { return pack->passes; }
uint32_t msq_pack_tokens(const msq_pack* pack, uint32_t pass) { return msq_tokens_of(pack, pass); }

size_t msq_pack_weight_bytes(const msq_pack* pack, uint32_t pass) {
  return pass < pack->passes ? msq_plan_of(pack, pass)->packet_bytes : 0;
}

uint32_t msq_pack_same_weights(const msq_pack* pack, uint32_t pass) {
  const msq_plan* plan;
  uint32_t first;
  if (pass >= pack->passes) return pass;
  plan = msq_plan_of(pack, pass);
  for (first = 0; first < pass; ++first) {
    const size_t parts = plan->parts.count;
    if (msq_plan_of(pack, first) != plan) continue;
    if (pack->gaps == NULL) break;
    if (memcmp(pack->gaps + first * parts, pack->gaps + pass * parts, parts) == 0) break;
  }
  return first;
}

size_t msq_pack_activation_bytes(const msq_pack* pack, uint32_t pass) {
  const size_t tokens = msq_tokens_of(pack, pass);
  return (msq_divided(msq_blocks_along_k(pack) * tokens, pack->array.act_beat) + pack->tiles_k * tokens) *
         pack->array.act_beat;
}

/* Of each 128 columns a beat with the scale, and their values. */
static size_t mx_beats(const msq_pack* pack, size_t bits) {
  const size_t beat = (size_t)32 * pack->array.output_lanes, n = pack->weights.layer.n;
  const size_t rest = n % 128;
  return n / 128 * (1 + msq_divided(128 * bits, beat)) + (rest != 0 ? 1 + msq_divided(rest * bits, beat) : 0);
}

static size_t plain_beats(const msq_pack* pack) {
  const size_t n = pack->weights.layer.n, columns = pack->columns, lanes = pack->array.output_lanes;
  return n / columns * msq_divided(columns, lanes) + msq_divided(n % columns, lanes);
}

size_t msq_pack_output_bytes(const msq_pack* pack, uint32_t pass) {
  const uint32_t format = pack->request.format;
  const size_t of_token = format == MSQ_RAW    ? 3 * plain_beats(pack)
                          : format == MSQ_FP32 ? plain_beats(pack)
                                               : mx_beats(pack, format == MSQ_MX8 ? 8 : 4);
  return of_token * msq_tokens_of(pack, pass) * 4 * pack->array.output_lanes;
}
