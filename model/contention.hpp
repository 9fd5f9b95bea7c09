#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "model/arbitration.hpp"
#include "model/core.hpp"
#include "model/pattern.hpp"

namespace msq::model {

// How often an access to ReCoN has to wait, and the cost, by number of units: on the generated core,
// which holds tokens at the entrance, and with arbitration in the paper's manner.

/// Weights of which it is measured.
struct ContentionLoad {
  std::string name;
  int mode = 4;
  /// Sequences of tiles (layers); each finds the array empty.
  std::vector<std::vector<TilePattern>> sequences;
};

/// One scheme at one point.
struct ContentionCount {
  std::int64_t cycles = 0;
  std::int64_t accesses = 0;
  std::int64_t waited = 0;
  double slowdown = 1;  ///< cycles relative to as many units as rows

  [[nodiscard]] double waited_share() const {
    return accesses == 0 ? 0 : static_cast<double>(waited) / static_cast<double>(accesses);
  }
};

struct ContentionPoint {
  int tokens = 1;  ///< of a tile
  int units = 1;
  double mean_interval = 1;  ///< of the core's schedule
  ContentionCount core;      ///< the generated core
  ContentionCount oldest;    ///< arbitration; a row with outliers takes its unit for all its columns
  ContentionCount turns;     ///< the same with a round-robin arbiter
  ContentionCount blocks;    ///< each column of micro-blocks has an arbiter of its own, oldest first
};

struct ContentionResult {
  std::int64_t tiles = 0;
  double block_rate = 0;                ///< micro-blocks with outliers, of those in the tiles
  double row_rate = 0;                  ///< rows with outliers
  std::vector<ContentionPoint> points;  ///< for each number of tokens, each number of units
};

/// @param timing its units are those that everything is relative to: the rows.
/// @param tokens,units in the order in which the points come; units divide the rows.
/// @param recon_latency of the arbitrated scheme.
[[nodiscard]] ContentionResult study_contention(const ContentionLoad& load, const CoreTiming& timing,
                                                std::span<const int> tokens, std::span<const int> units,
                                                int recon_latency);

/// Arbitration by rows through one unit, tokens of a tile at the entrance every `spacing` cycles.
struct SpacingPoint {
  int spacing = 1;
  ContentionCount oldest;
};

/// @param tokens of a tile. `slowdown` is relative to no contention at the same spacing.
[[nodiscard]] std::vector<SpacingPoint> study_spacing(const ContentionLoad& load, int rows, int tokens,
                                                      std::span<const int> spacings, int recon_latency);

}  // namespace msq::model
