#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace msq::golden::baselines {

/// What an array of integer PEs computes (int4, int8, olive): X * W, exactly. `activations` is [m][k],
/// `weights` [k][n], both in units of their scales.
[[nodiscard]] std::vector<std::int64_t> integer_gemm(std::span<const std::int8_t> activations,
                                                     std::span<const int> weights, std::int64_t m,
                                                     std::int64_t k, std::int64_t n);

}  // namespace msq::golden::baselines
