#include <filesystem>
#include <map>

#include "golden/io/quantized_file.hpp"
#include "tests/cli/flow.hpp"
#include "tests/io/checkpoint_writer.hpp"

namespace msq::cli {
namespace {

using golden::testing::counting;
using golden::testing::raw_safetensors;
using golden::testing::RawTensor;

/// A LLaMA of two blocks in two shards below "llama".
class CheckpointCommands : public Flow {
 protected:
  void SetUp() override {
    Flow::SetUp();
    std::filesystem::create_directory(directory_ / "llama");
    write("llama/config.json", R"({"model_type": "llama", "hidden_size": 8, "tie_word_embeddings": false})");
    write("llama/1.safetensors", raw_safetensors(first_));
    write("llama/2.safetensors", raw_safetensors(second_));
    golden::testing::write_index(directory_ / "llama", weight_map());
  }

  [[nodiscard]] std::vector<std::pair<std::string, std::string>> weight_map() const {
    std::vector<std::pair<std::string, std::string>> map;
    for (const RawTensor& tensor : first_) map.emplace_back(tensor.name, "1.safetensors");
    for (const RawTensor& tensor : second_) map.emplace_back(tensor.name, "2.safetensors");
    return map;
  }

  /// Reasons of the matrices that --list leaves out, and "yes" for the others.
  std::map<std::string, std::string> reasons(const std::string& model, const Arguments& more = {}) {
    Arguments arguments = {"quantize", "--list", "--json", "-w", model};
    arguments.insert(arguments.end(), more.begin(), more.end());
    std::map<std::string, std::string> found;
    const auto list = json(arguments);
    for (const auto& tensor : list["tensors"]) {
      if (tensor["shape"].size() < 2) continue;
      found[tensor["name"]] = tensor["quantized"] ? "yes" : tensor["reason"].get<std::string>();
    }
    return found;
  }
  using Reasons = std::map<std::string, std::string>;

