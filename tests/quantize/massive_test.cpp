#include "golden/quantize/massive.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace msq::golden {
namespace {

/// Inputs of ones, and input 2 with `values` in the first rows.
Calibration of_input_two(const std::vector<float>& values, std::size_t rows = 20) {
  constexpr std::size_t kInputs = 5;
  std::vector<float> x(rows * kInputs, 1.0F);
  for (std::size_t row = 0; row < values.size(); ++row) x[row * kInputs + 2] = values[row];
  Calibration calibration(kInputs);
  EXPECT_TRUE(calibration.add(x));
  return calibration;
}

TEST(HardlySeen, OneMassiveTokenIsNotEnough) {
  const HardlySeenInputs found = hardly_seen(of_input_two({-100}));
  EXPECT_EQ(found.count, 1);
  EXPECT_EQ(found.worst, 2);
  EXPECT_DOUBLE_EQ(found.share, 10000.0 / (10000 + 19));
}

TEST(HardlySeen, FourAre) {
  EXPECT_EQ(hardly_seen(of_input_two({100, 100, 100})).count, 1);
  EXPECT_EQ(hardly_seen(of_input_two({100, 100, 100, 100})).count, 0);
}

TEST(HardlySeen, MassiveIsSixteenTimesTheMedian) {
  EXPECT_EQ(hardly_seen(of_input_two({16})).count, 1);
  EXPECT_EQ(hardly_seen(of_input_two({15.9F})).count, 0);
}

TEST(HardlySeen, TheWorstIsTheOneOfTheLargestShare) {
  Calibration calibration(5);
  std::vector<float> x(40 * 5, 1.0F);
  x[1] = 30;
  x[4] = 50;
  x[3] = 20;
  ASSERT_TRUE(calibration.add(x));
  const HardlySeenInputs found = hardly_seen(calibration);
  EXPECT_EQ(found.count, 0) << "three of five: the median is massive itself";
  Calibration wide(9);
  std::vector<float> y(40 * 9, 1.0F);
  y[1] = 30;
  y[4] = 50;
  y[3] = 20;
  ASSERT_TRUE(wide.add(y));
  EXPECT_EQ(hardly_seen(wide).count, 3);
  EXPECT_EQ(hardly_seen(wide).worst, 4);
}

/// An input that is always zero says nothing about the size of the others.
TEST(HardlySeen, ZerosAreLeftOut) {
  Calibration calibration(5);
  std::vector<float> x(20 * 5, 0.0F);
  for (std::size_t row = 0; row < 20; ++row) x[row * 5] = 1;
  ASSERT_TRUE(calibration.add(x));
  EXPECT_EQ(hardly_seen(calibration).count, 0);
  EXPECT_EQ(hardly_seen(Calibration(5)).count, 0) << "no tokens";
}

TEST(HardlySeen, WithoutTheLargestNothingIsKnown) {
  Calibration calibration = of_input_two({100});
  calibration.largest.clear();
  EXPECT_EQ(hardly_seen(calibration).count, 0);
}

TEST(TokenCounts, MassiveTokensCountMore) {
  EXPECT_EQ(largest_of_tokens(std::vector<float>{1, -3, 0, 0, 2, 1}, 2), (std::vector<float>{3, 0, 2}));
  EXPECT_EQ(token_counts({1, 1, 16, 0, 0, 0, 15.9F, 1}, 5), (std::vector<double>{1, 1, 5, 1, 1, 1, 1, 1}))
      << "zeros apart, the median is 1";
}

TEST(TokenCounts, WithoutActivationsNothingIsMassive) {
  EXPECT_EQ(token_counts({0, 0}, 5), (std::vector<double>{1, 1}));
  EXPECT_TRUE(token_counts({}, 5).empty());
}

}  // namespace
}  // namespace msq::golden
