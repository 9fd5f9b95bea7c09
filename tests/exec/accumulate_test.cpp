#include "golden/exec/accumulate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "golden/exec/gemm.hpp"
#include "golden/exec/reference.hpp"
#include "golden/exec/rounding.hpp"
#include "tests/exec/random_tensor.hpp"

namespace msq::golden {
namespace {

using testing::Random;

/// One row per macro-block: weights[g] (inliers, bb = 4) with scales[g] in a single used column.
QuantizedTensor column_tensor(const std::vector<int>& weights, const std::vector<int>& scales) {
  QuantizedTensor tensor;
  tensor.format = {.bits = 4, .micro_block = 4, .macro_block = 32};
  tensor.k = 32 * static_cast<std::int64_t>(weights.size());
  tensor.n = 1;
  tensor.codes.assign(static_cast<std::size_t>(tensor.k * 4), 0);
  tensor.blocks.resize(static_cast<std::size_t>(tensor.k));
  for (std::size_t g = 0; g < weights.size(); ++g) {
    tensor.codes[g * 32 * 4] = static_cast<std::uint8_t>(weights[g] < 0 ? 8 - weights[g] : weights[g]);
    tensor.scales.push_back(static_cast<std::int8_t>(scales[g]));
  }
  return tensor;
}

/// One token; the activation at the first row of every block of 32, with its scale.
QuantizedActivations column_input(const std::vector<int>& values, const std::vector<int>& scales) {
  QuantizedActivations x{8, 32, 1, 32 * static_cast<std::int64_t>(values.size()), {}, {}};
  x.values.assign(static_cast<std::size_t>(x.k), 0);
  for (std::size_t g = 0; g < values.size(); ++g) {
    x.values[g * 32] = static_cast<std::int8_t>(values[g]);
    x.scales.push_back(static_cast<std::int8_t>(scales[g]));
  }
  return x;
}

GemmResult run(const QuantizedTensor& w, const QuantizedActivations& x, int rows = 32) {
  auto result = gemm(w, x, rows);
  EXPECT_TRUE(result.has_value()) << (result ? "" : result.error());
  return result.value_or(GemmResult{});
}

TEST(Rounding, HalfToEvenAgainstIntegers) {
  for (int shift = 0; shift <= 6; ++shift) {
    const int unit = 1 << shift;
    for (int value = -300; value <= 300; ++value) {
      // The nearest integer, and of two equally near ones the even one, found by search.
      int best = -400;
      for (int candidate = -301; candidate <= 301; ++candidate) {
        const int far = std::abs(candidate * unit - value);
        const int best_far = std::abs(best * unit - value);
        if (far < best_far || (far == best_far && candidate % 2 == 0)) best = candidate;
      }
      ASSERT_EQ(scale_half_even(value, -shift), best) << value << " / 2^" << shift;
    }
  }
}

TEST(Rounding, ExtremeShifts) {
  constexpr std::int64_t low = INT64_MIN;
  EXPECT_EQ(scale_half_even(low, -63), -1);
  EXPECT_EQ(scale_half_even(low, -64), 0);  // exactly a half
  EXPECT_EQ(scale_half_even(INT64_MAX, -63), 1);
  EXPECT_EQ(scale_half_even(INT64_MAX, -1000), 0);
  EXPECT_EQ(scale_half_even(0, 500), 0);
  EXPECT_EQ(scale_half_even(-3, 11), -6144);
  EXPECT_EQ(shift_right_half_even(~std::uint64_t{0}, 64), 1U);
  EXPECT_EQ(shift_right_half_even(std::uint64_t{3} << 62, 63), 2U);
  EXPECT_EQ(shift_right_half_even(std::uint64_t{5} << 61, 63), 1U);
}

TEST(Alignment, ReferencesFollowTheSpread) {
  // Imin = -2, Imax = 2: inside the spread. Xmin = 0, Xmax = 7: inside.
  const GemmResult inside = run(column_tensor({1, 1}, {-2, 2}), column_input({1, 1}, {0, 7}));
  EXPECT_EQ(inside.weight_reference, std::vector<int>{-2});
  EXPECT_EQ(inside.activation_reference, std::vector<int>{0});
  EXPECT_EQ(inside.exponent(0, 0), -4);
  EXPECT_EQ(inside.at(0, 0), 4 + (4 << 11));
  const GemmResult outside = run(column_tensor({1, 1}, {-3, 2}), column_input({1, 1}, {0, 8}));
  EXPECT_EQ(outside.weight_reference, std::vector<int>{-2});
  EXPECT_EQ(outside.activation_reference, std::vector<int>{1});
  EXPECT_EQ(outside.at(0, 0), 1 + (4 << 11));  // the first block is shifted right by two, still exact
}

TEST(Alignment, RoundsHalfToEvenPerTile) {
  // The big block is at 0, so Iref = -4; a block at -4 - s is shifted right by s.
  const auto small = [](int weight, int x, int s) {
    return run(column_tensor({weight, 1}, {-4 - s, 0}), column_input({x, 1}, {0, 0})).at(0, 0) - (4 << 4);
  };
  EXPECT_EQ(small(1, 1, 3), 0);  // 4/8: to even 0
  EXPECT_EQ(small(1, 3, 3), 2);  // 12/8: to even 2
  EXPECT_EQ(small(1, 5, 3), 2);  // 20/8: to even 2
  EXPECT_EQ(small(-1, 3, 3), -2);
  EXPECT_EQ(small(-1, 5, 3), -2);
  EXPECT_EQ(small(-1, 1, 3), 0);
  EXPECT_EQ(small(7, 127, 12), 1);  // 3556/4096
  EXPECT_EQ(small(7, 127, 13), 0);  // 3556/8192
  EXPECT_EQ(small(7, -127, 100), 0);
}

TEST(Alignment, OnlyTheSumOfBothShiftsRounds) {
  // Weight shift -3, activation shift +7: together +4, nothing is lost.
  const GemmResult r = run(column_tensor({1, 1}, {-7, 0}), column_input({1, 1}, {7, 0}));
  EXPECT_EQ(r.weight_reference[0], -4);
  EXPECT_EQ(r.activation_reference[0], 0);
  EXPECT_EQ(r.at(0, 0), (4 << 4) + (4 << 4));
}

TEST(Alignment, ZeroBlocksDoNotCountAndGenuineMinus127Does) {
  const GemmResult zero = run(column_tensor({0, 1}, {-127, 5}), column_input({1, 1}, {0, 0}));
  EXPECT_EQ(zero.weight_reference[0], 5);
  EXPECT_EQ(zero.at(0, 0), 4);
  // A zero block with an ordinary scale, larger than all others, does not count either.
  EXPECT_EQ(run(column_tensor({0, 1}, {60, 5}), column_input({1, 1}, {0, 0})).weight_reference[0], 5);
  // The same scale with a weight in it is a scale: it rounds to nothing beside the other, and stands alone.
  EXPECT_EQ(run(column_tensor({1, 1}, {-127, 5}), column_input({1, 1}, {0, 0})).weight_reference[0], 1);
  const GemmResult tiny = run(column_tensor({3, 0}, {-127, -127}), column_input({5, 0}, {-127, 0}));
  EXPECT_EQ(tiny.at(0, 0), 60);
  EXPECT_EQ(tiny.exponent(0, 0), -127 - 127 - 2);
}

TEST(Alignment, ActivationZeroBlocksDoNotCount) {
  const GemmResult r = run(column_tensor({1, 1}, {0, 0}), column_input({0, 2}, {-127, 3}));
  EXPECT_EQ(r.activation_reference[0], 3);
  EXPECT_EQ(r.at(0, 0), 8);
  EXPECT_EQ(run(column_tensor({1, 1}, {0, 0}), column_input({1, 2}, {-127, 3})).activation_reference[0], -4);
}

TEST(Alignment, AllZeroColumnAndToken) {
  const GemmResult r = run(column_tensor({0, 0}, {-127, -127}), column_input({0, 0}, {-127, -127}));
  EXPECT_EQ(r.weight_reference[0], -127);
  EXPECT_EQ(r.activation_reference[0], -127);
  EXPECT_EQ(r.at(0, 0), 0);
}

TEST(Alignment, OutputAxisShiftsRowsAndUsesTheTileMinimum) {
  QuantizedTensor tensor;
  tensor.format = {.bits = 4, .micro_block = 8, .macro_block = 32};
  tensor.axis = Axis::output;
  tensor.k = 4;
  tensor.n = 40;
  tensor.codes.assign(static_cast<std::size_t>(4 * 40), 1);
  std::fill_n(tensor.codes.begin() + 80, 32, std::uint8_t{0});
  tensor.blocks.resize(20);
  //               h=0, h=1 of each row; block (2, 0) is all zero
  tensor.scales = {3, 0, 5, 1, -127, -1, 9, 2};
  const WeightAlignment alignment(tensor, split_rows(tensor, 128, 4));
  ASSERT_EQ(alignment.ranges().size(), 1U);
  EXPECT_EQ(alignment.exponent(0, 0), 3);
  EXPECT_EQ(alignment.exponent(0, 31), 3);
  EXPECT_EQ(alignment.exponent(0, 32), -1);
  EXPECT_EQ(alignment.row_shifts(0, 5), (std::vector<int>{0, 2, 0, 6}));
  EXPECT_EQ(alignment.row_shifts(0, 39), (std::vector<int>{1, 2, 0, 3}));
  EXPECT_EQ(alignment.max_row_shift(), 6);
  const QuantizedActivations x{8, 128, 1, 4, {1, 2, 3, 4}, {0}};
  const GemmResult r = run(tensor, x, 4);
  EXPECT_EQ(r.at(0, 0), 4 * (1 + 2 * 4 + 4 * 64));
  EXPECT_EQ(r.exponent(0, 0), 3 - 2);
  EXPECT_EQ(r.at(0, 39), 4 * (2 + 2 * 4 + 3 + 4 * 8));
  EXPECT_EQ(r.exponent(0, 39), -1 - 2);
}

TEST(Alignment, OutputAxisTooFarApartIsRefused) {
  QuantizedTensor tensor;
  tensor.format = {.bits = 4, .micro_block = 4, .macro_block = 32};
  tensor.axis = Axis::output;
  tensor.k = 2;
  tensor.n = 4;
  tensor.codes.assign(8, 1);
  tensor.blocks.resize(2);
  tensor.scales = {0, 8};
  const QuantizedActivations x{8, 128, 1, 2, {1, 1}, {0}};
  const auto result = gemm(tensor, x, 2);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error(), "scales of the rows of a tile differ by 8 bits, allowed at most 7");
  tensor.scales = {0, 7};
  EXPECT_EQ(run(tensor, x, 2).at(0, 0), 4 + (4 << 7));
}

TEST(Accumulate, BadInputIsNamed) {
  const QuantizedTensor w = column_tensor({1}, {0});
  QuantizedActivations x = column_input({1, 1}, {0, 0});
  EXPECT_EQ(gemm(w, x, 8).error(), "activations have 64 columns, the weights 32 rows; they must be equal");
  x = column_input({1}, {0});
  EXPECT_EQ(gemm(w, x, 0).error(), "array rows 0, must be positive");
  EXPECT_EQ(OutputAccumulator::create(w, x, 8, 44).error(), "acc_bits 44, allowed 1..43");
  EXPECT_EQ(OutputAccumulator::create(w, x, 8, 0).error(), "acc_bits 0, allowed 1..43");
  EXPECT_TRUE(OutputAccumulator::create(w, x, 8, 43));
  EXPECT_TRUE(OutputAccumulator::create(w, x, 8, 1));
  x.m = 0;
  EXPECT_EQ(gemm(w, x, 8).error(), "empty matrix product: M = 0, K = 32, N = 1, all must be positive");
  x.m = 1;
  QuantizedTensor none = w;
  none.n = 0;
  EXPECT_EQ(gemm(none, x, 8).error(), "empty matrix product: M = 1, K = 32, N = 0, all must be positive");
  none = w;
  none.k = x.k = 0;
  EXPECT_EQ(gemm(none, x, 8).error(), "empty matrix product: M = 1, K = 0, N = 1, all must be positive");
  const QuantizedTensor tall = column_tensor(std::vector<int>(33, 1), std::vector<int>(33, 0));
  const QuantizedActivations long_x = column_input(std::vector<int>(33, 1), std::vector<int>(33, 0));
  EXPECT_EQ(gemm(tall, long_x, 1).error(), "K = 1056 needs 1056 tiles of 1 rows, allowed at most 1024");
  EXPECT_EQ(run(tall, long_x, 2).at(0, 0), 4 * 33);
}

TEST(Accumulate, SumsThatCannotBeAreBugs) {
  const QuantizedTensor w = column_tensor({1, 0}, {0, -127});
  const QuantizedActivations x = column_input({1, 1}, {0, 0});
  auto accumulator = OutputAccumulator::create(w, x, 32, 8);
  ASSERT_TRUE(accumulator.has_value());
  const std::vector<std::int64_t> wide = {128};
  const std::vector<std::int64_t> fits = {-128};
  EXPECT_THROW(accumulator->add(wide, 0, 0, 1, 0, 1), std::logic_error);
  EXPECT_NO_THROW(accumulator->add(fits, 0, 0, 1, 0, 1));
  EXPECT_THROW(accumulator->add(fits, 1, 0, 1, 0, 1), std::logic_error);  // that block is all zero
  EXPECT_THROW(accumulator->add(fits, 2, 0, 1, 0, 1), std::logic_error);
  EXPECT_THROW(accumulator->add(fits, 0, 0, 2, 0, 1), std::logic_error);
  EXPECT_EQ(accumulator->result().at(0, 0), -128);
}

TEST(Accumulate, TilesInAnyOrderAndShapeGiveTheSame) {
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    Random random(seed);
    const Format format = testing::random_format(random);
    const auto w = testing::random_tensor(random, format, Axis::reduction, random.between(1, 200),
                                          random.between(1, 40), -9, 3);
    const auto x =
        testing::random_layer_input(random, random.pick({1, 5, 70}), w.k, format.macro_block, -12, 2);
    const int rows = random.pick({4, 8, 16});
    const GemmResult expected = run(w, x, rows);
    auto accumulator = OutputAccumulator::create(w, x, rows, 43);
    ASSERT_TRUE(accumulator.has_value());
    const int columns = 16;
    for (std::size_t t = accumulator->ranges().size(); t-- > 0;) {
      const RowRange range = accumulator->ranges()[t];
      for (int n0 = 0; n0 < w.n; n0 += columns) {
        // As the hardware sees it: whole array, padded with zero rows, rows reordered, two tokens at a time.
        const Tile tile = pad_rows(extract_tile(w, range.k0, n0, range.rows, columns), rows);
        std::vector<int> order(static_cast<std::size_t>(rows));
        std::iota(order.begin(), order.end(), 0);
        std::shuffle(order.begin(), order.end(), random.engine());
        for (int m0 = 0; m0 < x.m; m0 += 2) {
          const auto values = permute_activations(activation_tile(x, range.k0, rows, m0, 2), order);
          accumulator->add(tile_partial_sums(permute_rows(tile, order), values, 2), t, m0, 2, n0, columns);
        }
      }
    }
    ASSERT_EQ(accumulator->result(), expected) << "seed " << seed;
  }
}

