#include "golden/baselines/olive.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "golden/baselines/float16_round.hpp"
#include "golden/baselines/olive_codes.hpp"
#include "tests/baselines/cases.hpp"

namespace msq::golden::baselines {
namespace {

using Doubles = std::vector<double>;

OliveOptions options_of(int bits, OliveGranularity granularity = OliveGranularity::column) {
  OliveOptions options;
  options.bits = bits;
  options.granularity = granularity;
  return options;
}

TEST(OliveNumbers, NormalsAndAbfloat) {
  EXPECT_EQ(OliveNumbers::of(OliveNormal::integer, 4).magnitudes(),
            (Doubles{0, 1, 2, 3, 4, 5, 6, 7, 12, 16, 24, 32, 48, 64, 96}));
  EXPECT_EQ(OliveNumbers::of(OliveNormal::flint, 4).magnitudes(),
            (Doubles{0, 1, 2, 3, 4, 6, 8, 16, 24, 32, 48, 64, 96, 128, 192}));
  const Doubles eight = OliveNumbers::of(OliveNormal::integer, 8).magnitudes();
  EXPECT_EQ(Doubles(eight.begin() + 126, eight.begin() + 138),
            (Doubles{126, 127, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320}));
  EXPECT_EQ(eight.back(), 32768);
  EXPECT_EQ(eight[eight.size() - 2], 30720);
}

TEST(OlivePair, FourBitIntegers) {
  const OliveNumbers numbers = OliveNumbers::of(OliveNormal::integer, 4);
  const auto pair = [&](double first, double second) {
    return quantize_olive_pair(numbers, 1, {first, second});
  };
  EXPECT_EQ(pair(3.4, 2.5), (OlivePair{3, 3}));
  EXPECT_EQ(pair(-9.4, 1), (OlivePair{-7, 1}));
  EXPECT_EQ(pair(9.5, 1), (OlivePair{12, 0}));
  EXPECT_EQ(pair(5, -14), (OlivePair{0, -16}));
  EXPECT_EQ(pair(-1000, 7), (OlivePair{-96, 0}));
  EXPECT_EQ(pair(40, 50), (OlivePair{0, 48}));
  EXPECT_EQ(pair(-50, 50), (OlivePair{-48, 0}));
}

TEST(OlivePair, FlintEightBitsAndScale) {
  const OliveNumbers flint = OliveNumbers::of(OliveNormal::flint, 4);
  EXPECT_EQ(quantize_olive_pair(flint, 0.5, {-9.9, 2.4}), (OlivePair{-8, 2}));
  EXPECT_EQ(quantize_olive_pair(flint, 0.5, {3, 10}), (OlivePair{0, 12}));
  const OliveNumbers eight = OliveNumbers::of(OliveNormal::integer, 8);
  EXPECT_EQ(quantize_olive_pair(eight, 2, {-270, 20}), (OlivePair{-254, 20}));
  EXPECT_EQ(quantize_olive_pair(eight, 2, {20, 271}), (OlivePair{0, 288}));
  EXPECT_EQ(quantize_olive_pair(eight, 1, {1e6, 1}), (OlivePair{32768, 0}));
}

// The method written down again: all numbers with sign, each candidate in full.
struct Reference {
  Doubles normals;
  Doubles outliers;

  double nearest(double value) const {
    double best = 0;
    for (const Doubles* const list : {&normals, &outliers}) {
      for (const double number : *list) {
        for (const double signed_number : {number, -number}) {
          const double distance = std::fabs(signed_number - value);
          const bool larger = std::fabs(signed_number) > std::fabs(best);
          if (distance < std::fabs(best - value) || (distance == std::fabs(best - value) && larger)) {
            best = signed_number;
          }
        }
      }
    }
    return best;
  }

  Doubles quantize(const Doubles& weights, double scale) const {
    Doubles result;
    for (const double w : weights) result.push_back(nearest(w / scale) * scale);
    for (std::size_t i = 0; i + 1 < weights.size(); i += 2) {
      const double limit = normals.back() * scale;
      if (std::fabs(result[i]) <= limit && std::fabs(result[i + 1]) <= limit) continue;
      result[std::fabs(weights[i]) < std::fabs(weights[i + 1]) ? i : i + 1] = 0;
    }
    return result;
  }

