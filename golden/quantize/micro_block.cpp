#include "golden/quantize/micro_block.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "golden/encoding/encoding.hpp"
#include "golden/quantize/routing.hpp"

namespace msq::golden {
namespace {

using Positions = std::vector<std::uint8_t>;
using Values = std::array<double, kMaxMicroBlockSize>;

double squared(double value) { return value * value; }

// Removes the smallest outlier; of equal ones the last.
void demote_smallest(Positions& outliers, const MicroBlockWeights& input) {
  auto smallest = outliers.begin();
  for (auto it = outliers.begin(); it != outliers.end(); ++it) {
    if (std::fabs(input.weights[*it]) <= std::fabs(input.weights[*smallest])) smallest = it;
  }
  outliers.erase(smallest);
}

double outlier_error(const Format& format, const MicroBlockWeights& input, std::size_t position, int shift) {
  const double unit = outlier_unit(format, input.steps[position], shift);
  const double weight = input.weights[position];
  return squared(weight - nearest_outlier(format, weight, unit) * unit);
}

int choose_shift(const QuantizerOptions& options, const MicroBlockWeights& input, const Positions& outliers) {
  const Format format = options.format();
  int best = 0;
  if (options.shift_rule == ShiftRule::max) {
    for (const std::uint8_t i : outliers)
      best =
          std::max(best, needed_shift(format, input.weights[i], input.steps[i], options.outlier_shift_max));
    return best;
  }
  double best_error = 0;
  for (int shift = 0; shift <= options.outlier_shift_max; ++shift) {
    double error = 0;
    for (const std::uint8_t i : outliers) error += outlier_error(format, input, i, shift);
    if (shift == 0 || error < best_error) {
      best = shift;
      best_error = error;
    }
  }
  return best;
}

// Squared error of each weight as an inlier.
Values inlier_errors(const Format& format, const MicroBlockWeights& input) {
  Values errors{};
  with_rules(format, [&](auto rules) {
    for (std::size_t i = 0; i < input.count; ++i) {
      const double weight = input.weights[i];
      errors[i] = squared(weight - nearest_inlier(rules, format, weight, input.steps[i]) * input.steps[i]);
    }
  });
  return errors;
}

// Cost of pruning each position.
Values prune_costs(const QuantizerOptions& options, const MicroBlockWeights& input) {
  Values costs{};
  for (std::size_t i = 0; i < input.count; ++i) costs[i] = squared(input.weights[i]);
  if (options.outlier_rule == OutlierRule::sigma && options.prune_rule == PruneRule::saliency) return costs;
  const Values errors = inlier_errors(options.format(), input);
  // Rounding may leave a zero inlier worse than nothing by an ulp.
  for (std::size_t i = 0; i < input.count; ++i) costs[i] = std::max(costs[i] - errors[i], 0.0);
  return costs;
}

void set_outliers(const Format& format, const MicroBlockWeights& input, MicroBlockCodes& result) {
  for (const OutlierPair& pair : result.block.pairs) {
    const double unit = outlier_unit(format, input.steps[pair.upper], result.block.shift);
    const Halves halves = outlier_halves(format, nearest_outlier(format, input.weights[pair.upper], unit));
    result.codes[pair.upper] = halves.upper;
    result.codes[pair.lower] = halves.lower;
  }
}

void set_inliers(const Format& format, const MicroBlockWeights& input, MicroBlockCodes& result) {
  with_rules(format, [&](auto rules) {
    for (std::size_t i = 0; i < input.count; ++i) {
      result.codes[i] =
          rules.inlier_code(format, nearest_inlier(rules, format, input.weights[i], input.steps[i]));
    }
  });
}

// Nothing if no set of pruned positions routes and options.routable asks for one.
std::optional<PruneChoice> choose_places(const QuantizerOptions& options, const Positions& outliers,
                                         const Values& costs) {
  const auto own = std::span(costs).first(static_cast<std::size_t>(options.micro_block));
  if (!options.routable) return choose_pruned_anywhere(outliers, own, options.micro_block);
  return choose_pruned(outliers, own, options.micro_block);
}

// The outliers of rule `sigma`, after demotion.
Positions threshold_outliers(const QuantizerOptions& options, const MicroBlockWeights& input,
                             MicroBlockCodes& result) {
  Positions outliers;
  result.too_small = std::popcount(input.too_small);
  for (unsigned rest = input.wanted & ~static_cast<unsigned>(input.too_small); rest != 0; rest &= rest - 1) {
    outliers.push_back(static_cast<std::uint8_t>(std::countr_zero(rest)));
  }
  for (; static_cast<int>(outliers.size()) > options.max_outliers(); ++result.too_many)
    demote_smallest(outliers, input);
  if (!options.routable) return outliers;
  for (; !outliers.empty() && !has_routable_choice(outliers, options.micro_block); ++result.unroutable)
    demote_smallest(outliers, input);
  return outliers;
}

// Search for the outliers, pruned positions and r that leave a micro-block the least total error.
class LeastError {
 public:
  LeastError(const QuantizerOptions& options, const MicroBlockWeights& input, double price)
      : options_(options),
        format_(options.format()),
        input_(input),
        inlier_errors_(inlier_errors(format_, input)),
        best_saving_(price) {
    for (std::size_t i = 0; i < input.count; ++i) {
      const bool candidate = options.outlier_rule == OutlierRule::error || (input.wanted >> i & 1U) != 0;
      if (candidate && inlier_errors_[i] > 0) candidates_.push_back(static_cast<std::uint8_t>(i));
    }
  }

