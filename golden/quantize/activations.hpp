#pragma once

#include <cstdint>
#include <span>

#include "golden/tensor.hpp"
#include "support/result.hpp"

namespace msq::golden {

/// MX-INT-8 or -4 activations (numerics.md, "Activations"): x = clamp(round_half_even(X / 2^Xsf)) with
/// Xsf = floor(log2(max |X|)) - (bits - 2) of each block of `block` values along K, limited to -127..127;
/// -127 for an all-zero block. `values` is [m][k], row-major. `bits` is 8 or 4, `block` 32, 64 or 128, m and
/// k are 1..kMaxDimension. Errors name the field or, for NaN and infinity, the position.
[[nodiscard]] Result<QuantizedActivations> quantize_activations(std::span<const float> values, std::int64_t m,
                                                                std::int64_t k, int bits, int block);

}  // namespace msq::golden
