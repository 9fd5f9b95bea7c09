#include "flow/layer/dequantize_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "checkpoint_files.hpp"
#include "flow/layer/quantize_model.hpp"
#include "golden/io/quantized_file.hpp"
#include "golden/quantize/dequantize.hpp"
#include "temporary_directory.hpp"

namespace msq::flow {
namespace {

namespace fs = std::filesystem;
using golden::FloatType;
using golden::Layout;
using golden::testing::contains;
using golden::testing::read_text;
using golden::testing::TemporaryDirectory;
using golden::testing::write_text;
using testing::made;
using testing::MadeTensor;
using testing::read_tensor;
using testing::write_tensors;

/// A directory with two shards of tensors of three types, an index, and files beside them.
class DequantizeModel : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(original());
    const std::vector<MadeTensor> first{
        made("model.layers.0.mlp.up_proj.weight", {24, 40}, FloatType::f16),
        made("model.layers.0.mlp.down_proj.weight", {40, 24}, FloatType::bf16),
        made("model.norm.weight", {40}, FloatType::f32)};
    const std::vector<MadeTensor> second{made("model.layers.1.mlp.up_proj.weight", {24, 40}, FloatType::f32),
                                         made("model.embed_tokens.weight", {50, 40}, FloatType::f16)};
    write_shards(first, second);
    write_text(original() / "config.json", R"({"model_type": "llama", "torch_dtype": "float16"})");
    write_text(original() / "tokenizer.json", "{ }");
    write_text(original() / "pytorch_model.bin", "weights");
    tensors_ = first;
    tensors_.insert(tensors_.end(), second.begin(), second.end());
  }

  void write_shards(const std::vector<MadeTensor>& first, const std::vector<MadeTensor>& second) {
    nlohmann::json index = {{"metadata", {{"total_size", 1}}}, {"weight_map", nlohmann::json::object()}};
    for (const auto& tensor : first) index["weight_map"][tensor.name] = "m-1.safetensors";
    for (const auto& tensor : second) index["weight_map"][tensor.name] = "m-2.safetensors";
    write_tensors(original() / "m-1.safetensors", first, {{"format", "pt"}, {"more", "text"}});
    write_tensors(original() / "m-2.safetensors", second);
    write_text(original() / "model.safetensors.index.json", index.dump());
  }

  /// Quantizes the checkpoint's linear layers, or those named.
  void quantize(const fs::path& checkpoint, const std::vector<std::string>& tensors = {}) {
    const auto model = golden::ModelFile::open(checkpoint);
    ASSERT_TRUE(model) << model.error();
    const auto chosen = select_tensors(*model, {tensors, {}}, {});
    ASSERT_TRUE(chosen) << chosen.error();
    QuantizeRequest request{quantized().string(), {}, {}};
    request.choices.options.bits = 4;
    const auto findings = quantize_model({*model, *chosen, request}, [](const std::string&) {});
    ASSERT_TRUE(findings) << findings.error();
  }

  [[nodiscard]] DequantizeRequest request() const {
    return {quantized().string(), original().string(), output(), {}, {}};
  }

  [[nodiscard]] fs::path original() const { return directory_ / "original"; }
  [[nodiscard]] fs::path quantized() const { return directory_ / "q.safetensors"; }
  [[nodiscard]] fs::path output() const { return directory_ / "out"; }

  /// Expected tensor of a layer.
  [[nodiscard]] MadeTensor expected(const std::string& layer, const std::string& name,
                                    const std::string& dtype, FloatType type,
                                    Layout layout = Layout::n_by_k) const {
    const auto loaded = golden::load_quantized(quantized(), layer);
    if (!loaded) return {loaded.error(), "", {}, {}};
    const std::vector<double> values = golden::dequantize(loaded->tensor);
    const std::int64_t k = loaded->tensor.k;
    const std::int64_t n = loaded->tensor.n;
    const bool transposed = layout == Layout::n_by_k;
    MadeTensor tensor{name, dtype, transposed ? std::vector{n, k} : std::vector{k, n}, {}};
    for (std::int64_t i = 0; i < k * n; ++i) {
      const std::int64_t row = transposed ? i % k : i / n;
      const std::int64_t column = transposed ? i / k : i % n;
      const auto at = static_cast<std::size_t>(row);
      const double scale = loaded->input_scales.empty() ? 1.0 : loaded->input_scales[at];
      golden::append_float(tensor.bytes, values[static_cast<std::size_t>(row * n + column)] / scale, type);
    }
    return tensor;
  }

