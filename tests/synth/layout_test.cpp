#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "synth/def.hpp"
#include "synth/fanout.hpp"
#include "synth/layout_svg.hpp"
#include "synth/lef.hpp"
#include "synth/netlist_layout.hpp"
#include "synth/wiring.hpp"
#include "tests/synth/layout_samples.hpp"

namespace msq::synth {
namespace {

using testing::kDef;
using testing::kLef;

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

Lef lef() {
  auto result = parse_lef(kLef, "x.lef");
  EXPECT_TRUE(result) << result.error();
  return *result;
}

Def def(const std::string& text = kDef) {
  auto result = parse_def(text, "x.def");
  EXPECT_TRUE(result) << result.error();
  return *result;
}

TEST(Lef, ReadsLayersViasAndCells) {
  const Lef l = lef();
  ASSERT_EQ(l.layers.size(), 2u);  // those of wires
  EXPECT_EQ(l.layers[0].name, "metal1");
  EXPECT_TRUE(l.layers[0].horizontal);
  EXPECT_FALSE(l.layers[1].horizontal);
  EXPECT_EQ(l.layers[1].width, 0.25);
  EXPECT_EQ(l.layers[1].resistance, 0.05);
  EXPECT_EQ(l.layers[1].capacitance, 2e-5);
  EXPECT_EQ(l.layers[1].edge_capacitance, 6e-5);
  EXPECT_EQ(l.vias.at("M2_M1").layers, (std::vector<std::string>{"metal1", "metal2"}));
  EXPECT_EQ(l.vias.at("M2_M1").resistance, 6);
  ASSERT_EQ(l.macros.size(), 3u);
  const LefMacro& inverter = l.macros.at("INV");
  EXPECT_EQ(inverter.width, 2);
  EXPECT_EQ(inverter.height, 10);
  ASSERT_NE(inverter.pin("Y"), nullptr);
  EXPECT_EQ(inverter.pin("Y")->shapes.at(0).rect.y2, 5.5);
  EXPECT_EQ(inverter.pin("Z"), nullptr);
  EXPECT_FALSE(inverter.is_filler());
  EXPECT_EQ(l.supply(LefPin::Use::power), "vdd");
  EXPECT_EQ(l.supply(LefPin::Use::ground), "gnd");
  EXPECT_EQ(l.filler(), "FILL");  // the narrowest
}

TEST(Lef, ReadsTheLibraryOfTheProject) {
  const auto library = read_lef("/usr/share/qflow/tech/osu018/osu018_stdcells.lef");
  ASSERT_TRUE(library) << library.error();
  EXPECT_EQ(library->layers.size(), 6u);
  EXPECT_EQ(library->filler(), "FILL");
  EXPECT_EQ(library->macros.at("DFFPOSX1").width, 9.6);
}

struct BadText {
  std::string from, to, message;
};

void expect_refused(const std::vector<BadText>& cases, const std::string& text,
                    const std::function<std::string(const std::string&)>& error_of) {
  for (const BadText& bad : cases) {
    const std::string error = error_of(replaced(text, bad.from, bad.to));
    EXPECT_NE(error.find(bad.message), std::string::npos) << bad.to << "\nin: " << error;
    EXPECT_TRUE(error.starts_with("x:")) << error;
  }
}

std::string lef_error(const std::string& text) {
  const auto result = parse_lef(text, "x");
  return result ? "" : result.error();
}

std::string def_error(const std::string& text) {
  const auto result = parse_def(text, "x");
  return result ? "" : result.error();
}

TEST(Lef, RefusesBadText) {
  expect_refused({{"WIDTH 0.5", "WIDTH 0", "x:14: found 0; allowed: more than 0"},
                  {"WIDTH 0.5", "WIDTH wide", "x:14: found \"wide\"; allowed: a number, at most 1e9"},
                  {"WIDTH 0.5", "WIDTH nan", "found \"nan\""},
                  {"  WIDTH 0.5 ;\n", "", "layer \"metal1\": no WIDTH or no PITCH"},
                  {"LAYER metal2", "LAYER metal1", "found \"metal2\"; allowed: \"metal1\""},
                  {"EDGECAPACITANCE 8e-05", "EDGECAPACITANCE -1", "found -1; allowed: 0 or more"},
                  {"SIZE 2.000 BY", "SIZE 2.000 10", "found \"10\"; allowed: \"BY\""},
                  {"  SIZE 2.000 BY 10.000 ;\n", "", "cell \"INV\": no SIZE"},
                  {"END LIBRARY", "", "file ends before END LIBRARY"},
                  {"\"[]\"", "\"[]", "string is not closed"}},
                 kLef, lef_error);
  EXPECT_NE(lef_error("END LIBRARY\n").find("no layer of wires"), std::string::npos);
}

TEST(Def, ReadsWhatTheRouterWrites) {
  const Def d = def();
  EXPECT_EQ(d.design, "pair");
  EXPECT_EQ(d.units, 100);
  EXPECT_EQ(d.um(d.die.high.x - d.die.low.x), 12);
  ASSERT_EQ(d.components.size(), 3u);
  EXPECT_EQ(d.components[2].macro, "INV");
  EXPECT_EQ(d.components[2].orientation, DefOrientation::FN);
  ASSERT_EQ(d.pins.size(), 2u);
  EXPECT_EQ(d.pins[0].name, "a<0>");
  EXPECT_EQ(d.pins[0].layer, "metal1");
  ASSERT_EQ(d.nets.size(), 3u);
  const DefNet& n = d.nets[1];
  ASSERT_EQ(n.connections.size(), 2u);
  EXPECT_EQ(n.connections[1].component, "INV_2");
  ASSERT_EQ(n.wires.size(), 3u);
  EXPECT_EQ(n.wires[1].layer, "metal2");
  EXPECT_EQ(n.wires[1].to, (DefPoint{450, 300}));  // "*" is the coordinate before
  ASSERT_EQ(n.vias.size(), 2u);
  EXPECT_EQ(n.vias[1].at, (DefPoint{450, 300}));
  // A short wire at a pin is among the special nets; the supply stays there.
  ASSERT_EQ(d.nets[2].wires.size(), 2u);
  EXPECT_EQ(d.nets[2].wires[1].width, 40);
  ASSERT_EQ(d.special_nets.size(), 1u);
  EXPECT_EQ(d.special_nets[0].name, "vdd");
  EXPECT_EQ(d.special_nets[0].wires.size(), 1u);
}

TEST(Def, RefusesBadText) {
  expect_refused({{"COMPONENTS 3", "COMPONENTS 4", "COMPONENTS: found 3; allowed: 4, as announced"},
                  {"NETS 3", "NETS 2", "NETS: found 3; allowed: 2, as announced"},
                  {"( 450 * ) M2_M1", "( 450 600 ) M2_M1", "found a wire askew"},
                  {"metal1 ( 150 500 )", "metal1 ( * 500 )", "found \"*\" in the first point of a path"},
                  {"( 450 * ) M2_M1", "( 450 * ) M2_M1 ( 1 1 )", "behind a via"},
                  {"metal1 ( 150 500 )", "metal1 NEW", "found a path without a point"},
                  {"- INV_2 INV + PLACED ( 600 0 ) FN", "- INV_2 INV + PLACED ( 600 0 ) up",
                   "found \"up\"; allowed: N, W, S, E, FN, FW, FS or FE"},
                  {"+ PLACED ( 500 0 ) N", "", "component \"FILL_1\" is not placed"},
                  {"( 500 0 )", "( 500 0.5 )", "found 0.5; allowed: a whole number"},
                  {"( 500 0 )", "( 5e9 0 )", "found \"5e9\"; allowed: a number, at most 1e9"},
                  {"MICRONS 100", "MICRONS 0", "x:4: found 0; allowed: more than 0"},
                  {"( 1100 1200 )", "( -100 1200 )", "no DIEAREA, or an empty one"},
                  {"- n\n", "- y\n", "net \"y\" twice"},
                  {"metal1 40 (", "metal1 -40 (", "found -40; allowed: 0 or more"}},
                 kDef, def_error);
}

/// Cut off anywhere, both are refused and neither breaks anything.
TEST(LefDef, RefuseEveryCutText) {
  const std::string lef_text = kLef, def_text = kDef;
  for (std::size_t n = 0; n < lef_text.find("END LIBRARY"); ++n)
    EXPECT_FALSE(parse_lef(lef_text.substr(0, n), "x")) << n;
  for (std::size_t n = 0; n < def_text.find("END DESIGN"); ++n)
    EXPECT_FALSE(parse_def(def_text.substr(0, n), "x")) << n;
}

TEST(Wiring, LengthResistanceAndCapacitance) {
  const auto wiring = measure_wiring(def(), lef());
  ASSERT_TRUE(wiring) << wiring.error();
  EXPECT_TRUE(wiring->open_nets.empty());
  EXPECT_EQ(wiring->vias, 2);
  // a: 1.5; n: 3 + 2 + 3; y: 4 and 0.5 at the pin.
  EXPECT_NEAR(wiring->lengths.at(0), 1.5 + 6 + 4.5, 1e-9);
  EXPECT_NEAR(wiring->lengths.at(1), 2, 1e-9);
  EXPECT_NEAR(wiring->length(), 14, 1e-9);
  const NetWiring& n = wiring->nets.at(1);
  EXPECT_NEAR(n.length, 3 + 2 + 3, 1e-9);
  double ohm = 0;
  for (const NetWiring::Resistor& r : n.resistors) ohm += r.ohm;
  EXPECT_NEAR(ohm, 0.1 * 6 / 0.5 + 0.05 * 2 / 0.25 + 2 * 6, 1e-9);  // one line: no branches
  EXPECT_EQ(n.resistors.size() + 1, n.nodes.size());
  const double metal1 = 4e-5 * 6 * 0.5 + 8e-5 * 2 * 6, metal2 = 2e-5 * 2 * 0.25 + 6e-5 * 2 * 2;
  EXPECT_NEAR(n.capacitance(), metal1 + metal2, 1e-12);
  ASSERT_EQ(n.pins.size(), 2u);
  EXPECT_NE(n.pins[0], n.pins[1]);
  EXPECT_NEAR(wiring->capacitance,
              wiring->nets[0].capacitance() + n.capacitance() + wiring->nets[2].capacitance(), 1e-12);
}

TEST(Wiring, FindsWhatIsNotConnected) {
  const auto open = [](const std::string& from, const std::string& to) {
    const auto wiring = measure_wiring(def(replaced(kDef, from, to)), lef());
    EXPECT_TRUE(wiring) << wiring.error();
    return wiring ? wiring->open_nets : std::vector<std::string>{};
  };
  const std::vector<std::string> n = {"n"};
  EXPECT_EQ(open("( 450 * ) M2_M1", "( 450 * )"), n);                                  // no via
  EXPECT_EQ(open("metal1 ( 450 300 ) ( 750 * )", "metal1 ( 520 300 ) ( 750 * )"), n);  // a gap
  EXPECT_EQ(open("( INV_2 A )", "( INV_2 Y )"), (std::vector<std::string>{}));         // within two tracks
  EXPECT_EQ(open("PLACED ( 1100 500 )", "PLACED ( 1100 900 )"), (std::vector<std::string>{"y"}));
  const std::string routed = kDef;
  const std::size_t from = routed.find("+ ROUTED metal1 ( 150"), to = routed.find(" ;\n- y", from);
  EXPECT_EQ(open(routed.substr(from, to - from), ""), n);  // no wires at all
  // Wires that come closer than a width touch, others do not.
  EXPECT_TRUE(open("metal1 ( 450 300 ) ( 750 * )", "metal1 ( 450 310 ) ( 750 * )").empty());
  EXPECT_EQ(open("metal1 ( 450 300 ) ( 750 * )", "metal1 ( 450 360 ) ( 750 * )"), n);
}

/// Every orientation: the input is at the end of the wire.
TEST(Wiring, TurnsCells) {
  struct Turned {
    const char* name;
    int x, y;  ///< of the pin A in a cell at the origin
  };
  // (0.5, 3) of 2 x 10.
  for (const Turned& t : {Turned{"N", 50, 300},
                          {"S", 150, 700},
                          {"FN", 150, 300},
                          {"FS", 50, 700},
                          {"W", 700, 50},
                          {"E", 300, 150},
                          {"FW", 300, 50},
                          {"FE", 700, 150}}) {
    // The wire reaches the pin from 30 um above: its other end is out of reach.
    const int x = 2000 + t.x;
    const std::string moved = replaced(kDef, "- INV_2 INV + PLACED ( 600 0 ) FN",
                                       fmt::format("- INV_2 INV + PLACED ( 2000 0 ) {}", t.name));
    const std::string text =
        replaced(moved, "metal1 ( 450 300 ) ( 750 * )",
                 fmt::format("metal1 ( 450 300 ) ( * -500 ) ( 5000 * ) ( * {0} ) ( {1} * ) ( * {2} )",
                             t.y + 3000, x, t.y));
    const auto wiring = measure_wiring(def(text), lef());
    ASSERT_TRUE(wiring) << wiring.error();
    EXPECT_EQ(wiring->open_nets, std::vector<std::string>{"y"}) << t.name;  // whose cell has moved away
    // The pin is at the wire's last node: half of the piece that leads to it.
    const NetWiring& n = wiring->nets[1];
    EXPECT_NEAR(n.nodes[n.pins[1]], (4e-5 * 30 * 0.5 + 8e-5 * 2 * 30) / 2, 1e-9) << t.name;
  }
}

TEST(Wiring, RefusesWhatTheLibraryHasNot) {
  const auto error = [](const std::string& from, const std::string& to) {
    const auto wiring = measure_wiring(def(replaced(kDef, from, to)), lef());
    return wiring ? "" : wiring.error();
  };
  EXPECT_EQ(error("metal2 ( 450", "metal9 ( 450"), "the library has no layer \"metal9\"");
  EXPECT_EQ(error("( * 300 ) M2_M1", "( * 300 ) M3_M2"),
            "the library has no via \"M3_M2\" between two layers of wires");
  EXPECT_EQ(error("FILL_1 FILL", "FILL_1 GAP"), "the library has no cell \"GAP\"");
  EXPECT_EQ(error("( INV_1 Y )", "( INV_1 Q )"), "cell \"INV\" has no pin \"Q\"");
  EXPECT_EQ(error("( INV_1 Y )", "( INV_9 Y )"), "no component \"INV_9\" in COMPONENTS");
  EXPECT_EQ(error("( PIN y )", "( PIN z )"), "no pin \"z\" in PINS");
}

/// The netlist of kDef.
Netlist pair() {
  Netlist n;
  n.top = "pair";
  n.scopes = {{"", "pair"}};
  n.types = {{"INV", {{"A", false}, {"Y", true}}, false}};
  n.nets = 5;
  n.ports = {{"a", true, {2, 4}}, {"y", false, {3}}};
  n.cells = {{0, 0, {2, 4}, {}}, {0, 0, {4, 3}, {}}};
  return n;
}

TEST(NetlistLayout, NamesAndBlif) {
  Netlist n = pair();
  n.ports[0].nets = {2};
  n.ports.push_back({"b", true, {4}});
  n.cells[1].nets[0] = kOne;
  n.cells.push_back({0, 0, {2, n.nets++}, {}});  // drives nothing
  EXPECT_EQ(
      layout_blif(n, "pair", {"vdd", "gnd"}),
      ".model pair\n.inputs a b\n.outputs y\n.gate INV A=a Y=b\n.gate INV A=vdd Y=y\n.gate INV A=a\n.end\n");
  EXPECT_EQ(layout_names(pair(), {"vdd", "gnd"}).nets,
            (std::vector<std::string>{"gnd", "vdd", "a<0>", "y", "a<1>"}));
  EXPECT_EQ(layout_names(pair(), {"vdd", "gnd"}).cells, (std::vector<std::string>{"INV_1", "INV_2"}));
}

TEST(NetlistLayout, SpefOfTheWires) {
  Netlist n = pair();
  n.ports = {{"a", true, {2, kZero}}, {"y", false, {3}}};  // so that net 2 is a<0>, and net 4 has no name
  const Def layout = def(replaced(replaced(kDef, "- n\n", "- n4\n"), "DESIGN pair", "DESIGN pair"));
  const auto wiring = measure_wiring(layout, lef());
  ASSERT_TRUE(wiring) << wiring.error();
  const auto spef = layout_spef(n, layout, *wiring, {"vdd", "gnd"});
  ASSERT_TRUE(spef) << spef.error();
  for (const char* part : {"*C_UNIT 1 PF\n*R_UNIT 1 OHM\n", "*D_NET a[0] ", "*P a[0] I\n*I c0:A I *D INV\n",
                           "*I c0:Y O *D INV\n*I c1:A I *D INV\n*CAP\n", "*P y O\n", "\n1 c0:Y n4:1 0.6\n"})
    EXPECT_NE(spef->find(part), std::string::npos) << part << "\nin: " << *spef;

  const auto refused = [&](const std::string& from, const std::string& to) {
    const Def other = def(replaced(replaced(kDef, "- n\n", "- n4\n"), from, to));
    const auto wires = measure_wiring(other, lef());
    EXPECT_TRUE(wires) << wires.error();
    const auto result = layout_spef(n, other, *wires, {"vdd", "gnd"});
    return result ? "" : result.error();
  };
  EXPECT_EQ(refused("- n4\n", "- n5\n"), "layout: net \"n5\" is none of the netlist");
  EXPECT_EQ(refused("( INV_2 A )", "( INV_2 Y )"),
            "layout: pin \"Y\" of \"INV_2\" is not on net \"n4\" of the netlist");
  EXPECT_EQ(refused("( INV_2 A )", "( FILL_1 gnd )"), "layout: component \"FILL_1\" is no cell");
}

TEST(Fanout, BufferForPortsThatShareANet) {
  const CellType buffer{"BUF", {{"A", false}, {"Y", true}}, false};
  Netlist n = pair();
  EXPECT_EQ(buffer_ports(n, buffer), 0);
  EXPECT_EQ(n.cells.size(), 2u);
  n.ports.push_back({"z", false, {3, 2, kOne, 3}});  // y again, an input, a constant, y again
  EXPECT_EQ(buffer_ports(n, buffer), 4);
  ASSERT_EQ(n.cells.size(), 6u);
  EXPECT_EQ(n.ports[1].nets, std::vector<Net>{3});
  const std::vector<Net> sources = {3, 2, kOne, 3};
  for (std::size_t i = 0; i < sources.size(); ++i) {
    EXPECT_EQ(n.cells[2 + i].nets, (std::vector<Net>{sources[i], n.ports[2].nets[i]}));
    EXPECT_GE(n.ports[2].nets[i], 5);
  }
}

/// Whether a text is one XML element with all inside it closed and every attribute in quotes.
std::string xml_problem(std::string_view text) {
  std::vector<std::string> open;
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] != '<') {
      if (text[at] == '>') return fmt::format("\">\" at {}", at);
      if (text[at] == '&') {
        const std::string_view entity = text.substr(at, text.find(';', at) - at);
        if (entity != "&lt" && entity != "&gt" && entity != "&amp" && entity != "&quot") return "an entity";
      }
      if (open.empty() && at > 0 && text[at] != '\n') return "text outside";
      ++at;
      continue;
    }
    std::size_t end = at + 1;
    bool quoted = false;
    for (; end < text.size() && (quoted || text[end] != '>'); ++end) {
      if (text[end] == '"') quoted = !quoted;
      if (text[end] == '<') return "\"<\" in a tag";
    }
    if (end == text.size()) return "a tag that is not closed";
    const std::string_view tag = text.substr(at + 1, end - at - 1);
    const std::string name(tag.substr(0, tag.find_first_of(" /\n", 1)));
    if (tag.front() == '/') {
      if (open.empty() || "/" + open.back() != tag) return fmt::format("</{}>", tag);
      open.pop_back();
    } else if (tag.back() != '/') {
      open.push_back(name);
    }
    at = end + 1;
  }
  return open.empty() ? "" : "not closed: " + open.back();
}

