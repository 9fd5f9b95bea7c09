#include "synth/blocks.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "synth/compare.hpp"

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

}  // namespace
}  // namespace msq::synth
