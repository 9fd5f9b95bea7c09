#include "golden/quantize/quantizer.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "golden/quantize/packing.hpp"
#include "golden/quantize/routing.hpp"
#include "golden/quantize/rows.hpp"

namespace msq::golden {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Scales = std::vector<std::int8_t>;
using Values = std::vector<double>;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

QuantizedTensor tensor_of(const std::vector<float>& weights, std::int64_t k, std::int64_t n,
                          const QuantizerOptions& options) {
  auto output = quantize(weights, k, n, options);
  if (!output) throw std::runtime_error(output.error());
  return output->tensor;
}

QuantizerOptions options_of(int bits, Axis axis = Axis::reduction) {
  QuantizerOptions options;
  options.bits = bits;
  options.axis = axis;
  return options;
}

// Column 1 is 1 but for its first weight, far enough out of 64 rows to be an outlier; all scales become 2^0.
QuantizedTensor worked_example(float outlier) {
  constexpr std::int64_t kRows = 64;
  const std::vector<float> first{1, outlier, 0.2F, 1, -1, 0, 1, -1};
  std::vector<float> weights(kRows * 8);
  for (std::int64_t row = 0; row < kRows; ++row) {
    for (std::int64_t column = 0; column < 8; ++column) {
      const auto c = static_cast<std::size_t>(column);
      const float sign = row % 2 == 0 ? 1.0F : -1.0F;
      weights[static_cast<std::size_t>(row * 8 + column)] = row == 0 ? first[c]
                                                            : c == 1 ? (row < 4 ? sign : 0.0F)
                                                                     : sign;
    }
  }
  return tensor_of(weights, kRows, 8, options_of(2));
}

void expect_first_row(const QuantizedTensor& tensor, const Bytes& codes) {
  EXPECT_EQ(Bytes(tensor.codes.begin(), tensor.codes.begin() + 8), codes);
  EXPECT_EQ(tensor.blocks[0].shift, 0);
  EXPECT_EQ(tensor.blocks[0].pairs, (std::vector<OutlierPair>{{1, 5}}));
  EXPECT_EQ(tensor.scales, Scales(8, 0));
}

TEST(Quantizer, WorkedExample) {
  const QuantizedTensor tensor = worked_example(-1.5F);
  expect_first_row(tensor, {0b01, 0b11, 0b00, 0b01, 0b11, 0b10, 0b01, 0b11});
  EXPECT_EQ(dequantize(tensor)[1], -1.5);
  EXPECT_EQ(dequantize(tensor)[5], 0.0);
}

TEST(Quantizer, WorkedExamplePositiveTwin) {
  const QuantizedTensor tensor = worked_example(1.5F);
  expect_first_row(tensor, {0b01, 0b01, 0b00, 0b01, 0b11, 0b00, 0b01, 0b11});
  EXPECT_EQ(dequantize(tensor)[1], 1.5);
}

TEST(Quantizer, WorkedExampleMinusOneHasTwoMinusZeros) {
  const QuantizedTensor tensor = worked_example(-1.0F);
  expect_first_row(tensor, {0b01, 0b10, 0b00, 0b01, 0b11, 0b10, 0b01, 0b11});
  EXPECT_EQ(dequantize(tensor)[1], -1.0);
  EXPECT_TRUE(validate(tensor)) << validate(tensor).error();
}

// One column of `values`, no outliers.
int scale_of(const std::vector<float>& values, int bits, InlierRule rule) {
  QuantizerOptions options = options_of(bits);
  options.outliers_per_block = 0;
  options.inlier_rule = rule;
  return tensor_of(values, static_cast<std::int64_t>(values.size()), 1, options).scales.at(0);
}

TEST(InlierScale, OcpTakesTheExponentOfTheLargest) {
  EXPECT_EQ(scale_of({1.0F, 0.1F}, 2, InlierRule::ocp), 0);
  EXPECT_EQ(scale_of({-1.99F, 0.1F}, 2, InlierRule::ocp), 0);
  EXPECT_EQ(scale_of({4.0F}, 4, InlierRule::ocp), 0);
  EXPECT_EQ(scale_of({7.9F}, 4, InlierRule::ocp), 0);
  EXPECT_EQ(scale_of({std::nextafter(4.0F, 0.0F)}, 4, InlierRule::ocp), -1);
}

TEST(InlierScale, MseTriesTheNeighbours) {
  // 1 and many 0.5: e0 = 0 loses 0.5 each (0.5 rounds to even 0), e0 - 1 loses 0.5 once.
  EXPECT_EQ(scale_of({1, 0.5F, 0.5F, 0.5F}, 2, InlierRule::mse), -1);
  // 1.9 everywhere is nearer to 2 than to 1.
  EXPECT_EQ(scale_of({1.9F, 1.9F}, 2, InlierRule::mse), 1);
  EXPECT_EQ(scale_of({1.1F, 1.1F}, 2, InlierRule::mse), 0);
  // 7.9 -> 8 = 4 * 2 rather than 7.
  EXPECT_EQ(scale_of({7.9F}, 4, InlierRule::mse), 1);
}

TEST(InlierScale, TiesPreferTheFirstCandidate) {
  // 1.5: both 1 (e0) and 2 (e0 + 1) are 0.5 off.
  EXPECT_EQ(scale_of({1.5F}, 2, InlierRule::mse), 0);
  // Exact at e0 and e0 - 1.
  EXPECT_EQ(scale_of({4.0F, 3.0F}, 4, InlierRule::mse), 0);
  // 1 and 0.5: at e0 0.5 -> 0 (0.25 lost), at e0 - 1 1 -> 0.5 (0.25 lost).
  EXPECT_EQ(scale_of({1.0F, 0.5F}, 2, InlierRule::mse), 0);
  // e0 loses 0.5625 + 6 * 0.25, e0 - 1 loses 1.25 squared, e0 + 1 loses 0.0625 + 6 * 0.25: the last two are
  // equal.
  EXPECT_EQ(scale_of({1.75F, 0.5F, 0.5F, 0.5F, 0.5F, 0.5F, 0.5F}, 2, InlierRule::mse), -1);
}

TEST(InlierScale, HalvesRoundToEven) {
  QuantizerOptions options = options_of(4);
  options.inlier_rule = InlierRule::ocp;
  options.outliers_per_block = 0;
  const auto tensor = tensor_of({4, 0.5F, 1.5F, 2.5F, -2.5F, -3.5F, 6.5F, 7.5F}, 8, 1, options);
  EXPECT_EQ(dequantize(tensor), (Values{4, 0, 2, 2, -2, -4, 6, 7}));
}

TEST(InlierScale, ExtremesAreClamped) {
  const float tiny = std::numeric_limits<float>::denorm_min();
  const float huge = std::numeric_limits<float>::max();
  for (const int bits : {2, 4}) {
    for (const InlierRule rule : {InlierRule::mse, InlierRule::ocp}) {
      EXPECT_EQ(scale_of({tiny, tiny}, bits, rule), -127);
      EXPECT_EQ(scale_of({0.0F, -0.0F}, bits, rule), -127);
    }
  }
  // e0 + 1 = 128 does not exist at bb = 2.
  EXPECT_EQ(scale_of({huge, huge}, 2, InlierRule::mse), 127);
  EXPECT_EQ(scale_of({huge, huge}, 4, InlierRule::mse), 126);
  const auto tensor = tensor_of({std::ldexp(1.0F, -127)}, 1, 1, options_of(2));
  EXPECT_EQ(dequantize(tensor), (Values{0x1p-127}));
}

TEST(Quantizer, AllZeroTensor) {
  for (const Axis axis : {Axis::reduction, Axis::output}) {
    const auto output = quantize(std::vector<float>(90, 0.0F), 10, 9, options_of(4, axis));
    ASSERT_TRUE(output) << output.error();
    EXPECT_EQ(output->tensor.codes, Bytes(160, 0));
    EXPECT_EQ(output->tensor.scales, Scales(axis == Axis::reduction ? 9 : 10, -127));
    EXPECT_EQ(output->statistics.outliers_wanted, 0);
  }
}

// 100 rows of +-1 in `n` columns, so that sigma is about 1; then some weights of row 0 are replaced.
std::vector<float> plus_minus_one(std::int64_t n,
                                  const std::vector<std::pair<std::int64_t, float>>& first_row) {
  std::vector<float> weights(static_cast<std::size_t>(100 * n));
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights[i] = (i / static_cast<std::size_t>(n)) % 2 == 0 ? 1.0F : -1.0F;
  }
  for (const auto& [column, value] : first_row) weights[static_cast<std::size_t>(column)] = value;
  return weights;
}

