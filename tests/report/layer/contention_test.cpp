#include "report/contention.hpp"

#include <gtest/gtest.h>

namespace msq::report {
namespace {

flow::ContentionFindings findings() {
  flow::ContentionStudy study;
  study.load = {"random, 9.00 % of micro-blocks", 2, {}};
  study.result.tiles = 4;
  study.result.block_rate = 0.09;
  study.result.row_rate = 0.5;
  study.result.points = {
      {1, 2, 1.5, {100, 10, 5, 1.25}, {90, 10, 4, 1.5}, {80, 10, 3, 1.75}, {70, 10, 2, 2}}};
  study.spacing_tokens = 128;
  study.spacing = {{8, {60, 10, 1, 1.125}}};
  Config config;
  config.name = "recon-8x8";
  config.rows = 8;
  return {config, 3, {study}};
}

TEST(ContentionReport, TextHasATableOfUnitsAndOneOfSpacings) {
  EXPECT_EQ(
      render(findings(), Form::text),
      "recon-8x8: accesses to ReCoN that wait, and the time relative to 8 units\n"
      "\n"
      "random, 9.00 % of micro-blocks, mode 2: 4 tiles, 9.00 % of micro-blocks and 50.00 % of rows with "
      "outliers\n"
      "  tokens  units    II  core: held  slower  oldest first: busy  slower  in turns: busy  slower  by "
      "blocks: busy  slower\n"
      "  1           2  1.50     50.00 %    1.25             40.00 %    1.50         30.00 %    1.75     "
      "     20.00 %    2.00\n"
      "  oldest first, one unit, a token every     busy  slower\n"
      "  8 cycles                               10.00 %    1.12\n");
}

TEST(ContentionReport, CsvHasALineForEachSchemeAndSpacing) {
  const std::string load = "\"random, 9.00 % of micro-blocks\",2,4,0.090000,0.500000,";
  EXPECT_EQ(
      csv_of(findings()),
      "load,mode,tiles,block_rate,row_rate,scheme,tokens,units,spacing,cycles,accesses,waited,slowdown\n" +
          load + "core,1,2,1,100,10,5,1.250000\n" + load + "oldest_first,1,2,1,90,10,4,1.500000\n" + load +
          "in_turns,1,2,1,80,10,3,1.750000\n" + load + "by_blocks,1,2,1,70,10,2,2.000000\n" + load +
          "oldest_first,128,1,8,60,10,1,1.125000\n");
}

TEST(ContentionReport, JsonNamesEveryScheme) {
  const std::string json = render(findings(), Form::json);
  EXPECT_TRUE(json.starts_with(R"({
  "config": "recon-8x8",
  "seed": 3,
  "studies": [
    {
      "load": "random, 9.00 % of micro-blocks",
      "mode": 2,
      "tiles": 4,
      "block_rate": 0.09,
      "row_rate": 0.5,
      "points": [
        {
          "tokens": 1,
          "units": 2,
          "mean_interval": 1.5,
          "core": {
            "cycles": 100,
            "accesses": 10,
            "waited": 5,
            "waited_share": 0.5,
            "slowdown": 1.25
          },
          "oldest_first": {)"))
      << json;
  EXPECT_TRUE(json.ends_with(R"(      "spacing": [
        {
          "spacing": 8,
          "oldest_first": {
            "cycles": 60,
            "accesses": 10,
            "waited": 1,
            "waited_share": 0.1,
            "slowdown": 1.125
          }
        }
      ]
    }
  ]
}
)")) << json;
}

}  // namespace
}  // namespace msq::report
