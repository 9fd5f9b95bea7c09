#include "golden/io/checkpoint.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <limits>

#include "checkpoint_writer.hpp"
#include "temporary_directory.hpp"

namespace msq::golden {
namespace {

using testing::contains;
using testing::counting;
using testing::raw_safetensors;
using testing::RawTensor;
using testing::write_index;
using testing::write_text;

class Checkpoints : public ::testing::Test {
 protected:
  void shard(const std::string& name, const std::vector<RawTensor>& tensors) {
    write_text(directory_ / name, raw_safetensors(tensors));
  }
  void config(std::string_view text) { write_text(directory_ / "config.json", text); }
  void index(std::string_view text) { write_text(directory_ / "model.safetensors.index.json", text); }
  Result<Checkpoint> open(std::string_view name = "") { return Checkpoint::open(directory_ / name); }
  void refuse(std::initializer_list<std::string_view> parts, std::string_view name = "") {
    const auto checkpoint = open(name);
    ASSERT_FALSE(checkpoint);
    EXPECT_TRUE(contains(checkpoint.error(), parts)) << checkpoint.error();
  }
  /// Of a tensor by its name.
  Result<std::vector<float>> values(const Checkpoint& checkpoint, std::string_view tensor,
                                    std::optional<Layout> layout = Layout::n_by_k,
                                    std::optional<std::int64_t> expert = {}) {
    MSQ_TRY(const Matrix matrix, checkpoint.load({checkpoint.find(tensor), expert}, layout));
    return matrix.values;
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(Checkpoints, ShardsOfAnIndexAreOneModel) {
  shard("m-1.safetensors", {counting("l.10.weight", {1, 2}, 10), counting("l.2.weight", {1, 2}, 2)});
  shard("m-2.safetensors", {counting("l.1.weight", {1, 2}, 1)});
  write_index(directory_.path(), {{"l.1.weight", "m-2.safetensors"},
                                  {"l.2.weight", "m-1.safetensors"},
                                  {"l.10.weight", "m-1.safetensors"}});
  config(R"({"model_type": "llama", "hidden_size": 2})");
  for (const char* name : {"", "model.safetensors.index.json"}) {
    const auto checkpoint = open(name);
    ASSERT_TRUE(checkpoint) << checkpoint.error();
    ASSERT_EQ(checkpoint->tensors().size(), 3U);
    EXPECT_EQ(checkpoint->tensors()[0].name, "l.1.weight");
    EXPECT_EQ(checkpoint->tensors()[1].name, "l.2.weight");
    EXPECT_EQ(checkpoint->tensors()[2].name, "l.10.weight");
    EXPECT_EQ(values(*checkpoint, "l.1.weight").value(), (std::vector<float>{1, 2}));
    EXPECT_EQ(values(*checkpoint, "l.10.weight").value(), (std::vector<float>{10, 11}));
    EXPECT_EQ(checkpoint->config().model_type, "llama");
    EXPECT_EQ(checkpoint->files().shards.size(), 2U);
    EXPECT_EQ(checkpoint->find("l.3.weight"), nullptr);
  }
}

TEST_F(Checkpoints, ASingleFileOfADirectory) {
  shard("model.safetensors", {counting("a.weight", {1, 2})});
  const auto checkpoint = open();
  ASSERT_TRUE(checkpoint) << checkpoint.error();
  EXPECT_EQ(checkpoint->name(), (directory_ / "").string());
  EXPECT_EQ(checkpoint->files().shards, (std::vector{directory_ / "model.safetensors"}));
  EXPECT_FALSE(checkpoint->files().config);
}

TEST_F(Checkpoints, LinksToFilesElsewhereAreFollowed) {
  const testing::TemporaryDirectory blobs;
  write_text(blobs / "1234", raw_safetensors({counting("a.weight", {1, 2})}));
  std::filesystem::create_symlink(blobs / "1234", directory_ / "model.safetensors");
  EXPECT_TRUE(open());
}

TEST_F(Checkpoints, DirectoriesThatHoldNone) {
  refuse({"found no weights; allowed: a directory with model.safetensors.index.json or model.safetensors"});
  write_text(directory_ / "pytorch_model.bin", "");
  shard("other.safetensors", {});
  refuse({"found 'other.safetensors', 'pytorch_model.bin'; allowed"});
  shard("model.safetensors", {});
  index("{}");
  refuse({"found both model.safetensors.index.json and model.safetensors; allowed: the path of one"});
}

TEST_F(Checkpoints, TensorsThatLieElsewhereThanTheIndexSays) {
  shard("1.safetensors", {counting("a", {1, 1}), counting("b", {1, 1})});
  shard("2.safetensors", {counting("c", {1, 1})});
  write_index(directory_.path(), {{"a", "1.safetensors"}, {"b", "2.safetensors"}, {"c", "2.safetensors"}});
  refuse({"model.safetensors.index.json: tensor 'b' is in '1.safetensors', not in shard '2.safetensors'"});
  write_index(directory_.path(), {{"a", "1.safetensors"}, {"d", "1.safetensors"}});
  refuse({"tensor 'd' is in no shard, not in shard '1.safetensors' as the index says"});
  shard("2.safetensors", {counting("a", {1, 1})});
  write_index(directory_.path(), {{"a", "1.safetensors"}, {"b", "2.safetensors"}});
  refuse({"tensor 'a' is in shards 1.safetensors and 2.safetensors; allowed: one"});
  write_index(directory_.path(), {{"a", "1.safetensors"}});
  const auto checkpoint = open();
  ASSERT_TRUE(checkpoint) << checkpoint.error();
  EXPECT_EQ(checkpoint->not_in_index(), (std::vector<std::string>{"b"}));
  EXPECT_NE(checkpoint->find("b"), nullptr);
}

TEST_F(Checkpoints, HostileIndexes) {
  shard("1.safetensors", {counting("a", {1, 1})});
  const auto refused = [&](std::string_view text, std::initializer_list<std::string_view> parts) {
    index(text);
    refuse(parts);
  };
  refused("", {"index.json: malformed JSON at byte 1"});
  refused("[1]", {"allowed: a JSON object"});
  refused("{}", {"weight_map is missing; allowed: an object with the shard of each tensor"});
  refused(R"({"weight_map": {}})", {"weight_map is no object, or empty"});
  refused(R"({"weight_map": {"a": 1}})", {"weight_map: tensor 'a': found no text; allowed: a text"});
  refused(R"({"weight_map": {"a": "1.safetensors", "a": "2.safetensors"}})", {"key 'a' appears twice"});
  refused(R"({"weight_map": {"a": "2.safetensors"}})", {"shard '2.safetensors' of 1 tensors is missing"});
  const std::string above = "../" + directory_.path().filename().string() + "/1.safetensors";
  for (const std::string& path :
       {above, (directory_ / "1.safetensors").string(), std::string("./1.safetensors")}) {
    refused(nlohmann::json{{"weight_map", {{"a", path}}}}.dump(),
            {"weight_map: tensor 'a'", "allowed: a file in the directory of the index"});
  }
  refused(R"({"weight_map": {"a": "1.safetensors\u0000/x.safetensors"}})", {"in the directory of the index"});
  refused(R"({"weight_map": {"a": "config.json"}})", {"'config.json'; allowed: a .safetensors file"});
  std::string deep(100000, '[');
  refused(R"({"weight_map": )" + deep, {"malformed JSON"});
  refused(R"({"weight_map": )" + std::string(70, '[') + std::string(70, ']') + "}",
          {"nested deeper than 64"});
  write_text(directory_ / "cut.safetensors", raw_safetensors({counting("a", {1, 1})}).substr(0, 50));
  refused(R"({"weight_map": {"a": "cut.safetensors"}})", {"cut.safetensors: ", "truncated"});
  std::filesystem::create_directory(directory_ / "d.safetensors");
  refused(R"({"weight_map": {"a": "d.safetensors"}})", {"d.safetensors: "});
}

TEST_F(Checkpoints, FieldsOfTheConfiguration) {
  shard("model.safetensors", {});
  config(R"({"model_type": "gemma3", "architectures": ["Gemma3ForConditionalGeneration"],
             "hidden_size": null, "text_config": {"hidden_size": 640, "tie_word_embeddings": true},
             "quantization_config": {"quant_method": "fp8", "weight_block_size": [64, 32]}})");
  const auto checkpoint = open();
  ASSERT_TRUE(checkpoint) << checkpoint.error();
  const ModelConfig& found = checkpoint->config();
  EXPECT_EQ(found.model_type, "gemma3");
  EXPECT_EQ(found.architectures, (std::vector<std::string>{"Gemma3ForConditionalGeneration"}));
  EXPECT_EQ(found.hidden_size, 640);
  EXPECT_EQ(found.tied, true);
  EXPECT_EQ(found.quantization, "fp8");
  EXPECT_EQ(found.scale_block, (std::array<std::int64_t, 2>{64, 32}));
  config(R"({"quantization_config": {"quant_method": "compressed-tensors", "config_groups":
             {"group_0": {"weights": {"block_structure": [16, 8]}}}}})");
  EXPECT_EQ(open()->config().scale_block, (std::array<std::int64_t, 2>{16, 8}));
}

TEST_F(Checkpoints, HostileConfigurations) {
  shard("model.safetensors", {});
  const auto refused = [&](std::string_view text, std::initializer_list<std::string_view> parts) {
    config(text);
    refuse(parts);
    refuse(parts, "model.safetensors");
  };
  refused("{", {"config.json: malformed JSON"});
  refused(R"({"a": 1, "a": 2})", {"config.json: key 'a' appears twice"});
  refused(R"({"model_type": 7})", {"config.json: model_type: found 7; allowed: text"});
  refused(R"({"architectures": "x"})", {"architectures: found \"x\"; allowed: a list of texts"});
  refused(R"({"hidden_size": 0})", {"hidden_size: found 0; allowed: an integer from 1 to 2^31"});
  refused(R"({"hidden_size": -1})", {"hidden_size: found -1"});
  refused(R"({"hidden_size": 1e9})", {"hidden_size: found 1000000000.0"});
  refused(R"({"tie_word_embeddings": "yes"})",
          {"tie_word_embeddings: found \"yes\"; allowed: true or false"});
  refused(R"({"quantization_config": {"weight_block_size": [128]}})",
          {"weight_block_size: found [128]; allowed: [rows, columns]"});
  refused(R"({"quantization_config": {"weight_block_size": [0, 128]}})",
          {"weight_block_size: found [0,128]"});
  config(R"({"text_config": 3, "quantization_config": [], "rows": 4})");
  EXPECT_TRUE(open()) << "of another program";
}

/// Every code of a type, as a matrix [16][16].
RawTensor every_code(const char* name, const char* dtype) {
  RawTensor tensor{name, dtype, {16, 16}, std::string(256, '\0')};
  for (std::size_t i = 0; i < 256; ++i) tensor.bytes[i] = static_cast<char>(i);
  return tensor;
}

TEST_F(Checkpoints, EightBitFloatsWithoutScalesAreTakenAsTheyAre) {
  shard("model.safetensors", {every_code("a.weight", "F8_E4M3"), every_code("b.weight", "F8_E5M2")});
  const auto checkpoint = open();
  const std::vector<float> a = values(*checkpoint, "a.weight").value();
  const std::vector<float> b = values(*checkpoint, "b.weight").value();
  EXPECT_EQ(a[0x38], 1.0F);
  EXPECT_EQ(a[0xFE], -448.0F);
  EXPECT_EQ(b[0x3C], 1.0F);
  EXPECT_EQ(b[0x7C], std::numeric_limits<float>::infinity());
}

/// Ones [3][5] of 8 bits, and scales.
std::vector<RawTensor> ones(const char* ending, RawTensor scales) {
  scales.name = std::string("a.weight") + ending;
  return {{"a.weight", "F8_E4M3", {3, 5}, std::string(15, '\x38')}, std::move(scales)};
}

TEST_F(Checkpoints, ScalesOfTheTensorAndOfItsOutputs) {
  const auto scaled = [&](const char* ending, RawTensor scales, Layout layout) {
    shard("model.safetensors", ones(ending, std::move(scales)));
    return values(open().value(), "a.weight", layout).value();
  };
  const std::vector<float> all(15, 7);
  EXPECT_EQ(scaled("_scale", counting("", {}, 7), Layout::n_by_k), all);
  EXPECT_EQ(scaled("_scale_inv", counting("", {1}, 7), Layout::n_by_k), all) << "multiplied, too";
  EXPECT_EQ(scaled("_scale", counting("", {1, 1}, 7), Layout::k_by_n), all);
  EXPECT_EQ(scaled("_scale", {"", "BF16", {}, std::string("\xE0\x40", 2)}, Layout::n_by_k), all);
  EXPECT_EQ(scaled("_scale", {"", "F8_E8M0", {1}, std::string("\x80", 1)}, Layout::n_by_k),
            std::vector<float>(15, 2));
  const std::vector<float> rows{1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3};
  EXPECT_EQ(scaled("_scale", counting("", {3}, 1), Layout::n_by_k), rows);
  EXPECT_EQ(scaled("_scale", counting("", {3, 1}, 1), Layout::n_by_k), rows);
  const std::vector<float> columns{1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5};
  EXPECT_EQ(scaled("_scale", counting("", {1, 5}, 1), Layout::k_by_n), columns);
  EXPECT_EQ(scaled("_scale", counting("", {5, 1}, 1), Layout::k_by_n), columns) << "of Llama 4's down_proj";
}

TEST_F(Checkpoints, ScalesOfBlocks) {
  config(R"({"quantization_config": {"quant_method": "fp8", "weight_block_size": [2, 3]}})");
  shard("model.safetensors", ones("_scale_inv", counting("", {2, 2}, 1)));
  EXPECT_EQ(values(open().value(), "a.weight").value(),
            (std::vector<float>{1, 1, 1, 2, 2, 1, 1, 1, 2, 2, 3, 3, 3, 4, 4}));
  config("{}");
  RawTensor large{"a.weight", "F8_E4M3", {129, 257}, std::string(129 * 257, '\x38')};
  shard("model.safetensors", {large, counting("a.weight_scale_inv", {2, 3}, 1)});
  const std::vector<float> found = values(open().value(), "a.weight").value();
  EXPECT_EQ(found[0], 1);
  EXPECT_EQ(found[127 * 257 + 127], 1);
  EXPECT_EQ(found[127 * 257 + 128], 2);
  EXPECT_EQ(found[256], 3);
  EXPECT_EQ(found[128 * 257], 4);
  EXPECT_EQ(found.back(), 6) << "blocks of 128 x 128 are the default";
}

TEST_F(Checkpoints, ScalesOfExperts) {
  const RawTensor weights{"e.up_proj", "F8_E4M3", {2, 2, 3}, std::string(12, '\x38')};
  const auto scaled = [&](const char* name, std::vector<std::int64_t> shape, Layout layout,
                          std::int64_t expert) {
    shard("model.safetensors", {weights, counting(name, std::move(shape), 1)});
    return values(open().value(), "e.up_proj", layout, expert);
  };
  EXPECT_EQ(scaled("e.up_proj_scale", {2}, Layout::n_by_k, 1).value(), std::vector<float>(6, 2));
  EXPECT_EQ(scaled("e.up_proj_scale", {1}, Layout::n_by_k, 1).value(), std::vector<float>(6, 1));
  EXPECT_EQ(scaled("e.up_proj_scale", {2, 1, 3}, Layout::k_by_n, 1).value(),
            (std::vector<float>{4, 5, 6, 4, 5, 6}));
  EXPECT_EQ(scaled("e.up_proj_scale", {2, 3, 1}, Layout::k_by_n, 0).value(),
            (std::vector<float>{1, 2, 3, 1, 2, 3}));
  EXPECT_EQ(scaled("e.up_proj_scales_inv", {2, 1, 1}, Layout::n_by_k, 1).value(), std::vector<float>(6, 2));
  EXPECT_TRUE(contains(scaled("e.up_proj_scale", {2, 2}, Layout::k_by_n, 0).error(),
                       {"its scales 'e.up_proj_scale' have shape [2, 2], the weights [2, 3]"}));
}

TEST_F(Checkpoints, ScalesThatAreMissingOrDoNotFit) {
  shard("model.safetensors", ones("_scale", counting("", {4})));
  EXPECT_TRUE(
      contains(values(open().value(), "a.weight").error(),
               {"model.safetensors: tensor 'a.weight': its scales 'a.weight_scale' have shape [4]",
                "the weights [3, 5]; allowed: one scale, one per output, or one per block of 128 x 128"}));
  shard("model.safetensors", ones("_scale", {"", "I8", {}, "1"}));
  EXPECT_TRUE(
      contains(values(open().value(), "a.weight").error(), {"have dtype 'I8'; allowed: a float type"}));
  std::vector<RawTensor> two = ones("_scale", counting("", {}, 1));
  two.push_back({"b.weight", "F8_E4M3", {1, 1}, "\x38"});
  shard("model.safetensors", two);
  EXPECT_TRUE(
      contains(values(open().value(), "b.weight").error(),
               {"tensor 'b.weight': F8_E4M3 without its scales; allowed: a tensor 'b.weight_scale' or "
                "'b.weight_scale_inv'"}));
  shard("model.safetensors", {{"b.weight", "F8_E4M3", {1, 1}, "\x38"}});
  EXPECT_TRUE(values(open().value(), "b.weight"));
  config(R"({"quantization_config": {"quant_method": "fp8"}})");
  EXPECT_TRUE(contains(values(open().value(), "b.weight").error(), {"without its scales"}));
}

TEST_F(Checkpoints, MatricesThatAreNot) {
  shard("model.safetensors",
        {counting("v", {3}), counting("none", {0, 2}), counting("e", {2, 1, 1}), {"i", "I8", {1, 1}, "1"}});
  const Checkpoint checkpoint = open().value();
  EXPECT_TRUE(contains(values(checkpoint, "v").error(), {"'v' has shape [3]; allowed: two dimensions"}));
  EXPECT_TRUE(
      contains(values(checkpoint, "none").error(), {"[0, 2]; allowed: two dimensions, each at least 1"}));
  EXPECT_TRUE(contains(values(checkpoint, "e").error(), {"allowed: one of its matrices, 'e.0' to 'e.1'"}));
  EXPECT_TRUE(contains(values(checkpoint, "e", {}, 2).error(), {"allowed: experts 0 to 1"}));
  EXPECT_TRUE(
      contains(values(checkpoint, "i").error(), {"dtype 'I8'; allowed: F64, F32, F16, BF16, F8_E4M3"}));
}

}  // namespace
}  // namespace msq::golden
