#include "synth/netlist.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "synth/fanout.hpp"
#include "synth/fpga.hpp"
#include "synth/netlist_verilog.hpp"
#include "synth/power.hpp"
#include "synth/sta.hpp"
#include "synth/yosys.hpp"

namespace msq::synth {
namespace {

namespace fs = std::filesystem;

/// Netlists made by the real Yosys, and what OpenSTA says of them, in a directory whose name holds a space.
class NetlistTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "msq netlist XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
    auto liberty = read_liberty(kOsu018Liberty);
    ASSERT_TRUE(liberty) << liberty.error();
    liberty_ = std::move(*liberty);
  }
  void TearDown() override { fs::remove_all(directory_); }

  Netlist netlist(const std::string& verilog, const std::string& memory = "") {
    std::ofstream(directory_ / "design.v") << verilog;
    SynthesisRequest request{.sources = {directory_ / "design.v"},
                             .top = "top",
                             .liberty = kOsu018Liberty,
                             .netlist = true,
                             .work_directory = directory_ / "work"};
    if (!memory.empty()) {
      std::ofstream(directory_ / "memory.v") << memory;
      request.blackboxes = {directory_ / "memory.v"};
    }
    const auto report = synthesize(request);
    EXPECT_TRUE(report) << report.error();
    const auto mapped = MappedDesign::load(request.netlist_file(), liberty_);
    EXPECT_TRUE(mapped) << mapped.error();
    Netlist result = mapped->flatten("top");
    EXPECT_EQ(static_cast<std::int64_t>(result.cells.size()), report->cells);
    return result;
  }

  TimingRequest timing_request() { return {kOsu018Liberty, directory_ / "sta", "clk_i"}; }

  NetlistTiming timing(const Netlist& n) {
    const auto result = analyze_timing({n}, timing_request());
    EXPECT_TRUE(result) << result.error();
    return result ? result->front() : NetlistTiming{};
  }

  PowerResult power(const Netlist& n, const Activity& activity, double period = 10) {
    const auto result = analyze_power(n, activity, {kOsu018Liberty, directory_ / "power", "clk_i", period});
    EXPECT_TRUE(result) << result.error();
    return result ? *result : PowerResult{};
  }

  CellType buffer() { return {"BUFX4", {{"A", false}, {"Y", true}}, false}; }

  fs::path directory_;
  Liberty liberty_;
};

const CellType& type_of(const Netlist& n, std::size_t cell) {
  return n.types[static_cast<std::size_t>(n.cells[cell].type)];
}

Net pin(const Netlist& n, std::size_t cell, const std::string& name) {
  const CellType& type = type_of(n, cell);
  for (std::size_t i = 0; i < type.pins.size(); ++i) {
    if (type.pins[i].name == name) return n.cells[cell].nets[i];
  }
  ADD_FAILURE() << type.name << " has no pin " << name;
  return 0;
}

/// Cell pins that a net loads.
std::map<Net, std::size_t> fanouts(const Netlist& n) {
  std::map<Net, std::size_t> result;
  for (std::size_t c = 0; c < n.cells.size(); ++c) {
    for (std::size_t p = 0; p < n.cells[c].nets.size(); ++p) {
      if (!type_of(n, c).pins[p].output) ++result[n.cells[c].nets[p]];
    }
  }
  return result;
}

// Two instances of a parameterized register, a constant and a wire that pass through modules.
constexpr const char* kHierarchy = R"(
  (* keep_hierarchy *)
  module part #(parameter WIDTH = 1) (input wire clk_i, input wire [WIDTH-1:0] d_i, input wire through_i,
                                      output reg [WIDTH-1:0] q_o, output wire through_o, output wire one_o);
    always @(posedge clk_i) q_o <= d_i;
    assign through_o = through_i;
    assign one_o = 1'b1;
  endmodule
  module top (input wire clk_i, input wire [1:0] d_i, input wire t_i, output wire [1:0] q_o, output wire t_o,
              output wire one_o);
    wire t, unused;
    part #(.WIDTH(1)) u_a (.clk_i(clk_i), .d_i(d_i[0]), .through_i(t_i), .q_o(q_o[0]), .through_o(t), .one_o(one_o));
    part #(.WIDTH(1)) u_b (.clk_i(clk_i), .d_i(d_i[1]), .through_i(t), .q_o(q_o[1]), .through_o(t_o), .one_o(unused));
  endmodule)";

