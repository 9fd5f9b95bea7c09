#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "golden/exec/tile.hpp"

namespace msq::golden {

// Which rows of a tile share outlier units (outlier path `inline`).
//
// A tile has a row for each place of K. Physical row r of an array of `rows` rows holds the places r, rows +
// r .. of the order. The physical rows form bands of `band_rows` consecutive rows. A band has `units` outlier
// units for the columns of each micro-block; each gives one lane one outlier of one of the band's places. The
// order is free, since a sum does not care, so rows are put together whose outliers do not meet. An
// outlier that finds no unit is computed in another tile of the same rows, which holds nothing else and costs
// the time of a tile.

/// Outlier units of an array.
struct UnitLimits {
  int band_rows = 1;  ///< rows that share units, a divisor of the array's rows
  int units = 1;      ///< outliers of a micro-block's columns that a band can hold
  int rows = 1;       ///< of the array, a divisor of a tile's rows
};

/// Lanes of outliers: bit p of element [row][block] is set if position p of the micro-block is an outlier
/// (its Upper half).
struct OutlierLanes {
  int rows = 0;
  int blocks = 0;
  std::vector<std::uint16_t> lanes;  ///< [rows][blocks]

  [[nodiscard]] std::uint16_t at(int row, int block) const { return lanes[index(row, block)]; }
  [[nodiscard]] std::uint16_t& at(int row, int block) { return lanes[index(row, block)]; }

 private:
  [[nodiscard]] std::size_t index(int row, int block) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(blocks) + static_cast<std::size_t>(block);
  }
};
[[nodiscard]] OutlierLanes no_outliers(int rows, int blocks);
[[nodiscard]] OutlierLanes outlier_lanes(const Tile& tile);
[[nodiscard]] std::uint16_t outlier_lanes(const MicroBlock& block);
/// [rows]: whether a row holds at least one outlier.
[[nodiscard]] std::vector<bool> flagged_rows(const OutlierLanes& lanes);

/// Order of the rows (place p holds row order[p]) in which few outliers find no unit: the given order if none
/// is left over in it or a band is one row (such arrays have no permuter), else rows with many outliers
/// first, each into the band where it meets the fewest, then exchanges as long as they help. Rows of a band
/// ascend by places. Deterministic.
[[nodiscard]] std::vector<int> order_for_units(const OutlierLanes& lanes, const UnitLimits& limits);

/// Outliers that get a unit in this order: element [row][block] of the result, in the tile's own rows, is a
/// subset of that of `lanes`. Units are given in the order of physical rows, places and positions.
[[nodiscard]] OutlierLanes placed_outliers(const OutlierLanes& lanes, std::span<const int> order,
                                           const UnitLimits& limits);

/// The outliers of the rows for which `rows` is set.
[[nodiscard]] OutlierLanes of_rows(OutlierLanes lanes, const std::vector<bool>& rows);

/// The outliers of `lanes` that are not in `placed`.
[[nodiscard]] OutlierLanes without(OutlierLanes lanes, const OutlierLanes& placed);

/// The part of a tile whose outliers are `kept`, with the inliers of the rows for which `inliers` is set.
/// Shifts of outliers are less by `excess`, and none is less than that.
[[nodiscard]] Tile part_of(const Tile& tile, const OutlierLanes& kept, const std::vector<bool>& inliers,
                           int excess = 0);

/// A part of a tile that the array can hold: its order (place p holds row order[p]) and its outliers,
/// in the tile's own rows.
struct MappedLanes {
  std::vector<int> order;
  OutlierLanes outliers;
};

/// Splits a tile into parts that an array with these units can hold. The first part has all inliers and the
/// outliers that get a unit, each further one only outliers that were left over. Every outlier is in exactly
/// one part.
[[nodiscard]] std::vector<MappedLanes> map_to_units(OutlierLanes lanes, const UnitLimits& limits);

/// The same for a whole tile.
struct MappedTile {
  Tile tile;               ///< in the tile's own row order
  std::vector<int> order;  ///< place p holds row order[p]
};
/// The rows mean the same k in all of the parts; their partial sums add up to those of the tile.
[[nodiscard]] std::vector<MappedTile> map_to_units(const Tile& tile, const UnitLimits& limits);

}  // namespace msq::golden
