#include "tests/quantize/reference_quantizer.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>
#include <utility>
#include <vector>

#include "tests/quantize/brute_force.hpp"

namespace msq::golden {
namespace {

using Place = std::pair<std::int64_t, std::int64_t>;  // k, n

class Reference {
 public:
  Reference(std::span<const float> weights, std::int64_t k, std::int64_t n, const QuantizerOptions& options)
      : weights_(weights), k_(k), n_(n), o_(options) {}

  QuantizeOutput run() {
    for (std::int64_t k = 0; k < k_; ++k) {
      for (std::int64_t n = 0; n < n_; ++n) find_wanted(k, n);
    }
    demote_all(false);
    scales();
    output_.statistics = {};
    demote_all(true);
    QuantizedTensor& tensor = output_.tensor;
    tensor.format = {o_.bits, o_.micro_block, o_.macro_block};
    tensor.axis = o_.axis;
    tensor.outlier_shift_max = o_.outlier_shift_max;
    tensor.k = k_;
    tensor.n = n_;
    for (std::int64_t k = 0; k < k_; ++k) {
      for (std::int64_t first = 0; first < n_; first += o_.micro_block) micro_block(k, first);
    }
    const std::int64_t outer = o_.axis == Axis::reduction ? (k_ + o_.macro_block - 1) / o_.macro_block : k_;
    const std::int64_t inner = o_.axis == Axis::reduction ? n_ : (n_ + o_.macro_block - 1) / o_.macro_block;
    for (std::int64_t i = 0; i < outer; ++i) {
      for (std::int64_t j = 0; j < inner; ++j) {
        tensor.scales.push_back(static_cast<std::int8_t>(o_.axis == Axis::reduction
                                                             ? scale_.at({i * o_.macro_block, j})
                                                             : scale_.at({i, j * o_.macro_block})));
      }
    }
    output_.statistics.weights = k_ * n_;
    return output_;
  }

 private:
  [[nodiscard]] double w(std::int64_t k, std::int64_t n) const {
    return weights_[static_cast<std::size_t>(k * n_ + n)];
  }

  // First weight of the macro-block.
  [[nodiscard]] Place block_of(std::int64_t k, std::int64_t n) const {
    return o_.axis == Axis::reduction ? Place{k - k % o_.macro_block, n} : Place{k, n - n % o_.macro_block};
  }

  [[nodiscard]] std::vector<Place> members(const Place& block) const {
    std::vector<Place> places;
    for (int i = 0; i < o_.macro_block; ++i) {
      const Place p = o_.axis == Axis::reduction ? Place{block.first + i, block.second}
                                                 : Place{block.first, block.second + i};
      if (p.first < k_ && p.second < n_) places.push_back(p);
    }
    return places;
  }

  void find_wanted(std::int64_t k, std::int64_t n) {
    const auto block = members(block_of(k, n));
    double mean = 0;
    for (const Place& p : block) mean += w(p.first, p.second);
    mean /= static_cast<double>(block.size());
    double variance = 0;
    for (const Place& p : block) variance += (w(p.first, p.second) - mean) * (w(p.first, p.second) - mean);
    const double sigma = std::sqrt(variance / static_cast<double>(block.size()));
    wanted_[{k, n}] = std::abs(w(k, n) - mean) > o_.outlier_sigma * sigma;
  }

  // The least outlier of the least scale is further away than zero.
  [[nodiscard]] bool is_too_small(std::int64_t k, std::int64_t n) const {
    const double half_of_least = std::ldexp(1.0, o_.bits == 2 ? -128 : -126);
    return scale_.at(block_of(k, n)) == -127 && std::abs(w(k, n)) < half_of_least;
  }

  void demote_all(bool scales_known) {
    for (std::int64_t k = 0; k < k_; ++k) {
      for (std::int64_t first = 0; first < n_; first += o_.micro_block) demote(k, first, scales_known);
    }
  }