  std::pair<Doubles, double> search(const Doubles& weights) const {
    const auto count = static_cast<double>(weights.size());
    const double mean = std::accumulate(weights.begin(), weights.end(), 0.0) / count;
    double squares = 0;
    for (const double w : weights) squares += (w - mean) * (w - mean);
    const double sigma = weights.size() > 1 ? std::sqrt(squares / (count - 1)) : 0;
    const double threshold = std::max(std::fabs(mean + 3 * sigma), std::fabs(mean - 3 * sigma));
    std::pair<Doubles, double> best{{}, std::numeric_limits<double>::infinity()};
    for (int percent = 75; percent < 250; percent += 2) {
      const Doubles result = quantize(weights, scale_to_float16(threshold * percent / 100 / normals.back()));
      double error = 0;
      for (std::size_t i = 0; i < weights.size(); ++i) error += std::pow(result[i] - weights[i], 2) / count;
      if (error < best.second) best = {result, error};
    }
    return best;
  }
};

Reference reference_of(OliveNormal normal, int bits) {
  if (normal == OliveNormal::flint) return {{0, 1, 2, 3, 4, 6, 8, 16}, {24, 32, 48, 64, 96, 128, 192}};
  if (bits == 4) return {{0, 1, 2, 3, 4, 5, 6, 7}, {12, 16, 24, 32, 48, 64, 96}};
  Reference reference{Doubles(128), {}};
  std::iota(reference.normals.begin(), reference.normals.end(), 0.0);
  for (double power = 16; power <= 2048; power *= 2) {
    for (int significand = 8; significand < 16; ++significand)
      reference.outliers.push_back(power * significand);
  }
  reference.outliers.erase(reference.outliers.begin());
  reference.outliers.push_back(32768);
  return reference;
}

Floats heavy_tails(std::size_t count, std::mt19937& random) {
  std::student_t_distribution<float> tails(2.5F);
  Floats weights(count);
  for (float& w : weights) w = 0.03F * tails(random);
  return weights;
}

Doubles column_of(const Floats& weights, std::size_t n, std::size_t column, std::size_t first,
                  std::size_t last) {
  Doubles values;
  for (std::size_t row = first; row < last; ++row) values.push_back(weights[row * n + column]);
  return values;
}

TEST(Olive, EqualsItsDefinitionPerColumn) {
  std::mt19937 random(43);
  for (const std::size_t k : {1U, 2U, 33U, 64U}) {
    const Floats weights = heavy_tails(k * 3, random);
    for (const auto& [bits, normal] : {std::pair(4, OliveNormal::integer), std::pair(4, OliveNormal::flint),
                                       std::pair(8, OliveNormal::integer)}) {
      OliveOptions options = options_of(bits);
      options.normal = normal;
      const auto result = value_of(olive(weights, static_cast<std::int64_t>(k), 3, options));
      for (std::size_t column = 0; column < 3; ++column) {
        const auto [expected, error] = reference_of(normal, bits).search(column_of(weights, 3, column, 0, k));
        for (std::size_t row = 0; row < k; ++row) {
          EXPECT_EQ(result.values[row * 3 + column], static_cast<float>(expected[row]));
        }
      }
    }
  }
}

TEST(Olive, TakesTheTypeWithTheSmallerError) {
  std::mt19937 random(47);
  std::binomial_distribution<int> bell(12);
  Floats even(64 * 4);  // -6..6
  for (float& w : even) w = static_cast<float>(bell(random) - 6);
  Floats dense_near_zero(64 * 4);  // numbers of flint4
  const Floats numbers{1, -1, 2, -2, 3, -3, 4, -4, 6, -6, 8, -8, 16, -16};
  for (float& w : dense_near_zero) w = numbers[random() % numbers.size()];
  for (const auto& [weights, better] :
       {std::pair(even, OliveNormal::integer), std::pair(dense_near_zero, OliveNormal::flint)}) {
    OliveOptions options = options_of(4);
    const auto chosen = value_of(olive(weights, 64, 4, options));
    options.normal = better;
    EXPECT_EQ(chosen.values, value_of(olive(weights, 64, 4, options)).values);
    options.normal = better == OliveNormal::flint ? OliveNormal::integer : OliveNormal::flint;
    EXPECT_LT(squared_error(chosen.values, weights),
              squared_error(value_of(olive(weights, 64, 4, options)).values, weights));
  }
}

TEST(Olive, GroupsAndTensor) {
  std::mt19937 random(53);
  const Floats weights = heavy_tails(21 * 2, random);
  OliveOptions options = options_of(4, OliveGranularity::group);
  options.normal = OliveNormal::integer;
  options.group = 8;
  const Reference reference = reference_of(OliveNormal::integer, 4);
  const auto groups = value_of(olive(weights, 21, 2, options));
  for (std::size_t column = 0; column < 2; ++column) {
    for (const std::size_t first : {0U, 8U, 16U}) {
      const auto [expected, error] =
          reference.search(column_of(weights, 2, column, first, std::min<std::size_t>(first + 8, 21)));
      for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ(groups.values[(first + i) * 2 + column], static_cast<float>(expected[i]));
      }
    }
  }
  // An even column count of rows: pairs of the concatenated columns are pairs of the columns.
  const Floats even = heavy_tails(20 * 2, random);
  options.granularity = OliveGranularity::tensor;
  const auto tensor = value_of(olive(even, 20, 2, options));
  Doubles all = column_of(even, 2, 0, 0, 20);
  const Doubles second = column_of(even, 2, 1, 0, 20);
  all.insert(all.end(), second.begin(), second.end());
  const auto [expected, error] = reference.search(all);
  for (std::size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(tensor.values[i % 20 * 2 + i / 20], static_cast<float>(expected[i]));
  }
}

TEST(Olive, IntegersTimesTheScaleAreTheValues) {
  std::mt19937 random(54);
  Floats weights = heavy_tails(21 * 3, random);
  weights[12] *= 40;
  weights[40] *= -40;
  OliveOptions options = options_of(4, OliveGranularity::column);
  options.normal = OliveNormal::flint;  // arrays have no flint4: not used
  const auto integers = olive_integers(weights, 21, 3, options);
  ASSERT_TRUE(integers) << integers.error();
  options.normal = OliveNormal::integer;
  const auto values = value_of(olive(weights, 21, 3, options)).values;
  for (std::size_t column = 0; column < 3; ++column) {
    // The scale: an FP16 number, of which each value is exactly so many.
    double scale = 0;
    for (std::size_t i = column; i < values.size(); i += 3) {
      const int w = integers->at(i);
      if (scale == 0 && w != 0) scale = values[i] / static_cast<double>(w);
      EXPECT_EQ(values[i], static_cast<float>(scale * w)) << i;
    }
    EXPECT_GT(scale, 0);
    for (std::size_t row = 0; row + 1 < 21; row += 2)
      EXPECT_TRUE(encode_olive_pair({integers->at(row * 3 + column), integers->at((row + 1) * 3 + column)}));
  }
  EXPECT_TRUE(std::any_of(integers->begin(), integers->end(), [](int w) { return std::abs(w) > 7; }));
  EXPECT_FALSE(olive_integers(weights, 21, 4, options));
}

// In a column of odd length the last weight can be an outlier; no pair reaches into the next column.
TEST(Olive, OddLastWeightHasAPartnerOfItsOwn) {
  Floats weights(65 * 2, 0.1F);
  for (std::size_t i = 0; i < weights.size(); i += 4) weights[i] = weights[i + 1] = -0.1F;
  weights[64 * 2] = 3;
  const auto result = value_of(olive(weights, 65, 2, options_of(4, OliveGranularity::tensor)));
  EXPECT_GT(result.values[64 * 2], 2);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (i == 64 * 2) continue;
    EXPECT_NEAR(result.values[i], weights[i], 0.1) << i;
    EXPECT_NE(result.values[i], 0) << i;
  }
}

