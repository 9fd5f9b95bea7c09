#include "flow/measure/gate_simulator.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <optional>
#include <random>

#include "synth/yosys.hpp"
#include "tests/io/temporary_directory.hpp"

namespace msq::flow {
namespace {

namespace fs = std::filesystem;
using synth::Net;

constexpr const char* kMemory = R"(
  module msq_ram_1r1w #(parameter WIDTH = 72, parameter DEPTH = 16) (
    input wire clk_i, input wire write_i, input wire [$clog2(DEPTH)-1:0] write_address_i,
    input wire [WIDTH-1:0] write_data_i, input wire read_i, input wire [$clog2(DEPTH)-1:0] read_address_i,
    output reg [WIDTH-1:0] read_data_o);
  endmodule)";

/// Modules `top` mapped by Yosys and simulated, their ports by name.
class GateSimulatorTest : public testing::Test {
 protected:
  void SetUp() override { fs::create_directory(directory_); }

  synth::Netlist map(const std::string& verilog) {
    std::ofstream(directory_ / "design.v") << verilog;
    std::ofstream(directory_ / "memory.v") << kMemory;
    const synth::SynthesisRequest request{.sources = {directory_ / "design.v"},
                                          .blackboxes = {directory_ / "memory.v"},
                                          .top = "top",
                                          .liberty = synth::kOsu018Liberty,
                                          .netlist = true,
                                          .work_directory = directory_ / "work"};
    const auto report = synth::synthesize(request);
    EXPECT_TRUE(report) << report.error();
    const auto liberty = synth::read_liberty(synth::kOsu018Liberty);
    const auto mapped = synth::MappedDesign::load(request.netlist_file(), *liberty);
    EXPECT_TRUE(mapped) << mapped.error();
    return mapped->flatten("top");
  }

  Result<GateSimulator> simulator_of(const synth::Netlist& netlist) {
    MSQ_TRY(const auto functions,
            synth::cell_functions(synth::kOsu018Liberty, netlist.types, directory_ / "cells"));
    return GateSimulator::create(netlist, functions, netlist.input("clk_i"));
  }

  void start(const std::string& verilog) {
    netlist_ = map(verilog);
    auto simulator = simulator_of(netlist_);
    ASSERT_TRUE(simulator) << simulator.error();
    simulator_.emplace(std::move(*simulator));
  }

  const std::vector<Net>& port(const std::string& name) {
    for (const synth::NetlistPort& port : netlist_.ports) {
      if (port.name == name) return port.nets;
    }
    ADD_FAILURE() << "no port " << name;
    return netlist_.ports.front().nets;
  }
  void set(const std::string& name, unsigned value) {
    const auto& nets = port(name);
    for (std::size_t i = 0; i < nets.size(); ++i) simulator_->set(nets[i], (value >> i & 1) != 0);
  }
  unsigned get(const std::string& name) {
    unsigned value = 0;
    const auto& nets = port(name);
    for (std::size_t i = 0; i < nets.size(); ++i) value |= unsigned{simulator_->value(nets[i])} << i;
    return value;
  }
  void cycle() {
    simulator_->settle();
    simulator_->count();
    simulator_->set_clock(true);
    simulator_->set_clock(false);
  }

  golden::testing::TemporaryDirectory temporary_;
  fs::path directory_ = temporary_ / "a directory";  // tools have to be told of the space
  synth::Netlist netlist_;
  std::optional<GateSimulator> simulator_;
};

TEST_F(GateSimulatorTest, CountsTheChangesOfACounter) {
  ASSERT_NO_FATAL_FAILURE(
      start("module top (input wire clk_i, output reg [3:0] q_o);\n"
            "always @(posedge clk_i) q_o <= q_o + 4'd1;\nendmodule"));
  for (unsigned i = 0; i < 65; ++i) {
    EXPECT_EQ(get("q_o"), i % 16);
    cycle();
  }
  const synth::Activity activity = simulator_->take_activity();
  EXPECT_EQ(activity.cycles, 65U);
  for (std::size_t bit = 0; bit < 4; ++bit) {
    const auto net = static_cast<std::size_t>(port("q_o")[bit]);
    EXPECT_EQ(activity.toggles.at(net), 64U >> bit);
    EXPECT_EQ(activity.ones.at(net), 32U);
  }
  EXPECT_EQ(activity.toggles.at(static_cast<std::size_t>(port("clk_i")[0])), 0U);
  EXPECT_EQ(activity.ones.at(synth::kOne), 65U);
}

