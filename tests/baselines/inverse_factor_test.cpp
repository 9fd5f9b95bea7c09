#include "golden/baselines/inverse_factor.hpp"

#include <gtest/gtest.h>

#include "tests/baselines/cases.hpp"

namespace msq::golden::baselines {
namespace {

Eigen::MatrixXd matrix(std::initializer_list<std::initializer_list<double>> rows) {
  return Eigen::MatrixXd(rows);
}

// H^-1 = [2 -1; -1 2] / 3.
TEST(InverseFactor, TwoByTwo) {
  const auto factor = upper_inverse_factor(matrix({{2, 1}, {1, 2}}), 0);
  ASSERT_TRUE(factor);
  EXPECT_DOUBLE_EQ((*factor)(0, 0), std::sqrt(2.0 / 3));
  EXPECT_DOUBLE_EQ((*factor)(0, 1), -std::sqrt(1.0 / 6));
  EXPECT_DOUBLE_EQ((*factor)(1, 1), std::sqrt(0.5));
  EXPECT_EQ((*factor)(1, 0), 0);
}

TEST(InverseFactor, ReadsTheLowerTriangle) {
  const auto factor = upper_inverse_factor(matrix({{2, kNaN}, {1, 2}}), 0);
  ASSERT_TRUE(factor);
  EXPECT_DOUBLE_EQ((*factor)(0, 1), -std::sqrt(1.0 / 6));
}

TEST(InverseFactor, DampingIsOfTheMeanOfTheDiagonal) {
  const auto factor = upper_inverse_factor(matrix({{1, 0}, {0, 5}}), 1);  // diagonal 4, 8
  ASSERT_TRUE(factor);
  EXPECT_DOUBLE_EQ((*factor)(0, 0), 0.5);
  EXPECT_DOUBLE_EQ((*factor)(1, 1), std::sqrt(0.125));
}

TEST(InverseFactor, IsUpperAndInvertsH) {
  std::mt19937 random(11);
  for (const std::int64_t k : {1, 2, 3, 17, 100}) {
    const Eigen::MatrixXd hessian = random_hessian(k, random);
    const auto factor = upper_inverse_factor(hessian, 0);
    ASSERT_TRUE(factor);
    EXPECT_TRUE(factor->isUpperTriangular(0));
    EXPECT_GT(factor->diagonal().minCoeff(), 0);
    const Eigen::MatrixXd product = factor->transpose() * *factor * hessian;
    EXPECT_LT((product - Eigen::MatrixXd::Identity(k, k)).norm(), 1e-9);
  }
}

TEST(InverseFactor, NotPositiveDefinite) {
  EXPECT_EQ(upper_inverse_factor(matrix({{1, 2}, {2, 1}}), 0.01).error(),
            "H with damping 0.01 is not positive definite; raise the damping");
  EXPECT_TRUE(upper_inverse_factor(matrix({{1, 1}, {1, 1}}), 0.01));
}

TEST(CheckHessian, NamesWhatIsWrong) {
  EXPECT_TRUE(check_hessian(matrix({{2, kNaN}, {1, 2}}), 2, 0));
  EXPECT_EQ(check_hessian(matrix({{2, 1}, {1, 2}}), 3, 0).error(), "H is 2x2; weights with k=3 need 3x3");
  EXPECT_EQ(check_hessian(Eigen::MatrixXd::Identity(2, 3), 2, 0).error(),
            "H is 2x3; weights with k=2 need 2x2");
  EXPECT_EQ(check_hessian(matrix({{2, 1}, {kNaN, 2}}), 2, 0).error(),
            "H [1][0] is nan; every element must be finite");
  EXPECT_EQ(check_hessian(matrix({{2}}), 1, -1).error(),
            "damping is -1; allowed are finite numbers of at least 0");
  EXPECT_EQ(check_hessian(matrix({{2}}), 1, kInfinity).error(),
            "damping is inf; allowed are finite numbers of at least 0");
}

}  // namespace
}  // namespace msq::golden::baselines
