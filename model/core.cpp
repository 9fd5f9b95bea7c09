#include "model/core.hpp"

#include <algorithm>

namespace msq::model {

CoreTiming CoreTiming::of(const Dimensions& d) {
  return {.rows = d.rows,
          .units = d.recon ? d.recon->units : 1,
          .lead = d.lead,
          .tree_rows = d.tree_rows,
          .column_groups = d.skew_groups,
          .load_rows = d.load_rows,
          .early_steps = d.early_steps};
}

Sequencer::Times Sequencer::run(const std::vector<bool>& flagged, int interval, int gap,
                                std::int64_t tokens) {
  const auto free = [&](int step) {
    const int row = step * timing_.load_rows;
    const bool was_flagged = flagged_[static_cast<std::size_t>(row)];
    return last_.first_launch + row / timing_.tree_rows + timing_.release(was_flagged);
  };
  const int sure = timing_.load_steps() - timing_.early_steps - 1;  // must be loaded before the launch
  Times times;
  for (int step = 0; step < timing_.load_steps(); ++step) {
    ++step_loaded_;
    if (started_) step_loaded_ = std::max(step_loaded_, free(step));
    if (step == sure) times.loaded = step_loaded_ + 1;
  }
  // The next step finds its place free, and so will the others.
  if (started_ && timing_.early_steps > 0)
    times.loaded = std::min(std::max(times.loaded, free(sure + 1)), step_loaded_ + 1);
  const std::int64_t offered = started_ ? std::max(times.loaded, last_.last_launch + 1) : times.loaded;
  times.first_launch = started_ ? std::max(offered, last_.last_launch + gap) : offered;
  times.first_waited = times.first_launch > offered;
  times.last_launch = times.first_launch + golden::launch_cycles(tokens, interval);
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
