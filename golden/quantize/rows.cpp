#include "golden/quantize/rows.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "golden/quantize/codes.hpp"
#include "golden/quantize/rounding.hpp"
#include "golden/quantize/routing.hpp"

namespace msq::golden {
namespace {

double squared(double value) { return value * value; }

// Outliers of one micro-block, as positions in it.
struct MicroBlockOutliers {
  std::vector<std::uint8_t> kept;  // ascending
  int wanted = 0;
  int too_many = 0;    // demoted: more than n_max
  int unroutable = 0;  // demoted: no set of pruned positions routes
};

bool is_outlier(const MacroBlockEntry& entry, std::int64_t row, std::int64_t column, double weight) {
  const std::size_t block = entry.index(row, column);
  return std::fabs(weight - entry.mean[block]) > entry.threshold[block];
}

// Removes the smallest outlier; of equal ones the last.
void demote_smallest(std::vector<std::uint8_t>& kept, std::span<const double> weights) {
  auto smallest = kept.begin();
  for (auto it = kept.begin(); it != kept.end(); ++it) {
    if (std::fabs(weights[*it]) <= std::fabs(weights[*smallest])) smallest = it;
  }
  kept.erase(smallest);
}

// `weights` are those of the micro-block that starts at `column`, fewer than B_mu at the end of a row.
MicroBlockOutliers find_outliers(const QuantizerOptions& options, const MacroBlockEntry& entry,
                                 std::int64_t row, std::int64_t column, std::span<const double> weights) {
  MicroBlockOutliers found;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (is_outlier(entry, row, column + static_cast<std::int64_t>(i), weights[i])) {
      found.kept.push_back(static_cast<std::uint8_t>(i));
    }
  }
  found.wanted = static_cast<int>(found.kept.size());
  while (static_cast<int>(found.kept.size()) > options.max_outliers()) {
    demote_smallest(found.kept, weights);
    ++found.too_many;
  }
  while (!found.kept.empty() && !has_routable_choice(found.kept, options.micro_block)) {
    demote_smallest(found.kept, weights);
    ++found.unroutable;
  }
  return found;
}

// Weights of one macro-block of the entered rows: weights[start + i * stride].
struct BlockLayout {
  std::size_t start;
  std::size_t stride;
  std::size_t count;
};

BlockLayout layout(const MacroBlockEntry& entry, std::size_t block) {
  const auto n = static_cast<std::size_t>(entry.n);
  if (entry.axis == Axis::reduction) return {block, n, static_cast<std::size_t>(entry.rows)};
  const auto size = static_cast<std::size_t>(entry.macro_block);
  const auto along = static_cast<std::size_t>(entry.blocks_along_n());
  const std::size_t column = block % along * size;
  return {block / along * n + column, 1, std::min(size, n - column)};
}

template <class T>
void gather(std::span<const T> from, const BlockLayout& block, std::vector<T>& to) {
  to.resize(block.count);
  for (std::size_t i = 0; i < block.count; ++i) to[i] = from[block.start + i * block.stride];
}

void set_threshold(const QuantizerOptions& options, std::span<const double> values, double& mean,
                   double& threshold) {
  const auto count = static_cast<double>(values.size());
  double sum = 0;
  for (const double value : values) sum += value;
  mean = sum / count;
  double deviation = 0;
  for (const double value : values) deviation += squared(value - mean);
  threshold = options.outlier_sigma * std::sqrt(deviation / count);
}

// Isf of a block that has outliers but only zeros as inliers: the smallest outlier needs r = 0, unless the
// largest then needed more than r_max. (The contract's e0 does not exist, and -127 would lose the outliers.)
int scale_from_outliers(const QuantizerOptions& options, std::span<const double> values) {
  int lowest = std::numeric_limits<int>::max();
  int highest = std::numeric_limits<int>::min();
  for (const double value : values) {
    if (value == 0) continue;
    lowest = std::min(lowest, floor_log2(std::fabs(value)));
    highest = std::max(highest, floor_log2(std::fabs(value)));
  }
  const int scale = std::max(lowest, highest - options.outlier_shift_max);
  return clamp_scale(scale - outlier_exponent_offset(options.format()));
}

double inlier_error(std::span<const double> values, std::span<const std::uint8_t> outlier, int scale,
                    int qmax) {
  const double step = power_of_two(scale);
  double error = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (outlier[i] != 0) continue;
    error += squared(values[i] - round_half_even_symmetric(values[i] / step, qmax) * step);
  }
  return error;
}

