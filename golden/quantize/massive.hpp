#pragma once

#include <cstdint>

#include "golden/quantize/calibration.hpp"

namespace msq::golden {

/// Largest activation of an input as a multiple of the median over the inputs from which it is massive.
inline constexpr double kMassive = 16;

/// Inputs of massive activations of which calibration holds hardly any token.
struct HardlySeenInputs {
  std::int64_t count = 0;
  std::int64_t worst = 0;  ///< input k of the largest share
  double share = 0;        ///< part of its sum of squares that the largest activation makes up, 0..1
};

/// Inputs whose largest |activation| is at least kMassive times the median of all inputs (those that are
/// always zero apart) and makes up more than a quarter of their sum of squares: fewer than four such tokens.
/// None if the largest are not known. `largest` must be finite.
[[nodiscard]] HardlySeenInputs hardly_seen(const Calibration& calibration);

}  // namespace msq::golden
