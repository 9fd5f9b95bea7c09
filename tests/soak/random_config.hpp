#pragma once

#include <cstdint>

#include "gen/config/config.hpp"

namespace msq::tests {

/// Configuration number `index` of a soak. Any twelve in a row are of every outlier path, both encodings, 4x4
/// and 8x8; all else is drawn from `seed` and the number. Every fifth is one for the whole accelerator.
[[nodiscard]] Config random_config(std::uint32_t seed, int index);
[[nodiscard]] inline bool is_for_accelerator(int index) { return index % 5 == 4; }

}  // namespace msq::tests
