#include "gen/leaves/leaf.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "gen/leaves/leaf_sources.hpp"
#include "tests/verilog/errors.hpp"
#include "tests/verilog/tools.hpp"

namespace msq::leaves {
namespace {

using nlohmann::json;
using verilog::Direction;
using verilog::error_of;
using verilog::Interface;
using verilog::Port;

constexpr const char* kText = R"(module m #(
    parameter WIDTH = 4,
    parameter NEEDED,
    localparam TWICE = 2 * WIDTH
) (
    input wire signed [TWICE-1:0] a_i,
    output wire [NEEDED-1:0] b_o  // result
);
endmodule
)";

std::string error(const Parameters& parameters, const std::string& text = kText) {
  return error_of([&] { (void)interface_of(parse_header(text, "m.v"), parameters, "m.v"); });
}

TEST(Leaf, WidthsFollowFromTheParameters) {
  const Interface m = interface_of(parse_header(kText, "m.v"), {{"NEEDED", 3}, {"WIDTH", 5}}, "m.v");
  EXPECT_EQ(m.module, "m");
  const Parameters printed = {{"NEEDED", 3}, {"WIDTH", 5}};
  EXPECT_EQ(m.parameters, printed);
  ASSERT_EQ(m.ports.size(), 2U);
  EXPECT_EQ(m.ports[0].type, verilog::s(10));
  EXPECT_EQ(m.ports[0].direction, Direction::input);
  EXPECT_EQ(m.ports[1].type, verilog::u(3));
  EXPECT_EQ(m.ports[1].direction, Direction::output);
  EXPECT_EQ(m.ports[1].doc, "result");
}

TEST(Leaf, WrongParametersAreErrorsWithFileAndLine) {
  EXPECT_EQ(error({}), "m.v:3: parameter NEEDED has no default and no value");
  EXPECT_EQ(error({{"NEEDED", 1}, {"DEPTH", 1}}), "m.v:1: m has no parameter DEPTH");
  EXPECT_EQ(error({{"NEEDED", 1}, {"TWICE", 1}}), "m.v:4: TWICE is a localparam and cannot be set");
  EXPECT_EQ(error({{"NEEDED", 1}, {"NEEDED", 1}}), "m.v:1: parameter NEEDED of m is given twice");
  EXPECT_EQ(error({{"NEEDED", 0}}), "m.v:7: port b_o has bits -1:0; allowed: N:0");
  EXPECT_EQ(error({}, "module m (\n input wire [LATER-1:0] a_i);\nendmodule"),
            "m.v:2: 'LATER': no parameter of this name is declared before");
  EXPECT_EQ(error({}, "module m (input wire [7:4] a_i);\nendmodule"),
            "m.v:1: port a_i has bits 7:4; allowed: N:0");
}

TEST(Leaf, UnknownLeavesAreErrors) {
  EXPECT_EQ(error_of([] { (void)leaf("msq_nothing"); }), "msq_nothing.v:1: no such leaf in rtl/");
}

TEST(Leaf, EveryLeafStatesItsModuleDocAndAreaBlock) {
  const auto names = leaf_names();
  ASSERT_GT(names.size(), 40U);
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  for (const std::string_view name : names) {
    const Header& header = leaf_header(std::string(name));
    EXPECT_EQ(header.module, name);
    EXPECT_FALSE(header.doc.empty()) << name;
    EXPECT_FALSE(header.area_block.empty()) << name;
    EXPECT_FALSE(leaf(std::string(name)).ports.empty()) << name;
  }
}

TEST(Leaf, InnerLeavesAreThoseThatTheTextNames) {
  const std::vector<std::string> expected = {"msq_counters",    "msq_dsp_product", "msq_event_counter",
                                             "msq_multiplier",  "msq_pe_band",     "msq_ram_1r1w",
                                             "msq_stream_fifo", "msq_sum_tree"};
  EXPECT_EQ(with_inner_leaves({"msq_stream_fifo", "msq_pe_band", "msq_counters", "msq_pe_band"}), expected);
  EXPECT_EQ(with_inner_leaves({}), std::vector<std::string>{});
}

