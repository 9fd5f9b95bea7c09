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
    layer = {static_cast<std::int64_t>(1000 + engine() % 9000), {2.1, 4.2}, {error, error * uniform(engine)}};
  }
  return layers;
}

struct Outcome {
  double bits = 0, error = 0;
};

Outcome outcome(const std::vector<WidthChoice>& layers, const std::vector<int>& widths) {
  Outcome all;
  double weights = 0;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const int wide = widths[i] == 4 ? 1 : 0;
    weights += static_cast<double>(layers[i].weights);
    all.bits += layers[i].stored_bits[wide] * static_cast<double>(layers[i].weights);
    all.error += layers[i].error[wide];
  }
  all.bits /= weights;
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
      const Outcome found = outcome(layers, choose_widths(layers, average).value());
      EXPECT_LE(found.bits, average + 1e-12);
      const double best = least_error(layers, average);
      EXPECT_GE(found.error, best - 1e-12);
      EXPECT_LE(found.error - best, 0.2 * (all_narrow - best) + 1e-12) << seed << " " << average;
    }
  }
}

TEST(MixedPrecision, TheEndsAreTwoAndFourBits) {
  const auto layers = random_layers(1);
  EXPECT_EQ(choose_widths(layers, 2.1).value(), std::vector<int>(10, 2));
  EXPECT_EQ(choose_widths(layers, 4.2).value(), std::vector<int>(10, 4));
}

TEST(MixedPrecision, TooFewBitsAreNamed) {
  const auto found = choose_widths(random_layers(1), 2);
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().find("found 2; allowed: 2.100"), std::string::npos) << found.error();
}

TEST(MixedPrecision, ALayerThatGainsNothingStaysNarrow) {
  EXPECT_EQ(choose_widths(std::vector<WidthChoice>{{100, {2, 4}, {0.1, 0.1}}}, 4).value(),
            std::vector<int>{2});
}

}  // namespace
}  // namespace msq::flow