TEST_F(GateSimulatorTest, ReadsAndWritesMemories) {
  ASSERT_NO_FATAL_FAILURE(
      start("module top (input wire clk_i, input wire w_i, input wire [2:0] wa_i, input wire [4:0] d_i,\n"
            "  input wire r_i, input wire [2:0] ra_i, output wire [4:0] q_o);\n"
            "msq_ram_1r1w #(.WIDTH(5), .DEPTH(8)) u_ram (.clk_i(clk_i), .write_i(w_i),\n"
            "  .write_address_i(wa_i), .write_data_i(d_i), .read_i(r_i), .read_address_i(~ra_i),\n"
            "  .read_data_o(q_o));\nendmodule"));
  std::mt19937 random(1);
  std::vector<unsigned> words(8);
  unsigned expected = 0;
  for (int i = 0; i < 2000; ++i) {
    const unsigned write = random() % 2, to = random() % 8, data = random() % 32, read = random() % 2;
    const unsigned from = random() % 8;
    for (const auto& [name, value] : std::map<std::string, unsigned>{
             {"w_i", write}, {"wa_i", to}, {"d_i", data}, {"r_i", read}, {"ra_i", from}})
      set(name, value);
    if (read != 0) expected = words[7 - from];
    if (write != 0) words[to] = data;
    cycle();
    ASSERT_EQ(get("q_o"), expected) << "cycle " << i;
  }
}

TEST_F(GateSimulatorTest, ResetsAtOnce) {
  ASSERT_NO_FATAL_FAILURE(start(
      "module top (input wire clk_i, input wire rst_ni, input wire d_i, output reg q_o);\n"
      "always @(posedge clk_i or negedge rst_ni) if (!rst_ni) q_o <= 1'b0; else q_o <= d_i;\nendmodule"));
  set("rst_ni", 1);
  set("d_i", 1);
  cycle();
  EXPECT_EQ(get("q_o"), 1U);
  set("rst_ni", 0);
  simulator_->settle();
  EXPECT_EQ(get("q_o"), 0U) << "before any edge";
  cycle();
  EXPECT_EQ(get("q_o"), 0U);
}

/// A register behind another's output, clocked only in cycles that a latch lets through: a clock that came
/// late would take the new value. The recipe refuses latches, so the netlist is made by hand.
TEST_F(GateSimulatorTest, GatesTheClockByALatch) {
  enum : Net { kClk = 2, kEnable, kData, kInverse, kOpen, kGated, kFirst, kSecond, kNets };
  netlist_.top = "top";
  netlist_.ports = {{"clk_i", true, {kClk}},
                    {"e_i", true, {kEnable}},
                    {"d_i", true, {kData}},
                    {"a_o", false, {kFirst}},
                    {"b_o", false, {kSecond}}};
  netlist_.types = {{"INVX1", {{"A", false}, {"Y", true}}, false},
                    {"LATCH", {{"CLK", false}, {"D", false}, {"Q", true}}, false},
                    {"AND2X2", {{"A", false}, {"B", false}, {"Y", true}}, false},
                    {"DFFPOSX1", {{"CLK", false}, {"D", false}, {"Q", true}}, true}};
  netlist_.scopes = {{"", "top"}};
  netlist_.cells = {{3, 0, {kClk, kData, kFirst}, "a_o"},
                    {3, 0, {kGated, kFirst, kSecond}, "b_o"},
                    {2, 0, {kClk, kOpen, kGated}, ""},
                    {1, 0, {kInverse, kEnable, kOpen}, ""},
                    {0, 0, {kClk, kInverse}, ""}};
  netlist_.nets = kNets;
  auto simulator = simulator_of(netlist_);
  ASSERT_TRUE(simulator) << simulator.error();
  simulator_.emplace(std::move(*simulator));
  std::mt19937 random(2);
  unsigned a = 0, b = 0;
  for (int i = 0; i < 200; ++i) {
    const unsigned enable = random() % 2, data = random() % 2;
    set("e_i", enable);
    set("d_i", data);
    if (enable != 0) b = a;
    a = data;
    cycle();
    ASSERT_EQ(get("a_o"), a) << "cycle " << i;
    ASSERT_EQ(get("b_o"), b) << "cycle " << i;
  }
}

