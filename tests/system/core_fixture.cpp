#include "tests/system/core_fixture.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <stdexcept>

#include "gen/arch/paths/path.hpp"
#include "golden/exec/gemm.hpp"
#include "tests/coverage/coverage_run.hpp"
#include "tests/system/random_gemm.hpp"

namespace msq::tests {
namespace {

tb::Model build_and_open(const Design& design, tb::Flavour flavour, unsigned seed) {
  auto build = build_bench_model(design, flavour);
  if (!build) throw std::runtime_error(build.error());
  auto model = tb::Model::open(build->library, seed);
  if (!model) throw std::runtime_error(model.error());
  return std::move(*model);
}

/// Checks the counters after the jobs, from the jobs alone.
void check_counters(const Core& core, const std::vector<tb::TileJob>& jobs, const tb::RunResult& result) {
  std::uint32_t tokens = 0;
  std::uint32_t accesses = 0;
  for (const tb::TileJob& job : jobs) {
    const auto flagged = golden::flagged_rows(job.tile);
    const auto rows = static_cast<std::uint32_t>(std::count(flagged.begin(), flagged.end(), true));
    tokens += static_cast<std::uint32_t>(job.tokens);
    accesses += rows * static_cast<std::uint32_t>(job.tokens);
  }
  EXPECT_EQ(result.counters.tokens, tokens);
  EXPECT_EQ(result.counters.tiles, jobs.size());
  EXPECT_EQ(result.counters.cycles, result.cycles);
  EXPECT_EQ(result.counters.recon_accesses, core.design.dimensions.path->counts_accesses() ? accesses : 0);
  EXPECT_LE(result.counters.recon_waits, result.counters.recon_accesses);
  EXPECT_EQ(result.counters.errors, 0u);
  EXPECT_EQ(result.protocol_errors, 0u);
}

}  // namespace

Core::Core(const std::string& name, unsigned seed, tb::Flavour flavour)
    : Core(test_config(name), seed, flavour) {}

Core::Core(const Config& configuration, unsigned seed, tb::Flavour flavour)
    : config(configuration),
      design(build_design(config)),
      driver(build_and_open(design, flavour, seed), design.dimensions, seed) {}

Core::~Core() { save_coverage(driver.model(), design); }

void run_and_compare(Core& core, const std::vector<tb::TileJob>& jobs, const tb::Stalls& stalls,
                     std::uint32_t seed, Comparison& totals) {
  const std::string where = fmt::format("config {}, seed {}", core.config.name, seed);
  const auto result = core.driver.run(jobs, stalls);
  if (!result) {
    ++totals.mismatched;
    ADD_FAILURE() << where << ": " << result.error();
    core.driver.reset();
    return;
  }
  for (std::size_t t = 0; t < jobs.size(); ++t) {
    const auto expected = golden::tile_partial_sums(jobs[t].tile, jobs[t].activations, jobs[t].tokens);
    const auto& got = result->sums[t];
    ASSERT_EQ(got.size(), expected.size()) << where;
    ++totals.gemms;
    totals.compared += static_cast<long>(expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (got[i] == expected[i]) continue;
      if (totals.mismatched++ > 3) break;
      const auto columns = static_cast<std::size_t>(jobs[t].tile.columns);
      ADD_FAILURE()
          << where
          << fmt::format(
                 ": tile {} of {} (mode {}), token {} of {}, column {}: expected {}, got {}; II {}, gap {}\n"
                 "  waveform: MSQ_TRACE=fail.fst MSQ_SEED={} {}",
                 t, jobs.size(), jobs[t].tile.format.bits, i / columns, jobs[t].tokens, i % columns,
                 expected[i], got[i], jobs[t].initiation_interval, jobs[t].launch_gap, seed,
                 "system_test --gtest_filter=<this test>");
    }
  }
  check_counters(core, jobs, *result);
}

Comparison run_random(Core& core, long gemms, std::uint32_t seed) {
  Comparison totals;
  if (const char* only = std::getenv("MSQ_SEED")) {
    seed = static_cast<std::uint32_t>(std::strtoul(only, nullptr, 10));
    gemms = 1;
  }
  while (totals.gemms < gemms && totals.mismatched == 0) {
    RandomGemm random(core.config, seed);
    const int tiles = 1 + static_cast<int>(seed % 6);
    const auto jobs = random.sequence(tiles);
    run_and_compare(core, jobs, random.stalls(), seed, totals);
    ++seed;
  }
  return totals;
}

bool full_run() {
  const char* full = std::getenv("MSQ_FULL");
  return full != nullptr && *full == '1';
}

}  // namespace msq::tests
