// Interfaces found by the names of ports, and the files that describe a design to the tools of others.

#include "gen/packaging/packaging.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "gen/arch/design.hpp"
#include "gen/arch/interfaces.hpp"
#include "gen/arch/manifest.hpp"
#include "gen/configs/presets.hpp"

namespace msq {
namespace {

using verilog::Direction;
using verilog::Port;

Port input(const std::string& name, int width = 1) { return {name, Direction::input, verilog::u(width), ""}; }
Port output(const std::string& name, int width = 1) {
  return {name, Direction::output, verilog::u(width), ""};
}

std::vector<std::string> bus_names(const Interfaces& interfaces) {
  std::vector<std::string> names;
  for (const BusInterface& bus : interfaces.buses)
    names.push_back(bus.name + " " + std::string(protocol_name(bus.protocol)) +
                    (bus.manager ? " manager" : ""));
  return names;
}

TEST(Interfaces, OfTheTop) {
  const Design design = build_accelerator(find_config("tiny").value());
  const Interfaces found = find_interfaces(design.ports);
  EXPECT_EQ(found.clock, "clk_i");
  EXPECT_EQ(found.reset, "rst_ni");
  EXPECT_EQ(found.interrupt, "irq_o");
  EXPECT_EQ(bus_names(found),
            (std::vector<std::string>{"s_axil axi4-lite", "s_axis_weight axi4-stream",
                                      "s_axis_act axi4-stream", "m_axis_out axi4-stream manager"}));
  ASSERT_NE(found.registers(), nullptr);
  EXPECT_EQ(found.registers()->name, "s_axil");
  EXPECT_EQ(found.registers()->find("AWADDR")->name, "s_axil_awaddr_i");
  EXPECT_EQ(found.registers()->find("AWLEN"), nullptr);
  std::size_t ports = 3;
  for (const BusInterface& bus : found.buses) ports += bus.ports.size();
  EXPECT_EQ(ports, design.ports.size());
}

TEST(Interfaces, OfACoreAreClockAndReset) {
  const Interfaces found = find_interfaces(build_design(find_config("tiny").value()).ports);
  EXPECT_EQ(found.clock, "clk_i");
  EXPECT_TRUE(found.interrupt.empty());
  EXPECT_TRUE(found.buses.empty());
  EXPECT_EQ(found.registers(), nullptr);
}

TEST(Interfaces, WithTheNamesOfTheStandard) {
  const Interfaces found = find_interfaces(
      {input("aclk"), input("aresetn"), output("irq"), output("m_axi_weight_arvalid"),
       input("m_axi_weight_arready"), output("m_axi_weight_arlen", 8), input("m_axi_weight_rid"),
       output("m_axi_data_awvalid"), output("m_axi_data_awlen", 8), output("m_axi_data_wdata", 64),
       input("s_axi_arvalid"), input("s_axi_araddr", 13), input("s_odd_signal"), input("weight_valid_i")});
  EXPECT_EQ(found.clock, "aclk");
  EXPECT_EQ(found.reset, "aresetn");
  EXPECT_EQ(found.interrupt, "irq");
  EXPECT_EQ(bus_names(found), (std::vector<std::string>{"m_axi_weight axi4 manager",
                                                        "m_axi_data axi4 manager", "s_axi axi4-lite"}));
  EXPECT_EQ(found.buses[0].ports.size(), 4U);
  EXPECT_EQ(found.registers()->name, "s_axi");
}

TEST(Interfaces, RefusesWhatIsNone) {
  EXPECT_THROW((void)find_interfaces({input("clk_i")}), std::logic_error);
  EXPECT_THROW((void)find_interfaces({input("rst_ni")}), std::logic_error);
  EXPECT_THROW((void)find_interfaces({input("aclk"), input("aresetn"), input("s_x_tdata")}),
               std::logic_error);
  EXPECT_THROW((void)find_interfaces({input("aclk"), input("aresetn"), output("s_x_tvalid")}),
               std::logic_error);
}

std::vector<std::string> names(const std::vector<DesignFile>& files) {
  std::vector<std::string> all;
  all.reserve(files.size());
  for (const DesignFile& file : files) all.push_back(file.name);
  std::sort(all.begin(), all.end());
  return all;
}

TEST(Packaging, HasThePrefixAndIsInTheManifest) {
  Design design = with_prefix(build_accelerator(find_config("tiny").value()), "npu_1");
  design.packaging = packaging_files(design);
  EXPECT_EQ(names(design.packaging),
            (std::vector<std::string>{"npu_1_top.core", "npu_1_top.rdl", "npu_1_top.sdc", "npu_1_top.xdc",
                                      "npu_1_top.xml", "npu_1_top_smoke.sv"}));
  const std::vector<std::string> listed = other_files(design);
  for (const DesignFile& file : design.packaging) {
    EXPECT_NE(std::find(listed.begin(), listed.end(), file.name), listed.end()) << file.name;
    EXPECT_EQ(file.text.find("msq"), std::string::npos) << file.name;
    EXPECT_NE(file.text.find("npu_1_top"), std::string::npos) << file.name;
    EXPECT_TRUE(file.text.ends_with('\n')) << file.name;
  }
  EXPECT_THROW((void)with_prefix(design, "b"), std::logic_error);
}

TEST(Packaging, OfACoreHasNoRegisters) {
  const Design design = build_design(find_config("tiny").value());
  EXPECT_EQ(names(packaging_files(design)),
            (std::vector<std::string>{"msq_core.core", "msq_core.sdc", "msq_core.xdc", "msq_core.xml"}));
}

TEST(Packaging, TakesThePeriod) {
  const Design design = build_design(find_config("tiny").value());
  for (const DesignFile& file : packaging_files(design, {.period_ns = 2.5})) {
    if (!file.name.ends_with("dc")) continue;
    EXPECT_NE(file.text.find("set clk_period 2.5\n"), std::string::npos) << file.name;
  }
}

}  // namespace
}  // namespace msq
