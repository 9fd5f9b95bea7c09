// Directed cases on whole cores: the contract's worked example, tile switches, reset, protocol errors, cycle
// counts.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <numeric>
#include <optional>

#include "gen/arch/paths/path.hpp"
#include "golden/exec/gemm.hpp"
#include "golden/exec/plan.hpp"
#include "golden/exec/schedule.hpp"
#include "golden/quantize/routing.hpp"
#include "tb/host/array_sizes.hpp"
#include "tb/host/operands.hpp"
#include "tests/coverage/coverage_run.hpp"
#include "tests/system/core_fixture.hpp"
#include "tests/system/random_gemm.hpp"

namespace msq::tests {
namespace {

using golden::Tile;

/// Bits of protocol_error_o.
enum Error : unsigned { header = 1, list = 2, clash = 4, gap = 8 };

tb::TileJob job_of(const Tile& tile, int tokens, std::vector<std::int8_t> activations, int interval = 1,
                   int gap_cycles = 1) {
  return {tile, interval, gap_cycles, tokens, std::move(activations)};
}

/// Row `row` of a mode 2 tile from eight 2-bit codes and one list entry.
void set_row(Tile& tile, int row, const std::vector<int>& codes, std::vector<golden::OutlierPair> pairs,
             int shift) {
  for (int n = 0; n < tile.columns; ++n)
    tile.codes[tile.code_index(row, n)] = static_cast<std::uint8_t>(codes[static_cast<std::size_t>(n)]);
  tile.blocks[tile.block_index(row, 0)] = {static_cast<std::uint8_t>(shift), std::move(pairs)};
}

class WorkedExample : public ::testing::Test {
 protected:
  /// Row 0 brings iAcc = 8 steps to column 1 (weight 1, x = 8), row 1 is the example (x = 32).
  std::vector<std::int64_t> sums_of(int upper, int lower) {
    Tile tile = golden::make_tile({.bits = 2, .micro_block = 8, .macro_block = 128}, 4, 8);
    set_row(tile, 0, {0, 1, 0, 0, 0, 0, 0, 0}, {}, 0);
    set_row(tile, 1, {1, upper, 0, 1, 3, lower, 1, 3}, {{1, 5}}, 0);
    Core core("recon-4x4-mode2");
    const std::vector<tb::TileJob> jobs = {job_of(tile, 1, {8, 32, 0, 0})};
    const auto result = core.driver.run(jobs);
    if (!result) throw std::runtime_error(result.error());
    return result->sums[0];
  }
};

TEST_F(WorkedExample, NegativeOutlier) {  // -1.5: Upper {1,1}, Lower {1,0}
  EXPECT_EQ(sums_of(0b11, 0b10), (std::vector<std::int64_t>{128, 32 - 192, 0, 128, -128, 0, 128, -128}));
}

TEST_F(WorkedExample, PositiveTwin) {  // +1.5: 56 steps = 224 quarters
  EXPECT_EQ(sums_of(0b01, 0b00), (std::vector<std::int64_t>{128, 224, 0, 128, -128, 0, 128, -128}));
}

TEST_F(WorkedExample, MinusZeroHalves) {  // -1.0: both halves minus zero
  EXPECT_EQ(sums_of(0b10, 0b10), (std::vector<std::int64_t>{128, 32 - 128, 0, 128, -128, 0, 128, -128}));
}

/// Tiles of `tokens` tokens each from a random source, scheduled for the core.
std::vector<tb::TileJob> steady_tiles(Core& core, int tiles, int tokens, std::uint32_t seed, bool flagged) {
  RandomGemm random(core.config, seed);
  std::vector<Tile> drawn;
  std::vector<golden::PlannedTile> plan;
  const golden::PlannerPointer planner = tb::core_sizes(core.design.dimensions).planner;
  while (static_cast<int>(drawn.size()) < tiles) {
    Tile tile = random.tile();
    const auto flags = golden::flagged_rows(tile);
    if (flagged != (std::count(flags.begin(), flags.end(), true) > 1)) continue;
    golden::plan_tile(*planner, {{golden::outlier_lanes(tile), {}}, {}}, std::ssize(drawn), tokens, plan);
    drawn.push_back(std::move(tile));
  }
  golden::set_launch_gaps(*planner, plan);
  std::vector<tb::TileJob> jobs;
  for (std::size_t i = 0; i < drawn.size(); ++i)
    jobs.push_back(
        tb::make_job(drawn[i], golden::schedule_of(plan[i]), tokens, random.activations(drawn[i], tokens)));
  return jobs;
}

TEST(Cycles, PlainTilesFollowEachOtherWithoutABubble) {
  Core core("none-4x4");
  const int tiles = 7;
  const int tokens = 20;  // more than a load and the way down the array
  const auto jobs = steady_tiles(core, tiles, tokens, 5, false);
  const auto result = core.driver.run(jobs);
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->compute_cycles,
            static_cast<std::uint64_t>(tiles * tokens + core.design.dimensions.latency));
  // Before the first launch: four weight rows, one cycle each, but those that may follow it.
  EXPECT_EQ(result->cycles,
            result->compute_cycles + 4 - static_cast<std::uint64_t>(core.design.dimensions.early_steps));
}

TEST(Cycles, FlaggedTilesTakeWhatTheScheduleSays) {
  Core core("recon-4x4");
  const int tokens = 24;
  const auto jobs = steady_tiles(core, 6, tokens, 9, true);
  const auto result = core.driver.run(jobs);
  ASSERT_TRUE(result) << result.error();
  std::int64_t launches = 0;
  std::uint32_t waits = 0;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    ASSERT_GT(jobs[i].initiation_interval, 1);
    launches +=
        golden::launch_cycles(tokens, jobs[i].initiation_interval) + (i == 0 ? 0 : jobs[i].launch_gap);
    const auto flags = golden::flagged_rows(jobs[i].tile);
    const auto rows = static_cast<std::uint32_t>(std::count(flags.begin(), flags.end(), true));
    // Every token except a tile's first waits for its slot; the first waits if its gap exceeds one cycle.
    waits += rows * static_cast<std::uint32_t>(tokens - 1 + (i > 0 && jobs[i].launch_gap > 1 ? 1 : 0));
  }
  EXPECT_EQ(result->compute_cycles,
            static_cast<std::uint64_t>(launches + core.design.dimensions.latency + 1));
  EXPECT_EQ(result->counters.recon_waits, waits);
}

