#include "golden/exec/plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>

#include "golden/exec/plan_inline.hpp"
#include "golden/exec/plan_none.hpp"
#include "golden/exec/plan_recon.hpp"
#include "tests/exec/random_tensor.hpp"

namespace msq::golden {
namespace {

/// Arrays of every outlier path: a tile of codes of 2 bits has 8 columns, and 8 rows on path `recon`,
/// else 16.
const std::vector<ArraySizes> kArrays = {
    {8, 8, 1, std::make_shared<NonePlanner>(), {}},
    {8, 4, 2, std::make_shared<ReconPlanner>(ReconSizes{2, 3, Reordering::for_interval}, 8), {}},
    {8, 4, 2, std::make_shared<ReconPlanner>(ReconSizes{1, 2, Reordering::never}, 8), {}},
    {8, 4, 2, std::make_shared<ReconPlanner>(ReconSizes{8, 2, Reordering::always}, 8), {}},
    {8, 8, 1, std::make_shared<InlinePlanner>(UnitLimits{4, 1, 8}), {}},
    {8, 8, 1, std::make_shared<InlinePlanner>(UnitLimits{1, 2, 8}), {}},
};

OutlierLanes random_lanes(int rows, int blocks, int percent, std::mt19937& random) {
  OutlierLanes lanes = no_outliers(rows, blocks);
  for (std::uint16_t& lane : lanes.lanes) {
    if (static_cast<int>(random() % 100) < percent) lane = static_cast<std::uint16_t>(1U << random() % 4);
  }
  return lanes;
}

/// K x N codes of 2 bits, some micro-blocks of 4 with outliers.
QuantizedTensor tensor_with_outliers(std::int64_t k, std::int64_t n) {
  testing::Random random(5);
  while (true) {
    const QuantizedTensor tensor =
        testing::random_tensor(random, {.bits = 2, .micro_block = 4}, Axis::reduction, k, n, -3, 3);
    const auto outliers = std::count_if(tensor.blocks.begin(), tensor.blocks.end(),
                                        [](const MicroBlock& block) { return block.has_outliers(); });
    if (outliers > std::ssize(tensor.blocks) / 4) return tensor;
  }
}

TEST(Plan, PathNoneRunsTilesAsTheyAre) {
  const auto parts = NonePlanner().parts({{no_outliers(8, 2), {}}, {}}, 5);
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].order, natural_order(8));
  EXPECT_EQ(parts[0].flagged, std::vector<bool>(8, false));
  EXPECT_EQ(parts[0].initiation_interval, 1);
}

TEST(Plan, ReconReordersOnlyWhereThereIsAnInterval) {
  OutlierLanes lanes = no_outliers(8, 1);
  for (const int row : {1, 2}) lanes.at(row, 0) = 1;
  const auto order = [&](Reordering reordering, int tokens) {
    return ReconPlanner({2, 2, reordering}, 8).parts({{lanes, {}}, {}}, tokens)[0].order;
  };
  const std::vector<int> spread = {1, 0, 3, 4, 2, 5, 6, 7};
  EXPECT_EQ(order(Reordering::never, 2), natural_order(8));
  EXPECT_EQ(order(Reordering::for_interval, 1), natural_order(8));
  EXPECT_EQ(order(Reordering::for_interval, 2), spread);
  EXPECT_EQ(order(Reordering::always, 1), spread);
}

TEST(Plan, ReconIntervalAndFlagsFollowTheOrder) {
  OutlierLanes lanes = no_outliers(8, 1);
  for (const int row : {0, 2}) lanes.at(row, 0) = 1;
  const auto fixed = ReconPlanner({2, 2, Reordering::never}, 8).parts({{lanes, {}}, {}}, 2)[0];
  EXPECT_EQ(fixed.initiation_interval, 3);  // rows 0 and 2 of one band differ modulo 3, not modulo 1 or 2
  EXPECT_EQ(fixed.flagged, (std::vector<bool>{true, false, true, false, false, false, false, false}));
  const auto moved = ReconPlanner({2, 2, Reordering::for_interval}, 8).parts({{lanes, {}}, {}}, 2)[0];
  EXPECT_EQ(moved.initiation_interval, 1);
  EXPECT_EQ(moved.flagged, (std::vector<bool>{true, false, false, false, true, false, false, false}));
}

TEST(Plan, InlineRunsOutliersWithoutAUnitInFurtherParts) {
  OutlierLanes lanes = no_outliers(8, 1);
  for (int row = 0; row < 3; ++row) lanes.at(row, 0) = static_cast<std::uint16_t>(1U << row);
  std::vector<PlannedTile> plan;
  plan_tile(InlinePlanner({4, 1, 8}), {{lanes, {}}, {}}, 7, 3, plan);
  ASSERT_EQ(plan.size(), 2U);  // two bands of one unit take two of three outliers
  EXPECT_TRUE(plan[0].first && plan[0].more && !plan[1].first && !plan[1].more);
  for (const PlannedTile& part : plan) {
    EXPECT_EQ(part.tile, 7);
    EXPECT_EQ(part.tokens, 3);
    EXPECT_EQ(part.part.initiation_interval, 1);
  }
}

