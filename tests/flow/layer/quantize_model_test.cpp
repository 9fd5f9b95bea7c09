#include "flow/layer/quantize_model.hpp"

#include <gtest/gtest.h>

#include "golden/io/safetensors.hpp"
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
    return quantize_model(model, tensors, request, [this](const std::string& note) { notes_ += note; });
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