TEST(Outliers, SigmaIsThePopulationSigmaAndTheTestIsStrict) {
  // Nine of 1 and one of -9: mean 0, population sigma 3 (sample sigma 3.16).
  std::vector<float> column(10, 1.0F);
  column[3] = -9.0F;
  QuantizerOptions options = options_of(4);
  options.outlier_sigma = 3.0;
  EXPECT_EQ(quantize(column, 10, 1, options)->statistics.outliers_wanted, 0) << "9 > 3 * 3 is false";
  options.outlier_sigma = std::nextafter(3.0, 0.0);
  EXPECT_EQ(quantize(column, 10, 1, options)->statistics.outliers_wanted, 1);
}

TEST(Outliers, RaggedLastMacroBlockHasItsOwnSigma) {
  // Rows 32..41 are a macro-block of ten: the same column as above, below 32 large weights.
  std::vector<float> column(42, 1000.0F);
  std::fill(column.begin() + 32, column.end(), 1.0F);
  column[35] = -9.0F;
  QuantizerOptions options = options_of(4);
  options.macro_block = 32;
  options.outlier_sigma = 2.99;
  const auto output = quantize(column, 42, 1, options);
  EXPECT_EQ(output->statistics.outliers_kept, 1);
  EXPECT_EQ(output->tensor.blocks[35].pairs.size(), 1U);
  EXPECT_EQ(output->tensor.scales.size(), 2U);
}

