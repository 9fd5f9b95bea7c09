// Anything at the load port of a core of every path: weights, metadata, modes and schedules that change in
// every cycle, legal or not.

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <utility>

#include "tests/system/core_fixture.hpp"
#include "tests/system/random_gemm.hpp"

namespace msq::tests {
namespace {

struct Case {
  const char* name;
  const char* json;
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

class Anything : public ::testing::TestWithParam<Case> {};

/// All sums come, none twice, and the tiles afterwards are right.
TEST_P(Anything, AtTheLoadPort) {
  Core core(GetParam().json);
  std::mt19937_64 random(5);
  RandomGemm gemm(core.config, 5);
  const int lead = core.design.dimensions.lead;
  unsigned seen = 0;
  for (int round = 0; round < 40; ++round) {
    std::vector<std::pair<tb::ModelPort, std::uint64_t>> ports;  // with the bits that change
    for (const verilog::Port& port : core.design.ports) {
      const bool load = port.direction == verilog::Direction::input && port.name.starts_with("load_");
      if (!load || port.name == "load_valid_i") continue;
      // Long intervals and gaps in some rounds only: they take long.
      const bool schedule = port.name == "load_interval_i" || port.name == "load_gap_i";
      const int bits = schedule && round % 4 != 0 ? 2 : port.type.width;
      ports.emplace_back(core.driver.model().port(port.name), ~std::uint64_t{0} >> (64 - bits));
    }
    core.driver.on_cycle = [&](const tb::Model&) {
      for (auto& [port, mask] : ports) port.set(random() & mask);
      core.driver.model().eval();
    };
    const auto result = core.driver.run(gemm.sequence(2, lead));
    ASSERT_TRUE(result) << "round " << round << ": " << result.error();
    seen |= result->protocol_errors;
    core.driver.on_cycle = nullptr;
    Comparison totals;
    run_and_compare(core, gemm.sequence(2, lead), {}, static_cast<std::uint32_t>(round), totals);
    ASSERT_GT(totals.compared, 0) << "round " << round;
    ASSERT_EQ(totals.mismatched, 0) << "round " << round;
  }
  EXPECT_NE(seen & 1U, 0U);                                 // a header that is not legal
  EXPECT_EQ((seen & 2U) != 0, core.config.has_outliers());  // a list
}

INSTANTIATE_TEST_SUITE_P(
    Paths, Anything,
    ::testing::Values(
        Case{"recon", R"({"rows": 4, "cols": 4, "outlier_path": "recon", "micro_block": 4, "name": "t4x4"})"},
        Case{
            "recon_mode2",
            R"({"rows": 4, "cols": 4, "outlier_path": "recon", "modes": [2], "micro_block": 8, "name": "t4x4m2"})"},
        Case{
            "recon_full",
            R"({"rows": 4, "cols": 4, "outlier_path": "recon", "micro_block": 4, "encoding": "full_range", "name": "t4x4f"})"},
        Case{"none", R"({"rows": 4, "cols": 4, "micro_block": 4, "outlier_path": "none", "name": "t4x4n"})"},
        Case{
            "none_tree",
            R"({"rows": 8, "cols": 4, "micro_block": 4, "outlier_path": "none", "tree_rows": 4, "name": "t8x4n4"})"},
        Case{
            "inline_full",
            R"({"rows": 4, "cols": 4, "micro_block": 4, "encoding": "full_range", "outlier_path": "inline", "tree_rows": 1, "inline": {"units_per_block": 1}, "name": "i4x4f"})"},
        Case{
            "inline_tree",
            R"({"rows": 4, "cols": 4, "micro_block": 4, "outlier_path": "inline", "tree_rows": 2, "inline": {"units_per_block": 2}, "name": "i4x4e"})"},
        Case{
            "inline_tree_mode2",
            R"({"rows": 4, "cols": 4, "modes": [2], "micro_block": 8, "outlier_path": "inline", "inline": {"units_per_block": 1}, "tree_rows": 2, "name": "i4x4wt"})"},
        Case{
            "inline_tree_full",
            R"({"rows": 4, "cols": 4, "micro_block": 4, "encoding": "full_range", "outlier_path": "inline", "tree_rows": 2, "inline": {"units_per_block": 2}, "name": "i4x4ft"})"}),
    [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace msq::tests