  void expect_error(const DequantizeRequest& request, std::initializer_list<std::string_view> parts) const {
    const auto done = dequantize_model(request);
    ASSERT_FALSE(done);
    EXPECT_TRUE(contains(done.error(), parts)) << done.error();
  }

  TemporaryDirectory directory_;
  std::vector<MadeTensor> tensors_;
};

TEST_F(DequantizeModel, LayersAreReplacedAndEverythingElseStays) {
  quantize(original());
  const auto done = dequantize_model(request());
  ASSERT_TRUE(done) << done.error();
  EXPECT_EQ(done->layers, 3U);
  EXPECT_EQ(done->copied, 2U);
  EXPECT_EQ(done->shards, 2U);
  const fs::path one = output() / "m-1.safetensors";
  const fs::path two = output() / "m-2.safetensors";
  const auto check = [&](const fs::path& file, const std::string& layer, const char* dtype, FloatType type) {
    EXPECT_EQ(read_tensor(file, layer + ".weight"), expected(layer, layer + ".weight", dtype, type)) << layer;
  };
  check(one, "model.layers.0.mlp.up_proj", "F16", FloatType::f16);
  check(one, "model.layers.0.mlp.down_proj", "BF16", FloatType::bf16);
  check(two, "model.layers.1.mlp.up_proj", "F32", FloatType::f32);
  EXPECT_EQ(read_tensor(one, "model.norm.weight"), tensors_[2]);
  EXPECT_EQ(read_tensor(two, "model.embed_tokens.weight"), tensors_[4]);
  EXPECT_EQ(golden::SafetensorsReader::open(one)->metadata().at("more"), "text");
}

TEST_F(DequantizeModel, FilesOfTheCheckpointComeAlongWithoutOtherWeights) {
  quantize(original());
  ASSERT_TRUE(dequantize_model(request()));
  for (const char* name : {"config.json", "tokenizer.json"}) {
    EXPECT_EQ(read_text(output() / name), read_text(original() / name));
  }
  EXPECT_FALSE(fs::exists(output() / "pytorch_model.bin"));
  const auto index = nlohmann::json::parse(read_text(output() / "model.safetensors.index.json"));
  const auto before = nlohmann::json::parse(read_text(original() / "model.safetensors.index.json"));
  EXPECT_EQ(index["weight_map"], before["weight_map"]);
  std::size_t bytes = 0;
  for (const MadeTensor& tensor : tensors_) bytes += tensor.bytes.size();
  EXPECT_EQ(index["metadata"]["total_size"], bytes);
  EXPECT_TRUE(golden::ModelFile::open(output()));
}

TEST_F(DequantizeModel, AnotherTypeIsSaidInTheConfiguration) {
  quantize(original());
  auto wanted = request();
  wanted.form.type = FloatType::f32;
  ASSERT_TRUE(dequantize_model(wanted));
  const std::string layer = "model.layers.0.mlp.up_proj";
  EXPECT_EQ(read_tensor(output() / "m-1.safetensors", layer + ".weight"),
            expected(layer, layer + ".weight", "F32", FloatType::f32));
  const auto config = nlohmann::json::parse(read_text(output() / "config.json"));
  EXPECT_EQ(config["torch_dtype"], "float32");
  EXPECT_EQ(config["model_type"], "llama");
}

