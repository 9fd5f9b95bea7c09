/* SPDX-License-Identifier: Apache-2.0 */
#include "msq_permuter.h"

#include <string.h>

enum { MOST_BENES = 128, UNSET = 2 };

uint32_t msq_switches(const msq_pack* pack) {
  if (!pack->array.permuter) return 0;
  if (pack->array.path == MSQ_PATH_IS_RECON) return (2 * msq_log2(pack->ways) - 1) * pack->ways / 2;
  return msq_log2(pack->bands) * pack->ways / 2;
}

/* One pass through the bits of a band's number: behind a stage a row is where that bit of its place is the
 * one of the place at which it leaves. */
static void set_pass(const msq_pack* pack, const uint8_t* order, uint8_t* settings) {
  const uint32_t stages = msq_log2(pack->bands), first = msq_log2(pack->array.band_rows);
  uint8_t goal[MSQ_MOST_PLACES], at[MSQ_MOST_PLACES]; /* of each row; the row at each place */
  uint32_t p, s, i;
  for (p = 0; p < pack->ways; ++p) {
    goal[order[p]] = (uint8_t)p;
    at[p] = (uint8_t)p;
  }
  for (s = 0; s < stages; ++s) {
    const uint32_t bit = first + s;
    for (i = 0; i < pack->ways / 2; ++i) {
      const uint32_t low = i & ((1U << bit) - 1);
      const uint32_t q = (i >> bit) << (bit + 1) | low, other = q + (1U << bit);
      const uint8_t row = at[q];
      const uint8_t set = goal[row] >> bit & 1U;
      settings[s * pack->ways / 2 + i] = set;
      if (!set) continue;
      at[q] = at[other];
      at[other] = row;
    }
  }
}

/* A network of `places` places inside the whole one: its place r is place r << level | low there. */
typedef struct msq_network {
  uint32_t places, level, low;
  uint32_t half, last; /* switches of a stage, number of the last stage, of the whole network */
} msq_network;

static void set_switch(const msq_network* n, uint8_t* settings, uint32_t stage, uint32_t pair,
                       uint8_t value) {
  settings[stage * n->half + (pair << n->level | n->low)] = value;
}

/* The two ends of each switch of the outer stages go through different halves. */
static void choose_sides(const msq_network* n, const uint8_t* order, uint8_t* side) {
  uint8_t output_of[MOST_BENES];
  uint32_t r, start;
  for (r = 0; r < n->places; ++r) {
    output_of[order[r]] = (uint8_t)r;
    side[r] = UNSET;
  }
  for (start = 0; start < n->places; start += 2) {
    uint32_t output = start;
    if (side[start] != UNSET) continue;
    do {
      side[output] = 0;
      side[output ^ 1U] = 1;
      output = output_of[order[output ^ 1U] ^ 1U];
    } while (side[output] == UNSET);
  }
}

static void route(const msq_network* n, const uint8_t* order, uint8_t* settings) {
  uint8_t side[MOST_BENES], inner[2][MOST_BENES / 2];
  msq_network next = *n;
  uint32_t r;
  if (n->places == 2) {
    set_switch(n, settings, n->level, 0, order[0] != 0);
    return;
  }
  choose_sides(n, order, side);
  for (r = 0; r < n->places; ++r) {
    const uint32_t input = order[r];
    inner[side[r]][r / 2] = (uint8_t)(input / 2);
    if (r % 2 == 0) set_switch(n, settings, n->last - n->level, r / 2, side[r]);
    if (input % 2 == 0) set_switch(n, settings, n->level, input / 2, side[r]);
  }
  next.places = n->places / 2;
  next.level = n->level + 1;
  route(&next, inner[0], settings);
  next.low = n->low | 1U << n->level;
  route(&next, inner[1], settings);
}

void msq_settings(const msq_pack* pack, const uint8_t* order, uint8_t settings[MSQ_MOST_SWITCHES]) {
  msq_network whole;
  memset(settings, 0, msq_switches(pack));
  if (pack->array.path != MSQ_PATH_IS_RECON) {
    set_pass(pack, order, settings);
    return;
  }
  whole.places = pack->ways;
  whole.level = whole.low = 0;
  whole.half = pack->ways / 2;
  whole.last = 2 * msq_log2(pack->ways) - 2;
  route(&whole, order, settings);
}
