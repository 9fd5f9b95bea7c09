#include "golden/quantize/target.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>

namespace msq::golden {
namespace {

using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr Eigen::Index kTokens = 200, kInputs = 12, kOutputs = 5;

Rows random_rows(Eigen::Index rows, Eigen::Index columns, unsigned seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal;
  Rows matrix(rows, columns);
  for (float& value : matrix.reshaped()) value = normal(engine);
  return matrix;
}

std::span<const float> values(const Rows& matrix) {
  return {matrix.data(), static_cast<std::size_t>(matrix.size())};
}

Hessian hessian_of(const Rows& x) {
  Hessian hessian(x.cols());
  EXPECT_TRUE(hessian.add(values(x)));
  return hessian;
}

Rows fitted(const Rows& w, const Rows& x, const Rows& y, double damping, double strength) {
  const Rows target = 2 * x.transpose() * y;
  const auto result = weights_for_target(values(w), hessian_of(x), values(target), damping, strength);
  EXPECT_TRUE(result) << result.error();
  return Eigen::Map<const Rows>(result->data(), w.rows(), w.cols());
}

// Inputs with an error, outputs of the right ones: the least squares solution has the least error.
TEST(Target, FindsTheLeastSquares) {
  const Rows w = random_rows(kInputs, kOutputs, 1);
  const Rows x0 = random_rows(kTokens, kInputs, 2);
  const Rows x = x0 + 0.5F * random_rows(kTokens, kInputs, 3);
  const Rows y = x0 * w;
  const Rows best = fitted(w, x, y, 0, 1);
  EXPECT_LT((x.transpose() * (x * best - y)).norm(), 1e-3 * (x.transpose() * y).norm());  // normal equations
  EXPECT_LT((x * best - y).norm(), 0.95 * (x * w - y).norm());
  const Rows half = fitted(w, x, y, 0, 0.5);
  EXPECT_LT((half - (w + best) / 2).norm(), 1e-5 * w.norm());
  EXPECT_EQ(fitted(w, x, y, 0, 0), w);
}

TEST(Target, OwnOutputsChangeNothing) {
  const Rows w = random_rows(kInputs, kOutputs, 4);
  const Rows x = random_rows(kTokens, kInputs, 5);
  EXPECT_LT((fitted(w, x, x * w, 0.01, 1) - w).norm(), 1e-5 * w.norm());
}

TEST(Target, InputsNeverSeenKeepTheirWeights) {
  const Rows w = random_rows(kInputs, kOutputs, 6);
  Rows x = random_rows(kTokens, kInputs, 7);
  x.col(3).setZero();
  const Rows y = x * random_rows(kInputs, kOutputs, 8);
  const Rows best = fitted(w, x, y, 0, 1);
  EXPECT_EQ(Rows(best.row(3)), Rows(w.row(3)));
  EXPECT_LT((x * best - y).norm(), 1e-4 * y.norm());
}

TEST(Target, WrongOnesAreNamed) {
  const Rows w = random_rows(kInputs, kOutputs, 9);
  const Rows x = random_rows(kTokens, kInputs, 10);
  Rows target = Rows::Zero(kInputs, kOutputs);
  const auto error = [&](const Rows& wanted) {
    const auto result = weights_for_target(values(w), hessian_of(x), values(wanted), 0, 1);
    return result ? std::string() : result.error();
  };
  target(2, 1) = std::numeric_limits<float>::infinity();
  EXPECT_NE(error(target).find("[k=2][n=1] is inf"), std::string::npos);
  EXPECT_NE(error(Rows::Zero(kInputs, 1)).find("12 values; allowed: 60"), std::string::npos);
}

}  // namespace
}  // namespace msq::golden
