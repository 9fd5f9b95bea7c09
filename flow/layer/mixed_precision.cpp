#include "flow/layer/mixed_precision.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace msq::flow {
namespace {

double stored(const WidthChoice& layer, int width) {
  return layer.stored_bits[width] * static_cast<double>(layer.weights);
}

double cost(const WidthChoice& layer) { return stored(layer, 1) - stored(layer, 0); }

}  // namespace

Result<std::vector<int>> choose_widths(std::span<const WidthChoice> layers, double average_bits) {
  double weights = 0;
  double bits = 0;
  for (const WidthChoice& layer : layers) {
    weights += static_cast<double>(layer.weights);
    bits += stored(layer, 0);
  }
  const double most = average_bits * weights * (1 + 1e-12);  // sums in another order
  if (bits > most) {
    return Error(fmt::format("found {}; allowed: {:.3f}, which 2 bits in every layer store, or more",
                             average_bits, bits / weights));
  }
  std::vector<std::size_t> order(layers.size());
  std::iota(order.begin(), order.end(), 0);
  const auto gain = [&](std::size_t i) {
    return (layers[i].error[0] - layers[i].error[1]) / std::max(cost(layers[i]), 1.0);
  };
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return gain(a) > gain(b); });
  std::vector<int> widths(layers.size(), 2);
  for (const std::size_t i : order) {
    if (gain(i) <= 0 || bits + cost(layers[i]) > most) continue;
    bits += cost(layers[i]);
    widths[i] = 4;
  }
  return widths;
}

}  // namespace msq::flow
