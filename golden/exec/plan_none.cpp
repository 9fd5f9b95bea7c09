// Plan of outlier path `none`: every tile as it is.

#include <numeric>

#include "golden/exec/outlier_planner.hpp"

namespace msq::golden {
namespace {

class NonePlanner final : public OutlierPlanner {
 public:
  explicit NonePlanner(int rows) : rows_(rows) {}

  [[nodiscard]] std::vector<TilePart> parts(const OutlierLanes& tile, int /*tokens*/) const override {
    return {{natural_order(rows_), tile, std::vector<bool>(static_cast<std::size_t>(rows_), false)}};
  }

 private:
  int rows_;
};

}  // namespace

std::vector<int> OutlierPlanner::launch_gaps(std::span<const TilePart* const> sequence,
                                             std::span<const int> /*tokens*/) const {
  return std::vector<int>(sequence.size(), 1);
}

std::vector<int> natural_order(int rows) {
  std::vector<int> order(static_cast<std::size_t>(rows));
  std::iota(order.begin(), order.end(), 0);
  return order;
}

PlannerPointer make_planner(const NoOutliers& /*sizes*/, int rows) {
  return std::make_unique<NonePlanner>(rows);
}

}  // namespace msq::golden
