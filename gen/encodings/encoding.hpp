#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string_view>

namespace msq {

/// How weights are coded (docs/reference/numerics.md).
enum class Encoding { paper, full_range };
/// All of them, in the order of messages.
inline constexpr Encoding kEncodings[] = {Encoding::paper, Encoding::full_range};

/// Properties of an encoding for the generator: one file of this folder per encoding. Widths in bits; modes
/// are 2 and 4.
struct EncodingTraits {
  std::string_view name;  ///< as in configuration files

  // Numbers, for the width of partial sums.
  std::int64_t (*largest_weight)(int mode);  ///< magnitude of an inlier, in steps
  std::int64_t (*largest_significand)(
      int mode);  ///< magnitude of an outlier, in 2^-F steps, before its shift

  // Configuration.
  std::span<const int> fraction_bits;      ///< allowed numbers of fraction bits F
  std::string_view fraction_bits_allowed;  ///< the same in words
  int row_align_most;                      ///< largest row_align_bits
  std::string_view row_align_allowed;      ///< the same in words
  bool has_scale_factors;                  ///< scales have a mantissa, which multiplies partial sums

  // Hardware.
  int product_extra_bits;    ///< of a 2-bit product beyond the activation's width, without the sign
  int entry_shift_bits;      ///< r in an entry of the weight stream
  int significand4_bits;     ///< of a 4-bit outlier, two's complement
  int merge4_extra_bits;     ///< of a merged 4-bit outlier beyond activation and shift
  bool moves_whole_product;  ///< ReCoN routes all bits of a 4-bit product, not the Lower half's only
  std::string_view merge_leaf;
  bool merge_has_fraction_bits;  ///< the merge leaf has the parameter FRACTION_BITS
  int full_range_parameter;      ///< FULL_RANGE of PEs, outlier decoder and outlier units
};

// Each in its own file.
extern const EncodingTraits kPaperEncoding;
extern const EncodingTraits kFullRangeEncoding;

[[nodiscard]] inline const EncodingTraits& encoding_traits(Encoding encoding) {
  switch (encoding) {
    case Encoding::paper:
      return kPaperEncoding;
    case Encoding::full_range:
      return kFullRangeEncoding;
  }
  throw std::logic_error("encoding_traits: no such encoding");
}

[[nodiscard]] inline std::string_view encoding_name(Encoding encoding) {
  return encoding_traits(encoding).name;
}

}  // namespace msq
