#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "golden/quantize/quantizer.hpp"

namespace msq::golden {

using Real = long double;

/// 2 X^T X, [k][k], of activations [tokens][k], by the definition.
std::vector<Real> plain_hessian(std::span<const float> activations, std::int64_t k);

/// The same damped: diagonal elements of 0 become the mean of the diagonal, to the others `damping` times it
/// is added.
std::vector<Real> damped_hessian(std::vector<Real> hessian, std::int64_t k, Real damping);

/// Inverse of a positive definite [k][k] by Gauss-Jordan elimination.
std::vector<Real> inverse(std::vector<Real> matrix, std::int64_t k);

/// The quantizer with error compensation written down once more in long double: the explicit inverse of H,
/// from which row after row is eliminated (optimal brain quantization), every row's error spread at once over
/// all rows that follow. No panels, no factorization, no lazy updates; in sweeps H d is summed up anew for
/// every weight. `hessian` is [k][k], not damped; empty: no compensation. OutlierRule other than sigma with
/// n_max = 1 only. Shares no code with the quantizer except the types.
QuantizedTensor compensated_reference(std::span<const float> weights, std::int64_t k, std::int64_t n,
                                      const QuantizerOptions& options, const std::vector<Real>& hessian);

}  // namespace msq::golden
