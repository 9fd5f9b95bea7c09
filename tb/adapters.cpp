#include "tb/adapters.hpp"

#include <cassert>
#include <cstddef>
#include <utility>

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

golden::Format array_format(const Config& config, int bits) {
  golden::Format format{.bits = bits, .micro_block = config.micro_block};
  if (!config.full_range()) return format;
  format.encoding = golden::Encoding::full_range;
  format.list_entries = config.list_entries();
  format.fraction_bits = config.fraction_bits;
  format.scale_mantissa_bits = config.scale_mantissa_bits;
  return format;
}

LoadWord make_load_word(const Dimensions& d, const golden::Tile& tile, int row) {
  const int mode = tile.format.bits;
  // A PE's code word holds one 4-bit code or two 2-bit codes, so logical columns are packed without gaps.
  assert(tile.columns * mode == 4 * d.cols);
  LoadWord word;
  word.weights = words_for(4 * d.cols);
  for (int n = 0; n < tile.columns; ++n) put_bits(word.weights, n * mode, mode, tile.code(row, n));
  if (!d.outliers) return word;

  word.has_outliers = words_for(d.fields);
  word.mx_scale = words_for(8 * d.fields);
  word.list = words_for(d.list_bits * d.fields);
  // With both modes a routing group has two fields and mode 4 uses the first one.
  const int stride = mode == 4 ? d.group_fields : 1;
  for (int b = 0; b < tile.blocks_per_row(); ++b) {
    const golden::MicroBlock& block = tile.block(row, b);
    if (!block.has_outliers()) continue;
    const int field = b * stride;
    put_bits(word.has_outliers, field, 1, 1);
    put_bits(word.mx_scale, 8 * field, 8, block.shift);
    assert(std::cmp_less_equal(block.pairs.size(), d.list_entries));
    int entry = 0;
    for (const golden::OutlierPair& pair : block.pairs) {
      const int lsb = field * d.list_bits + entry * 2 * d.locations;
      put_bits(word.list, lsb, d.locations, pair.lower);
      put_bits(word.list, lsb + d.locations, d.locations, pair.upper);
      ++entry;
    }
  }
  return word;
}

std::vector<std::uint32_t> make_token(const Dimensions& d, std::span<const std::int8_t> activations) {
  assert(activations.size() == static_cast<std::size_t>(d.rows));
  auto words = words_for(d.rows * d.act_bits);
  const std::uint32_t mask = (1u << d.act_bits) - 1;
  int lsb = 0;
  for (const std::int8_t x : activations) {
    put_bits(words, lsb, d.act_bits, static_cast<std::uint32_t>(static_cast<std::int32_t>(x)) & mask);
    lsb += d.act_bits;
  }
  return words;
}

std::vector<std::int64_t> read_partial_sums(const Dimensions& d, int mode,
                                            std::span<const std::uint32_t> psum) {
  // Mode 2 uses every lane; mode 4 the first lane of each PE.
  const int stride = mode == 2 ? 1 : d.lanes_per_pe;
  std::vector<std::int64_t> sums;
  sums.reserve(static_cast<std::size_t>(d.lanes / stride));
  for (int lane = 0; lane < d.lanes; lane += stride)
    sums.push_back(get_signed(psum, lane * d.acc_bits, d.acc_bits));
  return sums;
}

}  // namespace msq::tb