TEST(LayoutSvg, IsWellFormedAndShowsAll) {
  Liberty liberty;
  liberty.cells["INV"] = {};
  const std::string svg = layout_svg(def(), lef(), liberty, "a <pair> & \"more\"");
  EXPECT_EQ(xml_problem(svg), "");
  EXPECT_NE(xml_problem(replaced(svg, "</g>", "")), "");  // the check can fail
  for (const char* part :
       {"<svg xmlns=\"http://www.w3.org/2000/svg\"", "a &lt;pair&gt; &amp; &quot;more&quot;", ">gate (2)<",
        ">filler (1)<", ">metal1<", ">metal2<", ">supply stripe<", ">a[0]<", ">2 um<", "M0 0h2v10h-2z",
        "M6 0h2v10h-2z", "M4.5 5v-2", "M4.5 3h0"})
    EXPECT_NE(svg.find(part), std::string::npos) << part << "\nin: " << svg;
  EXPECT_EQ(svg.find("flip-flop"), std::string::npos);
  liberty.cells["INV"].flip_flop = true;
  EXPECT_NE(layout_svg(def(), lef(), liberty, "").find(">flip-flop (2)<"), std::string::npos);
}

TEST(LayoutSvg, EscapesNames) {
  const std::string svg = layout_svg(def(replaced(kDef, "- y + NET", "- y\"&'\x01 + NET")), lef(), {}, "");
  EXPECT_EQ(xml_problem(svg), "");
  EXPECT_NE(svg.find(">y&quot;&amp;'?<"), std::string::npos);
}

}  // namespace
}  // namespace msq::synth
