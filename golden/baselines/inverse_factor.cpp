#include "golden/baselines/inverse_factor.hpp"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <cmath>
#include <string>

namespace msq::golden::baselines {
namespace {}  // namespace

Result<> check_hessian(const Eigen::MatrixXd& hessian, std::int64_t k, double damping) {
  if (hessian.rows() != k || hessian.cols() != k) {
    return Error(
        fmt::format("H is {}x{}; weights with k={} need {}x{}", hessian.rows(), hessian.cols(), k, k, k));
  }
  if (!std::isfinite(damping) || damping < 0) {
    return Error(fmt::format("damping is {}; allowed are finite numbers of at least 0", damping));
  }
  for (Eigen::Index column = 0; column < k; ++column) {
    for (Eigen::Index row = column; row < k; ++row) {
      if (std::isfinite(hessian(row, column))) continue;
      return Error(
          fmt::format("H [{}][{}] is {}; every element must be finite", row, column, hessian(row, column)));
    }
  }
  return {};
}

// With J reversing the order: J H J = L L^T, so H = R R^T with the upper R = J L J, and U = R^-1 = J L^-1 J.
Result<Eigen::MatrixXd> upper_inverse_factor(const Eigen::MatrixXd& hessian, double damping) {
  const Eigen::Index k = hessian.rows();
  // Reversing both orders makes an upper triangle of the lower one.
  Eigen::MatrixXd reversed = hessian.transpose().reverse();
  reversed.diagonal().array() += damping * hessian.diagonal().mean();
  const Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>, Eigen::Lower> cholesky(reversed);
  if (cholesky.info() != Eigen::Success) {
    return Error(fmt::format("H with damping {} is not positive definite; raise the damping", damping));
  }
  Eigen::MatrixXd inverse = Eigen::MatrixXd::Identity(k, k);
  reversed.triangularView<Eigen::Lower>().solveInPlace(inverse);
  return Eigen::MatrixXd(inverse.reverse());
}

}  // namespace msq::golden::baselines
