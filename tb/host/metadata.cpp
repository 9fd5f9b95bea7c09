#include "tb/host/metadata.hpp"

#include <cassert>
#include <utility>

namespace msq::tb {
namespace {

/// Entries from the least significant bit on, each {upper, lower}.
std::uint64_t permutation_list(const golden::MicroBlock& block, int location_bits) {
  std::uint64_t list = 0;
  int lsb = 0;
  for (const golden::OutlierPair& pair : block.pairs) {
    list |= std::uint64_t{pair.lower} << lsb;
    list |= std::uint64_t{pair.upper} << (lsb + location_bits);
    lsb += 2 * location_bits;
  }
  return list;
}

}  // namespace

std::vector<BlockMetadata> row_metadata(const Dimensions& d, const golden::Tile& tile, int row) {
  std::vector<BlockMetadata> metadata;
  if (!d.outliers) return metadata;
  // A routing group with two fields has one for each place of K, or for each micro-block; mode 4 uses the
  // first one.
  const int stride = tile.format.bits == 4 || d.places == 2 ? d.outliers->group_fields : 1;
  for (int b = 0; b < tile.blocks_per_row(); ++b) {
    for (int place = 0; place < tile.rows / d.rows; ++place) {
      const golden::MicroBlock& block = tile.block(row + place * d.rows, b);
      if (!block.has_outliers()) continue;
      assert(std::cmp_less_equal(block.pairs.size(), d.outliers->list_entries));
      metadata.push_back({b * stride + place, block.shift, permutation_list(block, d.outliers->locations),
                          static_cast<int>(block.pairs.size())});
    }
  }
  return metadata;
}

}  // namespace msq::tb