TEST(Outliers, DoNotTakePartInTheInlierScale) {
  const auto tensor = tensor_of(plus_minus_one(8, {{2, 40.0F}}), 100, 8, options_of(4));
  EXPECT_EQ(tensor.scales, Scales(8, -2));
  // 40 = 1.25 * 2^5; Isf + 2 = 0, so r = 5 is exact.
  EXPECT_EQ(tensor.blocks[0].shift, 5);
  EXPECT_EQ(dequantize(tensor)[2], 40.0);
}

TEST(Outliers, DemotedOnesTakePartInTheInlierScale) {
  QuantizerOptions options = options_of(4);
  options.outliers_per_block = 1;
  options.inlier_rule = InlierRule::ocp;
  const auto output = quantize(plus_minus_one(8, {{2, 40.0F}, {6, -41.0F}}), 100, 8, options);
  ASSERT_TRUE(output) << output.error();
  EXPECT_EQ(output->statistics.outliers_wanted, 2);
  EXPECT_EQ(output->statistics.outliers_kept, 1);
  EXPECT_EQ(output->statistics.demoted_too_many, 1);
  EXPECT_EQ(output->tensor.scales[2], 3) << "40 = 1.25 * 2^5 is an inlier now";
  EXPECT_EQ(output->tensor.scales[6], -2);
  ASSERT_EQ(output->tensor.blocks[0].pairs.size(), 1U);
  EXPECT_EQ(output->tensor.blocks[0].pairs[0].upper, 6);
  EXPECT_EQ(dequantize(output->tensor)[2], 40.0);
}

