#include "flow/layer/operands.hpp"

#include <gtest/gtest.h>

#include "flow/layer/layer_operands.hpp"
#include "gen/configs/presets.hpp"
#include "golden/io/npy.hpp"
#include "temporary_directory.hpp"

namespace msq::flow {
namespace {

using golden::testing::TemporaryDirectory;

WeightsSource synthetic(const std::string& shape) { return {"", "", "", shape}; }

TEST(Operands, SyntheticWeightsFollowFromShapeAndSeed) {
  const WeightsSource source = synthetic("3x2");
  const auto weights = load_weights(source, 7);
  ASSERT_TRUE(weights);
  EXPECT_EQ(weights->matrix.values, load_weights(source, 7)->matrix.values);
  EXPECT_NE(weights->matrix.values, load_weights(source, 8)->matrix.values);
  const MatrixOrigin origin = weights->origin();
  EXPECT_EQ(origin.rows, 3);
  EXPECT_EQ(origin.columns, 2);
  EXPECT_TRUE(origin.synthetic);
  EXPECT_EQ(origin.source, "synthetic: Student's t, 5 degrees of freedom, seed 7 (no real layer)");
}

TEST(Operands, AShapeOfSyntheticWeightsIsTwoNumbersInRange) {
  for (const char* shape : {"", "3", "3x", "x2", "0x2", "3x2x1", "65537x1", "65536x65536", "3 x 2"}) {
    const auto weights = load_weights(synthetic(shape), 1);
    ASSERT_FALSE(weights) << shape;
    EXPECT_TRUE(
        weights.error().starts_with(std::string("--synthetic: found \"") + shape + "\"; allowed: KxN"));
  }
}

TEST(Operands, ActivationsOfAFileMustHaveTheWeightsDepth) {
  const TemporaryDirectory directory;
  const std::string file = (directory / "x.npy").string();
  ASSERT_TRUE(golden::write_npy(file, {2, 3, {1, 2, 3, 4, 5, 6}}));
  const auto fits = load_activations({file, "", 1}, 3, "w.npy", 1);
  ASSERT_TRUE(fits);
  EXPECT_EQ(fits->matrix.values, (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_FALSE(fits->synthetic);
  const auto other = load_activations({file, "", 1}, 4, "w.npy", 1);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error(), file + ": found shape [2][3]; allowed: [M][4], since w.npy has K = 4");
}

TEST(Operands, InputScalesDivideEachColumnOfActivations) {
  golden::Matrix x{2, 2, {8, 9, 4, 6}};
  divide_inputs(x, {});
  EXPECT_EQ(x.values, (std::vector<float>{8, 9, 4, 6}));
  divide_inputs(x, {2, 3});
  EXPECT_EQ(x.values, (std::vector<float>{4, 3, 2, 2}));
}

TEST(Operands, ALayerNeedsWeightsOfSomeKind) {
  const auto operands = load_operands({}, *find_config("8x8"));
  ASSERT_FALSE(operands);
  EXPECT_EQ(operands.error(), "weights: found none; allowed: one of --quantized, --weights, --synthetic");
}

TEST(Operands, ALayerIsQuantizedForTheArrayOfItsConfiguration) {
  LayerInputs inputs;
  inputs.weights.synthetic = "40x12";
  inputs.activations.tokens = 2;
  inputs.quantizer.options.bits = 2;
  const auto operands = load_operands(inputs, *find_config("8x8-full-range"));
  ASSERT_TRUE(operands) << operands.error();
  EXPECT_EQ(operands->weights.k, 40);
  EXPECT_EQ(operands->weights.n, 12);
  EXPECT_EQ(operands->weights.format.bits, 2);
  EXPECT_EQ(operands->weights.format.encoding, golden::Encoding::full_range);
  EXPECT_EQ(operands->activations.m, 2);
  EXPECT_EQ(operands->activations.block, operands->weights.format.macro_block);
}

}  // namespace
}  // namespace msq::flow
