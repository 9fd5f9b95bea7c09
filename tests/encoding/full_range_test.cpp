#include "golden/encoding/full_range.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <iterator>
#include <limits>
#include <set>
#include <utility>
#include <vector>

#include "golden/encoding/encoding.hpp"

namespace msq::golden {
namespace {

constexpr Format format_of(int bits, int fraction_bits = 2, int mantissa_bits = 3) {
  Format format{.bits = bits, .encoding = Encoding::full_range};
  format.fraction_bits = fraction_bits;
  format.scale_mantissa_bits = mantissa_bits;
  return format;
}

static_assert(inlier_code(format_of(2), -2) == 0b10);
static_assert(outlier_halves(format_of(2), -8) == Halves{0b10, 0b00});
static_assert(outlier_integer(format_of(4), {0b1111, 0b1111}) == -1);

TEST(FullRangeEncoding, EveryInlierCode) {
  for (const int bits : {2, 4}) {
    const Format format = format_of(bits);
    EXPECT_EQ(qmin(format), bits == 2 ? -2 : -8);
    EXPECT_EQ(qmax(format), bits == 2 ? 1 : 7);
    std::set<int> codes;
    for (int q = qmin(format); q <= qmax(format); ++q) {
      const std::uint8_t code = inlier_code(format, q);
      EXPECT_EQ(code, q < 0 ? q + (1 << bits) : q);
      EXPECT_EQ(inlier_value(format, code), q);
      EXPECT_TRUE(is_inlier(format, code));
      codes.insert(code);
    }
    EXPECT_EQ(codes.size(), std::size_t{1} << bits) << "every code is used";
  }
}

TEST(FullRangeEncoding, EveryOutlier) {
  for (const int bits : {2, 4}) {
    const Format format = format_of(bits);
    const int half = 1 << (2 * bits - 1);
    EXPECT_EQ(outlier_max(format), half);
    for (int m = -half; m < half; ++m) {
      const Halves halves = outlier_halves(format, m);
      const int field = m < 0 ? m + 2 * half : m;
      EXPECT_EQ(halves.upper, field >> bits) << m;
      EXPECT_EQ(halves.lower, field % (1 << bits)) << m;
      EXPECT_EQ(outlier_integer(format, halves), m);
      EXPECT_TRUE(is_half(format, halves.upper) && is_half(format, halves.lower));
      EXPECT_TRUE(halves_agree(format, halves));
    }
  }
}

TEST(FullRangeEncoding, EveryCodeWithinItsBitsIsAHalf) {
  for (const int bits : {2, 4}) {
    for (int code = 0; code < 256; ++code) {
      EXPECT_EQ(is_half(format_of(bits), static_cast<std::uint8_t>(code)), code < 1 << bits) << code;
    }
  }
}

TEST(FullRangeEncoding, NearestInlierClampsOnBothSidesOnItsOwn) {
  const Format two = format_of(2);
  EXPECT_EQ(nearest_inlier(two, 5.0, 1.0), 1);
  EXPECT_EQ(nearest_inlier(two, -5.0, 1.0), -2);
  EXPECT_EQ(nearest_inlier(two, -1.5, 1.0), -2) << "to even";
  EXPECT_EQ(nearest_inlier(two, -0.5, 1.0), 0);
  EXPECT_EQ(nearest_inlier(two, -2.5, 1.0), -2);
  EXPECT_EQ(nearest_inlier(two, 5.0, -1.0), -2) << "a negative scale turns the range around";
  EXPECT_EQ(nearest_inlier(two, -5.0, -1.0), 1);
  EXPECT_EQ(nearest_inlier(format_of(4), -7.5, 1.0), -8);
  EXPECT_EQ(nearest_inlier(format_of(4), 7.5, 1.0), 7);
}

TEST(FullRangeEncoding, NearestOutlier) {
  const Format two = format_of(2);
  EXPECT_EQ(nearest_outlier(two, 0.0, 1.0), 0) << "an outlier may be zero";
  EXPECT_EQ(nearest_outlier(two, 100.0, 1.0), 7);
  EXPECT_EQ(nearest_outlier(two, -100.0, 1.0), -8);
  EXPECT_EQ(nearest_outlier(two, -100.0, -1.0), 7);
  EXPECT_EQ(nearest_outlier(two, 2.5, 1.0), 2);
  EXPECT_EQ(nearest_outlier(two, -3.5, 1.0), -4);
  EXPECT_EQ(step_of(two, {3, -13}), -13.0) << "-(1 + 5/8) * 2^3";
  EXPECT_EQ(outlier_unit(two, -13.0, 1), -6.5) << "F = 2";
  EXPECT_EQ(outlier_unit(format_of(2, 1), -13.0, 3), -52.0) << "F = 1";
}

TEST(FullRangeEncoding, NeedsTheLeastShiftThatDoesNotClamp) {
  // bb = 2, F = 2: M in -8..7, in units of 2^(r-2) at step 1. 7.49 units round to 7, 7.5 to the clamped 8.
  EXPECT_EQ(needed_shift(format_of(2), 1.87, 1.0, 7), 0);
  EXPECT_EQ(needed_shift(format_of(2), 1.875, 1.0, 7), 1);
  EXPECT_EQ(needed_shift(format_of(2), -2.125, 1.0, 7), 0) << "-8.5 goes to -8, the even one";
  EXPECT_EQ(needed_shift(format_of(2), -2.13, 1.0, 7), 1);
  EXPECT_EQ(needed_shift(format_of(2), 2.125, -1.0, 7), 0) << "a negative step turns the range around";
  EXPECT_EQ(needed_shift(format_of(2), 1e6, 1.0, 7), 7) << "no more than r_max";
  EXPECT_EQ(needed_shift(format_of(2), 0.0, 1.0, 7), 0);
}

TEST(FullRangeEncoding, StoresEveryScaleInAByteAndAMantissa) {
  for (int t = 0; t <= 3; ++t) {
    const Format format = format_of(2, 2, t);
    std::set<std::pair<int, int>> scales;
    for (int byte = 0; byte < 256; ++byte) {
      for (int f = 0; f < 1 << t; ++f) {
        const StoredScale stored{static_cast<std::uint8_t>(byte), static_cast<std::uint8_t>(f)};
        const BlockScale scale = load_scale(format, stored);
        EXPECT_EQ(scale.exponent, byte % 128 - 64);
        EXPECT_EQ(scale.factor, (byte < 128 ? 1 : -1) * ((1 << t) + f));
        EXPECT_EQ(store_scale(format, scale), stored);
        scales.emplace(scale.exponent, scale.factor);
      }
    }
    EXPECT_EQ(scales.size(), std::size_t{256} << t);
  }
}

TEST(FullRangeEncoding, TriesFactorsInTheOrderOfTheContract) {
  const ScaleFactors two = scale_factors(format_of(4, 2, 1));
  EXPECT_EQ(std::vector(two.begin(), two.end()), (std::vector{2, -2, 3, -3}));
  const ScaleFactors one = scale_factors(format_of(4, 2, 0));
  EXPECT_EQ(std::vector(one.begin(), one.end()), (std::vector{1, -1}));
  const ScaleFactors eight = scale_factors(format_of(4, 2, 3));
  EXPECT_EQ(std::distance(eight.begin(), eight.end()), 16);
  EXPECT_EQ(eight.front(), 8);
  EXPECT_EQ(factor_bits(format_of(4, 2, 3)), 4);
}

TEST(FullRangeEncoding, FindsTheScalesOnEitherSideOfAValue) {
  const Format format = format_of(2, 2, 1);  // magnitudes 1, 1.5, 2, 3, 4 ..
  EXPECT_EQ(scales_near(format, 1.2), (std::vector<BlockScale>{{0, 2}, {0, 3}}));
  EXPECT_EQ(scales_near(format, -1.7), (std::vector<BlockScale>{{0, -3}, {1, -2}}));
  EXPECT_EQ(scales_near(format, 0x1.8p63), (std::vector<BlockScale>{{63, 3}})) << "the largest";
  EXPECT_EQ(scales_near(format, 0x1p-65), (std::vector<BlockScale>{})) << "below the smallest";
  EXPECT_EQ(scales_near(format, 0x1.cp-65), (std::vector<BlockScale>{{-64, 2}}));
  EXPECT_TRUE(scales_near(format, 0.0).empty());
  EXPECT_TRUE(scales_near(format, std::numeric_limits<double>::infinity()).empty());
}

}  // namespace
}  // namespace msq::golden
