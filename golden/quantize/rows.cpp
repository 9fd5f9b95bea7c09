#include "golden/quantize/rows.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>

#include "golden/encoding/encoding.hpp"
#include "golden/quantize/block_scale.hpp"
#include "golden/quantize/rounding.hpp"

namespace msq::golden {
namespace {

double squared(double value) { return value * value; }

bool is_outlier(const MacroBlockEntry& entry, std::int64_t row, std::int64_t column, double weight) {
  const std::size_t block = entry.index(row, column);
  return std::fabs(weight - entry.mean[block]) > entry.threshold[block];
}

// No scale is small enough for an outlier: the block has the least exponent there is, and even at r = 0 the
// nearest outlier is further away than zero.
bool is_too_small(const Format& format, const MacroBlockEntry& entry, std::size_t block, double weight) {
  if (!entry.has_scales || entry.scales[block] != exponent_limits(format).min) return false;
  const double unit = outlier_unit(format, entry.steps[block], 0);
  return std::fabs(weight - nearest_outlier(format, weight, unit) * unit) > std::fabs(weight);
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

// Importance of each entered weight for the scale of its macro-block: 0 for outliers and, when they are
// chosen by error, for pruned positions.
std::vector<double> scale_importance(const QuantizerOptions& options, const MacroBlockEntry& entry,
                                     std::span<const double> weights, std::span<const double> importance,
                                     double price) {
  std::vector<double> result(weights.size(), 1.0);
  const auto n = static_cast<std::size_t>(entry.n);
  for (std::int64_t r = 0; r < entry.rows; ++r) {
    const double row_importance = importance[static_cast<std::size_t>(r)];
    const std::size_t first = static_cast<std::size_t>(r) * n;
    if (options.weigh_scales)
      std::fill_n(result.begin() + static_cast<std::ptrdiff_t>(first), n, row_importance);
    for (std::int64_t column = 0; column < entry.n; column += options.micro_block) {
      const auto input =
          micro_block_weights(options, entry, entry.first_row + r, column, weights.subspan(first, n));
      if (input.wanted == 0 && options.outlier_rule != OutlierRule::error) continue;
      const std::size_t start = first + static_cast<std::size_t>(column);
      for (const OutlierPair& pair :
           quantize_micro_block(options, input, price / row_importance).block.pairs) {
        result[start + pair.upper] = 0;
        if (options.outlier_rule == OutlierRule::error && pair.lower < input.count)
          result[start + pair.lower] = 0;
      }
    }
  }
  return result;
}

void choose_scales(const QuantizerOptions& options, std::span<const double> weights,
                   std::span<const double> importance, MacroBlockEntry& entry) {
  std::vector<double> values;
  std::vector<double> block_importance;
  for (std::size_t b = 0; b < entry.scales.size(); ++b) {
    if (entry.all_zero[b] != 0) continue;
    gather(weights, layout(entry, b), values);
    gather(importance, layout(entry, b), block_importance);
    entry.set_scale(options.format(), b, choose_block_scale(options, values, block_importance));
  }
}

void count(const MicroBlockWeights& input, const MicroBlockCodes& codes, QuantizeStatistics& statistics) {
  const MicroBlock& block = codes.block;
  statistics.outliers_wanted += std::popcount(input.wanted);
  statistics.outliers_kept += static_cast<std::int64_t>(block.pairs.size());
  statistics.demoted_too_many += codes.too_many;
  statistics.demoted_unroutable += codes.unroutable;
  statistics.demoted_unwelcome += codes.unwelcome;
  statistics.demoted_too_small += codes.too_small;
  statistics.micro_blocks += 1;
  statistics.micro_blocks_with_outliers += block.has_outliers() ? 1 : 0;
  statistics.pruned_weights +=
      std::count_if(block.pairs.begin(), block.pairs.end(),
                    [&](const OutlierPair& pair) { return pair.lower < input.count; });
}

}  // namespace

void MacroBlockEntry::set_scale(const Format& format, std::size_t block, const BlockScale& scale) {
  scales[block] = static_cast<std::int8_t>(scale.exponent);
  factors[block] = static_cast<std::int8_t>(scale.factor);
  steps[block] = step_of(format, scale);
}

MacroBlockEntry enter_macro_blocks(const QuantizerOptions& options, std::span<const double> weights,
                                   std::int64_t first_row, std::int64_t n, std::span<const double> importance,
                                   double price) {
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
  entry.scales.resize(blocks);
  entry.factors.resize(blocks);
  entry.steps.resize(blocks);
  entry.all_zero.assign(blocks, 0);

  const BlockScale zero = zero_block_scale(options.format());
  std::vector<double> values;
  for (std::size_t b = 0; b < blocks; ++b) {
    gather(weights, layout(entry, b), values);
    set_threshold(options, values, entry.mean[b], entry.threshold[b]);
    entry.all_zero[b] = std::all_of(values.begin(), values.end(), [](double value) { return value == 0; });
    entry.set_scale(options.format(), b, zero);
  }
  QuantizerOptions first = options;  // no scale is known yet, so outliers are those of the threshold
  first.outlier_rule = OutlierRule::sigma;
  choose_scales(options, weights, scale_importance(first, entry, weights, importance, price), entry);
  if (options.outlier_rule == OutlierRule::error) {
    choose_scales(options, weights, scale_importance(options, entry, weights, importance, price), entry);
  }
  entry.has_scales = true;
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
      const int scale = std::max<int>(entry.scales[b], largest - row_align_bits);
      entry.scales[b] = static_cast<std::int8_t>(scale);
      entry.steps[b] = power_of_two(scale);
    }
  }
}

