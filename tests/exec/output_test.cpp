#include "golden/exec/output.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "golden/exec/reference.hpp"
#include "tests/exec/random_tensor.hpp"

namespace msq::golden {
namespace {

using testing::Random;

/// Accumulators of a given width around the ties and the powers of two.
std::int64_t corner_acc(Random& random) {
  const int bits = random.between(0, 63);
  std::uint64_t value = bits == 0 ? 0 : (std::uint64_t{1} << (bits - 1));
  switch (random.between(0, 4)) {
    case 0:
      value |= (static_cast<std::uint64_t>(random.engine()()) << 32 | random.engine()()) &
               (value == 0 ? 0 : value - 1);
      break;
    case 1:  // all ones
      value = value == 0 ? 0 : 2 * value - 1;
      break;
    case 2:  // a tie or beside one of the 24-bit significand
      if (bits > 25) value |= (std::uint64_t{1} << (bits - 25)) * static_cast<unsigned>(random.between(0, 7));
      value += static_cast<std::uint64_t>(random.between(0, 1));
      break;
    case 3:
      value -= value == 0 ? 0 : 1;
      break;
    default:
      break;
  }
  const auto acc = static_cast<std::int64_t>(value & static_cast<std::uint64_t>(INT64_MAX));
  return random.chance(50) ? -acc : acc;
}

TEST(Fp32, EqualsTheHardwareRoundingOfLongDouble) {
  // An 80-bit long double holds any acc * 2^e exactly, so its conversion to float rounds once.
  static_assert(std::numeric_limits<long double>::digits >= 64);
  for (std::uint32_t seed = 1; seed <= 400; ++seed) {
    Random random(seed);
    for (int i = 0; i < 1000; ++i) {
      const std::int64_t acc = corner_acc(random);
      const int exponent =
          random.chance(50) ? random.between(-260, 260) : random.pick({-149, -150, -170, -190, 64, 104, 127});
      const float expected = static_cast<float>(std::ldexp(static_cast<long double>(acc), exponent));
      const float got = to_float(acc, exponent);
      ASSERT_EQ(std::bit_cast<std::uint32_t>(got), std::bit_cast<std::uint32_t>(expected))
          << "seed " << seed << " case " << i << ": " << acc << " * 2^" << exponent << " gives " << got
          << ", expected " << expected;
    }
  }
}

TEST(Fp32, Corners) {
  const float infinity = std::numeric_limits<float>::infinity();
  const float tiny = std::numeric_limits<float>::denorm_min();
  EXPECT_EQ(to_float(0, 200), 0.0F);
  EXPECT_FALSE(std::signbit(to_float(0, 0)));
  EXPECT_EQ(to_float(1, -149), tiny);
  EXPECT_EQ(to_float(1, -150), 0.0F);  // a tie, to even
  EXPECT_EQ(to_float(3, -150), 2 * tiny);
  EXPECT_EQ(to_float(3, -151), tiny);
  EXPECT_TRUE(std::signbit(to_float(-1, -200)));
  EXPECT_EQ(to_float((1 << 24) - 1, -150), std::numeric_limits<float>::min());  // carry out of the subnormals
  EXPECT_EQ(to_float((1 << 24) - 1, 104), std::numeric_limits<float>::max());
  EXPECT_EQ(to_float((1 << 25) - 1, 103), infinity);  // a tie above the largest number
  EXPECT_EQ(to_float((1 << 25) - 3, 103), std::numeric_limits<float>::max() - std::ldexp(1.0F, 104));
  EXPECT_EQ(to_float(-1, 128), -infinity);
  EXPECT_EQ(to_float(INT64_MIN, 0), -std::ldexp(1.0F, 63));
  EXPECT_EQ(to_float(INT64_MAX, 0), std::ldexp(1.0F, 63));
  EXPECT_EQ(to_float((1LL << 24) + 1, 0), static_cast<float>(1 << 24));
  EXPECT_EQ(to_float((1LL << 24) + 3, 0), static_cast<float>((1 << 24) + 4));
}

GemmResult row_result(std::vector<std::int64_t> acc, int exponent) {
  GemmResult result{1, static_cast<std::int64_t>(acc.size()), std::move(acc), {}, {0}};
  result.weight_reference.assign(result.acc.size(), exponent + kFractionBits);
  return result;
}

TEST(Fp32, WholeResultUsesTheExponentOfEachElement) {
  GemmResult result{2, 2, {1, 2, 3, -4}, {2, 5}, {0, -1}};
  EXPECT_EQ(to_float(result), (std::vector<float>{1.0F, 16.0F, 1.5F, -16.0F}));
}

TEST(MxOutput, ScaleIsThatOfTheLargestAndRoundingIsToEven) {
  // largest 200: E = 7, Ysf = 1: halves round to even.
  const auto out = to_mx(row_result({200, 1, 3, 5, -5, 7, 0}, 0), 8);
  EXPECT_EQ(out->scales, std::vector<std::int8_t>{1});
  EXPECT_EQ(out->values, (std::vector<std::int8_t>{100, 0, 2, 2, -2, 4, 0}));
  EXPECT_EQ(out->bits, 8);
  EXPECT_EQ(out->block, 128);
  EXPECT_EQ(out->m, 1);
  EXPECT_EQ(out->k, 7);
  const auto four = to_mx(row_result({200, 31, 48, 80, -112, -16}, -3), 4);
  EXPECT_EQ(four->scales, std::vector<std::int8_t>{2});  // E = 4
  EXPECT_EQ(four->values, (std::vector<std::int8_t>{6, 1, 2, 2, -4, 0}));
}

TEST(MxOutput, ClampsWhenRoundingReachesThePowerOfTwo) {
  EXPECT_EQ(to_mx(row_result({255, -255}, 0), 8)->values, (std::vector<std::int8_t>{127, -127}));
  EXPECT_EQ(to_mx(row_result({255, -255}, 0), 8)->scales[0], 1);
  EXPECT_EQ(to_mx(row_result({31, -29}, 0), 4)->values, (std::vector<std::int8_t>{7, -7}));
  EXPECT_EQ(to_mx(row_result({INT64_MIN, INT64_MAX}, 0), 8)->values, (std::vector<std::int8_t>{-64, 64}));
}

TEST(MxOutput, ZeroBlocksAndBlockBoundary) {
  std::vector<std::int64_t> acc(300, 0);
  acc[127] = 64;
  acc[256] = 1;
  const auto out = to_mx(row_result(acc, 0), 8);
  EXPECT_EQ(out->scales, (std::vector<std::int8_t>{0, -127, -6}));
  EXPECT_EQ(out->values[127], 64);
  EXPECT_EQ(out->values[128], 0);
  EXPECT_EQ(out->values[256], 64);
  EXPECT_EQ(out->values.size(), 300U);
}

TEST(MxOutput, ScaleSaturates) {
  const auto small = to_mx(row_result({3, -8, 1}, -129), 8);  // 0.75, -2, 0.25 units of 2^-127
  EXPECT_EQ(small->scales[0], -127);
  EXPECT_EQ(small->values, (std::vector<std::int8_t>{1, -2, 0}));
  const auto large = to_mx(row_result({1, -1000, 1}, 128), 8);
  EXPECT_EQ(large->scales[0], 127);
  EXPECT_EQ(large->values, (std::vector<std::int8_t>{2, -127, 2}));
  // 2^64 steps: a shift of the whole word must not wrap around.
  EXPECT_EQ(to_mx(row_result({1, -1}, 191), 8)->values, (std::vector<std::int8_t>{127, -127}));
  EXPECT_EQ(to_mx(row_result({1, -1}, 252), 4)->values, (std::vector<std::int8_t>{7, -7}));
}

TEST(MxOutput, RefusesOtherWidths) {
  EXPECT_EQ(to_mx(row_result({1}, 0), 6).error(), "output bits 6, allowed 8 or 4");
}

/// y of the contract by search: the y nearest to acc * 2^shift, of two the even one.
int nearest(std::int64_t acc, int shift, int limit) {
  const Int128 value = shift >= 0 ? Int128{acc} << shift : Int128{acc};
  const Int128 unit = shift >= 0 ? Int128{1} : Int128{1} << -shift;
  int best = -1000;
  const auto far = [&](int y) {
    const Int128 d = Int128{y} * unit - value;
    return d < 0 ? -d : d;
  };
  for (int y = -limit - 1; y <= limit + 1; ++y) {
    if (best == -1000 || far(y) < far(best) || (far(y) == far(best) && y % 2 == 0)) best = y;
  }
  return std::clamp(best, -limit, limit);
}

TEST(MxOutput, EqualsASearchForTheNearest) {
  for (std::uint32_t seed = 1; seed <= 1500; ++seed) {
    Random random(seed);
    const int bits = random.pick({8, 4});
    const int base = random.between(-70, 70);
    GemmResult result{1, 20, {}, {}, {base}};
    for (int n = 0; n < 20; ++n) {
      std::int64_t acc = corner_acc(random) >> random.between(0, 40);
      // Ties of the final rounding: few bits, with the largest element close by.
      if (random.chance(50)) acc = random.between(-512, 512);
      result.acc.push_back(acc);
      result.weight_reference.push_back(random.between(-3, 3));
    }
    const auto out = to_mx(result, bits);
    // The largest floor(log2) of the block by comparing with powers of two.
    int largest = -1000;
    for (int n = 0; n < 20; ++n) {
      for (int log = 0; log < 63; ++log) {
        if (std::llabs(result.at(0, n)) >= (1LL << log))
          largest = std::max(largest, log + result.exponent(0, n));
      }
    }
    if (largest == -1000) continue;
    ASSERT_EQ(out->scales[0], largest - (bits - 2)) << "seed " << seed;
    for (int n = 0; n < 20; ++n) {
      const int shift = result.exponent(0, n) - out->scales[0];
      ASSERT_EQ(out->values[static_cast<std::size_t>(n)],
                nearest(result.at(0, n), shift, bits == 8 ? 127 : 7))
          << "seed " << seed << " element " << n << " acc " << result.at(0, n) << " shift " << shift;
    }
  }
}

}  // namespace
}  // namespace msq::golden