TEST_F(DequantizeModel, ShardsOfASize) {
  quantize(original());
  auto wanted = request();
  wanted.max_shard_bytes = 4000;
  const auto done = dequantize_model(wanted);
  ASSERT_TRUE(done) << done.error();
  EXPECT_EQ(done->shards, 3U);  // 1,920 + 1,920 + 160; 3,840; 4,000
  const auto index = nlohmann::json::parse(read_text(output() / "model.safetensors.index.json"));
  EXPECT_EQ(index["weight_map"]["model.norm.weight"], "model-00001-of-00003.safetensors");
  EXPECT_EQ(index["weight_map"]["model.embed_tokens.weight"], "model-00003-of-00003.safetensors");
  EXPECT_TRUE(golden::ModelFile::open(output()));
  fs::remove_all(output());
  wanted.max_shard_bytes = 1000000;
  ASSERT_TRUE(dequantize_model(wanted));
  EXPECT_TRUE(fs::exists(output() / "model.safetensors"));
  EXPECT_FALSE(fs::exists(output() / "model.safetensors.index.json"));
}

TEST_F(DequantizeModel, RowsAreDividedByTheirInputScales) {
  quantize(original(), {"model.layers.1.mlp.up_proj.weight"});
  auto layer = golden::load_quantized(quantized(), "model.layers.1.mlp.up_proj");
  ASSERT_TRUE(layer);
  for (std::int64_t k = 0; k < layer->tensor.k; ++k)
    layer->input_scales.push_back(0.3F + static_cast<float>(k));
  ASSERT_TRUE(golden::save_quantized(quantized(), {&*layer, 1}));
  ASSERT_TRUE(dequantize_model(request()));
  EXPECT_EQ(read_tensor(output() / "m-2.safetensors", layer->name + ".weight"),
            expected(layer->name, layer->name + ".weight", "F32", FloatType::f32));
}

TEST_F(DequantizeModel, TheLayersAlone) {
  quantize(original());
  DequantizeRequest wanted{quantized().string(), "", directory_ / "layers.safetensors", {}, {}};
  const auto done = dequantize_model(wanted);
  ASSERT_TRUE(done) << done.error();
  const std::string layer = "model.layers.0.mlp.down_proj";
  EXPECT_EQ(read_tensor(wanted.output, layer + ".weight"),
            expected(layer, layer + ".weight", "F32", FloatType::f32));
  wanted.form = {FloatType::bf16, Layout::k_by_n};
  ASSERT_TRUE(dequantize_model(wanted));
  EXPECT_EQ(read_tensor(wanted.output, layer + ".weight"),
            expected(layer, layer + ".weight", "BF16", FloatType::bf16, Layout::k_by_n));
}

TEST_F(DequantizeModel, OneFileOfAllShards) {
  quantize(original());
  auto wanted = request();
  wanted.output = directory_ / "all.safetensors";
  ASSERT_TRUE(dequantize_model(wanted));
  EXPECT_EQ(read_tensor(wanted.output, "model.embed_tokens.weight"), tensors_[4]);
  EXPECT_EQ(golden::SafetensorsReader::open(wanted.output)->tensors().size(), 5U);
}

TEST_F(DequantizeModel, LayersOfGpt2StayAsTheyLie) {
  const fs::path file = directory_ / "gpt2.safetensors";
  const std::string layer = "h.0.attn.c_attn";
  write_tensors(
      file, {made(layer + ".weight", {16, 48}, FloatType::f32), made(layer + ".bias", {48}, FloatType::f32)});
  quantize(file);
  auto wanted = request();
  wanted.checkpoint = file.string();
  ASSERT_TRUE(dequantize_model(wanted));
  EXPECT_EQ(read_tensor(output() / "gpt2.safetensors", layer + ".weight"),
            expected(layer, layer + ".weight", "F32", FloatType::f32, Layout::k_by_n));
}

