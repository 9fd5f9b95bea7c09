#include "golden/io/model_file.hpp"

#include <gtest/gtest.h>

#include <span>

#include "checkpoint_writer.hpp"
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
  EXPECT_EQ(file.tensors()[1].tensor, "w");
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
                       {"m.onnx: tensor 'free'", "found no layout", "k_by_n or n_by_k"}));
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

TEST_F(ModelFiles, TensorsOfExpertsAreOneMatrixPerExpert) {
  write_text(directory_ / "config.json", R"({"model_type": "qwen3_moe", "hidden_size": 3})");
  write_text(directory_ / "model.safetensors",
             testing::raw_safetensors({testing::counting("l.10.mlp.experts.gate_up_proj", {2, 4, 3}),
                                       testing::counting("l.2.mlp.experts.down_proj", {11, 3, 2}),
                                       testing::counting("l.2.mlp.experts.mystery", {1, 3, 2})}));
  const ModelFile file = ModelFile::open(directory_.path()).value();
  ASSERT_EQ(file.tensors().size(), 14U);
  EXPECT_EQ(file.tensors()[10].name, "l.2.mlp.experts.down_proj.10");
  const StoredTensor& last = file.tensors()[13];
  EXPECT_EQ(last.name, "l.10.mlp.experts.gate_up_proj.1");
  EXPECT_EQ(last.tensor, "l.10.mlp.experts.gate_up_proj");
  EXPECT_EQ(last.expert, 1);
  EXPECT_EQ(last.shape, (std::vector<std::int64_t>{4, 3}));
  EXPECT_EQ(last.input, "l.10.mlp.experts.gate_up_proj.1");
  EXPECT_TRUE(last.linear && last.loadable);
  const Matrix matrix = file.load(last.name, std::nullopt).value();
  EXPECT_EQ(matrix.rows, 3);
  EXPECT_EQ(matrix.values, (std::vector<float>{12, 15, 18, 21, 13, 16, 19, 22, 14, 17, 20, 23}));
  EXPECT_EQ(file.load_stored(last.name, std::nullopt).value().values.front(), 12);
  EXPECT_TRUE(contains(file.load(last.name, Layout::k_by_n).error(), {"by the file (expert of Qwen3-MoE"}));
  EXPECT_EQ(file.tensors()[11].layout, std::nullopt);
  EXPECT_TRUE(contains(file.load("l.2.mlp.experts.mystery.0", std::nullopt).error(), {"found no layout"}));
  EXPECT_TRUE(file.load("l.2.mlp.experts.mystery.0", Layout::k_by_n));
  EXPECT_TRUE(contains(file.load("l.2.mlp.experts.down_proj", std::nullopt).error(),
                       {"allowed: one of its matrices, 'l.2.mlp.experts.down_proj.0'"}));
  EXPECT_TRUE(contains(file.load("l.2.mlp.experts.down_proj.11", std::nullopt).error(), {"no tensor"}));
  EXPECT_EQ(file.files(), (std::vector{directory_ / "model.safetensors", directory_ / "config.json"}));
}

TEST_F(ModelFiles, NamesOfExpertsAreNotTakenTwice) {
  write_text(directory_ / "e.safetensors", testing::raw_safetensors({testing::counting("experts", {2, 1, 3}),
                                                                     testing::counting("experts.1", {1})}));
  EXPECT_TRUE(contains(ModelFile::open(directory_ / "e.safetensors").error(),
                       {"tensor 'experts.1' has the name of an expert of another"}));
}

TEST_F(ModelFiles, TooManyExpertsAreRefused) {
  write_text(directory_ / "e.safetensors",
             testing::raw_safetensors({{"experts", "U8", {1 << 20, 1, 1}, std::string(1 << 20, '1')}}));
  EXPECT_TRUE(
      contains(ModelFile::open(directory_ / "e.safetensors").error(), {"allowed: below 1048576 experts"}));
  write_text(directory_ / "e.safetensors",
             testing::raw_safetensors({{"experts", "U8", {1LL << 40, 0, 1}, ""}}));
  EXPECT_EQ(ModelFile::open(directory_ / "e.safetensors").value().tensors().size(), 1U);
}

TEST_F(ModelFiles, NotesOnDoubtfulCheckpoints) {
  write_text(directory_ / "config.json", R"({"model_type": "novel"})");
  write_text(directory_ / "model.safetensors",
             testing::raw_safetensors({{"a.weight", "F8_E4M3", {1, 1}, "1"}, testing::counting("b", {1})}));
  const std::vector<std::string> notes = ModelFile::open(directory_.path()).value().notes();
  ASSERT_EQ(notes.size(), 2U);
  EXPECT_TRUE(contains(notes[0], {"config.json: model_type 'novel' is not in the table"}));
  EXPECT_TRUE(contains(notes[1], {"1 tensors of 8-bit floats have no scales"}));
  EXPECT_EQ(open("m.safetensors").notes().size(), 1U) << "the same config.json";
}

TEST_F(ModelFiles, OtherExtensions) {
  EXPECT_TRUE(ModelFile::is_model("a/b.onnx"));
  EXPECT_TRUE(ModelFile::is_model("b.safetensors"));
  EXPECT_FALSE(ModelFile::is_model("b.npy"));
  EXPECT_FALSE(ModelFile::is_model("onnx"));
  for (const char* name : {"b.npy", "b.gguf"}) write_text(directory_ / name, "");
  EXPECT_TRUE(contains(ModelFile::open(directory_ / "b.npy").error(),
                       {"b.npy: file name extension '.npy'; allowed: .safetensors, .onnx"}));
  EXPECT_TRUE(contains(ModelFile::open(directory_ / "b.gguf").error(),
                       {"b.gguf: a GGUF file; allowed: what eval/gguf_to_safetensors.py makes of it"}));
  EXPECT_TRUE(contains(ModelFile::open(directory_ / "none.npy").error(), {"none.npy: does not exist"}));
  EXPECT_TRUE(contains(ModelFile::open(directory_ / "none.onnx").error(), {"none.onnx: cannot open"}));
}

}  // namespace
}  // namespace msq::golden
