#include "golden/io/float8.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace msq::golden {
namespace {

/// Value of a code from the definition: (-1)^s * 2^(e - bias) * (1 + m / 2^M), without the leading one and
/// with exponent 1 - bias if e is 0.
double by_definition(unsigned code, int exponent_bits, int mantissa_bits, int bias) {
  const unsigned mantissa = code & ((1U << mantissa_bits) - 1);
  const int exponent = static_cast<int>((code >> mantissa_bits) & ((1U << exponent_bits) - 1));
  const double fraction = mantissa / std::exp2(mantissa_bits);
  const double magnitude =
      exponent == 0 ? fraction * std::exp2(1 - bias) : (1 + fraction) * std::exp2(exponent - bias);
  return (code & 0x80U) != 0 ? -magnitude : magnitude;
}

void expect_same(float found, double expected, unsigned code) {
  EXPECT_EQ(static_cast<double>(found), expected) << code;
  EXPECT_EQ(std::signbit(found), std::signbit(expected)) << code;
}

TEST(Float8, EveryCodeOfE4M3) {
  for (unsigned code = 0; code < 256; ++code) {
    const float found = from_float8_e4m3(static_cast<std::uint8_t>(code));
    if ((code & 0x7FU) == 0x7F) {
      EXPECT_TRUE(std::isnan(found)) << code;
    } else {
      expect_same(found, by_definition(code, 4, 3, 7), code);
    }
  }
  EXPECT_EQ(from_float8_e4m3(0x7E), 448.0F);
  EXPECT_EQ(from_float8_e4m3(0x01), 0x1p-9F);
}

TEST(Float8, EveryCodeOfE5M2) {
  for (unsigned code = 0; code < 256; ++code) {
    const float found = from_float8_e5m2(static_cast<std::uint8_t>(code));
    if ((code & 0x7FU) > 0x7C) {
      EXPECT_TRUE(std::isnan(found)) << code;
    } else if ((code & 0x7FU) == 0x7C) {
      expect_same(found,
                  (code & 0x80U) != 0 ? -std::numeric_limits<double>::infinity()
                                      : std::numeric_limits<double>::infinity(),
                  code);
    } else {
      expect_same(found, by_definition(code, 5, 2, 15), code);
    }
  }
  EXPECT_EQ(from_float8_e5m2(0x7B), 57344.0F);
}

TEST(Float8, EveryCodeOfE8M0) {
  for (unsigned code = 0; code < 255; ++code) {
    expect_same(from_float8_e8m0(static_cast<std::uint8_t>(code)), std::exp2(static_cast<int>(code) - 127),
                code);
  }
  EXPECT_TRUE(std::isnan(from_float8_e8m0(255)));
}

}  // namespace
}  // namespace msq::golden
