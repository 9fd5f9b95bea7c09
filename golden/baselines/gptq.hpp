#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <span>

#include "golden/baselines/integer_grid.hpp"
#include "golden/baselines/result.hpp"
#include "support/result.hpp"

namespace msq::golden::baselines {

struct GptqOptions {
  IntegerOptions grid;
  double damping = 0.01;       ///< of the mean of H's diagonal, added to the diagonal; >= 0
  bool act_order = false;      ///< quantize rows in the order of falling H[k][k], equal ones in their order
  bool static_groups = false;  ///< grids of the weights as given; groups of neighbouring k in any order
  std::int64_t panel_columns = 64;  ///< columns quantized together, >= 1: memory and speed, not the result
};

/// GPTQ: Frantar et al., "GPTQ: Accurate Post-Training Quantization for Generative Pre-trained Transformers"
/// (ICLR 2023), section 4 and algorithm 1: row after row of W is rounded to its grids, and its error divided
/// by U[r][r], times U[r][j], is subtracted from each row j that follows. `weights` is [k][n], `hessian` H =
/// 2 X^T X is [k][k] (any positive multiple gives the same); only its lower triangle is read. U is
/// upper_inverse_factor.
///
/// As in the program published with it: a row whose H[r][r] is 0 (an input that is always 0) becomes 0, its
/// H[r][r] 1; grids (fit_grid) are found when the first row of their group is reached, from the weights as
/// compensated by then.
///
/// Differences: the published program collects updates over 128 rows and finds the grid of a group that
/// starts among them without these updates. Here updates are collected too, but every grid sees all of them,
/// so the result does not depend on the 128. Numbers are doubles, scales FP16.
///
/// Stored: b bits per weight, 16 per scale, b per zero point if asymmetric. With act_order and without
/// static_groups a group is no run of k: then ceil(log2(groups)) bits for each k say to which it belongs
/// (the usual file format spends 32).
///
/// Errors: options, a shape that does not fit, H of another size, not finite or not positive definite, NaN or
/// infinity in the weights (position named).
[[nodiscard]] Result<BaselineResult> gptq(std::span<const float> weights, std::int64_t k, std::int64_t n,
                                          const Eigen::MatrixXd& hessian, const GptqOptions& options);

}  // namespace msq::golden::baselines
