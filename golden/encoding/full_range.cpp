#include "golden/encoding/full_range.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "golden/check.hpp"

namespace msq::golden {
namespace {

constexpr int kExponentBias = 64;    // of stored scales
constexpr int kNegativeScale = 128;  // their sign bit

/// Two's complement value of the low `width` bits.
std::int64_t twos_complement(unsigned value, int width) {
  const std::int64_t modulus = std::int64_t{1} << width;
  const std::int64_t field = static_cast<std::int64_t>(value) % modulus;
  return 2 * field >= modulus ? field - modulus : field;
}

}  // namespace

Result<> FullRangeEncoding::validate(const Format& format) {
  MSQ_CHECK(check_choice("list_entries", format.list_entries, {0, 1, 2, 4, 8}));
  if (format.list_entries > format.micro_block / 2) {
    return Error(fmt::format("list_entries is {}; allowed are up to half the micro-block, {}",
                             format.list_entries, format.micro_block / 2));
  }
  MSQ_CHECK(check_choice("shift_bits", format.shift_bits, {4, 8}));
  MSQ_CHECK(check_choice("fraction_bits", format.fraction_bits, {1, 2}));
  return check_choice("scale_mantissa_bits", format.scale_mantissa_bits, {0, 1, 2, 3});
}

StoredScale FullRangeEncoding::store_scale(const Format& format, const BlockScale& scale) {
  const int byte = (scale.exponent + kExponentBias) | (scale.factor < 0 ? kNegativeScale : 0);
  const int mantissa = std::abs(scale.factor) - (1 << format.scale_mantissa_bits);
  return {static_cast<std::uint8_t>(byte), static_cast<std::uint8_t>(mantissa)};
}

BlockScale FullRangeEncoding::load_scale(const Format& format, const StoredScale& stored) {
  const int factor = (1 << format.scale_mantissa_bits) + stored.mantissa;
  return {(stored.byte & (kNegativeScale - 1)) - kExponentBias,
          (stored.byte & kNegativeScale) != 0 ? -factor : factor};
}

std::vector<BlockScale> FullRangeEncoding::scales_near(const Format& format, double value) {
  std::vector<BlockScale> found;
  if (value == 0 || !std::isfinite(value)) return found;
  const int one = 1 << format.scale_mantissa_bits;
  const int sign = value < 0 ? -1 : 1;
  const int exponent = floor_log2(std::fabs(value));
  const auto below = static_cast<int>(std::ldexp(std::fabs(value), format.scale_mantissa_bits - exponent));
  for (const int magnitude : {below, below + 1}) {
    const bool carry = magnitude == 2 * one;
    const int e = exponent + (carry ? 1 : 0);
    if (e < kExponents.min || e > kExponents.max) continue;
    found.push_back({e, sign * (carry ? one : magnitude)});
  }
  return found;
}

std::int64_t FullRangeEncoding::reference_inlier(const Format& format, std::uint8_t code) {
  return twos_complement(code, format.bits) << format.fraction_bits;
}

std::int64_t FullRangeEncoding::reference_outlier(const Format& format, const Halves& halves) {
  return twos_complement((static_cast<unsigned>(halves.upper) << format.bits) + halves.lower,
                         2 * format.bits);
}

}  // namespace msq::golden
