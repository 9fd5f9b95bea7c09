#include "golden/quantize/activations.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace msq::golden {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

TEST(Activations, ScaleLeavesSixBitsOfFraction) {
  const std::vector<float> x{1.0F, -0.5F, 1.99F, 0.0F, 1.0F / 128, 3.0F / 128, -3.0F / 128};
  const auto q = quantize_activations(x, 1, 7, 8, 128);
  ASSERT_TRUE(q) << q.error();
  EXPECT_EQ(q->scales, (std::vector<std::int8_t>{-6}));
  // 1/128 and 3/128 are 0.5 and 1.5 steps: halves to even. 1.99 is 127.36 steps.
  EXPECT_EQ(q->values, (std::vector<std::int8_t>{64, -32, 127, 0, 0, 2, -2}));
}

TEST(Activations, FourBits) {
  const std::vector<float> x{4.0F, -7.9F, 7.4F, 0.5F, 1.5F, 2.5F, -3.5F};
  const auto q = quantize_activations(x, 1, 7, 4, 32);
  ASSERT_TRUE(q) << q.error();
  EXPECT_EQ(q->scales, (std::vector<std::int8_t>{0}));
  EXPECT_EQ(q->values, (std::vector<std::int8_t>{4, -7, 7, 0, 2, 2, -4}));
}

TEST(Activations, LargestRoundsUpToTheClamp) {
  const std::vector<float> x{std::nextafter(2.0F, 0.0F)};  // 128 steps less a bit
  EXPECT_EQ(quantize_activations(x, 1, 1, 8, 128)->values[0], 127);
}

TEST(Activations, BlocksAreRaggedAndIndependent) {
  constexpr std::size_t kK = 70;
  std::vector<float> x(2 * kK, 0.0F);
  x[0] = 1.0F;          // token 0, block 0
  x[69] = 64.0F;        // token 0, block 2 (6 values)
  x[kK + 40] = -0.25F;  // token 1, block 1
  const auto q = quantize_activations(x, 2, std::int64_t{kK}, 8, 32);
  ASSERT_TRUE(q) << q.error();
  EXPECT_EQ(q->groups(), 3);
  EXPECT_EQ(q->scales, (std::vector<std::int8_t>{-6, -127, 0, -127, -8, -127}));
  EXPECT_EQ(q->values[0], 64);
  EXPECT_EQ(q->values[69], 64);
  EXPECT_EQ(q->values[kK + 40], -64);
}

TEST(Activations, ExtremesClampTheScale) {
  const float tiny = std::numeric_limits<float>::denorm_min();
  const auto small = quantize_activations(std::vector<float>{tiny}, 1, 1, 8, 32);
  EXPECT_EQ(small->scales[0], -127);
  EXPECT_EQ(small->values[0], 0);
  // 2^-127 itself still counts as one step of the smallest scale.
  const auto step = quantize_activations(std::vector<float>{std::ldexp(1.0F, -127)}, 1, 1, 8, 32);
  EXPECT_EQ(step->values[0], 1);
  const auto large =
      quantize_activations(std::vector<float>{-std::numeric_limits<float>::max()}, 1, 1, 8, 32);
  EXPECT_EQ(large->scales[0], 121);
  EXPECT_EQ(large->values[0], -127);
}

TEST(Activations, ErrorIsAtMostHalfAStepWhereNothingClamps) {
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  std::vector<float> x(1000);
  for (float& value : x) value = normal(random);
  for (const int bits : {4, 8}) {
    const auto q = quantize_activations(x, 10, 100, bits, 32);
    ASSERT_TRUE(q) << q.error();
    for (std::size_t m = 0; m < 10; ++m) {
      for (std::size_t k = 0; k < 100; ++k) {
        const std::size_t i = m * 100 + k;
        const double step = std::ldexp(1.0, q->scales[m * 4 + k / 32]);
        const double limit = (1 << (bits - 1)) - 1;
        const double clamped = std::min(std::max(x[i] / step, -limit), limit);
        ASSERT_EQ(q->values[i], std::nearbyint(clamped)) << "bits " << bits << " m " << m << " k " << k;
      }
    }
  }
}

TEST(Activations, BadInputNamesFieldOrPosition) {
  std::vector<float> x(6, 1.0F);
  EXPECT_EQ(quantize_activations(x, 2, 3, 6, 32).error(), "activation bits is 6; allowed are 4, 8");
  EXPECT_EQ(quantize_activations(x, 2, 3, 8, 16).error(), "activation block is 16; allowed are 32, 64, 128");
  EXPECT_EQ(quantize_activations(x, 2, 4, 8, 32).error(), "shape [m=2][k=4] needs 8 activations, got 6");
  EXPECT_EQ(quantize_activations(x, 0, 3, 8, 32).error(), "m is 0; allowed are 1..268435456");
  EXPECT_EQ(quantize_activations(x, 1, -6, 8, 32).error(), "k is -6; allowed are 1..268435456");
  x[4] = -kInfinity;
  EXPECT_EQ(quantize_activations(x, 2, 3, 8, 32).error(),
            "activation [m=1][k=1] is -inf; every activation must be finite");
  x[2] = kNaN;
  EXPECT_EQ(quantize_activations(x, 2, 3, 8, 32).error(),
            "activation [m=0][k=2] is nan; every activation must be finite");
}

}  // namespace
}  // namespace msq::golden
