#include "golden/quantize/hessian.hpp"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace msq::golden {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using RowMajorXf = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr Index kBlock = 128;  // columns that a blocked step works on at a time
constexpr Index kTokens = 256;

// Cholesky from the last row up, in place: the upper triangle of `m` becomes R with H = R R^T. Works on
// blocks so that nearly all the time goes into matrix products. False if H is not positive definite.
bool factorize(MatrixXd& m) {
  for (Index end = m.rows(); end > 0; end -= std::min(kBlock, end)) {
    const Index size = std::min(kBlock, end);
    const Index first = end - size;
    // Reversed in both directions, R R^T is an ordinary Cholesky decomposition.
    const MatrixXd reversed =
        MatrixXd(m.block(first, first, size, size).selfadjointView<Eigen::Upper>()).reverse();
    const Eigen::LLT<MatrixXd> decomposition(reversed);
    if (decomposition.info() != Eigen::Success) return false;
    const MatrixXd diagonal = MatrixXd(decomposition.matrixL()).reverse();
    if (!diagonal.allFinite()) return false;
    m.block(first, first, size, size).triangularView<Eigen::Upper>() = diagonal;
    if (first == 0) break;  // Eigen's triangular products cannot be empty
    auto above = m.block(0, first, first, size);
    diagonal.triangularView<Eigen::Upper>().transpose().solveInPlace<Eigen::OnTheRight>(above);
    m.topLeftCorner(first, first).selfadjointView<Eigen::Upper>().rankUpdate(above, -1.0);
  }
  return true;
}

// Inverse of the upper triangle, in place.
void invert(MatrixXd& m) {
  for (Index first = 0; first < m.rows(); first += kBlock) {
    const Index size = std::min(kBlock, m.rows() - first);
    const MatrixXd diagonal = m.block(first, first, size, size).triangularView<Eigen::Upper>();
    const MatrixXd inverse = diagonal.triangularView<Eigen::Upper>().solve(MatrixXd::Identity(size, size));
    m.block(first, first, size, size).triangularView<Eigen::Upper>() = inverse;
    if (first == 0) continue;  // Eigen's triangular products cannot be empty
    const MatrixXd above = m.block(0, first, first, size) * inverse.triangularView<Eigen::Upper>();
    m.block(0, first, first, size).noalias() =
        m.topLeftCorner(first, first).triangularView<Eigen::Upper>() * (-above);
  }
}

}  // namespace

Result<void> Hessian::add(std::span<const float> activations) {
  const auto columns = static_cast<std::size_t>(k());
  if (activations.size() % columns != 0) {
    return tl::unexpected(
        fmt::format("activations hold {} values; a multiple of k={} is needed", activations.size(), columns));
  }
  const auto bad =
      std::find_if_not(activations.begin(), activations.end(), [](float x) { return std::isfinite(x); });
  if (bad != activations.end()) {
    const auto index = bad - activations.begin();
    return tl::unexpected(fmt::format("activation [token={}][k={}] is {}; every activation must be finite",
                                      tokens_ + index / k(), index % k(), *bad));
  }
  const auto tokens = static_cast<Index>(activations.size() / columns);
  const Eigen::Map<const RowMajorXf> x(activations.data(), tokens, k());
  for (Index first = 0; first < tokens; first += kTokens) {
    const MatrixXd batch = x.middleRows(first, std::min(kTokens, tokens - first)).cast<double>().transpose();
    matrix_.selfadjointView<Eigen::Lower>().rankUpdate(batch, 2.0);
  }
  tokens_ += tokens;
  return {};
}

void Hessian::divide_inputs(std::span<const double> scales) {
  const Eigen::VectorXd inverse =
      Eigen::Map<const Eigen::VectorXd>(scales.data(), static_cast<Index>(scales.size())).cwiseInverse();
  matrix_ = inverse.asDiagonal() * matrix_ * inverse.asDiagonal();
}

Result<HessianFactor> HessianFactor::create(const Hessian& hessian, std::span<const std::int64_t> order,
                                            double damping) {
  const MatrixXd& h = hessian.lower();
  const Index k = h.rows();
  if (static_cast<Index>(order.size()) != k) throw std::logic_error("HessianFactor: order has another size");
  const double mean = std::max(h.diagonal().mean(), std::numeric_limits<double>::min());
  HessianFactor factor;
  factor.buffer_.resize(k, k);
  factor.diagonal_.resize(k);
  for (double relative = damping; relative <= std::max(damping, 1.0);
       relative = std::max(relative * 10, 1e-8)) {
    for (Index j = 0; j < k; ++j) {
      for (Index i = j; i < k; ++i) {
        const Index row = order[static_cast<std::size_t>(i)];
        const Index column = order[static_cast<std::size_t>(j)];
        const double value = h(std::max(row, column), std::min(row, column));
        factor.buffer_(i, j) = value;
        factor.buffer_(j, i) = value;
      }
      const double diagonal = factor.buffer_(j, j);
      factor.diagonal_(j) = diagonal == 0 ? mean : diagonal + relative * mean;
      factor.buffer_(j, j) = factor.diagonal_(j);
    }
    if (!factorize(factor.buffer_)) continue;
    invert(factor.buffer_);
    factor.damping_ = relative;
    return factor;
  }
  return tl::unexpected(
      fmt::format("the Hessian of {} tokens is not positive definite even with its mean diagonal {:g} added",
                  hessian.tokens(), mean));
}

Eigen::MatrixXd HessianFactor::columns(std::int64_t first, std::int64_t count) const {
  MatrixXd result(k(), count);
  result.topRows(first) = buffer_.block(first, 0, count, first).transpose();
  const Index below = k() - first - count;
  result.bottomRows(below) = buffer_.block(first + count, first, below, count);
  MatrixXd square = buffer_.block(first, first, count, count).triangularView<Eigen::StrictlyLower>();
  square += MatrixXd(square.transpose());
  square.diagonal() = diagonal_.segment(first, count);
  result.middleRows(first, count) = square;
  return result;
}

}  // namespace msq::golden