TEST_F(NetlistTest, FlattensWiresAndConstantsThroughModules) {
  const Netlist n = netlist(kHierarchy);
  ASSERT_EQ(n.cells.size(), 2U);
  ASSERT_EQ(n.scopes.size(), 3U);
  EXPECT_EQ(n.scopes[1].path, "u_a");
  EXPECT_EQ(n.scopes[2].path, "u_b");
  EXPECT_EQ(n.scopes[2].module, "part");
  std::map<std::string, std::vector<Net>> ports;
  for (const NetlistPort& port : n.ports) ports[port.name] = port.nets;
  EXPECT_EQ(ports["one_o"], std::vector<Net>{kOne});
  EXPECT_EQ(ports["t_o"], ports["t_i"]);
  for (const std::size_t cell : {0U, 1U}) {
    EXPECT_EQ(type_of(n, cell).name, "DFFPOSX1");
    EXPECT_TRUE(type_of(n, cell).flip_flop);
    EXPECT_EQ(n.cells[cell].register_bit, "q_o");
    const auto bit = static_cast<std::size_t>(n.cells[cell].scope - 1);
    EXPECT_EQ(pin(n, cell, "CLK"), n.input("clk_i"));
    EXPECT_EQ(pin(n, cell, "D"), ports["d_i"][bit]);
    EXPECT_EQ(pin(n, cell, "Q"), ports["q_o"][bit]);
  }
}

TEST_F(NetlistTest, RefusesWhatIsNoNetlist) {
  std::ofstream(directory_ / "bad.json") << "{\"modules\": {\"top\": {}}}";
  const auto loaded = MappedDesign::load(directory_ / "bad.json", liberty_);
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().find("bad.json"), std::string::npos) << loaded.error();
  EXPECT_FALSE(MappedDesign::load(directory_ / "missing.json", liberty_));
}

/// A register of n bits that all follow one input register.
std::string broadcast(int loads) {
  return "module top (input wire clk_i, input wire d_i, output reg [" + std::to_string(loads - 1) +
         ":0] q_o);\n reg one; always @(posedge clk_i) begin one <= d_i; q_o <= {" + std::to_string(loads) +
         "{one}} ^ {q_o[" + std::to_string(loads - 2) + ":0], q_o[" + std::to_string(loads - 1) +
         "]}; end\nendmodule";
}

TEST_F(NetlistTest, BufferTreesLimitFanout) {
  const Netlist before = netlist(broadcast(100));
  const auto many = fanouts(before);
  const auto widest = std::max_element(many.begin(), many.end(), [&](const auto& a, const auto& b) {
    return (a.first == before.input("clk_i") ? 0 : a.second) <
           (b.first == before.input("clk_i") ? 0 : b.second);
  });
  ASSERT_GE(widest->second, 100U);
  Netlist after = before;
  const FanoutRepair repair = limit_fanout(after, 8, buffer(), after.input("clk_i"));
  EXPECT_EQ(repair.nets, 1);
  EXPECT_EQ(repair.largest, widest->second);
  EXPECT_EQ(after.cells.size(), before.cells.size() + static_cast<std::size_t>(repair.buffers));
  for (const auto& [net, loads] : fanouts(after)) {
    if (net != after.input("clk_i")) {
      EXPECT_LE(loads, 8U) << net;
    }
  }
  // Through the buffers every pin still sees the net it saw before.
  std::map<Net, Net> source;
  for (std::size_t c = before.cells.size(); c < after.cells.size(); ++c)
    source[pin(after, c, "Y")] = pin(after, c, "A");
  for (std::size_t c = 0; c < before.cells.size(); ++c) {
    for (std::size_t p = 0; p < before.cells[c].nets.size(); ++p) {
      Net net = after.cells[c].nets[p];
      while (source.contains(net)) net = source[net];
      EXPECT_EQ(net, before.cells[c].nets[p]);
    }
  }
  EXPECT_LT(timing(after).core()->period, timing(before).core()->period);
}

TEST_F(NetlistTest, FindsTheLongestPathOfEachKind) {
  const Netlist n = netlist(
      R"(
    module top (input wire clk_i, input wire [7:0] a_i, output wire y_o, output reg [7:0] sum_q, output reg [7:0] a_q);
      wire [7:0] word;
      memory u_memory (.clk_i(clk_i), .data_i(sum_q), .data_o(word));
      always @(posedge clk_i) begin
        a_q <= a_i;
        sum_q <= a_q + (sum_q ^ word);
      end
      assign y_o = ^sum_q;
    endmodule)",
      "module memory (input wire clk_i, input wire [7:0] data_i, output wire [7:0] data_o);\nendmodule");
  const NetlistTiming t = timing(n);
  std::set<std::pair<PathEnd, PathEnd>> kinds;
  for (const TimingPath& path : t.paths) {
    EXPECT_TRUE(kinds.insert({path.from, path.to}).second);
    EXPECT_GT(path.period, 0);
    EXPECT_NEAR(path.steps.back().arrival + path.setup, path.period, 1e-4);
  }
  using enum PathEnd;
  const std::set<std::pair<PathEnd, PathEnd>> expected = {{registers, registers},
                                                          {registers, ports},
                                                          {registers, memories},
                                                          {ports, registers},
                                                          {memories, registers}};
  EXPECT_EQ(kinds, expected);
  const TimingPath* core = t.core();
  ASSERT_NE(core, nullptr);
  ASSERT_TRUE(core->steps.back().cell);
  EXPECT_EQ(n.cells[*core->steps.back().cell].register_bit.substr(0, 6), "sum_q[");
  EXPECT_GT(core->setup, 0);
  for (std::size_t i = 1; i < core->steps.size(); ++i)
    EXPECT_GE(core->steps[i].arrival, core->steps[i - 1].arrival);
  // Every register is there once, the slowest first; those behind ports only have no such path.
  ASSERT_EQ(t.registers.size(), 8U);
  EXPECT_NEAR(t.registers.front().period, core->period, 1e-4);
  EXPECT_TRUE(std::is_sorted(t.registers.begin(), t.registers.end(),
                             [](const auto& a, const auto& b) { return a.period > b.period; }));
}

