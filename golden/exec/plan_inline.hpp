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
    std::vector<TilePart> parts = parts_of(tile, true);
    for (const RaisedOutliers& raised : tile.raised) {
      for (TilePart& part : parts_of(raised, false)) {
        part.excess = raised.excess;
        parts.insert(parts.end(), std::size_t{1} << raised.excess, part);
      }
    }
    return parts;
  }

  [[nodiscard]] bool splits_tiles() const override { return true; }

 private:
  [[nodiscard]] std::vector<TilePart> parts_of(const OutlierDemand& demand, bool with_inliers) const {
    const int rows = demand.outliers.rows;
    const std::vector<bool> none(static_cast<std::size_t>(rows), false);
    std::vector<TilePart> parts;
    for (int group = 0; group < group_count(demand.groups); ++group) {
      const std::vector<bool> members = rows_in(demand.groups, group, rows);
      bool first = with_inliers;
      for (MappedLanes& mapped : map_to_units(of_rows(demand.outliers, members), limits_)) {
        parts.push_back({std::move(mapped.order), std::move(mapped.outliers), first ? members : none, none});
        first = false;
      }
    }
    return parts;
  }

  UnitLimits limits_;
};

}  // namespace msq::golden
