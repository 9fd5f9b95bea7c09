#include "flow/layer/quantize_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "golden/io/quantized_file.hpp"
#include "golden/io/safetensors.hpp"
#include "golden/quantize/dequantize.hpp"
#include "temporary_directory.hpp"

namespace msq::flow {
namespace {

using golden::testing::TemporaryDirectory;

LayerFindings layer(std::int64_t weights, std::int64_t outliers, double bits) {
  LayerFindings findings;
  findings.quantization.statistics.weights = weights;
  findings.quantization.statistics.outliers_kept = outliers;
  findings.quantization.bits.stored = bits;
  return findings;
}

TEST(ModelFindings, TotalsWeighEachLayerByItsSize) {
  const ModelFindings findings{"q.safetensors", "m", 2, 0, {layer(300, 3, 2), layer(100, 5, 6)}};
  const ModelTotals totals = findings.totals();
  EXPECT_EQ(totals.weights, 400);
  EXPECT_EQ(totals.outliers_kept, 8);
  EXPECT_EQ(totals.outlier_share, 0.02);
  EXPECT_EQ(totals.ebw_stored, 3);
}

class QuantizeModel : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::vector<float> values(128, 0.25F);
    const auto tensor = [&](const char* name) {
      return golden::named_tensor(name, {8, 16}, std::span<const float>(values));
    };
    const std::vector<golden::NamedTensor> tensors{tensor("a.weight"), tensor("a"), tensor("b.weight")};
    ASSERT_TRUE(golden::write_safetensors(directory_ / "m.safetensors", tensors, {}));
  }

  Result<ModelFindings> quantize(const TensorSelection& selection) {
    MSQ_TRY(const golden::ModelFile model, golden::ModelFile::open(directory_ / "m.safetensors"));
    MSQ_TRY(const auto tensors, select_tensors(model, selection, {}));
    const QuantizeRequest request{(directory_ / "q.safetensors").string(), {}, {}};
    return quantize_model({model, tensors, request}, [this](const std::string& note) { notes_ += note; });
  }

  TemporaryDirectory directory_;
  std::string notes_;
};

