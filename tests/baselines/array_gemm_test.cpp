#include "golden/baselines/array_gemm.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace msq::golden::baselines {
namespace {

TEST(ArrayGemm, IntegersByHand) {
  // [2][3] times [3][2].
  const std::vector<std::int8_t> x = {1, -2, 127, 0, 3, -127};
  const std::vector<int> w = {10, -128, 7, 96, -128, 1};
  EXPECT_EQ(integer_gemm(x, w, 2, 3, 2),
            (std::vector<std::int64_t>{10 - 14 - 127 * 128, -128 - 192 + 127, 21 + 127 * 128, 288 - 127}));
}

/// Each product and each sum is rounded, in the order of k, and a subnormal one is a zero.
TEST(ArrayGemm, Fp32RoundsInTheOrderOfK) {
  const std::vector<float> w = {0x1p24F, 1.0F, 1.0F};
  EXPECT_EQ(fp32_gemm(std::vector<std::int8_t>{1, 1, 1}, w, 1, 3, 1), (std::vector<float>{0x1p24F}));
  const std::vector<float> small_first = {1.0F, 1.0F, 0x1p24F};
  EXPECT_EQ(fp32_gemm(std::vector<std::int8_t>{1, 1, 1}, small_first, 1, 3, 1),
            (std::vector<float>{0x1.000002p24F}));
  // 3 * (1 + 2^-23) = 3 + 3 * 2^-23 is between two numbers with a step of 2^-22: rounded to 3 + 4 * 2^-23.
  EXPECT_EQ(fp32_gemm(std::vector<std::int8_t>{3}, std::vector<float>{0x1.000002p0F}, 1, 1, 1),
            (std::vector<float>{0x1.800004p1F}));
  EXPECT_EQ(fp32_gemm(std::vector<std::int8_t>{-5, 7}, std::vector<float>{2, 0, 0, 4}, 1, 2, 2),
            (std::vector<float>{-10, 28}));
}

TEST(ArrayGemm, SubnormalsAreZerosWithTheirSign) {
  EXPECT_EQ(fp32_add(0x1p-126F, 0x1p-126F), 0x1p-125F);
  const float zero = fp32_add(-0x1.8p-126F, 0x1p-126F);  // -2^-127
  EXPECT_EQ(zero, 0.0F);
  EXPECT_TRUE(std::signbit(zero));
  EXPECT_FALSE(std::signbit(fp32_add(0x1.8p-126F, -0x1p-126F)));
}

}  // namespace
}  // namespace msq::golden::baselines