// Isf of a macro-block that is not all zero.
int block_scale(const QuantizerOptions& options, std::span<const double> values,
                std::span<const std::uint8_t> outlier) {
  double largest = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (outlier[i] == 0) largest = std::max(largest, std::fabs(values[i]));
  }
  if (largest == 0) return scale_from_outliers(options, values);
  const int e0 = floor_log2(largest) - (options.bits - 2);
  int best = clamp_scale(e0);
  if (options.inlier_rule == InlierRule::ocp) return best;
  const int qmax = options.format().qmax();
  double best_error = inlier_error(values, outlier, best, qmax);
  for (const int candidate : {clamp_scale(e0 - 1), clamp_scale(e0 + 1)}) {
    const double error = inlier_error(values, outlier, candidate, qmax);
    if (error < best_error) {
      best = candidate;
      best_error = error;
    }
  }
  return best;
}

// Marks the outliers of all entered rows, 1 per weight, after demotion.
std::vector<std::uint8_t> mark_outliers(const QuantizerOptions& options, const MacroBlockEntry& entry,
                                        std::span<const double> weights) {
  std::vector<std::uint8_t> marks(weights.size(), 0);
  for (std::int64_t r = 0; r < entry.rows; ++r) {
    for (std::int64_t column = 0; column < entry.n; column += options.micro_block) {
      const auto size =
          static_cast<std::size_t>(std::min<std::int64_t>(options.micro_block, entry.n - column));
      const auto offset = static_cast<std::size_t>(r * entry.n + column);
      const auto found =
          find_outliers(options, entry, entry.first_row + r, column, weights.subspan(offset, size));
      for (const std::uint8_t position : found.kept) marks[offset + position] = 1;
    }
  }
  return marks;
}

// An outlier as its shift needs it.
struct OutlierValue {
  double weight = 0;
  int scale = 0;  // Isf of its own macro-block
};

int significand(const Format& format, const OutlierValue& outlier, int shift) {
  const double unit = power_of_two(outlier.scale + shift - kFractionBits);
  return std::max(round_half_even_to(std::fabs(outlier.weight) / unit, format.significand_max()),
                  format.significand_min());
}

double shift_error(const Format& format, std::span<const OutlierValue> outliers, int shift) {
  double error = 0;
  for (const OutlierValue& outlier : outliers) {
    const double unit = power_of_two(outlier.scale + shift - kFractionBits);
    error += squared(std::fabs(outlier.weight) - significand(format, outlier, shift) * unit);
  }
  return error;
}

int needed_shift(const QuantizerOptions& options, const OutlierValue& outlier) {
  if (outlier.weight == 0) return 0;
  const int needed =
      floor_log2(std::fabs(outlier.weight)) - outlier.scale - outlier_exponent_offset(options.format());
  return std::clamp(needed, 0, options.outlier_shift_max);
}

int choose_shift(const QuantizerOptions& options, std::span<const OutlierValue> outliers) {
  int best = 0;
  if (options.shift_rule == ShiftRule::max) {
    for (const OutlierValue& outlier : outliers) best = std::max(best, needed_shift(options, outlier));
    return best;
  }
  double best_error = shift_error(options.format(), outliers, 0);
  for (int shift = 1; shift <= options.outlier_shift_max; ++shift) {
    const double error = shift_error(options.format(), outliers, shift);
    if (error < best_error) {
      best = shift;
      best_error = error;
    }
  }
  return best;
}

// Turns inlier codes of a micro-block into those with outliers: shift, halves, pruned positions.
MicroBlock place_outliers(const QuantizerOptions& options, std::span<const std::uint8_t> positions,
                          std::span<const double> saliency, std::span<const OutlierValue> outliers,
                          std::span<std::uint8_t> codes) {
  const auto choice = choose_pruned(positions, saliency, options.micro_block);
  if (!choice) throw std::logic_error("quantizer: outliers without a routable set of pruned positions");
  MicroBlock block;
  block.shift = static_cast<std::uint8_t>(choose_shift(options, outliers));
  block.pairs = choice->pairs;
  for (std::size_t i = 0; i < outliers.size(); ++i) {
    const int s = significand(options.format(), outliers[i], block.shift);
    const Halves halves = outlier_halves(options.format(), outliers[i].weight < 0, s);
    codes[block.pairs[i].upper] = halves.upper;
    codes[block.pairs[i].lower] = halves.lower;
  }
  return block;
}

void count(const MicroBlockOutliers& found, const MicroBlock& block, std::size_t real_positions,
           QuantizeStatistics& statistics) {
  statistics.outliers_wanted += found.wanted;
  statistics.outliers_kept += static_cast<std::int64_t>(found.kept.size());
  statistics.demoted_too_many += found.too_many;
  statistics.demoted_unroutable += found.unroutable;
  statistics.micro_blocks += 1;
  statistics.micro_blocks_with_outliers += block.has_outliers() ? 1 : 0;
  statistics.pruned_weights +=
      std::count_if(block.pairs.begin(), block.pairs.end(),
                    [&](const OutlierPair& pair) { return pair.lower < real_positions; });
}

