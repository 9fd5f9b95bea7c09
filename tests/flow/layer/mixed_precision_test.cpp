#include "flow/layer/mixed_precision.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>

namespace msq::flow {
namespace {

std::vector<WidthChoice> random_layers(unsigned seed) {
  std::mt19937 engine(seed);
  std::uniform_real_distribution<double> uniform(0.01, 0.3);
  std::vector<WidthChoice> layers(10);
  for (WidthChoice& layer : layers) {
    const double error = uniform(engine);
    const double weights = 1000 + static_cast<double>(engine() % 9000);
    layer = {{2.1 * weights, 4.2 * weights}, {error, error * uniform(engine)}};
  }
  return layers;
}

/// Of which limits are multiples.
double weights_of(const std::vector<WidthChoice>& layers) {
  double weights = 0;
  for (const WidthChoice& layer : layers) weights += layer.cost[0] / 2.1;
  return weights;
}

struct Outcome {
  double bits = 0, error = 0;
};

Outcome outcome(const std::vector<WidthChoice>& layers, const std::vector<int>& widths) {
  Outcome all;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const int wide = widths[i] == 4 ? 1 : 0;
    all.bits += layers[i].cost[wide];
    all.error += layers[i].error[wide];
  }
  all.bits /= weights_of(layers);
  return all;
}

/// Every choice of ten layers.
double least_error(const std::vector<WidthChoice>& layers, double average) {
  double least = INFINITY;
  for (unsigned chosen = 0; chosen < 1024; ++chosen) {
    std::vector<int> widths;
    for (unsigned i = 0; i < 10; ++i) widths.push_back((chosen >> i & 1U) != 0 ? 4 : 2);
    const Outcome found = outcome(layers, widths);
    if (found.bits <= average + 1e-12) least = std::min(least, found.error);
  }
  return least;
}

TEST(MixedPrecision, StaysWithinItsBitsAndNearTheBest) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const auto layers = random_layers(seed);
    const double all_narrow = outcome(layers, std::vector<int>(10, 2)).error;
    for (const double average : {2.1, 2.5, 3.0, 3.7, 4.2}) {
      const Outcome found = outcome(layers, choose_widths(layers, average, weights_of(layers)).value());
      EXPECT_LE(found.bits, average + 1e-12);
      const double best = least_error(layers, average);
      EXPECT_GE(found.error, best - 1e-12);
      EXPECT_LE(found.error - best, 0.2 * (all_narrow - best) + 1e-12) << seed << " " << average;
    }
  }
}

TEST(MixedPrecision, TheEndsAreTwoAndFourBits) {
  const auto layers = random_layers(1);
  const double weights = weights_of(layers);
  EXPECT_EQ(choose_widths(layers, 2.1, weights).value(), std::vector<int>(10, 2));
  EXPECT_EQ(choose_widths(layers, 4.2, weights).value(), std::vector<int>(10, 4));
}

TEST(MixedPrecision, TooFewBitsAreNamed) {
  const auto layers = random_layers(1);
  const auto found = choose_widths(layers, 2, weights_of(layers));
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().find("found 2; allowed: 2.100"), std::string::npos) << found.error();
}

/// Rounded up: the number of the message is allowed.
TEST(MixedPrecision, TheLeastLimitOfTheMessageSuffices) {
  const std::vector<WidthChoice> layers{{{200.01, 400}, {0.2, 0.1}}};
  const auto found = choose_widths(layers, 2, 100);
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().find("allowed: 2.001"), std::string::npos) << found.error();
  EXPECT_TRUE(choose_widths(layers, 2.001, 100));
}

TEST(MixedPrecision, ALayerThatGainsNothingStaysNarrow) {
  EXPECT_EQ(choose_widths(std::vector<WidthChoice>{{{2, 4}, {0.1, 0.1}}}, 4, 1).value(), std::vector<int>{2});
}

/// As 2 bits with many outliers on a slow path may be.
TEST(MixedPrecision, FourBitsThatCostLessNeedNoRoom) {
  const std::vector<WidthChoice> layers{{{30, 20}, {0.2, 0.1}}, {{10, 20}, {0.2, 0.1}}, {{5, 5}, {0.2, 0.1}}};
  EXPECT_EQ(choose_widths(layers, 35, 1).value(), (std::vector<int>{4, 2, 4}));
  EXPECT_FALSE(choose_widths(layers, 34.9, 1));
  EXPECT_EQ(choose_widths(layers, 45, 1).value(), (std::vector<int>{4, 4, 4}));
  const std::vector<WidthChoice> worse{{{30, 20}, {0.1, 0.2}}};
  EXPECT_EQ(choose_widths(worse, 20, 1).value(), std::vector<int>{4});
  EXPECT_EQ(choose_widths(worse, 30, 1).value(), std::vector<int>{2});
}

}  // namespace
}  // namespace msq::flow
