#include "eval/outliers_apart.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "golden/quantize/dequantize.hpp"

namespace msq::eval {
namespace {

// 32 rows of +-1 in each of n columns.
std::vector<float> signs(std::int64_t n) {
  std::vector<float> weights(static_cast<std::size_t>(32 * n));
  for (std::size_t i = 0; i < weights.size(); ++i)
    weights[i] = (i / static_cast<std::size_t>(n) % 2) == 0 ? 1.0F : -1.0F;
  return weights;
}

TEST(OutliersApart, ByHandWithTwoBits) {
  // Columns of +-1: sigma about 1.9 where one of 32 is 10, so 10 is beyond 3 sigma, and 1 is exact at step 1.
  auto weights = signs(16);
  weights[0 * 16 + 2] = 10.0F;
  weights[0 * 16 + 3] = -10.0F;
  const auto found = outliers_apart(weights, 32, 16, {.bits = 2, .group = 8});
  ASSERT_TRUE(found) << found.error();
  // Units of the significands 4..7 are 2^(r - 2): the nearest values to 10 are 5 * 2 (r = 3).
  std::vector<double> expected(weights.begin(), weights.end());
  EXPECT_EQ(found->values, expected);
  // 2 bits per weight, 16 scales of 8, 64 groups, one with r (8), a number (3) and two times half (2), place
  // (3).
  EXPECT_EQ(found->bits_stored, 2 + (16 * 8 + 64 + 8 + 3 + 2 * (2 + 3)) / 512.0);
  EXPECT_EQ(found->outliers.outliers_kept, 2);
}

TEST(OutliersApart, OutliersOfAGroupShareTheirShift) {
  // 10 = 5 * 2 and 40 = 5 * 8 need different shifts: r = 5 leaves 40 exact and makes 32 of 10, r = 3 makes 14
  // of 40 (error 26^2 against 22^2); r = 4 makes 28 of 40 and 16 of 10, 144 + 36 = 180, the least.
  auto weights = signs(16);
  weights[2] = 10.0F;
  weights[12] = 40.0F;
  const auto together = outliers_apart(weights, 32, 16, {.bits = 2, .group = 16});
  ASSERT_TRUE(together) << together.error();
  EXPECT_EQ(together->values[2], 16.0);
  EXPECT_EQ(together->values[12], 28.0);
  const auto split = outliers_apart(weights, 32, 16, {.bits = 2, .group = 8});
  ASSERT_TRUE(split) << split.error();
  EXPECT_EQ(split->values[2], 10.0);
  EXPECT_EQ(split->values[12], 40.0);
}

TEST(OutliersApart, WithoutOutliersItIsTheQuantizer) {
  std::mt19937 random(3);
  std::uniform_real_distribution<float> uniform(-1.0F, 1.0F);
  std::vector<float> weights(200 * 24);
  for (float& w : weights) w = uniform(random);
  for (const int bits : {2, 4}) {
    golden::QuantizerOptions options;
    options.bits = bits;
    const auto paper = golden::quantize(weights, 200, 24, options);
    ASSERT_TRUE(paper) << paper.error();
    ASSERT_EQ(paper->statistics.outliers_wanted, 0);
    const auto found = outliers_apart(weights, 200, 24, {.bits = bits, .group = 128});
    ASSERT_TRUE(found) << found.error();
    EXPECT_EQ(found->values, golden::dequantize(paper->tensor));
  }
}

TEST(OutliersApart, WrongOptionsAreErrors) {
  const std::vector<float> weights(16);
  const auto message = [&](const ApartOptions& options, std::int64_t n) {
    const auto result = outliers_apart(weights, 2, n, options);
    return result ? "" : result.error();
  };
  EXPECT_EQ(message({.bits = 3}, 8), "bits is 3; allowed: 2, 4");
  EXPECT_EQ(message({.group = 12}, 8), "group is 12; allowed: powers of two, 2..128");
  EXPECT_EQ(message({}, 9), "shape [k=2][n=9] needs 18 weights, got 16");
  EXPECT_EQ(message({}, 8), "");
}

TEST(Methods, ApartIsAKindWithItsOwnKeys) {
  const auto list =
      nlohmann::json::parse(R"([{"name": "a", "kind": "apart", "bits": 2, "group": 8, "sweeps": 1}])");
  const auto methods = parse_methods(list);
  ASSERT_TRUE(methods) << methods.error();
  const Layer layer{"l", 2, 8, std::vector<float>(16), {}, golden::Hessian(2)};
  const auto result = apply(methods->front(), layer);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), "method a: unknown key \"sweeps\"");
}

}  // namespace
}  // namespace msq::eval
