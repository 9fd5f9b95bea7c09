#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "gen/arch/dimensions.hpp"
#include "golden/exec/schedule.hpp"

namespace msq::model {

/// Parameters of the core that decide its cycles, besides its tiles (docs/reference/architecture.md,
/// "Timing").
struct CoreTiming {
  int rows = 64;
  int units = 1;          ///< ReCoN units; 1 on path none, where no row is flagged
  int lead = 2;           ///< cycles that a flagged row gets its activation earlier
  int tree_rows = 1;      ///< rows of a band
  int column_groups = 1;  ///< PE column groups with an activation register of their own
  int load_rows = 1;      ///< rows that are loaded in a step, all of one band
  int early_steps = 0;    ///< steps that may still come when a tile's first token is launched

  [[nodiscard]] static CoreTiming of(const Dimensions& dimensions);

  /// Cycles from a launch to the earliest load of row 0 of the next tile: the row has taken its weights
  /// (1 cycle, and LEAD more if it is plain), the last column group too, and without early_steps the
  /// sequencer has seen it.
  [[nodiscard]] int release(bool flagged) const {
    return (early_steps > 0 ? 0 : 1) + (flagged ? 0 : lead) + column_groups;
  }
  [[nodiscard]] int load_steps() const { return rows / load_rows; }
  /// Cycles from a launch to the partial sums.
  [[nodiscard]] int latency() const {
    return rows / tree_rows + lead + (tree_rows > 1 ? 3 : 2) + column_groups;
  }
};

/// The core's sequencer, tile by tile: when a tile's rows are loaded and when its tokens start. Cycles count
/// from the first in which a row can be loaded.
class Sequencer {
 public:
  explicit Sequencer(const CoreTiming& timing) : timing_(timing) {}

  /// When a tile ran.
  struct Times {
    std::int64_t loaded = 0;        ///< from when on the first token can be launched: all rows are loaded, or
                                    ///< the others will be in time
    std::int64_t first_launch = 0;  ///< of the first token
    std::int64_t last_launch = 0;   ///< of the last token
    bool first_waited = false;      ///< the first token was there, the tile was loaded, the gap held it back
  };

  /// The next tile, with streams that never stall. @param flagged rows in physical order.
  Times run(const std::vector<bool>& flagged, int interval, int gap, std::int64_t tokens);

 private:
  CoreTiming timing_;
  bool started_ = false;
  std::int64_t step_loaded_ = -1;  ///< cycle of the last load
  Times last_;
  std::vector<bool> flagged_;  ///< of the last tile
};

/// A sequence of tiles on the core with streams that never stall.
struct CoreRun {
  std::int64_t cycles = 0;    ///< from the first load to the last partial sum
  std::int64_t accesses = 0;  ///< rows times tokens that use a ReCoN unit
  std::int64_t waited = 0;    ///< of them those of a token that the schedule held back
  std::int64_t tokens = 0;
  double mean_interval = 0;  ///< over tiles
};

/// Runs tiles (flags of their own rows) back to back, scheduled by golden::schedule_tiles. Equal, cycle for
/// cycle and in both counts, to what the generated core does.
[[nodiscard]] CoreRun run_core(const CoreTiming& timing, std::span<const golden::TileRun> tiles);

}  // namespace msq::model
