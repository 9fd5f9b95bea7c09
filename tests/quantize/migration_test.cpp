// Scales that move the range of the activations into the weights, by hand.

#include "golden/quantize/migration.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <vector>

namespace msq::golden {
namespace {

TEST(Migration, ScalesByHand) {
  // Rows of k = 4, n = 2: largest weights 4, 9, 0 and 2; the third and the last have nothing to move.
  const std::vector<float> weights = {1, -4, 9, 0.5F, 0, 0, 2, 1};
  const std::vector<float> largest = {16, 4, 3, 0};
  const auto half = migration_scales(weights, largest, 4, 2, 0.5);
  ASSERT_EQ(half.size(), 4U);
  EXPECT_DOUBLE_EQ(half[0], 4.0 / 2.0);
  EXPECT_DOUBLE_EQ(half[1], 2.0 / 3.0);
  EXPECT_EQ(half[2], 1);
  EXPECT_EQ(half[3], 1);
  const auto three_quarters = migration_scales(weights, largest, 4, 2, 0.75);
  EXPECT_DOUBLE_EQ(three_quarters[0], std::pow(16.0, 0.75) / std::pow(4.0, 0.25));
}

TEST(Migration, ShapesMustAgree) {
  const std::vector<float> weights(8, 1);
  EXPECT_THROW((void)migration_scales(weights, std::vector<float>(3, 1), 4, 2, 0.5), std::logic_error);
  EXPECT_THROW((void)migration_scales(weights, std::vector<float>(4, 1), 4, 3, 0.5), std::logic_error);
  EXPECT_NO_THROW((void)migration_scales(weights, std::vector<float>(4, 1), 4, 2, 0.5));
}

TEST(Migration, WeightsAndHessianMoveTogether) {
  std::vector<float> weights = {1, -2, 3, 4};
  Hessian hessian(2);
  ASSERT_TRUE(hessian.add(std::vector<float>{2, 6}));
  migrate(std::vector<double>{2, 0.5}, weights, hessian);
  EXPECT_EQ(weights, (std::vector<float>{2, -4, 1.5F, 2}));
  // The inputs are 1 and 12 now.
  EXPECT_DOUBLE_EQ(hessian.lower()(0, 0), 2 * 1.0);
  EXPECT_DOUBLE_EQ(hessian.lower()(1, 0), 2 * 12.0);
  EXPECT_DOUBLE_EQ(hessian.lower()(1, 1), 2 * 144.0);
}

}  // namespace
}  // namespace msq::golden
