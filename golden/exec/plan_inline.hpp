#pragma once

#include <utility>
#include <vector>

#include "golden/exec/outlier_planner.hpp"

namespace msq::golden {

/// Plan of outlier path `inline`: outliers that find no unit are computed in further tiles of the same rows.
class InlinePlanner final : public OutlierPlanner {
 public:
  explicit InlinePlanner(const UnitLimits& limits) : limits_(limits) {}

  [[nodiscard]] std::vector<TilePart> parts(const OutlierLanes& tile, int /*tokens*/) const override {
    std::vector<TilePart> parts;
    for (MappedLanes& mapped : map_to_units(tile, limits_)) {
      parts.push_back({std::move(mapped.order), std::move(mapped.outliers),
                       std::vector<bool>(static_cast<std::size_t>(tile.rows), false)});
    }
    return parts;
  }

  [[nodiscard]] bool splits_tiles() const override { return true; }

 private:
  UnitLimits limits_;
};

}  // namespace msq::golden
