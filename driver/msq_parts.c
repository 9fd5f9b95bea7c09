/* SPDX-License-Identifier: Apache-2.0 */
/* Path inline: what a tile's bands have no units for, and sums or shifts beyond the array's, go to further
 * parts (docs/reference/streams.md, "Parts of a tile"). */
#include <string.h>

#include "msq_plan.h"

enum { MOST_SHIFT = 15 };

static uint32_t place_of(const msq_pack* pack, uint32_t seat, uint32_t band) {
  const uint32_t band_rows = pack->array.band_rows;
  return seat / band_rows * pack->array.rows + band * band_rows + seat % band_rows;
}

static uint32_t count_served(const msq_pack* pack, const msq_tile_work* work, uint32_t band) {
  const msq_exchange* e = &work->exchange;
  uint32_t served = 0, i, seat;
  for (i = 0; i < e->blocks; ++i) {
    uint32_t seen = 0;
    for (seat = 0; seat < e->seats; ++seat)
      seen |= work->masks[e->row[seat * pack->bands + band]][e->block_of[i]];
    seen = msq_ones(seen);
    served += seen < pack->array.units ? seen : pack->array.units;
  }
  return served;
}

static uint32_t left_over(const msq_pack* pack, const msq_tile_work* work) {
  uint32_t served = 0, band;
  for (band = 0; band < pack->bands; ++band) served += work->exchange.served[band];
  return work->exchange.wanted - served;
}

typedef struct msq_switch {
  uint32_t stage, seat, band;
} msq_switch;

static void turn(const msq_pack* pack, msq_tile_work* work, msq_switch at) {
  msq_exchange* e = &work->exchange;
  const size_t seat = (size_t)at.seat * pack->bands;
  uint8_t before[MSQ_MOST_BANDS];
  uint8_t* row = e->row + seat;
  uint32_t b, s;
  e->turned[at.stage][seat + at.band] ^= 1;
  memcpy(before, row, pack->bands);
  for (b = 0; b < pack->bands; ++b) row[b] = (uint8_t)place_of(pack, at.seat, b);
  for (s = 0; s < e->stages; ++s) {
    for (b = 0; b < pack->bands; ++b) {
      const uint8_t own = row[b];
      if (!e->turned[s][seat + b]) continue;
      row[b] = row[b + (1U << s)];
      row[b + (1U << s)] = own;
    }
  }
  for (b = 0; b < pack->bands; ++b)
    if (row[b] != before[b]) e->served[b] = count_served(pack, work, b);
}

/* The switch behind this one in the order of a round: stages descending, seats and bands ascending.
 * @return 0 behind the last one. */
static int next_switch(const msq_pack* pack, const msq_tile_work* work, msq_switch* at) {
  do {
    if (++at->band == pack->bands) {
      at->band = 0;
      if (++at->seat == work->exchange.seats) {
        at->seat = 0;
        if (at->stage == 0) return 0;
        --at->stage;
      }
    }
  } while (!work->exchange.used[at->seat] || (at->band >> at->stage & 1U) != 0);
  return 1;
}

/* In front of the first switch: behind the last seat and band of a stage that there is not. */
static msq_switch rewind_switches(const msq_pack* pack, const msq_tile_work* work) {
  msq_switch at;
  at.stage = work->exchange.stages;
  at.seat = work->exchange.seats - 1;
  at.band = pack->bands - 1;
  return at;
}

static uint32_t rounds(const msq_pack* pack, msq_tile_work* work) {
  uint32_t left = left_over(pack, work);
  int changed = 1;
  while (left != 0 && changed) {
    msq_switch at = rewind_switches(pack, work);
    changed = 0;
    while (left != 0 && next_switch(pack, work, &at)) {
      uint32_t after;
      turn(pack, work, at);
      after = left_over(pack, work);
      if (after < left) {
        left = after;
        changed = 1;
      } else {
        turn(pack, work, at);
      }
    }
  }
  return left;
}

/* Turns the first two switches that help together. @return the number left; as before if there are none. */
static uint32_t turn_pair(const msq_pack* pack, msq_tile_work* work, uint32_t left) {
  msq_switch one = rewind_switches(pack, work);
  while (next_switch(pack, work, &one)) {
    msq_switch two = rewind_switches(pack, work);
    turn(pack, work, one);
    while (left_over(pack, work) <= left + 1 && next_switch(pack, work, &two)) {
      uint32_t after;
      turn(pack, work, two);
      after = left_over(pack, work);
      if (after < left) return after;
      turn(pack, work, two);
    }
    turn(pack, work, one);
  }
  return left;
}

