#pragma once

#include <cstdint>

namespace msq::golden {

/// F of encoding `paper`: a partial sum counts in units of 2^-F inlier steps.
inline constexpr int kFractionBits = 2;
/// Range of every stored power-of-two exponent (E8M0 without its NaN code).
inline constexpr int kScaleMin = -127;
inline constexpr int kScaleMax = 127;
/// Largest r_max, and so the largest outlier shift, of any tensor.
inline constexpr int kOutlierShiftLimit = 15;

/// How weights become codes. golden/encoding holds the rules of each; golden/encoding/encoding.hpp
/// gives access to those of a format.
enum class Encoding {
  paper,  ///< sign-magnitude inliers, outliers of sign and mantissa with a hidden one, power-of-two scales
  full_range  ///< two's complement inliers and outliers, signed scales with mantissa bits
};

/// Layout of a quantized tensor at one bit budget. All sizes are in elements, all widths in bits. The fields
/// from list_entries to scale_mantissa_bits differ from their defaults only with encodings that have them
/// (encoding_fields).
struct Format {
  int bits = 4;           ///< bb: bits of an element slot, 2 or 4
  int micro_block = 8;    ///< B_mu: consecutive n at one k, 4, 8 or 16
  int macro_block = 128;  ///< B_M: weights that share a scale, 32, 64 or 128
  Encoding encoding = Encoding::paper;
  int list_entries = 0;               ///< n_max: entries of a list; 0: half the micro-block
  int shift_bits = 8;                 ///< width of the stored outlier shift (MXScale), 8 or 4
  int fraction_bits = kFractionBits;  ///< F: a partial sum counts in 2^-F inlier steps, 1 or 2
  int scale_mantissa_bits = 0;        ///< t: a scale is sigma * (1 + f/2^t) * 2^Isf, 0..3
  /// Micro-blocks of a row that share a first identifier bit, 1, 4, 8 or 16: with more than one, only a group
  /// that holds an outlier has identifier bits of its micro-blocks.
  int identifier_group = 1;

  /// Entries of a permutation list: the most outliers a micro-block can hold.
  [[nodiscard]] constexpr int max_outliers() const {
    return list_entries == 0 ? micro_block / 2 : list_entries;
  }
  /// Sign bit of a code.
  [[nodiscard]] constexpr int sign_mask() const { return 1 << (bits - 1); }

  friend constexpr bool operator==(const Format&, const Format&) = default;
};

}  // namespace msq::golden
