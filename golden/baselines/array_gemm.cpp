#include "golden/baselines/array_gemm.hpp"

#include <cstddef>

namespace msq::golden::baselines {

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

}  // namespace msq::golden::baselines
