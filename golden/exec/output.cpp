#include "golden/exec/output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <optional>

#include "golden/exec/rounding.hpp"

namespace msq::golden {
namespace {

/// floor(log2|acc * 2^exponent|); acc is not zero.
int floor_log2(std::int64_t acc, int exponent) { return exponent + magnitude_bits(acc) - 1; }

/// clamp(round_half_even(acc * 2^shift)) to +-limit.
std::int8_t quantize(std::int64_t acc, int shift, std::uint64_t limit) {
  if (acc == 0) return 0;
  std::uint64_t value = magnitude(acc);
  if (shift < 0) {
    value = shift_right_half_even(value, -shift);
  } else {
    // More than eight bits come only from a saturated scale.
    value = magnitude_bits(acc) + shift > 8 ? limit : value << shift;
  }
  const auto clamped = static_cast<int>(std::min(value, limit));
  return static_cast<std::int8_t>(acc < 0 ? -clamped : clamped);
}

/// Scale of outputs n0..n_end-1 of row m.
int block_scale(const GemmResult& result, std::int64_t m, std::int64_t n0, std::int64_t n_end, int bits) {
  std::optional<int> largest;
  for (std::int64_t n = n0; n < n_end; ++n) {
    if (result.at(m, n) == 0) continue;
    const int log = floor_log2(result.at(m, n), result.exponent(m, n));
    largest = largest ? std::max(*largest, log) : log;
  }
  return largest ? std::clamp(*largest - (bits - 2), kScaleMin, kScaleMax) : kScaleMin;
}

}  // namespace

float to_float(std::int64_t acc, int exponent) {
  constexpr int kMantissa = std::numeric_limits<float>::digits - 1;  // 23
  constexpr int kMaxExponent = std::numeric_limits<float>::max_exponent - 1;
  constexpr int kSubnormalStep = std::numeric_limits<float>::min_exponent - 1 - kMantissa;  // -149
  const std::uint32_t sign = acc < 0 ? std::uint32_t{1} << 31 : 0;
  if (acc == 0) return 0.0F;
  const int log = floor_log2(acc, exponent);
  const float infinity = std::bit_cast<float>(sign | (std::uint32_t{0xff} << kMantissa));
  if (log > kMaxExponent) return infinity;
  const int step = std::max(log - kMantissa, kSubnormalStep);  // exponent of the last place
  const std::uint64_t significand = exponent >= step ? magnitude(acc) << (exponent - step)
                                                     : shift_right_half_even(magnitude(acc), step - exponent);
  // The hidden one of a normal number adds 1 to the exponent field, and so does a carry out of the rounding:
  // into the normal range, to the next binade, or to infinity.
  const auto field = static_cast<std::uint32_t>(step - kSubnormalStep);
  return std::bit_cast<float>(sign | ((field << kMantissa) + static_cast<std::uint32_t>(significand)));
}

std::vector<float> to_float(const GemmResult& result) {
  std::vector<float> values;
  values.reserve(result.acc.size());
  for (std::int64_t m = 0; m < result.m; ++m) {
    for (std::int64_t n = 0; n < result.n; ++n)
      values.push_back(to_float(result.at(m, n), result.exponent(m, n)));
  }
  return values;
}

Result<QuantizedActivations> to_mx(const GemmResult& result, int bits) {
  if (bits != 8 && bits != 4) return Error(fmt::format("output bits {}, allowed 8 or 4", bits));
  QuantizedActivations out{bits, kOutputBlock, result.m, result.n, {}, {}};
  const auto limit = (std::uint64_t{1} << (bits - 1)) - 1;
  out.values.reserve(result.acc.size());
  for (std::int64_t m = 0; m < result.m; ++m) {
    for (std::int64_t n0 = 0; n0 < result.n; n0 += kOutputBlock) {
      const std::int64_t n_end = std::min(n0 + kOutputBlock, result.n);
      const int scale = block_scale(result, m, n0, n_end, bits);
      out.scales.push_back(static_cast<std::int8_t>(scale));
      for (std::int64_t n = n0; n < n_end; ++n) {
        out.values.push_back(quantize(result.at(m, n), result.exponent(m, n) - scale, limit));
      }
    }
  }
  return out;
}

}  // namespace msq::golden
