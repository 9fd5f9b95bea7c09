#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "golden/exec/tile.hpp"

namespace msq::golden {

// Which rows of a tile share outlier units (outlier path `inline`).
//
// The physical rows form bands of `band_rows` consecutive rows. A band has `units` outlier units for each
// micro-block; each gives one lane one outlier of one of the band's rows. The order of rows is free, since a
// sum does not care, so rows are put together whose outliers do not meet. What finds no unit is computed in
// another tile of the same rows, which holds nothing else: it costs the time of a tile.

/// Outlier units of an array.
struct UnitLimits {
  int band_rows = 1;  ///< rows that share units, a divisor of the array's rows
  int units = 1;      ///< outliers of one micro-block that a band can hold
};

/// Lanes of outliers: bit p of element [row][block] is set if position p of the micro-block is an outlier
/// (its Upper half).
struct OutlierLanes {
  int rows = 0;
  int blocks = 0;
  std::vector<std::uint16_t> lanes;  ///< [rows][blocks]

  [[nodiscard]] std::uint16_t at(int row, int block) const {
    return lanes[static_cast<std::size_t>(row) * static_cast<std::size_t>(blocks) +
                 static_cast<std::size_t>(block)];
  }
};
[[nodiscard]] OutlierLanes outlier_lanes(const Tile& tile);

/// Order of the rows (physical row r holds row order[r]) in which few outliers find no unit: the given order
/// if none is left over in it, else rows with many outliers first, each into the band where it meets the
/// fewest, then exchanges as long as they help. Rows of a band ascend. Deterministic.
[[nodiscard]] std::vector<int> order_for_units(const OutlierLanes& lanes, const UnitLimits& limits);

/// Outliers that get a unit in this order: element [row][block] of the result, in the tile's own rows, is a
/// subset of that of `lanes`. Units are given in the order of physical rows and positions.
[[nodiscard]] OutlierLanes placed_outliers(const OutlierLanes& lanes, std::span<const int> order,
                                           const UnitLimits& limits);

/// The outliers of `lanes` that are not in `placed`.
[[nodiscard]] OutlierLanes without(OutlierLanes lanes, const OutlierLanes& placed);

/// A tile, or a part of one, that the array can hold.
struct MappedTile {
  Tile tile;               ///< in the tile's own row order
  std::vector<int> order;  ///< physical row r holds row order[r]
};

/// Splits a tile into tiles that an array with these units can hold. The first has all inliers and the
/// outliers that get a unit, each further one only outliers that were left over; the rows mean the same k in
/// all of them, and every weight is in exactly one. Their partial sums add up to the tile's.
[[nodiscard]] std::vector<MappedTile> map_to_units(const Tile& tile, const UnitLimits& limits);

/// The same for a tile of which only the outliers are known: row orders of the tiles.
[[nodiscard]] std::vector<std::vector<int>> map_to_units(OutlierLanes lanes, const UnitLimits& limits);

}  // namespace msq::golden