TEST(Outliers, OfEqualOnesTheLastIsDemoted) {
  QuantizerOptions options = options_of(4);
  options.outliers_per_block = 2;
  const auto tensor = tensor_of(plus_minus_one(8, {{1, 40.0F}, {3, -40.0F}, {7, 40.0F}}), 100, 8, options);
  ASSERT_EQ(tensor.blocks[0].pairs.size(), 2U);
  EXPECT_EQ(tensor.blocks[0].pairs[0].upper, 1);
  EXPECT_EQ(tensor.blocks[0].pairs[1].upper, 3);
}

TEST(Outliers, NoneAllowed) {
  QuantizerOptions options = options_of(4);
  options.outliers_per_block = 0;
  const auto output = quantize(plus_minus_one(8, {{2, 40.0F}}), 100, 8, options);
  EXPECT_EQ(output->statistics.outliers_wanted, 1);
  EXPECT_EQ(output->statistics.demoted_too_many, 1);
  EXPECT_EQ(output->statistics.micro_blocks_with_outliers, 0);
  EXPECT_EQ(output->statistics.pruned_weights, 0);
}

TEST(Outliers, UnroutableSetOfSixteenDemotesTheSmallest) {
  // Any set of eight that has no routable choice; its sixth element gets the smallest weight.
  Bytes outliers;
  for (unsigned mask = 0; mask < 65536 && outliers.empty(); ++mask) {
    Bytes set;
    for (unsigned i = 0; i < 16; ++i) {
      if (((mask >> i) & 1U) != 0) set.push_back(static_cast<std::uint8_t>(i));
    }
    if (set.size() == 8 && !has_routable_choice(set, 16)) outliers = set;
  }
  ASSERT_EQ(outliers.size(), 8U);
  std::vector<std::pair<std::int64_t, float>> large;
  for (std::size_t i = 0; i < 8; ++i)
    large.emplace_back(outliers[i], i == 5 ? 20.0F : 40.0F + static_cast<float>(i));
  QuantizerOptions options = options_of(4);
  options.micro_block = 16;
  const auto output = quantize(plus_minus_one(16, large), 100, 16, options);
  ASSERT_TRUE(output) << output.error();
  EXPECT_EQ(output->statistics.outliers_wanted, 8);
  EXPECT_EQ(output->statistics.demoted_too_many, 0);
  Bytes left = outliers;
  left.erase(left.begin() + 5);
  std::int64_t unroutable = 1;
  if (!has_routable_choice(left, 16)) {
    left.erase(left.begin());  // 40 is the next smallest
    unroutable = 2;
  }
  EXPECT_EQ(output->statistics.demoted_unroutable, unroutable);
  Bytes uppers;
  for (const OutlierPair& pair : output->tensor.blocks[0].pairs) uppers.push_back(pair.upper);
  EXPECT_EQ(uppers, left);
  EXPECT_TRUE(validate(output->tensor)) << validate(output->tensor).error();
}

TEST(Outliers, PositionsBeyondNArePrunedFirst) {
  const auto output = quantize(plus_minus_one(6, {{1, 40.0F}, {4, 33.0F}}), 100, 6, options_of(4));
  ASSERT_TRUE(output) << output.error();
  const auto& pairs = output->tensor.blocks[0].pairs;
  ASSERT_EQ(pairs.size(), 2U);
  EXPECT_TRUE(pairs[0].lower >= 6 && pairs[1].lower >= 6);
  EXPECT_EQ(output->statistics.pruned_weights, 0);
  EXPECT_EQ(dequantize(output->tensor)[0], 1.0);
}

