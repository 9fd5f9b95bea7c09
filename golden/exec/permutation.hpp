#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace msq::golden {

/// Network of switches on `ways` places, a power of two. Each stage joins the places that differ in one bit
/// of their numbers: `bits` bits from `first` on, ascending, and back again to `first` if it is a Benes
/// network. Switch i of a stage joins the two places that are i without that bit; a setting of 1 exchanges
/// them.
struct Permuter {
  int ways = 2;
  int first = 0;
  int bits = 1;
  bool benes = true;

  [[nodiscard]] int stages() const { return benes ? 2 * bits - 1 : bits; }
  [[nodiscard]] int bit(int stage) const { return first + (stage < bits ? stage : 2 * bits - 2 - stage); }
  [[nodiscard]] int settings() const { return stages() * ways / 2; }
};
/// A Benes network over all bits: it can bring every input to every place.
[[nodiscard]] Permuter benes_network(int ways);

/// Settings [stages][ways/2] that put input order[r] at output r; the identity has no 1. std::logic_error:
/// not a permutation, or one that the network has no settings for. A Benes network is one over all bits.
[[nodiscard]] std::vector<std::uint8_t> permuter_settings(std::span<const int> order,
                                                          const Permuter& permuter);

/// Where the inputs come out with these settings: element r is the input at output r.
[[nodiscard]] std::vector<int> apply_settings(std::span<const std::uint8_t> settings,
                                              const Permuter& permuter);

}  // namespace msq::golden
