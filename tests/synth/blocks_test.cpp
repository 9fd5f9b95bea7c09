#include "synth/blocks.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "synth/compare.hpp"
#include "synth/json.hpp"

namespace msq::synth {
namespace {

SynthesisReport report_of(std::vector<ModuleArea> modules) {
  SynthesisReport report;
  report.top = "top";
  report.library = "lib";
  report.gate_cell = "NAND2X1";
  report.gate_area = 24'000'000;
  for (const ModuleArea& module : modules) {
    report.area += module.area;
    report.cells += module.cells;
    report.flip_flops += module.flip_flops;
  }
  report.modules = std::move(modules);
  return report;
}

const BlockTable kTable{.order = {"PEs", "ReCoN", "control"},
                        .block_of = {{"pe", "PEs"}, {"row", "PEs"}, {"switch", "ReCoN"}, {"top", "control"}}};

SynthesisReport configuration() {
  return report_of({{.name = "pe", .instances = 4, .area = 400'000'000, .cells = 9, .flip_flops = 4},
                    {.name = "row", .instances = 2, .area = 80'000'000, .cells = 2, .flip_flops = 1},
                    {.name = "switch", .instances = 1, .area = 96'000'001, .cells = 3, .flip_flops = 0},
                    {.name = "top", .instances = 1, .area = 24'000'000, .cells = 1, .flip_flops = 1}});
}

SynthesisReport twin() {
  return report_of({{.name = "pe", .instances = 4, .area = 300'000'000, .cells = 9, .flip_flops = 4},
                    {.name = "top", .instances = 1, .area = 100'000'000, .cells = 1, .flip_flops = 1}});
}

TEST(Blocks, GroupsModulesInOrder) {
  const auto blocks = area_by_block(configuration(), kTable);
  ASSERT_TRUE(blocks) << blocks.error();
  ASSERT_EQ(blocks->size(), 3U);
  EXPECT_EQ((*blocks)[0].block, "PEs");
  EXPECT_EQ((*blocks)[0].area, 480'000'000);
  EXPECT_EQ((*blocks)[0].flip_flops, 5);
  EXPECT_DOUBLE_EQ((*blocks)[0].gate_equivalents, 20.0);
  EXPECT_DOUBLE_EQ((*blocks)[0].share, 480.0 / 600.000001);
  EXPECT_EQ((*blocks)[1].block, "ReCoN");
  EXPECT_EQ((*blocks)[1].area, 96'000'001);
  EXPECT_EQ((*blocks)[2].block, "control");
  EXPECT_EQ((*blocks)[2].area, 24'000'000);
}

TEST(Blocks, ABlockWithoutModulesStays) {
  const auto blocks = area_by_block(twin(), kTable);
  ASSERT_TRUE(blocks) << blocks.error();
  ASSERT_EQ(blocks->size(), 3U);
  EXPECT_EQ((*blocks)[1], (BlockArea{.block = "ReCoN"}));
}

TEST(Blocks, SumIsTheTotalExactly) {
  constexpr unsigned kSeed = 7;
  std::mt19937_64 random(kSeed);
  for (int round = 0; round < 200; ++round) {
    BlockTable table;
    std::vector<ModuleArea> modules;
    for (int i = 0; i < 5; ++i) table.order.push_back(fmt::format("block{}", i));
    for (int i = 0; i < 30; ++i) {
      modules.push_back(
          {.name = fmt::format("m{}", i), .instances = 1, .area = static_cast<AreaNm2>(random() >> 9)});
      table.block_of[fmt::format("m{}", i)] = table.order[random() % 5];
    }
    const SynthesisReport report = report_of(modules);
    const auto blocks = area_by_block(report, table);
    ASSERT_TRUE(blocks) << blocks.error();
    AreaNm2 sum = 0;
    for (const BlockArea& block : *blocks) sum += block.area;
    ASSERT_EQ(sum, report.area) << "seed " << kSeed << " round " << round;
  }
}

TEST(Blocks, UnknownModulesAreAllNamed) {
  BlockTable table = kTable;
  table.block_of.erase("row");
  table.block_of.erase("top");
  const auto blocks = area_by_block(configuration(), table);
  ASSERT_FALSE(blocks);
  EXPECT_EQ(blocks.error(), "no block is named for these modules: row, top");
}

TEST(Blocks, ABlockThatIsNotListedIsAnError) {
  BlockTable table = kTable;
  table.order.pop_back();
  const auto blocks = area_by_block(configuration(), table);
  ASSERT_FALSE(blocks);
  EXPECT_EQ(blocks.error(), "module top belongs to block \"control\", which the report does not list");
}

TEST(Compare, OverheadByBlock) {
  const auto overhead = compare(configuration(), twin(), kTable);
  ASSERT_TRUE(overhead) << overhead.error();
  EXPECT_EQ(overhead->area, 600'000'001);
  EXPECT_EQ(overhead->twin_area, 400'000'000);
  EXPECT_EQ(overhead->extra, 200'000'001);
  EXPECT_DOUBLE_EQ(overhead->fraction, 200.000001 / 400.0);
  ASSERT_EQ(overhead->blocks.size(), 3U);
  EXPECT_EQ(overhead->blocks[0].area, 180'000'000);
  EXPECT_EQ(overhead->blocks[1].area, 96'000'001);
  EXPECT_EQ(overhead->blocks[2].area, -76'000'000);
  EXPECT_DOUBLE_EQ(overhead->blocks[2].share_of_twin, -0.19);
  EXPECT_EQ(overhead->blocks[0].area + overhead->blocks[1].area + overhead->blocks[2].area, overhead->extra);
}

TEST(Compare, OnlyWhatIsComparable) {
  SynthesisReport other = twin();
  other.library = "other";
  EXPECT_EQ(compare(configuration(), other, kTable).error(),
            "cannot compare an area in library lib with one in library other");
  other = twin();
  other.flattened = true;
  EXPECT_EQ(compare(configuration(), other, kTable).error(),
            "cannot compare a flattened synthesis with a hierarchical one");
  EXPECT_EQ(compare(configuration(), report_of({}), kTable).error(),
            "cannot compare with top: it has no area");
  EXPECT_FALSE(compare(configuration(), twin(), {.order = {"PEs"}}));
}

TEST(Json, Report) {
  SynthesisReport report = configuration();
  report.blackboxes = {{"ram", 3}};
  report.runtime_seconds = 1.5;
  report.peak_memory_mb = 14.25;
  report.yosys_version = "0.23";
  report.log_file = "run/yosys.log";
  const auto json = to_json(report);
  EXPECT_EQ(json["top"], "top");
  EXPECT_EQ(json["flattened"], false);
  EXPECT_EQ(json["library"], "lib");
  EXPECT_EQ(json["gate_cell"], "NAND2X1");
  EXPECT_EQ(json["gate_area_um2"], 24.0);
  EXPECT_EQ(json["area_um2"], 600.000001);
  EXPECT_EQ(json["gate_equivalents"], 600.000001 / 24.0);
  EXPECT_EQ(json["cells"], 15);
  EXPECT_EQ(json["flip_flops"], 6);
  ASSERT_EQ(json["modules"].size(), 4U);
  EXPECT_EQ(json["modules"][0].dump(),
            R"({"name":"pe","instances":4,"area_um2":400.0,"gate_equivalents":16.666666666666668,"cells":9,)"
            R"("flip_flops":4})");
  EXPECT_EQ(json["blackboxes"].dump(), R"({"ram":3})");
  EXPECT_EQ(json["runtime_seconds"], 1.5);
  EXPECT_EQ(json["peak_memory_mb"], 14.25);
  EXPECT_EQ(json["yosys_version"], "0.23");
  EXPECT_EQ(json["log_file"], "run/yosys.log");
  EXPECT_EQ(json.size(), 15U);
}

TEST(Json, BlocksAndOverhead) {
  const auto blocks = area_by_block(twin(), kTable);
  ASSERT_TRUE(blocks);
  EXPECT_EQ(
      to_json(*blocks).dump(),
      R"([{"block":"PEs","area_um2":300.0,"gate_equivalents":12.5,"share":0.75,"flip_flops":4},)"
      R"({"block":"ReCoN","area_um2":0.0,"gate_equivalents":0.0,"share":0.0,"flip_flops":0},)"
      R"({"block":"control","area_um2":100.0,"gate_equivalents":4.166666666666667,"share":0.25,"flip_flops":1}])");
  const auto overhead = compare(twin(), twin(), kTable);
  ASSERT_TRUE(overhead);
  EXPECT_EQ(to_json(*overhead).dump(),
            R"({"area_um2":400.0,"twin_area_um2":400.0,"extra_um2":0.0,"fraction":0.0,"blocks":[)"
            R"({"block":"PEs","extra_um2":0.0,"share_of_twin":0.0},{"block":"ReCoN","extra_um2":0.0,)"
            R"("share_of_twin":0.0},{"block":"control","extra_um2":0.0,"share_of_twin":0.0}]})");
}

}  // namespace
}  // namespace msq::synth
