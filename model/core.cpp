#include "model/core.hpp"

#include <algorithm>
#include <cmath>

namespace msq::model {

CoreTiming CoreTiming::of(const Dimensions& d) {
  return {.rows = d.rows, .units = std::max(d.units, 1), .lead = d.lead, .column_groups = d.skew_groups};
}

Sequencer::Times Sequencer::run(const std::vector<bool>& flagged, int interval, int gap, std::int64_t tokens,
                                const Supply& supply) {
  double row_loaded = static_cast<double>(supply.first_row) - supply.cycles_per_row;
  for (int row = 0; row < timing_.rows; ++row) {
    row_loaded += supply.cycles_per_row;
    if (!started_) continue;
    const std::int64_t free =
        last_.first_launch + row + timing_.release(flagged_[static_cast<std::size_t>(row)]);
    row_loaded = std::max(row_loaded, static_cast<double>(free));
  }
  Times times;
  times.loaded = static_cast<std::int64_t>(std::ceil(row_loaded)) + 1;
  std::int64_t offered = std::max({times.loaded, supply.token, supply.output});
  if (started_) offered = std::max(offered, last_.last_launch + 1);
  times.first_launch = started_ ? std::max(offered, last_.last_launch + gap) : offered;
  times.first_waited = times.first_launch > offered;
  times.last_launch =
      std::max(times.first_launch + golden::launch_cycles(tokens, interval), supply.last_token);
  last_ = times;
  flagged_ = flagged;
  started_ = true;
  return times;
}

CoreRun run_core(const CoreTiming& timing, std::span<const golden::TileRun> tiles) {
  const auto schedules = golden::schedule_tiles(tiles, timing.units, timing.lead);
  Sequencer sequencer(timing);
  CoreRun run;
  std::int64_t intervals = 0;
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    const auto& [flagged, tokens] = tiles[i];
    const golden::TileSchedule& schedule = schedules[i];
    const auto times = sequencer.run(golden::permute_flags(flagged, schedule.row_order),
                                     schedule.initiation_interval, schedule.launch_gap, tokens);
    const std::int64_t rows = std::count(flagged.begin(), flagged.end(), true);
    const std::int64_t held =
        (times.first_waited ? 1 : 0) + (schedule.initiation_interval > 1 ? tokens - 1 : 0);
    run.accesses += rows * tokens;
    run.waited += rows * held;
    run.tokens += tokens;
    run.cycles = times.last_launch + timing.latency() + 1;
    intervals += schedule.initiation_interval;
  }
  if (!tiles.empty()) run.mean_interval = static_cast<double>(intervals) / static_cast<double>(tiles.size());
  return run;
}

}  // namespace msq::model
