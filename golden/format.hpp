#pragma once

#include <cstdint>

namespace msq::golden {

/// F of docs/numerics.md: a partial sum counts in units of 2^-F inlier steps.
inline constexpr int kFractionBits = 2;
/// Range of every stored power-of-two exponent (E8M0 without its NaN code).
inline constexpr int kScaleMin = -127;
inline constexpr int kScaleMax = 127;
/// Largest r_max, and so the largest outlier shift, of any tensor.
inline constexpr int kOutlierShiftLimit = 15;

/// Encoding `paper` at one bit budget. All sizes are in elements, all widths in bits.
struct Format {
  int bits = 4;           ///< bb: bits of an element slot, 2 or 4
  int micro_block = 8;    ///< B_mu: consecutive n at one k, 4, 8 or 16
  int macro_block = 128;  ///< B_M: weights that share Isf, 32, 64 or 128

  /// Largest inlier magnitude.
  [[nodiscard]] constexpr int qmax() const { return (1 << (bits - 1)) - 1; }
  /// Mantissa bits of an outlier (mb).
  [[nodiscard]] constexpr int mantissa_bits() const { return bits; }
  /// Mantissa bits held by one half.
  [[nodiscard]] constexpr int half_mantissa_bits() const { return bits / 2; }
  /// Smallest and largest outlier significand S, hidden one included.
  [[nodiscard]] constexpr int significand_min() const { return 1 << mantissa_bits(); }
  [[nodiscard]] constexpr int significand_max() const { return (1 << (mantissa_bits() + 1)) - 1; }
  /// Entries of a permutation list: the most outliers a micro-block can hold.
  [[nodiscard]] constexpr int max_outliers() const { return micro_block / 2; }
  /// Sign bit of a code; the magnitude lies below it.
  [[nodiscard]] constexpr int sign_mask() const { return 1 << (bits - 1); }

  friend constexpr bool operator==(const Format&, const Format&) = default;
};

}  // namespace msq::golden
