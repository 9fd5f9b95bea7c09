#pragma once

#include <bit>
#include <cstdint>

namespace msq::golden {

/// |value| without overflow at the most negative number.
[[nodiscard]] constexpr std::uint64_t magnitude(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  return value < 0 ? ~bits + 1U : bits;
}

/// Bits of |value|; 0 for 0.
[[nodiscard]] constexpr int magnitude_bits(std::int64_t value) {
  return static_cast<int>(std::bit_width(magnitude(value)));
}

/// value / 2^shift rounded half to even, for any shift >= 0.
[[nodiscard]] constexpr std::uint64_t shift_right_half_even(std::uint64_t value, int shift) {
  if (shift == 0) return value;
  // 2^64 / 2^64 is out of reach, so at 64 the quotient is below one: only the comparison with the half is
  // left.
  if (shift > 64) return 0;
  if (shift == 64) return value > (std::uint64_t{1} << 63) ? 1U : 0U;
  const std::uint64_t quotient = value >> shift;
  const std::uint64_t remainder = value & ((std::uint64_t{1} << shift) - 1U);
  const std::uint64_t half = std::uint64_t{1} << (shift - 1);
  const bool up = remainder > half || (remainder == half && (quotient & 1U) != 0);
  return quotient + (up ? 1U : 0U);
}

/// value * 2^shift, rounded half to even if the shift is negative. A positive shift must not overflow 64
/// bits.
[[nodiscard]] constexpr std::int64_t scale_half_even(std::int64_t value, int shift) {
  if (value == 0) return 0;
  if (shift >= 0) return value << shift;
  const auto rounded = static_cast<std::int64_t>(shift_right_half_even(magnitude(value), -shift));
  return value < 0 ? -rounded : rounded;
}

}  // namespace msq::golden
