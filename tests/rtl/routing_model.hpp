#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace msq::rtl_test {

/// An entry of a permutation list; equal locations: empty.
struct Entry {
  int upper = 0, lower = 0;
};
using List = std::vector<Entry>;

/// Routing of one list by the contract, found by moving every value from stage to stage.
struct Routing {
  bool routable = true;    ///< no position named twice, no two values at one position after any stage
  std::vector<int> roles;  ///< per position: 0 inlier, 1 outlier, 2 pruned
  std::vector<std::vector<bool>>
      swaps;  ///< [stage][switch]; a switch joins the positions that differ in the stage's bit
};

/// Index of the switch of stage b that position p enters: p without its bit b.
constexpr int switch_of(int p, int b) { return ((p >> (b + 1)) << b) | (p & ((1 << b) - 1)); }

inline Routing route(const List& list, int micro_block) {
  int stages = 0;
  while (1 << stages < micro_block) ++stages;
  Routing result;
  result.roles.assign(static_cast<std::size_t>(micro_block), 0);
  result.swaps.assign(static_cast<std::size_t>(stages),
                      std::vector<bool>(static_cast<std::size_t>(micro_block) / 2));

  std::vector<int> named(static_cast<std::size_t>(micro_block));
  std::vector<int> at;  // where each moving value is
  List moving;
  for (const Entry& entry : list) {
    if (entry.upper == entry.lower) continue;
    for (const int position : {entry.upper, entry.lower}) {
      if (named[static_cast<std::size_t>(position)]++ > 0) result.routable = false;
    }
    result.roles[static_cast<std::size_t>(entry.upper)] = 1;
    result.roles[static_cast<std::size_t>(entry.lower)] = 2;
    moving.push_back(entry);
    at.push_back(entry.lower);
  }
  for (int b = 0; b < stages; ++b) {
    for (std::size_t v = 0; v < moving.size(); ++v) {
      const int bit = 1 << b;
      const int to = (at[v] & ~bit) | (moving[v].upper & bit);
      if (to != at[v])
        result.swaps[static_cast<std::size_t>(b)][static_cast<std::size_t>(switch_of(to, b))] = true;
      at[v] = to;
    }
    std::vector<int> sorted = at;
    std::sort(sorted.begin(), sorted.end());
    if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) result.routable = false;
  }
  return result;
}

/// Calls visit(list) for every list of `count` outliers with pruned partners: every set of outlier positions,
/// ascending, every choice and order of partners, all positions different. Routable or not.
template <class Visit>
void for_each_pairing(int micro_block, int count, const Visit& visit, List list = {}) {
  if (static_cast<int>(list.size()) == count) {
    // Upper positions are chosen; now the partners, as a partial permutation of the rest.
    const auto taken = [&](int p, std::size_t partners) {
      for (std::size_t i = 0; i < list.size(); ++i) {
        if (list[i].upper == p || (i < partners && list[i].lower == p)) return true;
      }
      return false;
    };
    const auto choose = [&](auto&& self, std::size_t i) -> void {
      if (i == list.size()) return visit(static_cast<const List&>(list));
      for (int p = 0; p < micro_block; ++p) {
        if (taken(p, i)) continue;
        list[i].lower = p;
        self(self, i + 1);
      }
    };
    return choose(choose, 0);
  }
  for (int p = list.empty() ? 0 : list.back().upper + 1; p < micro_block; ++p) {
    List longer = list;
    longer.push_back({p, -1});
    for_each_pairing(micro_block, count, visit, longer);
  }
}

/// The list as the core's metadata stores it: entry e at [e * 2 * locations +: 2 * locations] = {upper,
/// lower}, with `slots[e]` the slot of entry e and every other slot empty.
inline std::uint64_t pack(const List& list, int micro_block, const std::vector<int>& slots,
                          int empty_location) {
  int locations = 0;
  while (1 << locations < micro_block) ++locations;
  std::vector<Entry> all(static_cast<std::size_t>(micro_block) / 2, Entry{empty_location, empty_location});
  for (std::size_t e = 0; e < list.size(); ++e) all[static_cast<std::size_t>(slots[e])] = list[e];
  std::uint64_t packed = 0;
  for (std::size_t e = 0; e < all.size(); ++e) {
    const auto entry = static_cast<std::uint64_t>((all[e].upper << locations) | all[e].lower);
    packed |= entry << (e * 2 * static_cast<std::size_t>(locations));
  }
  return packed;
}

/// Inverse of pack.
inline List unpack(std::uint64_t packed, int micro_block) {
  int locations = 0;
  while (1 << locations < micro_block) ++locations;
  List list;
  for (int e = 0; e < micro_block / 2; ++e) {
    const int lower = static_cast<int>(packed) & (micro_block - 1);
    packed >>= locations;
    const int upper = static_cast<int>(packed) & (micro_block - 1);
    packed >>= locations;
    list.push_back({upper, lower});
  }
  return list;
}

}  // namespace msq::rtl_test