TEST(Cycles, OneTokenWaitsForNothing) {
  Core core("recon-4x4");
  const auto result = core.driver.run(steady_tiles(core, 1, 1, 3, true));
  ASSERT_TRUE(result) << result.error();
  EXPECT_GT(result->counters.recon_accesses, 1u);
  EXPECT_EQ(result->counters.recon_waits, 0u);
}

TEST(Cycles, LoadFollowsTheTileBefore) {
  // One token per tile: the next load runs down the array behind the token, each row in the cycle in which
  // the tile before leaves it, and the token begins before the last rows are there: a tile takes rows cycles.
  Core core("none-16x4");
  const int tiles = 20;
  const auto result = core.driver.run(steady_tiles(core, tiles, 1, 5, false));
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->compute_cycles,
            static_cast<std::uint64_t>((tiles - 1) * 16 + core.design.dimensions.latency + 1));
}

class Headers : public ::testing::TestWithParam<const char*> {};

/// A tile without outliers, so that any interval and gap is legal.
Tile plain_tile(const Core& core, int bits) {
  Tile tile = golden::make_tile(tb::array_format(core.config, bits), core.config.logical_rows(bits),
                                core.config.logical_columns(bits));
  std::fill(tile.codes.begin(), tile.codes.end(), std::uint8_t{1});
  return tile;
}