  // Keeps the largest that fit and route.
  void demote(std::int64_t k, std::int64_t first, bool scales_known) {
    const auto most = static_cast<std::size_t>(o_.outliers_per_block.value_or(o_.micro_block / 2));
    std::vector<std::int64_t> order;
    for (std::int64_t n = first; n < std::min<std::int64_t>(first + o_.micro_block, n_); ++n) {
      kept_[{k, n}] = false;
      if (!wanted_.at({k, n})) continue;
      const bool drop = most > 0 && scales_known && is_too_small(k, n);
      output_.statistics.demoted_too_small += drop ? 1 : 0;
      if (!drop) order.push_back(n);
      output_.statistics.outliers_wanted += 1;
      const bool left = n > 0 && wanted_.at({k, n - 1});
      const bool right = n + 1 < n_ && wanted_.at({k, n + 1});
      output_.statistics.adjacent_outliers += left || right ? 1 : 0;
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](std::int64_t a, std::int64_t b) { return std::abs(w(k, a)) > std::abs(w(k, b)); });
    if (order.size() > most) {
      output_.statistics.demoted_too_many += static_cast<std::int64_t>(order.size() - most);
      order.resize(most);
    }
    if (o_.micro_block == 16 && order.size() > 6) throw std::logic_error("reference: too slow");
    for (const std::int64_t n : order) kept_[{k, n}] = true;
    output_.statistics.outliers_kept += static_cast<std::int64_t>(order.size());
  }

  static int exponent(double value) {
    int e = 0;
    (void)std::frexp(value, &e);
    return e - 1;
  }

  static int into_range(int scale) { return std::max(-127, std::min(127, scale)); }

  [[nodiscard]] double q_of(double weight, int scale) const {
    const double qmax = o_.bits == 2 ? 1 : 7;
    return std::max(-qmax, std::min(qmax, std::nearbyint(std::ldexp(weight, -scale))));
  }

  [[nodiscard]] int scale_of(const std::vector<Place>& block) const {
    double inlier = 0;
    int low = 1000;
    int high = -1000;
    for (const Place& p : block) {
      const double magnitude = std::abs(w(p.first, p.second));
      if (!kept_.at(p)) {
        inlier = std::max(inlier, magnitude);
      } else if (magnitude > 0) {
        low = std::min(low, exponent(magnitude));
        high = std::max(high, exponent(magnitude));
      }
    }
    if (inlier == 0 && low == 1000) return -127;
    const int to_one = o_.bits == 2 ? 0 : 2;
    if (inlier == 0) return into_range(std::max(low, high - o_.outlier_shift_max) - to_one);
    const int e0 = exponent(inlier) - (o_.bits - 2);
    if (o_.inlier_rule == InlierRule::ocp) return into_range(e0);
    std::vector<std::pair<double, int>> candidates;
    for (const int e : {e0, e0 - 1, e0 + 1}) {
      const int scale = into_range(e);
      double error = 0;
      for (const Place& p : block) {
        if (kept_.at(p)) continue;
        const double difference = w(p.first, p.second) - std::ldexp(q_of(w(p.first, p.second), scale), scale);
        error += difference * difference;
      }
      candidates.emplace_back(error, scale);
    }
    return std::min_element(candidates.begin(), candidates.end(),
                            [](const auto& a, const auto& b) { return a.first < b.first; })
        ->second;
  }

  [[nodiscard]] bool is_zero(const std::vector<Place>& block) const {
    return std::all_of(block.begin(), block.end(), [&](const Place& p) { return w(p.first, p.second) == 0; });
  }

  void scales() {
    std::map<Place, int> largest;  // run of rows, column block
    for (std::int64_t k = 0; k < k_; ++k) {
      for (std::int64_t n = 0; n < n_; ++n) {
        const Place block = block_of(k, n);
        if (scale_.count(block) != 0) continue;
        scale_[block] = scale_of(members(block));
        if (is_zero(members(block))) continue;
        const auto [it, fresh] = largest.emplace(Place{k / o_.macro_block, n}, scale_[block]);
        if (!fresh) it->second = std::max(it->second, scale_[block]);
      }
    }
    if (o_.axis == Axis::reduction) return;
    for (auto& [block, scale] : scale_) {
      if (is_zero(members(block))) continue;
      scale = std::max(scale, largest.at({block.first / o_.macro_block, block.second}) - o_.row_align_bits);
    }
  }

