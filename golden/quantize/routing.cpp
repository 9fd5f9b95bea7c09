#include "golden/quantize/routing.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <stdexcept>
#include <utility>

namespace msq::golden {
namespace {

constexpr int kMaxMicroBlock = 16;
constexpr int kMaxPairs = kMaxMicroBlock / 2;
constexpr int kMaxStages = 4;

using PositionMask = std::uint32_t;  // bit p: position p
using RouteMask = std::uint64_t;     // bit 16 * stage + p: position p after the stage
using Positions = std::array<std::uint8_t, kMaxPairs>;

// Route of every {Upper_loc, Lower_loc}. Four stages serve every micro-block: where a smaller one has fewer,
// the position stays at Upper_loc, and those differ. So two moving values collide exactly if their routes
// share a bit.
constexpr auto kRoutes = [] {
  std::array<std::array<RouteMask, kMaxMicroBlock>, kMaxMicroBlock> routes{};
  for (std::uint8_t upper = 0; upper < kMaxMicroBlock; ++upper) {
    for (std::uint8_t lower = 0; lower < kMaxMicroBlock; ++lower) {
      for (int stage = 0; stage < kMaxStages; ++stage) {
        const int position = position_after_stage({upper, lower}, stage);
        routes.at(upper).at(lower) |= RouteMask{1} << (kMaxMicroBlock * stage + position);
      }
    }
  }
  return routes;
}();

bool is_micro_block(int size) { return size == 4 || size == 8 || size == 16; }

// Mask of the positions, which must be different and inside the micro-block.
PositionMask checked_mask(std::span<const std::uint8_t> positions, int micro_block) {
  PositionMask mask = 0;
  for (const std::uint8_t position : positions) {
    if (position >= micro_block || ((mask >> position) & 1U) != 0) {
      throw std::logic_error("routing: positions must be different and inside the micro-block");
    }
    mask |= PositionMask{1} << position;
  }
  return mask;
}

PositionMask checked_outliers(std::span<const std::uint8_t> outliers, int micro_block) {
  if (!is_micro_block(micro_block)) throw std::logic_error("routing: micro_block must be 4, 8 or 16");
  if (outliers.size() > static_cast<std::size_t>(micro_block / 2)) {
    throw std::logic_error("routing: more than micro_block / 2 outliers");
  }
  if (!std::is_sorted(outliers.begin(), outliers.end())) {
    throw std::logic_error("routing: outlier positions must ascend");
  }
  return checked_mask(outliers, micro_block);
}

void check_saliency(std::span<const double> saliency, int micro_block) {
  if (saliency.size() != static_cast<std::size_t>(micro_block) ||
      !std::all_of(saliency.begin(), saliency.end(), [](double value) { return value >= 0; })) {
    throw std::logic_error("routing: saliency needs micro_block values, none negative");
  }
}

// Gives outliers[index..] a partner out of `free`, smallest first, so that the first pairing found is the
// first in lexicographic order. `used` holds the routes of the pairs before.
bool pair_from(std::span<const std::uint8_t> outliers, std::size_t index, PositionMask free, RouteMask used,
               Positions& lower) {
  if (index == outliers.size()) return true;
  const auto& routes = kRoutes.at(outliers[index]);
  for (PositionMask rest = free; rest != 0; rest &= rest - 1) {
    const int position = std::countr_zero(rest);
    const RouteMask route = routes.at(static_cast<std::size_t>(position));
    if ((used & route) != 0) continue;
    lower.at(index) = static_cast<std::uint8_t>(position);
    if (pair_from(outliers, index + 1, free & ~(PositionMask{1} << position), used | route, lower))
      return true;
  }
  return false;
}

std::vector<OutlierPair> to_pairs(std::span<const std::uint8_t> outliers, const Positions& lower) {
  std::vector<OutlierPair> pairs(outliers.size());
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i] = {outliers[i], lower.at(i)};
  return pairs;
}

// Depth-first walk over the sets of inlier positions in lexicographic order. Only a strictly smaller total
// replaces the best one, so the first set wins ties; a partial total that is not smaller already cannot win,
// since saliency is not negative and rounded addition is monotone.
class PruneSearch {
 public:
  PruneSearch(std::span<const std::uint8_t> outliers, PositionMask inliers, std::span<const double> saliency)
      : outliers_(outliers), inliers_(inliers), saliency_(saliency) {}

  std::optional<PruneChoice> run() {
    visit(0, 0, 0, 0.0);
    if (!found_) return std::nullopt;
    PruneChoice choice;
    for (PositionMask rest = best_set_; rest != 0; rest &= rest - 1) {
      choice.pruned.push_back(static_cast<std::uint8_t>(std::countr_zero(rest)));
    }
    choice.pairs = to_pairs(outliers_, best_lower_);
    choice.saliency = best_total_;
    return choice;
  }