static void set_masks(const msq_pack* pack, msq_tile_work* work) {
  const msq_outlier* outliers = (const msq_outlier*)(const void*)work->outliers.data;
  size_t i;
  uint32_t row;
  for (row = 0; row < pack->places; ++row) memset(work->masks[row], 0, sizeof work->masks[row]);
  for (i = 0; i < work->outliers.count; ++i) {
    uint16_t* mask = &work->masks[outliers[i].row][outliers[i].block];
    if (outliers[i].state == MSQ_WAITS) *mask = (uint16_t)(*mask | 1U << outliers[i].pair.upper);
  }
}

static void begin_exchange(const msq_pack* pack, msq_tile_work* work) {
  msq_exchange* e = &work->exchange;
  uint32_t row, block, band, seat;
  memset(e, 0, sizeof *e);
  while ((1U << e->stages) < pack->bands) ++e->stages;
  e->seats = pack->places / pack->bands;
  for (block = 0; block < pack->blocks; ++block) {
    uint32_t own = 0;
    for (row = 0; row < pack->places; ++row) own += msq_ones(work->masks[row][block]);
    if (own != 0) e->block_of[e->blocks++] = block;
    e->wanted += own;
  }
  for (band = 0; band < pack->bands; ++band) {
    for (seat = 0; seat < e->seats; ++seat) {
      const uint32_t place = place_of(pack, seat, band);
      e->row[seat * pack->bands + band] = (uint8_t)place;
      for (block = 0; block < e->blocks; ++block)
        if (work->masks[place][e->block_of[block]] != 0) e->used[seat] = 1;
    }
    e->served[band] = count_served(pack, work, band);
  }
}

static void order_rows(const msq_pack* pack, msq_tile_work* work) {
  uint32_t i, band, seat, left;
  for (i = 0; i < pack->places; ++i) work->order[i] = (uint8_t)i;
  if (!pack->array.permuter) return;
  begin_exchange(pack, work);
  left = rounds(pack, work);
  while (left == 1 || left == 2) {
    const uint32_t after = turn_pair(pack, work, left);
    if (after == left) break;
    left = after;
  }
  for (band = 0; band < pack->bands; ++band)
    for (seat = 0; seat < work->exchange.seats; ++seat)
      work->order[place_of(pack, seat, band)] = work->exchange.row[seat * pack->bands + band];
}

/* The outliers of a band and a micro-block that find a unit: physical rows ascending, in each the places. */
static void place_band(const msq_pack* pack, msq_tile_work* work, uint32_t band, uint32_t block) {
  msq_outlier* outliers = (msq_outlier*)(void*)work->outliers.data;
  uint32_t taken = 0, r, p, i;
  for (r = band * pack->array.band_rows; r < (band + 1) * pack->array.band_rows; ++r) {
    for (p = r; p < pack->places; p += pack->array.rows) {
      const uint32_t at = work->order[p] * pack->blocks + block;
      for (i = work->start[at]; i < work->start[at + 1]; ++i) {
        const uint32_t position = 1U << outliers[i].pair.upper;
        if (outliers[i].state != MSQ_WAITS || (taken & position) != 0) continue;
        if (msq_ones(taken) == pack->array.units) return;
        taken |= position;
        outliers[i].state = MSQ_PLACED;
      }
    }
  }
}

static int is_waiting(const msq_tile_work* work) {
  const msq_outlier* outliers = (const msq_outlier*)(const void*)work->outliers.data;
  size_t i;
  for (i = 0; i < work->outliers.count; ++i)
    if (outliers[i].state == MSQ_WAITS) return 1;
  return 0;
}

/* Further times in which outliers with a shift beyond the array's are added. */
static msq_status repeat_part(msq_pack* pack, msq_plan* plan, uint32_t excess) {
  const uint32_t times = 1U << excess;
  uint32_t i;
  for (i = 1; i < times; ++i) {
    msq_part* again = msq_vector_grow(&plan->parts, 1, &pack->allocator);
    if (again == NULL) return MSQ_E_NO_MEMORY;
    *again = again[-1];
  }
  return MSQ_OK;
}

