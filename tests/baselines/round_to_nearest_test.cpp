#include "golden/baselines/round_to_nearest.hpp"

#include <gtest/gtest.h>

#include "golden/baselines/float16_round.hpp"
#include "tests/baselines/cases.hpp"
#include "tests/quantize/random_weights.hpp"

namespace msq::golden::baselines {
namespace {

TEST(RoundToNearest, Symmetric) {
  const auto result =
      value_of(round_to_nearest(Floats{-7.5, 7.5, 0.4F, 0.5, 1.5, -0.6F}, 6, 1, {4, 128, true, false}));
  EXPECT_EQ(result.values, (Floats{-8, 7, 0, 0, 2, -1}));
  EXPECT_EQ(result.stored_bits, 6 * 4 + 16);
  EXPECT_EQ(effective_bits(result), 40.0 / 6);
}

TEST(RoundToNearest, Asymmetric) {
  const auto result = value_of(round_to_nearest(Floats{-1, 14, 0.5, 3.4F}, 4, 1, {4, 128, false, false}));
  EXPECT_EQ(result.values, (Floats{-1, 14, 0, 3}));
  EXPECT_EQ(result.stored_bits, 4 * 4 + 16 + 4);
}

TEST(RoundToNearest, TwoBitsHaveTheFourCodesOfTwosComplement) {
  EXPECT_EQ(value_of(round_to_nearest(Floats{1.5, -1.5, 0.6F}, 3, 1, {2, 128, true, false})).values,
            (Floats{1, -2, 1}));
}

// Groups {row 0, row 1} and {row 2} of each column.
TEST(RoundToNearest, GroupsAreConsecutiveRowsOfOneColumn) {
  const Floats weights{7.5,  30,  //
                       1.2F, -4,  //
                       0.75, 3};
  const auto result = value_of(round_to_nearest(weights, 3, 2, {4, 2, true, false}));
  const auto tenth = static_cast<float>(7 * scale_to_float16(0.1));
  const auto twofifths = static_cast<float>(7 * scale_to_float16(0.4));
  EXPECT_EQ(result.values, (Floats{7, 28, 1, -4, tenth, twofifths}));
  EXPECT_EQ(result.stored_bits, 6 * 4 + 4 * 16);
}

TEST(RoundToNearest, ScaleIsAnFp16Number) {
  const auto result = value_of(round_to_nearest(Floats{1}, 1, 1, {8, 128, true, false}));
  EXPECT_EQ(result.values, (Floats{127 * 1028 * 0x1p-17F}));
}

TEST(RoundToNearest, ConstantsAndZeros) {
  const Floats weights{3, 0, 3, 0};
  const auto symmetric = value_of(round_to_nearest(weights, 2, 2, {4, 128, true, false}));
  EXPECT_EQ(symmetric.values, (Floats{2.79931640625, 0, 2.79931640625, 0}));
  const auto asymmetric = value_of(round_to_nearest(weights, 2, 2, {4, 128, false, false}));
  EXPECT_EQ(asymmetric.values, (Floats{2.999267578125, 0, 2.999267578125, 0}));
}

TEST(RoundToNearest, GroupOfTheWholeColumnOrMoreIsOneScale) {
  std::mt19937 random(3);
  const Floats weights = random_weights(50, 4, false, random);
  const auto column = value_of(round_to_nearest(weights, 50, 4, {3, 50, false, false}));
  const auto larger = value_of(round_to_nearest(weights, 50, 4, {3, 1 << 30, false, false}));
  EXPECT_EQ(column.values, larger.values);
  EXPECT_EQ(column.stored_bits, 50 * 4 * 3 + 4 * 19);
  EXPECT_EQ(larger.stored_bits, column.stored_bits);
}

// Columns are quantized on their own; asymmetric errors are at most a step.
TEST(RoundToNearest, ColumnsAreIndependentAndErrorsBounded) {
  std::mt19937 random(5);
  for (const int bits : {2, 3, 4, 8}) {
    const Floats weights = random_weights(130, 3, true, random);
    const auto all = value_of(round_to_nearest(weights, 130, 3, {bits, 130, false, false}));
    for (std::size_t column = 0; column < 3; ++column) {
      Floats one;
      for (std::size_t row = 0; row < 130; ++row) one.push_back(weights[row * 3 + column]);
      const auto alone = value_of(round_to_nearest(one, 130, 1, {bits, 130, false, false}));
      const auto [low, high] = std::minmax_element(one.begin(), one.end());
      const float step = (std::max(*high, 0.0F) - std::min(*low, 0.0F)) / static_cast<float>((1 << bits) - 1);
      for (std::size_t row = 0; row < 130; ++row) {
        EXPECT_EQ(all.values[row * 3 + column], alone.values[row]);
        EXPECT_LE(std::fabs(alone.values[row] - one[row]), 1.1F * step);
      }
    }
  }
}

TEST(RoundToNearest, IntegersTimesTheScaleAreTheValues) {
  std::mt19937 random(32);
  std::normal_distribution<float> normal(0, 0.1F);
  Floats weights(48 * 3);
  for (float& w : weights) w = normal(random);
  for (const int bits : {4, 8}) {
    const IntegerOptions options{.bits = bits, .group = 16};
    const auto integers = rounded_integers(weights, 48, 3, options);
    ASSERT_TRUE(integers) << integers.error();
    const auto values = value_of(round_to_nearest(weights, 48, 3, options)).values;
    for (std::size_t column = 0; column < 3; ++column) {
      for (std::size_t first = 0; first < 48; first += 16) {
        double scale = 0;
        int largest = 0;
        for (std::size_t row = first; row < first + 16; ++row) {
          const std::size_t at = row * 3 + column;
          const int w = integers->at(at);
          EXPECT_GE(w, -(1 << (bits - 1)));
          EXPECT_LT(w, 1 << (bits - 1));
          if (scale == 0 && w != 0) scale = values[at] / static_cast<double>(w);
          EXPECT_EQ(values[at], static_cast<float>(scale * w)) << at;
          largest = std::max(largest, std::abs(w));
        }
        EXPECT_GE(largest, (1 << (bits - 1)) - 1);  // the scale is the largest weight's
      }
    }
  }
  EXPECT_FALSE(rounded_integers(weights, 48, 4, {}));
}

TEST(RoundToNearest, Errors) {
  const IntegerOptions options;
  EXPECT_EQ(error_of(round_to_nearest(Floats(6, 1.0F), 2, 2, options)),
            "shape [k=2][n=2] needs 4 weights, got 6");
  EXPECT_EQ(error_of(round_to_nearest(Floats{1, 2, 3, kNaN}, 2, 2, options)),
            "weight [k=1][n=1] is nan; every weight must be finite");
  EXPECT_EQ(error_of(round_to_nearest(Floats{1, 2, -kInfinity, 4}, 2, 2, options)),
            "weight [k=1][n=0] is -inf; every weight must be finite");
  EXPECT_EQ(error_of(round_to_nearest(Floats{}, 0, 2, options)), "k is 0; allowed are 1..268435456");
  EXPECT_EQ(error_of(round_to_nearest(Floats{1}, 1, 1, {1, 128, true, false})),
            "bits is 1; allowed are 2, 3, 4, 8");
  EXPECT_EQ(error_of(round_to_nearest(Floats{1}, 1, 1, {4, -1, true, false})),
            "group is -1; allowed are 1 and above");
}

}  // namespace
}  // namespace msq::golden::baselines