std::int64_t count_adjacent(const MacroBlockEntry& entry, std::int64_t row, std::span<const double> weights) {
  std::int64_t adjacent = 0;
  bool before = false;
  bool here = is_outlier(entry, row, 0, weights[0]);
  for (std::int64_t column = 0; column < entry.n; ++column) {
    const bool after = column + 1 < entry.n &&
                       is_outlier(entry, row, column + 1, weights[static_cast<std::size_t>(column + 1)]);
    adjacent += here && (before || after) ? 1 : 0;
    before = here;
    here = after;
  }
  return adjacent;
}

}  // namespace

MacroBlockEntry enter_macro_blocks(const QuantizerOptions& options, std::span<const double> weights,
                                   std::int64_t first_row, std::int64_t n) {
  MacroBlockEntry entry;
  entry.axis = options.axis;
  entry.macro_block = options.macro_block;
  entry.first_row = first_row;
  entry.n = n;
  entry.rows = static_cast<std::int64_t>(weights.size()) / n;
  const auto blocks =
      static_cast<std::size_t>(options.axis == Axis::reduction ? n : entry.rows * entry.blocks_along_n());
  entry.mean.resize(blocks);
  entry.threshold.resize(blocks);
  entry.scales.assign(blocks, static_cast<std::int8_t>(kScaleMin));
  entry.all_zero.assign(blocks, 0);

  std::vector<double> values;
  for (std::size_t b = 0; b < blocks; ++b) {
    gather(weights, layout(entry, b), values);
    set_threshold(options, values, entry.mean[b], entry.threshold[b]);
  }
  const std::vector<std::uint8_t> marks = mark_outliers(options, entry, weights);
  std::vector<std::uint8_t> outlier;
  for (std::size_t b = 0; b < blocks; ++b) {
    gather(weights, layout(entry, b), values);
    gather(std::span<const std::uint8_t>(marks), layout(entry, b), outlier);
    if (std::all_of(values.begin(), values.end(), [](double value) { return value == 0; })) {
      entry.all_zero[b] = 1;
    } else {
      entry.scales[b] = static_cast<std::int8_t>(block_scale(options, values, outlier));
    }
  }
  return entry;
}

void limit_scale_spread(MacroBlockEntry& entry, int row_align_bits) {
  if (entry.axis != Axis::output) throw std::logic_error("limit_scale_spread: only for axis output");
  const auto along = static_cast<std::size_t>(entry.blocks_along_n());
  for (std::size_t h = 0; h < along; ++h) {
    int largest = kScaleMin;
    for (std::size_t b = h; b < entry.scales.size(); b += along) {
      largest = std::max<int>(largest, entry.scales[b]);  // of a block of zeros it is the least there is
    }
    for (std::size_t b = h; b < entry.scales.size(); b += along) {
      if (entry.all_zero[b] != 0) continue;
      entry.scales[b] = static_cast<std::int8_t>(std::max<int>(entry.scales[b], largest - row_align_bits));
    }
  }
}

void quantize_row(const QuantizerOptions& options, const MacroBlockEntry& entry, std::int64_t row,
                  std::span<const double> weights, std::span<const double> saliency, QuantizedTensor& tensor,
                  QuantizeStatistics& statistics) {
  const auto block_size = static_cast<std::size_t>(options.micro_block);
  const Format format = options.format();
  const auto first_block = static_cast<std::size_t>(row * tensor.blocks_per_row());
  for (std::size_t start = 0; start < weights.size(); start += block_size) {
    const std::size_t size = std::min(block_size, weights.size() - start);
    const auto column = static_cast<std::int64_t>(start);
    const auto scale_at = [&](std::size_t i) -> int {
      return entry.scales[entry.index(row, column + static_cast<std::int64_t>(i))];
    };
    const std::span<std::uint8_t> codes =
        std::span(tensor.codes)
            .subspan(static_cast<std::size_t>(row * tensor.n_padded()) + start, block_size);
    std::fill(codes.begin(), codes.end(), inlier_code(format, 0));
    for (std::size_t i = 0; i < size; ++i) {
      const double ratio = weights[start + i] / power_of_two(scale_at(i));
      codes[i] = inlier_code(format, round_half_even_symmetric(ratio, format.qmax()));
    }

    const auto found = find_outliers(options, entry, row, column, weights.subspan(start, size));
    MicroBlock& block = tensor.blocks[first_block + start / block_size];
    block = {};
    if (!found.kept.empty()) {
      std::vector<OutlierValue> outliers;
      for (const std::uint8_t i : found.kept) outliers.push_back({weights[start + i], scale_at(i)});
      std::vector<double> padded(block_size, 0.0);  // positions beyond N are free
      std::copy_n(saliency.begin() + static_cast<std::ptrdiff_t>(start), size, padded.begin());
      block = place_outliers(options, found.kept, padded, outliers, codes);
    }
    count(found, block, size, statistics);
  }
  statistics.adjacent_outliers += count_adjacent(entry, row, weights);
  statistics.weights += entry.n;
}

}  // namespace msq::golden