/* Parts of the rows of a group. */
static msq_status plan_group(msq_pack* pack, msq_plan* plan, msq_tile_work* work, uint32_t excess) {
  int inliers = excess == 0;
  do {
    uint32_t band, block;
    msq_status status;
    set_masks(pack, work);
    order_rows(pack, work);
    for (block = 0; block < pack->blocks; ++block)
      for (band = 0; band < pack->bands; ++band) place_band(pack, work, band, block);
    status = msq_add_part(pack, plan, work, excess, inliers);
    if (status == MSQ_OK) status = repeat_part(pack, plan, excess);
    if (status != MSQ_OK) return status;
    inliers = 0;
  } while (is_waiting(work));
  return MSQ_OK;
}

static uint32_t excess_of(const msq_pack* pack, const msq_outlier* outlier) {
  return outlier->shift > pack->array.shift_max ? outlier->shift - pack->array.shift_max : 0;
}

/* |w| of what the layer of this excess has of a tile. */
static void set_layer_sizes(const msq_pack* pack, msq_tile_work* work, uint32_t excess) {
  const msq_weights* w = &pack->weights;
  const uint32_t micro = w->layer.micro_block, first = work->n0 / micro;
  const msq_outlier* outliers = (const msq_outlier*)(const void*)work->outliers.data;
  int32_t values[MSQ_MOST_MICRO_BLOCK];
  uint32_t row, block, i;
  size_t o;
  memset(work->sizes, 0, sizeof work->sizes);
  for (row = 0; excess == 0 && row < pack->places; ++row) {
    const uint32_t k = msq_row_position(pack, work->tile, row);
    for (block = 0; block < pack->blocks && first + block < w->blocks && k != UINT32_MAX; ++block) {
      int32_t* sizes = work->sizes + (size_t)row * pack->columns + (size_t)block * micro;
      msq_inliers(w, k, first + block, values);
      for (i = 0; i < micro && work->n0 + block * micro + i < w->layer.n; ++i)
        sizes[i] = values[i] < 0 ? -values[i] : values[i];
    }
  }
  for (o = 0; o < work->outliers.count; ++o) {
    const msq_outlier* own = &outliers[o];
    const uint32_t k = msq_row_position(pack, work->tile, own->row);
    int32_t value;
    if (excess_of(pack, own) != excess) continue;
    value = msq_significand(w, k, first + own->block, own->pair) * (1 << (own->shift - excess));
    work->sizes[(size_t)own->row * pack->columns + (size_t)own->block * micro + own->pair.upper] =
        value < 0 ? -value : value;
  }
}

/* Outliers of the group's rows that the layer of this excess has. */
static void call_outliers(const msq_pack* pack, msq_tile_work* work, uint32_t excess) {
  msq_outlier* outliers = (msq_outlier*)(void*)work->outliers.data;
  size_t i;
  for (i = 0; i < work->outliers.count; ++i)
    if (outliers[i].state == MSQ_LATER && excess_of(pack, &outliers[i]) == excess &&
        work->group[outliers[i].row] == 1)
      outliers[i].state = MSQ_WAITS;
}

static int has_layer(const msq_pack* pack, const msq_tile_work* work, uint32_t excess) {
  const msq_outlier* outliers = (const msq_outlier*)(const void*)work->outliers.data;
  size_t i;
  for (i = 0; i < work->outliers.count; ++i)
    if (excess_of(pack, &outliers[i]) == excess) return 1;
  return excess == 0;
}

static msq_status plan_layer_of(msq_pack* pack, msq_plan* plan, msq_tile_work* work, uint32_t excess) {
  uint32_t rows = 0;
  set_layer_sizes(pack, work, excess);
  memset(work->group, 0, sizeof work->group);
  while (rows < pack->places) {
    const uint32_t own = msq_take_group(pack, work);
    msq_status status;
    if (own == 0) return MSQ_E_PARTIAL_SUM;
    rows += own;
    call_outliers(pack, work, excess);
    status = plan_group(pack, plan, work, excess);
    if (status != MSQ_OK) return status;
  }
  return MSQ_OK;
}

msq_status msq_plan_parts(msq_pack* pack, msq_plan* plan, msq_tile_work* work) {
  const size_t first = plan->parts.count;
  msq_status status = MSQ_OK;
  msq_part* parts;
  uint32_t excess;
  size_t i;
  for (excess = 0; excess <= MOST_SHIFT && status == MSQ_OK; ++excess)
    if (has_layer(pack, work, excess)) status = plan_layer_of(pack, plan, work, excess);
  if (status != MSQ_OK) return status;
  parts = (msq_part*)(void*)plan->parts.data;
  for (i = first; i < plan->parts.count; ++i) parts[i].more = i + 1 < plan->parts.count;
  parts[first].first = 1;
  return MSQ_OK;
}
