#include "flow/sweep/sweep_tasks.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "support/files.hpp"

namespace msq::flow {
namespace {

/// Keeps figures in memory.
class Memory : public PointStore {
 public:
  std::optional<SweepPoint> find(const std::string& key, const Config& /*config*/) const override {
    const auto known = points.find(key);
    return known == points.end() ? std::nullopt : std::optional(known->second);
  }
  Result<> keep(const std::string& key, const SweepPoint& point) override {
    points.emplace(key, point);
    return {};
  }
  std::filesystem::path file(const std::string& key) const override { return "points/" + key; }

  std::map<std::string, SweepPoint> points;
};

class SweepTasks : public ::testing::Test {
 protected:
  void SetUp() override {
    measures_.flow = {.liberty = directory_->path() / "broken.lib", .work = directory_->path()};
    std::ofstream(measures_.flow.liberty) << "library (broken) {";
  }
  /// As a task on another machine leaves it.
  void keep(std::size_t number) {
    SweepPoint point;
    point.config = grid_.points[number].config;
    point.area_um2 = 100.0 + static_cast<double>(number);
    ASSERT_TRUE(store_.keep(point_key(point.config, measures_.digest().value()), point));
  }

  Result<PlainDirectory> directory_ = PlainDirectory::create();
  GridPoints grid_ =
      expand_grid("{\"micro_block\": 4, \"skew_columns\": 4}", {{"size", {"4", "8", "3"}}}).value();
  SweepMeasures measures_;
  Memory store_;
};

TEST_F(SweepTasks, ThePlanHasOneFileAPoint) {
  const auto plan = plan_sweep(grid_, measures_, store_, "out", {{"grid.json"}, {"out/sweep.json"}});
  ASSERT_TRUE(plan) << plan.error();
  ASSERT_EQ(plan->tasks.size(), 2U);
  EXPECT_EQ(plan->output, "out");
  EXPECT_EQ(plan->tasks[1].number, 1U);
  EXPECT_EQ(plan->tasks[1].settings, (Settings{{"size", "8"}}));
  EXPECT_EQ(plan->tasks[1].files.inputs, (std::vector<std::filesystem::path>{"grid.json"}));
  ASSERT_EQ(plan->tasks[1].files.outputs.size(), 1U);
  EXPECT_NE(plan->tasks[0].files.outputs, plan->tasks[1].files.outputs);
  EXPECT_EQ(plan->collect.inputs,
            (std::vector<std::filesystem::path>{"grid.json", plan->tasks[0].files.outputs[0],
                                                plan->tasks[1].files.outputs[0]}));
  EXPECT_EQ(plan->collect.outputs, (std::vector<std::filesystem::path>{"out/sweep.json"}));
}

TEST_F(SweepTasks, APointThatIsKeptIsNotMeasured) {
  keep(1);
  const auto kept = run_sweep_task(grid_, measures_, store_, 1);
  ASSERT_TRUE(kept) << kept.error();
  EXPECT_TRUE(kept->kept);
  EXPECT_EQ(kept->figures.area_um2, 101);
  const auto failed = run_sweep_task(grid_, measures_, store_, 0);
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().find("broken.lib"), std::string::npos) << failed.error();
  EXPECT_EQ(run_sweep_task(grid_, measures_, store_, 2).error(), "--task: found 2; allowed: 0, 1");
}

TEST_F(SweepTasks, CollectingNeedsEveryPoint) {
  keep(1);
  EXPECT_EQ(collect_sweep(grid_, measures_, store_, "out").error(),
            "out: 1 of 2 tasks are not done: 0; allowed: --collect after all of them");
  keep(0);
  const auto found = collect_sweep(grid_, measures_, store_, "out");
  ASSERT_TRUE(found) << found.error();
  ASSERT_EQ(found->points.size(), 2U);
  EXPECT_EQ(found->points[1].figures.area_um2, 101);
}

}  // namespace
}  // namespace msq::flow