/// Compares acc * 2^e with the exact product: how many tiles were shifted right bounds the distance in halves
/// of a unit.
void expect_within(const ExactElement& exact, std::int64_t acc, int exponent, int inexact_tiles,
                   std::uint32_t seed) {
  const int low = exact.sum == 0 ? exponent : std::min(exact.exponent, exponent);
  ASSERT_LE(exponent - low, 80) << "seed " << seed;
  const Int128 left = exact.sum == 0 ? 0 : exact.sum * (Int128{1} << (exact.exponent - low));
  const Int128 unit = Int128{1} << (exponent - low);
  const Int128 distance = left - Int128{acc} * unit;
  const Int128 size = distance < 0 ? -distance : distance;
  ASSERT_TRUE(2 * size <= unit * inexact_tiles)
      << "seed " << seed << ": acc " << acc << " is " << static_cast<double>(size) / static_cast<double>(unit)
      << " units off, " << inexact_tiles << " tiles were rounded";
}

/// Number of tiles whose aligned shift is negative for output (m, n).
int rounded_tiles(const WeightAlignment& w, const ActivationAlignment& a, int block, const GemmResult& r,
                  std::int64_t m, std::int64_t n) {
  int count = 0;
  for (std::size_t t = 0; t < w.ranges().size(); ++t) {
    const auto weight = w.exponent(t, n);
    const auto activation = a.exponent(m, w.ranges()[t].k0 / block);
    if (!weight || !activation) continue;
    const auto i = static_cast<std::size_t>(n);
    const auto j = static_cast<std::size_t>(m);
    if (*weight + *activation < r.weight_reference[i] + r.activation_reference[j]) ++count;
  }
  return count;
}

