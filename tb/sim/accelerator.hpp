#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
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

/// Behaviour of a port: probability of a stall in a cycle, and maximum number of beats per cycle on
/// average.
struct Traffic {
  double stall = 0;
  double beats_per_cycle = 1;
};

struct AcceleratorTraffic {
  Traffic weights, activations, outputs;
};

/// Fields of the status register.
struct AcceleratorStatus {
  explicit AcceleratorStatus(std::uint32_t word)
      : busy((word & 1U) != 0),
        done((word >> 1 & 1U) != 0),
        error((word >> 2 & 1U) != 0),
        interrupt((word >> 3 & 1U) != 0),
        queued((word >> 8 & 1U) != 0),
        code(word >> 4 & 0xfU) {}
  bool busy, done, error, interrupt, queued;
  unsigned code;  ///< error code
};

/// Results of a job.
struct AcceleratorResult {
  bool done = false, error = false;
  unsigned code = 0;  ///< error code of the status register
  std::vector<Packet> outputs;
  /// Counter registers by name without "count_".
  std::map<std::string, std::uint32_t> counters;
  std::uint64_t cycles = 0;  ///< from the write of `start` to the interrupt
};

/// A model of msq_top with everything on its ports: registers, input streams with stalls, output stream with
/// back-pressure. The streams continue while registers are accessed. Checks on the way that the output stream
/// holds each beat offered until accepted.
class Accelerator {
 public:
  Accelerator(Model model, const Design& design, unsigned seed = 1);
  Accelerator(Accelerator&&) noexcept;
  ~Accelerator();

  /// A cycle of reset, also in the middle of anything, and one after it.
  void reset();
  /// The stalls that follow depend on this seed only.
  void seed_stalls(unsigned seed) { random_.seed(seed); }
  void write_register(std::string_view name, std::uint32_t value);
  [[nodiscard]] std::uint32_t read_register(std::string_view name);
  /// Writes 1 to these fields of the register `control`, and enables the interrupt.
  void control(std::initializer_list<std::string_view> pulses);

  /// Sets the registers, starts, streams the packets, and waits for the interrupt. Error: nothing moved for a
  /// long time (a hang), or the output stream broke its protocol.
  [[nodiscard]] Result<AcceleratorResult> run(const AcceleratorJob& job,
                                              const AcceleratorTraffic& traffic = {});
  /// The same, but stops after so many cycles, wherever the job is.
  void run_cycles(const AcceleratorJob& job, std::uint64_t cycles, const AcceleratorTraffic& traffic = {});
  /// Ends all jobs by the register `control`, and takes what the output stream still offers.
  void clear();

  /// Runs jobs in a row: each is started as soon as none waits. @return the packets of all outputs. Errors as
  /// those of run(), and an error of a job, by its code.
  [[nodiscard]] Result<std::vector<Packet>> run_queue(std::span<const AcceleratorJob* const> jobs,
                                                      const AcceleratorTraffic& traffic = {});

  // Step by step: packets are fed job by job, while registers are accessed and cycles pass.

  /// Packets for the input streams, behind those that are left. The job must outlive them.
  void feed(const AcceleratorJob& job);
  /// How the ports move from now on; the output stream is taken.
  void set_traffic(const AcceleratorTraffic& traffic);
  /// Fields of the status register.
  [[nodiscard]] AcceleratorStatus status();
  /// Drops the packets that are left; the output stream is not taken any more. A beat on offer stays until it
  /// is accepted.
  void stop_traffic();
  /// Drops the packets that are left and the beats on offer, as a reset of the DMA engines does.
  void withdraw();
  /// Writes the settings of a job and `start`; feeds nothing.
  void start(const AcceleratorJob& job);
  /// One cycle. Errors as those of run().
  [[nodiscard]] Result<> step();
  /// Packets that came since the last call; the last one may be open.
  [[nodiscard]] std::vector<Packet> take_outputs();

  /// Called in every cycle with settled inputs and outputs, before the clock edge.
  std::function<void(const Model&)> on_cycle;
  [[nodiscard]] Model& model() { return model_; }

 private:
  struct Source;
  struct Sink;
  void cycle();
  /// Starts a job alone and streams its packets.
  void begin(const AcceleratorJob& job, const AcceleratorTraffic& traffic);
  [[nodiscard]] std::uint64_t offset_of(std::string_view name) const;
  /// Cycles up to and including the first one in which the output is high.
  void wait_for(std::string_view name);
  [[nodiscard]] ModelPort port(std::string_view name) const;

  Model model_;
  std::vector<Register> registers_;
  int output_bits_;
  std::mt19937 random_;
  std::uint64_t moved_at_ = 0;  ///< last cycle in which a stream moved
  std::unique_ptr<Source> weights_, activations_;
  std::unique_ptr<Sink> outputs_;
};

}  // namespace msq::tb
