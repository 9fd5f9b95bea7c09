#include "golden/io/float_write.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>

namespace msq::golden {
namespace {

/// Bits of a binary floating-point type below its leading one, and its least and largest exponent.
struct FloatShape {
  int fraction_bits, least_exponent, largest_exponent;
};

constexpr FloatShape kFloat16{10, -14, 15};
constexpr FloatShape kBfloat16{7, -126, 127};
constexpr FloatShape kFloat32{23, -126, 127};

double round_to_shape(double value, const FloatShape& shape) {
  if (value == 0 || !std::isfinite(value)) return value;
  const int last = std::max(std::ilogb(value), shape.least_exponent) - shape.fraction_bits;
  const double rounded = std::ldexp(std::nearbyint(std::ldexp(value, -last)), last);
  if (std::ilogb(rounded) <= shape.largest_exponent) return rounded;
  return std::copysign(std::numeric_limits<double>::infinity(), value);
}

/// Code of a value that binary16 holds exactly.
std::uint16_t float16_code(double value) {
  const std::uint16_t sign = std::signbit(value) ? 0x8000U : 0U;
  const double size = std::abs(value);
  if (std::isnan(value)) return static_cast<std::uint16_t>(sign | 0x7E00U);
  if (std::isinf(value)) return static_cast<std::uint16_t>(sign | 0x7C00U);
  if (size < 0x1p-14) return static_cast<std::uint16_t>(sign | static_cast<unsigned>(std::ldexp(size, 24)));
  const int exponent = std::ilogb(size);
  const auto significand = static_cast<unsigned>(std::ldexp(size, 10 - exponent));  // with the leading one
  return static_cast<std::uint16_t>(sign + ((static_cast<unsigned>(exponent) + 14U) << 10) + significand);
}

template <class T>
void append(std::vector<std::byte>& bytes, T element) {
  const auto stored = std::as_bytes(std::span(&element, 1));
  bytes.insert(bytes.end(), stored.begin(), stored.end());
}

}  // namespace

double round_to(double value, FloatType type) {
  switch (type) {
    case FloatType::f16:
      return round_to_shape(value, kFloat16);
    case FloatType::bf16:
      return round_to_shape(value, kBfloat16);
    case FloatType::f32:
      return round_to_shape(value, kFloat32);
    default:
      return value;
  }
}

void append_float(std::vector<std::byte>& bytes, double value, FloatType type) {
  const double rounded = round_to(value, type);
  switch (type) {
    case FloatType::f16:
      return append(bytes, float16_code(rounded));
    case FloatType::bf16:
      return append(
          bytes, static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(static_cast<float>(rounded)) >> 16));
    case FloatType::f32:
      return append(bytes, static_cast<float>(rounded));
    default:
      return append(bytes, rounded);
  }
}

}  // namespace msq::golden
