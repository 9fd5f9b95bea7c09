#include "golden/baselines/gptq.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "golden/baselines/float16_round.hpp"
#include "golden/baselines/round_to_nearest.hpp"
#include "tests/baselines/cases.hpp"
#include "tests/quantize/random_weights.hpp"

namespace msq::golden::baselines {
namespace {

using Long = long double;
using LongMatrix = std::vector<std::vector<Long>>;

GptqOptions options_of(const IntegerOptions& grid, bool act_order = false, bool static_groups = false) {
  GptqOptions options;
  options.grid = grid;
  options.act_order = act_order;
  options.static_groups = static_groups;
  return options;
}

// Gauss-Jordan, for positive definite matrices.
LongMatrix inverse_of(LongMatrix matrix) {
  const std::size_t k = matrix.size();
  LongMatrix inverse(k, std::vector<Long>(k));
  for (std::size_t i = 0; i < k; ++i) inverse[i][i] = 1;
  for (std::size_t pivot = 0; pivot < k; ++pivot) {
    const Long divisor = matrix[pivot][pivot];
    for (std::size_t j = 0; j < k; ++j) {
      matrix[pivot][j] /= divisor;
      inverse[pivot][j] /= divisor;
    }
    for (std::size_t i = 0; i < k; ++i) {
      const Long factor = matrix[i][pivot];
      if (i == pivot || factor == 0) continue;
      for (std::size_t j = 0; j < k; ++j) {
        matrix[i][j] -= factor * matrix[pivot][j];
        inverse[i][j] -= factor * inverse[pivot][j];
      }
    }
  }
  return inverse;
}

std::vector<std::size_t> order_of(const Eigen::MatrixXd& hessian, bool act_order) {
  std::vector<std::size_t> order(static_cast<std::size_t>(hessian.rows()));
  std::iota(order.begin(), order.end(), 0U);
  const Eigen::VectorXd diagonal = hessian.diagonal();
  const auto before = [&](std::size_t a, std::size_t b) {
    return diagonal[static_cast<Eigen::Index>(a)] > diagonal[static_cast<Eigen::Index>(b)];
  };
  if (act_order) std::stable_sort(order.begin(), order.end(), before);
  return order;
}

LongMatrix damped_inverse(const Eigen::MatrixXd& hessian, const std::vector<std::size_t>& order,
                          double damping) {
  const std::size_t k = order.size();
  const double damp = damping * hessian.diagonal().mean();
  LongMatrix matrix(k, std::vector<Long>(k));
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = 0; j < k; ++j) {
      matrix[i][j] = hessian(static_cast<Eigen::Index>(order[i]), static_cast<Eigen::Index>(order[j]));
    }
    matrix[i][i] += damp;
  }
  return inverse_of(matrix);
}

// One column by the formulas of optimal brain quantization that GPTQ starts from (its equations 2 and 3): the
// inverse itself is updated after every weight. No factor, no blocks.
Floats slow_column(std::vector<Long> weights, LongMatrix inverse, const std::vector<std::size_t>& order,
                   const GptqOptions& options) {
  const std::size_t k = weights.size();
  const auto group = static_cast<std::size_t>(options.grid.group);
  const auto fit = [&](const std::vector<Long>& from, std::size_t first) {
    const auto begin = from.begin() + static_cast<std::ptrdiff_t>(first);
    const auto size = static_cast<std::ptrdiff_t>(std::min(group, k - first));
    return fit_grid(std::vector<double>(begin, begin + size), options.grid);
  };
  std::vector<IntegerGrid> grids;
  if (options.static_groups) {
    std::vector<Long> original(k);
    for (std::size_t step = 0; step < k; ++step) original[order[step]] = weights[step];
    for (std::size_t first = 0; first < k; first += group) grids.push_back(fit(original, first));
  }
  Floats result(k);
  for (std::size_t step = 0; step < k; ++step) {
    if (!options.static_groups && step % group == 0) grids.push_back(fit(weights, step));
    const IntegerGrid& grid = grids[(options.static_groups ? order[step] : step) / group];
    const double rounded = grid.round(static_cast<double>(weights[step]));
    result[order[step]] = static_cast<float>(rounded);
    const Long error = (weights[step] - rounded) / inverse[step][step];
    for (std::size_t below = step + 1; below < k; ++below) weights[below] -= error * inverse[step][below];
    for (std::size_t i = step + 1; i < k; ++i) {
      const Long factor = inverse[i][step] / inverse[step][step];
      for (std::size_t j = step + 1; j < k; ++j) inverse[i][j] -= factor * inverse[step][j];
    }
  }
  return result;
}

