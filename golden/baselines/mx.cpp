#include "golden/baselines/mx.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "golden/baselines/integer_grid.hpp"
#include "golden/check.hpp"
#include "golden/quantize/rounding.hpp"

namespace msq::golden::baselines {
namespace {

struct BlockFormat {
  std::int64_t size = 0;  // weights along k
  int bits = 0;           // of an element
  int top_exponent = 0;   // floor(log2) of the largest element
};

constexpr int kScaleBits = 8;

// `round` takes w / X to an element.
template <class Round>
BaselineResult quantize_blocks(std::span<const float> weights, std::int64_t k, std::int64_t n,
                               const BlockFormat& format, Round round) {
  const std::int64_t block_bits = format.size * format.bits + kScaleBits;
  BaselineResult result{std::vector<float>(weights.size()), n * group_count(k, format.size) * block_bits};
  for (std::int64_t first = 0; first < k; first += format.size) {
    const std::int64_t end = std::min(k, first + format.size);
    for (std::int64_t column = 0; column < n; ++column) {
      const auto at = [&](std::int64_t row) { return static_cast<std::size_t>(row * n + column); };
      double largest = 0;
      for (std::int64_t row = first; row < end; ++row) {
        largest = std::max(largest, std::fabs(static_cast<double>(weights[at(row)])));
      }
      const int exponent = largest == 0 ? kScaleMin : clamp_scale(floor_log2(largest) - format.top_exponent);
      const double scale = power_of_two(exponent);
      for (std::int64_t row = first; row < end; ++row) {
        result.values[at(row)] = static_cast<float>(round(weights[at(row)] / scale) * scale);
      }
    }
  }
  return result;
}

// Nearest E2M1 number. Its steps are 1/2 below 2, 1 below 4 and 2 above; an even multiple of the step is an
// even mantissa.
double round_e2m1(double value) {
  const double magnitude = std::fabs(value);
  const double step = magnitude < 2 ? 0.5 : magnitude < 4 ? 1.0 : 2.0;
  const double rounded = std::min(6.0, round_half_even_to(magnitude / step, 16) * step);
  return std::copysign(rounded, value);
}

}  // namespace

Result<BaselineResult> mx_int(std::span<const float> weights, std::int64_t k, std::int64_t n, int bits) {
  MSQ_CHECK(check_choice("bits", bits, {2, 3, 4, 8}));
  MSQ_CHECK(check_weights(weights, k, n));
  const int limit = (1 << (bits - 1)) - 1;
  return quantize_blocks(weights, k, n, {128, bits, bits - 2},
                         [limit](double value) { return round_half_even_symmetric(value, limit); });
}

Result<BaselineResult> mxfp4(std::span<const float> weights, std::int64_t k, std::int64_t n) {
  MSQ_CHECK(check_weights(weights, k, n));
  return quantize_blocks(weights, k, n, {32, 4, 2}, round_e2m1);
}

}  // namespace msq::golden::baselines
