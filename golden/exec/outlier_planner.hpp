#pragma once

#include <memory>
#include <span>
#include <vector>

#include "golden/exec/mapping.hpp"
#include "golden/exec/schedule.hpp"
#include "golden/exec/sum_groups.hpp"

namespace msq::golden {

// Contribution of an outlier path to the plan of a layer (golden/exec/plan.hpp): how it maps and splits the
// tiles, and which gaps it needs between them. One file per path: plan_recon.hpp, plan_inline.hpp ..

/// Outliers of a tile, padded to the places of the array.
struct OutlierDemand {
  OutlierLanes outliers;
  RowGroups groups;  ///< rows that the array can sum at one time
};

/// Outliers whose shift is by `excess` larger than the array's largest: they run 2^excess times.
struct RaisedOutliers : OutlierDemand {
  int excess = 0;
};

/// Data that decide the plan of a tile: its inliers and ordinary outliers, and those with larger shifts.
struct TileDemand : OutlierDemand {
  std::vector<RaisedOutliers> raised;  ///< excess ascends
};

/// Part of a tile that the array holds at one time.
struct TilePart {
  std::vector<int> order;       ///< place p holds row order[p] of the tile
  OutlierLanes outliers;        ///< of this part, in the tile's own rows
  std::vector<bool> inliers;    ///< [places] whether the inliers of a row of the tile are in this part
  std::vector<bool> flagged;    ///< [places] whether a row uses a ReCoN unit; none on other paths
  int initiation_interval = 1;  ///< cycles from a token to the next one
  int excess = 0;               ///< shifts of its outliers are less by that many bits
};

class OutlierPlanner {
 public:
  virtual ~OutlierPlanner() = default;

  /// Parts of a tile, at least one. They run one after the other with the same activations, and their partial
  /// sums add up to those of the tile. Every outlier, and the inliers of every row, are in exactly one part,
  /// outliers with an excess in 2^excess equal parts.
  /// The number of parts must not depend on `tokens`: passes of a job have equally many tiles.
  /// @param tokens of the pass, >= 1.
  [[nodiscard]] virtual std::vector<TilePart> parts(const TileDemand& tile, int tokens) const = 0;

  /// Least cycles from the last launch of the previous part to the first launch of each one, in the order in
  /// which they run; the array is empty before the first. @param tokens of the pass of each part.
  [[nodiscard]] virtual std::vector<int> launch_gaps(std::span<const TilePart* const> sequence,
                                                     std::span<const int> tokens) const;

  /// Whether parts() may return several parts.
  [[nodiscard]] virtual bool splits_tiles() const { return false; }
};

using PlannerPointer = std::shared_ptr<const OutlierPlanner>;

/// Rows in their own order.
[[nodiscard]] std::vector<int> natural_order(int rows);

}  // namespace msq::golden