Floats slow_gptq(const Floats& weights, std::size_t n, const Eigen::MatrixXd& hessian,
                 const GptqOptions& options) {
  const auto order = order_of(hessian, options.act_order);
  const LongMatrix inverse = damped_inverse(hessian, order, options.damping);
  Floats result(weights.size());
  for (std::size_t column = 0; column < n; ++column) {
    std::vector<Long> one;
    for (const std::size_t row : order) one.push_back(weights[row * n + column]);
    const Floats values = slow_column(one, inverse, order, options);
    for (std::size_t row = 0; row < values.size(); ++row) result[row * n + column] = values[row];
  }
  return result;
}

Floats normal_weights(std::size_t count, std::mt19937& random) {
  std::student_t_distribution<float> tails(5);
  Floats weights(count);
  for (float& w : weights) w = 0.05F * tails(random);
  return weights;
}

// H^-1 = [2 -1; -1 2] / 3: half of the first error goes to the second weight.
TEST(Gptq, TwoWeights) {
  const Eigen::MatrixXd hessian{{2, 1}, {1, 2}};
  GptqOptions options = options_of({4, 2, true, false});
  options.damping = 0;
  const auto result = value_of(gptq(Floats{7.5, 0.4F}, 2, 1, hessian, options));
  EXPECT_EQ(result.values, (Floats{7, 1}));  // 7.5 - 7 = 0.5; 0.4 + 0.25 = 0.65
  EXPECT_EQ(result.stored_bits, 2 * 4 + 16);
}

// The second group is {0.4 + 0.25}: its scale is that of 0.65, not of 0.4.
TEST(Gptq, GridSeesTheUpdates) {
  const Eigen::MatrixXd hessian{{2, 1}, {1, 2}};
  GptqOptions options = options_of({2, 1, false, false});
  options.damping = 0;
  options.grid.bits = 2;
  const auto result = value_of(gptq(Floats{1.5, 0.4F}, 2, 1, hessian, options));
  EXPECT_EQ(result.values[0], 1.5);  // 3 * 0.5 exactly: no error
  options.grid.symmetric = true;     // 1.5 becomes 1
  const auto symmetric = value_of(gptq(Floats{1.5, 0.4F}, 2, 1, hessian, options));
  EXPECT_EQ(symmetric.values, (Floats{1, static_cast<float>(scale_to_float16(2 * 0.65 / 3))}));
  options.static_groups = true;
  const auto fixed = value_of(gptq(Floats{1.5, 0.4F}, 2, 1, hessian, options));
  EXPECT_EQ(fixed.values, (Floats{1, static_cast<float>(scale_to_float16(2 * 0.4 / 3))}));
}

// Row 1 goes first: 0.4 becomes 0, and 0.2 goes to row 0.
TEST(Gptq, ActOrderStartsWithTheLargestDiagonal) {
  const Eigen::MatrixXd hessian{{2, 1}, {1, 2.5}};  // inverse [2.5 -1; -1 2] / 4
  GptqOptions options = options_of({4, 2, true, false}, true);
  options.damping = 0;
  const auto result = value_of(gptq(Floats{-7.5, 1.4F}, 2, 1, hessian, options));
  EXPECT_EQ(result.values, (Floats{-7, 1}));  // -7.5 + 0.4 * 1 / 2 = -7.3
  EXPECT_EQ(result.stored_bits, 2 * 4 + 16);
}

