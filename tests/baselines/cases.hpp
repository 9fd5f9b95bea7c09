#pragma once

#include <Eigen/Core>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "golden/baselines/result.hpp"
#include "support/result.hpp"

namespace msq::golden::baselines {

using Floats = std::vector<float>;

inline constexpr float kInfinity = std::numeric_limits<float>::infinity();
inline constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

/// The result, or an exception that fails the test with the message.
inline BaselineResult value_of(const Result<BaselineResult>& result) {
  if (!result) throw std::runtime_error(result.error());
  return *result;
}

/// The message; fails the test by an exception if there is a result.
inline std::string error_of(const Result<BaselineResult>& result) {
  if (result) throw std::runtime_error("no error");
  return result.error();
}

inline double squared_error(const Floats& a, const Floats& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::pow(static_cast<double>(a[i]) - b[i], 2);
  return sum;
}

/// H = 2 X^T X of 2 k inputs that are correlated with their neighbours and of different size.
inline Eigen::MatrixXd random_hessian(std::int64_t k, std::mt19937& random) {
  std::normal_distribution<double> normal;
  Eigen::MatrixXd inputs(2 * k, k);
  for (Eigen::Index row = 0; row < inputs.rows(); ++row) {
    double last = 0;
    for (Eigen::Index column = 0; column < k; ++column) {
      last = 0.8 * last + normal(random);
      inputs(row, column) = last * (1.0 + static_cast<double>(column % 7));
    }
  }
  return 2 * inputs.transpose() * inputs;
}

}  // namespace msq::golden::baselines
