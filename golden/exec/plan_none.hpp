#pragma once

#include <vector>

#include "golden/exec/outlier_planner.hpp"

namespace msq::golden {

/// Plan of outlier path `none`: every tile as it is.
class NonePlanner final : public OutlierPlanner {
 public:
  [[nodiscard]] std::vector<TilePart> parts(const OutlierLanes& tile, int /*tokens*/) const override {
    return {{natural_order(tile.rows), tile, std::vector<bool>(static_cast<std::size_t>(tile.rows), false)}};
  }
};

}  // namespace msq::golden
