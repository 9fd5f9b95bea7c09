#include "flow/layer/model_times.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "golden/io/quantized_file.hpp"
#include "golden/io/safetensors.hpp"
#include "temporary_directory.hpp"

namespace msq::flow {
namespace {

using golden::testing::contains;
using golden::testing::TemporaryDirectory;

/// 64 x 32 weights of `bits` bits, all 1, without outliers.
golden::QuantizedLayer plain_layer(const std::string& name, int bits) {
  golden::QuantizedTensor tensor;
  tensor.format.bits = bits;
  tensor.k = 64;
  tensor.n = 32;
  tensor.codes.assign(64 * 32, 1);
  tensor.blocks.resize(64 * 32 / 8);
  tensor.scales.assign(32, 0);
  return {name, std::move(tensor), {}};
}

class ModelTimesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    request_.array.config = "8x8";
    request_.shapes = (directory_ / "shapes.csv").string();
    request_.tokens = 4;
    std::ofstream(request_.shapes) << "name,k,n,count\na,64,32,1\nb,32,16,3\n";
  }

  TemporaryDirectory directory_;
  ModelRequest request_;
};

TEST_F(ModelTimesTest, TotalsCountEveryGemm) {
  const auto times = time_model(request_);
  ASSERT_TRUE(times) << times.error();
  ASSERT_EQ(times->layers.size(), 2U);
  EXPECT_EQ(times->layers[1].count, 3);
  const ModelTimesTotals totals = times->totals();
  EXPECT_EQ(totals.macs, 4 * (64 * 32 + 3 * 32 * 16));
  EXPECT_EQ(totals.cycles, times->layers[0].cycles() + 3 * times->layers[1].cycles());
  EXPECT_EQ(times->utilization(), totals.macs / (totals.cycles * 8 * 16));  // mode 2: 16 columns
}

/// Layers of both widths, in files.
class MixedWidths : public ModelTimesTest {
 protected:
  void SetUp() override {
    request_.array.config = "8x8";
    request_.tokens = 4;
  }

  std::string save(const std::string& name, const std::vector<golden::QuantizedLayer>& layers) {
    const std::filesystem::path file = directory_ / name;
    std::filesystem::create_directories(file.parent_path());
    EXPECT_TRUE(golden::save_quantized(file, layers));
    return file.string();
  }
  Result<ModelTimes> time(const std::string& path) {
    request_.quantized = path;
    return time_model(request_);
  }

  const golden::QuantizedLayer narrow_ = plain_layer("a", 2);
  const golden::QuantizedLayer wide_ = plain_layer("b", 4);
};

TEST_F(MixedWidths, LayersOfAFileHaveTheirOwnBits) {
  const auto narrow = time(save("2.safetensors", {narrow_}));
  const auto wide = time(save("4.safetensors", {wide_}));
  const auto mixed = time(save("m.safetensors", {narrow_, wide_}));
  ASSERT_TRUE(narrow && wide && mixed) << mixed.error();
  ASSERT_EQ(mixed->layers.size(), 2U);
  EXPECT_EQ(narrow->modes(), std::vector<int>{2});
  EXPECT_EQ(mixed->modes(), (std::vector<int>{2, 4}));
  EXPECT_EQ(mixed->layers[0].shape.mode, 2);
  EXPECT_EQ(mixed->layers[1].shape.mode, 4);
  EXPECT_EQ(mixed->layers[0].cycles(), narrow->totals().cycles);
  EXPECT_EQ(mixed->layers[1].cycles(), wide->totals().cycles);
  EXPECT_LT(mixed->layers[0].cycles(), mixed->layers[1].cycles());
  const double peak = 4.0 * 64 * 32 / (2 * 8 * 8) + 4.0 * 64 * 32 / (8 * 8);
  EXPECT_DOUBLE_EQ(mixed->utilization(), peak / mixed->totals().cycles);
}

TEST_F(MixedWidths, FilesOfADirectoryAreOneModel) {
  save("d/layers.10.safetensors", {wide_});
  save("d/layers.9.safetensors", {narrow_});
  std::ofstream(directory_ / "d/plan.json") << "{}";
  const std::vector<float> weights(4);
  const std::vector<golden::NamedTensor> others{
      golden::named_tensor("norm", {4}, std::span<const float>(weights))};
  ASSERT_TRUE(golden::write_safetensors(directory_ / "d/norms.safetensors", others, {}));
  const auto times = time((directory_ / "d").string());
  ASSERT_TRUE(times) << times.error();
  ASSERT_EQ(times->layers.size(), 2U);
  EXPECT_EQ(times->layers[0].name, "a");  // layers.9 before layers.10
  EXPECT_EQ(times->layers[1].name, "b");
  EXPECT_EQ(times->modes(), (std::vector<int>{2, 4}));
}

TEST_F(MixedWidths, ALayerOfTwoFilesIsRefused) {
  save("d/1.safetensors", {narrow_});
  save("d/2.safetensors", {plain_layer("a", 4)});
  const auto times = time((directory_ / "d").string());
  ASSERT_FALSE(times);
  EXPECT_TRUE(contains(times.error(), {"d/2.safetensors: found layer \"a\", which"})) << times.error();
  EXPECT_TRUE(contains(times.error(), {"d/1.safetensors has"})) << times.error();
}

TEST_F(MixedWidths, ADirectoryWithoutLayersIsRefused) {
  std::filesystem::create_directories(directory_ / "d");
  const auto times = time((directory_ / "d").string());
  ASSERT_FALSE(times);
  EXPECT_TRUE(contains(times.error(), {"d: found no quantized layer"})) << times.error();
}

TEST_F(MixedWidths, AWidthThatTheArrayLacksIsRefused) {
  std::ofstream(directory_ / "c.json") << R"({"rows": 8, "cols": 8, "modes": [4]})";
  request_.array.config = (directory_ / "c.json").string();
  const auto times = time(save("m.safetensors", {narrow_, wide_}));
  ASSERT_FALSE(times);
  EXPECT_TRUE(contains(times.error(), {"layer \"a\" has 2 bits"})) << times.error();
}

TEST_F(ModelTimesTest, DecodingRunsOneTokenAfterTheOther) {
  request_.decode = true;
  const auto times = time_model(request_);
  ASSERT_TRUE(times);
  EXPECT_EQ(times->layers[0].shape.m, 1);
  EXPECT_EQ(times->layers[0].count, 4);
  EXPECT_EQ(times->layers[1].count, 12);
  EXPECT_EQ(times->totals().macs, 4 * (64 * 32 + 3 * 32 * 16));
}

TEST_F(ModelTimesTest, APlainArrayHasNoOutliers) {
  request_.array.config = "none-8x8";
  const auto times = time_model(request_);
  ASSERT_TRUE(times);
  EXPECT_EQ(times->rate, 0);
  request_.rate = 0.1;
  const auto refused = time_model(request_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), "--outlier-rate: found 0.1; allowed with outlier_path \"none\": 0");
}

TEST_F(ModelTimesTest, SomethingMustNameTheLayers) {
  request_.shapes.clear();
  const auto times = time_model(request_);
  ASSERT_FALSE(times);
  EXPECT_EQ(times.error(), "shapes: found none; allowed: one of --model, --shapes and --quantized");
}

}  // namespace
}  // namespace msq::flow
