#pragma once

#include <span>
#include <vector>

#include "golden/exec/tile.hpp"

namespace msq::golden {

// Which rows of a tile the array can sum at one time (outlier path `inline`).
//
// A partial sum has fewer bits than the largest weights in every row would need: real columns are far below
// that. Where a column of a tile does not fit, its rows are computed in several tiles, and the accumulators,
// which are wide enough for all, add their partial sums. In the same way an array shifts an outlier by no
// more than most tensors ask for: one with a larger shift is computed with the largest that there is, in as
// many equal tiles as that lacks.

/// Capacity of an array's partial sums.
struct SumLimits {
  int bits = 64;                       ///< of a partial sum, two's complement; 64: any
  int activation_max = 127;            ///< largest |x|
  int shift_max = kOutlierShiftLimit;  ///< largest outlier shift r

  [[nodiscard]] bool limits() const { return bits < 64 || shift_max < kOutlierShiftLimit; }
};

/// [rows]: group of a row, groups counted from 0. Rows of one group fit together; empty: all are in group 0.
using RowGroups = std::vector<int>;

/// Groups of a tile: each row, in order, in the first group in which no column can leave the limits whatever
/// the activations. Outliers count with the rest, so any subset of a group fits as well.
/// @param row_shifts [rows], or empty for none (axis `output`).
/// A row that does not fit by itself is a bug and throws std::logic_error (prove_accumulator).
[[nodiscard]] RowGroups sum_groups(const Tile& tile, const SumLimits& limits,
                                   std::span<const int> row_shifts = {});

/// Number of groups, 1 or more.
[[nodiscard]] int group_count(const RowGroups& groups);

/// [rows]: whether a row is in a group.
[[nodiscard]] std::vector<bool> rows_in(const RowGroups& groups, int group, int rows);

}  // namespace msq::golden
