// `fit`: its report on quantized weights, and that the configuration it writes runs them.

#include <algorithm>
#include <numeric>

#include "tests/cli/flow.hpp"
#include "tests/support/configs.hpp"

namespace msq::cli {
namespace {

constexpr const char* kWide =
    R"({"rows": 8, "cols": 4, "micro_block": 4, "outlier_path": "inline", "tree_rows": 4, "inline": {"units_per_block": 4}})";
constexpr const char* kShared =
    R"({"rows": 8, "cols": 4, "micro_block": 4, "outlier_path": "inline", "tree_rows": 4, "inline": {"units_per_block": 1}})";
const std::string kPlain = tests::test_config_text("none-8x4-trees-of-4");

class Fit : public Flow {
 protected:
  void SetUp() override {
    Flow::SetUp();
    write("wide.json", kWide);
    write("shared.json", kShared);
    write("plain.json", kPlain);
    write_npy("w.npy", sample_matrix(70, 20));
    for (const char* bits : {"2", "4"}) {
      succeed({"quantize", "--weights", "w.npy", "--bits", bits, "--micro-block", "4", "-o",
               std::string("q") + bits + ".safetensors"});
    }
  }
  nlohmann::json fit(const std::string& config) {
    return json({"fit", "--config", config, "-q", "q2.safetensors", "-q", "q4.safetensors", "--json"});
  }
};

std::int64_t sum(const nlohmann::json& counts) {
  return std::accumulate(
      counts.begin(), counts.end(), std::int64_t{0},
      [](std::int64_t all, const nlohmann::json& count) { return all + count.get<std::int64_t>(); });
}

TEST_F(Fit, CountsLayersTilesAndOutliers) {
  const auto report = fit("shared.json");
  EXPECT_EQ(report["config"], "shared");
  EXPECT_EQ(report["layers"], 2);
  // 70 rows are 5 tiles of 16 along K in mode 2, 9 of 8 in mode 4; 20 columns are 5 tiles of 4.
  EXPECT_EQ(report["tiles"], (5 + 9) * 5);
  // The same micro-blocks by shift and by outliers, and their ends are what the report says.
  const auto& shifts = report["micro_blocks_by_shift"];
  EXPECT_GT(sum(shifts), 0);
  EXPECT_EQ(sum(shifts), sum(report["micro_blocks_by_outliers"]));
  EXPECT_EQ(report["micro_blocks_by_outliers"][0], 0);
  const auto largest = report["outlier_shift"]["largest"].get<std::size_t>();
  EXPECT_GT(shifts[largest], 0);
  for (std::size_t shift = largest + 1; shift < shifts.size(); ++shift) EXPECT_EQ(shifts[shift], 0);
}

TEST_F(Fit, FewerUnitsCostTiles) {
  // Many outliers: most bands have micro-blocks with more of them than one unit holds.
  succeed({"quantize", "--weights", "w.npy", "--bits", "2", "--micro-block", "4", "--sigma", "0.5", "-o",
           "dense.safetensors"});
  const auto shared = json({"fit", "--config", "shared.json", "-q", "dense.safetensors", "--json"});
  const auto wide = json({"fit", "--config", "wide.json", "-q", "dense.safetensors", "--json"});
  EXPECT_EQ(shared["tiles"], wide["tiles"]);
  EXPECT_GT(shared["extra_tiles"], wide["extra_tiles"]);
  // They are the tiles that the array runs.
  const auto run = json(
      {"simulate", "--config", "shared.json", "--quantized", "dense.safetensors", "--tokens", "1", "--json"});
  EXPECT_EQ(run["tiles"], shared["tiles"].get<int>() + shared["extra_tiles"].get<int>());
}

TEST_F(Fit, WritesTheNarrowestConfigurationThatRunsTheWeights) {
  const auto report = json({"fit", "--config", "shared.json", "-q", "q2.safetensors", "-q", "q4.safetensors",
                            "-o", "narrow.json", "--json"});
  auto written = nlohmann::json::parse(read("narrow.json"));
  EXPECT_EQ(written, report["fitted"]);
  EXPECT_EQ(written["name"], "shared-fit");
  const int largest = report["outlier_shift"]["largest"].get<int>();
  EXPECT_EQ(written["outlier_shift_max"], std::min(largest, 3));
  const int width = report["acc_bits"]["fitted"].get<int>();
  EXPECT_EQ(width, std::min(report["acc_bits"]["needed"].get<int>(), 16)) << "at most the usual ones";
  for (const char* file : {"q2.safetensors", "q4.safetensors"}) {
    const auto run =
        json({"simulate", "--config", "narrow.json", "--quantized", file, "--tokens", "3", "--json"});
    EXPECT_EQ(run["ok"], true);
    EXPECT_EQ(run["outputs_compared"], 3 * 20);
    EXPECT_EQ(run["protocol_errors"], 0);
  }
  // Where columns do not fit, tiles are split; fit counts them.
  const auto of_two_bits = [&](const char* config) {
    return json({"fit", "--config", config, "-q", "q2.safetensors", "--json"});
  };
  written["acc_bits"] = 13;  // an outlier: 127 * 7 * 2^2 = 3,556
  written["outlier_shift_max"] = 2;
  written["modes"] = {2};
  write("narrower.json", written.dump());
  EXPECT_GT(of_two_bits("narrower.json")["extra_tiles"], of_two_bits("narrow.json")["extra_tiles"]);
  const auto split = json(
      {"simulate", "--config", "narrower.json", "--quantized", "q2.safetensors", "--tokens", "3", "--json"});
  EXPECT_EQ(split["ok"], true);
  // A weight that fits no sum is refused.
  written["acc_bits"] = 12;
  write("too-narrow.json", written.dump());
  refuse({"fit", "--config", "too-narrow.json", "-q", "q2.safetensors"},
         {"q2.safetensors", "13 accumulator bits"});
  // Fitted again nothing changes but the name.
  EXPECT_EQ(fit("narrow.json")["acc_bits"]["fitted"], width);
}

TEST_F(Fit, TextNamesWhatItFound) {
  const std::string text = succeed({"fit", "--config", "shared.json", "-q", "q4.safetensors"});
  for (const char* part : {"shared: 1 layers", "partial sums", "outlier shift", "by shift", "by outliers",
                           "for outliers without a unit", "fitted"})
    EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text;
}

TEST_F(Fit, RefusesWhatItCannotUse) {
  write_npy("x.npy", sample_matrix(4, 4));
  refuse({"fit", "--config", "shared.json", "-q", "absent.safetensors"}, {"absent.safetensors"});
  refuse({"fit", "--config", "shared.json", "-q", "x.npy"}, {"x.npy"});
  refuse({"fit", "--config", "shared.json"}, {"--quantized"});
  refuse({"fit", "--config", "absent.json", "-q", "q2.safetensors"}, {"absent.json"});
  // Micro-blocks of 8 in an array with blocks of 4; outliers on an array without.
  succeed({"quantize", "--weights", "w.npy", "--bits", "2", "--micro-block", "8", "-o", "q8.safetensors"});
  refuse({"fit", "--config", "shared.json", "-q", "q8.safetensors"}, {"q8.safetensors", "micro"});
  // A second file that cannot be used leaves nothing written.
  refuse({"fit", "--config", "shared.json", "-q", "q2.safetensors", "-q", "q8.safetensors", "-o", "n.json"},
         {"q8.safetensors"});
}

}  // namespace
}  // namespace msq::cli
