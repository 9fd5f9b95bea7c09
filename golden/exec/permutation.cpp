#include "golden/exec/permutation.hpp"

#include <bit>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace msq::golden {
namespace {

constexpr int kFree = -1;

/// Settings of the network on the places whose low bits are fixed, by the looping algorithm: outputs that
/// share a switch come from different halves, and so do inputs that share one; following both rules
/// alternately closes loops in which one choice is free.
class Router {
 public:
  explicit Router(int ways)
      : ways_(ways),
        log2_(std::countr_zero(static_cast<unsigned>(ways))),
        settings_(static_cast<std::size_t>((2 * log2_ - 1) * ways / 2), 0) {}

  /// `order` is the permutation inside the sub-network, whose place p is place p << level | low of the whole.
  void route(const std::vector<int>& order, int level, int low) {
    const std::size_t size = order.size();
    if (size == 2) {
      set(level, 0, level, low, order[0] != 0);
      return;
    }
    std::vector<int> output_of(size);
    for (std::size_t r = 0; r < size; ++r)
      output_of[static_cast<std::size_t>(order[r])] = static_cast<int>(r);
    std::vector<int> half(size, kFree);  // of each output
    for (std::size_t start = 0; start < size; start += 2) {
      if (half[start] != kFree) continue;
      int output = static_cast<int>(start);
      int side = 0;  // an output that nothing binds stays on its side, so the identity needs no exchange
      do {
        half[static_cast<std::size_t>(output)] = side;
        half[static_cast<std::size_t>(output ^ 1)] = 1 - side;
        // The input of the other output, and the one that shares its switch, which must take `side`.
        const int neighbour = order[static_cast<std::size_t>(output ^ 1)] ^ 1;
        output = output_of[static_cast<std::size_t>(neighbour)];
      } while (half[static_cast<std::size_t>(output)] == kFree);
    }
    std::vector<std::vector<int>> inner(2, std::vector<int>(size / 2));
    const int last = 2 * log2_ - 2 - level;
    for (std::size_t r = 0; r < size; ++r) {
      const int input = order[r];
      const int side = half[r];
      inner[static_cast<std::size_t>(side)][r / 2] = input / 2;
      if (r % 2 == 0) set(last, static_cast<int>(r / 2), level, low, side != 0);
      if (input % 2 == 0) set(level, input / 2, level, low, side != 0);
    }
    for (int side = 0; side < 2; ++side)
      route(inner[static_cast<std::size_t>(side)], level + 1, low | side << level);
  }

  std::vector<std::uint8_t> take() { return std::move(settings_); }

 private:
  /// Switch of the pair `pair` of a sub-network: its place in the whole without bit `level`.
  void set(int stage, int pair, int level, int low, bool exchange) {
    const int index = pair << level | low;
    const int position = stage * (ways_ / 2) + index;
    settings_[static_cast<std::size_t>(position)] = exchange ? 1 : 0;
  }

  int ways_;
  int log2_;
  std::vector<std::uint8_t> settings_;
};

/// Settings of a network that goes through its bits once: behind the stage of a bit an input has that bit of
/// its output.
std::vector<std::uint8_t> single_pass(std::span<const int> order, const Permuter& permuter) {
  std::vector<int> to(order.size());  // output of the input that is at a place now
  for (std::size_t r = 0; r < order.size(); ++r) to[static_cast<std::size_t>(order[r])] = static_cast<int>(r);
  std::vector<std::uint8_t> settings;
  for (int stage = 0; stage < permuter.stages(); ++stage) {
    const int bit = permuter.bit(stage);
    for (int i = 0; i < permuter.ways / 2; ++i) {
      const auto low = static_cast<std::size_t>((i >> bit) << (bit + 1) | (i & ((1 << bit) - 1)));
      const std::size_t high = low | std::size_t{1} << bit;
      const bool exchange = (to[low] >> bit & 1) != 0;
      settings.push_back(exchange ? 1 : 0);
      if (exchange) std::swap(to[low], to[high]);
    }
  }
  for (std::size_t place = 0; place < to.size(); ++place) {
    if (std::cmp_not_equal(to[place], place)) throw std::logic_error("permuter: out of its reach");
  }
  return settings;
}

}  // namespace

Permuter benes_network(int ways) {
  return {.ways = ways, .first = 0, .bits = std::countr_zero(static_cast<unsigned>(ways)), .benes = true};
}

std::vector<std::uint8_t> permuter_settings(std::span<const int> order, const Permuter& permuter) {
  const std::size_t ways = order.size();
  if (ways < 2 || !std::has_single_bit(ways) || std::cmp_not_equal(ways, permuter.ways))
    throw std::logic_error("permuter: a power of two of places");
  std::vector<bool> seen(ways, false);
  for (const int input : order) {
    if (input < 0 || std::cmp_greater_equal(input, ways) || seen[static_cast<std::size_t>(input)])
      throw std::logic_error("permuter: not a permutation");
    seen[static_cast<std::size_t>(input)] = true;
  }
  if (!permuter.benes) return single_pass(order, permuter);
  Router router(static_cast<int>(ways));
  router.route({order.begin(), order.end()}, 0, 0);
  return router.take();
}

std::vector<int> apply_settings(std::span<const std::uint8_t> settings, const Permuter& permuter) {
  std::vector<int> places(static_cast<std::size_t>(permuter.ways));
  std::iota(places.begin(), places.end(), 0);
  for (int stage = 0; stage < permuter.stages(); ++stage) {
    const int bit = permuter.bit(stage);
    for (int i = 0; i < permuter.ways / 2; ++i) {
      const int low = (i >> bit) << (bit + 1) | (i & ((1 << bit) - 1));
      const int position = stage * (permuter.ways / 2) + i;
      if (settings[static_cast<std::size_t>(position)] != 0)
        std::swap(places[static_cast<std::size_t>(low)], places[static_cast<std::size_t>(low | 1 << bit)]);
    }
  }
  return places;
}

}  // namespace msq::golden
