#include <cmath>
#include <span>

#include "golden/io/safetensors.hpp"
#include "tests/cli/flow.hpp"

namespace msq::cli {
namespace {

golden::NamedTensor named(const std::string& name, const golden::Matrix& matrix) {
  return golden::named_tensor(name, {matrix.rows, matrix.columns}, std::span<const float>(matrix.values));
}

class Dequantize : public Flow {
 protected:
  void SetUp() override {
    Flow::SetUp();
    const std::vector<golden::NamedTensor> tensors{named("a.weight", sample_matrix(48, 32)),
                                                   named("b.weight", sample_matrix(32, 48, 2)),
                                                   named("embed_tokens.weight", sample_matrix(60, 32, 3))};
    std::filesystem::create_directory(directory_ / "model");
    ASSERT_TRUE(golden::write_safetensors(directory_ / "model/model.safetensors", tensors, {}));
    write("model/config.json", R"({"torch_dtype": "float32"})");
    write("model/tokenizer.json", "{}");
    succeed({"quantize", "-w", "model/model.safetensors", "--exclude", "embed*", "-b", "4", "-o",
             "q.safetensors"});
  }

  golden::Matrix tensor(const std::string& file, const std::string& name) {
    const auto reader = golden::SafetensorsReader::open(directory_ / file);
    EXPECT_TRUE(reader) << reader.error();
    return reader ? reader->load_matrix(name).value_or(golden::Matrix{}) : golden::Matrix{};
  }
};

TEST_F(Dequantize, ACheckpointComesBackWholeAndNearTheOriginal) {
  const auto report = json({"dequantize", "-q", "q.safetensors", "-w", "model", "-o", "back", "--json"});
  EXPECT_EQ(report["layers"], 2);
  EXPECT_EQ(report["tensors_copied"], 1);
  EXPECT_EQ(report["weight_files"], 1);
  EXPECT_EQ(report["other_files"], 2);
  EXPECT_EQ(listing("back"),
            (std::vector<std::string>{"config.json", "model.safetensors", "tokenizer.json"}));
  const golden::Matrix before = tensor("model/model.safetensors", "a.weight");
  const golden::Matrix after = tensor("back/model.safetensors", "a.weight");
  ASSERT_EQ(after.values.size(), before.values.size());
  double error = 0;
  double size = 0;
  for (std::size_t i = 0; i < before.values.size(); ++i) {
    error += std::pow(before.values[i] - after.values[i], 2);
    size += std::pow(before.values[i], 2);
  }
  EXPECT_GT(error, 0);
  EXPECT_LT(error, 0.05 * size);
}

TEST_F(Dequantize, TheLayersAloneAreThoseOfTheCheckpoint) {
  succeed({"dequantize", "-q", "q.safetensors", "-o", "layers.safetensors"});
  succeed({"dequantize", "-q", "q.safetensors", "-w", "model", "-o", "all.safetensors"});
  for (const char* name : {"a.weight", "b.weight"}) {
    EXPECT_EQ(tensor("layers.safetensors", name).values, tensor("all.safetensors", name).values) << name;
  }
  EXPECT_EQ(tensor("all.safetensors", "embed_tokens.weight").values,
            tensor("model/model.safetensors", "embed_tokens.weight").values);
}

TEST_F(Dequantize, TypesLayoutsAndSizes) {
  succeed(
      {"dequantize", "-q", "q.safetensors", "-o", "f16.safetensors", "--dtype", "f16", "--layout", "k_by_n"});
  const auto reader = golden::SafetensorsReader::open(directory_ / "f16.safetensors");
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->find("a.weight")->dtype, "F16");
  EXPECT_EQ(reader->find("a.weight")->shape, (std::vector<std::int64_t>{32, 48}));
  const std::string text =
      succeed({"dequantize", "-q", "q.safetensors", "-w", "model", "-o", "back", "--max-shard-size", "7KB"});
  EXPECT_NE(text.find("3 files of 19,968 bytes"), std::string::npos) << text;
  EXPECT_NE(read("back/model.safetensors.index.json").find("model-00003-of-00003.safetensors"),
            std::string::npos);
}

TEST_F(Dequantize, AnotherCheckpointOfTheSameShapesIsRefused) {
  const std::vector<golden::NamedTensor> tensors{named("a.weight", sample_matrix(48, 32, 4)),
                                                 named("b.weight", sample_matrix(32, 48, 5))};
  std::filesystem::create_directory(directory_ / "other");
  ASSERT_TRUE(golden::write_safetensors(directory_ / "other/model.safetensors", tensors, {}));
  refuse({"dequantize", "-q", "q.safetensors", "-w", "other", "-o", "back"}, {"other weights", "a"});
  EXPECT_FALSE(std::filesystem::exists(directory_ / "back"));
}

TEST_F(Dequantize, BadRequests) {
  refuse({"dequantize", "-q", "q.safetensors", "-w", "model", "-o", "model"}, {"--output", "model"});
  refuse({"dequantize", "-q", "q.safetensors", "-o", "q.safetensors"}, {"--output", "q.safetensors"});
  refuse({"dequantize", "-q", "q.safetensors", "-o", "back"}, {"without a checkpoint"});
  refuse({"dequantize", "-q", "model/model.safetensors", "-o", "x.safetensors"}, {"found no layers"});
  refuse({"dequantize", "-q", "q.safetensors", "-w", "none", "-o", "back"}, {"none"});
  for (const char* size : {"0", "-1", "5PB", "1.5GB", "2000000MB", "99999999999999999999"}) {
    refuse({"dequantize", "-q", "q.safetensors", "-w", "model", "-o", "back", "--max-shard-size", size},
           {"--max-shard-size: found", size, "5GB"});
  }
  refuse({"dequantize", "-q", "q.safetensors", "-w", "model", "-o", "back", "--dtype", "f8"},
         {"--dtype", "bf16"});
}

}  // namespace
}  // namespace msq::cli
