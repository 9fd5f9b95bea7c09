/* SPDX-License-Identifier: Apache-2.0 */
/* Output packets (docs/reference/streams.md, "Outputs"). */
#include <string.h>

#include "msq_plan.h"

enum { MX_COLUMNS = 128, ZERO_BLOCK = 0x80 };

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* Columns that leave together: of a token those of a block, cut into pieces. */
typedef struct msq_walk {
  uint32_t block, piece;      /* columns */
  uint32_t n0, end, token, n; /* of the piece: block, token of the pass, first column */
  uint32_t columns;           /* of it */
} msq_walk;

static void begin_walk(const msq_pack* pack, uint32_t block, uint32_t piece, msq_walk* walk) {
  walk->block = block;
  walk->piece = piece;
  walk->n0 = walk->token = walk->n = 0;
  walk->end = least(block, pack->weights.layer.n);
  walk->columns = least(piece, walk->end);
}

/* @return 0 behind the last piece. */
static int next_piece(const msq_pack* pack, uint32_t tokens, msq_walk* walk) {
  walk->n += walk->columns;
  if (walk->n == walk->end) {
    if (++walk->token == tokens) {
      walk->token = 0;
      walk->n0 = walk->end;
      walk->end += least(walk->block, pack->weights.layer.n - walk->end);
    }
    walk->n = walk->n0;
  }
  walk->columns = least(walk->piece, walk->end - walk->n);
  return walk->columns != 0;
}

static msq_status check_packet(const msq_pack* pack, uint32_t pass, const uint8_t* packet, size_t size,
                               int format) {
  if (pack == NULL || packet == NULL || pass >= pack->passes) return MSQ_E_ARGUMENT;
  if (!format) return MSQ_E_FORMAT;
  return size == msq_pack_output_bytes(pack, pass) ? MSQ_OK : MSQ_E_BUFFER;
}

static uint32_t word_at(const uint8_t* bytes) {
  return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* Place of the first output of a piece in a matrix [M][N]. */
static size_t place_of(const msq_pack* pack, uint32_t pass, const msq_walk* walk) {
  return ((size_t)pass * pack->pass_tokens + walk->token) * pack->weights.layer.n + walk->n;
}

/* Two's complement without an implementation's choice. */
static int64_t signed_of(uint64_t value, uint32_t bits) {
  const uint64_t sign = UINT64_C(1) << (bits - 1), low = value & (sign - 1);
  return (value & sign) != 0 ? (int64_t)low - (int64_t)(sign - 1) - 1 : (int64_t)low;
}

msq_status msq_read_raw(const msq_pack* pack, uint32_t pass, const uint8_t* packet, size_t size,
                        int64_t* accumulators, int32_t* exponents) {
  const msq_status status =
      check_packet(pack, pass, packet, size, pack != NULL && pack->request.format == MSQ_RAW);
  size_t beat, at;
  msq_walk walk;
  uint32_t i;
  if (status != MSQ_OK || accumulators == NULL || exponents == NULL)
    return status != MSQ_OK ? status : MSQ_E_ARGUMENT;
  beat = (size_t)4 * pack->array.output_lanes;
  begin_walk(pack, pack->columns, pack->array.output_lanes, &walk);
  do {
    at = place_of(pack, pass, &walk);
    for (i = 0; i < walk.columns; ++i) {
      const uint64_t high = word_at(packet + beat + (size_t)4 * i);
      accumulators[at + i] = signed_of(high << 32 | word_at(packet + (size_t)4 * i), 64);
      exponents[at + i] = (int32_t)signed_of(word_at(packet + 2 * beat + (size_t)4 * i), 32);
    }
    packet += 3 * beat;
  } while (next_piece(pack, msq_tokens_of(pack, pass), &walk));
  return MSQ_OK;
}

msq_status msq_read_fp32(const msq_pack* pack, uint32_t pass, const uint8_t* packet, size_t size, float* y) {
  const msq_status status =
      check_packet(pack, pass, packet, size, pack != NULL && pack->request.format == MSQ_FP32);
  msq_walk walk;
  uint32_t i;
  if (status != MSQ_OK || y == NULL) return status != MSQ_OK ? status : MSQ_E_ARGUMENT;
  begin_walk(pack, pack->columns, pack->array.output_lanes, &walk);
  do {
    for (i = 0; i < walk.columns; ++i) {
      const uint32_t word = word_at(packet + (size_t)4 * i);
      memcpy(y + place_of(pack, pass, &walk) + i, &word, sizeof word);
    }
    packet += (size_t)4 * pack->array.output_lanes;
  } while (next_piece(pack, msq_tokens_of(pack, pass), &walk));
  return MSQ_OK;
}

msq_status msq_read_mx(const msq_pack* pack, uint32_t pass, const uint8_t* packet, size_t size,
                       int8_t* values, int8_t* scales) {
  const int is_mx = pack != NULL && pack->request.format >= MSQ_MX8;
  const msq_status status = check_packet(pack, pass, packet, size, is_mx);
  uint32_t lanes, groups, bits, i;
  size_t beat;
  msq_walk walk;
  if (status != MSQ_OK || values == NULL || scales == NULL) return status != MSQ_OK ? status : MSQ_E_ARGUMENT;
  bits = pack->request.format == MSQ_MX8 ? 8 : 4;
  beat = (size_t)4 * pack->array.output_lanes;
  groups = (pack->weights.layer.n + MX_COLUMNS - 1) / MX_COLUMNS;
  lanes =
      pack->array.mode2 && pack->array.path == MSQ_PATH_IS_RECON ? 2 * pack->array.cols : pack->array.cols;
  begin_walk(pack, lanes > MX_COLUMNS ? lanes : MX_COLUMNS, MX_COLUMNS, &walk);
  do {
    const size_t m = (size_t)pass * pack->pass_tokens + walk.token;
    const int64_t scale = packet[0] == ZERO_BLOCK ? -127 : signed_of(packet[0], 8);
    scales[m * groups + walk.n / MX_COLUMNS] = (int8_t)scale;
    packet += beat;
    for (i = 0; i < walk.columns; ++i)
      values[place_of(pack, pass, &walk) + i] =
          (int8_t)signed_of(msq_bits(packet, (size_t)i * bits, bits), bits);
    packet += ((size_t)walk.columns * bits + 8 * beat - 1) / (8 * beat) * beat;
  } while (next_piece(pack, msq_tokens_of(pack, pass), &walk));
  return MSQ_OK;
}
