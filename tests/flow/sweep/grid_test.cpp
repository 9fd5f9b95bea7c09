#include "flow/sweep/grid.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/files.hpp"

namespace msq::flow {
namespace {

using Values = std::vector<std::string>;

TEST(Axis, ValuesAreJsonAndAnythingElseIsAString) {
  const auto axis = parse_axis("modes=[2,4],2,recon,\"x\"");
  ASSERT_TRUE(axis) << axis.error();
  EXPECT_EQ(axis->name, "modes");
  EXPECT_EQ(axis->values, (Values{"[2,4]", "2", "\"recon\"", "\"x\""}));
}

TEST(Axis, NeedsAKeyAndAValue) {
  for (const char* text : {"size", "=4", "size="}) {
    EXPECT_EQ(parse_axis(text).error(),
              std::string("--set: found \"") + text + "\"; allowed: KEY=VALUE,VALUE,..");
  }
}

TEST(Setting, IsWrittenWithoutQuotes) {
  EXPECT_EQ((Setting{"outlier_path", "\"recon\""}.plain_value()), "recon");
  EXPECT_EQ((Setting{"modes", "[2,4]"}.plain_value()), "[2,4]");
}

TEST(Grid, LastAxisChangesFastest) {
  const auto grid = expand_grid("{}", {{"size", {"8", "16"}}, {"micro_block", {"4", "8"}}});
  ASSERT_TRUE(grid) << grid.error();
  ASSERT_EQ(grid->points.size(), 4U);
  EXPECT_EQ(grid->points[1].settings, (Settings{{"size", "8"}, {"micro_block", "8"}}));
  EXPECT_EQ(grid->points[1].config.rows, 8);
  EXPECT_EQ(grid->points[1].config.cols, 8);
  EXPECT_EQ(grid->points[2].settings, (Settings{{"size", "16"}, {"micro_block", "4"}}));
}

TEST(Grid, LeavesOutWhatAPathDoesNotRead) {
  const auto grid = expand_grid(
      "{\"micro_block\": 4}",
      {{"size", {"8"}}, {"outlier_path", {"\"none\"", "\"recon\""}}, {"recon.units", {"1", "2"}}});
  ASSERT_TRUE(grid) << grid.error();
  ASSERT_EQ(grid->points.size(), 3U) << "path none once";
  EXPECT_EQ(grid->points[0].settings, (Settings{{"size", "8"}, {"outlier_path", "\"none\""}}));
  EXPECT_EQ(grid->points[2].config.recon.units, 2);
}

TEST(Grid, SkipsAnInvalidCombinationWithItsReason) {
  const auto grid = expand_grid("{}", {{"size", {"8", "5"}}});
  ASSERT_TRUE(grid) << grid.error();
  EXPECT_EQ(grid->points.size(), 1U);
  ASSERT_EQ(grid->skipped.size(), 1U);
  EXPECT_EQ(grid->skipped[0].settings, (Settings{{"size", "5"}}));
  EXPECT_NE(grid->skipped[0].reason.find("found 5"), std::string::npos) << grid->skipped[0].reason;
}

TEST(Grid, AxesOfOneNameAreOneAxisWithTheValuesOfBoth) {
  Grid grid;
  add_axis(grid, {"size", {"4"}});
  add_axis(grid, {"micro_block", {"4"}});
  add_axis(grid, {"size", {"8", "4"}});
  ASSERT_EQ(grid.size(), 2U);
  EXPECT_EQ(grid[0].name, "size");
  EXPECT_EQ(grid[0].values, (Values{"4", "8"}));
  const auto points = expand_grid("{}", grid);
  ASSERT_TRUE(points) << points.error();
  ASSERT_EQ(points->points.size(), 2U);
  EXPECT_EQ(points->points[1].settings, (Settings{{"size", "8"}, {"micro_block", "4"}}));
}

TEST(Grid, ANameThatLeadsIntoANumberIsSkippedWithItsReason) {
  const auto grid = expand_grid("{}", {{"rows", {"4"}}, {"rows.x", {"3"}}});
  ASSERT_TRUE(grid) << grid.error();
  EXPECT_TRUE(grid->points.empty());
  ASSERT_EQ(grid->skipped.size(), 1U);
  EXPECT_NE(grid->skipped[0].reason.find("rows"), std::string::npos) << grid->skipped[0].reason;
}

TEST(Grid, RefusesNoneAndTooMany) {
  EXPECT_EQ(expand_grid("{}", {}).error(), "grid: found none; allowed: --grid FILE or --set KEY=V,V");
  const Values hundred(101, "8");
  EXPECT_EQ(expand_grid("{}", {{"rows", hundred}, {"cols", hundred}}).error(),
            "grid: found 10201 combinations or more; allowed: up to 10000");
  // 2^64 combinations are more than a counter holds.
  Grid many;
  for (int i = 0; i < 64; ++i) many.push_back({"k" + std::to_string(i), {"1", "2"}});
  EXPECT_EQ(expand_grid("{}", many).error(), "grid: found 16384 combinations or more; allowed: up to 10000");
}

TEST(Grid, StartsFromAPresetWithoutItsName) {
  EXPECT_EQ(grid_base("").value(), "{}");
  const auto base = grid_base("8x8");
  ASSERT_TRUE(base) << base.error();
  EXPECT_EQ(base->find("\"name\""), std::string::npos) << *base;
  EXPECT_TRUE(expand_grid(*base, {{"size", {"8"}}}));
  EXPECT_FALSE(grid_base("no such preset"));
}

class GridFile : public testing::Test {
 protected:
  std::string write(const std::string& text) {
    const auto path = directory_->path() / "grid.json";
    std::ofstream(path) << text;
    return path.string();
  }
  Result<PlainDirectory> directory_ = PlainDirectory::create();
};

TEST_F(GridFile, AddsItsAxesAndUpdatesTheBase) {
  std::string base = R"({"rows":8,"recon":{"units":1}})";
  Grid grid = {{"cols", {"8"}}};
  const std::string file =
      write(R"({"base": {"recon": {"span": "block"}}, "grid": {"size": [4, 8], "outlier_path": ["none"]}})");
  const auto loaded = load_grid(file, base, grid);
  ASSERT_TRUE(loaded) << loaded.error();
  EXPECT_EQ(base, R"({"rows":8,"recon":{"units":1,"span":"block"}})");
  ASSERT_EQ(grid.size(), 3U);
  EXPECT_EQ(grid[1].name, "size");
  EXPECT_EQ(grid[1].values, (Values{"4", "8"}));
  EXPECT_EQ(grid[2].values, (Values{"\"none\""}));
}

TEST_F(GridFile, NamesWhatIsWrong) {
  std::string base = "{}";
  Grid grid;
  const std::string file = write(R"({"grid": {"size": []}})");
  EXPECT_EQ(load_grid(file, base, grid).error(), file + ": grid.size: allowed: a list of at least one value");
  write(R"({"grid": {}, "axes": {}})");
  EXPECT_EQ(load_grid(file, base, grid).error(),
            file + ": found key \"axes\"; allowed: the objects base and grid");
  write("[]");
  EXPECT_EQ(load_grid(file, base, grid).error(), file + ": allowed: an object with the keys base and grid");
  EXPECT_EQ(load_grid("/no/grid", base, grid).error(), "/no/grid: cannot open: No such file or directory");
}

}  // namespace
}  // namespace msq::flow
