#pragma once

#include <utility>
#include <vector>

#include "golden/exec/outlier_planner.hpp"

namespace msq::golden {

/// Plan of outlier path `inline`: outliers that find no unit, and rows that do not fit the sums, are computed
/// in further tiles of the same rows.
class InlinePlanner final : public OutlierPlanner {
 public:
  explicit InlinePlanner(const UnitLimits& limits) : limits_(limits) {}

  [[nodiscard]] std::vector<TilePart> parts(const TileDemand& tile, int /*tokens*/) const override {
    const int rows = tile.outliers.rows;
    const std::vector<bool> none(static_cast<std::size_t>(rows), false);
    std::vector<TilePart> parts;
    for (int group = 0; group < group_count(tile.groups); ++group) {
      std::vector<bool> inliers = rows_in(tile.groups, group, rows);
      for (MappedLanes& mapped : map_to_units(of_rows(tile.outliers, inliers), limits_)) {
        parts.push_back({std::move(mapped.order), std::move(mapped.outliers), std::move(inliers), none});
        inliers = none;
      }
    }
    return parts;
  }

  [[nodiscard]] bool splits_tiles() const override { return true; }

 private:
  UnitLimits limits_;
};

}  // namespace msq::golden
