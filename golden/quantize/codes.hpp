#pragma once

#include <cassert>
#include <cstdint>

#include "golden/format.hpp"

namespace msq::golden {

/// The two codes of an outlier: Upper stays at the outlier's position, Lower lives in the pruned one.
struct Halves {
  std::uint8_t upper = 0;
  std::uint8_t lower = 0;
  friend constexpr bool operator==(const Halves&, const Halves&) = default;
};

/// Sign bit of a code. In a half of encoding `paper` it counts even if the magnitude is zero ("minus zero").
[[nodiscard]] constexpr bool code_negative(const Format& format, std::uint8_t code) {
  return (code & format.sign_mask()) != 0;
}

/// Magnitude field of a code of encoding `paper`, 0..qmax.
[[nodiscard]] constexpr int code_magnitude(const Format& format, std::uint8_t code) {
  return code & (format.sign_mask() - 1);
}

/// Code of inlier q in qmin..qmax: sign-magnitude (zero is the all-zero code) or two's complement.
[[nodiscard]] constexpr std::uint8_t inlier_code(const Format& format, int q) {
  assert(format.qmin() <= q && q <= format.qmax());
  if (format.full_range()) return static_cast<std::uint8_t>(q & (2 * format.sign_mask() - 1));
  return static_cast<std::uint8_t>(q < 0 ? (format.sign_mask() | -q) : q);
}

/// q of an inlier code. Minus zero of encoding `paper` is not an inlier code (is_minus_zero), its value would
/// be 0.
[[nodiscard]] constexpr int inlier_value(const Format& format, std::uint8_t code) {
  const int magnitude = code_magnitude(format, code);
  if (format.full_range()) return magnitude - (code & format.sign_mask());
  return code_negative(format, code) ? -magnitude : magnitude;
}

/// {1, 0..0} of encoding `paper`: legal in halves only.
[[nodiscard]] constexpr bool is_minus_zero(const Format& format, std::uint8_t code) {
  return !format.full_range() && code == format.sign_mask();
}

/// Halves of an outlier of encoding `paper` with significand S in significand_min..significand_max (hidden
/// one included, but not stored): {s, high mantissa bits} and {s, low mantissa bits}, right-aligned in the
/// magnitude field.
[[nodiscard]] constexpr Halves outlier_halves(const Format& format, bool negative, int significand) {
  assert(!format.full_range());
  assert(format.significand_min() <= significand && significand <= format.significand_max());
  const int mantissa = significand - format.significand_min();
  const int low_mask = (1 << format.half_mantissa_bits()) - 1;
  const int sign = negative ? format.sign_mask() : 0;
  return {static_cast<std::uint8_t>(sign | (mantissa >> format.half_mantissa_bits())),
          static_cast<std::uint8_t>(sign | (mantissa & low_mask))};
}

/// Halves of an outlier integer: (-1)^s * S with encoding `paper`, M in -2^(2bb-1)..2^(2bb-1)-1 with
/// `full_range` (its high bits, signed, and its low bits, unsigned).
[[nodiscard]] constexpr Halves outlier_halves(const Format& format, int integer) {
  if (!format.full_range()) return outlier_halves(format, integer < 0, integer < 0 ? -integer : integer);
  assert(-format.outlier_max() <= integer && integer < format.outlier_max());
  const int mask = 2 * format.sign_mask() - 1;
  return {static_cast<std::uint8_t>((integer >> format.bits) & mask),
          static_cast<std::uint8_t>(integer & mask)};
}

/// Can this code be a half? With encoding `paper` its magnitude must fit the half's mantissa bits.
[[nodiscard]] constexpr bool is_half(const Format& format, std::uint8_t code) {
  if (code >= (1 << format.bits)) return false;
  return format.full_range() || code_magnitude(format, code) < (1 << format.half_mantissa_bits());
}

/// Do two halves belong together? With encoding `paper` their signs agree.
[[nodiscard]] constexpr bool halves_agree(const Format& format, const Halves& halves) {
  return format.full_range() || code_negative(format, halves.upper) == code_negative(format, halves.lower);
}

/// S of an outlier of encoding `paper`, hidden one included.
[[nodiscard]] constexpr int outlier_significand(const Format& format, const Halves& halves) {
  return format.significand_min() + (code_magnitude(format, halves.upper) << format.half_mantissa_bits()) +
         code_magnitude(format, halves.lower);
}

/// An outlier in units of step * 2^(r - F): (-1)^s * S with encoding `paper`, M with `full_range`.
[[nodiscard]] constexpr int outlier_integer(const Format& format, const Halves& halves) {
  if (format.full_range()) return inlier_value(format, halves.upper) * (1 << format.bits) + halves.lower;
  const int significand = outlier_significand(format, halves);
  return code_negative(format, halves.upper) ? -significand : significand;
}

/// Exponent of the leading one of an outlier of encoding `paper` relative to Isf + r: an outlier is
/// 1.mantissa * 2^(Isf + r + this).
[[nodiscard]] constexpr int outlier_exponent_offset(const Format& format) {
  return format.mantissa_bits() - kFractionBits;
}

}  // namespace msq::golden