  [[nodiscard]] int significand(double weight, int exponent_of_unit) const {
    const double least = o_.bits == 2 ? 4 : 16;
    const double most = o_.bits == 2 ? 7 : 31;
    return static_cast<int>(
        std::max(least, std::min(most, std::nearbyint(std::ldexp(std::abs(weight), -exponent_of_unit)))));
  }

  [[nodiscard]] int shift_of(std::int64_t k, std::int64_t first, const Positions& outliers) const {
    int best = 0;
    double best_error = 0;
    for (int r = 0; r <= o_.outlier_shift_max; ++r) {
      double error = 0;
      bool is_needed = false;  // by the rule `max`
      for (const std::uint8_t p : outliers) {
        const double weight = w(k, first + p);
        const int unit = scale_.at(block_of(k, first + p)) + r - 2;
        const double difference = std::abs(weight) - std::ldexp(significand(weight, unit), unit);
        error += difference * difference;
        // floor(log2 |w|) - Isf - offset >= r
        is_needed = is_needed || std::abs(weight) >= std::ldexp(o_.bits == 2 ? 4.0 : 16.0, unit);
      }
      if (o_.shift_rule == ShiftRule::max ? is_needed : (r == 0 || error < best_error)) {
        best = r;
        best_error = error;
      }
    }
    return best;
  }

  void micro_block(std::int64_t k, std::int64_t first) {
    std::vector<double> saliency;
    std::vector<std::uint8_t> codes;
    Positions outliers;
    for (std::int64_t n = first; n < first + o_.micro_block; ++n) {
      const double weight = n < n_ ? w(k, n) : 0.0;
      saliency.push_back(weight * weight);
      const int q = n < n_ ? static_cast<int>(q_of(weight, scale_.at(block_of(k, n)))) : 0;
      codes.push_back(static_cast<std::uint8_t>(std::abs(q) + (q < 0 ? 1 << (o_.bits - 1) : 0)));
      if (n < n_ && kept_.at({k, n})) outliers.push_back(static_cast<std::uint8_t>(n - first));
    }
    MicroBlock block;
    output_.statistics.micro_blocks += 1;
    if (!outliers.empty()) {
      output_.statistics.micro_blocks_with_outliers += 1;
      block.pairs = choose_by_exhaustion(outliers, saliency, o_.micro_block).value().pairs;
      block.shift = static_cast<std::uint8_t>(shift_of(k, first, outliers));
      for (const OutlierPair& pair : block.pairs) {
        const double weight = w(k, first + pair.upper);
        const int s = significand(weight, scale_.at(block_of(k, first + pair.upper)) + block.shift - 2);
        const int sign = weight < 0 ? (1 << (o_.bits - 1)) : 0;
        const int part = o_.bits == 2 ? 2 : 4;
        codes[pair.upper] = static_cast<std::uint8_t>(sign + s / part % part);
        codes[pair.lower] = static_cast<std::uint8_t>(sign + s % part);
        output_.statistics.pruned_weights += first + pair.lower < n_ ? 1 : 0;
      }
    }
    output_.tensor.blocks.push_back(block);
    output_.tensor.codes.insert(output_.tensor.codes.end(), codes.begin(), codes.end());
  }

  std::span<const float> weights_;
  std::int64_t k_;
  std::int64_t n_;
  QuantizerOptions o_;
  std::map<Place, bool> wanted_;
  std::map<Place, bool> kept_;
  std::map<Place, int> scale_;  // by first weight of the macro-block
  QuantizeOutput output_;
};

}  // namespace

QuantizeOutput reference_quantize(std::span<const float> weights, std::int64_t k, std::int64_t n,
                                  const QuantizerOptions& options) {
  return Reference(weights, k, n, options).run();
}

}  // namespace msq::golden
