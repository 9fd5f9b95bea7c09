#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace msq::golden::baselines {

/// Result of an array of integer PEs (int4, int8, olive): X * W, exactly. `activations` is [m][k],
/// `weights` [k][n], both in units of their scales.
[[nodiscard]] std::vector<std::int64_t> integer_gemm(std::span<const std::int8_t> activations,
                                                     std::span<const int> weights, std::int64_t m,
                                                     std::int64_t k, std::int64_t n);

/// Result of a gobo array: products of activations with FP32 weights (centroids or outliers), each
/// rounded to FP32, added from k = 0 on to a sum that begins with +0, each sum rounded to FP32; half to even.
/// A product or sum that is subnormal is a zero with its sign. Weights are 0 or normal, and products and sums
/// finite.
[[nodiscard]] std::vector<float> fp32_gemm(std::span<const std::int8_t> activations,
                                           std::span<const float> weights, std::int64_t m, std::int64_t k,
                                           std::int64_t n);

/// One step of it: a + b.
[[nodiscard]] float fp32_add(float a, float b);

}  // namespace msq::golden::baselines
