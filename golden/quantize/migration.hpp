#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "golden/quantize/hessian.hpp"

namespace msq::golden {

/// Migration of activation outliers into weights (SmoothQuant, equation 4; the paper, with alpha = 0.7):
/// scale s_k = max|X_k|^alpha / max|W_k|^(1 - alpha) by which activations of input k are divided and its
/// weights are multiplied, so that X W stays the same. An input that is never used, or whose weights are
/// zero, keeps 1. `weights` is [k][n], `largest` [k] the largest |activation| of each input. Returns [k], all
/// > 0.
[[nodiscard]] std::vector<double> migration_scales(std::span<const float> weights,
                                                   std::span<const float> largest, std::int64_t k,
                                                   std::int64_t n, double alpha);

/// Weights times the scales, and the Hessian of the activations divided by them.
void migrate(std::span<const double> scales, std::span<float> weights, Hessian& hessian);

}  // namespace msq::golden
