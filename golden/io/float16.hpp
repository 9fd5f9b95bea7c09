#pragma once

#include <bit>
#include <cstdint>

namespace msq::golden {

/// bfloat16 code to float32: exact for every code, NaN payloads included.
[[nodiscard]] constexpr float from_bfloat16(std::uint16_t code) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(code) << 16);
}

/// IEEE 754 binary16 code to float32: exact for every code. NaN payloads move to the top of the mantissa.
[[nodiscard]] constexpr float from_float16(std::uint16_t code) {
  const std::uint32_t sign = static_cast<std::uint32_t>(code & 0x8000U) << 16;
  const std::uint32_t exponent = (code >> 10) & 0x1FU;
  const std::uint32_t mantissa = code & 0x3FFU;
  if (exponent == 0) {  // zero or subnormal: mantissa * 2^-24, a normal float32
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24F;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(magnitude) | sign);
  }
  if (exponent == 31) {
    return std::bit_cast<float>(sign | 0x7F800000U | (mantissa << 13));
  }
  return std::bit_cast<float>(sign | ((exponent + 127 - 15) << 23) | (mantissa << 13));
}

}  // namespace msq::golden
