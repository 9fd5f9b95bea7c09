#include "tb/sim/core_ports.hpp"

#include <cassert>
#include <cstddef>

#include "tb/host/bits.hpp"
#include "tb/host/metadata.hpp"

namespace msq::tb {

LoadWord make_load_word(const Dimensions& d, const golden::Tile& tile, int step) {
  const int mode = tile.format.bits;
  // A PE's code word holds one 4-bit code or two 2-bit codes: of two columns, or of the row's two places.
  const int places = tile.rows / d.rows;
  assert(tile.columns * places * mode == 4 * d.cols);
  LoadWord word;
  word.weights = words_for(4 * d.cols * d.load_rows);
  if (d.outliers) {
    word.has_outliers = words_for(d.outliers->fields * d.load_rows);
    word.mx_scale = words_for(8 * d.outliers->fields * d.load_rows);
    word.list = words_for(d.outliers->list_bits * d.outliers->fields * d.load_rows);
  }
  for (int i = 0; i < d.load_rows; ++i) {
    const int row = step * d.load_rows + i;
    for (int n = 0; n < tile.columns; ++n) {
      for (int place = 0; place < places; ++place) {
        put_bits(word.weights, 4 * d.cols * i + (n * places + place) * mode, mode,
                 tile.code(row + place * d.rows, n));
      }
    }
    if (!d.outliers) continue;
    for (const BlockMetadata& block : row_metadata(d, tile, row)) {
      const int field = d.outliers->fields * i + block.field;
      put_bits(word.has_outliers, field, 1, 1);
      put_bits(word.mx_scale, 8 * field, 8, block.shift);
      put_long_bits(word.list, field * d.outliers->list_bits, d.outliers->list_bits, block.list);
    }
  }
  return word;
}

std::vector<std::uint32_t> make_token(const Dimensions& d, std::span<const std::int8_t> activations) {
  assert(activations.size() <= static_cast<std::size_t>(d.places * d.rows));
  auto words = words_for(d.places * d.rows * d.act_bits);
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
