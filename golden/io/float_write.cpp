#include "golden/io/float_write.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>

namespace msq::golden {
namespace {

/// Bits of a binary floating-point type below its leading one, its least exponent and its largest value.
struct FloatShape {
  int fraction_bits, least_exponent;
  double largest;
};

constexpr FloatShape kFloat16{10, -14, 65504};
constexpr FloatShape kBfloat16{7, -126, 0x1.FEp127};
constexpr FloatShape kFloat32{23, -126, 0x1.FFFFFEp127};

constexpr int kDoubleFraction = 52, kDoubleBias = 1023;

double power_double(int exponent) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(exponent + kDoubleBias) << kDoubleFraction);
}

double round_to_shape(double value, const FloatShape& shape) {
  if (!std::isfinite(value)) return value;
  const auto stored_exponent =
      static_cast<int>(std::bit_cast<std::uint64_t>(value) >> kDoubleFraction) & 0x7FF;
  const int last = std::max(stored_exponent - kDoubleBias, shape.least_exponent) - shape.fraction_bits;
  // A sum of this size has its last bit where the rounded value has it: the addition rounds.
  const double shift = 1.5 * power_double(kDoubleFraction + last);
  const double rounded = std::copysign((value + shift) - shift, value);
  if (std::abs(rounded) <= shape.largest) return rounded;
  return std::copysign(std::numeric_limits<double>::infinity(), value);
}

/// Code of a value that binary16 holds exactly.
std::uint16_t float16_code(double value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
  const std::uint32_t sign = (bits >> 16) & 0x8000U;
  const double size = std::abs(value);
  if (std::isnan(value)) return static_cast<std::uint16_t>(sign | 0x7E00U);
  if (std::isinf(value)) return static_cast<std::uint16_t>(sign | 0x7C00U);
  if (size < 0x1p-14) return static_cast<std::uint16_t>(sign | static_cast<std::uint32_t>(size * 0x1p24));
  constexpr std::uint32_t kBias = (127 - 15) << 10;  // between the exponents of the two types
  return static_cast<std::uint16_t>(sign | (((bits & 0x7FFFFFFFU) >> 13) - kBias));
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

bool append_float(std::vector<std::byte>& bytes, double value, FloatType type) {
  const double rounded = round_to(value, type);
  switch (type) {
    case FloatType::f16:
      append(bytes, float16_code(rounded));
      break;
    case FloatType::bf16:
      append(bytes,
             static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(static_cast<float>(rounded)) >> 16));
      break;
    case FloatType::f32:
      append(bytes, static_cast<float>(rounded));
      break;
    default:
      append(bytes, rounded);
      break;
  }
  return std::isfinite(rounded) || !std::isfinite(value);
}

}  // namespace msq::golden
