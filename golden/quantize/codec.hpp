#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "golden/format.hpp"
#include "golden/quantize/rounding.hpp"

// Nearest codes of single weights, for both encodings. A step is the value of inlier 1: 2^Isf with encoding
// `paper`, the signed scale with `full_range`.

namespace msq::golden {

/// Nearest inlier: clamp(round_half_even(weight / step), qmin, qmax).
[[nodiscard]] constexpr int nearest_inlier(const Format& format, double weight, double step) {
  const double ratio = weight / step;
  return ratio < 0 ? -round_half_even_to(-ratio, -format.qmin()) : round_half_even_to(ratio, format.qmax());
}

/// Step of a scale: factor * 2^(Isf - t).
[[nodiscard]] inline double step_of(const Format& format, int scale, int factor) {
  return std::ldexp(factor, scale - format.scale_mantissa_bits);
}

/// Value of outlier integer 1 at shift r: step * 2^(r - F).
[[nodiscard]] inline double outlier_unit(const Format& format, double step, int shift) {
  return std::ldexp(step, shift - format.fraction_bits);
}

/// Nearest outlier integer: (-1)^s * S with encoding `paper` (S is never zero), M with `full_range`.
[[nodiscard]] inline int nearest_outlier(const Format& format, double weight, double unit) {
  const double ratio = weight / unit;
  if (format.full_range()) {
    return ratio < 0 ? -round_half_even_to(-ratio, format.outlier_max())
                     : round_half_even_to(ratio, format.outlier_max() - 1);
  }
  const int significand =
      std::max(round_half_even_to(std::fabs(ratio), format.significand_max()), format.significand_min());
  return weight < 0 ? -significand : significand;
}

}  // namespace msq::golden
