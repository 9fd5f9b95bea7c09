#include "tests/quantize/brute_force.hpp"

#include <algorithm>
#include <iterator>
#include <set>

namespace msq::golden {

bool simulate(std::span<const OutlierPair> pairs, int micro_block) {
  std::vector<int> place;
  place.reserve(pairs.size());
  for (const OutlierPair& pair : pairs) place.push_back(pair.lower);
  for (int weight = 1; weight < micro_block; weight *= 2) {
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      const bool is_set = place[i] / weight % 2 == 1;
      const bool should = pairs[i].upper / weight % 2 == 1;
      if (is_set && !should) place[i] -= weight;
      if (!is_set && should) place[i] += weight;
    }
    if (std::set<int>(place.begin(), place.end()).size() != pairs.size()) return false;
  }
  return true;
}

std::optional<std::vector<OutlierPair>> first_pairing_by_permutation(const Positions& outliers,
                                                                     Positions pruned, int micro_block) {
  std::sort(pruned.begin(), pruned.end());
  do {
    std::vector<OutlierPair> pairs;
    for (std::size_t i = 0; i < outliers.size(); ++i) pairs.push_back({outliers[i], pruned[i]});
    if (simulate(pairs, micro_block)) return pairs;
  } while (std::next_permutation(pruned.begin(), pruned.end()));
  return std::nullopt;
}

std::vector<Positions> subsets(const Positions& from, std::size_t size) {
  // Marks in descending order of their words are sets in ascending order of their lists.
  std::vector<int> marks(from.size(), 0);
  std::fill_n(marks.begin(), size, 1);
  std::vector<Positions> all;
  do {
    Positions set;
    for (std::size_t i = 0; i < from.size(); ++i) {
      if (marks[i] == 1) set.push_back(from[i]);
    }
    all.push_back(set);
  } while (std::prev_permutation(marks.begin(), marks.end()));
  return all;
}

Positions range(int micro_block) {
  Positions all;
  for (int i = 0; i < micro_block; ++i) all.push_back(static_cast<std::uint8_t>(i));
  return all;
}

Positions without(const Positions& all, const Positions& some) {
  Positions rest;
  std::set_difference(all.begin(), all.end(), some.begin(), some.end(), std::back_inserter(rest));
  return rest;
}

std::string show(const Positions& positions) {
  std::string text;
  for (const int p : positions) text += std::to_string(p) + " ";
  return text;
}

std::optional<Choice> choose_by_exhaustion(const Positions& outliers, const std::vector<double>& saliency,
                                           int micro_block) {
  std::optional<Choice> best;
  for (const Positions& pruned : subsets(without(range(micro_block), outliers), outliers.size())) {
    double total = 0;
    for (const std::uint8_t position : pruned) total += saliency[position];
    if (best && best->total <= total) continue;
    if (auto pairs = first_pairing_by_permutation(outliers, pruned, micro_block))
      best = {pruned, *pairs, total};
  }
  return best;
}

}  // namespace msq::golden