/// Ports of every module that Yosys elaborates, by the module's name without its parameters.
std::map<std::string, json> ports_in_yosys(const verilog::TempDir& dir, const std::string& script) {
  EXPECT_EQ(dir.run({"yosys", "-q", "-p", script + "; proc; write_json ports.json"}), "");
  std::map<std::string, json> ports;
  const json design = json::parse(dir.run({"cat", "ports.json"}));
  for (const auto& [name, module] : design.at("modules").items()) {
    const std::size_t first = name.find("msq_");
    const std::size_t end = name.find('\\', first);
    ports[name.substr(first, end == std::string::npos ? end : end - first)] = module.at("ports");
  }
  return ports;
}

void expect_ports(const Interface& leaf, const json& ports) {
  ASSERT_EQ(leaf.ports.size(), ports.size()) << leaf.module;
  for (const Port& port : leaf.ports) {
    const json& found = ports.at(port.name);
    const char* direction = port.direction == Direction::input ? "input" : "output";
    EXPECT_EQ(found.at("direction"), direction) << leaf.module << "." << port.name;
    EXPECT_EQ(found.at("bits").size(), static_cast<std::size_t>(port.type.width))
        << leaf.module << "." << port.name;
  }
}

TEST(Leaf, PortsOfEveryLeafAreThoseThatYosysSees) {
  const verilog::TempDir dir;
  std::string script = "read_verilog";
  for (const std::string_view name : leaf_names()) {
    const std::string file = std::string(name) + ".v";
    dir.write(file, std::string(leaf_source(name)));
    script += " " + file;
  }
  const auto ports = ports_in_yosys(dir, script);
  for (const std::string_view name : leaf_names())
    expect_ports(leaf(std::string(name)), ports.at(std::string(name)));
}

TEST(Leaf, PortsWithParametersAreThoseThatYosysSees) {
  const std::vector<Interface> leaves = {
      leaf("msq_job", {{"ROWS", 16}, {"WORDS", 256}, {"TOKENS", 32}, {"KINDS", 11}}),
      leaf("msq_tile_reader", {{"ROWS", 4}, {"COLS", 32}, {"MODE4", 0}, {"BEAT", 256}, {"SLOTS", 8}}),
      leaf("msq_row_reader", {{"ROWS", 4}, {"COLS", 32}, {"FIELDS", 8}, {"ENTRIES", 1}, {"WORD_ENTRIES", 2}}),
      leaf("msq_outlier_group", {{"INPUTS", 4}, {"SIG_BITS", 8}, {"UNITS", 2}}),
      leaf("msq_merge_full", {{"ACT_BITS", 4}, {"FRACTION_BITS", 1}, {"SHIFT_MAX", 3}, {"SHIFT_BITS", 2}}),
      leaf("msq_permuter", {{"WAYS", 16}, {"WIDTH", 3}})};
  const verilog::TempDir dir;
  std::string wrapper = "module msq_wrapper;\n";
  std::vector<std::string> names;
  for (const Interface& leaf : leaves) {
    std::vector<std::string> overrides;
    for (const auto& [name, value] : leaf.parameters)
      overrides.push_back(fmt::format(".{}({})", name, value.text()));
    wrapper += fmt::format("  {0} #({1}) u_{0} ();\n", leaf.module, fmt::join(overrides, ", "));
    names.push_back(leaf.module);
  }
  dir.write("msq_wrapper.v", wrapper + "endmodule\n");
  std::string script = "read_verilog -defer msq_wrapper.v";
  for (const std::string& name : with_inner_leaves(names)) {
    dir.write(name + ".v", std::string(leaf_source(name)));
    script += " " + name + ".v";
  }
  const auto ports = ports_in_yosys(dir, script + "; hierarchy -top msq_wrapper");
  for (const Interface& leaf : leaves) expect_ports(leaf, ports.at(leaf.module));
}

}  // namespace
}  // namespace msq::leaves
