#pragma once

#include <vector>

#include "golden/exec/outlier_planner.hpp"

namespace msq::golden {

/// Plan of outlier path `none`: every tile as it is.
class NonePlanner final : public OutlierPlanner {
 public:
  explicit NonePlanner(int rows) : rows_(rows) {}

  [[nodiscard]] std::vector<TilePart> parts(const OutlierLanes& tile, int /*tokens*/) const override {
    return {{natural_order(rows_), tile, std::vector<bool>(static_cast<std::size_t>(rows_), false)}};
  }

 private:
  int rows_;
};

}  // namespace msq::golden
