#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "golden/tensor.hpp"

// Routing decided by simulation and exhaustion, written without looking at golden/quantize/routing.cpp.

namespace msq::golden {

using Positions = std::vector<std::uint8_t>;

/// Moves the values bit by bit; false if two meet.
bool simulate(std::span<const OutlierPair> pairs, int micro_block);

/// First permutation of the pruned positions that routes.
std::optional<std::vector<OutlierPair>> first_pairing_by_permutation(const Positions& outliers,
                                                                     Positions pruned, int micro_block);

/// All sets of `size` elements in lexicographic order.
std::vector<Positions> subsets(const Positions& from, std::size_t size);

/// 0..micro_block-1.
Positions range(int micro_block);

/// Elements of `all` that are not in `some`.
Positions without(const Positions& all, const Positions& some);

std::string show(const Positions& positions);

struct Choice {
  Positions pruned;
  std::vector<OutlierPair> pairs;
  double total = 0;
};

/// Tries all pruned sets in lexicographic order; the first one with the least total wins.
std::optional<Choice> choose_by_exhaustion(const Positions& outliers, const std::vector<double>& saliency,
                                           int micro_block);

}  // namespace msq::golden
