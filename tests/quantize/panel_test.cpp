// Layers larger than a panel, and compensation seen from outside.

#include <gtest/gtest.h>

#include <Eigen/Core>
#include <cmath>
#include <random>

#include "golden/quantize/dequantize.hpp"
#include "golden/quantize/quantizer.hpp"
#include "golden/quantize/validate.hpp"

namespace msq::golden {
namespace {

std::vector<float> heavy_tailed(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::student_t_distribution<float> heavy(3);
  std::vector<float> values(count);
  for (float& value : values) value = heavy(random);
  return values;
}

// Activations in which neighbouring inputs resemble each other.
std::vector<float> correlated(std::int64_t tokens, std::int64_t k, unsigned seed) {
  std::vector<float> x = heavy_tailed(static_cast<std::size_t>(tokens * k), seed);
  for (std::size_t i = 1; i < x.size(); ++i) x[i] = 0.8F * x[i - 1] + 0.6F * x[i];
  return x;
}

Hessian hessian_of(const std::vector<float>& x, std::int64_t k) {
  Hessian hessian(k);
  EXPECT_TRUE(hessian.add(x));
  return hessian;
}

double output_error(const std::vector<float>& w, const QuantizedTensor& tensor, const Hessian& hessian) {
  const std::vector<double> q = dequantize(tensor);
  Eigen::MatrixXd d(tensor.k, tensor.n);
  for (std::int64_t i = 0; i < tensor.k * tensor.n; ++i)
    d(i / tensor.n, i % tensor.n) = w[static_cast<std::size_t>(i)] - q[static_cast<std::size_t>(i)];
  const Eigen::MatrixXd h = hessian.lower().selfadjointView<Eigen::Lower>();
  return (d.transpose() * h * d).trace();
}

QuantizerOptions full_range(int bits) {
  QuantizerOptions options;
  options.bits = bits;
  options.encoding = Encoding::full_range;
  options.macro_block = 32;
  return options;
}

TEST(Panels, ThreadsDoNotChangeTheResult) {
  const std::int64_t k = 70, n = 600;
  const auto w = heavy_tailed(static_cast<std::size_t>(k * n), 1);
  const Hessian hessian = hessian_of(correlated(100, k, 2), k);
  QuantizerOptions options = full_range(2);
  options.outlier_rule = OutlierRule::error;
  options.activation_order = true;
  options.sweeps = 2;
  options.threads = 1;
  const auto one = quantize(w, k, n, options, hessian);
  ASSERT_TRUE(one) << one.error();
  ASSERT_TRUE(validate(one->tensor)) << validate(one->tensor).error();
  for (const int threads : {2, 5}) {
    options.threads = threads;
    const auto more = quantize(w, k, n, options, hessian);
    ASSERT_TRUE(more);
    EXPECT_EQ(more->tensor, one->tensor);
    EXPECT_EQ(more->statistics, one->statistics);
  }
}

// Two wanted outliers on either side of every panel's edge count as adjacent.
TEST(Panels, AdjacentOutliersAcrossTheEdge) {
  const std::int64_t k = 64, n = 257;
  std::vector<float> w(static_cast<std::size_t>(k * n), 1.0F);
  for (std::size_t i = 0; i < w.size(); i += 2) w[i] = -1.0F;
  const auto set = [&](std::int64_t row, std::int64_t column) {
    w[static_cast<std::size_t>(row * n + column)] = 50.0F;
  };
  set(0, 127), set(0, 128);               // a pair over the edge: 2
  set(1, 126), set(1, 127), set(1, 128);  // three in a row: 3
  set(2, 127);                            // alone: 0
  set(3, 255), set(3, 256);               // over the edge of a panel of one column: 2
  const auto output = quantize(w, k, n, QuantizerOptions{});
  ASSERT_TRUE(output);
  EXPECT_EQ(output->statistics.outliers_wanted, 8);
  EXPECT_EQ(output->statistics.adjacent_outliers, 7);
}

TEST(Panels, UncorrelatedInputsNeedNoCompensation) {
  const std::int64_t k = 40, n = 24;
  const auto w = heavy_tailed(static_cast<std::size_t>(k * n), 3);
  std::vector<float> x(static_cast<std::size_t>(k * k), 0.0F);  // the identity, times something
  for (std::int64_t i = 0; i < k; ++i) x[static_cast<std::size_t>(i * k + i)] = static_cast<float>(i % 7 + 1);
  for (const int bits : {2, 4}) {
    QuantizerOptions options;
    options.bits = bits;
    const auto plain = quantize(w, k, n, options);
    const auto compensated = quantize(w, k, n, options, hessian_of(x, k));
    ASSERT_TRUE(plain && compensated);
    EXPECT_EQ(plain->tensor, compensated->tensor);
  }
}

TEST(Panels, CompensationAndSweepsLowerTheOutputError) {
  const std::int64_t k = 96, n = 40;
  const auto w = heavy_tailed(static_cast<std::size_t>(k * n), 4);
  const Hessian hessian = hessian_of(correlated(400, k, 5), k);
  for (const int bits : {2, 4}) {
    QuantizerOptions options = full_range(bits);
    options.damping = 1e-6;  // the error below is that of the Hessian without damping
    const auto plain = quantize(w, k, n, options);
    ASSERT_TRUE(plain);
    double before = output_error(w, plain->tensor, hessian);
    for (const int sweeps : {0, 1, 2, 4}) {
      options.sweeps = sweeps;
      const auto compensated = quantize(w, k, n, options, hessian);
      ASSERT_TRUE(compensated);
      const double error = output_error(w, compensated->tensor, hessian);
      EXPECT_LE(error, before * (1 + 1e-3)) << sweeps << " sweeps at " << bits << " bits";
      if (sweeps == 0) {
        EXPECT_LT(error, 0.9 * before);
      }
      before = error;
    }
  }
}

// Inputs that calibration never saw, and fewer tokens than inputs.
TEST(Panels, DeadInputsAndSingularHessians) {
  const std::int64_t k = 40, n = 16;
  const auto w = heavy_tailed(static_cast<std::size_t>(k * n), 6);
  auto x = correlated(5, k, 7);
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (i % 40 == 3 || i % 40 == 39) x[i] = 0;
  }
  QuantizerOptions options = full_range(4);
  const auto output = quantize(w, k, n, options, hessian_of(x, k));
  ASSERT_TRUE(output) << output.error();
  EXPECT_TRUE(validate(output->tensor));
  const auto zero = quantize(w, k, n, options, Hessian(k));
  ASSERT_TRUE(zero) << zero.error();
  EXPECT_EQ(zero->tensor, quantize(w, k, n, options)->tensor) << "nothing was seen: round to nearest";
  EXPECT_EQ(quantize(w, k, n, options, Hessian(k + 1)).error(),
            "the Hessian is of k=41; the weights have k=40");
}

TEST(Panels, BatchesAddUp) {
  const auto x = correlated(700, 20, 8);
  Hessian batches(20);
  for (std::size_t first = 0; first < 700; first += 100)
    ASSERT_TRUE(batches.add(std::span(x).subspan(first * 20, 100 * 20)));
  const Hessian whole = hessian_of(x, 20);
  EXPECT_EQ(batches.tokens(), 700);
  for (Eigen::Index i = 0; i < 20; ++i) {
    for (Eigen::Index j = 0; j <= i; ++j) EXPECT_NEAR(batches.lower()(i, j), whole.lower()(i, j), 1e-9 * 700);
  }
  EXPECT_FALSE(batches.add(std::vector<float>(21)));
  std::vector<float> bad(40, 1.0F);
  bad[23] = NAN;
  EXPECT_EQ(batches.add(bad).error(), "activation [token=701][k=3] is nan; every activation must be finite");
}

}  // namespace
}  // namespace msq::golden
