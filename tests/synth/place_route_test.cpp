#include "synth/place_route.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>

#include "synth/fanout.hpp"
#include "synth/layout_svg.hpp"
#include "synth/sta.hpp"
#include "synth/wiring.hpp"
#include "synth/yosys.hpp"

namespace msq::synth {
namespace {

namespace fs = std::filesystem;

/// The real graywolf and qrouter, in a directory whose name holds a space.
class PlaceRoute : public testing::Test {
 protected:
  void SetUp() override {
    if (auto tools = check_layout_tools(); !tools) GTEST_SKIP() << tools.error();
    std::string name = (fs::temp_directory_path() / "msq layout XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
    auto liberty = read_liberty(kOsu018Liberty);
    ASSERT_TRUE(liberty) << liberty.error();
    liberty_ = std::move(*liberty);
    auto library = layout_library(kOsu018Liberty);
    ASSERT_TRUE(library) << library.error();
    library_ = std::move(*library);
  }
  void TearDown() override {
    if (!directory_.empty()) fs::remove_all(directory_);
  }

  Netlist netlist(const std::string& verilog) {
    std::ofstream(directory_ / "design.v") << verilog;
    const SynthesisRequest request{.sources = {directory_ / "design.v"},
                                   .top = "top",
                                   .liberty = kOsu018Liberty,
                                   .netlist = true,
                                   .work_directory = directory_ / "work"};
    const auto report = synthesize(request);
    EXPECT_TRUE(report) << report.error();
    const auto mapped = MappedDesign::load(request.netlist_file(), liberty_);
    EXPECT_TRUE(mapped) << mapped.error();
    Netlist result = mapped->flatten("top");
    buffer_ports(result, {"BUFX2", {{"A", false}, {"Y", true}}, false});
    return result;
  }

  fs::path directory_;
  Liberty liberty_;
  LayoutLibrary library_;
};

/// A counter, and ports that share nets: an input that goes through, a constant, an output twice.
constexpr const char* kCounter = R"(
module top (input clk_i, input [5:0] step_i, output reg [5:0] count_o, output [2:0] more_o);
  assign more_o = {count_o[0], 1'b1, step_i[3]};
  always @(posedge clk_i) count_o <= count_o + step_i;
endmodule
)";

TEST_F(PlaceRoute, CounterIsPlacedAndRouted) {
  const Netlist counter = netlist(kCounter);
  const auto result = place_and_route(counter, library_, {directory_ / "layout", "top"});
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->def.design, "top");
  EXPECT_FALSE(result->router_version.empty());
  EXPECT_TRUE(fs::exists(result->def_file));
  // Every cell is on the die once, none on another.
  std::vector<std::pair<DefPoint, DefPoint>> outlines;
  std::size_t cells = 0;
  for (const DefComponent& c : result->def.components) {
    const LefMacro& macro = library_.lef.macros.at(c.macro);
    if (!macro.is_filler()) ++cells;
    const DefPoint high{c.at.x + std::llround(macro.width * 100), c.at.y + std::llround(macro.height * 100)};
    EXPECT_GE(c.at.x, result->def.die.low.x);
    EXPECT_LE(high.y, result->def.die.high.y);
    for (const auto& [low, other] : outlines)
      EXPECT_FALSE(c.at.x < other.x && low.x < high.x && c.at.y < other.y && low.y < high.y) << c.name;
    outlines.emplace_back(c.at, high);
  }
  EXPECT_EQ(cells, counter.cells.size());
  EXPECT_EQ(result->def.pins.size(), 1u + 6 + 6 + 3 + 2);  // with the supply's two

  const auto wiring = measure_wiring(result->def, library_.lef);
  ASSERT_TRUE(wiring) << wiring.error();
  EXPECT_TRUE(wiring->open_nets.empty()) << wiring->open_nets.front();
  EXPECT_GT(wiring->vias, 20);
  const auto spef = layout_spef(counter, result->def, *wiring, library_.supplies);
  ASSERT_TRUE(spef) << spef.error();
  const auto timing =
      analyze_timing({counter, counter}, {kOsu018Liberty, directory_ / "sta", "clk_i", {{1, *spef}}});
  ASSERT_TRUE(timing) << timing.error();
  EXPECT_GT(timing->at(1).any()->period, timing->at(0).any()->period);
  EXPECT_LT(timing->at(1).any()->period, 2 * timing->at(0).any()->period);

