// The gobo array, bit for bit against FP32 sums of the host in the order of the rows.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>

#include "golden/baselines/array_gemm.hpp"
#include "golden/baselines/gobo.hpp"
#include "tests/baseline/array_driver.hpp"

namespace msq::tests {
namespace {

constexpr int kCentroids = 8;
constexpr int kPesOfAUnit = 16;

/// Weights [rows][cols]; at most one outlier for 16 columns of a row.
struct GoboJob {
  std::vector<golden::baselines::GoboWeight> weights;
  std::vector<std::vector<std::int8_t>> tokens;
};

void expect_bits(BaselineArray& array, const std::vector<float>& centroids, const std::vector<GoboJob>& jobs,
                 double stall) {
  const Dimensions& d = array.dimensions();
  array.set("centroids_i", tb::centroid_words(centroids));
  std::vector<BaselineTile> tiles;
  for (const GoboJob& job : jobs) tiles.push_back({tb::gobo_loads(d, job.weights), job.tokens});
  const auto sums = array.run(tiles, stall);
  ASSERT_TRUE(sums) << sums.error();
  std::size_t token = 0;
  for (std::size_t j = 0; j < jobs.size(); ++j) {
    std::vector<float> weights;
    for (const auto& w : jobs[j].weights)
      weights.push_back(w.outlier.value_or(centroids[static_cast<std::size_t>(w.index)]));
    for (const auto& x : jobs[j].tokens) {
      const auto expected = golden::baselines::fp32_gemm(x, weights, 1, d.rows, d.cols);
      for (std::size_t c = 0; c < expected.size(); ++c) {
        ASSERT_EQ((*sums)[token][c], std::bit_cast<std::uint32_t>(expected[c]))
            << "tile " << j << " token " << token << " column " << c << ": " << expected[c];
      }
      ++token;
    }
  }
}

std::vector<std::int8_t> random_token(int rows, std::mt19937& random) {
  std::vector<std::int8_t> token;
  for (int r = 0; r < rows; ++r) {
    token.push_back(static_cast<std::int8_t>(std::uniform_int_distribution(-127, 127)(random)));
  }
  return token;
}

template <class Outlier>
GoboJob random_job(const Dimensions& d, std::mt19937& random, int tokens, Outlier outlier) {
  GoboJob job;
  for (int i = 0; i < d.rows * d.cols; ++i)
    job.weights.push_back({std::uniform_int_distribution(0, 7)(random)});
  for (int row = 0; row < d.rows; ++row) {
    for (int first = 0; first < d.cols; first += kPesOfAUnit) {
      if (std::uniform_int_distribution(0, 1)(random) == 0) continue;
      const int c = std::uniform_int_distribution(first, std::min(first + kPesOfAUnit, d.cols) - 1)(random);
      job.weights[static_cast<std::size_t>(row * d.cols + c)].outlier = outlier();
    }
  }
  for (int t = 0; t < tokens; ++t) job.tokens.push_back(random_token(d.rows, random));
  return job;
}

class GoboArray : public testing::TestWithParam<BaselineSpec> {};

TEST_P(GoboArray, RandomTiles) {
  BaselineArray array(GetParam(), 21);
  auto& random = array.random();
  std::normal_distribution<float> normal(0, 0.05F);
  for (const double stall : {0.0, 0.4}) {
    std::vector<float> centroids(kCentroids);
    for (float& c : centroids) c = normal(random);
    std::vector<GoboJob> jobs;
    for (int j = 0; j < 100; ++j) {
      const int tokens = std::uniform_int_distribution(1, 12)(random);
      jobs.push_back(random_job(array.dimensions(), random, tokens, [&] { return 20 * normal(random); }));
    }
    expect_bits(array, centroids, jobs, stall);
  }
}

/// Zeros of both signs, cancellation, exponents far apart, carries out of the fraction, ties.
TEST_P(GoboArray, Corners) {
  BaselineArray array(GetParam(), 22);
  auto& random = array.random();
  const std::vector<float> centroids = {
      0.0F, -0.0F, 1.0F, -1.0F, 0x1p-100F, -0x1.fffffep+24F, 0x1.fffffep-1F, 0x1.000002p-24F};
  const std::vector<float> outliers = {0x1p100F, -0x1.fffffep+23F, 0x1.555556p0F, -0x1p-24F, 0.0F, -0x1p24F};
  std::vector<GoboJob> jobs;
  for (int j = 0; j < 100; ++j) {
    jobs.push_back(random_job(array.dimensions(), random, 8, [&] {
      return outliers[std::uniform_int_distribution<std::size_t>(0, outliers.size() - 1)(random)];
    }));
    for (auto& x : jobs.back().tokens.front()) x = j % 2 == 0 ? 1 : 0;
    for (auto& x : jobs.back().tokens.back()) x = j % 2 == 0 ? -127 : 64;
  }
  expect_bits(array, centroids, jobs, 0.1);
}

INSTANTIATE_TEST_SUITE_P(Arrays, GoboArray,
                         testing::Values(BaselineSpec{Baseline::gobo, 4, 4, 1, 4},
                                         BaselineSpec{Baseline::gobo, 8, 8, 1, 2},
                                         BaselineSpec{Baseline::gobo, 4, 32, 1, 8}),
                         [](const auto& tested) {
                           const BaselineSpec& s = tested.param;
                           return fmt::format("{}x{}_skew{}", s.rows, s.cols, s.skew_columns);
                         });

/// From weights through the quantizer to the array.
TEST(GoboArrayOfTheQuantizer, TakesWhatItMakes) {
  BaselineArray array({Baseline::gobo, 8, 8, 1, 2}, 23);
  const Dimensions& d = array.dimensions();
  auto& random = array.random();
  std::normal_distribution<float> normal(0, 1);
  int arrays = 0;
  for (int attempt = 0; attempt < 40; ++attempt) {
    std::vector<float> weights(static_cast<std::size_t>(d.rows * d.cols));
    for (float& w : weights) w = normal(random);
    for (int row = 0; row < d.rows; row += 3)
      weights[static_cast<std::size_t>(row * d.cols + attempt % d.cols)] = 9;
    const auto codes = golden::baselines::gobo_codes(weights, d.rows, d.cols, {});
    ASSERT_TRUE(codes) << codes.error();
    GoboJob job{codes->weights, {}};
    bool fits = true;  // one outlier unit a row
    for (int row = 0; row < d.rows; ++row) {
      const auto begin = job.weights.begin() + row * d.cols;
      fits = fits &&
             std::count_if(begin, begin + d.cols, [](const auto& w) { return w.outlier.has_value(); }) <= 1;
    }
    if (!fits) continue;
    ++arrays;
    for (int t = 0; t < 5; ++t) job.tokens.push_back(random_token(d.rows, random));
    expect_bits(array, codes->centroids, {job}, 0.2);
  }
  EXPECT_GT(arrays, 10);
}

}  // namespace
}  // namespace msq::tests
