// Anything at the load port of a core of every path: weights, metadata, modes and schedules, legal or not.

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <utility>

#include "tests/system/core_fixture.hpp"
#include "tests/system/random_gemm.hpp"

namespace msq::tests {
namespace {

class Anything : public ::testing::TestWithParam<const char*> {};

/// All sums come, none twice, and the tiles afterwards are right.
TEST_P(Anything, AtTheLoadPort) {
  Core core(GetParam());
  std::mt19937_64 random(5);
  RandomGemm gemm(core.config, 5);
  unsigned seen = 0;
  for (int round = 0; round < 40; ++round) {
    std::vector<std::pair<tb::ModelPort, std::uint64_t>> ports;  // with the bits that change
    for (const verilog::Port& port : core.design.ports) {
      const bool load = port.direction == verilog::Direction::input && port.name.starts_with("load_");
      // A promise that is not kept is no word that could come.
      if (!load || port.name == "load_valid_i" || port.name == "load_follow_i") continue;
      // Long intervals and gaps in some rounds only: they take long.
      const bool schedule = port.name == "load_interval_i" || port.name == "load_gap_i";
      const int bits = schedule && round % 4 != 0 ? 2 : port.type.width;
      ports.emplace_back(core.driver.model().port(port.name), ~std::uint64_t{0} >> (64 - bits));
    }
    bool held = false;  // an offer that was not accepted stays as it is
    std::vector<std::uint64_t> values(ports.size());
    core.driver.on_cycle = [&](const tb::Model& model) {
      for (std::size_t i = 0; i < ports.size(); ++i) {
        if (!held) values[i] = random() & ports[i].second;
        ports[i].first.set(values[i]);
      }
      core.driver.model().eval();
      held = model.port("load_valid_i").get() != 0 && model.port("load_ready_o").get() == 0;
    };
    const auto result = core.driver.run(gemm.sequence(2));
    ASSERT_TRUE(result) << "round " << round << ": " << result.error();
    seen |= result->protocol_errors;
    core.driver.on_cycle = nullptr;
    Comparison totals;
    run_and_compare(core, gemm.sequence(2), {}, static_cast<std::uint32_t>(round), totals);
    ASSERT_GT(totals.compared, 0) << "round " << round;
    ASSERT_EQ(totals.mismatched, 0) << "round " << round;
  }
  EXPECT_NE(seen & 1U, 0U);                                 // a header that is not legal
  EXPECT_EQ((seen & 2U) != 0, core.config.has_outliers());  // a list
}

INSTANTIATE_TEST_SUITE_P(Paths, Anything,
                         ::testing::Values("recon-4x4", "recon-4x4-mode2", "recon-4x4-full-range", "none-4x4",
                                           "none-8x4-trees-of-4", "inline-4x4-full-range",
                                           "inline-4x4-bands-of-2", "inline-4x8-mode2-bands-of-2",
                                           "inline-4x4-full-range-bands-of-2"),
                         by_config);

}  // namespace
}  // namespace msq::tests
