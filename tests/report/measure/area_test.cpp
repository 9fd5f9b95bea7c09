#include "report/area.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "report/compare.hpp"
#include "report/fpga.hpp"
#include "synth/blocks.hpp"

namespace msq::report {
namespace {

synth::SynthesisReport synthesis(std::vector<synth::ModuleArea> modules) {
  synth::SynthesisReport report;
  report.top = "top";
  report.library = "lib";
  report.gate_cell = "NAND2X1";
  report.gate_area = 24'000'000;
  for (const synth::ModuleArea& module : modules) {
    report.area += module.area;
    report.cells += module.cells;
    report.flip_flops += module.flip_flops;
  }
  report.modules = std::move(modules);
  return report;
}

const synth::BlockTable kTable{.order = {"PEs", "ReCoN", "control"},
                               .block_of = {{"pe", "PEs"}, {"switch", "ReCoN"}, {"top", "control"}}};

synth::SynthesisReport with_outliers() {
  return synthesis({{.name = "pe", .instances = 4, .area = 480'000'000, .cells = 11, .flip_flops = 5},
                    {.name = "switch", .instances = 1, .area = 96'000'001, .cells = 3, .flip_flops = 0},
                    {.name = "top", .instances = 1, .area = 24'000'000, .cells = 1, .flip_flops = 1}});
}

synth::SynthesisReport plain() {
  return synthesis({{.name = "pe", .instances = 4, .area = 300'000'000, .cells = 9, .flip_flops = 4},
                    {.name = "top", .instances = 1, .area = 100'000'000, .cells = 1, .flip_flops = 1}});
}

flow::DesignArea area_of(OutlierPath path, const synth::SynthesisReport& report) {
  Config config;
  config.name = "small";
  config.rows = 4;
  config.cols = 4;
  config.micro_block = 4;
  config.skew_columns = 4;
  config.outlier_path = path;
  return {.synthesized = {build_design(config), report, "work/netlist.json"},
          .blocks = synth::area_by_block(report, kTable).value(),
          .memory_bits = 1024,
          .sum_bits = 20};
}

TEST(AreaJson, SynthesisHasAreasByModule) {
  synth::SynthesisReport report = with_outliers();
  report.blackboxes = {{"ram", 3}};
  report.runtime_seconds = 1.5;
  report.peak_memory_mb = 14.25;
  report.yosys_version = "0.23";
  report.log_file = "run/yosys.log";
  EXPECT_EQ(
      to_json(report).dump(),
      R"({"top":"top","flattened":false,"library":"lib","gate_cell":"NAND2X1","gate_area_um2":24.0,)"
      R"("area_um2":600.000001,"gate_equivalents":25.000000041666667,"cells":15,"flip_flops":6,"modules":[)"
      R"({"name":"pe","instances":4,"area_um2":480.0,"gate_equivalents":20.0,"cells":11,"flip_flops":5},)"
      R"({"name":"switch","instances":1,"area_um2":96.000001,"gate_equivalents":4.000000041666667,"cells":3,)"
      R"("flip_flops":0},)"
      R"({"name":"top","instances":1,"area_um2":24.0,"gate_equivalents":1.0,"cells":1,"flip_flops":1}],)"
      R"("blackboxes":{"ram":3},"runtime_seconds":1.5,"peak_memory_mb":14.25,"yosys_version":"0.23",)"
      R"("log_file":"run/yosys.log"})");
}

TEST(AreaJson, BlocksAndOverhead) {
  EXPECT_EQ(
      to_json(synth::area_by_block(plain(), kTable).value(), plain()).dump(),
      R"([{"block":"PEs","area_um2":300.0,"gate_equivalents":12.5,"share":0.75,"flip_flops":4},)"
      R"({"block":"ReCoN","area_um2":0.0,"gate_equivalents":0.0,"share":0.0,"flip_flops":0},)"
      R"({"block":"control","area_um2":100.0,"gate_equivalents":4.166666666666667,"share":0.25,"flip_flops":1}])");
  EXPECT_EQ(to_json(synth::compare(plain(), plain(), kTable).value(), plain()).dump(),
            R"({"area_um2":400.0,"twin_area_um2":400.0,"extra_um2":0.0,"fraction":0.0,"blocks":[)"
            R"({"block":"PEs","extra_um2":0.0,"share_of_twin":0.0},{"block":"ReCoN","extra_um2":0.0,)"
            R"("share_of_twin":0.0},{"block":"control","extra_um2":0.0,"share_of_twin":0.0}]})");
}

/// A library in mm^2: areas that tools count are multiplied by a million there.
TEST(Area, IsInTheUnitOfTheLibrary) {
  synth::SynthesisReport report = plain();
  report.area_factor = 1e6;
  const flow::DesignArea area = area_of(OutlierPath::none, report);
  const auto json = to_json(area);
  EXPECT_EQ(json["area_um2"], 0.0004);
  EXPECT_EQ(json["gate_equivalents"], 400.0 / 24);
  EXPECT_EQ(json["blocks"][0]["area_um2"], 0.0003);
  EXPECT_EQ(json["synthesis"]["gate_area_um2"], 2.4e-05);
  const std::string text = to_text(area);
  EXPECT_NE(text.find("0.0004 um^2 = 17 gate equivalents"), std::string::npos) << text;
  EXPECT_NE(text.find("NAND2X1 of 2.4e-05 um^2"), std::string::npos) << text;
}

TEST(AreaJson, ATwinThatWasNotMeasuredIsNull) {
  flow::AreaFindings findings{.configuration = area_of(OutlierPath::recon, with_outliers())};
  findings.same_sum_width = {area_of(OutlierPath::none, plain()),
                             synth::compare(with_outliers(), plain(), kTable).value()};
  const auto json = to_json(findings);
  EXPECT_EQ(json["library"], "lib");
  EXPECT_EQ(json["configuration"]["config"]["outlier_path"], "recon");
  EXPECT_EQ(json["configuration"]["memory_bits"], 1024);
  EXPECT_FALSE(json["configuration"].contains("overhead"));
  EXPECT_EQ(json["none_same_sum_width"]["overhead"]["extra_um2"], 200.000001);
  EXPECT_TRUE(json["none_own_sum_width"].is_null());
  EXPECT_TRUE(json["none_systolic"].is_null());
}

TEST(AreaText, SetsBlocksBesideThoseOfTheTwin) {
  flow::AreaFindings findings{.configuration = area_of(OutlierPath::recon, with_outliers())};
  EXPECT_EQ(to_text(findings),
            "  library                     lib, 1 gate equivalent = NAND2X1 of 24 um^2\n"
            "  area                        600 um^2 = 25 gate equivalents, 1,024 bits in memories\n"
            "  block    um^2  GE   share\n"
            "  PEs       480  20  80.0 %\n"
            "  ReCoN      96   4  16.0 %\n"
            "  control    24   1   4.0 %\n");
  findings.same_sum_width = {area_of(OutlierPath::none, plain()),
                             synth::compare(with_outliers(), plain(), kTable).value()};
  const std::string text = to_text(findings);
  EXPECT_NE(text.find("  block    um^2  GE   share  plain um^2  extra, of plain\n"
                      "  PEs       480  20  80.0 %         300           45.0 %\n"
                      "  ReCoN      96   4  16.0 %           0           24.0 %\n"
                      "  control    24   1   4.0 %         100          -19.0 %\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("  outlier support             50.0 % of a plain array with "), std::string::npos)
      << text;
}

TEST(FpgaReport, InJsonAndText) {
  flow::FpgaFindings findings;
  synth::FpgaReport& report = findings.report;
  report.luts = 1234;
  report.flip_flops = 5;
  report.cells = {{"SB_DFF", 5}, {"SB_LUT4", 1234}};
  report.runtime_seconds = 0.5;
  report.yosys_version = "0.70";
  EXPECT_EQ(
      to_json(findings).dump(),
      R"({"target":"ice40","dsp":false,"luts":1234,"carries":0,"flip_flops":5,"dsps":0,"block_rams":0,"lut_rams":0,)"
      R"("cells":{"SB_DFF":5,"SB_LUT4":1234},"runtime_seconds":0.5,"yosys_version":"0.70"})");
  EXPECT_EQ(to_text(findings),
            "  target                      ice40, by Yosys 0.70, before placement\n"
            "  look-up tables              1,234\n"
            "  flip-flops                  5\n"
            "  carry cells                 0\n"
            "  DSPs                        0\n"
            "  block RAMs                  0\n"
            "  cells of distributed RAM    0\n"
            "  cell     count\n"
            "  SB_DFF       5\n"
            "  SB_LUT4  1,234\n");
}

TEST(Comparison, DensitiesAreMultiplesOfTheFirst) {
  const std::vector<flow::ComparedArray> arrays = {{"small, 2 bits", 2, 1, 20, 1'000'000, 16, 32},
                                                   {"int8", 8, 1, 24, 500'000, 16, 16}};
  EXPECT_EQ(to_text(arrays),
            "  array          bits  tree rows  sum bits       um^2  um^2 per PE  MACs per cycle  "
            "MACs per cycle and mm^2  of the first\n"
            "  small, 2 bits     2          1        20  1,000,000       62,500              32  "
            "                   32.0          1.00\n"
            "  int8              8          1        24    500,000       31,250              16  "
            "                   32.0          1.00\n");
  EXPECT_EQ(to_json(arrays)[1].dump(),
            R"({"array":"int8","weight_bits":8,"tree_rows":1,"sum_bits":24,"area_um2":500000.0,)"
            R"("area_um2_per_pe":31250.0,"macs_per_cycle":16,"macs_per_cycle_and_mm2":32.0})");
}

}  // namespace
}  // namespace msq::report
