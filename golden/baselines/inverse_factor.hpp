#pragma once

#include <Eigen/Core>
#include <cstdint>

#include "support/result.hpp"

namespace msq::golden::baselines {

/// H is [k][k], finite in its lower triangle; damping is finite and >= 0. The error names the value found,
/// for a number its position.
[[nodiscard]] Result<> check_hessian(const Eigen::MatrixXd& hessian, std::int64_t k, double damping);

/// The upper triangular U with a positive diagonal and U^T U = (H + damping * mean(diag H) * I)^-1. H is
/// symmetric; only its lower triangle is read, and must pass check_hessian. Error: the damped H is not
/// positive definite.
[[nodiscard]] Result<Eigen::MatrixXd> upper_inverse_factor(const Eigen::MatrixXd& hessian, double damping);

}  // namespace msq::golden::baselines
