#include "golden/baselines/integer_grid.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "golden/baselines/float16_round.hpp"

namespace msq::golden::baselines {
namespace {

using Doubles = std::vector<double>;

IntegerOptions options_of(int bits, bool symmetric, bool mse_search = false) {
  return {bits, 128, symmetric, mse_search};
}

void expect_grid(const IntegerGrid& grid, double scale, int zero, int max_code) {
  EXPECT_EQ(grid.scale, scale);
  EXPECT_EQ(grid.zero, zero);
  EXPECT_EQ(grid.max_code, max_code);
}

TEST(IntegerGrid, Symmetric) {
  expect_grid(fit_grid(Doubles{-7.5, 2}, options_of(4, true)), 1, 8, 15);
  expect_grid(fit_grid(Doubles{3, 1}, options_of(2, true)), 2, 2, 3);
  expect_grid(fit_grid(Doubles{1}, options_of(8, true)), 1028 * 0x1p-17, 128, 255);  // 2 / 255 to FP16
}

TEST(IntegerGrid, Asymmetric) {
  expect_grid(fit_grid(Doubles{-1, 14}, options_of(4, false)), 1, 1, 15);
  expect_grid(fit_grid(Doubles{3, 7}, options_of(3, false)), 1, 0, 7);
  expect_grid(fit_grid(Doubles{-3, -1.5}, options_of(2, false)), 1, 3, 3);
  expect_grid(fit_grid(Doubles{-2.5, 12.5}, options_of(4, false)), 1, 2, 15);  // half to even
}

TEST(IntegerGrid, Zeros) {
  expect_grid(fit_grid(Doubles{0, 0}, options_of(4, true)), scale_to_float16(2.0 / 15), 8, 15);
  expect_grid(fit_grid(Doubles{0, 0}, options_of(2, false)), scale_to_float16(2.0 / 3), 2, 3);
  EXPECT_EQ(fit_grid(Doubles{0}, options_of(2, false)).round(0), 0);
}

TEST(IntegerGrid, Rounds) {
  const IntegerGrid grid{0.5, 1, 3};  // -0.5, 0, 0.5, 1
  for (const auto& [value, expected] : std::vector<std::pair<double, double>>{{-9, -0.5},
                                                                              {-0.26, -0.5},
                                                                              {-0.25, 0},
                                                                              {0.25, 0},
                                                                              {0.3, 0.5},
                                                                              {0.75, 1},
                                                                              {1e300, 1},
                                                                              {-1e300, -0.5}}) {
    EXPECT_EQ(grid.round(value), expected) << value;
  }
}

double sum_of_errors(const Doubles& group, double scale, int zero, int max_code) {
  double sum = 0;
  for (const double w : group) {
    const double code = std::clamp(std::nearbyint(w / scale) + zero, 0.0, static_cast<double>(max_code));
    sum += std::pow(std::fabs(scale * (code - zero) - w), 2.4);
  }
  return sum;
}

// All 80 ranges, each from its definition.
TEST(IntegerGrid, SearchFindsTheFirstOfTheBestRanges) {
  std::mt19937 random(7);
  std::student_t_distribution<double> tails(3);
  for (int trial = 0; trial < 200; ++trial) {
    Doubles group(static_cast<std::size_t>(1 + trial % 40));
    for (double& w : group) w = tails(random) + (trial % 3 == 0 ? 1.5 : 0);
    const bool symmetric = trial % 2 == 0;
    const int bits = std::vector{2, 3, 4, 8}[static_cast<std::size_t>(trial / 2 % 4)];
    const int max_code = (1 << bits) - 1;
    double low = std::min(0.0, *std::min_element(group.begin(), group.end()));
    double high = std::max(0.0, *std::max_element(group.begin(), group.end()));
    if (symmetric) low = -(high = std::max(high, -low));
    double least = std::numeric_limits<double>::infinity();
    double best_scale = 0;
    int best_zero = 0;
    for (int i = 0; i < 80; ++i) {
      const double p = 1 - i / 100.0;
      const double scale = scale_to_float16((p * high - p * low) / max_code);
      const int zero = symmetric ? (max_code + 1) / 2 : static_cast<int>(std::nearbyint(-p * low / scale));
      const double sum = sum_of_errors(group, scale, zero, max_code);
      if (sum >= least) continue;
      least = sum;
      best_scale = scale;
      best_zero = zero;
    }
    expect_grid(fit_grid(group, options_of(bits, symmetric, true)), best_scale, best_zero, max_code);
  }
}

// Many weights of 0.06 and a 1: the smaller the range the better, down to the last one.
TEST(IntegerGrid, SearchEndsAt21PercentOfTheRange) {
  Doubles group(5000, 0.06);
  group[0] = 1;
  expect_grid(fit_grid(group, options_of(2, false, true)), scale_to_float16(0.07), 0, 3);
}

TEST(IntegerGrid, SearchTakesTheLargestOfEqualRanges) {
  expect_grid(fit_grid(Doubles{0, 0}, options_of(2, true, true)), scale_to_float16(2.0 / 3), 2, 3);
}

TEST(IntegerGrid, Bits) {
  EXPECT_EQ(integer_bits(256, 3, {4, 128, true, false}), 256 * 3 * 4 + 6 * 16);
  EXPECT_EQ(integer_bits(257, 3, {3, 128, false, false}), 257 * 3 * 3 + 9 * (16 + 3));
  EXPECT_EQ(integer_bits(5, 1, {2, 1, false, false}), 5 * (2 + 16 + 2));
  EXPECT_EQ(integer_bits(5, 2, {8, std::numeric_limits<std::int64_t>::max(), true, false}), 2 * (5 * 8 + 16));
}

TEST(IntegerGrid, ValidateNamesTheField) {
  EXPECT_TRUE(validate(IntegerOptions{}));
  EXPECT_EQ(validate(IntegerOptions{5, 128, true, false}).error(), "bits is 5; allowed are 2, 3, 4, 8");
  EXPECT_EQ(validate(IntegerOptions{4, 0, true, false}).error(), "group is 0; allowed are 1 and above");
}

}  // namespace
}  // namespace msq::golden::baselines
