#include "golden/baselines/gobo.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/baselines/cases.hpp"

namespace msq::golden::baselines {
namespace {

constexpr double kNoOutliers = -1e9;

TEST(Gobo, FourValuesAreFourCentroids) {
  const Floats weights{9, 0, 1, 2, 2, 1, 0, 9};
  const auto result = value_of(gobo(weights, 4, 2, {2, kNoOutliers}));
  EXPECT_EQ(result.values, weights);
  EXPECT_EQ(result.stored_bits, 8 * 2 + 4 * 32 + 32);
}

// Bins {0 1} {2 10} {11 12} {13 14}: centroids 0.5, 6, 11.5, 13.5 with an L1 of 6. Then 0, 1, 2 go to the
// first, nothing to the second, 10, 11, 12 to the third: 1, 6, 11, 13.5 with an L1 of 5, which does not
// change.
TEST(Gobo, CentroidsMoveWhileTheL1DistanceFalls) {
  const auto result = value_of(gobo(Floats{14, 0, 1, 2, 10, 11, 12, 13}, 8, 1, {2, kNoOutliers}));
  EXPECT_EQ(result.values, (Floats{13.5, 1, 1, 1, 11, 11, 11, 13.5}));
}

// Means minimize squares, not L1: centroids 3, 4, 5.5, 10.5 (7 in L1), then 2, 4, 6, 14 (2), then
// 2, 4.25, 6.5, 14 (2.5).
TEST(Gobo, KeepsTheTableWithTheLeastL1Distance) {
  const Floats weights{2, 4, 4, 4, 5, 6, 7, 14};
  const auto result = value_of(gobo(weights, 8, 1, {2, kNoOutliers}));
  EXPECT_EQ(result.values, (Floats{2, 4, 4, 4, 4, 6, 6, 14}));
}

// 6 is between 4.5 and 7.5. With 7.5 it would move the centroids to 0, 2.5, 7, 14.
TEST(Gobo, TiesGoToTheSmallerCentroid) {
  const auto result = value_of(gobo(Floats{0, 2, 3, 6, 7, 8, 12, 16}, 8, 1, {2, kNoOutliers}));
  EXPECT_EQ(result.values, (Floats{1, 1, 4.5, 4.5, 7.5, 7.5, 14, 14}));
}

TEST(Gobo, OutliersKeepTheirValue) {
  Floats weights(100);
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = i % 2 == 0 ? 0.1F : -0.1F;
  weights[10] = 3.14159F;
  weights[11] = -3.14159F;
  const auto result = value_of(gobo(weights, 10, 10, {}));
  EXPECT_EQ(result.values, weights);
  EXPECT_EQ(result.stored_bits, 100 * 3 + 8 * 32 + 32 + 2 * (32 + 7));
}

// Mean 0, variance 1: the log of the density is -x^2 / 2 - 0.919, and below -4 beyond 2.482.
TEST(Gobo, ThresholdIsOnTheLogOfTheDensity) {
  const auto outliers = [](float largest) {
    // 2 * largest^2 + 98 * rest^2 = 100
    const float rest = std::sqrt((100 - 2 * largest * largest) / 98);
    Floats weights(100, rest);
    for (std::size_t i = 0; i < 49; ++i) weights[i] = -rest;
    weights[98] = largest;
    weights[99] = -largest;
    const auto result = value_of(gobo(weights, 100, 1, {}));
    return (result.stored_bits - 100 * 3 - 8 * 32 - 32) / (32 + 7);
  };
  EXPECT_EQ(outliers(2.48F), 0);
  EXPECT_EQ(outliers(2.485F), 2);
}

TEST(Gobo, EverythingIsAnOutlierWhereTheDensityIsLow) {
  const Floats weights{-100, 100, -90, 90};
  const auto result = value_of(gobo(weights, 2, 2, {}));
  EXPECT_EQ(result.values, weights);
  EXPECT_EQ(result.stored_bits, 4 * 3 + 8 * 32 + 32 + 4 * (32 + 2));
}

TEST(Gobo, ConstantsAndSingleWeights) {
  EXPECT_EQ(value_of(gobo(Floats(6, 0.3F), 3, 2, {4, -4})).values, Floats(6, 0.3F));
  EXPECT_EQ(value_of(gobo(Floats(6), 3, 2, {})).values, Floats(6));
  const auto one = value_of(gobo(Floats{-2}, 1, 1, {}));
  EXPECT_EQ(one.values, (Floats{-2}));
  EXPECT_EQ(one.stored_bits, 3 + 8 * 32 + 32);
}

double l1_distance(const Floats& a, const Floats& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::fabs(static_cast<double>(a[i]) - b[i]);
  return sum;
}

TEST(Gobo, EveryInlierTakesTheNearestOfFewCentroids) {
  std::mt19937 random(41);
  std::student_t_distribution<float> tails(4);
  double last = std::numeric_limits<double>::infinity();
  Floats weights(64 * 32);
  for (float& w : weights) w = 0.04F * tails(random);
  for (const int bits : {2, 3, 4}) {
    const auto result = value_of(gobo(weights, 64, 32, {bits, kNoOutliers}));
    const std::set<float> centroids(result.values.begin(), result.values.end());
    EXPECT_LE(centroids.size(), std::size_t{1} << bits);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      for (const float c : centroids) {
        EXPECT_LE(std::fabs(result.values[i] - static_cast<double>(weights[i])),
                  std::fabs(c - static_cast<double>(weights[i])));
      }
    }
    EXPECT_LT(l1_distance(weights, result.values), last);
    last = l1_distance(weights, result.values);
  }
}

TEST(Gobo, CodesAreThoseOfTheValues) {
  std::mt19937 random(42);
  std::student_t_distribution<float> tails(3);
  Floats weights(64 * 32);
  for (float& w : weights) w = 0.04F * tails(random);
  const auto values = value_of(gobo(weights, 64, 32, {})).values;
  const auto codes = gobo_codes(weights, 64, 32, {});
  ASSERT_TRUE(codes) << codes.error();
  ASSERT_EQ(codes->centroids.size(), 8U);
  ASSERT_EQ(codes->weights.size(), weights.size());
  int outliers = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const float centroid = codes->centroids.at(static_cast<std::size_t>(codes->weights[i].index));
    // An outlier keeps its value, and has the nearest centroid beside it.
    for (const float c : codes->centroids)
      EXPECT_LE(std::fabs(weights[i] - centroid), std::fabs(weights[i] - c)) << i;
    EXPECT_EQ(values[i], codes->weights[i].outlier.value_or(centroid)) << i;
    if (!codes->weights[i].outlier) continue;
    ++outliers;
    EXPECT_EQ(*codes->weights[i].outlier, weights[i]) << i;
  }
  EXPECT_GT(outliers, 5);
  EXPECT_LT(outliers, 200);
  EXPECT_FALSE(gobo_codes(weights, 64, 31, {}));
}

TEST(Gobo, Errors) {
  EXPECT_EQ(error_of(gobo(Floats{1}, 1, 1, {8, -4})), "bits is 8; allowed are 2, 3, 4");
  EXPECT_EQ(error_of(gobo(Floats{1}, 1, 1, {3, -kInfinity})),
            "log_probability is -inf; allowed are finite numbers");
  EXPECT_EQ(error_of(gobo(Floats{1, kNaN}, 2, 1, {})),
            "weight [k=1][n=0] is nan; every weight must be finite");
  EXPECT_EQ(error_of(gobo(Floats{1}, 2, 1, {})), "shape [k=2][n=1] needs 2 weights, got 1");
}

}  // namespace
}  // namespace msq::golden::baselines