  // Without one net's wires that net is open, and no other.
  Def cut = result->def;
  const auto net =
      std::find_if(cut.nets.begin(), cut.nets.end(), [](const DefNet& n) { return n.name == "count_o<3>"; });
  ASSERT_NE(net, cut.nets.end());
  net->wires.resize(net->wires.size() / 2);
  net->vias.clear();
  EXPECT_EQ(measure_wiring(cut, library_.lef)->open_nets, std::vector<std::string>{"count_o<3>"});

  // The same again, over the files of the first run, of which graywolf must take none for up to date: with
  // the blocks of the rows kept and the cells divided anew the placement was another.
  for (const char* file : {"top.mdat", "top.blk"})
    fs::last_write_time(directory_ / "layout" / file,
                        fs::file_time_type::clock::now() + std::chrono::hours(1));
  const auto again = place_and_route(counter, library_, {directory_ / "layout", "top"});
  ASSERT_TRUE(again) << again.error();
  EXPECT_EQ(measure_wiring(again->def, library_.lef)->length(), wiring->length());
}

/// OpenSTA takes the wires as they are meant: the delay of a buffer follows their capacitance in pF.
TEST_F(PlaceRoute, WiresLoadWhatDrivesThem) {
  const Netlist through = netlist("module top (input a_i, output y_o); assign y_o = !a_i; endmodule");
  const auto period = [&](double pf, double ohm) {
    const std::string spef = fmt::format(
        "*SPEF \"IEEE 1481-1998\"\n*DESIGN \"top\"\n*DATE \"\"\n*VENDOR \"\"\n*PROGRAM \"\"\n*VERSION \"\"\n"
        "*DESIGN_FLOW \"\"\n*DIVIDER /\n*DELIMITER :\n*BUS_DELIMITER [ ]\n*T_UNIT 1 NS\n*C_UNIT 1 PF\n"
        "*R_UNIT 1 OHM\n*L_UNIT 1 HENRY\n\n*D_NET y_o {0}\n*CONN\n*I c0:Y O *D INVX1\n*P y_o O\n*CAP\n"
        "1 y_o {0}\n*RES\n1 c0:Y y_o {1}\n*END\n",
        pf, ohm);
    const auto timing = analyze_timing({through}, {kOsu018Liberty, directory_ / "sta", "clk_i", {{0, spef}}});
    EXPECT_TRUE(timing) << timing.error();
    return timing->at(0).any()->period;
  };
  const double none = period(0, 0), some = period(0.1, 0), twice = period(0.2, 0);
  EXPECT_GT(some, none + 0.05);  // some ps per fF
  EXPECT_NEAR(twice - some, some - none, 0.3 * (some - none));
  EXPECT_GT(period(0.1, 1000), some);
}

TEST_F(PlaceRoute, SaysWhatIsMissing) {
  Netlist other = netlist(kCounter);
  other.types[static_cast<std::size_t>(other.cells[0].type)].name = "NAND9X1";
  const auto result = place_and_route(other, library_, {directory_ / "layout", "top"});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), "the library has no layout of cell NAND9X1");
  fs::copy(kOsu018Liberty, directory_ / "alone.lib");
  const auto library = layout_library(directory_ / "alone.lib");
  ASSERT_FALSE(library);
  EXPECT_NE(library.error().find("alone.lef: no such file"), std::string::npos) << library.error();
}

/// A tool that fails is named with its log.
TEST_F(PlaceRoute, FailureNamesTheLog) {
  const Netlist counter = netlist(kCounter);
  LayoutLibrary broken = library_;
  std::ofstream(directory_ / "bad.par") << "RULES\nnonsense\n";
  broken.parameters_file = directory_ / "bad.par";
  const auto result = place_and_route(counter, broken, {directory_ / "layout", "top"});
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().find("graywolf"), std::string::npos) << result.error();
  EXPECT_NE(result.error().find("place.log"), std::string::npos) << result.error();
}

}  // namespace
}  // namespace msq::synth