TEST(Plan, CutsColumnsBesideRows) {
  QuantizedTensor tensor;
  tensor.format = {.bits = 2, .micro_block = 4};
  tensor.k = 20;
  tensor.n = 19;
  const LayerCut cut(kArrays[0], tensor, 128);
  EXPECT_EQ(cut.k_tiles(), 2);
  EXPECT_EQ(cut.most_rows(), 16);
  EXPECT_EQ(cut.column_tiles(), 3);
  EXPECT_EQ(cut.tiles(), 6);
  const TilePlace place = cut.place(3);
  EXPECT_EQ(place.range, 1U);
  EXPECT_EQ(place.rows, (RowRange{16, 4}));
  EXPECT_EQ(place.n0, 8);
  EXPECT_EQ(place.columns, 8);
  const LayerCut shape(kArrays[0], 20, 19, 4, 128);
  EXPECT_EQ(shape.tiles(), 3 * 3);
  const LayerCut sum_apart(kArrays[1], tensor, 128);
  EXPECT_EQ(sum_apart.tiles(), 3 * 3);
}

TEST(Plan, OutliersAtAPlaceAreThoseOfItsTile) {
  const QuantizedTensor tensor = tensor_with_outliers(21, 27);
  const ArraySizes& array = kArrays[0];
  const LayerCut cut(array, tensor, 32);
  const TensorDemands demands(array, tensor, cut);
  long outliers = 0;
  for (std::int64_t t = 0; t < cut.tiles(); ++t) {
    const Tile tile = tile_at(array, tensor, cut.place(t));
    EXPECT_EQ(tile.rows, array.places(2));
    const OutlierLanes lanes = demands.at(cut.place(t)).outliers;
    EXPECT_EQ(lanes.lanes, outlier_lanes(tile).lanes) << t;
    outliers += std::count_if(lanes.lanes.begin(), lanes.lanes.end(), [](auto l) { return l != 0; });
  }
  EXPECT_GT(outliers, 0);
}

TEST(Plan, PassesSplitTokens) {
  const TokenPasses passes{13, 5};
  EXPECT_EQ(passes.count(), 3);
  EXPECT_EQ(passes.first(2), 10);
  EXPECT_EQ(passes.tokens(1), 5);
  EXPECT_EQ(passes.tokens(2), 3);
}

// Every pass is planned as one of its tokens; gaps run through all of them.
TEST(Plan, PlansEveryPass) {
  std::mt19937 random(7);
  for (const ArraySizes& array : kArrays) {
    const PlannerPointer& planner = array.planner;
    std::vector<TileDemand> tiles;
    for (int i = 0; i < 6; ++i) tiles.push_back({{random_lanes(array.places(2), 2, 20, random), {}}, {}});
    const TokenPasses passes{11, 5};
    std::vector<PlannedTile> expected;
    for (std::int64_t pass = 0; pass < passes.count(); ++pass) {
      for (std::size_t i = 0; i < tiles.size(); ++i)
        plan_tile(*planner, tiles[i], static_cast<std::int64_t>(i), passes.tokens(pass), expected);
    }
    set_launch_gaps(*planner, expected);
    const auto plan = plan_passes(*planner, tiles, passes);
    ASSERT_EQ(plan.size(), expected.size());
    for (std::size_t i = 0; i < plan.size(); ++i) {
      EXPECT_EQ(plan[i].tile, expected[i].tile);
      EXPECT_EQ(plan[i].tokens, expected[i].tokens);
      EXPECT_EQ(plan[i].part.order, expected[i].part.order);
      EXPECT_EQ(plan[i].part.flagged, expected[i].part.flagged);
      EXPECT_EQ(plan[i].part.initiation_interval, expected[i].part.initiation_interval);
      EXPECT_EQ(plan[i].launch_gap, expected[i].launch_gap);
      EXPECT_EQ(plan[i].more, expected[i].more);
    }
  }
}

TEST(Plan, CountsPartsBeyondTheTiles) {
  const QuantizedTensor tensor = tensor_with_outliers(40, 40);
  EXPECT_EQ(count_tiles(kArrays[1], tensor, 128).extra, 0);
  const ArraySizes& shared = kArrays[4];
  const LayerCut cut(shared, tensor, 128);
  std::int64_t extra = 0;
  for (std::int64_t t = 0; t < cut.tiles(); ++t)
    extra += std::ssize(map_to_units(tile_at(shared, tensor, cut.place(t)), UnitLimits{4, 1, 8})) - 1;
  const TileCount count = count_tiles(shared, tensor, 128);
  EXPECT_EQ(count.tiles, 15);
  EXPECT_EQ(count.extra, extra);
  EXPECT_GT(extra, 0);
}

}  // namespace
}  // namespace msq::golden
