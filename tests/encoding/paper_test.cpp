#include "golden/encoding/paper.hpp"

#include <gtest/gtest.h>

#include "golden/encoding/encoding.hpp"

namespace msq::golden {
namespace {

constexpr Format kTwo{2, 8, 128};
constexpr Format kFour{4, 8, 128};

// The encoding can be evaluated at compile time.
static_assert(inlier_code(kTwo, -1) == 0b11);
static_assert(outlier_halves(kTwo, -6) == Halves{0b11, 0b10});
static_assert(outlier_integer(kTwo, {0b11, 0b10}) == -6);

TEST(PaperEncoding, InliersAreSignMagnitude) {
  EXPECT_EQ(inlier_code(kTwo, 0), 0b00);
  EXPECT_EQ(inlier_code(kTwo, 1), 0b01);
  EXPECT_EQ(inlier_code(kFour, 7), 0b0111);
  EXPECT_EQ(inlier_code(kFour, -7), 0b1111);
  EXPECT_EQ(inlier_code(kFour, -1), 0b1001);
  EXPECT_FALSE(is_inlier(kTwo, 0b10)) << "minus zero";
  EXPECT_FALSE(is_inlier(kFour, 0b1000)) << "minus zero";
  EXPECT_FALSE(is_inlier(kTwo, 0b101)) << "too wide";
}

TEST(PaperEncoding, HalvesOfKnownOutliers) {
  EXPECT_EQ(outlier_halves(kTwo, 6), (Halves{0b01, 0b00}));   // 1.10
  EXPECT_EQ(outlier_halves(kTwo, -4), (Halves{0b10, 0b10}));  // -1.00: both minus zero
  EXPECT_EQ(outlier_halves(kTwo, -5), (Halves{0b10, 0b11}));  // -1.01
  EXPECT_EQ(outlier_halves(kFour, 16 + 0b1101), (Halves{0b0011, 0b0001}));
  EXPECT_EQ(outlier_halves(kFour, -(16 + 0b0110)), (Halves{0b1001, 0b1010}));
}

TEST(PaperEncoding, EveryOutlierComesBackFromItsHalves) {
  for (const Format& format : {kTwo, kFour}) {
    for (int s = 1 << format.bits; s < 2 << format.bits; ++s) {
      for (const int integer : {s, -s}) {
        const Halves halves = outlier_halves(format, integer);
        EXPECT_EQ(PaperEncoding::significand(format, halves), s);
        EXPECT_EQ(outlier_integer(format, halves), integer);
        EXPECT_TRUE(is_half(format, halves.upper) && is_half(format, halves.lower));
        EXPECT_TRUE(halves_agree(format, halves));
      }
    }
    EXPECT_EQ(outlier_max(format), (2 << format.bits) - 1);
  }
}

TEST(PaperEncoding, HalvesUseOnlyHalfOfTheMantissa) {
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

TEST(PaperEncoding, HalvesOfDifferentSignsDoNotBelongTogether) {
  EXPECT_TRUE(halves_agree(kFour, {0b1000, 0b1011}));
  EXPECT_FALSE(halves_agree(kFour, {0b1000, 0b0011}));
}

TEST(PaperEncoding, LeadingOneOfAnOutlier) {
  // bb = 2: 1.m1m0 * 2^(Isf + r); bb = 4: 1.m3m2m1m0 * 2^(Isf + 2 + r).
  EXPECT_EQ(outlier_exponent(kTwo), 0);
  EXPECT_EQ(outlier_exponent(kFour), 2);
}

TEST(PaperEncoding, NeedsTheShiftOfItsExponent) {
  EXPECT_EQ(needed_shift(kTwo, 1.99, 1.0, 7), 0);
  EXPECT_EQ(needed_shift(kTwo, -4.0, 1.0, 7), 2);
  EXPECT_EQ(needed_shift(kFour, 4.0, 1.0, 7), 0);
  EXPECT_EQ(needed_shift(kFour, 4.0, 0.125, 7), 3);
  EXPECT_EQ(needed_shift(kTwo, 1e6, 1.0, 7), 7) << "no more than r_max";
  EXPECT_EQ(needed_shift(kTwo, 1e-6, 1.0, 7), 0);
  EXPECT_EQ(needed_shift(kTwo, 0.0, 1.0, 7), 0);
}

TEST(PaperEncoding, AnOutlierIsNeverZero) {
  EXPECT_EQ(nearest_outlier(kTwo, 0.0, 1.0), 4);
  EXPECT_EQ(nearest_outlier(kTwo, -0.1, 1.0), -4);
  EXPECT_EQ(nearest_outlier(kTwo, 4.5, 1.0), 4) << "to even";
  EXPECT_EQ(nearest_outlier(kTwo, -5.5, 1.0), -6) << "to even";
  EXPECT_EQ(nearest_outlier(kFour, 1000.0, 1.0), 31);
}

TEST(PaperEncoding, AScaleIsItsExponent) {
  for (int exponent = -127; exponent <= 127; ++exponent) {
    const StoredScale stored = store_scale(kFour, {exponent, 1});
    EXPECT_EQ(stored, (StoredScale{static_cast<std::uint8_t>(exponent & 255), 0}));
    EXPECT_EQ(load_scale(kFour, stored), (BlockScale{exponent, 1}));
  }
  const ScaleFactors factors = scale_factors(kFour);
  EXPECT_EQ(std::vector(factors.begin(), factors.end()), std::vector{1});
  EXPECT_EQ(factor_bits(kFour), 0);
  EXPECT_TRUE(scales_near(kFour, 1.5).empty());
}

}  // namespace
}  // namespace msq::golden
