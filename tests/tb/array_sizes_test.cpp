#include "tb/host/array_sizes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "tests/support/configs.hpp"

namespace msq::tb {
namespace {

using golden::OutlierLanes;
using golden::TilePart;

std::vector<std::string> test_configs() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(MSQ_CONFIG_DIR))
    names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

OutlierLanes random_lanes(int rows, int blocks, int percent, std::mt19937& random) {
  OutlierLanes lanes = golden::no_outliers(rows, blocks);
  for (std::uint16_t& lane : lanes.lanes) {
    if (static_cast<int>(random() % 100) < percent) lane = static_cast<std::uint16_t>(1U << random() % 4);
  }
  return lanes;
}

/// Adds the outliers of a part to those seen in the parts before, which have none of them.
void add_once(const TilePart& part, OutlierLanes& seen) {
  for (std::size_t l = 0; l < seen.lanes.size(); ++l) {
    ASSERT_EQ(seen.lanes[l] & part.outliers.lanes[l], 0);
    seen.lanes[l] = static_cast<std::uint16_t>(seen.lanes[l] | part.outliers.lanes[l]);
  }
}

class Planners : public testing::TestWithParam<std::string> {
 protected:
  Planners() : config_(tests::test_config(GetParam())), array_(array_sizes(Dimensions(config_))) {}

  /// Promises of OutlierPlanner::parts, for any path.
  void expect_whole(const OutlierLanes& lanes, int tokens) const {
    const std::vector<TilePart> parts = array_.planner->parts({{lanes, {}}, {}}, tokens);
    ASSERT_GE(parts.size(), 1U);
    ASSERT_TRUE(array_.planner->splits_tiles() || parts.size() == 1);
    ASSERT_EQ(parts.size(), array_.planner->parts({{lanes, {}}, {}}, 1).size());
    OutlierLanes seen = golden::no_outliers(lanes.rows, lanes.blocks);
    for (const TilePart& part : parts) {
      ASSERT_TRUE(std::ranges::is_permutation(part.order, golden::natural_order(lanes.rows)));
      ASSERT_EQ(part.flagged.size(), static_cast<std::size_t>(lanes.rows));
      ASSERT_GE(part.initiation_interval, 1);
      ASSERT_NO_FATAL_FAILURE(add_once(part, seen));
    }
    ASSERT_EQ(seen.lanes, lanes.lanes);
  }

  Config config_;
  golden::ArraySizes array_;
};

TEST_P(Planners, PutEveryOutlierIntoExactlyOnePart) {
  std::mt19937 random(3);
  for (const int bits : config_.modes) {
    for (int i = 0; i < 12 && !HasFatalFailure(); ++i)
      expect_whole(random_lanes(array_.places(bits), 2, std::vector{0, 10, 60}[i % 3], random), 1 + i % 4);
  }
}

INSTANTIATE_TEST_SUITE_P(Configs, Planners, testing::ValuesIn(test_configs()),
                         [](const auto& instance) { return tests::test_name(instance.param); });

}  // namespace
}  // namespace msq::tb