TEST(Olive, Zeros) {
  for (const auto granularity :
       {OliveGranularity::tensor, OliveGranularity::column, OliveGranularity::group}) {
    EXPECT_EQ(value_of(olive(Floats(6), 3, 2, options_of(4, granularity))).values, Floats(6));
    EXPECT_EQ(value_of(olive(Floats(1), 1, 1, options_of(8, granularity))).values, Floats(1));
  }
}

TEST(Olive, Bits) {
  const Floats weights(6, 1.0F);
  const auto bits = [&](int width, OliveGranularity granularity) {
    OliveOptions options = options_of(width, granularity);
    options.group = 2;
    return value_of(olive(weights, 3, 2, options)).stored_bits;
  };
  EXPECT_EQ(bits(4, OliveGranularity::tensor), 2 * 4 * 4 + 16 + 1);
  EXPECT_EQ(bits(4, OliveGranularity::column), 2 * (4 * 4 + 16) + 1);
  EXPECT_EQ(bits(4, OliveGranularity::group), 2 * 2 * (2 * 4 + 16) + 1);
  EXPECT_EQ(bits(8, OliveGranularity::column), 2 * (4 * 8 + 16));
}

TEST(Olive, Errors) {
  EXPECT_EQ(error_of(olive(Floats{1}, 1, 1, options_of(3))), "bits is 3; allowed are 4, 8");
  OliveOptions options = options_of(8, OliveGranularity::group);
  options.group = 7;
  EXPECT_EQ(error_of(olive(Floats{1}, 1, 1, options)), "group is 7; allowed are even numbers of at least 2");
  options.group = 8;
  options.normal = OliveNormal::flint;
  EXPECT_EQ(error_of(olive(Floats{1}, 1, 1, options)), "normal is flint with bits 8; allowed is integer");
  EXPECT_EQ(error_of(olive(Floats{1, kInfinity}, 1, 2, options_of(4))),
            "weight [k=0][n=1] is inf; every weight must be finite");
  EXPECT_EQ(error_of(olive(Floats{1}, 2, 1, options_of(4))), "shape [k=2][n=1] needs 2 weights, got 1");
}

}  // namespace
}  // namespace msq::golden::baselines