TEST_F(NetlistTest, AModuleWithoutClockHasPathsFromPortToPort) {
  const NetlistTiming t =
      timing(netlist("module top (input wire a_i, input wire b_i, output wire y_o);\n"
                     "assign y_o = ~(a_i & b_i);\nendmodule"));
  ASSERT_EQ(t.paths.size(), 1U);
  EXPECT_EQ(t.core(), nullptr);
  EXPECT_EQ(t.any()->from, PathEnd::ports);
  EXPECT_EQ(t.any()->to, PathEnd::ports);
}

/// Choosing a buffer: the one chosen is no slower in a real tree than the others.
TEST_F(NetlistTest, FastestBuffer) {
  const Netlist n = netlist(broadcast(200));
  const CellType load{"NAND2X1", {{"A", false}, {"B", false}, {"Y", true}}, false};
  std::vector<CellType> buffers;
  for (const auto& [name, cell] : liberty_.cells) {
    if (cell.buffer)
      buffers.push_back({name, {{cell.buffer->input, false}, {cell.buffer->output, true}}, false});
  }
  ASSERT_GE(buffers.size(), 2U);
  const auto chosen = fastest_buffer(buffers, load, 16, timing_request());
  ASSERT_TRUE(chosen) << chosen.error();
  const auto period = [&](const CellType& with) {
    Netlist tree = buffer_trial(with, load, 16);
    return timing(tree).any()->period;
  };
  for (const CellType& other : buffers) EXPECT_LE(period(*chosen), period(other)) << other.name;
  EXPECT_FALSE(fastest_buffer({}, load, 16, timing_request()));
}

/// One register that inverts itself: its power follows from the library.
TEST_F(NetlistTest, PowerByHand) {
  const Netlist n = netlist(
      "module top (input wire clk_i, output reg q_o);\nalways @(posedge clk_i) q_o <= ~q_o;\nendmodule");
  ASSERT_EQ(n.cells.size(), 2U);
  const std::size_t flop = type_of(n, 0).flip_flop ? 0 : 1;
  ASSERT_EQ(type_of(n, 1 - flop).name, "INVX1");
  Activity activity;
  activity.cycles = 1000;
  activity.toggles.assign(static_cast<std::size_t>(n.nets), 1000);
  activity.ones.assign(static_cast<std::size_t>(n.nets), 500);
  const PowerResult full = power(n, activity);
  // Q drives the inverter's input (kInverterPin), and the inverter the D pin (kDataPin): C V^2 / 2 each
  // cycle.
  const double volts = 1.8, hertz = 1e8;
  EXPECT_EQ(liberty_.voltage, volts);
  const double kInverterPin = 0.00932456e-12, kDataPin = 0.00882947e-12;
  EXPECT_NEAR(full.cells[flop].switching / (kInverterPin * volts * volts / 2 * hertz), 1, 0.01);
  EXPECT_NEAR(full.cells[1 - flop].switching / (kDataPin * volts * volts / 2 * hertz), 1, 0.01);
  EXPECT_GT(full.clock_capacitance, 0);
  // Half the changes: half the switching power; the register's clock goes on.
  activity.toggles.assign(activity.toggles.size(), 500);
  const PowerResult half = power(n, activity);
  EXPECT_NEAR(half.cells[flop].switching / full.cells[flop].switching, 0.5, 1e-3);
  EXPECT_GT(half.cells[flop].internal, 0.3 * full.cells[flop].internal);
  // None: only the register's clock remains, and leakage.
  activity.toggles.assign(activity.toggles.size(), 0);
  const PowerResult still = power(n, activity);
  EXPECT_EQ(still.cells[flop].switching, 0);
  EXPECT_EQ(still.cells[1 - flop].internal, 0);
  // The clock pin's energies of a rise and a fall (0.06 and 0.24 ns, pJ), on the line through them at 0 ns.
  const double rise = 0.006865 - (0.006943 - 0.006865) / 3, fall = 0.11034 - (0.129769 - 0.11034) / 3;
  EXPECT_NEAR(still.cells[flop].internal / ((rise + fall) * 1e-12 * hertz), 1, 0.01);
  EXPECT_GT(still.cells[flop].leakage, 0);
  // Twice the period: half the power.
  EXPECT_NEAR(power(n, activity, 20).cells[flop].internal / still.cells[flop].internal, 0.5, 1e-3);
}