struct ExactCase {
  Axis axis;
  int weight_spread;
  int activation_spread;
};

class AgainstExact : public ::testing::TestWithParam<ExactCase> {};

TEST_P(AgainstExact, ErrorIsBounded) {
  int exact_elements = 0;
  int rounded_elements = 0;
  for (std::uint32_t seed = 1; seed <= 120; ++seed) {
    Random random(seed);
    const Format format = testing::random_format(random);
    const int low = random.between(-60, 40);
    const auto w = testing::random_tensor(random, format, GetParam().axis, random.between(1, 300),
                                          random.between(1, 20), low, low + GetParam().weight_spread);
    const auto x = testing::random_layer_input(random, random.between(1, 3), w.k, format.macro_block, -low,
                                               -low + GetParam().activation_spread);
    const int rows = random.pick({4, 8, 16, 32, 128});
    const GemmResult result = run(w, x, rows);
    const auto exact = exact_gemm(w, x);
    ASSERT_TRUE(exact.has_value()) << exact.error();
    const WeightAlignment weights(w, split_rows(w, x.block, rows));
    const ActivationAlignment activations(x);
    for (std::int64_t m = 0; m < x.m; ++m) {
      for (std::int64_t n = 0; n < w.n; ++n) {
        const int inexact = rounded_tiles(weights, activations, x.block, result, m, n);
        (inexact == 0 ? exact_elements : rounded_elements) += 1;
        expect_within((*exact)[static_cast<std::size_t>(m * w.n + n)], result.at(m, n), result.exponent(m, n),
                      inexact, seed);
      }
    }
  }
  const bool inside =
      GetParam().weight_spread <= kWeightSpread && GetParam().activation_spread <= kActivationSpread;
  EXPECT_GT(exact_elements, 100);
  if (inside) {
    EXPECT_EQ(rounded_elements, 0);
  } else {
    EXPECT_GT(rounded_elements, 100);
  }
}