// Equal diagonals, so act_order changes nothing.
TEST(Gptq, ActOrderKeepsTheOrderOfEqualRows) {
  std::mt19937 random(37);
  const Floats weights = normal_weights(40 * 2, random);
  Eigen::MatrixXd hessian = random_hessian(40, random);
  const Eigen::VectorXd size = hessian.diagonal().cwiseSqrt().cwiseInverse();
  hessian = size.asDiagonal() * hessian * size.asDiagonal();
  hessian.diagonal().setOnes();
  const IntegerOptions grid{3, 16, false, false};
  EXPECT_EQ(value_of(gptq(weights, 40, 2, hessian, options_of(grid, true))).values,
            value_of(gptq(weights, 40, 2, hessian, options_of(grid))).values);
}

struct Case {
  std::int64_t k;
  IntegerOptions grid;
  bool act_order;
  bool static_groups;
};

TEST(Gptq, EqualsTheSlowDefinition) {
  std::mt19937 random(17);
  const std::vector<Case> cases{
      {1, {4, 128, true, false}, false, false},   {130, {4, 128, true, false}, false, false},
      {150, {3, 32, false, false}, false, false}, {150, {2, 32, false, true}, false, false},
      {200, {4, 192, true, true}, false, false},  {150, {2, 7, true, false}, true, false},
      {150, {4, 64, false, false}, true, true},   {140, {3, 64, true, true}, false, true},
      {150, {8, 1, false, false}, false, false},  {150, {4, 1000, false, false}, true, false},
  };
  for (const Case& c : cases) {
    const Floats weights = normal_weights(static_cast<std::size_t>(c.k * 3), random);
    const Eigen::MatrixXd hessian = random_hessian(c.k, random);
    const GptqOptions options = options_of(c.grid, c.act_order, c.static_groups);
    const auto result = value_of(gptq(weights, c.k, 3, hessian, options));
    EXPECT_EQ(result.values, slow_gptq(weights, 3, hessian, options))
        << "k=" << c.k << " group=" << c.grid.group;
  }
}

TEST(Gptq, IdentityIsRoundToNearest) {
  std::mt19937 random(19);
  for (const bool act_order : {false, true}) {
    for (const bool static_groups : {false, true}) {
      for (const bool symmetric : {false, true}) {
        for (const bool mse_search : {false, true}) {
          const Floats weights = random_weights(300, 5, false, random);
          const IntegerOptions grid{3, 100, symmetric, mse_search};
          const Eigen::MatrixXd identity = 5 * Eigen::MatrixXd::Identity(300, 300);
          const auto result =
              value_of(gptq(weights, 300, 5, identity, options_of(grid, act_order, static_groups)));
          EXPECT_EQ(result.values, value_of(round_to_nearest(weights, 300, 5, grid)).values);
        }
      }
    }
  }
}

TEST(Gptq, PanelsDoNotMatter) {
  std::mt19937 random(23);
  const Floats weights = normal_weights(150 * 13, random);
  const Eigen::MatrixXd hessian = random_hessian(150, random);
  for (const bool static_groups : {false, true}) {
    GptqOptions options = options_of({3, 48, false, true}, true, static_groups);
    const auto whole = value_of(gptq(weights, 150, 13, hessian, options));
    for (const std::int64_t columns : {1, 3, 8, 13}) {
      options.panel_columns = columns;
      EXPECT_EQ(value_of(gptq(weights, 150, 13, hessian, options)).values, whole.values) << columns;
    }
  }
}