TEST_P(Headers, EveryBitOfIntervalAndGapCounts) {
  Core core(GetParam());
  std::vector<int> values = {255, 170, 85};
  for (int bit = 0; bit < 8; ++bit) values.push_back(1 << bit);
  const int tokens = 24;  // in which the next tile is loaded
  const auto x = [](int n) { return std::vector<std::int8_t>(static_cast<std::size_t>(4 * n), 1); };
  const auto cycles = [&](int interval, int gap) {
    const std::vector<tb::TileJob> jobs = {job_of(plain_tile(core, 2), tokens, x(tokens), interval, 1),
                                           job_of(plain_tile(core, 4), 2, x(2), 1, gap)};
    const auto result = core.driver.run(jobs);
    EXPECT_TRUE(result) << result.error();
    return result ? static_cast<int>(result->compute_cycles) : 0;
  };
  for (const int value : values) {
    const int rest = core.design.dimensions.latency + 1;
    EXPECT_EQ(cycles(value, 1), (tokens - 1) * value + 1 + 1 + rest) << "interval " << value;
    EXPECT_EQ(cycles(1, value), (tokens - 1) + value + 1 + rest) << "gap " << value;
  }
}

INSTANTIATE_TEST_SUITE_P(Paths, Headers,
                         ::testing::Values("recon-4x4", "none-4x4", "inline-4x4-bands-of-2",
                                           "recon-4x4-full-range"),
                         by_config);

class LongRuns : public ::testing::TestWithParam<const char*> {};

// Counters are 32 bits wide and count every token, tile and use of ReCoN, not only the first few thousand.
TEST_P(LongRuns, EveryEventCounts) {
  Core core(GetParam());
  Comparison totals;
  const int tokens = (1 << 17) - 1;  // every bit so far is set at the end
  RandomGemm random(core.config, 6);
  Tile tile = random.tile();
  const auto flags = [&] { return golden::flagged_rows(tile); };
  const Dimensions& d = core.design.dimensions;
  const bool counts = d.path->counts_accesses();
  while (counts && flags() != std::vector<bool>(4, true)) tile = random.tile();
  if (d.repeats) tile = plain_tile(core, 2);
  const auto x = random.activations(tile, tokens);
  const int interval = d.path->unit_rows(d).value_or(1);
  const auto one = core.driver.run(std::vector<tb::TileJob>{job_of(tile, tokens, x, interval)});
  ASSERT_TRUE(one) << one.error();
  EXPECT_EQ(one->counters.tokens, static_cast<std::uint32_t>(tokens));
  EXPECT_EQ(one->counters.cycles, one->cycles);
  if (counts) {
    EXPECT_EQ(one->counters.recon_accesses, static_cast<std::uint32_t>(4 * tokens));
    EXPECT_EQ(one->counters.recon_waits, static_cast<std::uint32_t>(4 * (tokens - 1)));
  }
  const Tile plain = plain_tile(core, 2);
  std::vector<tb::TileJob> jobs;
  for (int i = 0; i < (1 << 13) - 1; ++i) jobs.push_back(job_of(plain, 1, random.activations(plain, 1)));
  run_and_compare(core, jobs, {}, 6, totals);
  EXPECT_EQ(totals.mismatched, 0);
  EXPECT_GT(totals.compared, 0);
  // 255 tiles without an interval.
  const std::vector<tb::TileJob> wrong(255, job_of(plain, 1, random.activations(plain, 1), 0));
  const auto errors = core.driver.run(wrong);
  ASSERT_TRUE(errors) << errors.error();
  EXPECT_EQ(errors->counters.errors, 255U);
  if (!counts) return;
  // Two rows on one unit, with every token except the first.
  Tile two = plain_tile(core, 2);
  for (const int row : {0, 1}) two.blocks[two.block_index(row, 0)] = {0, {{0, 1}}};
  const auto result = core.driver.run(std::vector<tb::TileJob>{job_of(two, tokens, x)});
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->counters.errors, static_cast<std::uint32_t>(tokens - 1));
}

// The first launch of a tile in the cycle that clears.
TEST_P(LongRuns, ClearingCountsNothingOfItsCycle) {
  Core core(GetParam());
  auto clear = core.driver.model().port("clear_counters_i");
  int launches = 0;
  core.driver.on_cycle = [&](const tb::Model& model) {
    const bool launch = model.port("act_valid_i").get() != 0 && model.port("act_ready_o").get() != 0;
    if (!launch && launches == 0) return;
    clear.set(launch && launches++ == 0);
    core.driver.model().eval();
  };
  const int tokens = 20;
  const std::vector<std::int8_t> x(4 * tokens, 1);
  const auto result = core.driver.run(std::vector<tb::TileJob>{job_of(plain_tile(core, 2), tokens, x)});
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->counters.tokens, static_cast<std::uint32_t>(tokens - 1));
  EXPECT_EQ(result->counters.tiles, 0U);
}

