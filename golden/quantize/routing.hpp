#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "golden/tensor.hpp"

namespace msq::golden {

/// Positions of the Lower halves of a micro-block's outliers (numerics.md, "Choice of the pruned
/// positions").
struct PruneChoice {
  std::vector<std::uint8_t> pruned;  ///< pruned positions, ascending
  std::vector<OutlierPair> pairs;    ///< ascending upper position
  double saliency = 0;               ///< total saliency of the pruned positions
};

/// Position of a moving value after routing stage `stage` (0, 1, ..): its low stage + 1 bits are those of
/// Upper_loc.
[[nodiscard]] constexpr int position_after_stage(const OutlierPair& pair, int stage) {
  const int done = (1 << (stage + 1)) - 1;
  return (pair.lower & ~done) | (pair.upper & done);
}

/// Whether ReCoN can route this list. All positions must be inside the micro-block (4, 8 or 16 positions) and
/// different, and no two moving values may be at the same position after any stage. The order of the pairs
/// does not matter.
[[nodiscard]] bool routable(std::span<const OutlierPair> pairs, int micro_block);

/// Lexicographically first routable pairing of the outliers, in ascending order, with the pruned positions.
/// Both lists hold different positions in 0..micro_block-1 and have one size, at most micro_block / 2;
/// `outliers` ascends. nullopt if no pairing routes. Anything else is a std::logic_error.
[[nodiscard]] std::optional<std::vector<OutlierPair>> first_routable_pairing(
    std::span<const std::uint8_t> outliers, std::span<const std::uint8_t> pruned, int micro_block);

/// Among the other positions of the micro-block, the set that prunes the least total saliency and routes:
/// totals summed in double in ascending position, ties to the lexicographically first position list, then its
/// first routable pairing. `outliers` ascends, at most micro_block / 2; `saliency` has micro_block entries,
/// none negative. nullopt if no set routes: never for micro_block 4 and 8, nor for 16 with up to six
/// outliers, but for 16 sets of seven and 416 sets of eight.
[[nodiscard]] std::optional<PruneChoice> choose_pruned(std::span<const std::uint8_t> outliers,
                                                       std::span<const double> saliency, int micro_block);

/// The same choice from all sets, to measure the cost of routability: if the cheapest set has no
/// routable pairing its positions are paired in ascending order, and validate() refuses a tensor with such a
/// pairing.
[[nodiscard]] PruneChoice choose_pruned_anywhere(std::span<const std::uint8_t> outliers,
                                                 std::span<const double> saliency, int micro_block);

/// Whether any set of pruned positions routes for these outliers (ascending, at most micro_block / 2).
[[nodiscard]] bool has_routable_choice(std::span<const std::uint8_t> outliers, int micro_block);

}  // namespace msq::golden
