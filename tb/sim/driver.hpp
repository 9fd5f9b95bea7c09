#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "gen/arch/dimensions.hpp"
#include "golden/exec/schedule.hpp"
#include "golden/exec/tile.hpp"
#include "support/result.hpp"
#include "tb/sim/core_ports.hpp"
#include "tb/sim/model.hpp"

namespace msq::tb {

/// Inputs of the core for one tile: weights and activations already in the order of places.
struct TileJob {
  golden::Tile tile;
  int initiation_interval = 1;
  int launch_gap = 1;
  int tokens = 1;
  std::vector<std::int8_t> activations;  ///< [tokens][rows of the tile]
};

/// Puts tile and activations ([tokens][rows] in the tile's own row order) in the physical order of a
/// schedule.
[[nodiscard]] TileJob make_job(const golden::Tile& tile, const golden::TileSchedule& schedule, int tokens,
                               std::span<const std::int8_t> activations);

/// How often, 0..1, a stream has nothing to offer in a cycle.
struct Stalls {
  double load = 0;
  double activations = 0;
};

/// The core's counters (docs/reference/architecture.md, "Ports").
struct Counters {
  std::uint32_t cycles = 0, tokens = 0, tiles = 0, errors = 0, recon_accesses = 0, recon_waits = 0;
};

struct RunResult {
  std::vector<std::vector<std::int64_t>> sums;  ///< per tile [tokens][logical columns], as the core gave them
  std::uint64_t cycles = 0;  ///< from the first offer of a weight row to the last partial sums, inclusive
  std::uint64_t compute_cycles = 0;  ///< from the first launch to the last partial sums
  Counters counters;
  unsigned protocol_errors = 0;  ///< protocol_error_o at the end
};

/// Runs tiles on a model of the core through its ports: streams weight rows and tokens as fast as the core
/// accepts them (or with random stalls), collects partial sums. Checks on the way that partial sums come
/// exactly `latency` cycles after their launch, as many as were launched, with `last` where it belongs.
class Driver {
 public:
  /// Pulses reset. @param seed of the stalls.
  Driver(Model model, const Dimensions& dimensions, unsigned seed = 1);

  /// One cycle of reset; also in the middle of anything.
  void reset();
  /// The stalls that follow depend on this seed only.
  void seed_stalls(unsigned seed) { random_.seed(seed); }
  /// Runs jobs back to back. Errors: the core broke its protocol, or nothing moved for a long time (a hang),
  /// in words.
  [[nodiscard]] Result<RunResult> run(std::span<const TileJob> jobs, const Stalls& stalls = {});
  /// Stops in the middle after so many cycles (for tests of reset); what came out is dropped.
  void run_cycles(std::span<const TileJob> jobs, int cycles);

  /// Called in every cycle with settled inputs and outputs, before the clock edge (for recording).
  std::function<void(const Model&)> on_cycle;

  [[nodiscard]] Model& model() { return model_; }

 private:
  struct Streams;
  void offer(Streams& s, const Stalls& stalls);
  Result<> observe(Streams& s, RunResult& result);
  bool chance(double probability);
  /// Promises so many words of the load port without a pause.
  void follow(int steps);
  // Inputs that the core has to ignore are never zero: ports without an offer, and lists without an
  // identifier.
  std::uint32_t noise();
  void noise(ModelPort& port);
  void fill_ignored(LoadWord& word);

  Model model_;
  Dimensions d_;
  std::mt19937 random_;
  std::uint64_t noise_ = 1;
  ModelPort rst_n_, clear_, load_valid_, load_ready_, load_mode4_, load_interval_, load_gap_, load_follow_,
      load_weights_, load_has_, load_scale_, load_list_, act_valid_, act_ready_, act_last_, act_data_,
      psum_valid_, psum_last_, psum_, psum_soon_valid_, psum_soon_last_;
};

}  // namespace msq::tb
