#include "synth/memory_model.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace msq::synth {
namespace {

using Json = nlohmann::json;

Liberty library(const std::string& name, double voltage) {
  Liberty liberty;
  liberty.name = name;
  liberty.voltage = voltage;
  return liberty;
}

/// Processes of the published macros. SCMOS of 0.5 um is no process of the model: it checks the scaling up.
MemoryProcess process_of(const std::string& name) {
  if (name == "sky130") return *memory_process(library("sky130_fd_sc_hd__tt_025C_1v80", 1.8));
  if (name == "freepdk45") return *memory_process(library("NangateOpenCellLibrary", 1.0));
  return {500, 5, 64e-12};
}

MemoryFigures figures_of(const Json& macro) {
  const MemoryPorts ports = macro.at("ports") == 1 ? MemoryPorts::one : MemoryPorts::read_and_write;
  const MemoryProcess process = process_of(macro.at("process"));
  const int width = macro.at("width"), depth = macro.at("depth");
  if (!macro.contains("words_per_row"))  // unpublished: as the model would build it
    return array_figures(arrange_macros(width, depth, ports), process);
  return macro_figures({ports, width, depth, macro.at("words_per_row")}, process);
}

struct ErrorRange {
  double least = 1e9, most = -1e9;
};

/// Relative errors of one figure at the published macros whose source and ports these are.
ErrorRange errors(const std::string& source, int ports, const std::string& figure) {
  std::ifstream file(MSQ_SYNTH_DATA "/published_macros.json");
  ErrorRange range;
  for (const Json& macro : Json::parse(file)) {
    const std::string from = macro.at("source");
    if (from.find(source) == std::string::npos || macro.at("ports") != ports || !macro.contains(figure))
      continue;
    const MemoryFigures f = figures_of(macro);
    const std::map<std::string, double> model = {{"area_um2", f.area},
                                                 {"read_pj", f.read_energy * 1e12},
                                                 {"write_pj", f.write_energy * 1e12},
                                                 {"leakage_nw", f.leakage * 1e9},
                                                 {"access_ns", f.access_time}};
    const double error = model.at(figure) / macro.at(figure).get<double>() - 1;
    range.least = std::min(range.least, error);
    range.most = std::max(range.most, error);
  }
  return range;
}

void expect_errors(const std::string& source, int ports, const std::string& figure, double least,
                   double most) {
  const ErrorRange range = errors(source, ports, figure);
  ASSERT_LE(range.least, range.most) << "no such macro";
  EXPECT_GE(range.least, least) << source << " " << figure;
  EXPECT_LE(range.most, most) << source << " " << figure;
}

TEST(MemoryModel, FitsTheMacrosThatItsCoefficientsComeFrom) {
  expect_errors("openram_testchip2", 2, "area_um2", -0.05, 0.05);
  expect_errors("openram_testchip2", 1, "area_um2", -0.05, 0.05);
  expect_errors("openram_testchip2", 2, "read_pj", -0.20, 0.60);
  expect_errors("openram_testchip2", 2, "write_pj", -0.05, 0.35);
  expect_errors("openram_testchip2", 2, "leakage_nw", -0.10, 0.30);
  expect_errors("openram-characterizations", 2, "read_pj", -0.05, 0.05);
  expect_errors("sram22", 1, "access_ns", -0.06, 0.06);
}

TEST(MemoryModel, StaysNearMacrosOfOtherGeneratorsAndProcesses) {
  expect_errors("sram22", 1, "area_um2", -0.30, 0.05);
  expect_errors("VLSIDA/OpenRAM", 1, "area_um2", -0.55, 0.40);  // FreePDK45 and SCMOS of 0.5 um
}

TEST(MemoryModel, ScalesAreaWithTheSquareOfTheFeatureSizeAndEnergyWithCapacitanceAndVoltage) {
  const MemoryMacro macro{MemoryPorts::read_and_write, 32, 512, 4};
  const MemoryFigures at = macro_figures(macro, {130, 1.8, 64e-12});
  const MemoryFigures half = macro_figures(macro, {65, 0.9, 128e-12});
  EXPECT_NEAR(half.area, at.area / 4, 1e-6);
  EXPECT_NEAR(half.read_energy, at.read_energy / 8, 1e-18);
  EXPECT_NEAR(half.write_energy, at.write_energy / 8, 1e-18);
  EXPECT_NEAR(half.access_time, at.access_time / 2, 1e-9);
  EXPECT_NEAR(half.leakage, at.leakage * 2, 1e-15);
}

TEST(MemoryModel, ArraysHoldEveryWordInMacrosOfTheAllowedShape) {
  for (const int width : {1, 7, 64, 257, 352, 3008}) {
    for (const int depth : {2, 3, 100, 2048, 8192, 40000}) {
      const MemoryArray array = arrange_macros(width, depth);
      EXPECT_GE(array.across * array.macro.width, width);
      EXPECT_GE(array.deep * array.macro.depth, depth);
      EXPECT_LE(array.macro.rows(), 256);
      EXPECT_LE(array.macro.columns(), 256);
    }
  }
}

TEST(MemoryModel, AnAccessWorksInTheMacrosOfOneAddressRangeOnly) {
  const MemoryProcess process;
  const MemoryArray array{{MemoryPorts::read_and_write, 64, 1024, 4}, 3, 5};
  const MemoryFigures one = macro_figures(array.macro, process), all = array_figures(array, process);
  EXPECT_DOUBLE_EQ(all.area, 15 * one.area);
  EXPECT_DOUBLE_EQ(all.leakage, 15 * one.leakage);
  EXPECT_DOUBLE_EQ(all.read_energy, 3 * one.read_energy);
  EXPECT_DOUBLE_EQ(all.write_energy, 3 * one.write_energy);
  EXPECT_DOUBLE_EQ(all.access_time, one.access_time);
}

TEST(MemoryModel, ALargerMemoryIsLarger) {
  const MemoryProcess process;
  double before = 0;
  for (int depth = 64; depth <= 1 << 15; depth *= 2) {
    const double area = array_figures(arrange_macros(64, depth), process).area;
    EXPECT_GT(area, before);
    before = area;
  }
}

TEST(MemoryModel, KnowsProcessesByTheNameOfTheLibraryAndTakesItsVoltage) {
  EXPECT_EQ(memory_process(library("osu018_stdcells", 1.8))->feature, 180);
  EXPECT_EQ(memory_process(library("sky130_fd_sc_hd__ss_100C_1v60", 1.6))->voltage, 1.6);
  EXPECT_EQ(memory_process(library("NangateOpenCellLibrary", 0))->voltage, 1.1);
  EXPECT_FALSE(memory_process(library("asap7sc7p5t_RVT_TT", 0.7)));
}

}  // namespace
}  // namespace msq::synth
