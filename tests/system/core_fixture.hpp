#pragma once

#include <string>
#include <vector>

#include "gen/arch/design.hpp"
#include "tb/sim/build_model.hpp"
#include "tb/sim/driver.hpp"
#include "tests/support/configs.hpp"

namespace msq::tests {

/// Design, compiled model and driver of one configuration. Aborts the test with the tool's message if it
/// cannot be built.
struct Core {
  explicit Core(const Config& configuration, unsigned seed = 1, tb::Flavour flavour = tb::Flavour::check);
  /// `name` is one of test_config().
  explicit Core(const std::string& name, unsigned seed = 1, tb::Flavour flavour = tb::Flavour::check);
  ~Core();
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;
  Config config;
  Design design;
  tb::Driver driver;
};

/// Totals over a run of the random tests.
struct Comparison {
  long gemms = 0;
  long compared = 0;
  long mismatched = 0;
};

/// Runs jobs and compares every partial sum with the golden model, the counters with the jobs sent. Reports
/// seed, config, tile, column, expected and got of the first mismatch, and how to get a waveform of it.
void run_and_compare(Core& core, const std::vector<tb::TileJob>& jobs, const tb::Stalls& stalls,
                     std::uint32_t seed, Comparison& totals);

/// `gemms` random GEMMs from `seed` on.
Comparison run_random(Core& core, long gemms, std::uint32_t seed);

/// True if MSQ_FULL is set: the long form of the tests.
bool full_run();

}  // namespace msq::tests
