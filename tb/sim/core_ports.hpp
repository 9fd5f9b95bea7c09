#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "gen/arch/dimensions.hpp"
#include "golden/exec/tile.hpp"

namespace msq::tb {

// From golden data to the bits of the core's ports (architecture.md, "Ports"). These functions know the
// layout of the ports and nothing of the arithmetic.

/// Inputs of the load port in a cycle.
struct LoadWord {
  std::vector<std::uint32_t> weights;
  std::vector<std::uint32_t> has_outliers, mx_scale, list;  ///< empty on path none
};

/// Rows of step `step` of loading a tile, in physical row order; the tile's format gives the mode.
[[nodiscard]] LoadWord make_load_word(const Dimensions& d, const golden::Tile& tile, int step);

/// A token, [rows] activations, as the bits of act_data_i.
[[nodiscard]] std::vector<std::uint32_t> make_token(const Dimensions& d,
                                                    std::span<const std::int8_t> activations);

/// Partial sums of the logical columns of a mode from the bits of psum_o.
[[nodiscard]] std::vector<std::int64_t> read_partial_sums(const Dimensions& d, int mode,
                                                          std::span<const std::uint32_t> psum);

}  // namespace msq::tb
