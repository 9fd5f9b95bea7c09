#include <fmt/format.h>
#include <gtest/gtest.h>

#include "golden/quantize/packing.hpp"
#include "golden/quantize/quantizer.hpp"
#include "tests/quantize/compensated_reference.hpp"
#include "tests/quantize/random_weights.hpp"

namespace msq::golden {
namespace {

struct Case {
  std::int64_t k = 0;
  std::int64_t n = 0;
  bool coarse = false;
  bool compensated = true;
  bool dead = false;
  std::int64_t tokens = 0;
  QuantizerOptions options;
};

template <class T>
T pick(std::initializer_list<T> choices, std::mt19937& random) {
  return *(choices.begin() + random() % choices.size());
}

Case random_case(OutlierRule rule, std::mt19937& random) {
  Case c;
  QuantizerOptions& o = c.options;
  o.bits = pick({2, 4}, random);
  o.micro_block = pick({4, 8, 8, 16}, random);
  o.macro_block = pick({32, 32, 64}, random);
  o.encoding = pick({Encoding::paper, Encoding::full_range}, random);
  if (o.encoding == Encoding::paper) o.axis = pick({Axis::reduction, Axis::output}, random);
  o.inlier_rule = pick({InlierRule::mse, InlierRule::mse, InlierRule::ocp}, random);
  o.shift_rule = pick({ShiftRule::mse, ShiftRule::max}, random);
  o.prune_rule = pick({PruneRule::saliency, PruneRule::error}, random);
  o.outlier_rule = rule;
  o.outliers_per_block = rule == OutlierRule::sigma ? pick({0, 1, 2, 2}, random) : pick({0, 1, 1, 1}, random);
  o.outlier_shift_max = pick({0, 3, 7}, random);
  o.outlier_sigma = pick({1.1, 1.7, 3.0}, random);
  o.outlier_price = pick({0.0, 0.5, 2.0}, random);
  o.row_align_bits = pick({0, 1, 3, 7}, random);
  o.fraction_bits = pick({1, 2}, random);
  o.scale_mantissa_bits = pick({0, 1, 2, 3}, random);
  o.shift_bits = pick({4, 8}, random);
  o.identifier_group = pick({1, 4, 8, 16}, random);
  o.weigh_scales = random() % 3 == 0;
  o.activation_order = random() % 2 == 0;
  o.damping = pick({0.01, 0.1, 1.0}, random);
  o.threads = 1;
  c.k = 1 + static_cast<std::int64_t>(random() % 48);
  c.n = 1 + static_cast<std::int64_t>(random() % 40);
  c.coarse = random() % 3 == 0;
  c.compensated = random() % 8 != 0;
  c.dead = random() % 3 == 0;
  c.tokens = random() % 4 == 0 ? 5 : 3 * c.k;  // now and then fewer than K
  // Rows never seen in calibration go back to their weights: coarse ones to ties.
  if (!c.coarse || !c.dead) o.sweeps = pick({0, 0, 1, 3}, random);
  return c;
}

std::string show(unsigned seed, const Case& c) {
  const QuantizerOptions& o = c.options;
  return fmt::format(
      "seed {}: [{}][{}] coarse {} compensated {} dead {} bits {} B_mu {} B_M {} axis {} encoding {} inlier "
      "{} "
      "shift {} prune {} n_max {} r_max {} sigma {} price {} align {} F {} t {} weigh {} order {} damping {} "
      "sweeps {}",
      seed, c.k, c.n, c.coarse, c.compensated, c.dead, o.bits, o.micro_block, o.macro_block,
      static_cast<int>(o.axis), static_cast<int>(o.encoding), static_cast<int>(o.inlier_rule),
      static_cast<int>(o.shift_rule), static_cast<int>(o.prune_rule), o.max_outliers(), o.outlier_shift_max,
      o.outlier_sigma, o.outlier_price, o.row_align_bits, o.fraction_bits, o.scale_mantissa_bits,
      o.weigh_scales, o.activation_order, o.damping, o.sweeps);
}

class AgainstCompensatedReference : public ::testing::TestWithParam<OutlierRule> {};

// Weights are random numbers, so that rounding (double here, long double there) decides nothing: every code,
// list, shift and scale agrees.
TEST_P(AgainstCompensatedReference, RandomLayers) {
  std::int64_t pairs = 0;
  for (unsigned seed = 1; seed <= 300; ++seed) {
    std::mt19937 random(seed);
    Case c = random_case(GetParam(), random);
    if (seed % 75 == 0) {  // more rows than are worked on at a time
      c.k += 128;
      c.compensated = true;
      c.coarse = false;
      c.options.sweeps = 1;
      c.n = 1 + c.n % 8;
      c.tokens += 128;
    }
    const auto weights = random_weights(c.k, c.n, c.coarse, random);
    const auto activations = random_activations(c.tokens, c.k, c.dead, random);
    Hessian hessian(c.k);
    ASSERT_TRUE(hessian.add(activations));
    const auto found =
        quantize(weights, c.k, c.n, c.options, c.compensated ? std::optional(hessian) : std::nullopt);
    ASSERT_TRUE(found) << show(seed, c) << ": " << found.error();
    const auto expected = compensated_reference(
        weights, c.k, c.n, c.options, c.compensated ? plain_hessian(activations, c.k) : std::vector<Real>{});
    const QuantizedTensor& tensor = found->tensor;
    ASSERT_EQ(tensor.format, expected.format) << show(seed, c);
    ASSERT_EQ(tensor.scales, expected.scales) << show(seed, c);
    ASSERT_EQ(tensor.factors, expected.factors) << show(seed, c);
    ASSERT_EQ(tensor.blocks, expected.blocks) << show(seed, c);
    ASSERT_EQ(tensor.codes, expected.codes) << show(seed, c);
    ASSERT_EQ(tensor, expected) << show(seed, c);
    const auto valid = validate(tensor);
    ASSERT_TRUE(valid) << show(seed, c) << ": " << valid.error();
    ASSERT_EQ(unpack(pack(tensor)).value(), tensor) << show(seed, c);
    QuantizeStatistics count;
    for (std::size_t i = 0; i < expected.blocks.size(); ++i) {
      const auto column = static_cast<std::int64_t>(i) % expected.blocks_per_row() * c.options.micro_block;
      const MicroBlock& block = expected.blocks[i];
      count.outliers_kept += static_cast<std::int64_t>(block.pairs.size());
      count.micro_blocks_with_outliers += block.pairs.empty() ? 0 : 1;
      for (const OutlierPair& pair : block.pairs) count.pruned_weights += column + pair.lower < c.n ? 1 : 0;
    }
    ASSERT_EQ(found->statistics.outliers_kept, count.outliers_kept) << show(seed, c);
    ASSERT_EQ(found->statistics.micro_blocks_with_outliers, count.micro_blocks_with_outliers);
    ASSERT_EQ(found->statistics.pruned_weights, count.pruned_weights) << show(seed, c);
    pairs += count.outliers_kept;
  }
  EXPECT_GT(pairs, 2000);
}

INSTANTIATE_TEST_SUITE_P(Rules, AgainstCompensatedReference,
                         ::testing::Values(OutlierRule::sigma, OutlierRule::demote, OutlierRule::error));

// With columns for two panels: the error of the outputs, from the activations and from the Hessian.
TEST(Compensated, OutputErrorIsThatOfTheActivations) {
  constexpr Eigen::Index kTokens = 300, kInputs = 40, kColumns = 136;
  using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  std::mt19937 engine(21);
  std::normal_distribution<float> normal;
  Rows x(kTokens, kInputs);
  Rows w(kInputs, kColumns);
  for (float& value : x.reshaped()) value = normal(engine);
  for (float& value : w.reshaped()) value = normal(engine);
  x.col(7).setZero();  // damped by the mean of the diagonal, which must not count
  for (const int sweeps : {0, 2}) {
    QuantizerOptions options;
    options.bits = 2;
    options.sweeps = sweeps;
    options.damping = 0.05;
    Hessian hessian(kInputs);
    ASSERT_TRUE(hessian.add({x.data(), static_cast<std::size_t>(x.size())}));
    const auto output =
        quantize({w.data(), static_cast<std::size_t>(w.size())}, kInputs, kColumns, options, hessian).value();
    const std::vector<double> values = dequantize(output.tensor);
    const Eigen::MatrixXd xd = x.cast<double>();
    const Eigen::MatrixXd wd = w.cast<double>();
    const Eigen::Map<const RowMajorXd> q(values.data(), kInputs, kColumns);
    ASSERT_TRUE(output.output_error);
    EXPECT_NEAR(output.output_error->relative(), (xd * (wd - q)).norm() / (xd * wd).norm(), 1e-9);
    EXPECT_FALSE(
        quantize({w.data(), static_cast<std::size_t>(w.size())}, kInputs, kColumns, options)->output_error);
  }
}

}  // namespace
}  // namespace msq::golden
