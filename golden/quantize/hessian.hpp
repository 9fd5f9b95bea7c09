#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <span>
#include <utility>

#include "support/result.hpp"

namespace msq::golden {

/// Tokens summed at a time: batches of a multiple of it give the same bits as all tokens at once.
inline constexpr std::int64_t kHessianTokens = 256;

using RowMajorXd = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// H = 2 X^T X of calibration activations X[tokens][k], summed in double as batches arrive; tokens may count
/// several times. Source: paper, Algorithm 1.
class Hessian {
 public:
  explicit Hessian(std::int64_t k) : matrix_(Eigen::MatrixXd::Zero(k, k)) {}

  /// From `sums`, 2 X^T X [k][k] of so many tokens. Error: NaN, infinity, a negative diagonal, or two entries
  /// that should be equal and differ by more than 1e-3 of the geometric mean of their diagonals.
  [[nodiscard]] static Result<Hessian> of_sums(std::span<const float> sums, std::int64_t k,
                                               std::int64_t tokens);

  /// Adds activations [tokens][k], row-major, each token as often as `counts` [tokens] says, from 0 on and
  /// finite; empty: once. Error: a size that is no multiple of k, NaN or infinity (named by token and k,
  /// tokens counted over all batches).
  [[nodiscard]] Result<> add(std::span<const float> activations, std::span<const double> counts = {});

  /// The Hessian of the same activations, those of input k divided by scales[k].
  void divide_inputs(std::span<const double> scales);

  [[nodiscard]] std::int64_t k() const { return matrix_.rows(); }
  [[nodiscard]] std::int64_t tokens() const { return tokens_; }
  /// [k][k]; only the lower triangle is meaningful.
  [[nodiscard]] const Eigen::MatrixXd& lower() const { return matrix_; }
  /// Moves the buffer of lower() out.
  [[nodiscard]] Eigen::MatrixXd take() && { return std::move(matrix_); }

 private:
  Eigen::MatrixXd matrix_;
  std::int64_t tokens_ = 0;
};

/// The parts of a Hessian that error compensation needs, whose rows and columns in `order`: the damped H, and
/// U, the upper Cholesky factor of its inverse (H^-1 = U^T U). Both live in one [k][k] buffer.
class HessianFactor {
 public:
  /// `damping` times the mean of the diagonal is added to the diagonal, ten times as much each time the sum
  /// is still not positive definite. Inputs that calibration never saw (diagonal 0) are cut off from the
  /// others: their weights neither pass errors on nor take any. `order` is a permutation of 0..k-1. Error: no
  /// damping up to the mean of the diagonal makes H positive definite (entries that overflowed).
  [[nodiscard]] static Result<HessianFactor> create(Hessian hessian, std::span<const std::int64_t> order,
                                                    double damping);

  [[nodiscard]] std::int64_t k() const { return buffer_.rows(); }
  /// U; only its upper triangle is meaningful, the Hessian is below.
  [[nodiscard]] const Eigen::MatrixXd& upper() const { return buffer_; }
  /// U_ii: an error e of row i costs (e / U_ii)^2 once the rows after it have compensated it.
  [[nodiscard]] double pivot(std::int64_t i) const { return buffer_(i, i); }
  /// Sum over columns of e^T H e for errors [k][columns], rows in `order`, H without its damping.
  [[nodiscard]] double squared_error(const Eigen::Ref<const RowMajorXd>& errors) const;
  /// H times rows [k][columns] in `order`, H with its damping.
  [[nodiscard]] RowMajorXd product(const Eigen::Ref<const RowMajorXd>& rows) const;
  /// Damped H_ii.
  [[nodiscard]] double diagonal(std::int64_t i) const { return diagonal_(i); }
  /// Columns first..first+count-1 of the damped H, [k][count].
  [[nodiscard]] Eigen::MatrixXd columns(std::int64_t first, std::int64_t count) const;
  /// The damping that was used, relative to the mean of the diagonal.
  [[nodiscard]] double damping() const { return damping_; }

 private:
  HessianFactor() = default;

  Eigen::MatrixXd buffer_;  // strictly lower triangle: H; upper with diagonal: U
  Eigen::VectorXd diagonal_;
  Eigen::VectorXd added_;  // to the diagonal
  double damping_ = 0;
};

}  // namespace msq::golden
