#include "tests/cli/flow.hpp"
#include "tests/support/configs.hpp"

namespace msq::cli {
namespace {

const std::string kRecon = tests::test_config_text("recon-4x4-mode4");

/// graywolf and qrouter come with qflow, which the library's Debian package depends on.
class Layout : public Flow {
 protected:
  void SetUp() override {
    Flow::SetUp();
    write("recon.json", kRecon);
    if (!on_path("graywolf") || !on_path("qrouter"))
      GTEST_SKIP() << "no layout is made: " << missing_program_message("qrouter");
  }
  static Arguments command(const char* module) {
    return {"synth", "--config", "recon.json", "--work", "work", "--no-twin", "--place-route", module};
  }
};

TEST_F(Layout, OfASwitch) {
  Arguments arguments = command("msq_switch");
  arguments.insert(arguments.end(), {"--timing", "--json"});
  const auto report = json(arguments);
  const auto& layout = report["place_route"];
  EXPECT_EQ(layout["module"], "msq_switch");
  EXPECT_TRUE(layout["unrouted_nets"].empty());
  EXPECT_GT(layout["nets"], 30);
  EXPECT_GT(layout["vias"], 50);
  const double width = layout["die"]["width_um"], height = layout["die"]["height_um"];
  EXPECT_GT(width, 20);
  EXPECT_LT(width, 200);
  EXPECT_NEAR(layout["die"]["area_um2"], width * height, 1e-6);
  EXPECT_LE(layout["utilization"], 1.0);
  EXPECT_GT(layout["utilization"], 0.3);
  EXPECT_NEAR(layout["utilization"], layout["outline_area_um2"].get<double>() / (width * height), 1e-9);
  double length = 0;
  for (const auto& [layer, on_layer] : layout["wire_length_by_layer_um"].items())
    length += on_layer.get<double>();
  EXPECT_NEAR(layout["wire_length_um"], length, 1e-6);
  // The module of the area report, and buffers of which that knows nothing.
  bool found = false;
  for (const auto& module : report["configuration"]["synthesis"]["modules"]) {
    if (module["name"] != "msq_switch") continue;
    found = true;
    EXPECT_NEAR(module["area_um2"].get<double>() / module["instances"].get<double>(),
                layout["synthesized_area_um2"], 1e-6);
  }
  EXPECT_TRUE(found);
  // Wires cost time; without them the path is that of the timing report, up to the buffers at shared ports.
  const double before = layout["before_routing"]["period_ns"], after = layout["after_routing"]["period_ns"];
  EXPECT_GE(after, before);
  EXPECT_LT(after, 2 * before);
  EXPECT_EQ(layout["after_routing"]["longest"]["period_ns"], after);
  for (const auto& module : report["timing"]["modules"]) {
    if (module["module"] == "msq_switch" && layout["port_buffers"] == 0) {
      EXPECT_NEAR(module["longest"]["period_ns"], before, 1e-4);
    }
  }
  const std::string svg = read(layout["picture"]);
  EXPECT_TRUE(svg.starts_with("<svg xmlns=")) << svg.substr(0, 100);
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  EXPECT_NE(svg.find(">swap_i<"), std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(directory_ / layout["def_file"].get<std::string>()));
}

TEST_F(Layout, OfFlipFlopsInWords) {
  const std::string text = succeed(command("msq_event_counter"));
  for (const char* part : {"\nLayout of msq_event_counter\n", "0 of ", "f_max without wires",
                           "f_max with wires", "% of the die are cells", "layout.svg", "metal2"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nin: " << text;
}

TEST_F(Layout, RefusesWhatItCannotPlace) {
  refuse(command("msq_nothing"), {"--place-route", "msq_nothing", "msq_switch"});
  refuse({"synth", "--config", "recon.json", "--max-cells", "10"}, {"--place-route"});
  refuse({"synth", "--config", "recon.json", "--target", "ice40", "--place-route", "msq_switch"},
         {"--target"});
  refuse({"synth", "--baseline", "int8", "--place-route", "msq_switch"}, {"--place-route"});
  Arguments large = command("msq_array");
  large.insert(large.end(), {"--max-cells", "20"});
  const auto result = run(large);
  EXPECT_EQ(result.exit_code, 2);
  for (const char* part : {"msq_array", "cells; allowed", ": 20", "--max-cells"})
    EXPECT_NE(result.output.find(part), std::string::npos) << result.output;
  // A library without outlines of its cells is noticed before anything is synthesized.
  std::filesystem::copy("/usr/share/qflow/tech/osu018/osu018_stdcells.lib", directory_ / "alone.lib");
  std::filesystem::remove_all(directory_ / "work");
  Arguments alone = command("msq_switch");
  alone.insert(alone.end(), {"--liberty", "alone.lib"});
  refuse(alone, {"alone.lef", "qflow"});
  // Without the tools the package to install is named.
  std::filesystem::create_directory(directory_ / "bin");
  for (const char* program : {"yosys", "berkeley-abc", "yosys-abc", "sta"}) {
    std::error_code ignored;
    std::filesystem::create_symlink(std::filesystem::path("/usr/bin") / program, directory_ / "bin" / program,
                                    ignored);
  }
  refuse(command("msq_switch"), {"graywolf", "apt-get install qflow"},
         {{"PATH", (directory_ / "bin").string()}});
}

/// Ctrl-C while the tools run ends them.
TEST_F(Layout, InterruptEndsTheTools) {
  Arguments arguments = {"timeout", "--preserve-status", "--signal=INT", "3", MSQ_PROGRAM};
  for (const std::string& argument : command("msq_array")) arguments.push_back(argument);
  arguments.insert(arguments.end(), {"--max-cells", "100000"});
  const auto result = run_process({.argv = arguments, .working_directory = directory_});
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->exit_code, 130) << result->output;
  EXPECT_LT(result->wall_seconds, 10);
}

}  // namespace
}  // namespace msq::cli
