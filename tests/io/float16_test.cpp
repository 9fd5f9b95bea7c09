#include "golden/io/float16.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

namespace msq::golden {
namespace {

/// Value of a binary floating-point code from its definition, in double arithmetic.
double value_of(unsigned code, int exponent_bits, int mantissa_bits) {
  const unsigned mantissa = code & ((1U << mantissa_bits) - 1);
  const int exponent = static_cast<int>((code >> mantissa_bits) & ((1U << exponent_bits) - 1));
  const int bias = (1 << (exponent_bits - 1)) - 1;
  const double sign = (code >> (exponent_bits + mantissa_bits)) != 0 ? -1.0 : 1.0;
  if (exponent == (1 << exponent_bits) - 1) {
    return mantissa == 0 ? sign * HUGE_VAL : std::nan("");
  }
  const double fraction = std::ldexp(mantissa, -mantissa_bits);
  return sign *
         (exponent == 0 ? std::ldexp(fraction, 1 - bias) : std::ldexp(1.0 + fraction, exponent - bias));
}

void expect_equal(unsigned code, float got, double expected) {
  if (std::isnan(expected)) {
    ASSERT_TRUE(std::isnan(got)) << "code " << code;
    return;
  }
  ASSERT_EQ(static_cast<double>(got), expected) << "code " << code;
  ASSERT_EQ(std::signbit(got), std::signbit(expected)) << "code " << code;
}

TEST(Float16, EveryCode) {
  for (unsigned code = 0; code < 65536; ++code) {
    expect_equal(code, from_float16(static_cast<std::uint16_t>(code)), value_of(code, 5, 10));
  }
}

TEST(BFloat16, EveryCode) {
  for (unsigned code = 0; code < 65536; ++code) {
    expect_equal(code, from_bfloat16(static_cast<std::uint16_t>(code)), value_of(code, 8, 7));
  }
}

TEST(Float16, KnownCodes) {
  EXPECT_EQ(from_float16(0x3C00), 1.0F);
  EXPECT_EQ(from_float16(0xC000), -2.0F);
  EXPECT_EQ(from_float16(0x7BFF), 65504.0F);
  EXPECT_EQ(from_float16(0x0001), 0x1p-24F);
  EXPECT_EQ(from_bfloat16(0x3F80), 1.0F);
  EXPECT_EQ(from_bfloat16(0x0001), 0x1p-133F);
}

}  // namespace
}  // namespace msq::golden
