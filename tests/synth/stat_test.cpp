#include "synth/stat.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace msq::synth {
namespace {

using Cells = std::map<std::string, std::int64_t>;

std::string recorded(const std::string& name) {
  std::ifstream in(std::string(MSQ_SYNTH_DATA) + "/" + name);
  std::ostringstream text;
  text << in.rdbuf();
  EXPECT_GT(text.str().size(), 100U) << name;
  return text.str();
}

Liberty osu018() {
  const auto liberty = read_liberty(kOsu018Liberty);
  EXPECT_TRUE(liberty) << liberty.error();
  return liberty.value_or(Liberty{});
}

TEST(Stat, BaseModuleName) {
  EXPECT_EQ(base_module_name("msq_pe"), "msq_pe");
  EXPECT_EQ(base_module_name("$paramod\\msq_pe\\ACC_BITS=s32'00000000000000000000000000010111"), "msq_pe");
  EXPECT_EQ(base_module_name("$paramod\\msq_pe\\A=1'0\\B=4'0011"), "msq_pe");
  EXPECT_EQ(base_module_name("$paramod$834378427ac9fbad2162d47bdcf13d1e22ea6e54\\msq_pe"), "msq_pe");
  EXPECT_EQ(base_module_name("$paramod"), "$paramod");
}

TEST(Stat, HierarchicalRecording) {
  const auto stat = parse_stat(recorded("hierarchy.stat.txt"));
  ASSERT_TRUE(stat) << stat.error();
  const std::string leaf2 = "$paramod\\leaf\\W=s32'00000000000000000000000000000010";
  const std::string leaf4 = "$paramod\\leaf\\W=s32'00000000000000000000000000000100";
  ASSERT_EQ(stat->modules.size(), 6U);
  EXPECT_EQ(stat->modules[0].name, "$paramod$834378427ac9fbad2162d47bdcf13d1e22ea6e54\\pair");
  EXPECT_EQ(stat->modules[0].cells, (Cells{{leaf4, 2}, {"INVX1", 4}}));
  EXPECT_EQ(stat->modules[0].area, 64'000'000);
  EXPECT_EQ(stat->modules[2].name, leaf2);
  EXPECT_EQ(stat->modules[2].cells, (Cells{{"DFFPOSX1", 2}, {"NAND2X1", 2}}));
  EXPECT_EQ(stat->modules[2].area, 240'000'000);
  EXPECT_EQ(stat->modules[5].name, "top");
  EXPECT_EQ(stat->modules[5].area, 0);
  EXPECT_EQ(stat->modules[5].cells.size(), 4U);
  EXPECT_EQ(stat->modules[5].cells.at("mem"), 1);
  EXPECT_EQ(stat->total_area, 2560'000'000);
}

/// By hand: 4 leaves of 4 bits and 2 of 2 bits, each bit a DFFPOSX1 (96) and a NAND2X1 (24); 3 pairs with one
/// INVX1 (16) a bit.
TEST(Stat, HierarchicalSummary) {
  const auto stat = parse_stat(recorded("hierarchy.stat.txt"));
  ASSERT_TRUE(stat) << stat.error();
  const auto report = summarize(*stat, osu018(), "top");
  ASSERT_TRUE(report) << report.error();
  const std::vector<ModuleArea> expected{
      {.name = "leaf", .instances = 6, .area = 20 * 120'000'000LL, .cells = 40, .flip_flops = 20},
      {.name = "pair", .instances = 3, .area = 10 * 16'000'000LL, .cells = 10, .flip_flops = 0},
      {.name = "top", .instances = 1, .area = 0, .cells = 0, .flip_flops = 0}};
  EXPECT_EQ(report->modules, expected);
  EXPECT_EQ(report->blackboxes, (Cells{{"mem", 1}}));
  EXPECT_EQ(report->area, 2560'000'000);
  EXPECT_EQ(report->cells, 50);
  EXPECT_EQ(report->flip_flops, 20);
  EXPECT_EQ(report->top, "top");
  EXPECT_EQ(report->library, "osu018_stdcells");
  EXPECT_EQ(report->gate_area, 24'000'000);
  EXPECT_DOUBLE_EQ(report->gate_equivalents(), 2560.0 / 24.0);
}

TEST(Stat, FlatRecording) {
  const auto stat = parse_stat(recorded("flat.stat.txt"));
  ASSERT_TRUE(stat) << stat.error();
  ASSERT_EQ(stat->modules.size(), 1U);
  EXPECT_EQ(stat->total_area, 2048'000'000);
  const auto report = summarize(*stat, osu018(), "top");
  ASSERT_TRUE(report) << report.error();
  const std::vector<ModuleArea> expected{
      {.name = "top", .instances = 1, .area = 2048'000'000, .cells = 40, .flip_flops = 16}};
  EXPECT_EQ(report->modules, expected);
  EXPECT_EQ(report->blackboxes, (Cells{{"mem", 1}}));
}

TEST(Stat, LargeAreasAndCountsAreExact) {
  const auto stat = parse_stat(
      "=== top ===\n\n   Number of cells:            1234567890\n     NAND2X1               1234567890\n\n"
      "   Chip area for module '\\top': 29629629360.000001\n\n");
  ASSERT_TRUE(stat) << stat.error();
  EXPECT_EQ(stat->total_area, 29629629360'000001LL);
  EXPECT_EQ(stat->modules[0].cells, (Cells{{"NAND2X1", 1234567890}}));
}

TEST(Stat, UnreadableTextIsAnErrorWithItsLine) {
  const auto bad_count = parse_stat("=== top ===\n   Number of cells:   1\n     NAND2X1   x\n");
  ASSERT_FALSE(bad_count);
  EXPECT_EQ(bad_count.error(), "statistics of Yosys, line 3: cannot read \"NAND2X1   x\"");
  const auto bad_area = parse_stat("=== top ===\n\n   Chip area for module '\\top': 1e9\n");
  ASSERT_FALSE(bad_area);
  EXPECT_EQ(bad_area.error(),
            "statistics of Yosys, line 3: cannot read \"Chip area for module '\\top': 1e9\"");
  EXPECT_FALSE(parse_stat(""));
  EXPECT_FALSE(parse_stat("Chip area for module '\\top': 1.000000\n"));
  EXPECT_FALSE(parse_stat("   Number of cells:   1\n     NAND2X1   1\n"));
  EXPECT_FALSE(parse_stat("=== a ===\n\n=== b ===\n"));
}

/// Whatever the line at which it is cut, a recording is refused or gives totals that the summary refuses, or
/// lacks nothing but what follows the last figure.
TEST(Stat, TruncationIsNoticed) {
  const std::string text = recorded("hierarchy.stat.txt");
  const Liberty liberty = osu018();
  const std::size_t complete = text.rfind(": 2560.000000") + 13;
  for (std::size_t length = 0; length < complete; ++length) {
    const auto stat = parse_stat(std::string_view(text).substr(0, length));
    if (stat) {
      EXPECT_FALSE(summarize(*stat, liberty, "top")) << "length " << length;
    }
  }
}

Stat one_module(Cells cells, AreaNm2 area) {
  return {.modules = {{.name = "top", .area = area, .cells = std::move(cells)}}, .total_area = area};
}

TEST(Stat, LatchesUnmappedCellsAndWrongAreasAreErrors) {
  const Liberty liberty = osu018();
  EXPECT_TRUE(summarize(one_module({{"NAND2X1", 2}}, 48'000'000), liberty, "top"));
  const auto latch = summarize(one_module({{"LATCH", 3}}, 0), liberty, "top");
  ASSERT_FALSE(latch);
  EXPECT_EQ(latch.error(), "module top: 3 latches (LATCH) after mapping");
  const auto unmapped = summarize(one_module({{"$_DLATCH_P_", 3}}, 0), liberty, "top");
  ASSERT_FALSE(unmapped);
  EXPECT_EQ(unmapped.error(), "module top: 3 cells of type $_DLATCH_P_ are not mapped to the library");
  const auto area = summarize(one_module({{"NAND2X1", 2}}, 47'000'000), liberty, "top");
  ASSERT_FALSE(area);
  EXPECT_EQ(area.error(), "module top: Yosys counts an area of 47, its cells have 48");
  Liberty without_area = liberty;
  without_area.cells["NAND2X1"].area.reset();
  const auto no_area = summarize(one_module({{"NAND2X1", 2}}, 0), without_area, "top");
  ASSERT_FALSE(no_area);
  EXPECT_EQ(no_area.error(), "library osu018_stdcells: cell NAND2X1 has no area");
}

TEST(Stat, TotalMustAgreeWithTheModules) {
  Stat stat = one_module({{"NAND2X1", 2}}, 48'000'000);
  stat.total_area = 48'000'002;
  const auto report = summarize(stat, osu018(), "top");
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().substr(0, 31), "the areas of the modules add up");
  stat.total_area = 48'000'001;  // rounding in the last place that is printed
  EXPECT_TRUE(summarize(stat, osu018(), "top"));
  const auto no_top = summarize(stat, osu018(), "other");
  ASSERT_FALSE(no_top);
  EXPECT_EQ(no_top.error(), "statistics of Yosys: top module \"other\" is missing");
}

TEST(Stat, InstancesMultiplyAlongAllPaths) {
  // top has 3 a and 2 b; a has 4 b; b has 5 NAND2: 14 b.
  Stat stat{.modules = {{.name = "a", .area = 0, .cells = {{"b", 4}}},
                        {.name = "b", .area = 120'000'000, .cells = {{"NAND2X1", 5}}},
                        {.name = "top", .area = 0, .cells = {{"a", 3}, {"b", 2}, {"ram", 1}}}},
            .total_area = 14 * 120'000'000LL};
  stat.modules[0].cells["ram"] = 2;
  const auto report = summarize(stat, osu018(), "top");
  ASSERT_TRUE(report) << report.error();
  ASSERT_EQ(report->modules.size(), 3U);
  EXPECT_EQ(report->modules[0].instances, 3);
  EXPECT_EQ(report->modules[1].instances, 14);
  EXPECT_EQ(report->modules[1].cells, 70);
  EXPECT_EQ(report->area, 1680'000'000);
  EXPECT_EQ(report->blackboxes, (Cells{{"ram", 7}}));
}

TEST(Stat, AModuleInsideItselfIsAnError) {
  const Stat stat{.modules = {{.name = "a", .area = 0, .cells = {{"top", 1}}},
                              {.name = "top", .area = 0, .cells = {{"a", 1}}}},
                  .total_area = 0};
  const auto report = summarize(stat, osu018(), "top");
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error(), "statistics of Yosys: a module contains itself");
}

}  // namespace
}  // namespace msq::synth
