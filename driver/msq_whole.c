/* SPDX-License-Identifier: Apache-2.0 */
/* Paths recon and none, which compute a tile as a whole: order of its rows, interval, gap
 * (docs/reference/streams.md, "Order, interval and gap"). */
#include "msq_plan.h"

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

msq_status msq_plan_whole(msq_pack* pack, msq_plan* plan, msq_tile_work* work, int alone) {
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

msq_status msq_plan_gaps(msq_pack* pack) {
  const size_t per_pass = msq_plan_of(pack, 0)->parts.count;
  uint32_t pass;
  size_t i;
  pack->gaps = pack->allocator.allocate(pack->allocator.context, pack->passes * per_pass);
  if (pack->gaps == NULL) return MSQ_E_NO_MEMORY;
  for (pass = 0; pass < pack->passes; ++pass)
    for (i = 0; i < per_pass; ++i) pack->gaps[pass * per_pass + i] = (uint8_t)gap_of(pack, pass, i, per_pass);
  return MSQ_OK;
}
