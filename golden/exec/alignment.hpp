#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "golden/exec/tile.hpp"
#include "golden/tensor.hpp"

namespace msq::golden {

/// How far below the largest scale of a column (weights) or token (activations) a block may be
/// before its alignment to the accumulator rounds. Source: docs/reference/numerics.md, Iref and Xref.
inline constexpr int kWeightSpread = 4;
inline constexpr int kActivationSpread = 7;
/// Bits by which a partial sum can be shifted to the left in all.
inline constexpr int kAlignmentBits = kWeightSpread + kActivationSpread;
/// Maximum shift, in bits, of a row's activations on axis `output` (row_align_bits of any array).
inline constexpr int kRowAlignMax = 7;
/// Reference exponent where every block is zero, as an all-zero block has scale -127.
inline constexpr int kZeroReference = kScaleMin;

/// Weight exponents of a tensor cut into tiles along K.
/// A block counts as all zero if every weight it encodes is zero; its stored scale is not looked at, so a
/// genuine scale of -127 stays a scale. Tiles that are all zero have no exponent and add nothing. Axis
/// `output`: exponent of a tile = smallest Isf[k][h] of its rows whose macro-block (k, h) is not all zero.
class WeightAlignment {
 public:
  /// `ranges` come from split_rows.
  WeightAlignment(const QuantizedTensor& tensor, std::vector<RowRange> ranges);

  [[nodiscard]] const std::vector<RowRange>& ranges() const { return ranges_; }
  /// Exponent in place of Isf in tile `t` (index into ranges()) at column n; none if all zero.
  [[nodiscard]] std::optional<int> exponent(std::size_t t, std::int64_t n) const;
  /// Iref[n] = max(Imin[n], Imax[n] - 4); kZeroReference for a column of zeros.
  [[nodiscard]] const std::vector<int>& reference() const { return reference_; }
  /// [rows of tile t]: left shift of the activations of a row for the macro-block that holds column n.
  /// Zero for axis `reduction` and for rows whose macro-block is all zero.
  [[nodiscard]] std::vector<int> row_shifts(std::size_t t, std::int64_t n) const;
  /// Largest of all row shifts of the tensor.
  [[nodiscard]] int max_row_shift() const;

 private:
  /// Columns that share an exponent: one (reduction) or a macro-block (output).
  [[nodiscard]] std::int64_t slot(std::int64_t n) const;

  bool per_row_;
  int macro_block_;
  std::int64_t slots_;
  std::vector<RowRange> ranges_;
  std::vector<std::optional<int>> exponents_;      ///< [tiles][slots]
  std::vector<std::optional<int>> row_exponents_;  ///< [k][slots] on axis output, else empty
  std::vector<int> reference_;                     ///< [n]
};

/// Activation exponents per token; blocks whose values are all zero have none.
class ActivationAlignment {
 public:
  explicit ActivationAlignment(const QuantizedActivations& activations);
  /// Xsf[m][g], or none if the block is all zero.
  [[nodiscard]] std::optional<int> exponent(std::int64_t m, std::int64_t g) const {
    return exponents_[static_cast<std::size_t>(m * groups_ + g)];
  }
  /// Xref[m] = max(Xmin[m], Xmax[m] - 7); kZeroReference for a token of zeros.
  [[nodiscard]] const std::vector<int>& reference() const { return reference_; }

 private:
  std::int64_t groups_;
  std::vector<std::optional<int>> exponents_;  ///< [m][groups]
  std::vector<int> reference_;                 ///< [m]
};

}  // namespace msq::golden
