#include "golden/baselines/array_gemm.hpp"

#include <cmath>
#include <cstddef>
#include <limits>

namespace msq::golden::baselines {
namespace {

float without_subnormals(float value) {
  return std::fabs(value) < std::numeric_limits<float>::min() ? std::copysign(0.0F, value) : value;
}

}  // namespace

std::vector<std::int64_t> integer_gemm(std::span<const std::int8_t> activations, std::span<const int> weights,
                                       std::int64_t m, std::int64_t k, std::int64_t n) {
  std::vector<std::int64_t> sums(static_cast<std::size_t>(m * n));
  for (std::int64_t i = 0; i < m; ++i) {
    for (std::int64_t p = 0; p < k; ++p) {
      const std::int64_t x = activations[static_cast<std::size_t>(i * k + p)];
      for (std::int64_t j = 0; j < n; ++j) {
        sums[static_cast<std::size_t>(i * n + j)] += x * weights[static_cast<std::size_t>(p * n + j)];
      }
    }
  }
  return sums;
}

float fp32_add(float a, float b) { return without_subnormals(a + b); }

std::vector<float> fp32_gemm(std::span<const std::int8_t> activations, std::span<const float> weights,
                             std::int64_t m, std::int64_t k, std::int64_t n) {
  std::vector<float> sums(static_cast<std::size_t>(m * n));
  for (std::int64_t i = 0; i < m; ++i) {
    for (std::int64_t p = 0; p < k; ++p) {
      const auto x = static_cast<float>(activations[static_cast<std::size_t>(i * k + p)]);
      for (std::int64_t j = 0; j < n; ++j) {
        float& sum = sums[static_cast<std::size_t>(i * n + j)];
        sum = fp32_add(sum, without_subnormals(x * weights[static_cast<std::size_t>(p * n + j)]));
      }
    }
  }
  return sums;
}

}  // namespace msq::golden::baselines
