#include "tests/cli/flow.hpp"

namespace msq::cli {
namespace {

TEST_F(Flow, SynthOfABaseline) {
  const auto area =
      json({"synth", "--baseline", "olive", "--rows", "4", "--cols", "4", "--work", "work", "--json"});
  EXPECT_EQ(area["config"]["name"], "olive-4x4");
  EXPECT_EQ(area["sum_bits"], 16);  // 2 pairs * 127 * 96 = 24384
  double sum = 0;
  bool decoder = false;
  for (const auto& block : area["blocks"]) {
    sum += block["area_um2"].get<double>();
    decoder = decoder || block["block"] == "decoder";
    EXPECT_GT(block["area_um2"], 0.0) << block;
  }
  EXPECT_NEAR(sum, area["area_um2"], 1e-3);
  EXPECT_TRUE(decoder);
}

TEST_F(Flow, TimingOfABaseline) {
  const auto report = json(
      {"synth", "--baseline", "int8", "--rows", "4", "--cols", "4", "--work", "work", "--timing", "--json"});
  const auto plain =
      json({"synth", "--baseline", "int8", "--rows", "4", "--cols", "4", "--work", "work", "--json"});
  EXPECT_EQ(report["area_um2"], plain["area_um2"]);
  EXPECT_FALSE(plain.contains("timing"));
  const auto& timing = report["timing"];
  EXPECT_NEAR(timing["fmax_mhz"].get<double>() * timing["period_ns"].get<double>(), 1000, 1e-6);
  std::vector<std::string> modules;
  for (const auto& module : timing["modules"]) modules.push_back(module["module"]);
  EXPECT_NE(std::find(modules.begin(), modules.end(), "msq_bl_multiply_int8"), modules.end());
  refuse({"synth", "--baseline", "int8", "--top"}, {"--baseline", "--top"});
  const auto fpga = json({"synth", "--baseline", "int8", "--rows", "4", "--cols", "4", "--tree-rows", "2",
                          "--work", "work", "--target", "ecp5", "--dsp", "--json"});
  EXPECT_EQ(fpga["fpga"]["dsps"], 16);
  EXPECT_FALSE(fpga.contains("int8"));
}

/// The netlist computes what the golden model says of the codes of the baseline's own quantizer. Gobo is only
/// run by hand: its netlist takes minutes to compile.
TEST_F(Flow, PowerOfABaseline) {
  // 10 x 3 tiles, those at the edges with padding; two passes of tokens, of which the second has one.
  golden::Matrix weights = sample_matrix(39, 10);
  for (std::size_t i = 0; i < weights.values.size(); i += 23) weights.values[i] *= 30;
  write_npy("w.npy", weights);
  for (const char* kind : {"int4", "int8", "olive"}) {
    SCOPED_TRACE(kind);
    const auto report =
        json({"synth", "--baseline", kind, "--rows", "4", "--cols", "4", "--tree-rows", "2", "--work", "work",
              "--power", "--weights", "w.npy", "--tokens", "129", "--tiles", "60", "--json"});
    const auto& power = report["power"];
    EXPECT_EQ(power["bits"], std::string_view(kind) == "int8" ? 8 : 4);
    EXPECT_EQ(power["tiles"], 60);
    EXPECT_EQ(power["partial_sums_compared"], 30 * 129 * 4);
    EXPECT_EQ(power["partial_sums_mismatched"], 0);
    double blocks = power["clock_pins_w"];
    for (const auto& block : power["blocks"]) blocks += block["total_w"].get<double>();
    EXPECT_NEAR(blocks / power["total_w"].get<double>(), 1, 1e-9);
    // Padding is no multiplication.
    const double macs = 39.0 * 10 * 129;
    EXPECT_NEAR(power["utilization"].get<double>() * power["cycles"].get<double>() * 16 / macs, 1, 1e-9);
    const double energy = power["energy_per_cycle_j"].get<double>() * power["cycles"].get<double>();
    EXPECT_NEAR(energy / (power["energy_per_mac_j"].get<double>() * macs), 1, 1e-9);
    EXPECT_FALSE(power.contains("outliers_without_a_unit"));
  }
}

TEST_F(Flow, CompareHasEveryArrayWithAndWithoutTrees) {
  write("small.json", R"({"rows": 4, "cols": 4, "micro_block": 4, "modes": [2, 4]})");
  const auto report =
      json({"compare", "--config", "small.json", "--baselines", "int4,int8", "--work", "work", "--json"});
  const auto& arrays = report["arrays"];
  ASSERT_EQ(arrays.size(), 6U) << arrays;
  EXPECT_EQ(arrays[0]["macs_per_cycle"], 32);  // two weights of 2 bits in a PE
  EXPECT_EQ(arrays[1]["macs_per_cycle"], 16);
  EXPECT_EQ(arrays[0]["area_um2"], arrays[1]["area_um2"]);
  const std::vector<std::pair<std::string, int>> expected = {
      {"int4", 1}, {"int4", 2}, {"int8", 1}, {"int8", 2}};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto& line = arrays[i + 2];
    EXPECT_EQ(line["array"], expected[i].first);
    EXPECT_EQ(line["tree_rows"], expected[i].second);
    EXPECT_EQ(line["macs_per_cycle"], 16);
    const double area = line["area_um2"];
    EXPECT_NEAR(line["macs_per_cycle_and_mm2"], 16e6 / area, 1e-6);
    EXPECT_NEAR(line["area_um2_per_pe"], area / 16, 1e-6);
  }
  EXPECT_GT(arrays[4]["area_um2"], arrays[2]["area_um2"]);  // 8 bits against 4
}

TEST_F(Flow, GenerateABaseline) {
  succeed({"generate", "--baseline", "gobo", "--rows", "4", "--cols", "4", "-o", "out"});
  const auto manifest = nlohmann::json::parse(read("out/manifest.json"));
  EXPECT_EQ(manifest["baseline"], "gobo");
  EXPECT_EQ(manifest["top"], "msq_core");
  for (const auto& file : manifest["files"]) EXPECT_FALSE(read("out/" + file.get<std::string>()).empty());
  EXPECT_NE(read("out/msq_row.v").find("generate --baseline gobo --rows 4 --cols 4"), std::string::npos);
}

TEST_F(Flow, BaselineUsage) {
  refuse({"synth"}, {"--config or --baseline is required"});
  refuse({"synth", "--baseline", "int5"}, {"--baseline", "int5", "olive"});
  refuse({"synth", "--baseline", "int8", "--config", "8x8"}, {"excludes"});
  refuse({"synth", "--config", "8x8", "--rows", "4"}, {"--rows", "--baseline"});
  refuse({"synth", "--baseline", "int8", "--rows", "5"}, {"rows", "5"});
  refuse({"synth", "--baseline", "int8", "--tree-rows", "3"}, {"tree_rows", "3"});
  refuse({"synth", "--baseline", "gobo", "--tree-rows", "2"}, {"tree-rows", "2"});
}

}  // namespace
}  // namespace msq::cli
