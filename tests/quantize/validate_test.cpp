#include "golden/quantize/validate.hpp"

#include <gtest/gtest.h>

#include "golden/quantize/dequantize.hpp"

namespace msq::golden {
namespace {

// The worked example's micro-block as a tensor of one row, plus a ragged second micro-block: n = 11.
QuantizedTensor example() {
  QuantizedTensor tensor;
  tensor.format = {2, 8, 128};
  tensor.k = 1;
  tensor.n = 11;
  tensor.codes = {1, 3, 0, 1, 3, 2, 1, 3, 1, 0, 3, 0, 0, 0, 0, 0};
  tensor.blocks = {{0, {{1, 5}}}, {}};
  tensor.scales.assign(11, 0);
  return tensor;
}

std::string problem(const QuantizedTensor& tensor) {
  const auto result = validate(tensor);
  return result ? "valid" : result.error();
}

TEST(PairList, HoldsAsManyAsAnyMicroBlock) {
  PairList pairs;
  EXPECT_TRUE(pairs.empty());
  for (std::uint8_t i = 0; i < PairList::kMost; ++i) pairs.push_back({i, static_cast<std::uint8_t>(15 - i)});
  EXPECT_EQ(pairs.size(), 8U);
  EXPECT_EQ(pairs[7], (OutlierPair{7, 8}));
  EXPECT_EQ(pairs.back(), (OutlierPair{7, 8}));
  EXPECT_THROW(pairs.push_back({8, 9}), std::logic_error);
  EXPECT_EQ(pairs, PairList(std::vector<OutlierPair>(pairs.begin(), pairs.end())));
  PairList shorter{{0, 15}};
  EXPECT_FALSE(shorter == pairs);
  pairs.clear();
  pairs.push_back({0, 15});
  EXPECT_EQ(pairs, shorter);  // earlier contents do not count
  shorter.front().lower = 1;
  EXPECT_FALSE(shorter == pairs);
}

TEST(Validate, AcceptsTheExample) { EXPECT_EQ(problem(example()), "valid"); }

TEST(Validate, Format) {
  auto tensor = example();
  tensor.format.bits = 3;
  EXPECT_EQ(problem(tensor), "bits is 3; allowed are 2, 4");
  tensor = example();
  tensor.format.micro_block = 2;
  EXPECT_EQ(problem(tensor), "micro_block is 2; allowed are 4, 8, 16");
  tensor = example();
  tensor.format.macro_block = 256;
  EXPECT_EQ(problem(tensor), "macro_block is 256; allowed are 32, 64, 128");
  tensor = example();
  tensor.outlier_shift_max = 16;
  EXPECT_EQ(problem(tensor), "outlier_shift_max is 16; allowed are 0..15");
  tensor = example();
  tensor.axis = static_cast<Axis>(7);
  EXPECT_EQ(problem(tensor), "axis is 7; allowed are reduction and output");
}

TEST(Validate, ShapeAndSizes) {
  auto tensor = example();
  tensor.k = 0;
  EXPECT_EQ(problem(tensor), "k is 0; allowed are 1..268435456");
  tensor = example();
  tensor.n = kMaxDimension + 1;
  EXPECT_EQ(problem(tensor), "n is 268435457; allowed are 1..268435456");
  tensor = example();
  tensor.codes.pop_back();
  EXPECT_EQ(problem(tensor), "codes has 15 elements; shape and format need 16");
  tensor = example();
  tensor.blocks.emplace_back();
  EXPECT_EQ(problem(tensor), "blocks has 3 elements; shape and format need 2");
  tensor = example();
  tensor.axis = Axis::output;
  EXPECT_EQ(problem(tensor), "scales has 11 elements; shape and format need 1");
}

TEST(Validate, Scales) {
  auto tensor = example();
  tensor.scales[4] = -128;
  EXPECT_EQ(problem(tensor), "scale 4 is -128; allowed are -127..127");
}

TEST(Validate, Lists) {
  auto tensor = example();
  tensor.blocks[0].shift = 8;
  EXPECT_EQ(problem(tensor), "micro-block [k=0][block=0]: outlier shift is 8; allowed are 0..7");
  tensor = example();
  tensor.blocks[1].shift = 1;
  EXPECT_EQ(problem(tensor), "micro-block [k=0][block=1]: outlier shift is 1; allowed are 0..0");
  tensor = example();
  tensor.blocks[0].pairs = {{4, 5}, {1, 0}};
  EXPECT_EQ(problem(tensor), "micro-block [k=0][block=0]: Upper positions must ascend");
  tensor.blocks[0].pairs = {{1, 0}, {1, 2}};
  EXPECT_EQ(problem(tensor), "micro-block [k=0][block=0]: Upper positions must ascend");
  tensor = example();
  tensor.blocks[0].pairs = {{1, 1}};
  const std::string unroutable =
      "micro-block [k=0][block=0]: the list must name different positions inside the micro-block and be "
      "routable";
  EXPECT_EQ(problem(tensor), unroutable);
  tensor.blocks[0].pairs = {{1, 9}};
  EXPECT_EQ(problem(tensor), unroutable);
  tensor.blocks[0].pairs = {{0, 1}, {2, 3}, {4, 5}, {6, 7}, {8, 9}};
  EXPECT_EQ(problem(tensor), "micro-block [k=0][block=0]: 5 list entries; at most 4 are allowed");
  tensor = example();
  tensor.blocks[1].pairs = {{3, 0}};
  EXPECT_EQ(problem(tensor), "micro-block [k=0][block=1]: outlier at position 3 is beyond n=11");
}

TEST(Validate, AListThatDoesNotRoute) {
  // After stage 0 both values are at position 5: 4 takes bit 0 of 1, 5 keeps it for 3.
  auto tensor = example();
  tensor.blocks[0].pairs = {{1, 4}, {3, 5}};
  EXPECT_EQ(problem(tensor),
            "micro-block [k=0][block=0]: the list must name different positions inside the micro-block and "
            "be routable");
}

TEST(Validate, Codes) {
  auto tensor = example();
  tensor.codes[2] = 2;
  EXPECT_EQ(problem(tensor), "code [k=0][n=2] is 2; an inlier has 2 bits and is not minus zero");
  tensor.codes[2] = 4;
  EXPECT_EQ(problem(tensor), "code [k=0][n=2] is 4; an inlier has 2 bits and is not minus zero");
  tensor = example();
  tensor.codes[11] = 1;
  EXPECT_EQ(problem(tensor), "code [k=0][n=11] is 1; beyond n=11 it must be 0");
  tensor = example();
  tensor.codes[5] = 0;
  EXPECT_EQ(problem(tensor), "micro-block [k=0][block=0]: halves at positions 1 and 5 differ in sign");
  tensor = example();
  tensor.codes[1] = 5;
  EXPECT_EQ(problem(tensor), "micro-block [k=0][block=0]: code 5 is no half of an outlier at 2 bits");
}

TEST(Validate, AHalfMayLieBeyondN) {
  auto tensor = example();
  tensor.blocks[1].pairs = {{0, 7}};
  tensor.codes[15] = 1;
  EXPECT_EQ(problem(tensor), "valid");
}

TEST(Validate, FourBitHalvesHaveTwoMantissaBits) {
  auto tensor = example();
  tensor.format.bits = 4;
  tensor.codes = {1, 11, 0, 1, 9, 8, 7, 15, 1, 0, 3, 0, 0, 0, 0, 0};
  EXPECT_EQ(problem(tensor), "valid");
  tensor.codes[1] = 12;
  EXPECT_EQ(problem(tensor), "micro-block [k=0][block=0]: code 12 is no half of an outlier at 4 bits");
}

TEST(Dequantize, ExactValues) {
  auto tensor = example();
  tensor.scales = {0, -2, 5, 1, 0, 9, -1, 3, 0, 0, -127};
  tensor.blocks[0].shift = 3;
  tensor.codes[5] = 3;  // a Lower half that would be -512 if it were an inlier
  // Outlier: -7 * 2^(-2 + 3 - 2); position 5 is pruned whatever its own scale is.
  EXPECT_EQ(dequantize(tensor), (std::vector<double>{1, -3.5, 0, 2, -1, 0, 0.5, -8, 1, 0, -0x1p-127}));
}

TEST(Dequantize, AxisOutputUsesTheScaleOfTheRow) {
  auto tensor = example();
  tensor.axis = Axis::output;
  tensor.format.macro_block = 32;
  tensor.k = 2;
  tensor.n = 8;
  tensor.codes = {1, 3, 0, 1, 3, 2, 1, 3, 1, 0, 0, 0, 0, 0, 0, 3};
  tensor.scales = {1, -1};
  ASSERT_EQ(problem(tensor), "valid");
  EXPECT_EQ(dequantize(tensor),
            (std::vector<double>{2, -3, 0, 2, -2, 0, 2, -2, 0.5, 0, 0, 0, 0, 0, 0, -0.5}));
}

}  // namespace
}  // namespace msq::golden
