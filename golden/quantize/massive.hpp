#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "golden/quantize/calibration.hpp"

namespace msq::golden {

/// From so many times the median of their like on, the largest activations of an input or a token are
/// massive.
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

/// [tokens]: largest |activation| of each of the activations [tokens][k].
[[nodiscard]] std::vector<float> largest_of_tokens(std::span<const float> activations, std::int64_t k);

/// How often tokens count in H: `massive_weight` (1 or more) times those whose largest |activation| is at
/// least kMassive times the median of all tokens (those of zeros apart), the others once.
[[nodiscard]] std::vector<double> token_counts(const std::vector<float>& largest, double massive_weight);

}  // namespace msq::golden