TEST(Outliers, BlockWithZerosAsInliersKeepsItsOutlier) {
  // Without inliers there is no e0: the outlier decides.
  for (const Axis axis : {Axis::reduction, Axis::output}) {
    std::vector<float> weights(32, 0.0F);
    weights[9] = -3.25F;
    const auto tensor = axis == Axis::reduction ? tensor_of(weights, 32, 1, options_of(4, axis))
                                                : tensor_of(weights, 1, 32, options_of(4, axis));
    EXPECT_EQ(tensor.scales.at(0), -1);
    EXPECT_EQ(dequantize(tensor)[9], -3.25);
  }
  // Two of them: the smaller needs r = 0 unless the larger would need more than r_max.
  std::vector<float> weights(64, 0.0F);
  weights[9] = 16.0F;
  weights[40] = 8.0F;
  QuantizerOptions options = options_of(2);
  EXPECT_EQ(tensor_of(weights, 64, 1, options).scales.at(0), 3);
  EXPECT_EQ(tensor_of(weights, 64, 1, options).blocks[9].shift, 1);
  options.outlier_shift_max = 0;
  EXPECT_EQ(tensor_of(weights, 64, 1, options).scales.at(0), 4);
  EXPECT_EQ(dequantize(tensor_of(weights, 64, 1, options))[9], 16.0);
}

// Shift and values of two outliers in one micro-block whose inliers all have Isf = 0 at bb = 2.
std::pair<int, Values> shift_of(float a, float b, ShiftRule rule, int shift_max = 7) {
  QuantizerOptions options = options_of(2);
  options.shift_rule = rule;
  options.outlier_shift_max = shift_max;
  const auto tensor = tensor_of(plus_minus_one(8, {{0, a}, {7, b}}), 100, 8, options);
  EXPECT_EQ(tensor.scales, Scales(8, 0));
  const Values values = dequantize(tensor);
  return {tensor.blocks[0].shift, {values[0], values[7]}};
}

TEST(OutlierShift, MaxTakesTheLargestNeed) {
  EXPECT_EQ(shift_of(9.0F, 40.0F, ShiftRule::max), (std::pair{5, Values{32, 40}}));
  EXPECT_EQ(shift_of(9.0F, 15.9F, ShiftRule::max), (std::pair{3, Values{8, 14}}))
      << "S clamps at 7, 9 ties to 8";
  EXPECT_EQ(shift_of(9.0F, 40.0F, ShiftRule::max, 4), (std::pair{4, Values{16, 28}}));
}

TEST(OutlierShift, MseWeighsTheErrors) {
  // r = 5: 23^2; r = 4: 7^2 + 12^2; r = 3: 1 + 26^2.
  EXPECT_EQ(shift_of(9.0F, 40.0F, ShiftRule::mse), (std::pair{4, Values{16, 28}}));
  // 15.9: 14 at r = 3, but 16 at r = 4; with both near 16, r = 4.
  EXPECT_EQ(shift_of(15.9F, 15.9F, ShiftRule::mse), (std::pair{4, Values{16, 16}}));
  EXPECT_EQ(shift_of(15.9F, 15.9F, ShiftRule::max), (std::pair{3, Values{14, 14}}));
  // 15 is 1 off both at r = 3 (14) and r = 4 (16): the smallest r wins.
  EXPECT_EQ(shift_of(15.0F, 15.0F, ShiftRule::mse), (std::pair{3, Values{14, 14}}));
}

TEST(OutlierShift, SignificandTiesGoToEven) {
  // r = 3: units of 2. 9 is 4.5 -> 4, 11 is 5.5 -> 6.
  EXPECT_EQ(shift_of(9.0F, 11.0F, ShiftRule::max), (std::pair{3, Values{8, 12}}));
}

