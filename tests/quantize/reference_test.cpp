#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "golden/quantize/dequantize.hpp"
#include "golden/quantize/packing.hpp"
#include "golden/quantize/quantizer.hpp"
#include "tests/quantize/random_weights.hpp"
#include "tests/quantize/reference_quantizer.hpp"

namespace msq::golden {
namespace {

template <class T, std::size_t size>
T pick(const T (&values)[size], std::mt19937& random) {
  return values[random() % size];
}

struct Case {
  unsigned seed = 0;
  std::int64_t k = 0;
  std::int64_t n = 0;
  bool coarse = false;
  QuantizerOptions options;
};

Case random_case(unsigned seed, std::mt19937& random) {
  Case c;
  c.seed = seed;
  QuantizerOptions& o = c.options;
  o.bits = pick({2, 4}, random);
  o.micro_block = pick({4, 8, 8, 16}, random);
  o.macro_block = pick({32, 64, 128}, random);
  o.axis = pick({Axis::reduction, Axis::output}, random);
  o.inlier_rule = pick({InlierRule::mse, InlierRule::mse, InlierRule::ocp}, random);
  o.shift_rule = pick({ShiftRule::mse, ShiftRule::mse, ShiftRule::max}, random);
  // The reference finds pruned positions by exhaustion: three outliers of sixteen positions are the most it
  // can do quickly.
  const int most = o.micro_block == 16 ? 3 : o.micro_block / 2;
  o.outliers_per_block = static_cast<int>(random() % static_cast<unsigned>(most + 1));
  if (random() % 2 == 0) o.outliers_per_block = most;
  o.outlier_shift_max = pick({0, 2, 7, 15}, random);
  o.outlier_sigma = pick({1.0, 1.7, 3.0}, random);
  o.row_align_bits = pick({0, 1, 3, 7}, random);
  c.k = 1 + static_cast<std::int64_t>(random() % 150);
  c.n = 1 + static_cast<std::int64_t>(random() % 40);
  if (o.axis == Axis::output) std::swap(c.k, c.n);
  c.coarse = random() % 2 == 0;
  return c;
}

std::string show(const Case& c) {
  const QuantizerOptions& o = c.options;
  return fmt::format(
      "seed {}: [{}][{}] coarse {} bits {} B_mu {} B_M {} axis {} inlier rule {} shift rule {} n_max {} "
      "r_max {} "
      "sigma {} align {}",
      c.seed, c.k, c.n, c.coarse, o.bits, o.micro_block, o.macro_block, static_cast<int>(o.axis),
      static_cast<int>(o.inlier_rule), static_cast<int>(o.shift_rule), o.max_outliers(), o.outlier_shift_max,
      o.outlier_sigma, o.row_align_bits);
}

TEST(QuantizerAgainstReference, RandomTensors) {
  QuantizeStatistics seen;
  for (unsigned seed = 1; seed <= 400; ++seed) {
    std::mt19937 random(seed);
    const Case c = random_case(seed, random);
    const auto weights = random_weights(c.k, c.n, c.coarse, random);
    const auto found = quantize(weights, c.k, c.n, c.options);
    ASSERT_TRUE(found) << show(c) << ": " << found.error();
    const auto expected = reference_quantize(weights, c.k, c.n, c.options);
    ASSERT_EQ(found->tensor.scales, expected.tensor.scales) << show(c);
    ASSERT_EQ(found->tensor.codes, expected.tensor.codes) << show(c);
    ASSERT_EQ(found->tensor.blocks, expected.tensor.blocks) << show(c);
    ASSERT_EQ(found->tensor, expected.tensor) << show(c);
    ASSERT_EQ(found->statistics, expected.statistics) << show(c);
    const auto valid = validate(found->tensor);
    ASSERT_TRUE(valid) << show(c) << ": " << valid.error();
    const auto again = unpack(pack(found->tensor));
    ASSERT_TRUE(again) << show(c) << ": " << again.error();
    ASSERT_EQ(*again, found->tensor) << show(c);
    seen.outliers_kept += expected.statistics.outliers_kept;
    seen.demoted_too_many += expected.statistics.demoted_too_many;
    seen.adjacent_outliers += expected.statistics.adjacent_outliers;
  }
  EXPECT_GT(seen.outliers_kept, 10000);
  EXPECT_GT(seen.demoted_too_many, 1000);
  EXPECT_GT(seen.adjacent_outliers, 1000);
}

/// Weights about and below the least scale: outliers that no scale is small enough for become inliers.
TEST(QuantizerAgainstReference, SubnormalTensors) {
  QuantizeStatistics seen;
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random(seed);
    const Case c = random_case(seed, random);
    auto weights = random_weights(c.k, c.n, c.coarse, random);
    const int down = 118 + static_cast<int>(random() % 30);
    for (float& w : weights) w = std::ldexp(w, -down);
    const auto found = quantize(weights, c.k, c.n, c.options);
    ASSERT_TRUE(found) << show(c) << ": " << found.error();
    const auto expected = reference_quantize(weights, c.k, c.n, c.options);
    ASSERT_EQ(found->tensor, expected.tensor) << show(c);
    ASSERT_EQ(found->statistics, expected.statistics) << show(c);
    seen.demoted_too_small += expected.statistics.demoted_too_small;
    seen.outliers_kept += expected.statistics.outliers_kept;
  }
  EXPECT_GT(seen.demoted_too_small, 1000);
  EXPECT_GT(seen.outliers_kept, 1000);
}

/// With the default rules, in both encodings: as near to the weights as zeros are, or nearer.
TEST(SubnormalWeights, AreNeverQuantizedWorseThanZeros) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    std::mt19937 random(seed);
    QuantizerOptions options;
    options.bits = pick({2, 4}, random);
    options.encoding = pick({Encoding::paper, Encoding::full_range}, random);
    auto weights = random_weights(64, 32, false, random);
    const int down = options.encoding == Encoding::paper ? 120 : 58;
    for (float& w : weights) w = std::ldexp(w, -down - static_cast<int>(random() % 28));
    const auto found = quantize(weights, 64, 32, options);
    ASSERT_TRUE(found) << found.error();
    const std::vector<double> values = dequantize(found->tensor);
    double error = 0;
    double of_zeros = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      error += (weights[i] - values[i]) * (weights[i] - values[i]);
      of_zeros += static_cast<double>(weights[i]) * weights[i];
    }
    ASSERT_LE(error, of_zeros) << seed;
  }
}

TEST(SubnormalWeights, HalfTheLeastOutlierIsTheBoundary) {
  for (const int bits : {2, 4}) {
    QuantizerOptions options;
    options.bits = bits;
    const float half = std::ldexp(1.0F, bits - 130);
    std::vector<float> weights(64 * 2, 0);
    weights[0] = half;
    weights[1] = half * (1 - 0x1p-10F);
    const auto found = quantize(weights, 64, 2, options);
    ASSERT_TRUE(found) << found.error();
    EXPECT_EQ(found->statistics.outliers_wanted, 2);
    EXPECT_EQ(found->statistics.outliers_kept, 1);
    EXPECT_EQ(found->statistics.demoted_too_small, 1);
    const std::vector<double> values = dequantize(found->tensor);
    EXPECT_EQ(values[0], 2.0 * half);
    EXPECT_EQ(values[1], bits == 2 ? 0 : 2 * std::ldexp(1.0, -127));
  }
}

}  // namespace
}  // namespace msq::golden