INSTANTIATE_TEST_SUITE_P(Spread, AgainstExact,
                         ::testing::Values(ExactCase{Axis::reduction, 4, 7},
                                           ExactCase{Axis::reduction, 12, 7},
                                           ExactCase{Axis::reduction, 4, 16},
                                           ExactCase{Axis::reduction, 25, 25}, ExactCase{Axis::output, 4, 7},
                                           ExactCase{Axis::output, 7, 12}));

TEST(Accumulate, InsideTheSpreadTheHeightOfTheArrayDoesNotMatter) {
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    Random random(seed);
    const Format format = testing::random_format(random);
    const auto w = testing::random_tensor(random, format, Axis::reduction, 150, 9, -2, 2);
    const auto x = testing::random_layer_input(random, 3, 150, format.macro_block, -3, 4);
    const GemmResult expected = run(w, x, 128);
    for (const int rows : {1, 4, 16, 64})
      ASSERT_EQ(run(w, x, rows), expected) << "seed " << seed << " rows " << rows;
  }
}

TEST(Accumulate, LargestPossibleSumFits) {
  // 1,024 tiles of the largest partial sums, all except one shifted left by 11, with r_max = 15.
  constexpr int kRows = 32;
  QuantizedTensor w;
  w.format = {.bits = 4, .micro_block = 4, .macro_block = 32};
  w.outlier_shift_max = 15;
  w.k = std::int64_t{kRows} * kMaxTilesAlongK;
  w.n = 1;
  w.codes.assign(static_cast<std::size_t>(w.k * 4), 3);
  w.blocks.assign(static_cast<std::size_t>(w.k), {15, {{0, 1}}});
  w.scales.assign(kMaxTilesAlongK, 4);
  w.scales[0] = 0;
  QuantizedActivations x{8, 32, 1, w.k, std::vector<std::int8_t>(static_cast<std::size_t>(w.k), 127), {}};
  x.scales.assign(kMaxTilesAlongK, 7);
  x.scales[0] = 0;
  const std::int64_t tile = std::int64_t{kRows} * 127 * 31 * (1 << 15);
  EXPECT_EQ(run(w, x, kRows).at(0, 0), tile + (tile << 11) * (kMaxTilesAlongK - 1));
}

}  // namespace
}  // namespace msq::golden