 private:
  void visit(std::size_t taken, int first, PositionMask set, double total) {
    if (found_ && total >= best_total_) return;
    if (taken == outliers_.size()) {
      Positions lower{};
      if (!pair_from(outliers_, 0, set, 0, lower)) return;
      found_ = true;
      best_set_ = set;
      best_total_ = total;
      best_lower_ = lower;
      return;
    }
    for (PositionMask rest = inliers_ >> first << first; rest != 0; rest &= rest - 1) {
      const int position = std::countr_zero(rest);
      visit(taken + 1, position + 1, set | (PositionMask{1} << position),
            total + saliency_[static_cast<std::size_t>(position)]);
    }
  }

  std::span<const std::uint8_t> outliers_;
  PositionMask inliers_;
  std::span<const double> saliency_;
  bool found_ = false;
  PositionMask best_set_ = 0;
  double best_total_ = 0;
  Positions best_lower_{};
};

}  // namespace

bool routable(std::span<const OutlierPair> pairs, int micro_block) {
  if (!is_micro_block(micro_block)) throw std::logic_error("routing: micro_block must be 4, 8 or 16");
  PositionMask seen = 0;
  RouteMask used = 0;
  for (const OutlierPair& pair : pairs) {
    if (pair.upper >= micro_block || pair.lower >= micro_block || pair.upper == pair.lower) return false;
    const PositionMask both = (PositionMask{1} << pair.upper) | (PositionMask{1} << pair.lower);
    const RouteMask route = kRoutes.at(pair.upper).at(pair.lower);
    if ((seen & both) != 0 || (used & route) != 0) return false;
    seen |= both;
    used |= route;
  }
  return true;
}

std::optional<std::vector<OutlierPair>> first_routable_pairing(std::span<const std::uint8_t> outliers,
                                                               std::span<const std::uint8_t> pruned,
                                                               int micro_block) {
  const PositionMask outlier_mask = checked_outliers(outliers, micro_block);
  const PositionMask pruned_mask = checked_mask(pruned, micro_block);
  if (outliers.size() != pruned.size() || (outlier_mask & pruned_mask) != 0) {
    throw std::logic_error("routing: outliers and pruned positions must be disjoint and equally many");
  }
  Positions lower{};
  if (!pair_from(outliers, 0, pruned_mask, 0, lower)) return std::nullopt;
  return to_pairs(outliers, lower);
}

std::optional<PruneChoice> choose_pruned(std::span<const std::uint8_t> outliers,
                                         std::span<const double> saliency, int micro_block) {
  const PositionMask outlier_mask = checked_outliers(outliers, micro_block);
  check_saliency(saliency, micro_block);
  const PositionMask all = (PositionMask{1} << micro_block) - 1;
  return PruneSearch(outliers, all & ~outlier_mask, saliency).run();
}

PruneChoice choose_pruned_anywhere(std::span<const std::uint8_t> outliers, std::span<const double> saliency,
                                   int micro_block) {
  const PositionMask outlier_mask = checked_outliers(outliers, micro_block);
  check_saliency(saliency, micro_block);
  PruneChoice choice;
  for (std::uint8_t i = 0; i < micro_block; ++i) {
    if ((outlier_mask >> i & 1U) == 0) choice.pruned.push_back(i);
  }
  std::stable_sort(choice.pruned.begin(), choice.pruned.end(),
                   [&](std::uint8_t a, std::uint8_t b) { return saliency[a] < saliency[b]; });
  choice.pruned.resize(outliers.size());
  std::sort(choice.pruned.begin(), choice.pruned.end());
  for (const std::uint8_t i : choice.pruned) choice.saliency += saliency[i];
  if (auto pairs = first_routable_pairing(outliers, choice.pruned, micro_block)) {
    choice.pairs = std::move(*pairs);
    return choice;
  }
  for (std::size_t i = 0; i < outliers.size(); ++i) choice.pairs.push_back({outliers[i], choice.pruned[i]});
  return choice;
}

bool has_routable_choice(std::span<const std::uint8_t> outliers, int micro_block) {
  // With equal totals the search ends at the first set that routes.
  constexpr std::array<double, kMaxMicroBlock> kNoSaliency{};
  return choose_pruned(outliers, std::span(kNoSaliency).first(static_cast<std::size_t>(micro_block)),
                       micro_block)
      .has_value();
}

}  // namespace msq::golden
