#include "golden/io/model_file.hpp"

#include <gtest/gtest.h>

#include <span>

#include "onnx_writer.hpp"
#include "seeds.hpp"
#include "temporary_directory.hpp"

namespace msq::golden {
namespace {

using testing::bytes_of;
using testing::contains;
using testing::write_text;

class ModelFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    using namespace testing::onnx;
    const std::vector<float> values{1, 2, 3, 4, 5, 6};
    const std::vector<std::int64_t> one{7};
    const std::vector<NamedTensor> tensors{named_tensor("w", {2, 3}, std::span<const float>(values)),
                                           named_tensor("i", {1}, std::span<const std::int64_t>(one))};
    ASSERT_TRUE(write_safetensors(directory_ / "m.safetensors", tensors, {}));
    const std::string six = bytes_of<float>({1, 2, 3, 4, 5, 6});
    write_text(directory_ / "w.bin", six);
    const std::string trans_b = attribute("transB", number(3, 1));
    write_text(directory_ / "m.onnx",
               model(graph({node("MatMul", {"x", "kn"}, "1"), node("Gemm", {"x", "nk"}, "2", {trans_b})},
                           {tensor("kn", kFloat, {2, 3}, raw(six)),
                            tensor("nk", kFloat, {2, 3}, external({{"location", "w.bin"}})),
                            tensor("free", kFloat, {2, 3}, raw(six))})));
  }

  ModelFile open(const char* name) { return ModelFile::open(directory_ / name).value(); }

  testing::TemporaryDirectory directory_;
  const std::vector<float> straight_{1, 2, 3, 4, 5, 6};
  const std::vector<float> turned_{1, 4, 2, 5, 3, 6};
};

TEST_F(ModelFiles, SafetensorsAreNByKUnlessToldOtherwise) {
  const ModelFile file = open("m.safetensors");
  EXPECT_FALSE(file.is_onnx());
  EXPECT_EQ(file.load("w", std::nullopt).value().values, turned_);
  EXPECT_EQ(file.load("w", Layout::n_by_k).value().values, turned_);
  EXPECT_EQ(file.load("w", Layout::k_by_n).value().values, straight_);
  ASSERT_EQ(file.tensors().size(), 2U);
  EXPECT_FALSE(file.tensors()[0].loadable);
  EXPECT_EQ(file.tensors()[1].name, "w");
  EXPECT_TRUE(file.tensors()[1].loadable);
  EXPECT_EQ(file.tensors()[1].layout, Layout::n_by_k);
  EXPECT_FALSE(file.tensors()[1].layout_proven);
  EXPECT_FALSE(file.tensors()[1].linear) << "its name does not say so";
  EXPECT_EQ(file.files(), (std::vector{directory_ / "m.safetensors"}));
}

TEST_F(ModelFiles, TheGraphTellsHowOnnxLies) {
  const ModelFile file = open("m.onnx");
  EXPECT_TRUE(file.is_onnx());
  const Matrix turned = file.load("nk", std::nullopt).value();
  EXPECT_EQ(turned.values, turned_);
  EXPECT_EQ(turned.rows, 3);
  EXPECT_EQ(turned.columns, 2);
  EXPECT_EQ(file.load("kn", std::nullopt).value().values, straight_);
  EXPECT_EQ(file.load("kn", Layout::k_by_n).value().values, straight_);
  EXPECT_EQ(file.load("free", Layout::n_by_k).value().values, turned_);
  EXPECT_TRUE(contains(file.load("free", std::nullopt).error(),
                       {"m.onnx: tensor 'free'", "does not tell its layout", "k_by_n or n_by_k"}));
  EXPECT_TRUE(contains(file.load("nk", Layout::k_by_n).error(),
                       {"layout k_by_n was asked for", "by the file (Gemm) it is n_by_k"}));
  EXPECT_EQ(file.tensors()[1].layout, Layout::n_by_k);
  EXPECT_EQ(file.files(), (std::vector{directory_ / "m.onnx", directory_ / "w.bin"}));
}

TEST_F(ModelFiles, TheAlphaOfGemmIsApplied) {
  using namespace testing::onnx;
  const std::string alpha = attribute("alpha", real(2, 0.125F));
  write_text(directory_ / "a.onnx",
             model(graph({node("Gemm", {"x", "w"}, "1", {alpha, attribute("transB", number(3, 1))})},
                         {tensor("w", kFloat, {2, 3}, raw(bytes_of<float>({1, 2, 3, 4, 5, 6})))})));
  const ModelFile file = open("a.onnx");
  EXPECT_EQ(file.load("w", std::nullopt).value().values,
            (std::vector<float>{0.125F, 0.5F, 0.25F, 0.625F, 0.375F, 0.75F}));
  EXPECT_EQ(file.tensors()[0].use, "Gemm with alpha 0.125");
}

TEST_F(ModelFiles, ABiasProvesTheLayoutOfSafetensors) {
  const std::vector<float> values{1, 2, 3, 4, 5, 6};
  const std::vector<NamedTensor> tensors{
      named_tensor("l.weight", {2, 3}, std::span<const float>(values)),
      named_tensor("l.bias", {3}, std::span<const float>(values).first(3))};
  ASSERT_TRUE(write_safetensors(directory_ / "b.safetensors", tensors, {}));
  const ModelFile file = open("b.safetensors");
  EXPECT_EQ(file.load("l.weight", std::nullopt).value().values, straight_);
  EXPECT_TRUE(contains(file.load("l.weight", Layout::n_by_k).error(),
                       {"layout n_by_k was asked for", "(linear layer with a bias) it is k_by_n"}));
}

TEST_F(ModelFiles, OtherExtensions) {
  EXPECT_TRUE(ModelFile::is_model("a/b.onnx"));
  EXPECT_TRUE(ModelFile::is_model("b.safetensors"));
  EXPECT_FALSE(ModelFile::is_model("b.npy"));
  EXPECT_FALSE(ModelFile::is_model("onnx"));
  EXPECT_TRUE(contains(ModelFile::open("b.npy").error(), {"extension '.npy'; allowed: .safetensors, .onnx"}));
  EXPECT_TRUE(contains(ModelFile::open(directory_ / "none.onnx").error(), {"none.onnx: cannot open"}));
}

}  // namespace
}  // namespace msq::golden
