// Directed cases of the inline outlier path on whole cores: the contract's worked example, tiles back to
// back, errors of the decoder, reset.

#include <gtest/gtest.h>

#include <numeric>

#include "golden/exec/gemm.hpp"
#include "golden/exec/mapping.hpp"
#include "tests/system/core_fixture.hpp"
#include "tests/system/random_gemm.hpp"

namespace msq::tests {
namespace {

using golden::Tile;

/// Bits of protocol_error_o; without a unit for an outlier it is the one of two rows on a unit.
enum Error : unsigned { header = 1, list = 2, no_unit = 4 };

tb::TileJob job_of(const Tile& tile, int tokens, std::vector<std::int8_t> x) {
  return {tile, 1, 1, tokens, std::move(x)};
}

/// The example of docs/reference/numerics.md in row 1, under a row that brings iAcc = 8 steps to column 1.
std::vector<std::int64_t> example(const char* config, int upper, int lower) {
  Tile tile = golden::make_tile({.bits = 2, .micro_block = 8, .macro_block = 128}, 8, 8);
  const std::vector<int> first = {0, 1, 0, 0, 0, 0, 0, 0};
  const std::vector<int> second = {1, upper, 0, 1, 3, lower, 1, 3};
  for (int n = 0; n < 8; ++n) {
    tile.codes[tile.code_index(0, n)] = static_cast<std::uint8_t>(first[static_cast<std::size_t>(n)]);
    tile.codes[tile.code_index(1, n)] = static_cast<std::uint8_t>(second[static_cast<std::size_t>(n)]);
  }
  tile.blocks[tile.block_index(1, 0)] = {0, {{1, 5}}};
  Core core(config);
  const auto result = core.driver.run(std::vector<tb::TileJob>{job_of(tile, 1, {8, 32, 0, 0, 0, 0, 0, 0})});
  if (!result) throw std::runtime_error(result.error());
  return result->sums[0];
}

class InlineExample : public testing::TestWithParam<const char*> {};

TEST_P(InlineExample, NegativeOutlier) {
  EXPECT_EQ(example(GetParam(), 0b11, 0b10),
            (std::vector<std::int64_t>{128, 32 - 192, 0, 128, -128, 0, 128, -128}));
}
TEST_P(InlineExample, PositiveTwin) {
  EXPECT_EQ(example(GetParam(), 0b01, 0b00),
            (std::vector<std::int64_t>{128, 224, 0, 128, -128, 0, 128, -128}));
}
TEST_P(InlineExample, MinusZeroHalves) {
  EXPECT_EQ(example(GetParam(), 0b10, 0b10),
            (std::vector<std::int64_t>{128, 32 - 128, 0, 128, -128, 0, 128, -128}));
}
INSTANTIATE_TEST_SUITE_P(Inline, InlineExample,
                         testing::Values("inline-4x8-mode2", "inline-4x8-mode2-bands-of-2"), by_config);

TEST(InlineCycles, TilesFollowEachOtherWithoutABubble) {
  // Every row of every tile holds outliers, and tokens still start in every cycle.
  for (const char* config : {"inline-4x8-mode2", "inline-4x4-bands-of-2"}) {
    Core core(config);
    const int bits = core.config.modes.front();
    Tile tile =
        golden::make_tile({.bits = bits, .micro_block = core.config.micro_block, .macro_block = 128}, 4, 8);
    for (int row = 0; row < 4; ++row) {
      const auto upper = static_cast<std::uint8_t>(row % 2);  // two of a band on different lanes
      tile.blocks[tile.block_index(row, 0)] = {3, {{upper, 2}}};
    }
    constexpr int kTokens = 40;
    const std::vector<tb::TileJob> jobs(5, job_of(tile, kTokens, std::vector<std::int8_t>(4 * kTokens, 3)));
    const auto result = core.driver.run(jobs);
    ASSERT_TRUE(result) << result.error();
    EXPECT_EQ(result->protocol_errors, 0U);
    EXPECT_EQ(result->compute_cycles,
              static_cast<std::uint64_t>(5 * kTokens + core.design.dimensions.latency));
    EXPECT_EQ(result->counters.recon_accesses, 0U);
  }
}

TEST(InlineCycles, TilesOfOneTokenTakeACyclePerRow) {
  // The first token of a tile is launched before the last rows of the tile are loaded.
  for (const char* config : {"inline-4x8-mode2", "inline-4x4-bands-of-2"}) {
    Core core(config);
    const Tile tile = golden::make_tile(
        {.bits = core.config.modes.front(), .micro_block = core.config.micro_block, .macro_block = 128}, 4,
        8);
    constexpr int kTiles = 20;
    const auto result = core.driver.run(std::vector<tb::TileJob>(kTiles, job_of(tile, 1, {3, 3, 3, 3})));
    ASSERT_TRUE(result) << result.error();
    EXPECT_EQ(result->protocol_errors, 0U);
    EXPECT_EQ(result->compute_cycles,
              static_cast<std::uint64_t>(4 * (kTiles - 1) + 1 + core.design.dimensions.latency))
        << config;
  }
}

class InlineErrors : public testing::Test {
 protected:
  /// Pairs of the first micro-block of each row of a mode 2 tile.
  void expect(const std::vector<golden::PairList>& rows, unsigned kinds, int shift = 0) {
    Tile tile = golden::make_tile({.bits = 2, .micro_block = 4, .macro_block = 128}, 4, 8);
    for (std::size_t row = 0; row < rows.size(); ++row)
      tile.blocks[tile.block_index(static_cast<int>(row), 0)] = {static_cast<std::uint8_t>(shift), rows[row]};
    const auto result = core.driver.run(std::vector<tb::TileJob>{job_of(tile, 1, {1, 1, 1, 1})});
    ASSERT_TRUE(result) << result.error();
    EXPECT_EQ(result->protocol_errors, kinds);
    EXPECT_EQ(result->counters.errors > 0, kinds != 0);
    Comparison totals;  // later tiles are right
    RandomGemm random(core.config, 4);
    run_and_compare(core, random.sequence(3), {}, 4, totals);
    EXPECT_EQ(totals.mismatched, 0);
  }

