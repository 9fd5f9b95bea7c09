#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace msq::golden {

/// Heavy-tailed weights [k][n] with the corners of the quantizer in them: columns and rows of zeros, columns
/// of very different size, runs of equal weights, and (where `coarse`) multiples of 1/8, so that ties happen.
inline std::vector<float> random_weights(std::int64_t k, std::int64_t n, bool coarse, std::mt19937& random) {
  std::normal_distribution<float> normal;
  std::uniform_int_distribution<int> percent(0, 99);
  std::vector<float> weights(static_cast<std::size_t>(k * n));
  std::vector<float> column_size(static_cast<std::size_t>(n));
  for (float& size : column_size) {
    const int kind = percent(random);
    size = kind < 10 ? 0.0F : std::ldexp(1.0F, kind < 80 ? 0 : kind - 90);
  }
  for (std::int64_t row = 0; row < k; ++row) {
    const bool zero_row = percent(random) < 3;
    const bool loud_row = percent(random) < 10;
    for (std::int64_t column = 0; column < n; ++column) {
      float w = normal(random) * (percent(random) < 6 ? 6.0F : 1.0F) * (loud_row ? 3.0F : 1.0F);
      if (coarse) w = std::round(w * 8.0F) / 8.0F;
      if (percent(random) < 5) w = 0.0F;
      weights[static_cast<std::size_t>(row * n + column)] =
          zero_row ? 0.0F : w * column_size[static_cast<std::size_t>(column)];
    }
  }
  return weights;
}

/// Activations [tokens][k] that depend on each other (a few common causes and noise), of very different
/// sizes; if `dead`, about one input in ten is never used.
inline std::vector<float> random_activations(std::int64_t tokens, std::int64_t k, bool dead,
                                             std::mt19937& random) {
  std::normal_distribution<float> normal;
  constexpr std::size_t kCauses = 4;
  const auto columns = static_cast<std::size_t>(k);
  std::vector<float> mixing(kCauses * columns);
  for (float& m : mixing) m = normal(random);
  std::vector<float> size(columns);
  for (float& s : size) {
    const auto kind = random() % 10;
    s = kind == 0 ? (dead ? 0.0F : 1.0F) : kind == 1 ? 8.0F : 1.0F;
  }
  std::vector<float> values;
  for (std::int64_t token = 0; token < tokens; ++token) {
    std::vector<float> causes(kCauses);
    for (float& cause : causes) cause = normal(random);
    for (std::size_t i = 0; i < columns; ++i) {
      float x = 0.5F * normal(random);
      for (std::size_t c = 0; c < kCauses; ++c) x += causes[c] * mixing[c * columns + i];
      values.push_back(x * size[i]);
    }
  }
  return values;
}

}  // namespace msq::golden