TEST_F(GateSimulatorTest, TakesTheFallingEdge) {
  ASSERT_NO_FATAL_FAILURE(
      start("module top (input wire clk_i, input wire d_i, output reg q_o);\n"
            "always @(negedge clk_i) q_o <= d_i;\nendmodule"));
  set("d_i", 1);
  simulator_->settle();
  simulator_->set_clock(true);
  EXPECT_EQ(get("q_o"), 0U);
  simulator_->set_clock(false);
  EXPECT_EQ(get("q_o"), 1U);
}

/// A net that is high before the first edge has none, and an output that shows the inverse of its state is
/// high.
TEST_F(GateSimulatorTest, StartsWithoutAnEdge) {
  enum : Net { kClk = 2, kData, kInverse, kPlain, kInverted, kNets };
  synth::Netlist netlist;
  netlist.top = "top";
  netlist.types = {{"NOT", {{"A", false}, {"Y", true}}, false},
                   {"FF", {{"CK", false}, {"D", false}, {"Q", true}}, true},
                   {"FFN", {{"CK", false}, {"D", false}, {"QN", true}}, true}};
  netlist.cells = {{0, 0, {kClk, kInverse}, ""},
                   {1, 0, {kInverse, kData, kPlain}, "plain"},
                   {2, 0, {kInverse, kData, kInverted}, "inverted"}};
  netlist.nets = kNets;
  const synth::PinTable same{{2}, {0, 1}};
  const std::vector<std::vector<synth::PinFunction>> functions = {
      {{.pin = 1, .level = {{0}, {1, 0}}, .edge = {}}},
      {{.pin = 2, .level = same, .edge = {{1}, {0, 1}}}},
      {{.pin = 2, .level = same, .edge = {{1}, {1, 0}}, .inverted = true}}};
  auto simulator = GateSimulator::create(netlist, functions, kClk);
  ASSERT_TRUE(simulator) << simulator.error();
  const auto expect = [&](bool plain, const char* when) {
    EXPECT_EQ(simulator->value(kPlain), plain) << when;
    EXPECT_EQ(simulator->value(kInverted), !plain) << when;
  };
  simulator->set(kData, true);
  simulator->settle();
  expect(false, "at the start");
  simulator->set_clock(true);
  expect(false, "after the rising edge");
  simulator->set_clock(false);
  expect(true, "after the falling edge");
}

TEST_F(GateSimulatorTest, RefusesALoopAndAnotherMemory) {
  synth::Netlist loop;
  loop.top = "top";
  loop.types = {{"INVX1", {{"A", false}, {"Y", true}}, false}};
  loop.scopes = {{"", "ring"}};
  loop.cells = {{0, 0, {2, 3}, ""}, {0, 0, {3, 2}, ""}};
  loop.nets = 4;
  const auto ring = simulator_of(loop);
  ASSERT_FALSE(ring);
  EXPECT_NE(ring.error().find("depends on itself, at cell INVX1 in ring"), std::string::npos) << ring.error();
  loop.cells = {{0, 0, {2, 2}, ""}};
  EXPECT_FALSE(simulator_of(loop)) << "an inverter of its own output";
  loop.cells = {{0, 0, {2, synth::kZero}, ""}};
  EXPECT_FALSE(simulator_of(loop)) << "an inverter that drives a constant";
  synth::Netlist memory;
  memory.top = "top";
  memory.memories = {{"other_ram", 0}};
  const auto other = simulator_of(memory);
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().find("other_ram"), std::string::npos) << other.error();
}

}  // namespace
}  // namespace msq::flow