MicroBlockWeights micro_block_weights(const QuantizerOptions& options, const MacroBlockEntry& entry,
                                      std::int64_t row, std::int64_t column,
                                      std::span<const double> weights) {
  const Format format = options.format();
  MicroBlockWeights input;
  input.count = static_cast<std::size_t>(std::min<std::int64_t>(options.micro_block, entry.n - column));
  input.steps.fill(1.0);
  for (std::size_t i = 0; i < input.count; ++i) {
    const std::int64_t n = column + static_cast<std::int64_t>(i);
    input.weights[i] = weights[static_cast<std::size_t>(n)];
    input.steps[i] = entry.steps[entry.index(row, n)];
    if (!is_outlier(entry, row, n, input.weights[i])) continue;
    input.wanted = static_cast<std::uint16_t>(input.wanted | 1U << i);
    if (is_too_small(format, entry, entry.index(row, n), input.weights[i]))
      input.too_small = static_cast<std::uint16_t>(input.too_small | 1U << i);
  }
  return input;
}

void store_micro_block(const MicroBlockCodes& codes, std::int64_t row, std::int64_t column,
                       QuantizedTensor& tensor) {
  std::copy_n(codes.codes.begin(), tensor.format.micro_block,
              tensor.codes.begin() + static_cast<std::ptrdiff_t>(row * tensor.n_padded() + column));
  tensor
      .blocks[static_cast<std::size_t>(row * tensor.blocks_per_row() + column / tensor.format.micro_block)] =
      codes.block;
}

void quantize_row(const QuantizerOptions& options, const MacroBlockEntry& entry, std::int64_t row,
                  std::span<const double> weights, double price, QuantizedTensor& tensor,
                  std::span<double> values, QuantizeStatistics& statistics) {
  for (std::int64_t column = 0; column < entry.n; column += options.micro_block) {
    const MicroBlockWeights input = micro_block_weights(options, entry, row, column, weights);
    const MicroBlockCodes codes = quantize_micro_block(options, input, price);
    store_micro_block(codes, row, column, tensor);
    const auto result = micro_block_values(tensor.format, input, codes);
    std::copy_n(result.begin(), input.count, values.begin() + column);
    count(input, codes, statistics);
  }
  statistics.weights += entry.n;
}

}  // namespace msq::golden
