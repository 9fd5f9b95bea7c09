#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "synth/clock_tree.hpp"
#include "synth/fanout.hpp"
#include "synth/floorplan.hpp"
#include "synth/netlist_verilog.hpp"
#include "synth/wire_length.hpp"
#include "synth/wire_process.hpp"
#include "synth/wire_spef.hpp"

namespace msq::synth {
namespace {

constexpr double kNear = 1e-9;

const CellType kInverter{"INV", {{"A", false}, {"Y", true}}, false};

int scope(Netlist& netlist, const std::string& path) {
  netlist.scopes.push_back({path, "m"});
  return static_cast<int>(netlist.scopes.size()) - 1;
}

void add_cell(Netlist& netlist, int scope, Net in, Net out) {
  netlist.cells.push_back({0, scope, {in, out}, {}});
}

/// Rows of PEs of one inverter each in u_array; nets 2 + r * columns + c are their outputs.
Netlist array(int rows, int columns) {
  Netlist netlist;
  netlist.top = "top";
  netlist.types = {kInverter};
  scope(netlist, "");
  scope(netlist, "u_array");
  netlist.nets = 2 + rows * columns;
  for (int r = 0; r < rows; ++r) {
    const std::string row = fmt::format("u_array/gen_row[{}].u_row", r);
    scope(netlist, row);
    for (int c = 0; c < columns; ++c) {
      const int pe = scope(netlist, fmt::format("{}/gen_column[{}].u_pe", row, c));
      const Net above = r == 0 ? kZero : 2 + (r - 1) * columns + c;
      add_cell(netlist, pe, above, 2 + r * columns + c);
    }
  }
  return netlist;
}

TEST(Wires, TreesOverBoxes) {
  EXPECT_EQ(tree_over_box(2), 1);
  EXPECT_EQ(tree_over_box(3), 1);
  EXPECT_EQ(tree_over_box(4), 1.0828);
  EXPECT_EQ(tree_over_box(15), 1.6899);
  EXPECT_EQ(tree_over_box(50), 2.7933);
  EXPECT_NEAR(tree_over_box(60), 2.7933 + 10 * 0.02616, kNear);
  EXPECT_NEAR(tree_length(10, 10, 4), 20 * 1.0828, kNear);
  EXPECT_NEAR(tree_length(10, 0, 40), 10, kNear);
  EXPECT_NEAR(tree_length(10, 4, 4), 14 + 0.0828 * 8, kNear);
}

TEST(Wires, EachFurtherPinOfATileAddsTheSame) {
  EXPECT_EQ(local_length(1, 10000, 81), 0);
  EXPECT_NEAR(local_length(2, 10000, 81), 0.37 * 100 / 3, kNear);  // 81^(1/4) = 3
  EXPECT_NEAR(local_length(5, 10000, 81), 4 * 0.37 * 100 / 3, kNear);
}

TEST(Wires, PesHaveThePitchOfTheirShareOfTheDie) {
  const Netlist netlist = array(2, 2);
  // 4 cells of 25 um^2 at a quarter of the die: 20 x 20 um.
  const Floorplan plan = plan_floor(netlist, std::vector<double>(4, 25), 0.25);
  EXPECT_NEAR(plan.die.width, 20, kNear);
  ASSERT_EQ(plan.tiles.size(), 4u);
  const FloorBox& second = plan.tiles[static_cast<std::size_t>(plan.tile_of[4])].box;  // row 0, column 1
  EXPECT_NEAR(second.x, 10, kNear);
  EXPECT_NEAR(second.y, 10, kNear);  // the first row is on top
  EXPECT_NEAR(second.width, 10, kNear);
  EXPECT_NEAR(second.height, 10, kNear);
  EXPECT_EQ(plan.tile_of[2], -1);  // a row's own cells are between its PEs
}

TEST(Wires, GroupsOfColumnsAreInTheirOrder) {
  Netlist netlist;
  netlist.types = {kInverter};
  scope(netlist, "");
  // By name group 10 comes before group 2.
  for (const char* group : {"0", "10", "2"})
    add_cell(netlist, scope(netlist, fmt::format("gen_group[{}].gen_column[1].u_pe", group)), kZero,
             netlist.nets++);
  const Floorplan plan = plan_floor(netlist, std::vector<double>(3, 12), 1);
  ASSERT_EQ(plan.tiles.size(), 3u);
  const auto x = [&](std::size_t scope) {
    return plan.tiles[static_cast<std::size_t>(plan.tile_of[scope])].box.x;
  };
  EXPECT_EQ(x(1), 0);
  EXPECT_NEAR(x(3), 2, kNear);
  EXPECT_NEAR(x(2), 4, kNear);
}

TEST(Wires, OthersAreBesideTheArray) {
  Netlist netlist = array(2, 2);
  add_cell(netlist, scope(netlist, "u_feeder"), kZero, netlist.nets++);
  const Floorplan plan = plan_floor(netlist, std::vector<double>(5, 20), 0.25);  // 20 x 20 um
  const FloorBox& feeder = plan.tiles[static_cast<std::size_t>(plan.tile_of.back())].box;
  EXPECT_NEAR(feeder.width, 4, kNear);
  EXPECT_NEAR(feeder.height, 20, kNear);
  EXPECT_NEAR(plan.tiles[static_cast<std::size_t>(plan.tile_of[3])].box.x, 4, kNear);
}

TEST(Wires, LengthsFollowFromTheArray) {
  Netlist netlist = array(2, 2);
  // Net 2 goes from row 0 to the PE below: 0.3 of the pitch, as the two touch.
  EXPECT_NEAR(estimate_wires(netlist, std::vector<double>(4, 25), 0.25, kZero).lengths[2], 3, kNear);
  // A port on it is at the edge nearest to the middle between both, 5 um away.
  netlist.ports = {{"y_o", false, {2}}};
  EXPECT_NEAR(estimate_wires(netlist, std::vector<double>(4, 25), 0.25, kZero).lengths[2], 3 + 0.3 * 5,
              kNear);
  // Four columns in one row, 5 um each, all on net 2: two whole PEs between the outer ones.
  netlist = array(1, 4);
  for (std::size_t c = 1; c < 4; ++c) netlist.cells[c].nets[0] = 2;
  const WireEstimate row = estimate_wires(netlist, std::vector<double>(4, 25), 0.25, kZero);
  EXPECT_NEAR(row.lengths[2], 10 + 0.3 * 5, kNear);
  EXPECT_EQ(row.nets, 1u);
  EXPECT_EQ(row.longest(), 2);
  EXPECT_EQ(estimate_wires(netlist, std::vector<double>(4, 25), 0.25, 2).total(), 0);  // the clock
}

TEST(Wires, ACellBetweenPesIsAtItsNets) {
  Netlist netlist = array(1, 4);
  const int row = 2;
  netlist.cells[2].nets[0] = netlist.nets;
  add_cell(netlist, row, 2, netlist.nets++);  // from column 0 to column 2, small
  const WireEstimate estimate = estimate_wires(netlist, {25, 25, 25, 25, 1e-9}, 0.25, kZero);
  // Centres are at 2.5 and 12.5; half of the way is 5, of which 2.5 are in the PE.
  EXPECT_NEAR(estimate.lengths[2], 2.5 + 0.3 * 2.5, 1e-3);
  EXPECT_NEAR(estimate.lengths[6], 2.5 + 0.3 * 2.5, 1e-3);
}

TEST(Wires, SpefOfTwoInverters) {
  Netlist netlist;
  netlist.top = "top";
  netlist.types = {kInverter};
  scope(netlist, "");
  netlist.nets = 5;
  netlist.ports = {{"a_i", true, {2}}, {"y_o", false, {4}}};
  add_cell(netlist, 0, 2, 3);
  add_cell(netlist, 0, 3, 4);
  const auto wires = wires_of({0, 0, 0, 100, 50}, 0.5, 0.002);
  const std::string spef = estimated_spef(netlist, timing_net_names(netlist, "clk_i"), true, wires);
  const std::string nets = spef.substr(spef.find("*D_NET"));
  EXPECT_EQ(nets,
            "*D_NET n3 0.2\n*CONN\n*I c0:Y O *D INV\n*I c1:A I *D INV\n*CAP\n1 c0:Y 0.1\n2 c1:A 0.1\n"
            "*RES\n1 c0:Y c1:A 50\n*END\n\n"
            "*D_NET y_o 0.1\n*CONN\n*I c1:Y O *D INV\n*P y_o O\n*CAP\n1 c1:Y 0.05\n2 y_o 0.05\n"
            "*RES\n1 c1:Y y_o 25\n*END\n\n");
}

TEST(Wires, ClockTreeOfAHundredRegisters) {
  const ClockTree tree = plan_clock_tree(100, 16, 10000);
  EXPECT_EQ(tree.pins, (std::vector<std::size_t>{100, 7}));
  EXPECT_EQ(tree.buffers(), 7u);
  EXPECT_NEAR(tree.lengths[0], 760.0 / 7, kNear);
  EXPECT_NEAR(tree.lengths[1], 0.76 * 264.57513110645906, 1e-6);
  EXPECT_NEAR(tree.length(), 760 + tree.lengths[1], 1e-6);
  EXPECT_EQ(plan_clock_tree(16, 16, 1).buffers(), 0u);

  // The nets that limit_fanout makes are the tree's.
  Netlist netlist;
  netlist.types = {kInverter};
  scope(netlist, "");
  const Net clock = netlist.nets++;
  netlist.ports = {{"clk_i", true, {clock}}};
  for (int i = 0; i < 100; ++i) {
    const Net out = netlist.nets++;
    add_cell(netlist, 0, clock, out);
  }
  const Net first = netlist.nets;
  limit_fanout(netlist, 16, kInverter, kZero);
  ASSERT_EQ(netlist.nets, first + 7);
  std::vector<double> lengths(static_cast<std::size_t>(netlist.nets));
  set_clock_lengths(tree, clock, first, lengths);
  double sum = 0;
  for (const double length : lengths) sum += length;
  EXPECT_NEAR(sum, tree.length(), 1e-6);
}

TEST(Wires, TrialHasOneBufferOfEachLevelAndItsNeighbours) {
  const CellType flop{"DFF", {{"CLK", false}, {"D", false}, {"Q", true}}, true};
  const ClockTree tree = plan_clock_tree(100, 16, 10000);
  const ClockTrial trial = clock_trial(tree, kInverter, flop, 0);
  EXPECT_EQ(trial.netlist.cells.size(),
            7u + 15u);  // 7 buffers share the root, the first drives 100 / 7 registers
  EXPECT_NEAR(trial.lengths[static_cast<std::size_t>(trial.netlist.input("in"))], tree.lengths[1], kNear);
  EXPECT_NEAR(trial.lengths[static_cast<std::size_t>(trial.netlist.ports[1].nets[0])], tree.lengths[0],
              kNear);
}

TEST(Wires, LibrariesByTheirNames) {
  Liberty liberty;
  liberty.name = "osu018_stdcells";
  ASSERT_TRUE(wire_process(liberty));
  EXPECT_NEAR(wire_process(liberty)->capacitance, 1.188e-4, kNear);
  liberty.name = "sky130_fd_sc_hd__tt_025C_1v80";
  EXPECT_TRUE(wire_process(liberty));
  liberty.name = "other";
  EXPECT_FALSE(wire_process(liberty));
}

}  // namespace
}  // namespace msq::synth
