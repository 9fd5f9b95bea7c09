#pragma once

#include <cassert>
#include <cstdint>

#include "golden/format.hpp"

namespace msq::golden {

/// The two codes of an outlier of encoding `paper`: Upper stays at the outlier's position, Lower lives in the
/// pruned one.
struct Halves {
  std::uint8_t upper = 0;
  std::uint8_t lower = 0;
  friend constexpr bool operator==(const Halves&, const Halves&) = default;
};

/// Sign bit of a code. In a half it counts even if the magnitude is zero ("minus zero").
[[nodiscard]] constexpr bool code_negative(const Format& format, std::uint8_t code) {
  return (code & format.sign_mask()) != 0;
}

/// Magnitude field of a code, 0..qmax.
[[nodiscard]] constexpr int code_magnitude(const Format& format, std::uint8_t code) {
  return code & (format.sign_mask() - 1);
}

/// Sign-magnitude code of inlier q in -qmax..qmax; zero is the all-zero code.
[[nodiscard]] constexpr std::uint8_t inlier_code(const Format& format, int q) {
  assert(-format.qmax() <= q && q <= format.qmax());
  return static_cast<std::uint8_t>(q < 0 ? (format.sign_mask() | -q) : q);
}

/// q of an inlier code. Minus zero is not an inlier code (is_minus_zero), its value would be 0.
[[nodiscard]] constexpr int inlier_value(const Format& format, std::uint8_t code) {
  const int magnitude = code_magnitude(format, code);
  return code_negative(format, code) ? -magnitude : magnitude;
}

/// {1, 0..0}: legal in halves only.
[[nodiscard]] constexpr bool is_minus_zero(const Format& format, std::uint8_t code) {
  return code == format.sign_mask();
}

/// Halves of an outlier with significand S in significand_min..significand_max (hidden one included, but not
/// stored): {s, high mantissa bits} and {s, low mantissa bits}, right-aligned in the magnitude field.
[[nodiscard]] constexpr Halves outlier_halves(const Format& format, bool negative, int significand) {
  assert(format.significand_min() <= significand && significand <= format.significand_max());
  const int mantissa = significand - format.significand_min();
  const int low_mask = (1 << format.half_mantissa_bits()) - 1;
  const int sign = negative ? format.sign_mask() : 0;
  return {static_cast<std::uint8_t>(sign | (mantissa >> format.half_mantissa_bits())),
          static_cast<std::uint8_t>(sign | (mantissa & low_mask))};
}

/// Can this code be a half? Its magnitude must fit the half's mantissa bits.
[[nodiscard]] constexpr bool is_half(const Format& format, std::uint8_t code) {
  return code < (1 << format.bits) && code_magnitude(format, code) < (1 << format.half_mantissa_bits());
}

/// S of an outlier, hidden one included.
[[nodiscard]] constexpr int outlier_significand(const Format& format, const Halves& halves) {
  return format.significand_min() + (code_magnitude(format, halves.upper) << format.half_mantissa_bits()) +
         code_magnitude(format, halves.lower);
}

/// (-1)^s * S: the outlier in units of 2^(Isf + r - kFractionBits).
[[nodiscard]] constexpr int outlier_integer(const Format& format, const Halves& halves) {
  const int significand = outlier_significand(format, halves);
  return code_negative(format, halves.upper) ? -significand : significand;
}

/// Exponent of an outlier's leading one relative to Isf + r: an outlier is 1.mantissa * 2^(Isf + r + this).
[[nodiscard]] constexpr int outlier_exponent_offset(const Format& format) {
  return format.mantissa_bits() - kFractionBits;
}

}  // namespace msq::golden
