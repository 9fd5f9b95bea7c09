#pragma once

#include <cstdint>
#include <span>

#include "golden/exec/schedule.hpp"

namespace msq::model {

// The paper's scheme as we read it (arXiv:2411.05282, "ReCoN": time-multiplexed, column-wise arbiters,
// handshakes), not the generated core's: tokens enter without regard to the units, a row with outliers asks
// for the unit of its band in the cycle in which a token comes to it, and an arbiter grants one row per
// cycle. The paper defines neither how a row waits nor which goes first. Here no buffer is ever full, and
// tiles follow each other as closely as one row of weights per cycle and one shadow register per PE allow, so
// that only the units cost avoidable time.

/// Row that gets a unit if several rows ask.
enum class Arbiter {
  oldest,      ///< the row furthest down: tokens in the array leave before more come in
  round_robin  ///< the next one after the row that was served last
};

struct ArbitrationSetup {
  int units = 1;    ///< divide the rows
  int latency = 7;  ///< cycles from the grant to the next row, more than a plain row takes
  int spacing = 1;  ///< cycles between tokens of a tile at the entrance, >= 1
  Arbiter arbiter = Arbiter::oldest;
};

struct ArbitrationRun {
  std::int64_t cycles = 0;       ///< until the last token has left the last row
  std::int64_t accesses = 0;     ///< rows times tokens that asked for a unit
  std::int64_t busy = 0;         ///< of them those not granted in the cycle in which they came
  std::int64_t wait_cycles = 0;  ///< over all accesses
};

/// Tiles one after the other, in one pipeline of rows.
[[nodiscard]] ArbitrationRun simulate_arbitration(std::span<const golden::TileRun> tiles,
                                                  const ArbitrationSetup& setup);

}  // namespace msq::model