TEST(Power, IsRefusedOfVersionsThatWereNotMeasured) {
  for (const char* known : {"2.0.17", "2.7.0", "3.0.0", "3.1.0"})
    EXPECT_TRUE(check_power_version(known)) << known;
  for (const char* other : {"2.0.18", "2.6.0", "4.0.0", ""}) {
    const auto checked = check_power_version(other);
    ASSERT_FALSE(checked) << other;
    EXPECT_EQ(checked.error(),
              std::string("OpenSTA ") + other + ": power is known of versions 2.0.17, 2.7 and 3");
  }
}

TEST(Power, EnergyAtGroundIsFound) {
  const std::string pins =
      "pg_pin (VDD) { pg_type : primary_power; } pg_pin (\"VSS\") { pg_type : \"primary_ground\"; }";
  const auto with = [&](const std::string& name) {
    return pins + " pin (A) { related_ground_pin : VSS; internal_power () { related_pg_pin : " + name +
           "; } }";
  };
  EXPECT_FALSE(gives_energy_at_ground(pins));
  EXPECT_FALSE(gives_energy_at_ground(with("VDD")));
  EXPECT_TRUE(gives_energy_at_ground(with("VSS")));
  EXPECT_TRUE(gives_energy_at_ground(with("\"VSS\"")));
  EXPECT_FALSE(gives_energy_at_ground("internal_power () { related_pg_pin : VSS; }"));
}

/// Nets behind input ports keep the activity given: OpenSTA would replace it by the ports'.
TEST_F(NetlistTest, PowerBehindPorts) {
  const Netlist n = netlist(R"(
    module top (input wire clk_i, input wire a_i, input wire b_i, output reg q_o);
      always @(posedge clk_i) q_o <= ~(a_i & b_i) ^ q_o;
    endmodule)");
  Activity activity;
  activity.cycles = 100;
  activity.toggles.assign(static_cast<std::size_t>(n.nets), 0);
  activity.ones.assign(static_cast<std::size_t>(n.nets), 50);
  for (const CellPower& cell : power(n, activity).cells) EXPECT_EQ(cell.switching, 0);
  activity.toggles.assign(static_cast<std::size_t>(n.nets), 50);
  for (const CellPower& cell : power(n, activity).cells) EXPECT_GT(cell.switching, 0);
}

class FpgaTest : public NetlistTest, public testing::WithParamInterface<int> {};

TEST_P(FpgaTest, CountsWhatADesignTakes) {
  std::ofstream(directory_ / "design.v") << R"(
    module top (input wire clk_i, input wire [2:0] a_i, input wire [7:0] x_i, input wire [7:0] y_i, output reg y_o,
                output reg [15:0] product_o);
      always @(posedge clk_i) begin
        y_o <= ^a_i;
        product_o <= x_i * y_i;
      end
    endmodule)";
  const auto target = static_cast<FpgaTarget>(GetParam());
  const auto report = synthesize_fpga({.sources = {directory_ / "design.v"},
                                       .top = "top",
                                       .target = target,
                                       .work_directory = directory_ / "fpga"});
  ASSERT_TRUE(report) << report.error();
  EXPECT_EQ(report->block_rams, 0);
  if (target == FpgaTarget::ice40) {  // no multiplier unless asked for
    EXPECT_EQ(report->dsps, 0);
    EXPECT_EQ(report->flip_flops, 17);
    EXPECT_GT(report->luts, 60);
  } else {
    EXPECT_EQ(report->dsps, 1);
    EXPECT_GE(report->flip_flops, 1);
    EXPECT_GE(report->luts, 1);
  }
  std::int64_t cells = 0;
  for (const auto& [name, number] : report->cells) cells += number;
  EXPECT_GE(cells, report->luts + report->flip_flops + report->dsps + report->carries);
}

INSTANTIATE_TEST_SUITE_P(Targets, FpgaTest, testing::Values(0, 1, 2), [](const auto& target) {
  return fpga_names().at(static_cast<std::size_t>(target.param));
});

}  // namespace
}  // namespace msq::synth
