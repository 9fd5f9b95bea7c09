#include "golden/quantize/migration.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace msq::golden {

std::vector<double> migration_scales(std::span<const float> weights, std::span<const float> largest,
                                     std::int64_t k, std::int64_t n, double alpha) {
  if (weights.size() != static_cast<std::size_t>(k * n) || largest.size() != static_cast<std::size_t>(k))
    throw std::logic_error("migration_scales: weights are [k][n], largest activations [k]");
  std::vector<double> scales(static_cast<std::size_t>(k), 1.0);
  for (std::size_t row = 0; row < scales.size(); ++row) {
    const auto values = weights.subspan(row * static_cast<std::size_t>(n), static_cast<std::size_t>(n));
    double weight = 0;
    for (const float w : values) weight = std::max(weight, std::fabs(static_cast<double>(w)));
    if (weight == 0 || largest[row] == 0) continue;
    scales[row] = std::pow(static_cast<double>(largest[row]), alpha) / std::pow(weight, 1 - alpha);
  }
  return scales;
}

void migrate(std::span<const double> scales, std::span<float> weights, Hessian& hessian) {
  const std::size_t n = weights.size() / scales.size();
  for (std::size_t row = 0; row < scales.size(); ++row) {
    for (float& w : weights.subspan(row * n, n)) w = static_cast<float>(w * scales[row]);
  }
  hessian.divide_inputs(scales);
}

}  // namespace msq::golden
