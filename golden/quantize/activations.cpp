#include "golden/quantize/activations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "golden/check.hpp"
#include "golden/quantize/rounding.hpp"
#include "golden/quantize/validate.hpp"

namespace msq::golden {
namespace {

Result<> check(std::span<const float> values, std::int64_t m, std::int64_t k, int bits, int block) {
  MSQ_CHECK(check_choice("activation bits", bits, {4, 8}));
  MSQ_CHECK(check_choice("activation block", block, {32, 64, 128}));
  MSQ_CHECK(check_range("m", m, 1, kMaxDimension));
  MSQ_CHECK(check_range("k", k, 1, kMaxDimension));
  if (values.size() != static_cast<std::size_t>(m) * static_cast<std::size_t>(k)) {
    return Error(fmt::format("shape [m={}][k={}] needs {} activations, got {}", m, k, m * k, values.size()));
  }
  const auto bad = std::find_if(values.begin(), values.end(), [](float x) { return !std::isfinite(x); });
  if (bad == values.end()) return {};
  const std::int64_t index = bad - values.begin();
  return Error(fmt::format("activation [m={}][k={}] is {}; every activation must be finite", index / k,
                           index % k, *bad));
}

// Quantizes one block into `to` and returns its Xsf.
int quantize_block(std::span<const float> from, int bits, std::span<std::int8_t> to) {
  double largest = 0;
  for (const float x : from) largest = std::max(largest, std::fabs(static_cast<double>(x)));
  const int scale = largest == 0 ? kScaleMin : clamp_scale(floor_log2(largest) - (bits - 2));
  const double step = power_of_two(scale);
  const int limit = (1 << (bits - 1)) - 1;
  std::transform(from.begin(), from.end(), to.begin(), [&](double x) {
    return static_cast<std::int8_t>(round_half_even_symmetric(x / step, limit));
  });
  return scale;
}

}  // namespace

Result<QuantizedActivations> quantize_activations(std::span<const float> values, std::int64_t m,
                                                  std::int64_t k, int bits, int block) {
  MSQ_CHECK(check(values, m, k, bits, block));
  QuantizedActivations quantized;
  quantized.bits = bits;
  quantized.block = block;
  quantized.m = m;
  quantized.k = k;
  quantized.values.resize(values.size());
  quantized.scales.reserve(static_cast<std::size_t>(m * quantized.groups()));
  for (std::int64_t row = 0; row < m; ++row) {
    for (std::int64_t first = 0; first < k; first += block) {
      const auto offset = static_cast<std::size_t>(row * k + first);
      const auto size = static_cast<std::size_t>(std::min<std::int64_t>(block, k - first));
      quantized.scales.push_back(static_cast<std::int8_t>(quantize_block(
          values.subspan(offset, size), bits, std::span(quantized.values).subspan(offset, size))));
    }
  }
  return quantized;
}

}  // namespace msq::golden