// Before reset counters hold anything: of many states every bit is seen at the ports both as 0 and as 1.
TEST_P(LongRuns, EveryBitOfACounterHasAPort) {
  const Core core(GetParam());
  std::vector<const char*> ports = {"count_cycles_o", "count_tokens_o", "count_tiles_o", "count_errors_o"};
  if (core.design.dimensions.path->counts_accesses())
    ports.insert(ports.end(), {"count_recon_accesses_o", "count_recon_waits_o"});
  std::vector<std::uint64_t> ones(ports.size()), zeros(ports.size());
  const auto build = build_bench_model(core.design, tb::Flavour::check);
  ASSERT_TRUE(build) << build.error();
  for (unsigned k = 1; k <= 64; ++k) {
    // Verilator's random states of neighbouring seeds are alike.
    auto model = tb::Model::open(build->library, k * 7'919'777 % 2'147'483'647);
    ASSERT_TRUE(model) << model.error();
    model->eval();
    for (std::size_t i = 0; i < ports.size(); ++i) {
      const auto value = model->port(ports[i]).get();
      ones[i] |= value;
      zeros[i] |= ~value & 0xffffffffU;
    }
  }
  for (std::size_t i = 0; i < ports.size(); ++i) {
    EXPECT_EQ(ones[i], 0xffffffffU) << ports[i];
    EXPECT_EQ(zeros[i], 0xffffffffU) << ports[i];
  }
}

INSTANTIATE_TEST_SUITE_P(Paths, LongRuns,
                         ::testing::Values("recon-4x4", "none-4x4", "inline-4x4-bands-of-2",
                                           "recon-4x4-full-range", "none-8x4-trees-of-4",
                                           "inline-4x4-full-range", "recon-4x4-mode2"),
                         by_config);

TEST(Reset, InTheMiddleOfAnything) {
  Core core("recon-4x4");
  Comparison totals;
  for (int cycle = 1; cycle < 80; ++cycle) {
    RandomGemm random(core.config, static_cast<std::uint32_t>(cycle));
    core.driver.run_cycles(random.sequence(4), cycle);
    core.driver.reset();
    run_and_compare(core, random.sequence(3), {}, static_cast<std::uint32_t>(cycle), totals);
    ASSERT_EQ(totals.mismatched, 0) << "reset after " << cycle << " cycles";
  }
  EXPECT_GT(totals.compared, 0);
}

class InitialState : public ::testing::TestWithParam<const char*> {};

/// Registers and memories begin with random values: results, counters and cycles are the same.
TEST_P(InitialState, DoesNotMatter) {
  std::optional<tb::RunResult> first;
  for (unsigned seed = 1; seed <= 8; ++seed) {
    Core core(GetParam(), seed);
    Comparison totals;
    RandomGemm random(core.config, 77);
    const auto jobs = random.sequence(5);
    const auto result = core.driver.run(jobs);
    ASSERT_TRUE(result) << result.error();
    if (!first) first = *result;
    EXPECT_EQ(result->sums, first->sums) << "initial state " << seed;
    EXPECT_EQ(result->cycles, first->cycles) << "initial state " << seed;
    run_and_compare(core, jobs, {}, seed, totals);
    EXPECT_EQ(totals.mismatched, 0);
    EXPECT_GT(totals.compared, 0);
  }
}

TEST_P(InitialState, ResetInTheMiddle) {
  Core core(GetParam(), 3);
  Comparison totals;
  for (int cycle = 1; cycle < 60; ++cycle) {
    RandomGemm random(core.config, 900 + static_cast<std::uint32_t>(cycle));
    core.driver.run_cycles(random.sequence(4), cycle);
    core.driver.reset();
    run_and_compare(core, random.sequence(3), random.stalls(), static_cast<std::uint32_t>(cycle), totals);
    ASSERT_EQ(totals.mismatched, 0) << "reset after " << cycle << " cycles";
  }
  EXPECT_GT(totals.compared, 0);
}

INSTANTIATE_TEST_SUITE_P(Paths, InitialState,
                         ::testing::Values("recon-4x4", "none-4x4", "inline-4x4-bands-of-2-skew-1",
                                           "recon-4x4-full-range", "inline-8x8-full-range"),
                         by_config);

/// Verilator's code keeps a pointer to the state of the last model that was made or run.
TEST(Reset, AModelOutlivesAnotherOfItsLibrary) {
  Comparison totals;
  {
    Core core("recon-4x4", 1);
    { const Core other("recon-4x4", 2); }
    RandomGemm random(core.config, 78);
    run_and_compare(core, random.sequence(5), {}, 78, totals);
    { const Core other("recon-4x4", 3); }
  }
  EXPECT_EQ(totals.mismatched, 0);
  EXPECT_GT(totals.compared, 0);
}

class ProtocolErrors : public ::testing::Test {
 protected:
  ProtocolErrors() : core("recon-4x4") {}

  /// Mode 2 tile (8 columns, micro-blocks of 4) with one outlier in each of the given rows.
  static Tile flagged_tile(const std::vector<int>& rows) {
    Tile tile = golden::make_tile({.bits = 2, .micro_block = 4, .macro_block = 128}, 4, 8);
    for (const int r : rows) tile.blocks[tile.block_index(r, 0)] = {0, {{0, 1}}};
    return tile;
  }
  static std::vector<std::int8_t> ones(int tokens) {
    return std::vector<std::int8_t>(static_cast<std::size_t>(4 * tokens), 1);
  }

  void expect(const std::vector<tb::TileJob>& jobs, unsigned kinds) {
    const auto result = core.driver.run(jobs);
    ASSERT_TRUE(result) << result.error();  // an error never makes the core hang
    EXPECT_EQ(result->protocol_errors, kinds);
    EXPECT_EQ(result->counters.errors > 0, kinds != 0);
    // The core works on, and after the counters are cleared the error is gone.
    Comparison totals;
    RandomGemm random(core.config, 4);
    run_and_compare(core, random.sequence(3), {}, 4, totals);
    EXPECT_EQ(totals.mismatched, 0);
  }

  Core core;
};

TEST_F(ProtocolErrors, None) { expect({job_of(flagged_tile({0, 1}), 4, ones(4), 2)}, 0); }
TEST_F(ProtocolErrors, TwoRowsInOneSlot) { expect({job_of(flagged_tile({0, 1}), 4, ones(4), 1)}, clash); }
TEST_F(ProtocolErrors, TwoRowsOfNeighbouringTilesInOneSlot) {
  expect({job_of(flagged_tile({3}), 1, ones(1)), job_of(flagged_tile({0, 1, 2, 3}), 1, ones(1), 1, 1)},
         0);  // the load keeps them apart
  expect({job_of(flagged_tile({3}), 30, ones(30)), job_of(flagged_tile({2, 3}), 1, ones(1), 1, 1)},
         clash | gap);
}
TEST_F(ProtocolErrors, GapTooShortForARowThatBecomesFlagged) {
  expect({job_of(flagged_tile({}), 30, ones(30)),
          job_of(flagged_tile({0}), 1, ones(1), 1, core.design.dimensions.lead)},
         gap);
  expect({job_of(flagged_tile({}), 30, ones(30)),
          job_of(flagged_tile({0}), 1, ones(1), 1, core.design.dimensions.lead + 1)},
         0);
}
TEST_F(ProtocolErrors, IntervalOrGapZero) {
  expect({job_of(flagged_tile({}), 2, ones(2), 0)}, header);
  expect({job_of(flagged_tile({}), 2, ones(2), 1, 0)}, header);
}
TEST_F(ProtocolErrors, ListThatNamesAPositionTwice) {
  Tile tile = flagged_tile({});
  for (const std::vector<golden::OutlierPair>& pairs :
       {std::vector<golden::OutlierPair>{{0, 1}, {2, 0}}, {{2, 0}, {3, 0}}, {{1, 0}, {1, 3}}}) {
    tile.blocks[tile.block_index(0, 0)] = {0, pairs};
    expect({job_of(tile, 1, ones(1))}, list);
  }
}
TEST(ProtocolErrorsLists, UnroutableList) {
  // With micro-blocks of four every list of distinct positions routes; with eight some do not.
  Core core("recon-8x8");
  int refused = 0;
  for (int code = 0; code < 8 * 8 * 8 * 8; ++code) {
    const auto at = [code](int i) { return static_cast<std::uint8_t>(code >> (3 * i) & 7); };
    if (at(0) >= at(1) || at(2) == at(3) || at(0) == at(2) || at(0) == at(3) || at(1) == at(2) ||
        at(1) == at(3))
      continue;
    const std::vector<golden::OutlierPair> pairs = {{at(0), at(2)}, {at(1), at(3)}};
    Tile tile = golden::make_tile({.bits = 4, .micro_block = 8, .macro_block = 128}, 8, 8);
    tile.blocks[tile.block_index(3, 0)] = {0, pairs};
    const bool routes = golden::routable(pairs, 8);
    const auto result =
        core.driver.run(std::vector<tb::TileJob>{job_of(tile, 1, std::vector<std::int8_t>(8, 1))});
    ASSERT_TRUE(result) << result.error();
    ASSERT_EQ(result->protocol_errors, routes ? 0u : static_cast<unsigned>(list)) << code;
    refused += routes ? 0 : 1;
  }
  EXPECT_GT(refused, 0);
}
TEST_F(ProtocolErrors, ShiftBeyondTheLargest) {
  Tile tile = flagged_tile({2});
  tile.blocks[tile.block_index(2, 0)].shift = 8;
  expect({job_of(tile, 1, ones(1))}, list);
  tile.blocks[tile.block_index(2, 0)].shift = 255;
  expect({job_of(tile, 1, ones(1))}, list);
}
TEST_F(ProtocolErrors, FieldThatMode4DoesNotHave) {
  // Mode 4 has one micro-block of four columns per field pair: a 2-bit tile's second field, loaded as mode 4.
  Tile tile = golden::make_tile({.bits = 4, .micro_block = 4, .macro_block = 128}, 4, 4);
  tb::TileJob job = job_of(tile, 1, ones(1));
  auto port = core.driver.model().port("load_has_outliers_i");
  core.driver.on_cycle = [&](const tb::Model& model) {
    if (model.port("load_valid_i").get() != 0) port.set(2);
    core.driver.model().eval();
  };
  const auto result = core.driver.run(std::vector<tb::TileJob>{job});
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->protocol_errors, static_cast<unsigned>(list));
}

