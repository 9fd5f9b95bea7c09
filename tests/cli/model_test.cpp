#include <filesystem>
#include <string>

#include "tests/cli/flow.hpp"

namespace msq::cli {
namespace {

TEST_F(Flow, ModelOfShapesFromAFile) {
  write("s.csv", "name,k,n,count\nup,64,256,3\ndown,256,64,2\n");
  const Arguments arguments = {"model",   "--config",       "recon-8x8", "--shapes", "s.csv",
                               "--phase", "prefill",        "--tokens",  "16",       "--mode",
                               "4",       "--outlier-rate", "0.05"};
  Arguments with_json = arguments;
  with_json.emplace_back("--json");
  const auto found = json(with_json);
  ASSERT_EQ(found["layers"].size(), 2U);
  const auto& up = found["layers"][0];
  EXPECT_EQ(up["m"], 16);
  EXPECT_EQ(up["count"], 3);
  EXPECT_EQ(up["launches"], 16 * 8 * 32);  // tokens x K tiles x column tiles
  EXPECT_EQ(up["exact"], true);
  const auto& stalls = up["stalls"];
  std::int64_t sum = up["launches"].get<std::int64_t>();
  for (const auto& [reason, cycles] : stalls.items()) sum += cycles.get<std::int64_t>();
  EXPECT_EQ(sum, up["top_cycles"].get<std::int64_t>());
  const double total = 3 * up["cycles"].get<double>() + 2 * found["layers"][1]["cycles"].get<double>();
  EXPECT_DOUBLE_EQ(found["total"]["cycles"].get<double>(), total);
  EXPECT_EQ(found["total"]["machines"].size(), 5U);
  EXPECT_EQ(json(with_json), found);
  with_json.insert(with_json.end(), {"--units", "8"});
  EXPECT_LT(json(with_json)["total"]["cycles"].get<double>(), total);
  EXPECT_NE(succeed(arguments).find("OliVe"), std::string::npos);
}

TEST_F(Flow, ModelDecodesOneTokenAfterTheOther) {
  const Arguments one = {"model", "--model", "minilm", "--phase", "decode", "--tokens", "1", "--json"};
  const Arguments ten = {"model", "--model", "minilm", "--phase", "decode", "--tokens", "10", "--json"};
  const auto first = json(one);
  const auto second = json(ten);
  EXPECT_DOUBLE_EQ(second["total"]["cycles"].get<double>(), 10 * first["total"]["cycles"].get<double>());
  EXPECT_EQ(first["layers"][0]["m"], 1);
  EXPECT_EQ(first["total"]["recon_waits"], 0.0);
}

TEST_F(Flow, ModelOfAQuantizedFile) {
  write_npy("w.npy", sample_matrix(24, 40));
  succeed({"quantize", "--weights", "w.npy", "--bits", "4", "-o", "q.safetensors"});
  const auto found = json({"model", "--config", "recon-8x8", "-q", "q.safetensors", "--phase", "prefill",
                           "--tokens", "16", "--json"});
  ASSERT_EQ(found["layers"].size(), 1U);
  EXPECT_EQ(found["layers"][0]["launches"], 16 * 3 * 5);
  EXPECT_EQ(found["mode"], 4);
  EXPECT_EQ(found["modes"], nlohmann::json({4}));
  EXPECT_GT(found["outlier_rate"], 0.0);
  EXPECT_GT(found["layers"][0]["recon_accesses"], 0);
  const Arguments arguments = {"model", "-q", "q.safetensors", "--phase", "decode", "--tokens", "1"};
  auto none = arguments;
  none.insert(none.end(), {"--config", "none-8x8"});
  refuse(none, {"q.safetensors", "outliers", "none"});
  auto mode = arguments;
  mode.insert(mode.end(), {"--mode", "2"});
  refuse(mode, {"--mode", "--quantized"});
}

TEST_F(Flow, ModelOfADirectoryOfBothWidths) {
  for (const char* bits : {"2", "4"}) {
    const std::string name = std::string("w") + bits;
    write_npy(name + ".npy", sample_matrix(24, 40));
    std::filesystem::create_directory(directory_ / "q");
    succeed({"quantize", "--weights", name + ".npy", "--bits", bits, "-o", "q/" + name + ".safetensors"});
  }
  const Arguments arguments = {"model",   "--config", "recon-8x8", "-q", "q",
                               "--phase", "decode",   "--tokens",  "1"};
  Arguments with_json = arguments;
  with_json.emplace_back("--json");
  const auto found = json(with_json);
  EXPECT_EQ(found["mode"], nullptr);
  EXPECT_EQ(found["modes"], nlohmann::json({2, 4}));
  ASSERT_EQ(found["layers"].size(), 2U);
  EXPECT_EQ(found["layers"][0]["mode"], 2);
  EXPECT_EQ(found["layers"][1]["mode"], 4);
  EXPECT_NE(succeed(arguments).find("mode 2 and 4"), std::string::npos);
}

TEST_F(Flow, ModelRefuses) {
  const Arguments phase = {"--phase", "decode", "--tokens", "1"};
  const auto with = [&phase](Arguments arguments) {
    arguments.insert(arguments.begin(), "model");
    arguments.insert(arguments.end(), phase.begin(), phase.end());
    return arguments;
  };
  refuse(with({}), {"--model", "--shapes"});
  refuse(with({"--model", "bert"}), {"--model", "\"bert\"", "llama-3-8b"});
  refuse(with({"--shapes", "missing.csv"}), {"missing.csv"});
  write("bad.csv", "name,k,n,count\nup,64,x,1\n");
  refuse(with({"--shapes", "bad.csv"}), {"bad.csv: line 2, column 7", "\"x\""});
  refuse(with({"--model", "opt-6.7b", "--config", "8x8"}), {"layer ffn.down", "16384", "8192"});
  refuse(with({"--model", "gpt2", "--config", "none-8x8", "--outlier-rate", "0.1"}),
         {"--outlier-rate", "0.1"});
  refuse(with({"--model", "gpt2", "--config", "recon-8x8", "--units", "3"}), {"recon.units", "3"});
  refuse(with({"--model", "gpt2", "--config", "8x8", "--units", "2"}), {"--units", "2", "inline", "ReCoN"});
  refuse({"model", "--model", "gpt2", "--tokens", "1"}, {"--phase is required"});
  refuse({"model", "--model", "gpt2", "--phase", "decode", "--tokens", "0"}, {"--tokens", "0"});
}

}  // namespace
}  // namespace msq::cli