double output_error(const Floats& weights, const Floats& values, std::int64_t n,
                    const Eigen::MatrixXd& hessian) {
  Eigen::MatrixXd error(hessian.rows(), n);
  for (Eigen::Index i = 0; i < error.size(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    error(i / n, i % n) = static_cast<double>(weights[at]) - values[at];
  }
  return (error.transpose() * hessian * error).trace();
}

TEST(Gptq, ReadsTheLowerTriangleOfH) {
  std::mt19937 random(59);
  const Floats weights = normal_weights(30 * 2, random);
  const Eigen::MatrixXd hessian = random_hessian(30, random);
  const Eigen::MatrixXd lower = hessian.triangularView<Eigen::Lower>();
  for (const bool act_order : {false, true}) {
    const GptqOptions options = options_of({3, 8, false, false}, act_order);
    EXPECT_EQ(value_of(gptq(weights, 30, 2, lower, options)).values,
              value_of(gptq(weights, 30, 2, hessian, options)).values);
  }
}

TEST(Gptq, LowersTheErrorOfTheOutput) {
  std::mt19937 random(29);
  const Floats weights = normal_weights(256 * 8, random);
  const Eigen::MatrixXd hessian = random_hessian(256, random);
  for (const int bits : {2, 3, 4}) {
    const IntegerOptions grid{bits, 128, false, false};
    const auto nearest = value_of(round_to_nearest(weights, 256, 8, grid));
    const auto compensated = value_of(gptq(weights, 256, 8, hessian, options_of(grid)));
    EXPECT_LT(output_error(weights, compensated.values, 8, hessian),
              0.7 * output_error(weights, nearest.values, 8, hessian));
  }
}

// Its weights are out of scale with the others: in the grids they would do harm.
TEST(Gptq, AnInputThatIsAlwaysZeroGetsZeros) {
  std::mt19937 random(31);
  Floats weights = normal_weights(20 * 2, random);
  Eigen::MatrixXd hessian = random_hessian(20, random);
  hessian.row(4).setZero();
  hessian.col(4).setZero();
  for (const bool act_order : {false, true}) {
    GptqOptions options = options_of({4, 128, false, false}, act_order);
    options.damping = 0;
    weights[8] = weights[9] = 0;
    const auto without = value_of(gptq(weights, 20, 2, hessian, options));
    weights[8] = weights[9] = 100;
    EXPECT_EQ(value_of(gptq(weights, 20, 2, hessian, options)).values, without.values);
    EXPECT_EQ(without.values[8], 0);
    EXPECT_EQ(without.values[9], 0);
    EXPECT_NE(without.values, Floats(40));
  }
}

TEST(Gptq, Bits) {
  const Floats weights(10 * 2, 1.0F);
  const Eigen::MatrixXd hessian = Eigen::MatrixXd::Identity(10, 10);
  const auto bits = [&](const IntegerOptions& grid, bool act_order, bool static_groups) {
    return value_of(gptq(weights, 10, 2, hessian, options_of(grid, act_order, static_groups))).stored_bits;
  };
  EXPECT_EQ(bits({3, 4, true, false}, false, false), 20 * 3 + 6 * 16);
  EXPECT_EQ(bits({3, 4, false, false}, false, false), 20 * 3 + 6 * 19);
  EXPECT_EQ(bits({3, 4, true, false}, true, false), 20 * 3 + 6 * 16 + 10 * 2);  // 3 groups: 2 bits
  EXPECT_EQ(bits({3, 4, true, false}, true, true), 20 * 3 + 6 * 16);
  EXPECT_EQ(bits({3, 10, true, false}, true, false), 20 * 3 + 2 * 16);
}

TEST(Gptq, Errors) {
  const Eigen::MatrixXd identity = Eigen::MatrixXd::Identity(2, 2);
  const Floats weights{1, 2};
  EXPECT_EQ(error_of(gptq(Floats{1, kNaN}, 2, 1, identity, {})),
            "weight [k=1][n=0] is nan; every weight must be finite");
  EXPECT_EQ(error_of(gptq(weights, 1, 1, identity, {})), "shape [k=1][n=1] needs 1 weights, got 2");
  EXPECT_EQ(error_of(gptq(weights, 1, 2, identity, {})), "H is 2x2; weights with k=1 need 1x1");
  EXPECT_EQ(error_of(gptq(weights, 2, 1, -identity, {})),
            "H with damping 0.01 is not positive definite; raise the damping");
  EXPECT_EQ(error_of(gptq(weights, 2, 1, identity, options_of({7, 128, true, false}))),
            "bits is 7; allowed are 2, 3, 4, 8");
  GptqOptions options;
  options.panel_columns = 0;
  EXPECT_EQ(error_of(gptq(weights, 2, 1, identity, options)), "panel_columns is 0; allowed are 1 and above");
}

}  // namespace
}  // namespace msq::golden::baselines
