#pragma once

#include <cstdint>
#include <vector>

#include "golden/tensor.hpp"
#include "support/result.hpp"

namespace msq::golden {

/// A quantized tensor as it is stored. Bit streams are filled from the least significant bit: bit j of a
/// stream is bit j % 8 of byte j / 8, a field of w bits at stream position p has its bit i at p + i, unused
/// bits of the last byte are 0.
struct PackedTensor {
  Format format;
  Axis axis = Axis::reduction;
  int outlier_shift_max = 7;
  std::int64_t k = 0;
  std::int64_t n = 0;
  /// Stream of [k][n_padded] codes of format.bits bits, N padded to whole micro-blocks with code 0. Rows are
  /// whole bytes.
  std::vector<std::uint8_t> codes;
  /// Stream of identifier bits: 1 if the micro-block has outliers, [k][n_padded / B_mu]; with an
  /// identifier_group of G > 1 a bit covers G consecutive micro-blocks of a row; the last group of a row
  /// may have fewer.
  std::vector<std::uint8_t> identifiers;
  /// Only with identifier_group > 1: stream of the G identifier bits (0 beyond the row) of the micro-blocks
  /// of each group whose bit above is 1, in order.
  std::vector<std::uint8_t> identifier_masks;
  /// Stream of the outlier shift r (MXScale, format.shift_bits bits) of each micro-block whose identifier is
  /// 1, in order.
  std::vector<std::uint8_t> shifts;
  /// Stream of the lists of the same micro-blocks: format.max_outliers() entries each, an entry being
  /// Upper_loc in the low log2(B_mu) bits and Lower_loc above. Entries ascend by Upper_loc; the unused ones
  /// follow as {0, 0}.
  std::vector<std::uint8_t> lists;
  /// StoredScale::byte of each scale; shape by axis, see Axis.
  std::vector<std::int8_t> scales;
  /// Stream of StoredScale::mantissa of each scale, format.scale_mantissa_bits bits each.
  std::vector<std::uint8_t> scale_mantissas;
  friend bool operator==(const PackedTensor&, const PackedTensor&) = default;
};

/// MXScale byte seen as {level-1 scale, shared micro-exponent uX}: uX is the low 1 (bb = 2) or 3 (bb = 4)
/// bits.
[[nodiscard]] constexpr int mx_micro_exponent_bits(const Format& format) { return format.bits == 2 ? 1 : 3; }
[[nodiscard]] constexpr int mx_level1(const Format& format, std::uint8_t mx_scale) {
  return mx_scale >> mx_micro_exponent_bits(format);
}
[[nodiscard]] constexpr int mx_micro_exponent(const Format& format, std::uint8_t mx_scale) {
  return mx_scale & ((1 << mx_micro_exponent_bits(format)) - 1);
}
[[nodiscard]] constexpr std::uint8_t mx_scale_byte(const Format& format, int level1, int micro_exponent) {
  return static_cast<std::uint8_t>((level1 << mx_micro_exponent_bits(format)) | micro_exponent);
}

/// Bits of one position in a list entry, log2(B_mu), and of the list of a micro-block.
[[nodiscard]] constexpr int position_bits(const Format& format) {
  return format.micro_block == 4 ? 2 : format.micro_block == 8 ? 3 : 4;
}
[[nodiscard]] constexpr int list_bits(const Format& format) {
  return format.max_outliers() * 2 * position_bits(format);
}

/// Packs a valid tensor (golden/quantize/validate.hpp); an invalid one is a std::logic_error.
[[nodiscard]] PackedTensor pack(const QuantizedTensor& tensor);

/// Inverse of pack, for data from anywhere: sizes are checked before anything is allocated, and the result is
/// valid. The error names the field, the value found and the allowed ones.
[[nodiscard]] Result<QuantizedTensor> unpack(const PackedTensor& packed);

/// Effective bit width of the weights.
struct EffectiveBits {
  /// The paper's formula, averaged over micro-blocks: bb without outliers, (list + bb * B_mu +
  /// shift_bits) / B_mu with.
  double paper = 0;
  /// Every stored bit (codes with their padding, identifiers, outlier shifts, lists, scales) per weight of
  /// [k][n].
  double stored = 0;
};
[[nodiscard]] EffectiveBits effective_bits(const QuantizedTensor& tensor);

}  // namespace msq::golden
