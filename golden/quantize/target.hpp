#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "golden/quantize/hessian.hpp"
#include "support/result.hpp"

namespace msq::golden {

/// Weights [k][n] whose outputs come nearest to wanted ones Y, in least squares:
/// W + strength * (H + D)^-1 (T - H W), with H = 2 X^T X, T = `target` = 2 X^T Y [k][n] and D `damping` times
/// the mean of H's diagonal. Where the inputs X of a quantized model differ from those of the original, this
/// compensates the difference (GPTAQ, arXiv:2504.02692; QEP, arXiv:2504.09629). Inputs that calibration
/// never saw keep their weights. Strength 0..1. Error: a target of another size, NaN or infinity in it, H + D
/// not positive definite.
[[nodiscard]] Result<std::vector<float>> weights_for_target(std::span<const float> weights,
                                                            const Hessian& hessian,
                                                            std::span<const float> target, double damping,
                                                            double strength);

}  // namespace msq::golden
