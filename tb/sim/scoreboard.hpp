#pragma once

#include <cstdint>
#include <span>

#include "golden/exec/accumulate.hpp"
#include "tb/sim/driver.hpp"
#include "tb/sim/layer_chunk.hpp"
#include "tb/sim/layer_run.hpp"

namespace msq::tb {

/// Compares the sums of the chunks of a layer with the golden model, and collects what the run reports.
class Scoreboard {
 public:
  explicit Scoreboard(golden::OutputAccumulator accumulator) : accumulator_(std::move(accumulator)) {}

  /// @param cycles in which the tokens of the chunk came out, in order.
  void take(const Chunk& chunk, const RunResult& run, std::span<const std::uint64_t> cycles);
  /// Compares the accumulated outputs, after all chunks of a layer.
  void compare_outputs(golden::GemmResult expected);
  [[nodiscard]] LayerRunResult finish(double multiplications, double multiplications_per_cycle);

 private:
  void compare(const Chunk& chunk, std::size_t i, std::span<const std::int64_t> got,
               std::span<const std::uint64_t> cycles);

  golden::OutputAccumulator accumulator_;
  LayerRunResult result_;
  std::int64_t intervals_ = 0;
};

}  // namespace msq::tb
