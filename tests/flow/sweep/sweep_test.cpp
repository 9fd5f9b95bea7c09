#include "flow/sweep/sweep.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "support/files.hpp"

namespace msq::flow {
namespace {

MeasuredPoint point(int size, double area, double macs_per_cycle, const std::string& path) {
  MeasuredPoint p;
  p.figures.config.rows = size;
  p.figures.config.cols = size;
  p.figures.area_um2 = area;
  p.figures.throughput.macs_per_cycle = macs_per_cycle;
  p.settings = {{"size", std::to_string(size)}, {"outlier_path", "\"" + path + "\""}, {"modes", "[2]"}};
  return p;
}

TEST(Analysis, SeriesAreTheSettingsWithoutTheSize) {
  std::vector<MeasuredPoint> points = {point(4, 1, 1, "none"), point(4, 1, 1, "recon")};
  points[1].settings = {{"size", "4"}};
  mark_points(points);
  EXPECT_EQ(points[0].series, "none, modes [2]");
  EXPECT_EQ(points[1].series, "all");
}

TEST(Analysis, AParetoPointHasNoBetterOne) {
  std::vector<MeasuredPoint> points = {point(4, 100, 10, "none"), point(4, 120, 10, "recon"),
                                       point(8, 300, 40, "none"), point(8, 300, 40, "recon")};
  mark_points(points);
  EXPECT_TRUE(points[0].pareto);
  EXPECT_FALSE(points[1].pareto) << "more area, same speed";
  EXPECT_TRUE(points[2].pareto) << "its equal is not better";
  EXPECT_TRUE(points[3].pareto);
}

TEST(Analysis, TimingDecidesTheSpeed) {
  std::vector<MeasuredPoint> points = {point(4, 100, 10, "none"), point(4, 120, 10, "recon")};
  points[0].figures.period = 4.0;
  points[1].figures.period = 2.0;
  EXPECT_EQ(points[1].figures.gmacs_per_second(), 5.0);
  EXPECT_EQ(points[1].figures.megahertz(), 500.0);
  mark_points(points);
  EXPECT_TRUE(points[1].pareto) << "larger and faster";
}

TEST(Analysis, ALawIsFittedToThreeSizes) {
  std::vector<MeasuredPoint> points = {point(4, 160, 1, "none"), point(8, 640, 1, "none"),
                                       point(16, 2560, 1, "none"), point(4, 200, 1, "recon"),
                                       point(8, 800, 1, "recon")};
  mark_points(points);
  const auto laws = scaling_laws(points);
  ASSERT_EQ(laws.size(), 1U) << "two sizes are too few";
  EXPECT_EQ(laws[0].series, "none, modes [2]");
  EXPECT_NEAR(laws[0].coefficient, 10.0, 1e-9);
  EXPECT_NEAR(laws[0].exponent, 1.0, 1e-12);
  EXPECT_NEAR(laws[0].r_squared, 1.0, 1e-12);
  EXPECT_NEAR(laws[0].largest_deviation, 0.0, 1e-9);
  EXPECT_EQ(laws[0].sizes, 3U);
}

/// Has the points of 4x4 arrays, and nothing else.
class SmallPoints : public PointStore {
 public:
  std::optional<SweepPoint> find(const std::string& key, const Config& config) const override {
    EXPECT_NE(key.find('-'), std::string::npos);
    if (config.rows != 4) return std::nullopt;
    SweepPoint kept;
    kept.config = config;
    kept.area_um2 = 42;
    return kept;
  }
  Result<> keep(const std::string& /*key*/, const SweepPoint& /*point*/) override {
    ADD_FAILURE() << "no point is measured here";
    return {};
  }
  std::filesystem::path file(const std::string& key) const override { return key + ".json"; }
};

TEST(Sweep, TakesKeptPointsAndReportsFailures) {
  const auto directory = PlainDirectory::create();
  ASSERT_TRUE(directory);
  const auto liberty = directory->path() / "broken.lib";
  std::ofstream(liberty) << "library (broken) {";
  const auto grid = expand_grid("{\"micro_block\": 4, \"skew_columns\": 4}", {{"size", {"8", "4"}}});
  ASSERT_TRUE(grid) << grid.error();
  ASSERT_EQ(grid->points.size(), 2U);
  SweepMeasures measures;
  measures.flow = {.liberty = liberty, .work = directory->path()};
  SmallPoints store;
  std::vector<std::size_t> numbers;
  const auto found =
      run_sweep(*grid, measures, 2, store, [&](const PointDone& done) { numbers.push_back(done.number); });
  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ(numbers, (std::vector<std::size_t>{1, 2}));
  ASSERT_EQ(found->points.size(), 1U);
  EXPECT_TRUE(found->points[0].kept);
  EXPECT_TRUE(found->points[0].pareto);
  EXPECT_EQ(found->points[0].figures.area_um2, 42);
  ASSERT_EQ(found->failed.size(), 1U);
  EXPECT_EQ(found->failed[0].settings, (Settings{{"size", "8"}}));
  EXPECT_NE(found->failed[0].reason.find("broken.lib"), std::string::npos) << found->failed[0].reason;
}

TEST(Sweep, KeyFollowsFromSettingsAndLibrary) {
  const auto directory = PlainDirectory::create();
  ASSERT_TRUE(directory);
  SweepMeasures measures;
  measures.flow.liberty = directory->path() / "cells.lib";
  EXPECT_EQ(measures.digest().error(),
            measures.flow.liberty.string() + ": cannot open: No such file or directory");
  std::ofstream(measures.flow.liberty) << "library (one) {}";
  const std::string one = measures.digest().value();
  EXPECT_EQ(one.size(), 16U);
  measures.flow.max_fanout = 4;
  EXPECT_EQ(measures.digest().value(), one) << "nothing reads it";
  measures.timing = true;
  EXPECT_NE(measures.digest().value(), one);
  measures.timing = false;
  measures.weights = LabelledMatrix{{1, 1, {0.5F}}, "caf\xe9.npy"};  // not UTF-8
  EXPECT_NE(measures.digest().value(), one);
  measures.weights = std::nullopt;
  std::ofstream(measures.flow.liberty) << "library (two) {}";
  EXPECT_NE(measures.digest().value(), one);
}

}  // namespace
}  // namespace msq::flow
