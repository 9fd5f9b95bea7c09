#pragma once

#include <algorithm>
#include <cassert>

#include "golden/quantize/rounding.hpp"

namespace msq::golden::baselines {

inline constexpr double kFloat16Max = 65504;
inline constexpr double kFloat16Min = 0x1p-24;  ///< smallest subnormal

/// The binary16 number nearest to a scale >= 0, halves to even. No scale vanishes or overflows: scales that
/// would round to 0 become 2^-24, those above the largest number become 65504.
[[nodiscard]] inline double scale_to_float16(double scale) {
  assert(scale >= 0);
  if (scale <= kFloat16Min) return kFloat16Min;
  if (scale >= kFloat16Max) return kFloat16Max;
  const double step = power_of_two(std::max(floor_log2(scale), -14) - 10);
  return round_half_even_to(scale / step, 1 << 11) * step;
}

}  // namespace msq::golden::baselines
