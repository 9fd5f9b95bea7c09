#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "gen/arch/dimensions.hpp"

namespace msq::model {

/// A tile as the accelerator's timing depends on it.
struct TilePlan {
  int header_beats =
      1;  ///< of the weight stream before its rows: header, references, scales, order, row shifts
  std::vector<std::uint8_t> row_beats;  ///< [rows] beats up to and with the codes of each physical row
  std::vector<bool> flagged;            ///< [rows] physical rows with outliers
  int initiation_interval = 1;
  int launch_gap = 1;
  int columns = 8;    ///< logical columns of the tile's mode
  bool edge = false;  ///< an order or row shifts come with it
  bool more = false;  ///< the next tile has the same rows, for outliers that found no unit

  [[nodiscard]] int load_beats() const {
    return std::accumulate(row_beats.begin(), row_beats.end(), header_beats);
  }
  [[nodiscard]] int flagged_rows() const {
    return static_cast<int>(std::count(flagged.begin(), flagged.end(), true));
  }
};

/// What comes out of the output stream.
enum class OutputKind { raw, fp32, mx8, mx4 };

/// A GEMM as the accelerator runs it: passes of tokens, in each all tiles, those along K fastest.
struct GemmPlan {
  std::int64_t m = 1, k = 1, n = 1;
  int tokens_per_pass = 1;
  int tiles_k = 1;         ///< tiles along K
  int tiles_per_pass = 1;  ///< tiles of a pass, repeated rows counted
  int blocks_k = 1;        ///< activation blocks along K
  OutputKind output = OutputKind::fp32;

  [[nodiscard]] std::int64_t passes() const { return (m + tokens_per_pass - 1) / tokens_per_pass; }
  [[nodiscard]] int tokens(std::int64_t pass) const {
    const std::int64_t left = m - pass * tokens_per_pass;
    return static_cast<int>(left < tokens_per_pass ? left : tokens_per_pass);
  }
};

/// Beats that each port can move in a cycle, 0 < rate <= 1.
struct PortRates {
  double weights = 1, activations = 1, outputs = 1;
};

/// What the counters of the accelerator show after a job.
struct Timeline {
  std::int64_t cycles = 0;
  std::int64_t tokens = 0, tiles = 0;
  std::int64_t wait_weight = 0, wait_activation = 0, wait_output = 0, wait_schedule = 0;
  std::int64_t recon_accesses = 0, recon_waits = 0;
  std::int64_t weight_beats = 0, activation_beats = 0, output_beats = 0;
};

/// When everything happens, by recurrence over the beats of the weight stream and the tiles; no cycle is
/// simulated. `tiles` are those of all passes, or of one pass that stands for all; then of many passes only
/// the first ones and the last one are followed, and those between are taken as equal. docs/performance.md
/// has the formulas. \throws std::logic_error if the number of tiles is neither.
[[nodiscard]] Timeline predict(const Dimensions& d, const GemmPlan& plan, std::span<const TilePlan> tiles,
                               const PortRates& rates = {});

}  // namespace msq::model
