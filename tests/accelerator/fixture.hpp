#pragma once

#include <string>

#include "gen/arch/design.hpp"
#include "tb/host/output_packet.hpp"
#include "tb/sim/accelerator.hpp"
#include "tb/sim/build_model.hpp"
#include "tests/support/configs.hpp"

namespace msq::tests {

/// Configuration, design and model of one accelerator. Throws the tool's message if it cannot be built.
struct Bench {
  explicit Bench(const Config& configuration, unsigned seed = 1, tb::Flavour flavour = tb::Flavour::check);
  /// `name` is one of test_config().
  explicit Bench(const std::string& name, unsigned seed = 1, tb::Flavour flavour = tb::Flavour::check);
  ~Bench();
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;
  Config config;
  Design design;
  tb::Accelerator accelerator;
};

struct Tally {
  long jobs = 0;
  long outputs = 0;  ///< elements compared
};

/// Runs a job and compares every bit of the outputs with the golden model, the counters with the job. Reports
/// with `where`.
void run_and_compare(Bench& bench, std::span<const golden::QuantizedTensor> parts,
                     const golden::QuantizedActivations& activations, const tb::AcceleratorJob& job,
                     const tb::AcceleratorTraffic& traffic, const std::string& where, Tally& tally);

/// Random jobs from `seed` on.
Tally run_random(Bench& bench, int jobs, std::uint32_t seed);

}  // namespace msq::tests
