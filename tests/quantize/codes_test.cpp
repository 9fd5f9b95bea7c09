#include "golden/quantize/codes.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "golden/quantize/rounding.hpp"

namespace msq::golden {
namespace {

constexpr Format kTwo{2, 8, 128};
constexpr Format kFour{4, 8, 128};

// The whole encoding can be evaluated at compile time.
static_assert(inlier_code(kTwo, -1) == 0b11);
static_assert(outlier_halves(kTwo, true, 6) == Halves{0b11, 0b10});
static_assert(outlier_integer(kTwo, {0b11, 0b10}) == -6);

TEST(Codes, InliersAreSignMagnitude) {
  EXPECT_EQ(inlier_code(kTwo, 0), 0b00);
  EXPECT_EQ(inlier_code(kTwo, 1), 0b01);
  EXPECT_EQ(inlier_code(kFour, 7), 0b0111);
  EXPECT_EQ(inlier_code(kFour, -7), 0b1111);
  EXPECT_EQ(inlier_code(kFour, -1), 0b1001);
  for (const Format& format : {kTwo, kFour}) {
    for (int q = -format.qmax(); q <= format.qmax(); ++q) {
      EXPECT_EQ(inlier_value(format, inlier_code(format, q)), q) << "bits " << format.bits;
      EXPECT_FALSE(is_minus_zero(format, inlier_code(format, q)));
    }
  }
}

TEST(Codes, HalvesOfKnownOutliers) {
  EXPECT_EQ(outlier_halves(kTwo, false, 6), (Halves{0b01, 0b00}));  // 1.10
  EXPECT_EQ(outlier_halves(kTwo, true, 4), (Halves{0b10, 0b10}));   // -1.00: both minus zero
  EXPECT_EQ(outlier_halves(kTwo, true, 5), (Halves{0b10, 0b11}));   // -1.01
  EXPECT_EQ(outlier_halves(kFour, false, 16 + 0b1101), (Halves{0b0011, 0b0001}));
  EXPECT_EQ(outlier_halves(kFour, true, 16 + 0b0110), (Halves{0b1001, 0b1010}));
}

TEST(Codes, HalvesRoundTrip) {
  for (const Format& format : {kTwo, kFour}) {
    for (int s = format.significand_min(); s <= format.significand_max(); ++s) {
      for (const bool negative : {false, true}) {
        const Halves halves = outlier_halves(format, negative, s);
        EXPECT_EQ(outlier_significand(format, halves), s);
        EXPECT_EQ(outlier_integer(format, halves), negative ? -s : s);
        EXPECT_TRUE(is_half(format, halves.upper) && is_half(format, halves.lower));
      }
    }
  }
}

TEST(Codes, HalvesUseOnlyHalfOfTheMantissa) {
  int halves_of_two = 0;
  int halves_of_four = 0;
  for (int code = 0; code < 256; ++code) {
    halves_of_two += is_half(kTwo, static_cast<std::uint8_t>(code)) ? 1 : 0;
    halves_of_four += is_half(kFour, static_cast<std::uint8_t>(code)) ? 1 : 0;
  }
  EXPECT_EQ(halves_of_two, 4);
  EXPECT_EQ(halves_of_four, 8);
  EXPECT_FALSE(is_half(kFour, 0b0100));
  EXPECT_TRUE(is_half(kFour, 0b1011));
}

TEST(Codes, LeadingOneOfAnOutlier) {
  // bb = 2: 1.m1m0 * 2^(Isf + r); bb = 4: 1.m3m2m1m0 * 2^(Isf + 2 + r).
  EXPECT_EQ(outlier_exponent_offset(kTwo), 0);
  EXPECT_EQ(outlier_exponent_offset(kFour), 2);
}

TEST(Rounding, HalvesGoToEven) {
  EXPECT_EQ(round_half_even_symmetric(0.5, 7), 0);
  EXPECT_EQ(round_half_even_symmetric(1.5, 7), 2);
  EXPECT_EQ(round_half_even_symmetric(2.5, 7), 2);
  EXPECT_EQ(round_half_even_symmetric(-2.5, 7), -2);
  EXPECT_EQ(round_half_even_symmetric(-3.5, 7), -4);
  EXPECT_EQ(round_half_even_symmetric(std::nextafter(0.5, 1.0), 7), 1);
  EXPECT_EQ(round_half_even_symmetric(std::nextafter(2.5, 0.0), 7), 2);
  EXPECT_EQ(round_half_even_symmetric(-0.0, 7), 0);
}

TEST(Rounding, ClampsBeforeAnyOverflow) {
  EXPECT_EQ(round_half_even_symmetric(6.5, 7), 6);
  EXPECT_EQ(round_half_even_symmetric(6.51, 7), 7);
  EXPECT_EQ(round_half_even_symmetric(1e300, 7), 7);
  EXPECT_EQ(round_half_even_symmetric(-std::numeric_limits<double>::infinity(), 127), -127);
}

TEST(Rounding, AgreesWithNearbyint) {
  for (int i = -4096; i <= 4096; ++i) {
    const double value = i / 64.0;
    EXPECT_EQ(round_half_even_symmetric(value, 1000), static_cast<int>(std::nearbyint(value))) << value;
  }
}

TEST(Rounding, FloorLog2) {
  EXPECT_EQ(floor_log2(1.0), 0);
  EXPECT_EQ(floor_log2(std::nextafter(1.0, 0.0)), -1);
  EXPECT_EQ(floor_log2(static_cast<double>(std::numeric_limits<float>::denorm_min())), -149);
  EXPECT_EQ(floor_log2(static_cast<double>(std::numeric_limits<float>::max())), 127);
}

}  // namespace
}  // namespace msq::golden
