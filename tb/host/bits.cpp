#include "tb/host/bits.hpp"

#include <algorithm>
#include <cassert>
#include <cstddef>

namespace msq::tb {

std::vector<std::uint32_t> words_for(int bits) {
  return std::vector<std::uint32_t>((static_cast<std::size_t>(bits) + 31) / 32);
}

void put_bits(std::span<std::uint32_t> words, int lsb, int width, std::uint32_t value) {
  assert(width >= 1 && width <= 32 && (width == 32 || value >> width == 0));
  const auto word = static_cast<std::size_t>(lsb) / 32;
  const int offset = lsb % 32;
  words[word] |= value << offset;
  if (offset + width > 32) words[word + 1] |= value >> (32 - offset);
}

void put_long_bits(std::span<std::uint32_t> words, int lsb, int width, std::uint64_t value) {
  put_bits(words, lsb, std::min(width, 32), static_cast<std::uint32_t>(value));
  if (width > 32) put_bits(words, lsb + 32, width - 32, static_cast<std::uint32_t>(value >> 32));
}

std::int64_t get_signed(std::span<const std::uint32_t> words, int lsb, int width) {
  std::uint64_t value = 0;
  int done = 0;
  while (done < width) {
    const auto word = static_cast<std::size_t>(lsb + done) / 32;
    const int offset = (lsb + done) % 32;
    value |= static_cast<std::uint64_t>(words[word] >> offset) << done;
    done += 32 - offset;
  }
  const int unused = 64 - width;
  return static_cast<std::int64_t>(value << unused) >> unused;
}

std::uint32_t low_bits(std::int64_t value, int width) {
  return static_cast<std::uint32_t>(value) & (width == 32 ? ~0U : (1U << width) - 1);
}

}  // namespace msq::tb
