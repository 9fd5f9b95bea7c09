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

}  // namespace msq::golden
