#pragma once

#include <array>
#include <cmath>
#include <span>
#include <stdexcept>

#include "golden/encoding/full_range.hpp"
#include "golden/encoding/paper.hpp"
#include "golden/encoding/rules.hpp"
#include "golden/quantize/rounding.hpp"

// The list of encodings, and the rules of a format's encoding. rules.hpp documents the rules.

namespace msq::golden {

/// Every encoding, in the order in which messages list them.
inline constexpr std::array kEncodings{Encoding::paper, Encoding::full_range};

/// visit(rules of the encoding). A loop over many weights belongs inside `visit`.
template <class Visit>
constexpr decltype(auto) with_rules(Encoding encoding, const Visit& visit) {
  switch (encoding) {
    case Encoding::paper:
      return visit(PaperEncoding{});
    case Encoding::full_range:
      return visit(FullRangeEncoding{});
  }
  throw std::logic_error("an encoding without rules");
}

template <class Visit>
constexpr decltype(auto) with_rules(const Format& format, const Visit& visit) {
  return with_rules(format.encoding, visit);
}

[[nodiscard]] constexpr std::string_view encoding_name(Encoding encoding) {
  return with_rules(encoding, [](auto rules) { return std::string_view(rules.kName); });
}

/// Fields of Format that the encoding leaves to the user.
[[nodiscard]] constexpr std::span<const FormatField> encoding_fields(Encoding encoding) {
  return with_rules(encoding, [](auto rules) { return std::span<const FormatField>(rules.kFields); });
}

/// Whether the encoding leaves a field of Format to the user.
[[nodiscard]] constexpr bool has_field(Encoding encoding, int Format::*member) {
  for (const FormatField& field : encoding_fields(encoding)) {
    if (field.member == member) return true;
  }
  return false;
}

/// The format with the defaults of every field that its encoding fixes.
[[nodiscard]] constexpr Format with_fixed_fields(const Format& wanted) {
  Format format{.bits = wanted.bits,
                .micro_block = wanted.micro_block,
                .macro_block = wanted.macro_block,
                .encoding = wanted.encoding,
                .identifier_group = wanted.identifier_group};
  for (const FormatField& field : encoding_fields(wanted.encoding))
    format.*field.member = wanted.*field.member;
  return format;
}

[[nodiscard]] constexpr bool allows_axis_output(Encoding encoding) {
  return with_rules(encoding, [](auto rules) { return rules.kAxisOutput; });
}
[[nodiscard]] constexpr bool refits_scales(const Format& format) {
  return with_rules(format, [](auto rules) { return rules.kRefitsScales; });
}
[[nodiscard]] constexpr bool has_byte_lists(const Format& format) {
  return with_rules(format, [](auto rules) { return rules.kByteLists; });
}
[[nodiscard]] constexpr ExponentLimits exponent_limits(const Format& format) {
  return with_rules(format, [](auto rules) { return rules.kExponents; });
}

[[nodiscard]] constexpr int qmin(const Format& format) {
  return with_rules(format, [&](auto rules) { return rules.qmin(format); });
}
[[nodiscard]] constexpr int qmax(const Format& format) {
  return with_rules(format, [&](auto rules) { return rules.qmax(format); });
}
[[nodiscard]] constexpr std::uint8_t inlier_code(const Format& format, int q) {
  return with_rules(format, [&](auto rules) { return rules.inlier_code(format, q); });
}
[[nodiscard]] constexpr int inlier_value(const Format& format, std::uint8_t code) {
  return with_rules(format, [&](auto rules) { return rules.inlier_value(format, code); });
}
[[nodiscard]] constexpr bool is_inlier(const Format& format, std::uint8_t code) {
  return with_rules(format, [&](auto rules) { return rules.is_inlier(format, code); });
}

[[nodiscard]] constexpr int outlier_max(const Format& format) {
  return with_rules(format, [&](auto rules) { return rules.outlier_max(format); });
}
[[nodiscard]] constexpr Halves outlier_halves(const Format& format, int integer) {
  return with_rules(format, [&](auto rules) { return rules.outlier_halves(format, integer); });
}
[[nodiscard]] constexpr int outlier_integer(const Format& format, const Halves& halves) {
  return with_rules(format, [&](auto rules) { return rules.outlier_integer(format, halves); });
}
[[nodiscard]] constexpr OutlierOperands outlier_operands(const Format& format, const Halves& halves) {
  return with_rules(format, [&](auto rules) { return rules.outlier_operands(format, halves); });
}
[[nodiscard]] constexpr bool is_half(const Format& format, std::uint8_t code) {
  return with_rules(format, [&](auto rules) { return rules.is_half(format, code); });
}
[[nodiscard]] constexpr bool halves_agree(const Format& format, const Halves& halves) {
  return with_rules(format, [&](auto rules) { return rules.halves_agree(format, halves); });
}
[[nodiscard]] inline int nearest_outlier(const Format& format, double weight, double unit) {
  return with_rules(format, [&](auto rules) { return rules.nearest_outlier(format, weight, unit); });
}
[[nodiscard]] inline int needed_shift(const Format& format, double weight, double step, int shift_max) {
  if (weight == 0) return 0;
  return with_rules(format, [&](auto rules) { return rules.needed_shift(format, weight, step, shift_max); });
}
[[nodiscard]] constexpr int outlier_exponent(const Format& format) {
  return with_rules(format, [&](auto rules) { return rules.outlier_exponent(format); });
}

[[nodiscard]] constexpr ScaleFactors scale_factors(const Format& format) {
  return with_rules(format, [&](auto rules) { return rules.factors(format); });
}
[[nodiscard]] constexpr int factor_bits(const Format& format) {
  return with_rules(format, [&](auto rules) { return rules.factor_bits(format); });
}
[[nodiscard]] inline StoredScale store_scale(const Format& format, const BlockScale& scale) {
  return with_rules(format, [&](auto rules) { return rules.store_scale(format, scale); });
}
[[nodiscard]] inline BlockScale load_scale(const Format& format, const StoredScale& stored) {
  return with_rules(format, [&](auto rules) { return rules.load_scale(format, stored); });
}
[[nodiscard]] inline std::vector<BlockScale> scales_near(const Format& format, double value) {
  return with_rules(format, [&](auto rules) { return rules.scales_near(format, value); });
}

/// Nearest inlier: clamp(round_half_even(weight / step), qmin, qmax).
template <EncodingRules Rules>
[[nodiscard]] constexpr int nearest_inlier(Rules, const Format& format, double weight, double step) {
  const double ratio = weight / step;
  return ratio < 0 ? -round_half_even_to(-ratio, -Rules::qmin(format))
                   : round_half_even_to(ratio, Rules::qmax(format));
}
[[nodiscard]] constexpr int nearest_inlier(const Format& format, double weight, double step) {
  return with_rules(format, [&](auto rules) { return nearest_inlier(rules, format, weight, step); });
}

/// Step of a scale, the value of inlier 1: factor * 2^(Isf - t).
[[nodiscard]] inline double step_of(const Format& format, const BlockScale& scale) {
  return std::ldexp(scale.factor, scale.exponent - format.scale_mantissa_bits);
}

/// Value of outlier integer 1 at shift r: step * 2^(r - F).
[[nodiscard]] inline double outlier_unit(const Format& format, double step, int shift) {
  return std::ldexp(step, shift - format.fraction_bits);
}

}  // namespace msq::golden