TEST(AxisOutput, ScalesBelongToRowsAndTheirSpreadIsLimited) {
  // 34 rows of one value each: a run of 32 and one of 2.
  std::vector<float> weights;
  for (int row = 0; row < 34; ++row) {
    const float value = row == 0 ? 16.0F : row == 5 ? 0.0F : row == 33 ? 64.0F : 1.0F;
    weights.insert(weights.end(), 8, value);
  }
  QuantizerOptions options = options_of(2, Axis::output);
  options.macro_block = 32;
  options.row_align_bits = 3;
  const auto tensor = tensor_of(weights, 34, 8, options);
  EXPECT_EQ(tensor.scales[0], 4);
  EXPECT_EQ(tensor.scales[1], 1) << "raised to 4 - 3";
  EXPECT_EQ(tensor.scales[5], -127) << "all zero";
  EXPECT_EQ(tensor.scales[31], 1);
  EXPECT_EQ(tensor.scales[32], 3) << "6 - 3: the next run has its own limit";
  EXPECT_EQ(tensor.scales[33], 6);
  EXPECT_EQ(dequantize(tensor)[8], 0.0) << "1 = 0.5 steps of 2, to even";
  options.row_align_bits = 7;
  EXPECT_EQ(tensor_of(weights, 34, 8, options).scales[1], 0);
}

TEST(AxisOutput, ColumnBlocksAreLimitedOnTheirOwn) {
  std::vector<float> weights(80, 1.0F);
  weights[39] = 256.0F;  // row 0, second column block of 8
  QuantizerOptions options = options_of(2, Axis::output);
  options.macro_block = 32;
  options.outliers_per_block = 0;
  const auto tensor = tensor_of(weights, 2, 40, options);
  EXPECT_EQ(tensor.scales, (Scales{0, 8, 0, 8}));
}

TEST(Quantizer, StatisticsOfOneRow) {
  // Outliers at 2, 3 (adjacent), 7, 8 (adjacent across micro-blocks) and 12.
  const auto output =
      quantize(plus_minus_one(20, {{2, 40.0F}, {3, 40.0F}, {7, 40.0F}, {8, 40.0F}, {12, 40.0F}}), 100, 20,
               options_of(4));
  ASSERT_TRUE(output) << output.error();
  QuantizeStatistics expected;
  expected.weights = 2000;
  expected.outliers_wanted = 5;
  expected.outliers_kept = 5;
  expected.adjacent_outliers = 4;
  expected.micro_blocks = 300;
  expected.micro_blocks_with_outliers = 2;
  expected.pruned_weights = 5;
  EXPECT_EQ(output->statistics, expected);
}

TEST(Quantizer, BadWeightsNameThePosition) {
  std::vector<float> weights(12, 1.0F);
  weights[7] = kNaN;
  EXPECT_EQ(quantize(weights, 3, 4, options_of(2)).error(),
            "weight [k=1][n=3] is nan; every weight must be finite");
  weights[7] = -kInfinity;
  EXPECT_EQ(quantize(weights, 4, 3, options_of(2)).error(),
            "weight [k=2][n=1] is -inf; every weight must be finite");
}

TEST(Quantizer, BadShapes) {
  const std::vector<float> weights(12, 1.0F);
  EXPECT_EQ(quantize(weights, 3, 5, options_of(2)).error(), "shape [k=3][n=5] needs 15 weights, got 12");
  EXPECT_EQ(quantize(weights, 0, 5, options_of(2)).error(), "k is 0; allowed are 1..268435456");
  EXPECT_EQ(quantize(weights, 3, -4, options_of(2)).error(), "n is -4; allowed are 1..268435456");
}

std::string problem(void (*change)(QuantizerOptions&)) {
  QuantizerOptions options;
  change(options);
  const auto result = validate(options);
  const auto quantized = quantize(std::vector<float>(1, 1.0F), 1, 1, options);
  EXPECT_EQ(result.has_value(), quantized.has_value());
  return result ? "valid" : result.error();
}

