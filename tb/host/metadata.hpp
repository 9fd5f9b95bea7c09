#pragma once

#include <cstdint>
#include <vector>

#include "gen/arch/dimensions.hpp"
#include "golden/exec/tile.hpp"

namespace msq::tb {

/// Metadata of a micro-block with outliers, as the core's ports and the weight stream have it.
struct BlockMetadata {
  int field = 0;            ///< metadata field of the row
  std::uint32_t shift = 0;  ///< r
  std::uint64_t list = 0;   ///< permutation list, list_bits bits
  int pairs = 0;            ///< its entries in use, the lowest ones
};

/// Of the micro-blocks of a physical row, at all its places, that hold outliers, in ascending order of
/// fields.
[[nodiscard]] std::vector<BlockMetadata> row_metadata(const Dimensions& d, const golden::Tile& tile, int row);

}  // namespace msq::tb
