#pragma once

#include <bit>
#include <cstdint>

#include "golden/io/float16.hpp"

namespace msq::golden {

/// Code of F8_E5M2 (1 sign, 5 exponent, 2 mantissa bits; the upper half of a binary16) to float32: exact for
/// every code, infinities and NaN included.
[[nodiscard]] constexpr float from_float8_e5m2(std::uint8_t code) {
  return from_float16(static_cast<std::uint16_t>(code << 8U));
}

/// Code of F8_E4M3 (1 sign, 4 exponent, 3 mantissa bits, bias 7; PyTorch's float8_e4m3fn) to float32: exact.
/// There are no infinities; S.1111.111 is NaN and the largest value is 448.
[[nodiscard]] constexpr float from_float8_e4m3(std::uint8_t code) {
  const std::uint32_t sign = static_cast<std::uint32_t>(code & 0x80U) << 24;
  const std::uint32_t exponent = (code >> 3U) & 0xFU;
  const std::uint32_t mantissa = code & 0x7U;
  if (exponent == 0) {  // zero or subnormal: mantissa * 2^-9, a normal float32
    const float magnitude = static_cast<float>(mantissa) * 0x1p-9F;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(magnitude) | sign);
  }
  if (exponent == 15 && mantissa == 7) return std::bit_cast<float>(sign | 0x7FC00000U);
  return std::bit_cast<float>(sign | ((exponent + 127 - 7) << 23) | (mantissa << 20));
}

/// Code of F8_E8M0 (8 exponent bits, bias 127, no sign; the scales of OCP MX) to float32: exact. 255 is NaN.
[[nodiscard]] constexpr float from_float8_e8m0(std::uint8_t code) {
  if (code == 0) return 0x1p-127F;
  return std::bit_cast<float>(code == 255 ? 0x7FC00000U : static_cast<std::uint32_t>(code) << 23);
}

}  // namespace msq::golden
