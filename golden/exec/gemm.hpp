#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "golden/exec/tile.hpp"

namespace msq::golden {

/// Partial sums P[tokens][columns] of a tile in units of 2^-F inlier steps (a quarter with encoding `paper`),
/// computed as the array does: inliers 2^F*q*x, outliers merged from the products of their two halves, pruned
/// positions nothing; the factors of the scales are left out. `activations` is [tokens][rows]. `row_shifts`
/// ([rows], each 0..63, or empty for none) shifts the activations of a row to the left (axis `output`).
/// Source: docs/reference/numerics.md, "The dot product is exact".
[[nodiscard]] std::vector<std::int64_t> tile_partial_sums(const Tile& tile,
                                                          std::span<const std::int8_t> activations,
                                                          int tokens, std::span<const int> row_shifts = {});

/// Weight of every element [rows][columns] in partial-sum units: 2^F*q, +-S*2^r or M*2^r, or 0 for a pruned
/// position.
[[nodiscard]] std::vector<std::int64_t> integer_weights(const Tile& tile);

/// [rows][columns]: largest |term| of a partial sum that a weight can cause, |weight| * activation_max,
/// shifted as the activations of its row.
[[nodiscard]] std::vector<std::int64_t> row_bounds(const Tile& tile, int activation_max,
                                                   std::span<const int> row_shifts = {});

/// A column whose partial sum does not fit an accumulator.
struct AccOverflow {
  std::int64_t k0 = 0;      ///< first row of the tile
  std::int64_t column = 0;  ///< column n of the tile or tensor
  std::int64_t bound = 0;   ///< largest |partial sum| that activations can cause
  int needed_bits = 0;      ///< signed width that holds +-bound
  /// Text for a user; acc_bits is the requested width.
  [[nodiscard]] std::string message(int acc_bits) const;
};

/// Proof that no partial sum of the tile, complete or not, leaves `acc_bits` signed bits whatever the
/// activations (|x| <= activation_max): activation_max * sum|w| fits, per column. Names the first column that
/// fails.
[[nodiscard]] std::optional<AccOverflow> prove_accumulator(const Tile& tile, int acc_bits, int activation_max,
                                                           std::span<const int> row_shifts = {});

/// The same for every tile of a tensor on an array of `array_rows` rows with activation blocks of
/// `activation_block`. Alignment shifts of axis `output` are part of the proof.
[[nodiscard]] std::optional<AccOverflow> prove_accumulator(const QuantizedTensor& tensor,
                                                           int activation_block, int array_rows, int acc_bits,
                                                           int activation_max);
/// The same for every row of a tile alone, its outliers shifted by at most `shift_max`, as on arrays that
/// split tiles (golden/exec/sum_groups.hpp).
[[nodiscard]] std::optional<AccOverflow> prove_rows(const QuantizedTensor& tensor, int activation_block,
                                                    int array_rows, int acc_bits, int activation_max,
                                                    int shift_max);

/// Width of an output accumulator that no activations can overflow, whatever the scales: 11 bits of alignment
/// and the factors of the scales above the whole dot product.
[[nodiscard]] int needed_output_bits(const QuantizedTensor& tensor, int activation_max);

/// Smallest width for which prove_accumulator finds nothing, on an array of `array_rows` rows.
[[nodiscard]] int needed_acc_bits(const QuantizedTensor& tensor, int activation_block, int array_rows,
                                  int activation_max);

/// Smallest width in which no partial sum of `rows` rows can overflow, without looking at weights:
/// 1 + bits of (rows * activation_max * max(4*qmax, Smax * 2^r_max)) over `modes` (bit budgets, 2 and 4);
/// without the outlier term if `with_outliers` is false. With formats instead of modes, 2^F * -qmin and the
/// largest outlier of each take the place of 4*qmax and Smax.
[[nodiscard]] int derived_acc_bits(int rows, std::span<const Format> formats, int outlier_shift_max,
                                   bool with_outliers, int activation_max);
[[nodiscard]] int derived_acc_bits(int rows, std::span<const int> modes, int outlier_shift_max,
                                   bool with_outliers, int activation_max);

}  // namespace msq::golden