  std::vector<RawTensor> first_{counting("model.layers.10.self_attn.k_proj.weight", {4, 8}),
                                counting("model.layers.2.self_attn.q_proj.weight", {8, 8}),
                                counting("lm_head.weight", {16, 8})};
  std::vector<RawTensor> second_{counting("model.layers.2.self_attn.k_proj.weight", {4, 8}, -9),
                                 counting("model.embed_tokens.weight", {16, 8}),
                                 counting("model.norm.weight", {8})};
};

TEST_F(CheckpointCommands, ADirectoryAndItsIndexAreTheSame) {
  succeed({"quantize", "-w", "llama", "-b", "4", "-o", "1.q.safetensors"});
  succeed({"quantize", "-w", "llama/model.safetensors.index.json", "-b", "4", "-o", "2.q.safetensors"});
  EXPECT_EQ(read("1.q.safetensors"), read("2.q.safetensors"));
  std::vector<RawTensor> all(first_);
  all.insert(all.end(), second_.begin(), second_.end());
  write("single.safetensors", raw_safetensors(all));
  succeed({"quantize", "-w", "single.safetensors", "-b", "4", "-o", "3.q.safetensors"});
  EXPECT_EQ(read("1.q.safetensors"), read("3.q.safetensors"));
  EXPECT_EQ(golden::quantized_layers(golden::SafetensorsReader::open(directory_ / "1.q.safetensors").value()),
            (std::vector<std::string>{"model.layers.2.self_attn.k_proj", "model.layers.2.self_attn.q_proj",
                                      "model.layers.10.self_attn.k_proj"}));
}

TEST_F(CheckpointCommands, LayersComeInNaturalOrder) {
  const auto report = json({"quantize", "-w", "llama", "-b", "2", "-o", "q.safetensors", "--json"});
  ASSERT_EQ(report["layers"].size(), 3U);
  EXPECT_EQ(report["layers"][0]["layer"], "model.layers.2.self_attn.k_proj");
  EXPECT_EQ(report["layers"][2]["layer"], "model.layers.10.self_attn.k_proj");
  EXPECT_EQ(report["left_out"].size(), 2U);
  EXPECT_EQ(json({"inspect", "q.safetensors", "--json"})["layers"][2]["name"],
            "model.layers.10.self_attn.k_proj");
}

TEST_F(CheckpointCommands, TheListNamesLayersInputsAndReasons) {
  EXPECT_EQ(reasons("llama"), (Reasons{{"lm_head.weight", "output projection"},
                                       {"model.embed_tokens.weight", "embedding by its name"},
                                       {"model.layers.10.self_attn.k_proj.weight", "yes"},
                                       {"model.layers.2.self_attn.k_proj.weight", "yes"},
                                       {"model.layers.2.self_attn.q_proj.weight", "yes"}}));
  const auto tensor = json({"quantize", "--list", "--json", "-w", "llama"})["tensors"][3];
  EXPECT_EQ(tensor["layer"], "model.layers.2.self_attn.q_proj");
  EXPECT_EQ(tensor["tensor"], "model.layers.2.self_attn.q_proj.weight");
  EXPECT_TRUE(tensor["expert"].is_null());
  EXPECT_EQ(tensor["input"], "model.layers.2.self_attn.qkv");
  const std::string text = succeed({"quantize", "--list", "-w", "llama"});
  EXPECT_NE(text.find("8 x 4  model.layers.2.self_attn.qkv  yes"), std::string::npos) << text;
  EXPECT_NE(text.find("no: output projection"), std::string::npos) << text;
}

TEST_F(CheckpointCommands, TheOutputProjectionMayBeChosen) {
  succeed({"quantize", "-w", "llama", "--tensor", "lm_head*", "-b", "4", "-o", "q.safetensors"});
  EXPECT_EQ(golden::load_quantized(directory_ / "q.safetensors", "lm_head").value().tensor.n, 16);
  const auto one = json({"quantize", "-w", "llama", "--tensor", "model.layers.2.self_attn.k_proj.weight",
                         "-b", "4", "-o", "q.safetensors", "--json"});
  EXPECT_EQ(one["source"]["n"], 4);
}

TEST_F(CheckpointCommands, InspectDescribesACheckpoint) {
  for (const char* name : {"llama", "llama/model.safetensors.index.json"}) {
    const auto found = json({"inspect", name, "--json"});
    EXPECT_EQ(found["kind"], "checkpoint");
    EXPECT_EQ(found["family"], "LLaMA");
    EXPECT_EQ(found["shards"], 2);
    EXPECT_EQ(found["tensors"].size(), 6U);
    EXPECT_NE(succeed({"inspect", name}).find("checkpoint of 2 shards"), std::string::npos);
    const auto tensor =
        json({"inspect", name, "--tensor", "model.layers.2.self_attn.k_proj.weight", "--json"});
    EXPECT_EQ(tensor["shape"], (std::vector<int>{4, 8}));
    EXPECT_EQ(tensor["statistics"]["minimum"], -9.0);
  }
}

TEST_F(CheckpointCommands, SeveralFilesAreNoModel) {
  const Arguments two = {"quantize", "-w", "llama/1.safetensors", "-w", "llama/2.safetensors", "-b",
                         "2",        "-o", "q.safetensors"};
  refuse(two, {"--weights: found 2 files; allowed: one", "its directory or its index"});
}

TEST_F(CheckpointCommands, FilesOfTheCheckpointAreNotOverwritten) {
  refuse({"quantize", "-w", "llama", "-b", "2", "-o", "llama/2.safetensors"},
         {"--output: found \"llama/2.safetensors\", which --weights reads"});
}

TEST_F(CheckpointCommands, DirectoriesAndIndexesThatAreNone) {
  const auto refused = [this](const std::string& model, std::initializer_list<std::string_view> parts) {
    refuse({"quantize", "-w", model, "-b", "2", "-o", "q.safetensors"}, parts);
    refuse({"inspect", model}, parts);
  };
  std::filesystem::create_directory(directory_ / "empty");
  refused("empty", {"empty: found no weights; allowed: a directory with model.safetensors.index.json"});
  std::filesystem::remove(directory_ / "llama" / "2.safetensors");
  refused("llama", {"model.safetensors.index.json: shard '2.safetensors' of 3 tensors is missing"});
  write("x.safetensors.index.json", "{}");
  refused("x.safetensors.index.json", {"weight_map is missing"});
  refuse({"quantize", "-w", "nowhere", "-b", "2", "-o", "q.safetensors"},
         {"nowhere", "a directory with a checkpoint"});
}

TEST_F(CheckpointCommands, NothingOfAMixtureIsLeftOutWithoutAWord) {
  const std::string mlp = "model.layers.0.mlp.";
  const std::vector<RawTensor> tensors{counting(mlp + "gate.weight", {2, 8}),
                                       counting(mlp + "shared_expert_gate.weight", {1, 8}),
                                       counting(mlp + "experts.gate_up_proj", {2, 12, 8}),
                                       counting(mlp + "experts.down_proj", {2, 8, 6}),
                                       counting("wte.weight", {16, 8}),
                                       counting("wpe.weight", {16, 8}),
                                       counting("shared.weight", {16, 8})};
  write("moe.safetensors", raw_safetensors(tensors));
  const std::string router = "router of a mixture by its name";
  EXPECT_EQ(reasons("moe.safetensors"), (Reasons{{mlp + "experts.down_proj.0", "yes"},
                                                 {mlp + "experts.down_proj.1", "yes"},
                                                 {mlp + "experts.gate_up_proj.0", "yes"},
                                                 {mlp + "experts.gate_up_proj.1", "yes"},
                                                 {mlp + "gate.weight", router},
                                                 {mlp + "shared_expert_gate.weight", router},
                                                 {"shared.weight", "embedding by its name"},
                                                 {"wpe.weight", "table of positions by its name"},
                                                 {"wte.weight", "embedding by its name"}}));
  const auto report = json({"quantize", "-w", "moe.safetensors", "-b", "2", "-o", "q.safetensors", "--json"});
  EXPECT_EQ(report["layers"][1]["layer"], mlp + "experts.down_proj.1");
  EXPECT_EQ(report["layers"][2]["k"], 8);
  EXPECT_EQ(report["layers"][2]["n"], 12);
  // A pattern, and the name of the whole tensor.
  succeed({"quantize", "-w", "moe.safetensors", "--tensor", mlp + "experts.down*", "-b", "2", "-o",
           "q.safetensors"});
  EXPECT_EQ(
      golden::load_quantized(directory_ / "q.safetensors", mlp + "experts.down_proj.0").value().tensor.k, 6);
  EXPECT_EQ(reasons("moe.safetensors", {"--exclude", mlp + "experts.down_proj"})[mlp + "experts.down_proj.1"],
            "excluded by '" + mlp + "experts.down_proj'");
  refuse({"quantize", "-w", "moe.safetensors", "--tensor", mlp + "experts.down_proj", "-b", "2", "-o",
          "o.safetensors"},
         {"allowed: one of its matrices, '" + mlp + "experts.down_proj.0'"});
}

TEST_F(CheckpointCommands, ExpertsOfUnknownLayoutNeedIt) {
  write("e.safetensors", raw_safetensors({counting("experts", {2, 4, 6}), counting("a.weight", {4, 6})}));
  EXPECT_EQ(reasons("e.safetensors")["experts.1"], "layout unknown (matrix of an expert): needs --layout");
  EXPECT_EQ(reasons("e.safetensors", {"--layout", "k_by_n"})["experts.1"], "yes");
  const ProcessResult result = run({"quantize", "-w", "e.safetensors", "-b", "2", "-o", "q.safetensors"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_NE(result.output.find("2 tensors of two or more dimensions not quantized\n"), std::string::npos)
      << result.output;
  EXPECT_NE(result.output.find("'experts.0' and 1 more experts [4, 6]: layout unknown"), std::string::npos)
      << result.output;
}

TEST_F(CheckpointCommands, EightBitFloatsAreWhatTheyMean) {
  std::vector<float> meant(15);
  RawTensor codes{"a.weight", "F8_E4M3", {3, 5}, std::string(15, '\0')};
  for (std::size_t i = 0; i < 15; ++i) {
    codes.bytes[i] = static_cast<char>(0x38 + i);  // 1, 1.125, ... 1.875, 2, 2.25, ...
    const std::size_t row = i / 5;
    const float code = i < 8 ? 1 + static_cast<float>(i) / 8 : 2 + static_cast<float>(i - 8) / 4;
    meant[i] = code * static_cast<float>(1 + row);
  }
  write("f8.safetensors", raw_safetensors({codes, counting("a.weight_scale", {3, 1}, 1)}));
  RawTensor plain{"a.weight",
                  "F32",
                  {3, 5},
                  std::string(reinterpret_cast<const char*>(meant.data()), 15 * sizeof(float))};
  write("f32.safetensors", raw_safetensors({plain}));
  succeed({"quantize", "-w", "f8.safetensors", "-b", "4", "-o", "1.q.safetensors"});
  succeed({"quantize", "-w", "f32.safetensors", "-b", "4", "-o", "2.q.safetensors"});
  EXPECT_EQ(read("1.q.safetensors"), read("2.q.safetensors"));
  EXPECT_EQ(reasons("f8.safetensors")["a.weight_scale"], "scales of 'a.weight'");
  write("bad.safetensors",
        raw_safetensors({codes, counting("a.weight_scale", {4}, 1), counting("b.weight", {4, 4})}));
  EXPECT_NE(reasons("bad.safetensors")["a.weight"].find("its scales 'a.weight_scale' have shape [4]"),
            std::string::npos);
  write("bare.safetensors", raw_safetensors({codes}));
  EXPECT_EQ(json({"quantize", "--list", "--json", "-w", "bare.safetensors"})["notes"][0],
            "bare.safetensors: 1 tensors of 8-bit floats have no scales");
}

}  // namespace
}  // namespace msq::cli
