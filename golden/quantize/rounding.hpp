#pragma once

#include <algorithm>
#include <cassert>
#include <cmath>

#include "golden/format.hpp"

namespace msq::golden {

/// min(limit, magnitude rounded to an integer, halves to even), for magnitude >= 0 (infinity allowed) and
/// limit < 2^30. Does not depend on the floating-point environment: the comparison with one half is exact.
[[nodiscard]] constexpr int round_half_even_to(double magnitude, int limit) {
  assert(magnitude >= 0);
  if (magnitude >= limit) return limit;
  const int whole = static_cast<int>(magnitude);
  const double rest = magnitude - whole;
  const bool up = rest > 0.5 || (rest == 0.5 && whole % 2 != 0);
  return up ? whole + 1 : whole;
}

/// clamp(round_half_even(value), -limit, limit).
[[nodiscard]] constexpr int round_half_even_symmetric(double value, int limit) {
  return value < 0 ? -round_half_even_to(-value, limit) : round_half_even_to(value, limit);
}

/// floor(log2(magnitude)) of a positive finite number, exact.
[[nodiscard]] inline int floor_log2(double magnitude) {
  assert(magnitude > 0 && std::isfinite(magnitude));
  return std::ilogb(magnitude);
}

/// 2^exponent, exact for every exponent this library forms.
[[nodiscard]] inline double power_of_two(int exponent) { return std::ldexp(1.0, exponent); }

/// Nearest storable power-of-two exponent.
[[nodiscard]] constexpr int clamp_scale(int exponent) { return std::clamp(exponent, kScaleMin, kScaleMax); }

}  // namespace msq::golden
