#include "golden/quantize/hessian.hpp"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace msq::golden {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using RowMajorXf = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr Index kBlock = 128;  // columns that a blocked step works on at a time

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

// Rows and columns in the given order, by swaps in place; only the lower triangle is read and right
// afterwards.
void permute(MatrixXd& m, std::span<const std::int64_t> order) {
  if (std::is_sorted(order.begin(), order.end())) return;
  m.triangularView<Eigen::StrictlyUpper>() = m.transpose();
  std::vector<Index> at(order.size());     // where a row of the original is now
  std::vector<Index> holds(order.size());  // which row of the original is here
  std::iota(at.begin(), at.end(), 0);
  std::iota(holds.begin(), holds.end(), 0);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto here = static_cast<Index>(i);
    const Index there = at[static_cast<std::size_t>(order[i])];
    if (there == here) continue;
    m.row(here).swap(m.row(there));
    m.col(here).swap(m.col(there));
    std::swap(holds[i], holds[static_cast<std::size_t>(there)]);
    at[static_cast<std::size_t>(holds[i])] = here;
    at[static_cast<std::size_t>(holds[static_cast<std::size_t>(there)])] = there;
  }
}

}  // namespace

Result<Hessian> Hessian::of_sums(std::span<const float> sums, std::int64_t k, std::int64_t tokens) {
  Hessian hessian(k);
  hessian.tokens_ = tokens;
  hessian.matrix_ = Eigen::Map<const RowMajorXf>(sums.data(), k, k).cast<double>();
  const MatrixXd& h = hessian.matrix_;
  for (Index i = 0; i < k; ++i) {
    for (Index j = 0; j <= i; ++j) {
      const double difference = std::fabs(h(i, j) - h(j, i));
      const bool right = i == j ? h(i, i) >= 0 : difference <= 1e-3 * std::sqrt(std::fabs(h(i, i) * h(j, j)));
      if (std::isfinite(h(i, j)) && right) continue;
      return Error(
          fmt::format("entry [{}][{}] is {:g}, [{}][{}] {:g}; allowed: a symmetric matrix of finite "
                      "numbers, none on the diagonal negative",
                      i, j, h(i, j), j, i, h(j, i)));
    }
  }
  return hessian;
}

Result<> Hessian::add(std::span<const float> activations, std::span<const double> counts) {
  const auto columns = static_cast<std::size_t>(k());
  if (activations.size() % columns != 0) {
    return Error(
        fmt::format("activations hold {} values; a multiple of k={} is needed", activations.size(), columns));
  }
  const auto bad =
      std::find_if_not(activations.begin(), activations.end(), [](float x) { return std::isfinite(x); });
  if (bad != activations.end()) {
    const auto index = bad - activations.begin();
    return Error(fmt::format("activation [token={}][k={}] is {}; every activation must be finite",
                             tokens_ + index / k(), index % k(), *bad));
  }
  const auto tokens = static_cast<Index>(activations.size() / columns);
  const Eigen::Map<const RowMajorXf> x(activations.data(), tokens, k());
  for (Index first = 0; first < tokens; first += kHessianTokens) {
    const Index size = std::min(kHessianTokens, tokens - first);
    MatrixXd batch = x.middleRows(first, size).cast<double>().transpose();
    if (!counts.empty()) {
      const Eigen::Map<const Eigen::VectorXd> of_batch(&counts[static_cast<std::size_t>(first)], size);
      batch *= of_batch.cwiseSqrt().asDiagonal();
    }
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

Result<HessianFactor> HessianFactor::create(Hessian hessian, std::span<const std::int64_t> order,
                                            double damping) {
  const std::int64_t tokens = hessian.tokens();
  HessianFactor factor;
  MatrixXd& h = factor.buffer_;
  h = std::move(hessian).take();
  if (static_cast<Index>(order.size()) != h.rows())
    throw std::logic_error("HessianFactor: order has another size");
  permute(h, order);
  const Eigen::VectorXd diagonal = h.diagonal();
  const double mean = std::max(diagonal.mean(), std::numeric_limits<double>::min());
  const double most = std::max(damping, 1.0);
  double relative = damping;
  while (relative <= most) {
    factor.diagonal_ = (diagonal.array() == 0).select(mean, diagonal.array() + relative * mean);
    // The lower triangle restores the upper one, which an earlier attempt may have overwritten.
    h.triangularView<Eigen::StrictlyUpper>() = h.transpose();
    h.diagonal() = factor.diagonal_;
    if (factorize(h)) {
      invert(h);
      factor.damping_ = relative;
      factor.added_ = factor.diagonal_ - diagonal;
      return factor;
    }
    relative = std::max(relative * 10, 1e-8);
  }
  return Error(
      fmt::format("the Hessian of {} tokens is not positive definite even with its mean diagonal {:g} added",
                  tokens, mean));
}

RowMajorXd HessianFactor::product(const Eigen::Ref<const RowMajorXd>& rows) const {
  RowMajorXd result = RowMajorXd::Zero(rows.rows(), rows.cols());
  for (Index first = 0; first < k(); first += kBlock) {
    const Index count = std::min(kBlock, k() - first);
    result.noalias() += columns(first, count) * rows.middleRows(first, count);
  }
  return result;
}

double HessianFactor::squared_error(const Eigen::Ref<const RowMajorXd>& errors) const {
  const double damped = errors.cwiseProduct(product(errors)).sum();
  return std::max(0.0, damped - (added_.asDiagonal() * errors.cwiseProduct(errors)).sum());
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
