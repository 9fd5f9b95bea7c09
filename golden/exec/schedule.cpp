#include "golden/exec/schedule.hpp"

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <utility>

namespace msq::golden {
namespace {

std::size_t band_rows(const std::vector<bool>& flagged, int units) {
  if (units <= 0 || flagged.empty() || flagged.size() % static_cast<std::size_t>(units) != 0) {
    throw std::logic_error("schedule: the units divide the rows");
  }
  return flagged.size() / static_cast<std::size_t>(units);
}

/// Whether the flagged rows of one band are distinct modulo `interval`.
bool distinct(const std::vector<bool>& flagged, std::size_t first, std::size_t count, std::size_t interval) {
  std::vector<bool> taken(interval, false);
  for (std::size_t row = first; row < first + count; ++row) {
    if (!flagged[row]) continue;
    if (taken[row % interval]) return false;
    taken[row % interval] = true;
  }
  return true;
}

}  // namespace

std::vector<int> order_rows(const std::vector<bool>& flagged, int units) {
  const std::size_t band = band_rows(flagged, units);
  std::vector<int> special;
  std::vector<int> plain;
  for (std::size_t row = 0; row < flagged.size(); ++row) {
    (flagged[row] ? special : plain).push_back(static_cast<int>(row));
  }
  const std::size_t share = special.size() / static_cast<std::size_t>(units);
  const std::size_t larger = special.size() % static_cast<std::size_t>(units);
  std::vector<int> order;
  auto next_special = special.begin();
  auto next_plain = plain.begin();
  for (std::size_t unit = 0; unit < static_cast<std::size_t>(units); ++unit) {
    const std::size_t count = share + (unit < larger ? 1 : 0);
    for (std::size_t row = 0; row < band; ++row)
      order.push_back(row < count ? *next_special++ : *next_plain++);
  }
  return order;
}

std::vector<bool> permute_flags(const std::vector<bool>& flagged, std::span<const int> order) {
  std::vector<bool> result;
  for (const int row : order) result.push_back(flagged.at(static_cast<std::size_t>(row)));
  return result;
}

int initiation_interval(const std::vector<bool>& flagged_physical, int units, int tokens) {
  const std::size_t band = band_rows(flagged_physical, units);
  if (tokens <= 1) return 1;
  std::size_t interval = 1;
  const auto free_of_collisions = [&] {
    for (std::size_t first = 0; first < flagged_physical.size(); first += band) {
      if (!distinct(flagged_physical, first, band, interval)) return false;
    }
    return true;
  };
  while (!free_of_collisions()) ++interval;
  return static_cast<int>(interval);
}

int launch_gap(const std::vector<bool>& previous, const std::vector<bool>& next, int units,
               int recon_latency) {
  const std::size_t band = band_rows(previous, units);
  if (next.size() != previous.size()) throw std::logic_error("schedule: tiles of one array have its rows");
  int gap = 1;
  for (std::size_t first = 0; first < previous.size(); first += band) {
    int last_previous = -1;
    int first_next = -1;
    for (std::size_t row = first; row < first + band; ++row) {
      if (previous[row]) last_previous = static_cast<int>(row);
      if (next[row] && first_next < 0) first_next = static_cast<int>(row);
      if (next[row] && !previous[row]) gap = std::max(gap, recon_latency + 1);
    }
    if (last_previous >= 0 && first_next >= 0) gap = std::max(gap, last_previous - first_next + 1);
  }
  return gap;
}

std::vector<int> launch_gaps(std::span<const TileRun> physical, std::span<const int> intervals, int units,
                             int recon_latency) {
  if (physical.size() != intervals.size()) throw std::logic_error("schedule: one interval for each tile");
  std::vector<int> gaps;
  for (std::size_t tile = 0; tile < physical.size(); ++tile) {
    const auto& flagged = physical[tile].flagged;
    const std::int64_t reach =
        std::max<std::int64_t>(static_cast<std::int64_t>(flagged.size()), recon_latency + 1);
    std::int64_t gap = 1;
    std::int64_t covered = 0;  // cycles from the last launch of `earlier` to the last one before this tile
    for (std::size_t earlier = tile; earlier-- > 0 && covered < reach;) {
      gap = std::max(gap, launch_gap(physical[earlier].flagged, flagged, units, recon_latency) - covered);
      covered += gaps[earlier] + launch_cycles(physical[earlier].tokens, intervals[earlier]);
    }
    gaps.push_back(static_cast<int>(gap));
  }
  return gaps;
}

std::vector<TileSchedule> schedule_tiles(std::span<const TileRun> tiles, int units, int recon_latency) {
  std::vector<TileSchedule> schedules;
  std::vector<TileRun> physical;
  std::vector<int> intervals;
  for (const TileRun& tile : tiles) {
    TileSchedule schedule;
    schedule.row_order = order_rows(tile.flagged, units);
    physical.push_back({permute_flags(tile.flagged, schedule.row_order), tile.tokens});
    schedule.initiation_interval = initiation_interval(physical.back().flagged, units, tile.tokens);
    intervals.push_back(schedule.initiation_interval);
    schedules.push_back(std::move(schedule));
  }
  const std::vector<int> gaps = launch_gaps(physical, intervals, units, recon_latency);
  for (std::size_t tile = 0; tile < schedules.size(); ++tile) schedules[tile].launch_gap = gaps[tile];
  return schedules;
}

}  // namespace msq::golden
