// Encoding `full_range` in the golden matrix product: against the 128-bit references, which decode weights
// their own way (docs/reference/numerics.md, "Second encoding").

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "golden/exec/accumulate.hpp"
#include "golden/exec/gemm.hpp"
#include "golden/exec/output.hpp"
#include "golden/exec/reference.hpp"
#include "golden/quantize/activations.hpp"
#include "golden/quantize/quantizer.hpp"

namespace msq::golden {
namespace {

struct Case {
  QuantizedTensor weights;
  QuantizedActivations activations;
};

// Heavy-tailed weights whose columns differ in size by a few powers of two, so that scales and shifts do.
Case random_case(unsigned seed) {
  std::mt19937 random(seed);
  const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  QuantizerOptions options;
  options.encoding = Encoding::full_range;
  options.bits = pick(0, 1) == 0 ? 2 : 4;
  options.macro_block = 32;
  options.outliers_per_block = 1 << pick(0, 2);
  options.shift_bits = pick(0, 1) == 0 ? 4 : 8;
  options.fraction_bits = pick(1, 2);
  options.scale_mantissa_bits = pick(0, 3);
  options.outlier_sigma = 1.5;
  const std::int64_t k = pick(1, 100);
  const std::int64_t n = pick(1, 20);
  const std::int64_t m = pick(1, 4);
  std::student_t_distribution<float> heavy(2);
  std::vector<float> w(static_cast<std::size_t>(k * n));
  for (std::size_t i = 0; i < w.size(); ++i)
    w[i] = std::ldexp(heavy(random), static_cast<int>(i % static_cast<std::size_t>(n) % 5));
  std::vector<float> x(static_cast<std::size_t>(m * k));
  for (float& value : x) value = pick(0, 3) == 0 ? (pick(0, 1) == 0 ? 127.0F : -127.0F) : heavy(random);
  auto weights = quantize(w, k, n, options);
  auto activations = quantize_activations(x, m, k, 8, 32);
  EXPECT_TRUE(weights && activations);
  return {std::move(weights->tensor), std::move(*activations)};
}

TEST(FullRange, PartialSumsMatchTheReference) {
  std::int64_t compared = 0;
  std::int64_t outliers = 0;
  for (unsigned seed = 0; seed < 300; ++seed) {
    const Case c = random_case(seed);
    const RowRange range = split_rows(c.weights, 32, 16).back();
    const Tile tile =
        extract_tile(c.weights, range.k0, 0, range.rows, static_cast<int>(c.weights.n_padded()));
    ASSERT_TRUE(validate(tile)) << validate(tile).error();
    for (const MicroBlock& block : tile.blocks) outliers += block.has_outliers() ? 1 : 0;
    const int tokens = static_cast<int>(c.activations.m);
    const auto x = activation_tile(c.activations, range.k0, range.rows, 0, tokens);
    const auto sums = tile_partial_sums(tile, x, tokens);
    const auto expected = reference_partial_sums(tile, x, tokens);
    ASSERT_EQ(sums.size(), expected.size());
    for (std::size_t i = 0; i < sums.size(); ++i, ++compared)
      ASSERT_TRUE(Int128{sums[i]} == expected[i]) << "seed " << seed << " element " << i;
  }
  EXPECT_GT(compared, 1000);
  EXPECT_GT(outliers, 100);
}

// The accumulator is exact as long as no block is more than 4 (weights) or 7 (activations) bits below the
// largest, which the contract then rounds; those elements are left out here.
TEST(FullRange, LayerMatchesTheExactProduct) {
  std::int64_t compared = 0;
  for (unsigned seed = 0; seed < 300; ++seed) {
    const Case c = random_case(seed);
    const auto result = gemm(c.weights, c.activations, 16);
    ASSERT_TRUE(result) << result.error();
    const auto exact = exact_gemm(c.weights, c.activations);
    ASSERT_TRUE(exact) << exact.error();
    const auto spread = [](const auto& scale_of, std::int64_t groups) {
      int low = 127, high = -127;
      for (std::int64_t g = 0; g < groups; ++g) {
        low = std::min(low, scale_of(g));
        high = std::max(high, scale_of(g));
      }
      return high - low;
    };
    for (std::int64_t m = 0; m < c.activations.m; ++m) {
      const int x_spread = spread(
          [&](std::int64_t g) {
            return int{c.activations.scales[static_cast<std::size_t>(m * c.activations.groups() + g)]};
          },
          c.activations.groups());
      for (std::int64_t n = 0; n < c.weights.n; ++n) {
        const int w_spread =
            spread([&](std::int64_t g) { return c.weights.scale(g * 32, n); }, c.weights.groups());
        if (x_spread > 7 || w_spread > 4) continue;
        const ExactElement& element = (*exact)[static_cast<std::size_t>(m * c.weights.n + n)];
        const double expected = std::ldexp(static_cast<double>(element.sum), element.exponent);
        EXPECT_EQ(std::ldexp(static_cast<double>(result->at(m, n)), result->exponent(m, n)), expected)
            << "seed " << seed << " token " << m << " column " << n;
        EXPECT_EQ(to_float(result->at(m, n), result->exponent(m, n)), static_cast<float>(expected));
        ++compared;
      }
    }
  }
  EXPECT_GT(compared, 3000);
}

// One weight, one activation: every M at the ends of its range, by hand.
TEST(FullRange, AnOutlierByHand) {
  for (const int bits : {2, 4}) {
    Tile tile = make_tile({.bits = bits, .micro_block = 4, .encoding = Encoding::full_range}, 1, 4);
    tile.blocks[0] = {3, {{1, 2}}};
    tile.codes[1] = static_cast<std::uint8_t>(1 << (bits - 1));  // upper half: the most negative
    tile.codes[2] = 1;                                           // lower half
    tile.codes[3] = static_cast<std::uint8_t>((1 << bits) - 1);  // inlier -1
    const std::vector<std::int8_t> x{-127};
    const std::int64_t m = -(1 << (2 * bits - 1)) + 1;
    EXPECT_EQ(tile_partial_sums(tile, x, 1), (std::vector<std::int64_t>{0, m * 8 * -127, 0, 4 * 127}));
  }
}

// acc_bits derived for a format hold its largest sum, and one bit less does not.
TEST(FullRange, DerivedWidth) {
  const Format formats[] = {{.bits = 4, .encoding = Encoding::full_range}};
  EXPECT_EQ(derived_acc_bits(64, formats, 7, true, 127), 1 + 27);  // 64 * 127 * 128 * 2^7 = 127 * 2^20
  const Format inliers[] = {{.bits = 2, .encoding = Encoding::full_range, .fraction_bits = 1}};
  EXPECT_EQ(derived_acc_bits(1, inliers, 7, false, 127), 1 + 9);  // 127 * 2 * 2 = 508
}

}  // namespace
}  // namespace msq::golden
