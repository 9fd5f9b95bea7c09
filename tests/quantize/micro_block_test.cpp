#include "golden/quantize/micro_block.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <random>

#include "tests/quantize/brute_force.hpp"

namespace msq::golden {
namespace {

// Value nearest to w among integer * unit, integer in low..high, found by trying them all.
double nearest_by_search(double w, double unit, int low, int high, bool without_small, int small) {
  double best = 0;
  double best_distance = -1;
  for (int i = low; i <= high; ++i) {
    if (without_small && std::abs(i) < small) continue;
    const double distance = std::fabs(w - i * unit);
    if (best_distance < 0 || distance < best_distance) {
      best = i * unit;
      best_distance = distance;
    }
  }
  return best;
}

double inlier_error(const QuantizerOptions& o, double w, double step) {
  const bool full = o.encoding == Encoding::full_range;
  const int high = (1 << (o.bits - 1)) - 1;
  const double q = nearest_by_search(w, step, full ? -high - 1 : -high, high, false, 0);
  return (w - q) * (w - q);
}

double outlier_error(const QuantizerOptions& o, double w, double step, int r) {
  const bool full = o.encoding == Encoding::full_range;
  const double unit = std::ldexp(step, r - (full ? o.fraction_bits : 2));
  const int half = 1 << (2 * o.bits - 1);
  const int most = o.bits == 2 ? 7 : 31;
  const double m = full ? nearest_by_search(w, unit, -half, half - 1, false, 0)
                        : nearest_by_search(w, unit, -most, most, true, o.bits == 2 ? 4 : 16);
  return (w - m) * (w - m);
}

// Meaning of the codes, decoded without the library.
double total_error(const QuantizerOptions& o, const MicroBlockWeights& input, const MicroBlockCodes& found) {
  const bool full = o.encoding == Encoding::full_range;
  const int sign = 1 << (o.bits - 1);
  std::vector<double> values;
  for (std::size_t i = 0; i < static_cast<std::size_t>(o.micro_block); ++i) {
    const int code = found.codes[i];
    const int q = (code & sign) == 0 ? code : full ? code - 2 * sign : -(code - sign);
    values.push_back(q * input.steps[i]);
  }
  for (const OutlierPair& pair : found.block.pairs) {
    const int upper = found.codes[pair.upper];
    const int lower = found.codes[pair.lower];
    int m = (upper << o.bits) + lower;
    if (full && m >= 2 * sign * sign) m -= 4 * sign * sign;
    const int part = o.bits == 2 ? 2 : 4;
    if (!full)
      m = (part * part + (upper & (sign - 1)) * part + (lower & (sign - 1))) * (upper >= sign ? -1 : 1);
    const int fraction = full ? o.fraction_bits : 2;
    values[pair.upper] = m * std::ldexp(input.steps[pair.upper], found.block.shift - fraction);
    values[pair.lower] = 0;
  }
  double error = 0;
  for (std::size_t i = 0; i < input.count; ++i)
    error += (input.weights[i] - values[i]) * (input.weights[i] - values[i]);
  return error;
}

// Least total error over every set of at most n_max outliers, every set of pruned positions that some pairing
// routes, and every r; a set pays `price`.
double least_by_exhaustion(const QuantizerOptions& o, const MicroBlockWeights& input, double price,
                           int n_max) {
  std::vector<double> as_inlier;
  double none = 0;
  for (std::size_t i = 0; i < input.count; ++i) {
    as_inlier.push_back(inlier_error(o, input.weights[i], input.steps[i]));
    none += as_inlier.back();
  }
  Positions candidates;
  for (std::size_t i = 0; i < input.count; ++i) {
    if (o.outlier_rule == OutlierRule::error || (input.wanted >> i & 1U) != 0)
      candidates.push_back(static_cast<std::uint8_t>(i));
  }
  std::vector<double> cost(static_cast<std::size_t>(o.micro_block), 0.0);
  for (std::size_t i = 0; i < input.count; ++i)
    cost[i] = std::max(0.0, input.weights[i] * input.weights[i] - as_inlier[i]);
  double least = none;
  for (std::size_t size = 1; size <= static_cast<std::size_t>(n_max) && size <= candidates.size(); ++size) {
    for (const Positions& outliers : subsets(candidates, size)) {
      const auto choice = choose_by_exhaustion(outliers, cost, o.micro_block);
      if (!choice) continue;
      for (int r = 0; r <= o.outlier_shift_max; ++r) {
        double error = none + choice->total + price;
        for (const std::uint8_t i : outliers)
          error += outlier_error(o, input.weights[i], input.steps[i], r) - as_inlier[i];
        least = std::min(least, error);
      }
    }
  }
  return least;
}

struct Case {
  QuantizerOptions options;
  MicroBlockWeights input;
  double price = 0;
};

Case random_case(std::mt19937& random, int n_max) {
  const auto pick = [&](std::initializer_list<int> choices) {
    return *(choices.begin() + random() % choices.size());
  };
  Case c;
  QuantizerOptions& o = c.options;
  o.bits = pick({2, 4});
  o.micro_block = n_max == 1 ? pick({4, 8, 16}) : pick({4, 8});
  o.encoding = random() % 2 == 0 ? Encoding::paper : Encoding::full_range;
  o.outlier_rule = random() % 3 == 0 ? OutlierRule::demote : OutlierRule::error;
  o.outliers_per_block = n_max;
  o.outlier_shift_max = pick({0, 2, 5});
  o.fraction_bits = pick({1, 2});
  o.scale_mantissa_bits = 2;
  std::student_t_distribution<double> heavy(2.0);
  std::uniform_real_distribution<double> uniform(0.5, 2.0);
  c.input.count =
      static_cast<std::size_t>(random() % 3 == 0 ? 1 + static_cast<int>(random() % 3) : o.micro_block);
  c.input.steps.fill(1.0);
  const double size = std::ldexp(1.0, pick({-1, 0, 1, 3}));
  for (std::size_t i = 0; i < c.input.count; ++i) {
    const bool full = o.encoding == Encoding::full_range;
    c.input.steps[i] =
        std::ldexp(full ? 1.0 + static_cast<double>(random() % 4) / 4 : 1.0, pick({-1, 0, 0, 1}));
    if (full && random() % 2 == 0) c.input.steps[i] = -c.input.steps[i];
    c.input.weights[i] = heavy(random) * size * uniform(random);
    if (random() % 10 == 0) c.input.weights[i] = 0;
    if (random() % 2 == 0) c.input.wanted = static_cast<std::uint16_t>(c.input.wanted | 1U << i);
  }
  c.price = random() % 2 == 0 ? 0.0 : 0.3 * size;
  return c;
}

std::string show(const Case& c) {
  const QuantizerOptions& o = c.options;
  return fmt::format(
      "bits {} B_mu {} encoding {} rule {} r_max {} F {} price {} wanted {:x} weights {} steps {}", o.bits,
      o.micro_block, static_cast<int>(o.encoding), static_cast<int>(o.outlier_rule), o.outlier_shift_max,
      o.fraction_bits, c.price, c.input.wanted,
      fmt::join(c.input.weights.begin(), c.input.weights.begin() + c.input.count, " "),
      fmt::join(c.input.steps.begin(), c.input.steps.begin() + c.input.count, " "));
}

// Rules of every result, for any n_max.
void expect_sound(const Case& c, const MicroBlockCodes& found, double error) {
  const Format format = c.options.format();
  ASSERT_TRUE(simulate(found.block.pairs, c.options.micro_block)) << show(c);
  ASSERT_LE(found.block.pairs.size(), static_cast<std::size_t>(c.options.max_outliers())) << show(c);
  ASSERT_LE(found.block.shift, c.options.outlier_shift_max) << show(c);
  for (const OutlierPair& pair : found.block.pairs) {
    ASSERT_LT(pair.upper, c.input.count) << show(c);
    ASSERT_TRUE(c.options.outlier_rule == OutlierRule::error || (c.input.wanted >> pair.upper & 1U) != 0);
  }
  ASSERT_NEAR(micro_block_error(format, c.input, found), error, 1e-9 * (1 + error)) << show(c);
  unsigned demoted = c.input.wanted;
  for (const OutlierPair& pair : found.block.pairs) demoted &= ~(1U << pair.upper);
  ASSERT_EQ(found.unwelcome, std::popcount(demoted)) << show(c);
  ASSERT_EQ(found.too_many + found.unroutable, 0) << show(c);
}

TEST(LeastError, ExactWithOneOutlier) {
  int with_outliers = 0;
  for (unsigned seed = 1; seed <= 6000; ++seed) {
    std::mt19937 random(seed);
    const Case c = random_case(random, 1);
    const MicroBlockCodes found = quantize_micro_block(c.options, c.input, c.price);
    const double error = total_error(c.options, c.input, found);
    expect_sound(c, found, error);
    const double paid = error + (found.block.has_outliers() ? c.price : 0.0);
    const double least = least_by_exhaustion(c.options, c.input, c.price, 1);
    ASSERT_NEAR(paid, least, 1e-9 * (1 + least)) << "seed " << seed << ": " << show(c);
    with_outliers += found.block.has_outliers() ? 1 : 0;
  }
  EXPECT_GT(with_outliers, 1000);
}

TEST(LeastError, SeveralOutliersNeverDoWorseThanOneOrNone) {
  int more_than_one = 0;
  int least_found = 0;
  constexpr int kCases = 1500;
  for (unsigned seed = 1; seed <= kCases; ++seed) {
    std::mt19937 random(seed);
    const Case c = random_case(random, 2);
    const MicroBlockCodes found = quantize_micro_block(c.options, c.input, c.price);
    const double error = total_error(c.options, c.input, found);
    expect_sound(c, found, error);
    const double paid = error + (found.block.has_outliers() ? c.price : 0.0);
    const double least = least_by_exhaustion(c.options, c.input, c.price, 2);
    const double one = least_by_exhaustion(c.options, c.input, c.price, 1);
    ASSERT_GE(paid, least - 1e-9 * (1 + least)) << "seed " << seed << ": " << show(c);
    ASSERT_LE(paid, one + 1e-9 * (1 + one)) << "seed " << seed << ": " << show(c);
    more_than_one += found.block.pairs.size() > 1 ? 1 : 0;
    least_found += paid <= least + 1e-9 * (1 + least) ? 1 : 0;
  }
  EXPECT_GT(more_than_one, 200);
  EXPECT_GT(least_found, kCases * 9 / 10) << "greedy, but not by much";
}

// At the same weights and steps, with every position a candidate.
TEST(LeastError, NeverGrowsWithMoreOutliersOrMoreBits) {
  int fewer_errors = 0;
  constexpr unsigned kCases = 3000;
  for (unsigned seed = 1; seed <= kCases; ++seed) {
    std::mt19937 random(seed);
    Case c = random_case(random, 1);
    c.options.outlier_rule = OutlierRule::error;
    const auto error_of = [&](int bits, int n_max) {
      QuantizerOptions o = c.options;
      o.bits = bits;
      o.outliers_per_block = n_max;
      return total_error(o, c.input, quantize_micro_block(o, c.input, 0));
    };
    for (const int bits : {2, 4}) {
      double before = error_of(bits, 1);
      for (int n_max = 2; n_max <= c.options.micro_block / 2; n_max *= 2) {
        const double error = error_of(bits, n_max);
        ASSERT_LE(error, before + 1e-9 * (1 + before)) << bits << " bits, n_max " << n_max << ": " << show(c);
        fewer_errors += error < before ? 1 : 0;
        before = error;
      }
    }
    // Four bits can store every value two bits can: full_range at the same step, paper (where an outlier
    // begins at the value 2^(bb - 2)) at a quarter of it.
    const double two = error_of(2, 1);
    if (c.options.encoding == Encoding::paper) {
      for (double& step : c.input.steps) step /= 4;
    }
    ASSERT_LE(error_of(4, 1), two + 1e-9 * (1 + two)) << show(c);
  }
  EXPECT_GT(fewer_errors, 1000);
}

// bb = 2: as inliers 0.45 -> 0 and 1.44 -> 1. The outlier of most gain, 0.45, would have to prune a weight of
// 1; 1.44 gains a little less and prunes 0.45 for nothing.
TEST(LeastError, TheOutlierOfMostGainMayPruneTooMuch) {
  QuantizerOptions options;
  options.bits = 2;
  options.micro_block = 4;
  options.outlier_rule = OutlierRule::error;
  options.encoding = Encoding::full_range;
  options.outliers_per_block = 1;
  options.scale_mantissa_bits = 0;
  MicroBlockWeights input;
  input.count = 4;
  input.steps.fill(1.0);
  input.weights = {0.45, 1.44, -1.0, -2.0};
  const MicroBlockCodes found = quantize_micro_block(options, input, 0);
  ASSERT_EQ(found.block.pairs, (std::vector<OutlierPair>{{1, 0}}));
  EXPECT_EQ(found.block.shift, 0) << "1.44 is 6 quarters";
  EXPECT_EQ(found.codes[1], 1) << "6 = 01 10";
  EXPECT_EQ(found.codes[0], 2);
}

TEST(Requantize, KeepsRolesAndNeverDoesWorseThanTheOldCodes) {
  for (unsigned seed = 1; seed <= 2000; ++seed) {
    std::mt19937 random(seed);
    Case c = random_case(random, 2);
    c.options.shift_rule = seed % 2 == 0 ? ShiftRule::mse : ShiftRule::max;
    const MicroBlockCodes before = quantize_micro_block(c.options, c.input, 0);
    std::normal_distribution<double> normal;
    for (std::size_t i = 0; i < c.input.count; ++i) c.input.weights[i] += normal(random);
    const MicroBlockCodes after = requantize_micro_block(c.options, c.input, before.block);
    ASSERT_EQ(after.block.pairs, before.block.pairs);
    if (c.options.shift_rule == ShiftRule::max) {
      ASSERT_EQ(after.block.shift, before.block.shift);
    }
    const double old = total_error(c.options, c.input, before);
    ASSERT_LE(total_error(c.options, c.input, after), old + 1e-9 * (1 + old)) << show(c);
  }
}

}  // namespace
}  // namespace msq::golden