TEST(QuantizerOptionsTest, EachFieldIsChecked) {
  EXPECT_EQ(problem([](QuantizerOptions&) {}), "valid");
  EXPECT_EQ(problem([](QuantizerOptions& o) { o.bits = 8; }), "bits is 8; allowed are 2, 4");
  EXPECT_EQ(problem([](QuantizerOptions& o) { o.micro_block = 32; }),
            "micro_block is 32; allowed are 4, 8, 16");
  EXPECT_EQ(problem([](QuantizerOptions& o) { o.macro_block = 16; }),
            "macro_block is 16; allowed are 32, 64, 128");
  EXPECT_EQ(problem([](QuantizerOptions& o) { o.outliers_per_block = 5; }),
            "outliers_per_block is 5; allowed are 0..4");
  EXPECT_EQ(problem([](QuantizerOptions& o) {
              o.encoding = Encoding::full_range;
              o.outliers_per_block = 3;
            }),
            "outliers_per_block is 3; allowed are 0, 1, 2, 4, 8");
  EXPECT_EQ(problem([](QuantizerOptions& o) { o.outlier_shift_max = 16; }),
            "outlier_shift_max is 16; allowed are 0..15");
  EXPECT_EQ(problem([](QuantizerOptions& o) { o.row_align_bits = 8; }),
            "row_align_bits is 8; allowed are 0..7");
  EXPECT_EQ(problem([](QuantizerOptions& o) { o.outlier_sigma = 0; }),
            "outlier_sigma is 0; allowed are finite numbers above 0");
  EXPECT_EQ(problem([](QuantizerOptions& o) { o.outlier_sigma = kNaN; }),
            "outlier_sigma is nan; allowed are finite numbers above 0");
}

TEST(Quantizer, ExtremeWeightsOfAllSizesStayValid) {
  const float tiny = std::numeric_limits<float>::denorm_min();
  const float huge = std::numeric_limits<float>::max();
  std::vector<float> weights(512);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const float magnitudes[] = {tiny, huge, 1.0F, 0.0F, 1e-38F, 3e38F, 1e-45F, 1e20F};
    weights[i] = (i % 3 == 0 ? -1.0F : 1.0F) * magnitudes[(i * i + i / 8) % 8];
  }
  for (const int bits : {2, 4}) {
    for (const Axis axis : {Axis::reduction, Axis::output}) {
      QuantizerOptions options = options_of(bits, axis);
      options.outlier_sigma = 1.0;
      const auto tensor = tensor_of(weights, 64, 8, options);
      ASSERT_TRUE(validate(tensor)) << validate(tensor).error();
      for (const double value : dequantize(tensor)) EXPECT_TRUE(std::isfinite(value));
    }
  }
}

// The steps of a compensating quantizer: thresholds stay those of the entry, weights are the caller's.
TEST(Rows, CompensatedWeightsDecide) {
  const auto floats = plus_minus_one(8, {{2, 40.0F}});
  const std::vector<double> weights(floats.begin(), floats.end());
  const QuantizerOptions options = options_of(4);
  QuantizedTensor tensor = tensor_of(floats, 100, 8, options);
  const MacroBlockEntry entry =
      enter_macro_blocks(options, weights, 0, 8, Values(weights.size() / 8, 1.0), 0);
  EXPECT_EQ(entry.scales, tensor.scales);
  QuantizeStatistics statistics;
  const Values row{1, 1, 40, 1, 1, 1, 0.5, 30};  // the last weight became an outlier on the way
  Values values(8);
  quantize_row(options, entry, 5, row, 0, tensor, values, statistics);
  const auto stored = dequantize(tensor);
  EXPECT_TRUE(std::equal(values.begin(), values.end(), stored.begin() + 5 * 8));
  EXPECT_EQ(statistics.outliers_kept, 2);
  const MicroBlock& block = tensor.block(5, 0);
  ASSERT_EQ(block.pairs.size(), 2U);
  EXPECT_EQ(block.pairs[0].upper, 2);
  EXPECT_EQ(block.pairs[1].upper, 7);
  EXPECT_TRUE(block.pairs[0].lower == 6 || block.pairs[1].lower == 6) << "the least salient position";
  EXPECT_TRUE(validate(tensor)) << validate(tensor).error();
}

}  // namespace
}  // namespace msq::golden
