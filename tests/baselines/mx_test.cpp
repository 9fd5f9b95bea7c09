#include "golden/baselines/mx.hpp"

#include <gtest/gtest.h>

#include "tests/baselines/cases.hpp"

namespace msq::golden::baselines {
namespace {

TEST(MxInt, FourBits) {
  const auto result = value_of(mx_int(Floats{7.9F, -5.5, 0.5, 1.5, -7}, 5, 1, 4));  // X = 1
  EXPECT_EQ(result.values, (Floats{7, -6, 0, 2, -7}));
  EXPECT_EQ(result.stored_bits, 128 * 4 + 8);
}

TEST(MxInt, TwoThreeAndEightBits) {
  EXPECT_EQ(value_of(mx_int(Floats{1.9F, 0.5, -1, 0.6F}, 4, 1, 2)).values, (Floats{1, 0, -1, 1}));
  EXPECT_EQ(value_of(mx_int(Floats{3.9F, -2.5, 0.6F}, 3, 1, 3)).values, (Floats{3, -2, 1}));
  EXPECT_EQ(value_of(mx_int(Floats{127.9F, -64.5, 1.5}, 3, 1, 8)).values, (Floats{127, -64, 2}));
}

// Rows 0..127 and 128, 129; two columns.
TEST(MxInt, BlocksOf128RowsOfOneColumn) {
  Floats weights(130 * 2);
  weights[0] = 4;
  weights[2] = 0.75;
  weights[2 * 128] = 0.75;
  weights[1] = 0.25;
  const auto result = value_of(mx_int(weights, 130, 2, 4));
  EXPECT_EQ(result.values[0], 4);
  EXPECT_EQ(result.values[2], 1);
  EXPECT_EQ(result.values[2 * 128], 0.75);
  EXPECT_EQ(result.values[1], 0.25);
  EXPECT_EQ(result.stored_bits, 2 * 2 * (128 * 4 + 8));
}

TEST(MxInt, ScaleStaysWithinE8M0) {
  EXPECT_EQ(value_of(mx_int(Floats{0x1p-149F, 0x1.8p-127F}, 2, 1, 4)).values, (Floats{0, 0x1p-126F}));
  EXPECT_EQ(value_of(mx_int(Floats{0x1.fffffep127F}, 1, 1, 2)).values, (Floats{0x1p127F}));
  EXPECT_EQ(value_of(mx_int(Floats{0, 0}, 2, 1, 8)).values, (Floats{0, 0}));
}

TEST(Mxfp4, EveryTieAndSaturation) {
  const Floats weights{6, 5, 7.9F, 0.25, 0.75, 1.25, 1.75, 2.5, 3.5, -0.3F, -5.1F};  // X = 1
  const auto result = value_of(mxfp4(weights, 11, 1));
  EXPECT_EQ(result.values, (Floats{6, 4, 6, 0, 1, 1, 2, 2, 4, -0.5, -6}));
  EXPECT_EQ(result.stored_bits, 32 * 4 + 8);
}

TEST(Mxfp4, NumbersOfTheFormatAreExact) {
  for (const float scale : {0x1p-100F, 0.125F, 1.0F, 0x1p100F}) {
    Floats weights;
    for (const float number : {0.0F, 0.5F, 1.0F, 1.5F, 2.0F, 3.0F, 4.0F, 6.0F}) {
      weights.push_back(number * scale);
      weights.push_back(-number * scale);
    }
    EXPECT_EQ(value_of(mxfp4(weights, 16, 1)).values, weights);
  }
}

TEST(Mxfp4, BlocksOf32RowsOfOneColumn) {
  Floats weights(33 * 2, 0.0F);
  weights[0] = 4;
  weights[2] = 0.2F;
  weights[2 * 32] = 0.25;
  const auto result = value_of(mxfp4(weights, 33, 2));
  EXPECT_EQ(result.values[0], 4);
  EXPECT_EQ(result.values[2], 0);
  EXPECT_EQ(result.values[2 * 32], 0.25);
  EXPECT_EQ(result.stored_bits, 2 * 2 * (32 * 4 + 8));
}

TEST(Mx, Errors) {
  EXPECT_EQ(error_of(mx_int(Floats{1}, 1, 1, 6)), "bits is 6; allowed are 2, 3, 4, 8");
  EXPECT_EQ(error_of(mx_int(Floats{1, kNaN}, 1, 2, 4)),
            "weight [k=0][n=1] is nan; every weight must be finite");
  EXPECT_EQ(error_of(mxfp4(Floats{1, kInfinity}, 2, 1)),
            "weight [k=1][n=0] is inf; every weight must be finite");
  EXPECT_EQ(error_of(mxfp4(Floats{1}, 2, 1)), "shape [k=2][n=1] needs 2 weights, got 1");
}

}  // namespace
}  // namespace msq::golden::baselines