TEST_F(DequantizeModel, ExpertsThatWereNotQuantizedKeepTheirWeights) {
  const fs::path file = directory_ / "moe.safetensors";
  const std::string name = "model.layers.0.mlp.experts.down_proj";
  const MadeTensor all = made(name, {3, 24, 40}, FloatType::bf16);
  write_tensors(file, {all, made("model.norm.weight", {40}, FloatType::f32)});
  write_text(directory_ / "config.json", R"({"model_type": "qwen3_moe", "hidden_size": 40})");
  quantize(file, {name + ".1"});
  auto wanted = request();
  wanted.checkpoint = file.string();
  const auto done = dequantize_model(wanted);
  ASSERT_TRUE(done) << done.error();
  const MadeTensor found = read_tensor(output() / "moe.safetensors", name);
  ASSERT_EQ(found.bytes.size(), all.bytes.size());
  EXPECT_EQ(found.shape, all.shape);
  const std::size_t third = all.bytes.size() / 3;
  const auto part = [third](const std::vector<std::byte>& bytes, std::size_t i) {
    const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(i * third);
    return std::vector<std::byte>(first, first + static_cast<std::ptrdiff_t>(third));
  };
  EXPECT_EQ(part(found.bytes, 0), part(all.bytes, 0));
  EXPECT_EQ(part(found.bytes, 2), part(all.bytes, 2));
  const auto quantized = golden::load_quantized(this->quantized(), name + ".1");
  ASSERT_TRUE(quantized);
  const Layout layout = quantized->tensor.k == 24 ? Layout::k_by_n : Layout::n_by_k;
  EXPECT_EQ(part(found.bytes, 1), expected(name + ".1", name, "BF16", FloatType::bf16, layout).bytes);
}

TEST_F(DequantizeModel, EightBitFloatsBecomeBf16WithoutScales) {
  fs::remove_all(original());
  fs::create_directory(original());
  const std::string quantized_layer = "model.layers.0.mlp.up_proj";
  const std::string other = "lm_head";
  std::vector<MadeTensor> tensors;
  for (const std::string& layer : {quantized_layer, other}) {
    std::vector<std::byte> codes(960);
    for (std::size_t i = 0; i < codes.size(); ++i)
      codes[i] = static_cast<std::byte>(0x30 + i % 24);  // 0.5 to 3.75
    tensors.push_back({layer + ".weight", "F8_E4M3", {24, 40}, codes});
    MadeTensor scale{layer + ".weight_scale", "F32", {1}, {}};
    golden::append_float(scale.bytes, 0.5, FloatType::f32);
    tensors.push_back(scale);
  }
  write_tensors(original() / "model.safetensors", tensors);
  write_text(
      original() / "config.json",
      R"({"model_type": "llama", "torch_dtype": "float16", "quantization_config": {"quant_method": "fp8"}})");
  quantize(original(), {quantized_layer + ".weight"});
  const auto done = dequantize_model(request());
  ASSERT_TRUE(done) << done.error();
  EXPECT_EQ(done->dropped, 2U);
  EXPECT_EQ(done->converted, 1U);
  const fs::path file = output() / "model.safetensors";
  EXPECT_EQ(read_tensor(file, quantized_layer + ".weight"),
            expected(quantized_layer, quantized_layer + ".weight", "BF16", FloatType::bf16));
  const MadeTensor converted = read_tensor(file, other + ".weight");
  std::vector<std::byte> first;
  golden::append_float(first, 0.25, FloatType::bf16);  // code 0x30 is 0.5, times its scale
  EXPECT_TRUE(std::equal(first.begin(), first.end(), converted.bytes.begin()));
  EXPECT_EQ(golden::SafetensorsReader::open(file)->tensors().size(), 2U);
  const auto config = nlohmann::json::parse(read_text(output() / "config.json"));
  EXPECT_FALSE(config.contains("quantization_config"));
  EXPECT_EQ(config["torch_dtype"], "bfloat16");
}

