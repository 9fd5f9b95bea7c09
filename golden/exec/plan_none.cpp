// Plan of outlier path `none`: every tile as it is.

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

PlannerPointer make_planner(const NoOutliers& /*sizes*/, int rows) {
  return std::make_unique<NonePlanner>(rows);
}

}  // namespace msq::golden