TEST(ProtocolErrorsOneMode, ModeNotSupported) {
  Core core("recon-4x4-mode2");
  tb::TileJob job =
      job_of(golden::make_tile({.bits = 2, .micro_block = 8, .macro_block = 128}, 4, 8), 1, {1, 1, 1, 1});
  auto port = core.driver.model().port("load_mode4_i");
  core.driver.on_cycle = [&](const tb::Model&) {
    port.set(1);
    core.driver.model().eval();
  };
  const auto result = core.driver.run(std::vector<tb::TileJob>{job});
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->protocol_errors, static_cast<unsigned>(header));
}

class Large : public testing::TestWithParam<const char*> {};

TEST_P(Large, OneTileOn64x64) {
  Core core(GetParam(), 1, tb::Flavour::fast);
  Comparison totals;
  for (const int bits : {2, 4}) {
    core.config.modes = {bits};
    RandomGemm one_mode(core.config, static_cast<std::uint32_t>(bits));
    run_and_compare(core, one_mode.sequence(1), {}, static_cast<std::uint32_t>(bits), totals);
  }
  fmt::print("64x64: {} partial sums compared, {} mismatched\n", totals.compared, totals.mismatched);
  EXPECT_GT(totals.compared, 0);
  EXPECT_EQ(totals.mismatched, 0);
}

INSTANTIATE_TEST_SUITE_P(Cores, Large, testing::Values("recon-64x64-default-top", "inline-64x64"), by_config);

}  // namespace
}  // namespace msq::tests
