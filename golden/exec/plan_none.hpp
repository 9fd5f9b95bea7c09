#pragma once

#include <vector>

#include "golden/exec/outlier_planner.hpp"

namespace msq::golden {

/// Plan of outlier path `none`: every tile as it is.
class NonePlanner final : public OutlierPlanner {
 public:
  [[nodiscard]] std::vector<TilePart> parts(const TileDemand& tile, int /*tokens*/) const override {
    const auto rows = static_cast<std::size_t>(tile.outliers.rows);
    return {{natural_order(tile.outliers.rows), tile.outliers, std::vector<bool>(rows, true),
             std::vector<bool>(rows, false)}};
  }
};

}  // namespace msq::golden
