#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "gen/arch/dimensions.hpp"
#include "golden/exec/tile.hpp"
#include "golden/format.hpp"

namespace msq::tb {

// From golden data to the bits of the core's ports (docs/architecture.md, "Ports"). These functions know the
// layout of the ports and nothing of the arithmetic.

/// Words of zeros that hold so many bits.
[[nodiscard]] std::vector<std::uint32_t> words_for(int bits);
/// Sets `width` bits (1..32) at bit `lsb` of a little-endian word array. The bits must be zero before.
void put_bits(std::span<std::uint32_t> words, int lsb, int width, std::uint32_t value);
/// Signed value of `width` bits (1..64) at bit `lsb`.
[[nodiscard]] std::int64_t get_signed(std::span<const std::uint32_t> words, int lsb, int width);

/// One word of the load port.
struct LoadWord {
  std::vector<std::uint32_t> weights;
  std::vector<std::uint32_t> has_outliers, mx_scale, list;  ///< empty on path none
};

/// Format in which this array takes weights of `bits` bits. Layouts of the stored form that the ports do not
/// show (macro-block, shift_bits, identifier_group) are the defaults.
[[nodiscard]] golden::Format array_format(const Config& config, int bits);

/// Row `row` of a tile, in physical row order; the tile's format gives the mode.
[[nodiscard]] LoadWord make_load_word(const Dimensions& d, const golden::Tile& tile, int row);

/// A token, [rows] activations, as the bits of act_data_i.
[[nodiscard]] std::vector<std::uint32_t> make_token(const Dimensions& d,
                                                    std::span<const std::int8_t> activations);

/// Partial sums of the logical columns of a mode from the bits of psum_o.
[[nodiscard]] std::vector<std::int64_t> read_partial_sums(const Dimensions& d, int mode,
                                                          std::span<const std::uint32_t> psum);

}  // namespace msq::tb
