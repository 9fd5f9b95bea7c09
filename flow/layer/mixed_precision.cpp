#include "flow/layer/mixed_precision.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>

namespace msq::flow {
namespace {

/// 0 or 1: the width of less cost; of less error if both cost the same.
int cheaper(const WidthChoice& layer) {
  if (layer.cost[0] == layer.cost[1]) return layer.error[1] < layer.error[0] ? 1 : 0;
  return layer.cost[1] < layer.cost[0] ? 1 : 0;
}

/// A layer that may take the other width than the cheaper one.
struct Upgrade {
  std::size_t layer = 0;
  double cost = 0;  ///< more than the cheaper one's
  double gain = 0;  ///< error saved per cost
};

/// Those that save error, most saved per cost first.
std::vector<Upgrade> upgrades_of(std::span<const WidthChoice> layers, const std::vector<int>& chosen) {
  std::vector<Upgrade> upgrades;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const int from = chosen[i];
    const int to = 1 - from;
    const double saved = layers[i].error[from] - layers[i].error[to];
    const double cost = layers[i].cost[to] - layers[i].cost[from];
    if (saved > 0) upgrades.push_back({i, cost, saved / cost});
  }
  std::ranges::stable_sort(upgrades, std::ranges::greater(), &Upgrade::gain);
  return upgrades;
}

}  // namespace

Result<std::vector<int>> choose_widths(std::span<const WidthChoice> layers, double limit, double unit) {
  std::vector<int> chosen;
  double total = 0;
  for (const WidthChoice& layer : layers) {
    chosen.push_back(cheaper(layer));
    total += layer.cost[chosen.back()];
  }
  const double most = limit * unit * (1 + 1e-12);  // sums in another order
  if (total > most) {
    return Error(fmt::format("found {}; allowed: {:.3f}, the least of 2 or 4 bits in each layer, or more",
                             limit, std::ceil(total / unit * 1000) / 1000));
  }
  for (const Upgrade& upgrade : upgrades_of(layers, chosen)) {
    if (total + upgrade.cost > most) continue;
    total += upgrade.cost;
    chosen[upgrade.layer] = 1 - chosen[upgrade.layer];
  }
  for (int& width : chosen) width = width == 0 ? 2 : 4;
  return chosen;
}

}  // namespace msq::flow
