#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace msq::tb {

/// Words of zeros that hold so many bits.
[[nodiscard]] std::vector<std::uint32_t> words_for(int bits);
/// Sets `width` bits (1..32) at bit `lsb` of a little-endian word array. The bits must be zero before.
void put_bits(std::span<std::uint32_t> words, int lsb, int width, std::uint32_t value);
/// The same for 1..64 bits.
void put_long_bits(std::span<std::uint32_t> words, int lsb, int width, std::uint64_t value);
/// Signed value of `width` bits (1..64) at bit `lsb`.
[[nodiscard]] std::int64_t get_signed(std::span<const std::uint32_t> words, int lsb, int width);
/// The low `width` bits (1..32) of a two's complement value.
[[nodiscard]] std::uint32_t low_bits(std::int64_t value, int width);

}  // namespace msq::tb
