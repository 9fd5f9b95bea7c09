#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "golden/encoding/encoding.hpp"
#include "golden/quantize/block_scale.hpp"
#include "golden/quantize/dequantize.hpp"
#include "golden/quantize/quantizer.hpp"
#include "golden/quantize/validate.hpp"

// Encoding `full_range` of docs/reference/numerics.md: two's complement inliers and outliers, signed scales.

namespace msq::golden {
namespace {

constexpr Format format_of(int bits, int fraction_bits = 2, int mantissa_bits = 3) {
  Format format{.bits = bits, .encoding = Encoding::full_range};
  format.fraction_bits = fraction_bits;
  format.scale_mantissa_bits = mantissa_bits;
  return format;
}

// Row of one micro-block and a ragged second one, n = 11, one outlier: M = -8 + 1 = -7 at 1, its low half
// at 5.
QuantizedTensor example() {
  QuantizedTensor tensor;
  tensor.format = format_of(2);
  tensor.k = 1;
  tensor.n = 11;
  tensor.codes = {1, 2, 0, 3, 2, 1, 1, 3, 1, 0, 2, 0, 0, 0, 0, 0};
  tensor.blocks = {{3, {{1, 5}}}, {}};
  tensor.scales = {0, 1, 0, 0, 0, 9, 0, 0, 63, 0, -64};
  tensor.factors = {8, -9, 8, -15, 8, 15, 15, -8, 15, 8, -15};
  return tensor;
}

TEST(FullRangeDequantize, ByHand) {
  ASSERT_TRUE(validate(example())) << validate(example()).error();
  // -7 * (-9/8 * 2^1) * 2^(3 - 2) = 31.5; -1 * -15/8; -2 * 1; pruned; 15/8; -1 * -1; 15/8 * 2^63; 0; -2 *
  // -15/8
  // * 2^-64
  EXPECT_EQ(dequantize(example()), (std::vector<double>{1, 31.5, 0, 1.875, -2, 0, 1.875, 1,
                                                        std::ldexp(15.0, 60), 0, std::ldexp(30.0, -67)}));
  QuantizedTensor coarse = example();
  coarse.format.fraction_bits = 1;
  EXPECT_EQ(dequantize(coarse)[1], 63.0);
  QuantizedTensor four = example();
  four.format = format_of(4, 2, 0);
  four.codes = {7, 8, 0, 15, 8, 15, 1, 9, 1, 0, 2, 0, 0, 0, 0, 0};
  four.factors.assign(11, 1);
  four.factors[1] = -1;
  // (-8 * 16 + 15) * -2 * 2^(3 - 2)
  EXPECT_EQ(dequantize(four)[1], 452.0);
  EXPECT_EQ(dequantize(four)[4], -8.0);
}

std::string problem(const QuantizedTensor& tensor) {
  const auto result = validate(tensor);
  return result ? "valid" : result.error();
}

// One field changed from the example.
template <class Change>
std::string problem_with(const Change& change) {
  QuantizedTensor tensor = example();
  change(tensor);
  return problem(tensor);
}

using Tensor = QuantizedTensor;

TEST(FullRangeValidate, Format) {
  EXPECT_EQ(problem_with([](Tensor& t) { t.format.list_entries = 3; }),
            "list_entries is 3; allowed are 0, 1, 2, 4, 8");
  EXPECT_EQ(problem_with([](Tensor& t) {
              t.format.micro_block = 4;
              t.format.list_entries = 4;
            }),
            "list_entries is 4; allowed are up to half the micro-block, 2");
  EXPECT_EQ(problem_with([](Tensor& t) { t.format.list_entries = 8; }),
            "list_entries is 8; allowed are up to half the micro-block, 4");
  EXPECT_EQ(problem_with([](Tensor& t) { t.format.shift_bits = 5; }), "shift_bits is 5; allowed are 4, 8");
  EXPECT_EQ(problem_with([](Tensor& t) { t.format.fraction_bits = 3; }),
            "fraction_bits is 3; allowed are 1, 2");
  EXPECT_EQ(problem_with([](Tensor& t) { t.format.fraction_bits = 0; }),
            "fraction_bits is 0; allowed are 1, 2");
  EXPECT_EQ(problem_with([](Tensor& t) { t.format.scale_mantissa_bits = 4; }),
            "scale_mantissa_bits is 4; allowed are 0, 1, 2, 3");
  EXPECT_EQ(problem_with([](Tensor& t) { t.format.scale_mantissa_bits = -1; }),
            "scale_mantissa_bits is -1; allowed are 0, 1, 2, 3");
  EXPECT_EQ(problem_with([](Tensor& t) { t.format.identifier_group = 2; }),
            "identifier_group is 2; allowed are 1, 4, 8, 16");
  EXPECT_EQ(problem_with([](Tensor& t) { t.axis = Axis::output; }),
            "axis is output; encoding full_range allows reduction only");
}

TEST(FullRangeValidate, EncodingPaperFixesTheFields) {
  const Format paper{.bits = 2};
  for (const auto& [field, message] :
       {std::pair{&Format::list_entries, "list_entries of encoding paper is 1; allowed are 0"},
        std::pair{&Format::shift_bits, "shift_bits of encoding paper is 1; allowed are 8"},
        std::pair{&Format::fraction_bits, "fraction_bits of encoding paper is 1; allowed are 2"},
        std::pair{&Format::scale_mantissa_bits,
                  "scale_mantissa_bits of encoding paper is 1; allowed are 0"}}) {
    Format format = paper;
    format.*field = 1;
    const auto result = validate(format);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error(), message);
  }
}

TEST(FullRangeValidate, ScalesAndFactors) {
  EXPECT_EQ(problem_with([](Tensor& t) { t.scales[4] = 64; }), "scale 4 is 64; allowed are -64..63");
  EXPECT_EQ(problem_with([](Tensor& t) { t.scales[4] = -65; }), "scale 4 is -65; allowed are -64..63");
  for (const int factor : {0, 7, -7, 16, -16, 127, -128}) {
    EXPECT_EQ(problem_with([&](Tensor& t) { t.factors[3] = static_cast<std::int8_t>(factor); }),
              fmt::format("factor 3 is {}; allowed are +-8..15", factor));
  }
  EXPECT_EQ(problem_with([](Tensor& t) { t.factors.pop_back(); }),
            "factors has 10 elements; shape and format need 11");
  EXPECT_EQ(problem_with([](Tensor& t) { t.scales.pop_back(); }),
            "scales has 10 elements; shape and format need 11");
  QuantizedTensor paper = example();
  paper.format = {.bits = 2};
  EXPECT_EQ(problem(paper), "factors has 11 elements; shape and format need 0");
}

TEST(FullRangeValidate, Codes) {
  EXPECT_EQ(problem_with([](Tensor& t) { t.codes[2] = 2; }), "valid") << "-2, not minus zero";
  EXPECT_EQ(problem_with([](Tensor& t) { t.codes[1] = 0; }), "valid") << "halves need not agree in sign";
  EXPECT_EQ(problem_with([](Tensor& t) { t.codes[2] = 4; }),
            "code [k=0][n=2] is 4; an inlier has 2 bits and is not minus zero");
  EXPECT_EQ(problem_with([](Tensor& t) { t.codes[5] = 4; }),
            "micro-block [k=0][block=0]: code 4 is no half of an outlier at 2 bits");
  EXPECT_EQ(problem_with([](Tensor& t) { t.codes[11] = 3; }),
            "code [k=0][n=11] is 3; beyond n=11 it must be 0");
}

TEST(FullRangeValidate, Lists) {
  EXPECT_EQ(problem_with([](Tensor& t) { t.blocks[0].pairs = {{1, 5}, {2, 4}}; }), "valid");
  EXPECT_EQ(problem_with([](Tensor& t) {
              t.format.list_entries = 1;
              t.blocks[0].pairs = {{1, 5}, {2, 4}};
            }),
            "micro-block [k=0][block=0]: 2 list entries; at most 1 are allowed");
  EXPECT_EQ(problem_with([](Tensor& t) { t.blocks[0].shift = 8; }),
            "micro-block [k=0][block=0]: outlier shift is 8; allowed are 0..7");
  EXPECT_EQ(problem_with([](Tensor& t) { t.blocks[1].shift = 1; }),
            "micro-block [k=0][block=1]: outlier shift is 1; allowed are 0..0");
  EXPECT_EQ(
      problem_with([](Tensor& t) {
        t.blocks[0].pairs = {{1, 4}, {3, 5}};
      }),
      "micro-block [k=0][block=0]: the list must name different positions inside the micro-block and be "
      "routable");
  EXPECT_EQ(problem_with([](Tensor& t) {
              t.blocks[1].pairs = {{3, 0}};
            }),
            "micro-block [k=0][block=1]: outlier at position 3 is beyond n=11");
}

QuantizerOptions options_of(int bits, int mantissa_bits) {
  QuantizerOptions options;
  options.bits = bits;
  options.encoding = Encoding::full_range;
  options.scale_mantissa_bits = mantissa_bits;
  options.outliers_per_block = 0;
  return options;
}

void expect_scale(const QuantizerOptions& options, const std::vector<double>& values, int exponent,
                  int factor) {
  const BlockScale scale = choose_block_scale(options, values, std::vector<double>(values.size(), 1.0));
  EXPECT_EQ(scale.exponent, exponent);
  EXPECT_EQ(scale.factor, factor);
}

TEST(FullRangeScale, SignAndMantissaByHand) {
  // bb = 2, q in {-2, -1, 0, 1}. {2, 1, -1} is exact with scale -1 only: -2, -1, 1.
  expect_scale(options_of(2, 3), {2, 1, -1}, 0, -8);
  // The mirror image is exact with scale 1: (e0 = 1 loses something at every f and sign).
  expect_scale(options_of(2, 3), {-2, -1, 1}, 0, 8);
  // 3 and -1.5: -2 and 1 steps of -1.5 = -12/8; e0 = 1, so this is e0 - 1 with f = 4.
  expect_scale(options_of(2, 3), {3, -1.5}, 0, -12);
  expect_scale(options_of(2, 1), {3, -1.5}, 0, -3);
  // t = 0: scales are powers of two. e0 = 1: +2 gives 2, -2 (lost 1 + 0.25); -2 gives 4, -2 (lost 1.25 too);
  // e0 - 1: -1 gives 2, -1 or -2 clamped at 1 (lost 1 + 0.25); +1 gives 1, -2 (lost 4.25); e0 + 1 = 2: 4, 0
  // (lost 3.25), -4: 4, 0. The first of the equal ones: e0, +.
  expect_scale(options_of(2, 0), {3, -1.5}, 1, 1);
  // bb = 4: q down to -8.
  expect_scale(options_of(4, 0), {-8, 7, 3}, 0, 1);
  expect_scale(options_of(4, 0), {8, -7, 3}, 0, -1);
}

TEST(FullRangeScale, TiesFollowTheOrderOfTheContract) {
  // A single 1 (e0 = 0 at bb = 2): exact at e0 with f = 0, + (q = 1) and at - (q = -1): + is first. Also
  // exact at e0 - 1 with - (q = -2).
  expect_scale(options_of(2, 3), {1}, 0, 8);
  expect_scale(options_of(2, 3), {-1}, 0, 8);
  // 1.75 alone: e0 with f = 6 is exact in either sign; e0 - 1, f = 6, -, q = -2 too. The order decides again.
  expect_scale(options_of(2, 3), {1.75}, 0, 14);
  // t = 1: 1.25 is between 1 (f = 0) and 1.5 (f = 1), 0.25 from both: f ascends.
  expect_scale(options_of(2, 1), {1.25}, 0, 2);
  // bb = 4, 4 alone (e0 = 0): q = 4 at f = 0.
  expect_scale(options_of(4, 3), {4}, 0, 8);
  // 2 and 1 at bb = 2, t = 0; e0 = 1: + gives 2 and 0 (0.5 to even), - gives 2 and 0: lost 1. e0 - 1 = 0: +
  // gives 1, 1: lost 1; - gives 2, 1: exact.
  expect_scale(options_of(2, 0), {2, 1}, 0, -1);
  // 3, -3 at t = 0; e0 = 1: +: 2, -4 (-1.5 to even) lost 2; -: 4, -2 lost 2; e0 - 1: lost at least 4 + 1; e0
  // + 1: 4, -4: lost 2, too.
  expect_scale(options_of(2, 0), {3, -3}, 1, 1);
}

TEST(FullRangeScale, OcpTakesE0) {
  QuantizerOptions options = options_of(2, 3);
  options.inlier_rule = InlierRule::ocp;
  expect_scale(options, {3, -1.5}, 1, 8);
  expect_scale(options_of(2, 3), {0x1p-70}, -64, 8);  // out of range: clamped, the weight is lost
  expect_scale(options, {0x1p70}, 63, 8);
}

TEST(FullRangeScale, ZeroBlock) {
  for (int t = 0; t <= 3; ++t) {
    const auto output = quantize(std::vector<float>(90, 0.0F), 10, 9, options_of(4, t));
    ASSERT_TRUE(output) << output.error();
    EXPECT_EQ(output->tensor.codes, std::vector<std::uint8_t>(160, 0));
    EXPECT_EQ(output->tensor.scales, std::vector<std::int8_t>(9, -64));
    EXPECT_EQ(output->tensor.factors, std::vector<std::int8_t>(9, static_cast<std::int8_t>(1 << t)));
    EXPECT_TRUE(validate(output->tensor)) << validate(output->tensor).error();
  }
}

TEST(FullRangeScale, ImportanceTakesValuesOutAndWeighsThem) {
  const QuantizerOptions options = options_of(2, 0);
  const std::vector<double> values{1, 40, 1};
  const BlockScale without = choose_block_scale(options, values, std::vector<double>{1, 0, 1});
  EXPECT_EQ(without.exponent, 0);
  const std::vector<double> two{1, 0.5, 0.5};
  EXPECT_EQ(choose_block_scale(options, two, std::vector<double>{100, 1, 1}).factor, -1)
      << "-0.5: q = -2, -1, -1 is exact";
  QuantizerOptions paper_options;
  paper_options.bits = 2;
  const BlockScale paper = choose_block_scale(paper_options, two, std::vector<double>{1, 1, 1});
  EXPECT_EQ(paper.exponent, -1) << "0.25 lost at 2^-1, 0.5 at 2^0";
  EXPECT_EQ(choose_block_scale(paper_options, two, std::vector<double>{100, 1, 1}).exponent, 0);
}

}  // namespace
}  // namespace msq::golden
