#pragma once

#include <cstdint>
#include <vector>

namespace msq::golden::baselines {

/// Result of a published quantizer for the weights W [k][n] of a layer Y = X W; k is the dimension of the dot
/// products, all arrays are row-major.
struct BaselineResult {
  std::vector<float> values;  ///< [k][n], dequantized
  std::int64_t stored_bits =
      0;  ///< every stored bit: codes with padding, scales, zero points, tables, indices
};

/// EBW, the effective bit width: stored bits per weight.
[[nodiscard]] inline double effective_bits(const BaselineResult& result) {
  return static_cast<double>(result.stored_bits) / static_cast<double>(result.values.size());
}

}  // namespace msq::golden::baselines
