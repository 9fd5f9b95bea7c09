// Arrays with integer sums: int4, int8 and olive, bit for bit against the exact matrix product.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "golden/baselines/array_gemm.hpp"
#include "golden/baselines/olive.hpp"
#include "golden/baselines/olive_codes.hpp"
#include "tb/host/bits.hpp"
#include "tests/baseline/array_driver.hpp"

namespace msq::tests {
namespace {

namespace baselines = golden::baselines;

/// Weights [rows][cols] in units of the scale, and tokens.
struct Job {
  std::vector<int> weights;
  std::vector<std::vector<std::int8_t>> tokens;
};

/// A pair that cannot be stored fails the test.
BaselineTile tile_of(const Dimensions& d, const Job& job) {
  auto loads = tb::integer_loads(d, job.weights);
  EXPECT_TRUE(loads) << (loads ? "" : loads.error());
  return {std::move(loads).value_or(std::vector<Words>(static_cast<std::size_t>(d.rows))), job.tokens};
}

void expect_exact(BaselineArray& array, const std::vector<Job>& jobs, double stall) {
  const Dimensions& d = array.dimensions();
  std::vector<BaselineTile> tiles;
  for (const Job& job : jobs) tiles.push_back(tile_of(d, job));
  const auto sums = array.run(tiles, stall);
  ASSERT_TRUE(sums) << sums.error();
  std::size_t token = 0;
  for (std::size_t j = 0; j < jobs.size(); ++j) {
    for (const auto& x : jobs[j].tokens) {
      const auto expected = baselines::integer_gemm(x, jobs[j].weights, 1, d.rows, d.cols);
      for (int c = 0; c < d.cols; ++c) {
        // The plain array of the generator counts in fractions of a step.
        const std::int64_t got = tb::get_signed((*sums)[token], c * d.acc_bits, d.acc_bits);
        ASSERT_EQ(got, expected[static_cast<std::size_t>(c)] << d.fraction_bits)
            << "tile " << j << " token " << token << " column " << c;
      }
      ++token;
    }
  }
}

/// Weights that a kind can store: of a pair of rows of one column.
struct PairOfWeights {
  int first = 0, second = 0;
};

PairOfWeights random_pair(Baseline kind, std::mt19937& random) {
  const auto uniform = [&](int low, int high) { return std::uniform_int_distribution(low, high)(random); };
  if (kind == Baseline::int8) return {uniform(-128, 127), uniform(-128, 127)};
  if (kind == Baseline::int4) return {uniform(-8, 7), uniform(-8, 7)};
  // Any byte that is legal: half of the pairs have an outlier.
  const int code = uniform(1, 7) | uniform(0, 1) << 3;
  const int other = uniform(-7, 7) & 15;
  const int byte = uniform(0, 1) == 0   ? other | (uniform(-7, 7) & 15) << 4
                   : uniform(0, 1) == 0 ? code | 0x80
                                        : code << 4 | 8;
  const auto pair = baselines::decode_olive_pair(static_cast<baselines::OliveByte>(byte));
  return {pair.first, pair.second};
}

template <class Pair>
std::vector<int> weights_from(const Dimensions& d, Pair pair) {
  std::vector<int> weights(static_cast<std::size_t>(d.rows * d.cols));
  for (int row = 0; row < d.rows; row += 2) {
    for (int c = 0; c < d.cols; ++c) {
      const PairOfWeights two = pair(row, c);
      weights[static_cast<std::size_t>(row * d.cols + c)] = two.first;
      weights[static_cast<std::size_t>((row + 1) * d.cols + c)] = two.second;
    }
  }
  return weights;
}

std::vector<std::int8_t> random_token(int rows, std::mt19937& random) {
  std::vector<std::int8_t> token;
  for (int r = 0; r < rows; ++r) {
    token.push_back(static_cast<std::int8_t>(std::uniform_int_distribution(-127, 127)(random)));
  }
  return token;
}

class IntegerArray : public testing::TestWithParam<BaselineSpec> {};

TEST_P(IntegerArray, RandomTiles) {
  BaselineArray array(GetParam(), 11);
  const Dimensions& d = array.dimensions();
  for (const double stall : {0.0, 0.4}) {
    std::vector<Job> jobs;
    for (int j = 0; j < 200; ++j) {
      Job job{weights_from(d, [&](int, int) { return random_pair(GetParam().kind, array.random()); }), {}};
      const int tokens = std::uniform_int_distribution(1, 12)(array.random());
      for (int t = 0; t < tokens; ++t) job.tokens.push_back(random_token(d.rows, array.random()));
      jobs.push_back(std::move(job));
    }
    expect_exact(array, jobs, stall);
  }
}

/// Largest sums of both signs, in all columns and one after the other: the widths are just enough.
TEST_P(IntegerArray, LargestSums) {
  BaselineArray array(GetParam(), 12);
  const Dimensions& d = array.dimensions();
  const PairOfWeights low = GetParam().kind == Baseline::int8   ? PairOfWeights{-128, -128}
                            : GetParam().kind == Baseline::int4 ? PairOfWeights{-8, -8}
                                                                : PairOfWeights{0, -96};
  const PairOfWeights high = GetParam().kind == Baseline::int8   ? PairOfWeights{127, 127}
                             : GetParam().kind == Baseline::int4 ? PairOfWeights{7, 7}
                                                                 : PairOfWeights{96, 0};
  std::vector<Job> jobs;
  for (const int pattern : {0, 1, 2, 3}) {
    Job job{weights_from(d, [&](int, int c) { return (pattern + c * (pattern / 2)) % 2 == 0 ? low : high; }),
            {}};
    for (const int x : {-127, 127, 0, -1, 127, -127, 1}) {
      job.tokens.emplace_back(static_cast<std::size_t>(d.rows), static_cast<std::int8_t>(x));
    }
    jobs.push_back(std::move(job));
  }
  expect_exact(array, jobs, 0);
  expect_exact(array, jobs, 0.5);
}

/// Every weight (olive: byte of a pair) beside random others, times every activation.
TEST_P(IntegerArray, EveryWeightTimesEveryActivation) {
  BaselineArray array(GetParam(), 13);
  const Dimensions& d = array.dimensions();
  std::vector<PairOfWeights> all;
  if (GetParam().kind == Baseline::olive) {
    for (int byte = 0; byte < 256; ++byte) {
      const auto pair = baselines::decode_olive_pair(static_cast<baselines::OliveByte>(byte));
      if (baselines::encode_olive_pair(pair) == byte) all.push_back({pair.first, pair.second});
    }
    ASSERT_EQ(all.size(), 15U * 15 + 2 * 14);
  } else {
    const int half = GetParam().kind == Baseline::int8 ? 128 : 8;
    for (int w = -half; w < half; ++w) all.push_back({w, -1 - w});
  }
  std::size_t next = 0;
  std::vector<Job> jobs;
  while (next < all.size()) {
    Job job{weights_from(d, [&](int, int) { return next < all.size() ? all[next++] : PairOfWeights{}; }), {}};
    for (int row = 0; row < d.rows; ++row) {
      for (int x = -127; x <= 127; ++x) {
        std::vector<std::int8_t> token(static_cast<std::size_t>(d.rows));
        token[static_cast<std::size_t>(row)] = static_cast<std::int8_t>(x);
        job.tokens.push_back(std::move(token));
      }
    }
    jobs.push_back(std::move(job));
  }
  expect_exact(array, jobs, 0);
}

std::string name_of(const testing::TestParamInfo<BaselineSpec>& info) {
  const BaselineSpec& s = info.param;
  return fmt::format("{}_{}x{}_trees{}_skew{}", baseline_name(s.kind), s.rows, s.cols, s.tree_rows,
                     s.skew_columns);
}

INSTANTIATE_TEST_SUITE_P(
    Arrays, IntegerArray,
    testing::Values(BaselineSpec{Baseline::int4, 4, 4, 1, 4}, BaselineSpec{Baseline::int4, 8, 8, 4, 8},
                    BaselineSpec{Baseline::int8, 4, 4, 1, 4}, BaselineSpec{Baseline::int8, 8, 8, 1, 2},
                    BaselineSpec{Baseline::int8, 4, 4, 2, 4}, BaselineSpec{Baseline::int8, 8, 8, 4, 8},
                    BaselineSpec{Baseline::olive, 4, 4, 1, 4}, BaselineSpec{Baseline::olive, 8, 8, 1, 2},
                    BaselineSpec{Baseline::olive, 4, 4, 2, 4}, BaselineSpec{Baseline::olive, 8, 8, 4, 8},
                    BaselineSpec{Baseline::olive, 16, 4, 8, 2}),
    name_of);

/// From weights through the quantizer and the codes to the array: its results are the product with the
/// quantizer's values.
TEST(OliveArray, TakesWhatTheQuantizerMakes) {
  BaselineArray array({Baseline::olive, 8, 8, 4, 8}, 14);
  const Dimensions& d = array.dimensions();
  std::student_t_distribution<float> heavy(2);
  std::vector<Job> jobs;
  long outliers = 0;
  for (int j = 0; j < 20; ++j) {
    std::vector<float> weights(static_cast<std::size_t>(d.rows * d.cols));
    for (float& w : weights) w = heavy(array.random());
    baselines::OliveOptions options;
    options.granularity = baselines::OliveGranularity::tensor;
    const auto integers = baselines::olive_integers(weights, d.rows, d.cols, options);
    ASSERT_TRUE(integers) << integers.error();
    Job job{*integers, {}};
    for (const int w : job.weights) outliers += std::abs(w) > 7;
    for (int t = 0; t < 5; ++t) job.tokens.push_back(random_token(d.rows, array.random()));
    jobs.push_back(std::move(job));
  }
  EXPECT_GT(outliers, 10);
  expect_exact(array, jobs, 0.2);
}

}  // namespace
}  // namespace msq::tests
