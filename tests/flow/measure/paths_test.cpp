#include <gtest/gtest.h>

#include "flow/measure/power.hpp"
#include "flow/measure/timing.hpp"

namespace msq::flow {
namespace {

/// Two gates of u_a, one of the top, and a register of u_a/u_b.
synth::Netlist netlist() {
  synth::Netlist n;
  n.top = "top";
  n.types = {{"INV", {{"A", false}, {"Y", true}}, false}, {"DFF", {{"D", false}, {"Q", true}}, true}};
  n.scopes = {{"", "top"}, {"u_a", "msq_a"}, {"u_a/u_b", "msq_b"}};
  n.cells = {{.type = 0, .scope = 1, .nets = {}, .register_bit = {}},
             {.type = 0, .scope = 1, .nets = {}, .register_bit = {}},
             {.type = 0, .scope = 0, .nets = {}, .register_bit = {}},
             {.type = 1, .scope = 2, .nets = {}, .register_bit = "sum_q[3]"}};
  return n;
}

TEST(Path, IsDescribedByThePartsItRunsThrough) {
  synth::TimingPath path;
  path.from = synth::PathEnd::ports;
  path.steps = {{{}, "data_i", 0.0}, {0, {}, 0.5}, {1, {}, 1.25}, {2, {}, 1.5}, {3, {}, 1.5}};
  path.setup = 0.25;
  path.period = 2.0;
  const DescribedPath d = describe(path, netlist(), {{"top", "control"}, {"msq_a", "PEs"}, {"msq_b", "PEs"}});
  EXPECT_EQ(d.start, "data_i");
  EXPECT_EQ(d.end, "sum_q[3] of u_a/u_b");
  EXPECT_EQ(d.cells, 3);
  EXPECT_EQ(d.megahertz(), 500.0);
  ASSERT_EQ(d.segments.size(), 2U);
  EXPECT_EQ(d.segments[0].block, "PEs");
  EXPECT_EQ(d.segments[0].instance, "u_a");
  EXPECT_EQ(d.segments[0].cells, 2);
  EXPECT_EQ(d.segments[0].delay, 1.25);
  EXPECT_EQ(d.segments[1].module, "top");
  EXPECT_EQ(d.segments[1].cells, 1);
  EXPECT_EQ(d.segments[1].delay, 0.25);
}

TEST(Path, BeginsWithTheAccessToAMemory) {
  synth::Netlist n = netlist();
  n.memories = {{"msq_ram_1r1w", 2, {}, {}}};
  synth::TimingPath path;
  path.from = synth::PathEnd::memories;
  path.to = synth::PathEnd::memories;
  path.steps = {{{}, "m0_read_data_o", 4.0}, {0, {}, 4.5}, {{}, "m0_write_data_i", 4.5}};
  path.setup = 0.25;
  path.period = 4.75;
  const DescribedPath d = describe(path, n, {{"msq_a", "PEs"}});
  EXPECT_EQ(d.start, "read_data_o of the memory of u_a/u_b");
  EXPECT_EQ(d.end, "write_data_i of the memory of u_a/u_b");
  n.memories[0].scope = 0;
  EXPECT_EQ(describe(path, n, {{"msq_a", "PEs"}}).start, "read_data_o of a memory of the top");
  EXPECT_EQ(d.cells, 1);
  ASSERT_EQ(d.segments.size(), 2U);
  EXPECT_EQ(d.segments[0].block, "memory");
  EXPECT_EQ(d.segments[0].cells, 0);
  EXPECT_EQ(d.segments[0].delay, 4.0);
  EXPECT_EQ(d.segments[1].delay, 0.5);
}

TEST(Path, OtherPortsThatBeginWithMAreNoMemories) {
  synth::Netlist n = netlist();
  n.memories = {{"msq_ram_1r1w", 2, {}, {}}};
  synth::TimingPath path;
  path.steps = {{{}, "m_axis_out_tready_i", 0.0}, {0, {}, 0.5}, {{}, "m1_x", 0.5}};
  const DescribedPath d = describe(path, n, {{"msq_a", "PEs"}});
  EXPECT_EQ(d.start, "m_axis_out_tready_i");
  EXPECT_EQ(d.end, "m1_x");
}

TEST(Path, InstancesAreShownByTheirLastTwoParts) {
  EXPECT_EQ(short_path("u_core/u_array/gen_row[3].u_row"), "u_array/gen_row[3].u_row");
  EXPECT_EQ(short_path("u_array/u_row"), "u_array/u_row");
  EXPECT_EQ(short_path("u_row"), "u_row");
}

TEST(Module, AreaIsThatOfItsCells) {
  PreparedModule module;
  module.liberty.cells["INV"].area = 16.0;
  module.liberty.cells["DFF"].area = 96.0;
  EXPECT_EQ(module.area(netlist()), 144.0);
}

TEST(Power, EnergyOfATokenFollowsFromOneMultiplication) {
  const std::vector<ModelEnergy> models = energies_per_token(2e-12);
  ASSERT_FALSE(models.empty());
  for (const ModelEnergy& m : models) {
    EXPECT_GT(m.multiplications, 1e6) << m.model;
    EXPECT_EQ(m.energy, m.multiplications * 2e-12) << m.model;
  }
}

}  // namespace
}  // namespace msq::flow