TEST_F(DequantizeModel, Mxfp4BlocksBecomeTensorsOfTheModelWithoutBlocks) {
  fs::remove_all(original());
  fs::create_directory(original());
  const std::string name = "model.layers.0.mlp.experts.down_proj";
  MadeTensor blocks{name + "_blocks", "U8", {2, 32, 2, 16}, {}};
  MadeTensor scales{name + "_scales", "U8", {2, 32, 2}, {}};
  for (int i = 0; i < 2048; ++i) blocks.bytes.push_back(static_cast<std::byte>(i % 251));
  scales.bytes.assign(128, std::byte{126});
  write_tensors(original() / "model.safetensors", {blocks, scales});
  write_text(
      original() / "config.json",
      R"({"model_type": "gpt_oss", "hidden_size": 32, "quantization_config": {"quant_method": "mxfp4"}})");
  const auto model = golden::ModelFile::open(original());
  ASSERT_TRUE(model) << model.error();
  quantize(original(), {name + ".1"});
  const auto done = dequantize_model(request());
  ASSERT_TRUE(done) << done.error();
  EXPECT_EQ(done->dropped, 1U);
  const fs::path file = output() / "model.safetensors";
  EXPECT_EQ(golden::SafetensorsReader::open(file)->tensors().size(), 1U);
  const MadeTensor found = read_tensor(file, name);
  EXPECT_EQ(found.shape, (std::vector<std::int64_t>{2, 64, 32}));
  ASSERT_EQ(found.bytes.size(), 2U * 64 * 32 * 2);
  const auto first = model->load(name + ".0", std::nullopt);  // [K][N]
  ASSERT_TRUE(first) << first.error();
  std::vector<std::byte> both;
  for (const float value : first->values) golden::append_float(both, value, FloatType::bf16);
  const auto second = expected(name + "_blocks.1", name, "BF16", FloatType::bf16, Layout::k_by_n);
  both.insert(both.end(), second.bytes.begin(), second.bytes.end());
  EXPECT_EQ(found.bytes, both);
  EXPECT_EQ(read_text(output() / "config.json").find("quantization_config"), std::string::npos);
}

TEST_F(DequantizeModel, NothingIsOverwritten) {
  quantize(original());
  auto wanted = request();
  wanted.output = original();
  expect_error(wanted, {"original", "which is read"});
  wanted.output = original() / "m-1.safetensors";
  expect_error(wanted, {"m-1.safetensors", "which is read"});
  wanted.output = directory_.path();
  expect_error(wanted, {"a new or empty directory"});
  wanted.output = directory_ / "x.safetensors";
  wanted.max_shard_bytes = 10;
  expect_error(wanted, {"x.safetensors", "allowed: a directory"});
  expect_error({quantized().string(), "", output(), {}, {}}, {"without a checkpoint", ".safetensors"});
}

TEST_F(DequantizeModel, LayersMustBeThoseOfTheCheckpoint) {
  quantize(original());
  const fs::path file = directory_ / "other.safetensors";
  auto wanted = request();
  wanted.checkpoint = file.string();
  write_tensors(file, {made("model.layers.0.mlp.up_proj.weight", {24, 40}, FloatType::f16)});
  expect_error(wanted, {"layer 'model.layers.0.mlp.down_proj'", "other.safetensors has no tensor"});
  write_tensors(file, {made("model.layers.0.mlp.up_proj.weight", {24, 41}, FloatType::f16)});
  expect_error(wanted, {"shape [24, 41]", "allowed: [24, 40]"});
  wanted.quantized = file.string();
  expect_error(wanted, {"found no layers"});
  EXPECT_FALSE(fs::exists(output()));
}

TEST_F(DequantizeModel, AfterAnErrorNothingIsLeft) {
  quantize(original());
  auto layer = golden::load_quantized(quantized(), "model.layers.0.mlp.up_proj");
  ASSERT_TRUE(layer);
  layer->input_scales.assign(static_cast<std::size_t>(layer->tensor.k), 1e-6F);
  ASSERT_TRUE(golden::save_quantized(quantized(), {&*layer, 1}));
  expect_error(request(), {"layer 'model.layers.0.mlp.up_proj'", "beyond the range of its type"});
  EXPECT_FALSE(fs::exists(output()));
}

}  // namespace
}  // namespace msq::flow
