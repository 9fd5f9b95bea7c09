#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "report/place_route.hpp"
#include "report/power.hpp"
#include "report/timing.hpp"

namespace msq::report {
namespace {

flow::DescribedPath described() {
  flow::DescribedPath path;
  path.path.from = synth::PathEnd::registers;
  path.path.to = synth::PathEnd::memories;
  path.path.setup = 0.25;
  path.path.period = 2.0;
  path.start = "sum_q[3] of u_a";
  path.end = "u_ram";
  path.segments = {{"PEs", "msq_a", "u_core/u_rows/u_a", 3, 1.75}};
  path.cells = 3;
  return path;
}

constexpr const char* kPath =
    R"({"from":"registers","to":"memories","period_ns":2.0,"setup_ns":0.25,"cells":3,)"
    R"("start":"sum_q[3] of u_a","end":"u_ram","segments":[{"block":"PEs","module":"msq_a",)"
    R"("instance":"u_core/u_rows/u_a","cells":3,"delay_ns":1.75}]})";

flow::TimingFindings timing() {
  flow::TimingFindings found;
  found.fanout = {.limit = 16, .cell = {"BUFX4", {}, false}, .repair = {2, 12, 317}, .area = 384.0};
  found.paths = {described()};
  found.blocks = {{"PEs", "a_q of u_a", "b_q of u_b", 1.6}};
  found.modules = {{"msq_a", "PEs", described()}};
  return found;
}

TEST(TimingJson, NamesBuffersPathsBlocksAndModules) {
  EXPECT_EQ(to_json(described()).dump(), kPath);
  EXPECT_EQ(
      to_json(timing()).dump(),
      std::string(R"({"period_ns":2.0,"fmax_mhz":500.0,"max_fanout":16,"buffer":"BUFX4","buffers":12,)") +
          R"("buffered_nets":2,"largest_fanout":317,"buffer_area_um2":384.0,"critical":)" + kPath +
          R"(,"memories_timed":false,"paths":[)" + kPath +
          R"(],"blocks":[{"block":"PEs","period_ns":1.6,"fmax_mhz":625.0,"start":"a_q of u_a",)" +
          R"("end":"b_q of u_b"}],"modules":[{"module":"msq_a","block":"PEs","fmax_mhz":500.0,"longest":)" +
          kPath + "}]}");
}

TEST(TimingText, ShowsTheCriticalPathByItsParts) {
  EXPECT_EQ(
      to_text(timing()),
      "  conditions                  OpenSTA, ideal clock, no wires, the corner of the library\n"
      "  fan-out                     at most 16: 12 BUFX4 on 2 nets (384 um^2, not in the area); it was "
      "317\n"
      "  f_max                       500.0 MHz: 2.000 ns, 3 cells\n"
      "  from                        sum_q[3] of u_a\n"
      "    through             block  cells     ns\n"
      "    u_rows/u_a (msq_a)    PEs      3  1.750\n"
      "    setup                             0.250\n"
      "  to                          u_ram\n"
      "  longest path of each kind, ports and memories without delay of their own\n"
      "  kind                      ns  cells             from     to\n"
      "  registers to memories  2.000      3  sum_q[3] of u_a  u_ram\n"
      "  longest path to the registers of each block, from registers and memories\n"
      "  block     ns  MHz        from          to\n"
      "  PEs    1.600  625  a_q of u_a  b_q of u_b\n"
      "  leaf modules alone\n"
      "  module  block     ns  MHz  cells              longest path\n"
      "  msq_a     PEs  2.000  500      3  sum_q[3] of u_a to u_ram\n");
}

flow::PowerFindings power() {
  flow::PowerFindings found;
  found.frequency = 100;
  found.layer = {.weights = "w.npy", .activations = "random", .bits = 2, .tokens = 4, .k = 8, .n = 16};
  found.run = {.tiles = 8,
               .cycles = 200,
               .utilization = 0.5,
               .partial_sums_compared = 64,
               .partial_sums_mismatched = 0,
               .mean_activity = 0.125,
               .ok = true};
  found.blocks = {{"PEs", {0.5, 0.25, 0.0}}};
  found.cells = {0.5, 0.25, 0.0};
  found.clock = 0.25;
  found.energy_per_multiplication = 2e-12;
  found.models = flow::energies_per_token(2e-12);
  return found;
}

TEST(PowerJson, IsReadBackAsItWasWritten) {
  const auto json = to_json(power());
  EXPECT_EQ(json["total_w"], 1.0);
  EXPECT_EQ(json["energy_per_cycle_j"], 1e-8);
  EXPECT_EQ(json["energy_per_mac_j"], 2e-12);
  EXPECT_EQ(json["blocks"].dump(),
            R"([{"block":"PEs","internal_w":0.5,"switching_w":0.25,"leakage_w":0.0,"total_w":0.75}])");
  EXPECT_FALSE(json.contains("outliers_without_a_unit"));
  EXPECT_EQ(to_json(power_findings(json)).dump(), json.dump());
  EXPECT_TRUE(power_findings(json).run.ok);
  flow::PowerFindings gobo = power();
  gobo.layer.demoted = 3;
  EXPECT_EQ(to_json(gobo)["outliers_without_a_unit"], 3);
  EXPECT_EQ(power_findings(to_json(gobo)).layer.demoted, 3);
}

TEST(PowerText, SharesAreOfCellsAndClock) {
  const std::string text = to_text(power());
  EXPECT_NE(
      text.find("  netlist simulated           8 tiles, 200 cycles, utilization 50.0 %; 64 of 64 partial "
                "sums bit-exact\n"),
      std::string::npos)
      << text;
  EXPECT_NE(
      text.find("  power                       1000.000 mW\n"
                "  block                          mW    share  internal  switching  leakage  pJ a MAC\n"
                "  PEs                       750.000   75.0 %   500.000    250.000    0.000     1.500\n"
                "  clock pins of registers   250.000   25.0 %     0.000    250.000    0.000     0.500\n"
                "  all                      1000.000  100.0 %   500.000    500.000    0.000     2.000\n"),
      std::string::npos)
      << text;
}

flow::LayoutFindings layout() {
  flow::LayoutFindings found;
  found.module.netlist.top = "msq_a";
  found.module.variants = 2;
  found.module.buffer = "BUFX2";
  found.module.repair.buffers = 1;
  found.module.port_buffers = 2;
  found.library = "lib";
  found.layout.def.units = 100;
  found.layout.def.die = {{0, 0}, {2000, 1000}};
  found.layout.def.nets = {{.name = "a"}, {.name = "b"}};
  found.wiring.open_nets = {"b"};
  found.lengths = {{"metal1", 12.0}};
  found.before = described();
  found.after = described();
  found.cell_area = 100;
  found.outline_area = 120;
  return found;
}

TEST(LayoutJson, AnOpenNetIsNamed) {
  EXPECT_FALSE(layout().ok());
  const auto json = to_json(layout());
  EXPECT_EQ(json["die"].dump(), R"({"width_um":20.0,"height_um":10.0,"area_um2":200.0})");
  EXPECT_EQ(json["utilization"], 0.6);
  EXPECT_EQ(json["unrouted_nets"].dump(), R"(["b"])");
  EXPECT_EQ(json["wire_length_by_layer_um"].dump(), R"({"metal1":12.0})");
  EXPECT_EQ(json["after_routing"]["fmax_mhz"], 500.0);
  EXPECT_EQ(json["after_routing"]["longest"].dump(), kPath);
}

TEST(LayoutText, CountsBuffersApart) {
  const std::string text = to_text(layout());
  EXPECT_NE(text.find("  variant                     the largest of 2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("    of them                   3 BUFX2 for fan-out and ports, not in the area above\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("  die                         20.0 x 10.0 um, 200 um^2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  unrouted nets               1 of 2: b\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace msq::report
