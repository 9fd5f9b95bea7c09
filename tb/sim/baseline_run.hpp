#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "gen/arch/dimensions.hpp"
#include "golden/baselines/gobo.hpp"
#include "support/result.hpp"
#include "tb/sim/model.hpp"

namespace msq::tb {

// Runs the arrays to compare with (docs/results/area.md): to the bits of their ports, and tiles through a
// model.

using Words = std::vector<std::uint32_t>;

/// One tile: words of the load port, row 0 first, and tokens.
struct BaselineTile {
  std::vector<Words> loads;
  std::vector<std::vector<std::int8_t>> tokens;  ///< [token][row]
};

/// Words of the load port of an array with integer sums (int4, int8, olive) for weights [rows][cols] in units
/// of their scale. Error: a pair of olive's that has no code.
[[nodiscard]] Result<std::vector<Words>> integer_loads(const Dimensions& d, std::span<const int> weights);

/// PEs of a gobo array's row that share an outlier unit.
[[nodiscard]] int pes_of_an_outlier_unit(const Dimensions& d);

/// Words of the load port of a gobo array for weights [rows][cols]. Of outliers of one unit the last one in
/// the row counts for all; give it one at most.
[[nodiscard]] std::vector<Words> gobo_loads(const Dimensions& d,
                                            std::span<const golden::baselines::GoboWeight> weights);

/// Bits of port centroids_i.
[[nodiscard]] Words centroid_words(std::span<const float> centroids);

struct BaselineRunOptions {
  double stall = 0;  ///< probability that a stream is idle in a cycle
  /// Called in every cycle after the reset with settled inputs and outputs, before the clock edge.
  std::function<void(const Model&)> on_cycle{};
};

struct BaselineRun {
  std::vector<Words> sums;   ///< psum_o of every token
  std::uint64_t cycles = 0;  ///< loading of the first tile and draining included
};

/// Resets the model and streams tiles back to back. Errors: a hang; sums not `latency` cycles after their
/// launch; `last` where it does not belong; a protocol error.
[[nodiscard]] Result<BaselineRun> run_baseline(Model& model, const Dimensions& d,
                                               std::span<const BaselineTile> tiles, std::mt19937& random,
                                               const BaselineRunOptions& options);

}  // namespace msq::tb
