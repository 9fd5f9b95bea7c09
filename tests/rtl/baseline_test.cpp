// Leaves of the arrays to compare with: exhaustively, and the FP32 ones against the host.

#include <Vbaseline_bench.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "golden/baselines/array_gemm.hpp"
#include "golden/baselines/olive_codes.hpp"
#include "tests/rtl/bench.hpp"

namespace msq::rtl_test {
namespace {

using Baselines = Bench<Vbaseline_bench>;

TEST(BaselineMultiplyInt8, EveryProduct) {
  Baselines bench;
  for (int x = -128; x < 128; ++x) {
    for (int w = -128; w < 128; ++w) {
      bench->x_i = static_cast<std::uint8_t>(x);
      bench->weight_i = static_cast<std::uint8_t>(w);
      bench.settle();
      const int s = bench->product_o & 1;
      ASSERT_EQ(as_signed(bench->product_o >> 1, 15) + s, x * w) << x << " * " << w;
    }
  }
}

TEST(BaselineOliveDecoder, EveryPair) {
  Baselines bench;
  const auto value = [](unsigned word) {
    const int c = static_cast<int>(word % 8);
    const int magnitude = word >= 16 ? (2 + c % 2) << (c / 2 + 2) : c;
    return word / 8 % 2 != 0 ? -magnitude : magnitude;
  };
  for (int byte = 0; byte < 256; ++byte) {
    bench->codes_i = static_cast<std::uint8_t>(byte);
    bench.settle();
    const auto expected = golden::baselines::decode_olive_pair(static_cast<std::uint8_t>(byte));
    EXPECT_EQ(value(bench->words_o % 32U), expected.first) << byte;
    EXPECT_EQ(value(bench->words_o / 32U), expected.second) << byte;
    // An outlier's partner is 0: the shared shifter of a pair relies on it.
    const bool first_is_outlier = bench->words_o % 32U >= 16;
    const bool second_is_outlier = bench->words_o / 32U >= 16;
    EXPECT_TRUE(!first_is_outlier || bench->words_o / 32U == 0) << byte;
    EXPECT_TRUE(!second_is_outlier || bench->words_o % 32U == 0) << byte;
  }
}

std::uint32_t bits_of(float value) { return std::bit_cast<std::uint32_t>(value); }
float float_of(std::uint64_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits)); }

/// Operand as the leaves take it: a subnormal number counts as zero.
float as_taken(float value) {
  return std::fabs(value) < std::numeric_limits<float>::min() ? std::copysign(0.0F, value) : value;
}

void expect_sum(Baselines& bench, float a, float b) {
  bench->a_i = bits_of(a);
  bench->b_i = bits_of(b);
  bench.settle();
  ASSERT_EQ(bench->sum_o, bits_of(golden::baselines::fp32_add(as_taken(a), as_taken(b))))
      << std::hexfloat << a << " + " << b << ", got " << float_of(bench->sum_o);
}

void expect_product(Baselines& bench, int x, float w) {
  bench->x_i = static_cast<std::uint8_t>(x);
  bench->a_i = bits_of(w);
  bench.settle();
  ASSERT_EQ(bench->scaled_o, bits_of(static_cast<float>(x) * as_taken(w)))
      << std::hexfloat << x << " * " << w << ", got " << float_of(bench->scaled_o);
}

/// Numbers at the ends of fractions and exponents, of both signs.
std::vector<float> corners() {
  std::vector<float> values = {0.0F, -0.0F, 0x1p-149F, -0x1.fffffcp-127F};
  for (const std::uint32_t exponent :
       {1U, 2U, 30U, 102U, 103U, 104U, 125U, 126U, 127U, 128U, 150U, 151U, 152U, 253U}) {
    for (const std::uint32_t fraction :
         {0U, 1U, 2U, 3U, 0x3fffffU, 0x400000U, 0x400001U, 0x555555U, 0x7ffffdU, 0x7ffffeU, 0x7fffffU}) {
      for (const std::uint32_t sign : {0U, 1U})
        values.push_back(float_of(sign << 31 | exponent << 23 | fraction));
    }
  }
  return values;
}

TEST(BaselineFp32Add, Corners) {
  Baselines bench;
  const auto values = corners();
  for (const float a : values) {
    for (const float b : values) expect_sum(bench, a, b);
  }
}

/// Exponents near each other, so that every alignment and cancellation comes often; fractions dense or
/// sparse.
TEST(BaselineFp32Add, Random) {
  Baselines bench;
  Random random(31);
  for (int i = 0; i < 1'000'000 * effort(); ++i) {
    const int exponent = random.range(1, 253);
    const int other = std::clamp(exponent + random.range(-30, 30), 1, 253);
    const auto number = [&](int e) {
      std::uint64_t fraction = random.bits() >> 41;
      if (random.one_in(4)) fraction &= random.bits() & random.bits() & random.bits();
      if (random.one_in(4)) fraction |= (random.bits() | random.bits() | random.bits()) >> 41;
      return float_of((random.bits() & 1) << 31 | static_cast<std::uint64_t>(e) << 23 |
                      (fraction & 0x7fffff));
    };
    expect_sum(bench, number(exponent), number(other));
  }
}

TEST(BaselineFp32Scale, EveryActivationTimesCornersAndRandomWeights) {
  Baselines bench;
  Random random(32);
  const auto values = corners();
  for (int x = -128; x < 128; ++x) {
    for (const float w : values) {
      if (std::fabs(w) < 0x1p120F) expect_product(bench, x, w);
    }
    for (int i = 0; i < 4000 * effort(); ++i) {
      const auto exponent = static_cast<std::uint64_t>(random.range(1, 240));
      expect_product(bench, x, float_of((random.bits() & 1) << 31 | exponent << 23 | random.bits() >> 41));
    }
  }
}

}  // namespace
}  // namespace msq::rtl_test
