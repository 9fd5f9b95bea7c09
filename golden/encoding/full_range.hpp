#pragma once

#include <array>
#include <cassert>
#include <cmath>

#include "golden/encoding/rules.hpp"
#include "golden/quantize/rounding.hpp"

namespace msq::golden {

/// Encoding `full_range`: inliers and outliers M are two's complement integers, a scale is
/// sigma * (2^t + f) * 2^(Isf - t). Source: docs/reference/numerics.md, "Second encoding".
struct FullRangeEncoding {
  static constexpr std::string_view kName = "full_range";
  static constexpr bool kAxisOutput = false;
  static constexpr bool kRefitsScales = true;
  static constexpr bool kByteLists = false;
  static constexpr ExponentLimits kExponents{-64, 63};
  static constexpr std::array<FormatField, 4> kFields{
      FormatField{"list_entries", &Format::list_entries}, FormatField{"shift_bits", &Format::shift_bits},
      FormatField{"fraction_bits", &Format::fraction_bits},
      FormatField{"scale_mantissa_bits", &Format::scale_mantissa_bits}};

  [[nodiscard]] static Result<> validate(const Format& format);

  [[nodiscard]] static constexpr int qmax(const Format& format) { return format.sign_mask() - 1; }
  [[nodiscard]] static constexpr int qmin(const Format& format) { return -format.sign_mask(); }
  [[nodiscard]] static constexpr std::uint8_t inlier_code(const Format& format, int q) {
    return static_cast<std::uint8_t>(q & (2 * format.sign_mask() - 1));
  }
  [[nodiscard]] static constexpr int inlier_value(const Format& format, std::uint8_t code) {
    return (code & (format.sign_mask() - 1)) - (code & format.sign_mask());
  }
  /// Every code within its bits.
  [[nodiscard]] static constexpr bool is_inlier(const Format& format, std::uint8_t code) {
    return code < 2 * format.sign_mask();
  }

  /// Largest magnitude; M is in -outlier_max..outlier_max-1.
  [[nodiscard]] static constexpr int outlier_max(const Format& format) { return 1 << (2 * format.bits - 1); }
  /// High bits, signed, and low bits, unsigned.
  [[nodiscard]] static constexpr Halves outlier_halves(const Format& format, int integer) {
    assert(-outlier_max(format) <= integer && integer < outlier_max(format));
    const int mask = 2 * format.sign_mask() - 1;
    return {static_cast<std::uint8_t>((integer >> format.bits) & mask),
            static_cast<std::uint8_t>(integer & mask)};
  }
  [[nodiscard]] static constexpr int outlier_integer(const Format& format, const Halves& halves) {
    return inlier_value(format, halves.upper) * (1 << format.bits) + halves.lower;
  }
  [[nodiscard]] static constexpr OutlierOperands outlier_operands(const Format& format,
                                                                  const Halves& halves) {
    return {0, inlier_value(format, halves.upper), halves.lower, format.bits};
  }
  [[nodiscard]] static constexpr bool is_half(const Format& format, std::uint8_t code) {
    return code < 2 * format.sign_mask();
  }
  [[nodiscard]] static constexpr bool halves_agree(const Format&, const Halves&) { return true; }

  [[nodiscard]] static constexpr int nearest_outlier(const Format& format, double weight, double unit) {
    const double ratio = weight / unit;
    return ratio < 0 ? -round_half_even_to(-ratio, outlier_max(format))
                     : round_half_even_to(ratio, outlier_max(format) - 1);
  }
  /// Exponent of the highest bit that a positive outlier can have.
  [[nodiscard]] static constexpr int outlier_exponent(const Format& format) {
    return 2 * format.bits - 2 - format.fraction_bits;
  }
  [[nodiscard]] static int needed_shift(const Format& format, double weight, double step, int shift_max) {
    for (int shift = 0; shift < shift_max; ++shift) {
      const double ratio = weight / std::ldexp(step, shift - format.fraction_bits);
      if (ratio < outlier_max(format) - 0.5 && ratio >= -outlier_max(format) - 0.5) return shift;
    }
    return shift_max;
  }

  /// f ascending, + before -.
  [[nodiscard]] static constexpr ScaleFactors factors(const Format& format) {
    ScaleFactors factors;
    const int one = 1 << format.scale_mantissa_bits;
    for (int factor = one; factor < 2 * one; ++factor) {
      factors.push_back(factor);
      factors.push_back(-factor);
    }
    return factors;
  }
  [[nodiscard]] static constexpr int factor_bits(const Format& format) {
    return format.scale_mantissa_bits + 1;
  }
  /// Isf + 64 in the low seven bits, sigma < 0 on top; f as mantissa.
  [[nodiscard]] static StoredScale store_scale(const Format& format, const BlockScale& scale);
  [[nodiscard]] static BlockScale load_scale(const Format& format, const StoredScale& stored);
  /// None for values out of range.
  [[nodiscard]] static std::vector<BlockScale> scales_near(const Format& format, double value);

  [[nodiscard]] static std::int64_t reference_inlier(const Format& format, std::uint8_t code);
  [[nodiscard]] static std::int64_t reference_outlier(const Format& format, const Halves& halves);
};

static_assert(EncodingRules<FullRangeEncoding>);

}  // namespace msq::golden