TEST_F(QuantizeModel, TheLinearWeightsBecomeLayersOfOneFile) {
  const auto findings = quantize({});
  ASSERT_TRUE(findings) << findings.error();
  ASSERT_EQ(findings->layers.size(), 2U);
  EXPECT_EQ(findings->layers[0].layer, "a");
  EXPECT_EQ(findings->layers[0].tensor, "a.weight");
  EXPECT_EQ(findings->layers[1].quantization.k, 16);  // stored [N][K]
  EXPECT_EQ(findings->layers[1].quantization.n, 8);
  EXPECT_EQ(findings->resumed, 0U);
  const auto reader = golden::SafetensorsReader::open(directory_ / "q.safetensors");
  EXPECT_EQ(golden::quantized_layers(*reader), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(notes_, "");
  EXPECT_FALSE(std::filesystem::exists(directory_ / "q.safetensors.parts"));
}

/// A layer that stops the run after the first one, and the same file with other weights, to the same time.
TEST_F(QuantizeModel, LayersOfAnotherModelOfTheSameNameAndTimeAreMadeAgain) {
  const auto write = [this](float first, float second) {
    const std::vector<float> a(128, first);
    const std::vector<float> b(128, second);
    const std::vector<golden::NamedTensor> tensors{
        golden::named_tensor("a.weight", {8, 16}, std::span<const float>(a)),
        golden::named_tensor("b.weight", {8, 16}, std::span<const float>(b))};
    ASSERT_TRUE(golden::write_safetensors(directory_ / "m.safetensors", tensors, {}));
    std::filesystem::last_write_time(directory_ / "m.safetensors", std::filesystem::file_time_type{});
  };
  write(1, NAN);
  ASSERT_FALSE(quantize({}));
  ASSERT_TRUE(std::filesystem::exists(directory_ / "q.safetensors.parts" / "0000.safetensors"));
  write(2, 1);
  const auto findings = quantize({});
  ASSERT_TRUE(findings) << findings.error();
  EXPECT_EQ(findings->resumed, 0U);
  EXPECT_TRUE(
      notes_.ends_with("q.safetensors.parts: 1 finished layers were of other weights or another "
                       "calibration; made again"))
      << notes_;
  const auto layer = golden::load_quantized(directory_ / "q.safetensors", "a");
  EXPECT_EQ(golden::dequantize(layer->tensor), std::vector<double>(128, 2));
}

TEST_F(QuantizeModel, LayersOfAModelThatOnlyMovedAreTakenUp) {
  const std::vector<float> a(128, 1);
  std::vector<float> b(128, NAN);
  const auto write = [&] {
    const std::vector<golden::NamedTensor> tensors{
        golden::named_tensor("a.weight", {8, 16}, std::span<const float>(a)),
        golden::named_tensor("b.weight", {8, 16}, std::span<const float>(b))};
    ASSERT_TRUE(golden::write_safetensors(directory_ / "m.safetensors", tensors, {}));
  };
  write();
  ASSERT_FALSE(quantize({}));
  b.assign(128, 1);
  write();
  const auto findings = quantize({});
  ASSERT_TRUE(findings) << findings.error();
  EXPECT_EQ(findings->resumed, 1U);
  EXPECT_EQ(notes_, "");
}

TEST_F(QuantizeModel, TensorsLeftOutAreCountedAndNamedWithTheReason) {
  const std::vector<float> values(128, 1);
  const auto tensor = [&](const char* name, std::vector<std::int64_t> shape) {
    std::int64_t size = 1;
    for (const std::int64_t extent : shape) size *= extent;
    return golden::named_tensor(name, std::move(shape),
                                std::span<const float>(values).first(static_cast<std::size_t>(size)));
  };
  const std::vector<std::int8_t> codes(4, 1);
  const std::vector<golden::NamedTensor> tensors{
      tensor("a.weight", {8, 16}),
      tensor("wte.weight", {4, 16}),
      tensor("experts", {2, 2, 4}),
      tensor("a.bias", {8}),
      tensor("b.weight", {2, 2}),
      golden::named_tensor("c.weight", {2, 2}, std::span<const std::int8_t>(codes))};
  ASSERT_TRUE(golden::write_safetensors(directory_ / "m.safetensors", tensors, {}));
  const auto model = golden::ModelFile::open(directory_ / "m.safetensors");
  ASSERT_TRUE(model) << model.error();
  const auto listed = select_tensors(*model, {{}, {"b.*"}}, {});
  ASSERT_TRUE(listed) << listed.error();
  std::vector<std::string> lines = left_out_lines("m", *listed);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0],
            "m: 5 tensors of two or more dimensions not quantized, 1 of them as --tensor and --exclude say");
  std::sort(lines.begin(), lines.end());
  EXPECT_EQ(lines[0], "  'c.weight' [2, 2]: type I8, not a float type that is read");
  EXPECT_EQ(lines[1],
            "  'experts.0' and 1 more experts [2, 4]: layout unknown (matrix of an expert): needs --layout");
  EXPECT_EQ(lines[2], "  'wte.weight' [4, 16]: embedding by its name");
  const auto findings = quantize({{}, {"b.*"}});
  ASSERT_TRUE(findings) << findings.error();
  EXPECT_EQ(findings->left_out.size(), 5U);
}

TEST_F(QuantizeModel, LayersKnowTheirTensorExpertAndInput) {
  golden::StoredTensor expert{"e.weight.3", "F32", {2, 5}, true, {}, ""};
  expert.tensor = "e.weight";
  expert.expert = 3;
  golden::StoredTensor plain{"q.weight", "F32", {2, 5}, true, {}, ""};
  plain.tensor = "q.weight";
  plain.input = "qkv";
  const std::vector<LayerOfModel> layers = layers_of(
      {{expert, golden::Layout::k_by_n, ""}, {plain, {}, "left out"}, {plain, golden::Layout::n_by_k, ""}});
  ASSERT_EQ(layers.size(), 2U);
  EXPECT_EQ(layers[0].layer, "e.3");
  EXPECT_EQ(layers[0].tensor, "e.weight");
  EXPECT_EQ(layers[0].expert, 3);
  EXPECT_EQ(layers[0].k, 2);
  EXPECT_EQ(layers[0].input, "e.3") << "its own";
  EXPECT_EQ(layers[1].k, 5);
  EXPECT_EQ(layers[1].input, "qkv");
}

TEST_F(QuantizeModel, TwoTensorsOfOneLayerNameAreRefused) {
  const auto findings = quantize({{"a*"}, {}});
  ASSERT_FALSE(findings);
  EXPECT_NE(findings.error().find("tensors 'a' and 'a.weight' would both be layer 'a'"), std::string::npos)
      << findings.error();
}

TEST_F(QuantizeModel, APatternThatMatchesNothingIsRefused) {
  const auto findings = quantize({{}, {"c*"}});
  ASSERT_FALSE(findings);
  EXPECT_TRUE(findings.error().starts_with("--exclude: found 'c*', which matches no tensor of "))
      << findings.error();
}

}  // namespace
}  // namespace msq::flow
