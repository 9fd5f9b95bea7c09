#include "golden/exec/sum_groups.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "golden/exec/gemm.hpp"
#include "golden/exec/plan.hpp"
#include "golden/exec/plan_inline.hpp"
#include "golden/exec/rounding.hpp"
#include "tests/exec/random_tensor.hpp"

namespace msq::golden {
namespace {

/// 8 rows, bands of four rows with a unit for each micro-block.
ArraySizes narrow_array(int sum_bits, int shift_max = kOutlierShiftLimit) {
  return {8, 8, 1, std::make_shared<InlinePlanner>(UnitLimits{4, 1, 8}), {sum_bits, 127, shift_max}};
}

Tile random_tile(testing::Random& random, int bits, int rows) {
  const Format format{.bits = bits, .micro_block = 4};
  const QuantizedTensor tensor = testing::random_tensor(random, format, Axis::reduction, rows, 8, 0, 0);
  return extract_tile(tensor, 0, 0, rows, 8);
}

/// Every weight at the limit of its format, an outlier at position 0 of each micro-block.
QuantizedTensor hostile_tensor(int bits, std::int64_t k, std::int64_t n, int shift) {
  QuantizedTensor w;
  w.format = {.bits = bits, .micro_block = 4};
  w.outlier_shift_max = shift;
  w.k = k;
  w.n = n;
  w.codes.assign(static_cast<std::size_t>(k * w.n_padded()), inlier_code(w.format, qmax(w.format)));
  const Halves halves =
      PaperEncoding::outlier_halves(w.format, false, PaperEncoding::significand_max(w.format));
  for (std::size_t block = 0; block < w.codes.size(); block += 4) {
    w.codes[block] = halves.upper;
    w.codes[block + 1] = halves.lower;
  }
  w.blocks.assign(static_cast<std::size_t>(k * w.blocks_per_row()),
                  {static_cast<std::uint8_t>(shift), {{0, 1}}});
  w.scales.assign(static_cast<std::size_t>(w.groups() * n), 0);
  return w;
}

TEST(SumGroups, OneGroupWhereAllFits) {
  testing::Random random(1);
  const Tile tile = random_tile(random, 4, 8);
  EXPECT_EQ(sum_groups(tile, {}), RowGroups{});
  EXPECT_EQ(sum_groups(tile, {.bits = 40}), RowGroups{});
  EXPECT_EQ(group_count({}), 1);
  EXPECT_EQ(rows_in({}, 0, 3), std::vector<bool>(3, true));
}

// By the rule anew: a row joins the first group in which the sums of all columns fit.
TEST(SumGroups, FollowTheirRule) {
  testing::Random random(2);
  int split = 0;
  for (int run = 0; run < 300; ++run) {
    const Tile tile = random_tile(random, run % 2 == 0 ? 2 : 4, 16);
    std::vector<int> shifts(16);
    for (int& shift : shifts) shift = run % 3 == 0 ? random.between(0, 2) : 0;
    const std::vector<std::int64_t> bounds = row_bounds(tile, 127, shifts);
    const int bits = 2 + magnitude_bits(*std::max_element(bounds.begin(), bounds.end())) + run % 3 - 1;
    const RowGroups groups = sum_groups(tile, {.bits = bits}, shifts);
    split += groups.empty() ? 0 : 1;
    std::vector<int> expected;
    for (int row = 0; row < 16; ++row) {
      for (int group = 0;; ++group) {
        const auto fits = [&](int column) {
          std::int64_t sum = bounds[tile.code_index(row, column)];
          for (int other = 0; other < row; ++other) {
            if (expected[static_cast<std::size_t>(other)] == group)
              sum += bounds[tile.code_index(other, column)];
          }
          return sum < std::int64_t{1} << (bits - 1);
        };
        bool all = true;
        for (int column = 0; column < tile.columns; ++column) all = all && fits(column);
        if (!all) continue;
        expected.push_back(group);
        break;
      }
    }
    if (groups.empty()) {
      EXPECT_EQ(expected, RowGroups(16, 0)) << run;
    } else {
      EXPECT_EQ(groups, expected) << run;
    }
  }
  EXPECT_GT(split, 100);
}

TEST(SumGroups, ARowThatDoesNotFitIsRefused) {
  Tile tile = make_tile({.bits = 4, .micro_block = 4}, 2, 4);
  tile.codes[tile.code_index(1, 2)] = 7;  // 28 quarters of 127: 3,556, 13 bits with the sign
  EXPECT_EQ(sum_groups(tile, {.bits = 13}), RowGroups{});
  EXPECT_THROW((void)sum_groups(tile, {.bits = 12}), std::logic_error);
}

// Each part fits the sums, and together they are the tile.
TEST(SumGroups, PartsFitAndAddUp) {
  testing::Random random(3);
  long extra = 0;
  for (int run = 0; run < 200; ++run) {
    const int bits = run % 2 == 0 ? 2 : 4;
    const int places = bits == 2 ? 16 : 8;
    const Tile tile = random_tile(random, bits, places);
    const std::vector<std::int64_t> bounds = row_bounds(tile, 127);
    const int width = 1 + magnitude_bits(*std::max_element(bounds.begin(), bounds.end()));
    const ArraySizes array = narrow_array(width);
    std::vector<PlannedTile> plan;
    plan_tile(*array.planner, {{outlier_lanes(tile), sum_groups(tile, array.sums)}, {}}, 0, 1, plan);
    std::vector<std::int64_t> weights(tile.codes.size(), 0);
    for (const PlannedTile& planned : plan) {
      const Tile part = weights_of(tile, planned);
      ASSERT_TRUE(validate(part)) << run;
      EXPECT_FALSE(prove_accumulator(part, width, 127)) << run;
      const std::vector<std::int64_t> own = integer_weights(part);
      for (std::size_t i = 0; i < own.size(); ++i) {
        EXPECT_TRUE(own[i] == 0 || weights[i] == 0) << "a weight in two parts";
        weights[i] += own[i];
      }
    }
    EXPECT_EQ(weights, integer_weights(tile)) << run;
    extra += std::ssize(plan) - 1;
  }
  EXPECT_GT(extra, 100);
}

// All weights as large as the format has them, in sums that hold one of them: exact, in many parts.
TEST(SumGroups, AHostileTensorRuns) {
  for (const int bits : {2, 4}) {
    const QuantizedTensor w = hostile_tensor(bits, 40, 12, 7);
    const QuantizedActivations x{8, 128, 2, 40, std::vector<std::int8_t>(80, 127), {0, 0}};
    const int width = bits == 2 ? 18 : 20;  // 127 * 7 * 2^7 = 113,792; 127 * 31 * 2^7 = 503,936
    EXPECT_FALSE(prove_rows(w, 128, 16, width, 127, 7));
    const auto too_narrow = prove_rows(w, 128, 16, width - 1, 127, 7);
    ASSERT_TRUE(too_narrow);
    EXPECT_EQ(too_narrow->k0, 0);
    EXPECT_EQ(too_narrow->needed_bits, width);
    const auto parts = count_tiles(narrow_array(width), w, 128);
    EXPECT_GT(parts.extra, 3 * parts.tiles);
    const auto narrow = gemm(narrow_array(width), w, x);
    ASSERT_TRUE(narrow) << narrow.error();
    EXPECT_EQ(*narrow, gemm(w, x, 16).value());
  }
}

// An array that shifts less computes outliers with larger shifts several times.
TEST(SumGroups, LargerShiftsAreTilesMore) {
  for (const int bits : {2, 4}) {
    QuantizedTensor w = hostile_tensor(bits, 40, 12, 7);
    const auto blocks = static_cast<std::size_t>(w.blocks_per_row());
    for (std::size_t b = 0; b < w.blocks.size(); ++b)
      w.blocks[b].shift = b / blocks == 3 ? 5 : b / blocks == 17 ? 3 : 1;
    const QuantizedActivations x{8, 128, 2, 40, std::vector<std::int8_t>(80, -127), {0, 0}};
    const auto whole = gemm(w, x, 16).value();
    const std::int64_t usual = count_tiles(narrow_array(64, 5), w, 128).extra;
    std::int64_t before = usual;
    for (const int shift_max : {4, 3, 2, 1}) {
      const ArraySizes array = narrow_array(shift_max == 1 ? 14 : 64, shift_max);
      const std::int64_t extra = count_tiles(array, w, 128).extra;
      EXPECT_GT(extra, before);
      before = extra;
      EXPECT_EQ(gemm(array, w, x).value(), whole) << shift_max;
    }
  }
}

// Rows with another shift in tiles of their own: 2^excess times, with the largest that there is.
TEST(SumGroups, PartsOfARaisedOutlier) {
  QuantizedTensor w = hostile_tensor(4, 8, 8, 5);
  for (std::size_t b = 2; b < w.blocks.size(); ++b) w.blocks[b] = {};
  w.blocks[1].shift = 1;
  const ArraySizes array = narrow_array(64, 3);
  const LayerCut cut(array, w, 128);
  std::vector<PlannedTile> plan;
  plan_tile(*array.planner, TensorDemands(array, w, cut).at(cut.place(0)), 0, 1, plan);
  ASSERT_EQ(plan.size(), 1U + 4U);  // an excess of 2
  const Tile tile = tile_at(array, w, cut.place(0));
  const Tile first = weights_of(tile, plan[0]);
  EXPECT_FALSE(first.block(0, 0).has_outliers());
  EXPECT_EQ(first.block(0, 1).shift, 1);
  EXPECT_EQ(first.code(0, 0), 0);
  EXPECT_EQ(first.code(0, 2), tile.code(0, 2));
  for (std::size_t part = 1; part < 5; ++part) {
    const Tile raised = weights_of(tile, plan[part]);
    EXPECT_EQ(raised.block(0, 0).shift, 3);
    EXPECT_EQ(raised.code(0, 0), tile.code(0, 0));
    EXPECT_EQ(raised.code(0, 2), 0);
    EXPECT_FALSE(raised.block(0, 1).has_outliers());
    EXPECT_EQ(plan[part].more, part < 4);
  }
}

TEST(SumGroups, ShiftsOfRowsCount) {
  testing::Random random(4);
  const QuantizedTensor w = testing::random_tensor(random, {.bits = 4, .micro_block = 4, .macro_block = 32},
                                                   Axis::output, 24, 64, -3, 3);
  const WeightAlignment alignment(w, split_rows(w, 128, 8));
  ASSERT_GT(alignment.max_row_shift(), 0);
  int width = 10;
  while (prove_rows(w, 128, 8, width, 127, 15)) ++width;
  const ArraySizes array = narrow_array(width);
  const LayerCut cut(array, w, 128);
  const TensorDemands demands(array, w, cut);
  for (std::int64_t tile = 0; tile < cut.tiles(); ++tile) {
    const TilePlace place = cut.place(tile);
    std::vector<PlannedTile> plan;
    plan_tile(*array.planner, demands.at(place), tile, 1, plan);
    std::vector<int> shifts = alignment.row_shifts(place.range, place.n0);
    shifts.resize(8, 0);
    for (const PlannedTile& planned : plan)
      EXPECT_FALSE(prove_accumulator(weights_of(tile_at(array, w, place), planned), width, 127, shifts))
          << tile;
  }
}

}  // namespace
}  // namespace msq::golden