  Core core{"inline-4x4-bands-of-2"};
};

TEST_F(InlineErrors, AsManyAsUnits) {
  expect({{{0, 1}}, {{1, 0}}}, 0);
  expect({{{0, 1}, {2, 3}}, {}}, 0);
  expect({{}, {{0, 1}, {2, 3}}, {{0, 1}}, {{3, 1}}}, 0);
}
TEST_F(InlineErrors, MoreThanUnits) {
  expect({{{0, 1}, {2, 3}}, {{1, 0}}}, no_unit);
  expect({{}, {}, {{0, 1}}, {{1, 2}, {3, 0}}}, no_unit);
}
TEST_F(InlineErrors, TwoOnOneLane) {
  expect({{{2, 1}}, {{2, 0}}}, no_unit);
  expect({{}, {{2, 1}}, {{2, 0}}}, 0);  // of two bands
}
TEST_F(InlineErrors, PositionNamedTwice) {
  for (const golden::PairList& pairs : {golden::PairList{{0, 1}, {2, 0}}, {{2, 0}, {3, 0}}, {{1, 0}, {1, 3}}})
    expect({pairs}, list);
}
TEST_F(InlineErrors, ShiftBeyondTheLargest) {
  expect({{{0, 1}}}, list, 4);
  expect({{{0, 1}}}, list, 255);
  expect({{{0, 1}}}, 0, 3);
}

TEST_F(InlineErrors, IntervalOrGapZero) {
  const Tile tile = golden::make_tile({.bits = 2, .micro_block = 4, .macro_block = 128}, 4, 8);
  for (const auto& [interval, gap] : {std::pair{0, 1}, std::pair{1, 0}}) {
    const auto result =
        core.driver.run(std::vector<tb::TileJob>{{tile, interval, gap, 2, std::vector<std::int8_t>(8, 1)}});
    ASSERT_TRUE(result) << result.error();
    EXPECT_EQ(result->protocol_errors, static_cast<unsigned>(header));
  }
}
TEST_F(InlineErrors, FieldThatMode4DoesNotHave) {
  const Tile tile = golden::make_tile({.bits = 4, .micro_block = 4, .macro_block = 128}, 4, 4);
  auto port = core.driver.model().port("load_has_outliers_i");
  auto list_port = core.driver.model().port("load_list_i");  // empty: the field itself is wrong
  core.driver.on_cycle = [&](const tb::Model& model) {
    list_port.set(0);
    if (model.port("load_valid_i").get() != 0) port.set(2);
    core.driver.model().eval();
  };
  const auto result = core.driver.run(std::vector<tb::TileJob>{job_of(tile, 1, {1, 1, 1, 1})});
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->protocol_errors, static_cast<unsigned>(list));
}
TEST(InlineErrorsOneMode, ModeNotSupported) {
  Core core("inline-4x8-mode2-bands-of-2");
  auto port = core.driver.model().port("load_mode4_i");
  core.driver.on_cycle = [&](const tb::Model&) {
    port.set(1);
    core.driver.model().eval();
  };
  const Tile tile = golden::make_tile({.bits = 2, .micro_block = 8, .macro_block = 128}, 4, 8);
  const auto result = core.driver.run(std::vector<tb::TileJob>{job_of(tile, 1, {1, 1, 1, 1})});
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->protocol_errors, static_cast<unsigned>(header));
}

TEST(InlineReset, InTheMiddleOfAnything) {
  Core core("inline-4x4-bands-of-2");
  RandomGemm random(core.config, 3);
  for (int cycles = 1; cycles < 60; cycles += 3) {
    const auto jobs = random.sequence(3);
    core.driver.run_cycles(jobs, cycles);
    core.driver.reset();
    Comparison totals;
    run_and_compare(core, jobs, {}, static_cast<std::uint32_t>(cycles), totals);
    EXPECT_GT(totals.compared, 0);
    EXPECT_EQ(totals.mismatched, 0) << cycles;
  }
}

}  // namespace
}  // namespace msq::tests
