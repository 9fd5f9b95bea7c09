#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "golden/encoding/rules.hpp"
#include "golden/quantize/rounding.hpp"

namespace msq::golden {

/// Encoding `paper`, the one of the MicroScopiQ paper: codes are sign-magnitude, an outlier is
/// (-1)^s * S with a hidden one in S, a scale is 2^Isf. Source: docs/reference/numerics.md, "Weights".
struct PaperEncoding {
  static constexpr std::string_view kName = "paper";
  static constexpr bool kAxisOutput = true;
  static constexpr bool kRefitsScales = false;
  static constexpr bool kByteLists = true;
  static constexpr ExponentLimits kExponents{kScaleMin, kScaleMax};
  static constexpr std::array<FormatField, 0> kFields{};

  [[nodiscard]] static Result<> validate(const Format& format);

  /// Mantissa bits of an outlier (mb), and those of one half.
  [[nodiscard]] static constexpr int mantissa_bits(const Format& format) { return format.bits; }
  [[nodiscard]] static constexpr int half_mantissa_bits(const Format& format) { return format.bits / 2; }
  /// Smallest and largest significand S, hidden one included.
  [[nodiscard]] static constexpr int significand_min(const Format& format) {
    return 1 << mantissa_bits(format);
  }
  [[nodiscard]] static constexpr int significand_max(const Format& format) {
    return 2 * significand_min(format) - 1;
  }

  /// Sign bit of a code; in a half it counts even if the magnitude is zero ("minus zero").
  [[nodiscard]] static constexpr bool negative(const Format& format, std::uint8_t code) {
    return (code & format.sign_mask()) != 0;
  }
  /// Magnitude field of a code, 0..qmax.
  [[nodiscard]] static constexpr int magnitude(const Format& format, std::uint8_t code) {
    return code & (format.sign_mask() - 1);
  }
  /// {1, 0..0}: legal in halves only.
  [[nodiscard]] static constexpr bool is_minus_zero(const Format& format, std::uint8_t code) {
    return code == format.sign_mask();
  }

  [[nodiscard]] static constexpr int qmax(const Format& format) { return format.sign_mask() - 1; }
  [[nodiscard]] static constexpr int qmin(const Format& format) { return -qmax(format); }
  /// Zero has the all-zero code.
  [[nodiscard]] static constexpr std::uint8_t inlier_code(const Format& format, int q) {
    return static_cast<std::uint8_t>(q < 0 ? (format.sign_mask() | -q) : q);
  }
  /// Minus zero, which is no inlier, gives 0.
  [[nodiscard]] static constexpr int inlier_value(const Format& format, std::uint8_t code) {
    return negative(format, code) ? -magnitude(format, code) : magnitude(format, code);
  }
  [[nodiscard]] static constexpr bool is_inlier(const Format& format, std::uint8_t code) {
    return code < 2 * format.sign_mask() && !is_minus_zero(format, code);
  }

  [[nodiscard]] static constexpr int outlier_max(const Format& format) { return significand_max(format); }
  /// Halves of sign and significand: {s, high mantissa bits} and {s, low mantissa bits}, right-aligned in the
  /// magnitude field. The hidden one is not stored.
  [[nodiscard]] static constexpr Halves outlier_halves(const Format& format, bool negative, int significand) {
    assert(significand_min(format) <= significand && significand <= significand_max(format));
    const int mantissa = significand - significand_min(format);
    const int low_mask = (1 << half_mantissa_bits(format)) - 1;
    const int sign = negative ? format.sign_mask() : 0;
    return {static_cast<std::uint8_t>(sign | (mantissa >> half_mantissa_bits(format))),
            static_cast<std::uint8_t>(sign | (mantissa & low_mask))};
  }
  /// Halves of (-1)^s * S.
  [[nodiscard]] static constexpr Halves outlier_halves(const Format& format, int integer) {
    return outlier_halves(format, integer < 0, integer < 0 ? -integer : integer);
  }
  /// S, hidden one included.
  [[nodiscard]] static constexpr int significand(const Format& format, const Halves& halves) {
    return significand_min(format) + (magnitude(format, halves.upper) << half_mantissa_bits(format)) +
           magnitude(format, halves.lower);
  }
  [[nodiscard]] static constexpr int outlier_integer(const Format& format, const Halves& halves) {
    return negative(format, halves.upper) ? -significand(format, halves) : significand(format, halves);
  }
  /// The sign of the hidden one is the half's sign bit, even that of minus zero.
  [[nodiscard]] static constexpr OutlierOperands outlier_operands(const Format& format,
                                                                  const Halves& halves) {
    const int one = 1 << mantissa_bits(format);
    return {negative(format, halves.upper) ? -one : one, inlier_value(format, halves.upper),
            inlier_value(format, halves.lower), half_mantissa_bits(format)};
  }
  /// The magnitude must fit the half's mantissa bits.
  [[nodiscard]] static constexpr bool is_half(const Format& format, std::uint8_t code) {
    return code < 2 * format.sign_mask() && magnitude(format, code) < (1 << half_mantissa_bits(format));
  }
  /// Both halves have the outlier's sign.
  [[nodiscard]] static constexpr bool halves_agree(const Format& format, const Halves& halves) {
    return negative(format, halves.upper) == negative(format, halves.lower);
  }

  /// Never 0: S has a hidden one.
  [[nodiscard]] static int nearest_outlier(const Format& format, double weight, double unit) {
    const int nearest = round_half_even_to(std::fabs(weight / unit), significand_max(format));
    const int significand = std::max(nearest, significand_min(format));
    return weight < 0 ? -significand : significand;
  }
  /// Exponent of the leading one: an outlier is 1.mantissa * 2^(Isf + r + this).
  [[nodiscard]] static constexpr int outlier_exponent(const Format& format) {
    return mantissa_bits(format) - kFractionBits;
  }
  [[nodiscard]] static int needed_shift(const Format& format, double weight, double step, int shift_max) {
    const int needed = floor_log2(std::fabs(weight)) - floor_log2(step) - outlier_exponent(format);
    return std::clamp(needed, 0, shift_max);
  }

  [[nodiscard]] static constexpr ScaleFactors factors(const Format&) {
    ScaleFactors one;
    one.push_back(1);
    return one;
  }
  [[nodiscard]] static constexpr int factor_bits(const Format&) { return 0; }
  /// The exponent in two's complement.
  [[nodiscard]] static constexpr StoredScale store_scale(const Format&, const BlockScale& scale) {
    return {static_cast<std::uint8_t>(scale.exponent), 0};
  }
  [[nodiscard]] static constexpr BlockScale load_scale(const Format&, const StoredScale& stored) {
    return {static_cast<std::int8_t>(stored.byte), 1};
  }
  [[nodiscard]] static std::vector<BlockScale> scales_near(const Format&, double) { return {}; }

  [[nodiscard]] static std::int64_t reference_inlier(const Format& format, std::uint8_t code);
  [[nodiscard]] static std::int64_t reference_outlier(const Format& format, const Halves& halves);
};

static_assert(EncodingRules<PaperEncoding>);

}  // namespace msq::golden
