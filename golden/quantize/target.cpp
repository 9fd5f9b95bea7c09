#include "golden/quantize/target.hpp"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

namespace msq::golden {
namespace {

using RowMajorXf = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Result<> check_target(std::span<const float> target, std::size_t weights, Eigen::Index n) {
  if (target.size() != weights)
    return Error(fmt::format("the target has {} values; allowed: {}", target.size(), weights));
  const auto bad = std::ranges::find_if_not(target, [](float t) { return std::isfinite(t); });
  if (bad == target.end()) return {};
  const auto at = bad - target.begin();
  return Error(fmt::format("target [k={}][n={}] is {}; every value must be finite", at / n, at % n, *bad));
}

}  // namespace

Result<std::vector<float>> weights_for_target(std::span<const float> weights, const Hessian& hessian,
                                              std::span<const float> target, double damping,
                                              double strength) {
  const Eigen::Index k = hessian.k();
  const Eigen::Index n = static_cast<Eigen::Index>(weights.size()) / k;
  MSQ_CHECK(check_target(target, weights.size(), n));
  const RowMajorXd w = Eigen::Map<const RowMajorXf>(weights.data(), k, n).cast<double>();
  Eigen::MatrixXd h = hessian.lower().selfadjointView<Eigen::Lower>();
  const RowMajorXd missing = Eigen::Map<const RowMajorXf>(target.data(), k, n).cast<double>() - h * w;
  const double mean = h.diagonal().mean();
  h.diagonal() =
      (h.diagonal().array() == 0).select(mean > 0 ? mean : 1.0, h.diagonal().array() + damping * mean);
  const Eigen::LLT<Eigen::MatrixXd> factor(h);
  if (factor.info() != Eigen::Success)
    return Error(fmt::format("the Hessian with damping {:g} is not positive definite", damping));
  RowMajorXd correction = factor.solve(missing);
  for (Eigen::Index i = 0; i < k; ++i) {
    if (hessian.lower()(i, i) == 0) correction.row(i).setZero();
  }
  std::vector<float> result(weights.size());
  Eigen::Map<RowMajorXf>(result.data(), k, n) = (w + strength * correction).cast<float>();
  return result;
}

}  // namespace msq::golden
