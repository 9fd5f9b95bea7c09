#include "synth/stat.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "synth/summary.hpp"

namespace msq::synth {
namespace {

namespace fs = std::filesystem;
using Cells = std::map<std::string, std::int64_t>;

std::string recorded(const fs::path& file) {
  std::ifstream in(fs::path(MSQ_SYNTH_DATA) / file);
  std::ostringstream text;
  text << in.rdbuf();
  EXPECT_GT(text.str().size(), 100U) << file;
  return text.str();
}

/// Directories with what different versions of Yosys printed.
std::vector<std::string> recordings() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(MSQ_SYNTH_DATA)) {
    if (entry.is_directory()) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
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

/// Every version of Yosys prints the same design in its own way.
class StatRecording : public testing::TestWithParam<std::string> {
 protected:
  std::string json(const std::string& design) { return recorded(fs::path(GetParam()) / (design + ".json")); }
  std::string text(const std::string& design) { return recorded(fs::path(GetParam()) / (design + ".txt")); }
};

TEST_P(StatRecording, HierarchicalCounts) {
  const auto stat = parse_stat(json("hierarchy"), text("hierarchy"));
  ASSERT_TRUE(stat) << stat.error();
  std::map<std::string, Cells> modules;
  for (const StatModule& module : stat->modules) modules[module.name] = module.cells;
  ASSERT_EQ(modules.size(), 6U);
  const std::string leaf2 = "$paramod\\leaf\\W=s32'00000000000000000000000000000010";
  const std::string leaf4 = "$paramod\\leaf\\W=s32'00000000000000000000000000000100";
  EXPECT_EQ(modules["$paramod$834378427ac9fbad2162d47bdcf13d1e22ea6e54\\pair"],
            (Cells{{leaf4, 2}, {"INVX1", 4}}));
  EXPECT_EQ(modules[leaf2], (Cells{{"DFFPOSX1", 2}, {"NAND2X1", 2}}));
  EXPECT_EQ(modules["top"].size(), 4U);
  EXPECT_EQ(modules["top"]["mem"], 1);
  EXPECT_EQ(stat->total_area, 2560'000'000);
}

/// By hand: 4 leaves of 4 bits and 2 of 2 bits, each bit a DFFPOSX1 (96) and a NAND2X1 (24); 3 pairs with one
/// INVX1 (16) a bit.
TEST_P(StatRecording, HierarchicalSummary) {
  const auto stat = parse_stat(json("hierarchy"), text("hierarchy"));
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
  const auto cells = count_cells(stat->modules, "top");
  ASSERT_TRUE(cells) << cells.error();
  EXPECT_EQ(*cells, (Cells{{"DFFPOSX1", 20}, {"INVX1", 10}, {"NAND2X1", 20}, {"mem", 1}}));
}

TEST_P(StatRecording, Flat) {
  const auto stat = parse_stat(json("flat"), text("flat"));
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

/// Wherever it is cut, a recording is refused, gives a total that the summary refuses, or lacks nothing that
/// is read.
TEST_P(StatRecording, TruncationIsNoticed) {
  const Liberty liberty = osu018();
  const std::string whole = json("hierarchy"), table = text("hierarchy");
  const std::size_t modules_end = whole.find("\n   },\n") + 5;
  for (std::size_t length = 0; length < modules_end; ++length)
    EXPECT_FALSE(parse_stat(std::string_view(whole).substr(0, length), table)) << "length " << length;
  const std::size_t area_end = table.rfind(": 2560.000000") + 13;
  for (std::size_t length = 0; length < area_end; ++length) {
    const auto stat = parse_stat(whole, std::string_view(table).substr(0, length));
    if (stat) {
      EXPECT_FALSE(summarize(*stat, liberty, "top")) << "length " << length;
    }
  }
}

/// A digit more or less anywhere among the counts of cells is refused.
TEST_P(StatRecording, ChangedCountsAreNoticed) {
  const Liberty liberty = osu018();
  const std::string whole = json("hierarchy"), table = text("hierarchy");
  int changed = 0;
  for (const char* counted : {"\"num_cells\":", "\"INVX1\":", "\"DFFPOSX1\":", "\"mem\":"}) {
    const std::size_t end = whole.find("\"design\"");
    for (std::size_t at = whole.find(counted); at < end; at = whole.find(counted, at + 1)) {
      std::string other = whole;
      other.insert(other.find_first_of("0123456789", at + std::string(counted).size()), "1");
      EXPECT_FALSE(parse_stat(other, table)) << other.substr(at, 40);
      ++changed;
    }
  }
  EXPECT_GE(changed, 12);
}

INSTANTIATE_TEST_SUITE_P(Yosys, StatRecording, testing::ValuesIn(recordings()), [](const auto& test) {
  std::string name = test.param.substr(test.param.find('-') + 1);
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
});

TEST(Stat, OldAndNewVersionsAreRecorded) {
  const std::vector<std::string> names = recordings();
  EXPECT_GE(names.size(), 6U);
  EXPECT_EQ(names.front(), "yosys-0.23");
  EXPECT_EQ(std::count(names.begin(), names.end(), "yosys-0.57"), 1);
}

std::string stat_json(const std::string& module) { return "{\n   \"modules\": {\n" + module + "   }\n}\n"; }

TEST(Stat, LargeAreasAndCountsAreExact) {
  const auto stat = parse_stat(
      stat_json(
          "\"\\\\top\": {\"num_cells\": 1234567890, \"num_cells_by_type\": {\"NAND2X1\": 1234567890}}\n"),
      "   Chip area for module '\\top': 29629629360.000001\n");
  ASSERT_TRUE(stat) << stat.error();
  EXPECT_EQ(stat->total_area, 29629629360'000001LL);
  EXPECT_EQ(stat->modules[0].name, "top");
  EXPECT_EQ(stat->modules[0].cells, (Cells{{"NAND2X1", 1234567890}}));
}

std::string modules_error(const std::string& json) {
  const auto modules = parse_stat_modules(json);
  return modules ? "no error" : modules.error();
}

TEST(Stat, WhatIsNotRecognisedIsAnErrorWithItsModule) {
  const std::string begin = "statistics of Yosys, module \"\\m\": ";
  const auto of = [](const std::string& fields) { return stat_json("\"\\\\m\": {" + fields + "}\n"); };
  EXPECT_EQ(modules_error(of(R"("num_cells": 3, "num_cells_by_type": {"A": 1, "B": 1})")),
            begin + "2 cells by type of 3");
  EXPECT_EQ(modules_error(of(R"("num_cells": 2, "num_submodules": 1, "num_cells_by_type": {"A": 2})")),
            begin + "2 cells by type of 3");
  EXPECT_EQ(modules_error(of(R"("num_cells": 1, "num_cells_by_type": {"A": -1})")),
            begin + "found -1; allowed: a count up to 4294967295");
  // So -hierarchy has it since 0.57.
  EXPECT_EQ(modules_error(of(R"("num_cells": {"count": "1"}, "num_cells_by_type": {})")),
            begin + "found {\"count\":\"1\"}; allowed: a count up to 4294967295");
  EXPECT_NE(modules_error(of(R"("num_cells": 1)")).find("num_cells_by_type"), std::string::npos);
  EXPECT_EQ(modules_error(stat_json("")), "statistics of Yosys: no module in them");
  for (const char* text : {"", "{}", "[]", "nan", "=== top ===\n"})
    EXPECT_NE(modules_error(text), "no error");
}

TEST(Stat, AreaIsOneNumberWithSixDecimals) {
  EXPECT_EQ(parse_stat_area("").value(), 0);
  EXPECT_EQ(parse_stat_area("   Chip area for module '\\a': 1.000000\n").value(), 1'000'000);
  for (const char* area : {"1e9", "-nan", "1.0", "1.0000000", "-1.000000", "", "12"})
    EXPECT_FALSE(parse_stat_area(std::string("   Chip area for module '\\top': ") + area + "\n")) << area;
  EXPECT_FALSE(
      parse_stat_area("   Chip area for module '\\a': 1.000000\n"
                      "   Chip area for module '\\b': 1.000000\n"));
}

Stat one_module(Cells cells, AreaNm2 area) {
  return {.modules = {{.name = "top", .cells = std::move(cells)}}, .total_area = area};
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
  EXPECT_EQ(area.error(), "the cells have an area of 48, Yosys counts 47");
  Liberty without_area = liberty;
  without_area.cells["NAND2X1"].area.reset();
  const auto no_area = summarize(one_module({{"NAND2X1", 2}}, 0), without_area, "top");
  ASSERT_FALSE(no_area);
  EXPECT_EQ(no_area.error(), "library osu018_stdcells: cell NAND2X1 has no area");
}

TEST(Stat, TotalMustAgreeWithTheModules) {
  Stat stat = one_module({{"NAND2X1", 2}}, 48'000'002);
  EXPECT_FALSE(summarize(stat, osu018(), "top"));
  stat.total_area = 48'000'001;  // rounding in the last place that is printed
  EXPECT_TRUE(summarize(stat, osu018(), "top"));
  const auto no_top = summarize(stat, osu018(), "other");
  ASSERT_FALSE(no_top);
  EXPECT_EQ(no_top.error(), "statistics of Yosys: top module \"other\" is missing");
}

TEST(Stat, CountsThatNoSumHoldsAreErrors) {
  constexpr std::int64_t kMany = 4294967295;
  const Stat stat{.modules = {{.name = "a", .cells = {{"NAND2X1", kMany}}},
                              {.name = "b", .cells = {{"a", kMany}}},
                              {.name = "top", .cells = {{"b", kMany}}}},
                  .total_area = 0};
  EXPECT_FALSE(summarize(stat, osu018(), "top"));
  EXPECT_FALSE(count_cells(stat.modules, "top"));
}

TEST(Stat, InstancesMultiplyAlongAllPaths) {
  // top has 3 a and 2 b; a has 4 b; b has 5 NAND2: 14 b.
  Stat stat{.modules = {{.name = "a", .cells = {{"b", 4}}},
                        {.name = "b", .cells = {{"NAND2X1", 5}}},
                        {.name = "top", .cells = {{"a", 3}, {"b", 2}, {"ram", 1}}}},
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
  const Stat stat{.modules = {{.name = "a", .cells = {{"top", 1}}}, {.name = "top", .cells = {{"a", 1}}}},
                  .total_area = 0};
  const auto report = summarize(stat, osu018(), "top");
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error(), "statistics of Yosys: a module contains itself");
}

}  // namespace
}  // namespace msq::synth
