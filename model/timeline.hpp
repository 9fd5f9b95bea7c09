#pragma once

#include <cstdint>
#include <span>

#include "gen/arch/dimensions.hpp"
#include "tb/host/job.hpp"
#include "tb/host/stream_format.hpp"
#include "tb/host/weight_stream.hpp"

namespace msq::model {

/// A GEMM as the accelerator runs it: passes of tokens, in each all tiles, those along K fastest.
struct GemmPlan {
  std::int64_t m = 1, k = 1, n = 1;
  int tokens_per_pass = 1;
  int tiles_k = 1;         ///< tiles along K
  int tiles_per_pass = 1;  ///< tiles of a pass, repeated rows counted
  int blocks_k = 1;        ///< activation blocks along K
  tb::OutputFormat output = tb::OutputFormat::fp32;

  [[nodiscard]] std::int64_t passes() const { return golden::TokenPasses{m, tokens_per_pass}.count(); }
  [[nodiscard]] int tokens(std::int64_t pass) const {
    return golden::TokenPasses{m, tokens_per_pass}.tokens(pass);
  }
};
/// The GEMM of a job, whose `tiles` are those of all passes.
[[nodiscard]] GemmPlan gemm_plan(const tb::AcceleratorJob& job);

/// Beats that each port can move in a cycle, 0 < rate <= 1.
struct PortRates {
  double weights = 1, activations = 1, outputs = 1;
};

/// Counters of the accelerator after a job.
struct Timeline {
  std::int64_t cycles = 0;
  std::int64_t tokens = 0, tiles = 0;
  std::int64_t wait_weight = 0, wait_activation = 0, wait_output = 0, wait_schedule = 0;
  std::int64_t recon_accesses = 0, recon_waits = 0;
  std::int64_t weight_beats = 0, activation_beats = 0, output_beats = 0;
};

/// When everything happens, by recurrence over the beats of the weight stream and the tiles; no cycle is
/// simulated. `tiles` are those of all passes, or of one pass that stands for all; then of many passes only
/// the first ones and the last one are followed, and those between are taken as equal. performance.md
/// has the formulas. \throws std::logic_error if the number of tiles is neither.
[[nodiscard]] Timeline predict(const Dimensions& d, const GemmPlan& plan,
                               std::span<const tb::StreamTile> tiles, const PortRates& rates = {});

}  // namespace msq::model
