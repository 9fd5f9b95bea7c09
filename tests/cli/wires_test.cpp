#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "synth/liberty.hpp"
#include "tests/cli/flow.hpp"
#include "tests/support/configs.hpp"

namespace msq::cli {
namespace {

/// Estimated wires and clock tree of a small array.
class EstimatedWires : public Flow {
 protected:
  void SetUp() override {
    Flow::SetUp();
    write("plain.json", tests::test_config_text("none-4x4-mode4"));
  }
  static Arguments command(const Arguments& more) {
    Arguments arguments = {"synth", "--config", "plain.json", "--work", "work", "--no-twin"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  /// Wires with this capacitance in fF per um, and with or without a skew.
  std::string wires(double femtofarads, double skew) {
    return write(fmt::format("wires-{}-{}.json", femtofarads, skew),
                 fmt::format(R"({{"ohm_per_um": {}, "ff_per_um": {}, "clock_ohm_per_um": 0.2,
                                  "clock_ff_per_um": {}, "utilization": 0.8, "skew": {}}})",
                             femtofarads > 0 ? 0.3 : 0, femtofarads, femtofarads, skew));
  }
  nlohmann::json timed(const std::string& file) {
    return json(command({"--timing", "--wires", "--wire-file", file, "--json"}));
  }
};

TEST_F(EstimatedWires, SlowTheClockTheMoreTheyHoldCharge) {
  const auto none = timed(wires(0, 0));
  // Neither wires nor skew: the same engine finds the same path.
  EXPECT_NEAR(none["timing"]["wires"]["period_ns"], none["timing"]["period_ns"], 1e-6);
  EXPECT_EQ(none["wires"]["capacitance_pf"], 0);
  const auto some = timed(wires(0.1, 0.1)), more = timed(wires(0.3, 0.1));
  const double without = some["timing"]["fmax_mhz"];
  EXPECT_EQ(none["timing"]["fmax_mhz"], without);
  EXPECT_LT(some["timing"]["wires"]["fmax_mhz"], 0.99 * without);
  EXPECT_LT(more["timing"]["wires"]["fmax_mhz"], 0.99 * some["timing"]["wires"]["fmax_mhz"].get<double>());
  // The skew is its share of the delay through the tree, and in the period.
  const auto& clock = some["wires"]["clock"];
  const auto& timing = some["timing"]["wires"];
  EXPECT_GT(clock["insertion_ns"], 0.1);
  EXPECT_NEAR(clock["skew_ns"], 0.1 * clock["insertion_ns"].get<double>(), 1e-9);
  EXPECT_EQ(timing["skew_ns"], clock["skew_ns"]);
  EXPECT_NEAR(timing["critical"]["period_ns"].get<double>() + timing["skew_ns"].get<double>(),
              timing["period_ns"], 1e-9);
  EXPECT_NEAR(timing["blocks"][0]["period_ns"], timing["period_ns"], 1e-4);
}

TEST_F(EstimatedWires, AddUp) {
  const auto report = json(command({"--timing", "--wires", "--json"}));
  const auto& found = report["wires"];
  const double die = found["die"]["area_um2"], cells = found["cell_area_um2"];
  EXPECT_NEAR(cells / die, found["utilization"], 1e-6);
  EXPECT_NEAR(die - cells, found["fill_area_um2"], 1e-6);
  EXPECT_NEAR(cells,
              report["configuration"]["area_um2"].get<double>() +
                  report["timing"]["buffer_area_um2"].get<double>() +
                  found["clock"]["buffer_area_um2"].get<double>(),
              1);
  EXPECT_NEAR(found["capacitance_pf"],
              found["length_um"].get<double>() * found["ff_per_um"].get<double>() / 1e3, 1e-6);
  EXPECT_EQ(found["clock"]["pins"], report["configuration"]["synthesis"]["flip_flops"]);
  EXPECT_LT(found["longest_um"], 2 * found["die"]["width_um"].get<double>());
}

TEST_F(EstimatedWires, TakePower) {
  const auto power = [&](const std::string& file) {
    return json(command({"--power", "--wires", "--wire-file", file, "--synthetic", "32x16", "--bits", "4",
                         "--tokens", "8", "--tiles", "8", "--json"}))["power"];
  };
  const auto none = power(wires(0, 0)), some = power(wires(0.1, 0));
  // Without capacitance only the clock's buffers are more.
  EXPECT_NEAR(
      none["wires"]["cells"]["switching_w"].get<double>() / none["cells"]["switching_w"].get<double>(), 1,
      1e-3);
  EXPECT_GT(none["wires"]["clock_tree_w"], none["clock_pins_w"]);
  EXPECT_GT(some["wires"]["clock_tree_w"], none["wires"]["clock_tree_w"]);
  EXPECT_GT(some["wires"]["cells"]["switching_w"], 1.01 * none["cells"]["switching_w"].get<double>());
  EXPECT_NEAR(some["wires"]["cells"]["total_w"].get<double>() + some["wires"]["clock_tree_w"].get<double>(),
              some["wires"]["total_w"], 1e-12);
  EXPECT_NEAR(some["wires"]["energy_per_mac_j"].get<double>() / some["energy_per_mac_j"].get<double>(),
              some["wires"]["total_w"].get<double>() / some["total_w"].get<double>(), 1e-9);
}

TEST_F(EstimatedWires, RefuseWhatTheyCannotDo) {
  refuse(command({"--wires"}), {"--wires", "--timing"});
  refuse(command({"--timing", "--wire-file", wires(0.1, 0)}), {"--wires"});
  refuse(command({"--timing", "--wires", "--max-fanout", "0"}), {"--wires", "--max-fanout 0"});
  refuse(command({"--timing", "--wires", "--flatten"}), {"--wires", "--flatten"});
  refuse(command({"--timing", "--wires", "--top"}), {"--wires", "--top"});
  const auto bad = [&](const std::string& text, std::initializer_list<std::string_view> parts) {
    refuse(command({"--timing", "--wires", "--wire-file", write("bad.json", text)}), parts);
  };
  bad("[]", {"bad.json", "ohm_per_um"});
  bad(R"({"ohm_per_um": 1})", {"ff_per_um", "found null"});
  bad(R"({"ohm_per_um": -1, "ff_per_um": 1})", {"ohm_per_um", "-1"});
  bad(R"({"length": 1})", {"length", "unknown key", "clock_ff_per_um"});
  bad(R"({"ohm_per_um": 1, "ff_per_um": 1, "clock_ohm_per_um": 1, "clock_ff_per_um": 1, "utilization": 0})",
      {"utilization", "found 0"});
}

TEST_F(EstimatedWires, NeedALibraryWithKnownWires) {
  std::ifstream in(synth::kOsu018Liberty);
  std::ostringstream text;
  text << in.rdbuf();
  std::string liberty = text.str();
  const std::string name = "library(osu018_stdcells)";
  ASSERT_NE(liberty.find(name), std::string::npos);
  liberty.replace(liberty.find(name), name.size(), "library(unheard_of)");
  write("other.lib", liberty);
  refuse(command({"--timing", "--wires", "--liberty", "other.lib"}),
         {"unheard_of", "--wire-file", "ff_per_um"});
}

}  // namespace
}  // namespace msq::cli
