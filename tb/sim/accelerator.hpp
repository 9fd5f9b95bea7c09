#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gen/arch/design.hpp"
#include "support/result.hpp"
#include "tb/host/job.hpp"
#include "tb/sim/model.hpp"

namespace msq::tb {

/// How a port behaves: in a cycle it stalls with a probability, and it moves at most so many beats a cycle on
/// average.
struct Traffic {
  double stall = 0;
  double beats_per_cycle = 1;
};

struct AcceleratorTraffic {
  Traffic weights, activations, outputs;
};

/// What a job left behind.
struct AcceleratorResult {
  bool done = false, error = false;
  unsigned code = 0;  ///< error code of the status register
  std::vector<Packet> outputs;
  /// Counter registers by name without "count_".
  std::map<std::string, std::uint32_t> counters;
  std::uint64_t cycles = 0;  ///< from the write of `start` to the interrupt
};

/// A model of msq_top with everything on its ports: registers, input streams with stalls, output stream with
/// back-pressure. Checks on the way that the output stream holds what it offers until it is taken.
class Accelerator {
 public:
  Accelerator(Model model, const Design& design, unsigned seed = 1);

  /// One cycle of reset; also in the middle of anything.
  void reset();
  /// The stalls that follow depend on this seed only.
  void seed_stalls(unsigned seed) { random_.seed(seed); }
  void write_register(std::string_view name, std::uint32_t value);
  [[nodiscard]] std::uint32_t read_register(std::string_view name);

  /// Sets the registers, starts, streams the packets, and waits for the interrupt. Error: nothing moved for a
  /// long time (a hang), or the output stream broke its protocol.
  [[nodiscard]] Result<AcceleratorResult> run(const AcceleratorJob& job,
                                              const AcceleratorTraffic& traffic = {});
  /// The same, but stops after so many cycles, wherever the job is.
  void run_cycles(const AcceleratorJob& job, std::uint64_t cycles, const AcceleratorTraffic& traffic = {});
  /// Ends a job by the register `control`, and takes what the output stream still offers.
  void clear();

  /// Called in every cycle with settled inputs and outputs, before the clock edge.
  std::function<void(const Model&)> on_cycle;
  [[nodiscard]] Model& model() { return model_; }

 private:
  struct Source;
  struct Sink;
  void program(const AcceleratorJob& job);
  Result<AcceleratorResult> stream(const AcceleratorJob& job, const AcceleratorTraffic& traffic,
                                   std::uint64_t limit);
  /// One cycle; beats of a job that was left are offered until they are accepted.
  void cycle();
  /// Drops them: in reset and with a clear only.
  void withdraw_beats();
  [[nodiscard]] ModelPort port(std::string_view name) const;

  Model model_;
  std::vector<Register> registers_;
  int output_bits_;
  std::mt19937 random_;
};

}  // namespace msq::tb