  /// Nothing if no outlier is worth it.
  MicroBlock run() {
    if (most_saved() <= best_saving_) return {};
    costs_ = prune_costs(options_, input_);
    for (int shift = 0; shift <= options_.outlier_shift_max; ++shift) try_shift(shift);
    return best_;
  }

 private:
  // No more can be saved than the errors of the worst n_max candidates.
  double most_saved() const {
    std::vector<double> errors;
    for (const std::uint8_t i : candidates_) errors.push_back(inlier_errors_[i]);
    std::sort(errors.begin(), errors.end(), std::greater<>());
    double sum = 0;
    for (std::size_t i = 0; i < errors.size() && std::cmp_less(i, options_.max_outliers()); ++i)
      sum += errors[i];
    return sum;
  }

  // At a given r every outlier is tried alone (the one of most gain may have to prune too much), then those
  // of most gain are taken, one after the other.
  void try_shift(int shift) {
    std::vector<std::pair<double, std::uint8_t>> gains;
    for (const std::uint8_t i : candidates_) {
      const double gain = inlier_errors_[i] - outlier_error(format_, input_, i, shift);
      if (gain > 0) gains.emplace_back(gain, i);
    }
    std::stable_sort(gains.begin(), gains.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    for (const auto& [gain, position] : gains) try_outliers({position}, gain, shift);
    Positions outliers;
    double gained = 0;
    for (const auto& [gain, position] : gains) {
      if (static_cast<int>(outliers.size()) == options_.max_outliers()) return;
      gained += gain;
      outliers.insert(std::upper_bound(outliers.begin(), outliers.end(), position), position);
      if (outliers.size() > 1) try_outliers(outliers, gained, shift);
    }
  }

  // Takes these outliers if they save more than the best ones so far; `gained` is their saving before
  // anything is pruned.
  void try_outliers(const Positions& outliers, double gained, int shift) {
    if (gained <= best_saving_) return;
    const auto choice = choose_places(options_, outliers, costs_);
    if (!choice || gained - choice->saliency <= best_saving_) return;
    best_saving_ = gained - choice->saliency;
    best_.shift = static_cast<std::uint8_t>(shift);
    best_.pairs = choice->pairs;
  }

  const QuantizerOptions& options_;
  Format format_;
  const MicroBlockWeights& input_;
  Values inlier_errors_;
  Values costs_{};
  Positions candidates_;
  double best_saving_;
  MicroBlock best_;
};

int unwelcome(const QuantizerOptions& options, const MicroBlockWeights& input, const MicroBlock& block) {
  if (options.outlier_rule == OutlierRule::sigma) return 0;
  int count = std::popcount(input.wanted);
  for (const OutlierPair& pair : block.pairs) count -= (input.wanted >> pair.upper & 1U) != 0 ? 1 : 0;
  return count;
}

MicroBlock place(const QuantizerOptions& options, const MicroBlockWeights& input, const Positions& outliers) {
  MicroBlock block;
  const auto choice = choose_places(options, outliers, prune_costs(options, input));
  if (!choice) throw std::logic_error("quantizer: outliers without a routable set of pruned positions");
  block.pairs = choice->pairs;
  block.shift = static_cast<std::uint8_t>(choose_shift(options, input, outliers));
  return block;
}

}  // namespace

MicroBlockCodes quantize_micro_block(const QuantizerOptions& options, const MicroBlockWeights& input,
                                     double price) {
  const Format format = options.format();
  MicroBlockCodes result;
  set_inliers(format, input, result);
  if (options.max_outliers() == 0) {
    result.too_many = std::popcount(input.wanted);
  } else if (options.outlier_rule != OutlierRule::sigma) {
    result.block = LeastError(options, input, price).run();
    result.unwelcome = unwelcome(options, input, result.block);
  } else if (input.wanted != 0) {
    const Positions outliers = threshold_outliers(options, input, result);
    if (!outliers.empty()) result.block = place(options, input, outliers);
  }
  set_outliers(format, input, result);
  return result;
}

MicroBlockCodes requantize_micro_block(const QuantizerOptions& options, const MicroBlockWeights& input,
                                       const MicroBlock& block) {
  const Format format = options.format();
  MicroBlockCodes result;
  result.block = block;
  set_inliers(format, input, result);
  if (!block.has_outliers()) return result;
  if (options.shift_rule == ShiftRule::mse) {
    Positions outliers;
    for (const OutlierPair& pair : block.pairs) outliers.push_back(pair.upper);
    result.block.shift = static_cast<std::uint8_t>(choose_shift(options, input, outliers));
  }
  set_outliers(format, input, result);
  return result;
}

Values micro_block_values(const Format& format, const MicroBlockWeights& input,
                          const MicroBlockCodes& quantized) {
  Values values{};
  with_rules(format, [&](auto rules) {
    for (std::size_t i = 0; i < input.count; ++i)
      values[i] = rules.inlier_value(format, quantized.codes[i]) * input.steps[i];
  });
  for (const OutlierPair& pair : quantized.block.pairs) {
    const Halves halves{quantized.codes[pair.upper], quantized.codes[pair.lower]};
    values[pair.upper] = outlier_integer(format, halves) *
                         outlier_unit(format, input.steps[pair.upper], quantized.block.shift);
    values[pair.lower] = 0;
  }
  return values;
}

double micro_block_error(const Format& format, const MicroBlockWeights& input,
                         const MicroBlockCodes& quantized) {
  const Values values = micro_block_values(format, input, quantized);
  double error = 0;
  for (std::size_t i = 0; i < input.count; ++i) error += squared(input.weights[i] - values[i]);
  return error;
}

}  // namespace msq::golden
