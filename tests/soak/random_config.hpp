#pragma once

#include <cstdint>
#include <iterator>

#include "gen/config/config.hpp"

namespace msq::tests {

/// Outlier paths times encodings times two sizes.
inline constexpr int kConfigKinds = static_cast<int>(std::size(kOutlierPaths) * std::size(kEncodings) * 2);

/// Configuration number `index` of a soak. Any kConfigKinds in a row are of every outlier path, every
/// encoding, 4x4 and 8x8; all else is drawn from `seed` and the number. Every fifth of each round, another
/// one each time, is for the whole accelerator.
[[nodiscard]] Config random_config(std::uint32_t seed, int index);
[[nodiscard]] inline bool is_for_accelerator(int index) {
  return (index % kConfigKinds + index / kConfigKinds) % 5 == 4;
}

}  // namespace msq::tests
