#include "model/core.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "gen/arch/design.hpp"
#include "golden/exec/mapping.hpp"
#include "golden/exec/tile.hpp"
#include "model/pattern.hpp"
#include "tb/host/array_sizes.hpp"
#include "tb/sim/build_model.hpp"
#include "tb/sim/driver.hpp"
#include "tb/sim/model.hpp"
#include "tests/support/configs.hpp"

namespace msq::model {
namespace {

/// Decode on a plain array: a tile every ROWS + 2 cycles.
TEST(Core, OneTokenATile) {
  const CoreTiming timing{.rows = 8, .units = 1, .lead = 0, .column_groups = 1};
  const std::vector<golden::TileRun> tiles(5, {std::vector<bool>(8, false), 1});
  EXPECT_EQ(run_core(timing, tiles).cycles, 8 + 4 * (8 + 2) + (8 + 2 + 1) + 1);
}

/// Three of four rows share a unit: tokens every 3 cycles, all except the first held back.
TEST(Core, IntervalHoldsTokensBack) {
  const CoreTiming timing{.rows = 4, .units = 1, .lead = 2, .column_groups = 1};
  const std::vector<golden::TileRun> tiles = {{{true, false, true, true}, 10}};
  const CoreRun run = run_core(timing, tiles);
  EXPECT_EQ(run.accesses, 30);
  EXPECT_EQ(run.waited, 27);
  EXPECT_EQ(run.cycles, 4 + 9 * 3 + (4 + 2 + 2 + 1) + 1);
  EXPECT_DOUBLE_EQ(run.mean_interval, 3);
}

golden::Tile tile_of(const TilePattern& pattern, int columns) {
  golden::Tile tile = golden::make_tile({.bits = 4, .micro_block = 4}, pattern.rows(), columns);
  for (int row = 0; row < pattern.rows(); ++row) {
    for (int block = 0; block < pattern.blocks(); ++block) {
      if (pattern.at(row, block)) tile.blocks[tile.block_index(row, block)].pairs.push_back({0, 1});
    }
  }
  return tile;
}

/// Cycles, accesses and waits of the generated core, simulated.
void expect_equal(const std::string& config, const std::vector<int>& tokens, double rate) {
  SCOPED_TRACE(config + " rate " + std::to_string(rate));
  const Design design = build_design(tests::test_config(config));
  const auto built = tb::build_model(design, tb::Flavour::check, MSQ_MODELS);
  ASSERT_TRUE(built) << built.error();
  const CoreTiming timing = CoreTiming::of(design.dimensions);
  const int columns = design.config.logical_columns(4);
  const auto patterns = random_patterns(static_cast<int>(tokens.size()), timing.rows, columns / 4, rate, 3);
  std::vector<golden::TileRun> runs;
  for (std::size_t i = 0; i < tokens.size(); ++i) runs.push_back({patterns[i].flagged_rows(), tokens[i]});
  const auto schedules = golden::schedule_tiles(runs, timing.units, timing.lead);
  std::vector<tb::TileJob> jobs;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::vector<std::int8_t> zeros(static_cast<std::size_t>(tokens[i] * timing.rows));
    jobs.push_back(tb::make_job(tile_of(patterns[i], columns), schedules[i], tokens[i], zeros));
  }
  auto model = tb::Model::open(built->library, 1);
  ASSERT_TRUE(model) << model.error();
  const auto got = tb::Driver(std::move(*model), design.dimensions, 1).run(jobs, {});
  ASSERT_TRUE(got) << got.error();
  const CoreRun expected = run_core(timing, runs);
  EXPECT_EQ(static_cast<std::int64_t>(got->cycles), expected.cycles);
  EXPECT_EQ(static_cast<std::int64_t>(got->counters.recon_accesses), expected.accesses);
  EXPECT_EQ(static_cast<std::int64_t>(got->counters.recon_waits), expected.waited);
}

TEST(Core, EqualToTheGeneratedCore) {
  std::mt19937 random(5);
  std::vector<int> mixed;
  for (int i = 0; i < 60; ++i) mixed.push_back(1 + static_cast<int>(random() % (i % 2 == 0 ? 4 : 20)));
  const std::vector<int> ones(30, 1);
  for (const char* config : {"recon-8x4", "recon-8x8-block-4-two-units"}) {
    for (const double rate : {0.0, 0.1, 0.5}) {
      expect_equal(config, mixed, rate);
      expect_equal(config, ones, rate);
    }
  }
  expect_equal("none-8x4", mixed, 0.0);
}

/// The same on path `inline` or `none`: a tile whose outliers find no unit is several, and no token waits.
void expect_equal_with_trees(const std::string& config, const std::vector<int>& tokens, double rate) {
  SCOPED_TRACE(config + " rate " + std::to_string(rate));
  const Design design = build_design(tests::test_config(config));
  const auto built = tb::build_model(design, tb::Flavour::check, MSQ_MODELS);
  ASSERT_TRUE(built) << built.error();
  const CoreTiming timing = CoreTiming::of(design.dimensions);
  ASSERT_EQ(timing.tree_rows, design.dimensions.tree_rows);
  const int columns = design.config.logical_columns(4);
  const auto patterns = random_patterns(static_cast<int>(tokens.size()), timing.rows, columns / 4, rate, 3);
  const auto planner = tb::core_sizes(design.dimensions).planner;
  std::vector<golden::TileRun> runs;
  std::vector<tb::TileJob> jobs;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::vector<std::int8_t> ones(static_cast<std::size_t>(tokens[i] * timing.rows), 1);
    const golden::Tile tile = tile_of(patterns[i], columns);
    std::vector<golden::PlannedTile> plan;
    golden::plan_tile(*planner, {{golden::outlier_lanes(tile), {}}, {}}, 0, tokens[i], plan);
    for (const golden::PlannedTile& part : plan) {
      runs.push_back({part.part.flagged, tokens[i]});
      jobs.push_back(
          {golden::permute_rows(golden::weights_of(tile, part), part.part.order), 1, 1, tokens[i], ones});
    }
  }
  EXPECT_EQ(runs.size() > tokens.size(), rate > 0);
  auto model = tb::Model::open(built->library, 1);
  ASSERT_TRUE(model) << model.error();
  const auto got = tb::Driver(std::move(*model), design.dimensions, 1).run(jobs, {});
  ASSERT_TRUE(got) << got.error();
  EXPECT_EQ(got->protocol_errors, 0U);
  const CoreRun expected = run_core(timing, runs);
  EXPECT_EQ(static_cast<std::int64_t>(got->cycles), expected.cycles);
  EXPECT_EQ(got->counters.recon_accesses, 0U);
}

// Bands of 2, 4, 8 and 16 rows: weights are loaded row by row, tokens pass a band in a cycle.
TEST(Core, EqualToTheGeneratedCoreWithTrees) {
  std::mt19937 random(6);
  std::vector<int> mixed;
  for (int i = 0; i < 40; ++i) mixed.push_back(1 + static_cast<int>(random() % (i % 2 == 0 ? 4 : 20)));
  const std::vector<int> ones(30, 1);
  for (const char* config : {"inline-8x4-bands-of-2", "inline-8x8-block-4-bands-of-4",
                             "inline-16x4-bands-of-8-one-unit", "inline-32x4-bands-of-16"}) {
    for (const double rate : {0.0, 0.4}) {
      expect_equal_with_trees(config, mixed, rate);
      expect_equal_with_trees(config, ones, rate);
    }
  }
  expect_equal_with_trees("none-8x4-trees-of-4", mixed, 0.0);
  expect_equal_with_trees("inline-8x4", ones, 0.0);
}

}  // namespace
}  // namespace msq::model
