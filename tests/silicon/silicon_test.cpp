// Files for flows to silicon: sizes of macros, sides, places, names. Tools read them in the Python tests
// beside this file.

#include "gen/silicon/silicon.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "gen/arch/design.hpp"
#include "gen/arch/manifest.hpp"
#include "gen/configs/presets.hpp"
#include "gen/silicon/floorplan.hpp"
#include "gen/silicon/macros.hpp"

namespace msq {
namespace {

using silicon::Macro;
using silicon::macro_of;
using silicon::platform;

const std::vector<std::string> kPlatforms = {"sky130hd", "nangate45", "asap7", "sky130A"};

Design tiny_core() { return build_design(find_config("tiny").value()); }

std::set<std::string> names(const std::vector<DesignFile>& files) {
  std::set<std::string> all;
  for (const DesignFile& file : files) all.insert(file.name);
  return all;
}

TEST(Silicon, EveryFlowHasPlatforms) {
  std::vector<std::string> all = silicon_platforms(SiliconFlow::orfs);
  for (const std::string& name : silicon_platforms(SiliconFlow::librelane)) all.push_back(name);
  EXPECT_EQ(all, kPlatforms);
  EXPECT_EQ(silicon_library("nangate45"), "NangateOpenCellLibrary");
  EXPECT_THROW((void)silicon_library("gf180"), std::out_of_range);
}

TEST(Silicon, InstancesOfMemoriesAreNamedOnce) {
  for (const std::string& preset : preset_names()) {
    const Config config = find_config(preset).value();
    for (const Design& design : {build_design(config), build_accelerator(config), build_shell(config)}) {
      std::set<std::string> paths;
      std::size_t instances = 0;
      for (const Memory& memory : memories(design)) {
        EXPECT_EQ(memory.paths.size(), static_cast<std::size_t>(memory.instances)) << preset << memory.name;
        paths.insert(memory.paths.begin(), memory.paths.end());
        instances += memory.paths.size();
      }
      EXPECT_EQ(paths.size(), instances) << preset;
    }
  }
}

TEST(Silicon, MacrosHoldTheirAreaAndPins) {
  const Design design = tiny_core();
  for (const std::string& name : kPlatforms) {
    const auto& process = platform(name);
    for (const MacroMemory& memory : {MacroMemory{.width = 1024, .depth = 2, .area = 0},
                                      MacroMemory{.width = 1, .depth = 3, .area = 1e6}}) {
      const Macro macro = macro_of(design, memory, process);
      EXPECT_EQ(macro.name, "msq_sram_" + macro.size());
      EXPECT_GE(macro.outline.width * macro.outline.height, memory.area);
      EXPECT_GE(macro.outline.height, memory.width * process.pins.pitch);
      const std::string lef = macro_lef(macro, process);
      for (const std::string& net : {std::string(process.power), std::string(process.ground)})
        EXPECT_NE(lef.find("  END " + net + "\n"), std::string::npos) << name;
    }
    const Macro square = macro_of(design, {.width = 8, .depth = 512, .area = 90000}, process);
    EXPECT_NEAR(square.outline.width / square.outline.height, 1, 0.05) << name;
    EXPECT_EQ(square.address_bits(), 9);
  }
}

TEST(Silicon, OutlinesHaveTheirAreaExceptForRounding) {
  for (const std::string& name : kPlatforms) {
    const auto& process = platform(name);
    for (const auto& [width, depth] : {std::pair{1024, 2}, std::pair{1, 3}, std::pair{64, 4096}}) {
      const double least = least_macro_area({.width = width, .depth = depth}, name);
      for (const double factor : {1.0, 1.1, 1.5, 3.0, 100.0}) {
        const double area = factor * least;
        const Macro macro = macro_of(tiny_core(), {.width = width, .depth = depth, .area = area}, process);
        const double found = macro.outline.width * macro.outline.height;
        const double rounding = process.step_x * macro.outline.height + process.step_y * macro.outline.width;
        EXPECT_GE(found, area * (1 - 1e-9)) << name << " " << macro.size() << " " << factor;
        EXPECT_LE(found, area + rounding) << name << " " << macro.size() << " " << factor;
      }
    }
  }
}

TEST(Silicon, AMemoryHasAPinOfPowerWithRectangles) {
  for (const std::string& name : kPlatforms) {
    const auto& process = platform(name);
    const std::string lef =
        macro_lef(macro_of(tiny_core(), {.width = 1, .depth = 2, .area = 0}, process), process);
    for (const std::string& net : {std::string(process.power), std::string(process.ground)}) {
      const std::size_t pin = lef.find("  PIN " + net + "\n"), end = lef.find("  END " + net + "\n");
      ASSERT_LT(pin, end) << name;
      EXPECT_NE(lef.substr(pin, end - pin).find("RECT"), std::string::npos) << name << net;
    }
  }
}

TEST(Silicon, PortsAreOnTheSideOfTheirData) {
  const Design design = build_shell(find_config("8x8").value());
  std::map<std::string, std::string_view> sides;
  for (const auto& side : silicon::port_sides(design)) {
    for (const auto& port : side.ports) sides[port.name] = side_name(side.side);
  }
  EXPECT_EQ(sides.size(), design.ports.size());
  EXPECT_EQ(sides.at("m_axi_weight_rdata"), "top");
  EXPECT_EQ(sides.at("m_axi_data_rdata"), "left");
  EXPECT_EQ(sides.at("aclk"), "right");
  EXPECT_EQ(sides.at("s_axi_awaddr"), "right");
}

TEST(Silicon, TheCoreIsAsTheArray) {
  Config config = find_config("8x8").value();
  const auto ratio = [&](int rows, int cols) {
    config.rows = rows;
    config.cols = cols;
    return silicon::aspect_ratio(build_design(config));
  };
  EXPECT_EQ(ratio(8, 8), 1);
  EXPECT_EQ(ratio(16, 8), 2);
  EXPECT_EQ(ratio(64, 8), 2);
  EXPECT_EQ(ratio(8, 32), 0.5);
}

TEST(Silicon, PlacesLeaveRoomForTheCells) {
  const Design design = tiny_core();
  const Macro large = macro_of(design, {.width = 64, .depth = 512, .area = 400000}, platform("sky130A"));
  const Macro small = macro_of(design, {.width = 8, .depth = 64, .area = 60000}, platform("sky130A"));
  std::map<std::string, const Macro*> instances;
  for (int i = 0; i < 5; ++i) instances["a" + std::to_string(i)] = i % 2 == 0 ? &large : &small;
  for (const double ratio : {0.5, 1.0, 2.0}) {
    const auto plan = silicon::place_macros(instances, 1e6, ratio);
    EXPECT_EQ(plan.places.size(), instances.size());
    EXPECT_LE(plan.die.height, ratio * plan.die.width + 100);
    for (const auto& [name, place] : plan.places)
      EXPECT_GE(place.y * plan.die.width, 1e6) << name;  // the cells are below all macros
  }
}

TEST(Silicon, FilesHaveThePrefixAndAreInTheManifest) {
  Design design = with_prefix(tiny_core(), "npu_1");
  design.packaging = silicon_files(design, {.flow = SiliconFlow::librelane,
                                            .platform = "sky130A",
                                            .cell_area = 1e5,
                                            .macros = {{.width = 9, .depth = 5, .area = 1000}}});
  EXPECT_EQ(names(design.packaging),
            (std::set<std::string>{"config.json", "constraint.sdc", "pin_order.cfg", "npu_1_memories.sv",
                                   "npu_1_sram_9x5_stub.sv", "npu_1_sram_9x5_placeholder.gds",
                                   "npu_1_sram_9x5_placeholder.lef", "npu_1_sram_9x5_placeholder.lib"}));
  const std::vector<std::string> listed = other_files(design);
  for (const DesignFile& file : design.packaging) {
    EXPECT_NE(std::find(listed.begin(), listed.end(), file.name), listed.end()) << file.name;
    EXPECT_EQ(file.text.find("msq"), std::string::npos) << file.name;
  }
  EXPECT_EQ(names(silicon_files(design, {})),
            (std::set<std::string>{"config.mk", "io.tcl", "constraint.sdc"}));
}

TEST(Silicon, TheSameOptionsGiveTheSameBytes) {
  const Design design = tiny_core();
  const SiliconOptions options{.macros = {{.width = 9, .depth = 5, .area = 1000}}};
  const auto first = silicon_files(design, options), second = silicon_files(design, options);
  ASSERT_EQ(first.size(), second.size());
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(first[i].text, second[i].text);
}

}  // namespace
}  // namespace msq
