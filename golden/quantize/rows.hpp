#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "golden/encoding/rules.hpp"
#include "golden/quantize/micro_block.hpp"
#include "golden/quantize/quantizer.hpp"

// The two steps every quantizer is made of: entering the macro-blocks of some rows, with the weights as they
// are at that moment, and quantizing one row. panel.cpp does everything between rows.

namespace msq::golden {

/// Outlier thresholds and scales, fixed when macro-blocks are entered.
struct MacroBlockEntry {
  Axis axis = Axis::reduction;
  int macro_block = 0;
  std::int64_t first_row = 0;
  std::int64_t rows = 0;
  std::int64_t n = 0;
  // One element per macro-block: [n] for axis reduction, [rows][blocks along n] for axis output.
  std::vector<double> mean;          ///< of the weights
  std::vector<double> threshold;     ///< outlier_sigma * population sigma
  std::vector<std::int8_t> scales;   ///< Isf, in the order of QuantizedTensor::scales from (first_row, 0) on
  std::vector<std::int8_t> factors;  ///< of the scales
  std::vector<double> steps;         ///< value of inlier 1
  std::vector<std::uint8_t> all_zero;  ///< 1: the macro-block holds only zeros
  bool has_scales = false;             ///< scales, factors and steps are those of the weights

  [[nodiscard]] std::int64_t blocks_along_n() const { return (n + macro_block - 1) / macro_block; }
  /// Macro-block of a weight; `row` is counted in the whole tensor.
  [[nodiscard]] std::size_t index(std::int64_t row, std::int64_t column) const {
    return static_cast<std::size_t>(
        axis == Axis::reduction ? column : (row - first_row) * blocks_along_n() + column / macro_block);
  }
  /// Sets scale, factor and step of a macro-block.
  void set_scale(const Format& format, std::size_t block, const BlockScale& scale);
};

/// Enters the macro-blocks of some rows: mean and sigma over each macro-block, then the outliers of each
/// micro-block, then the scale over the inliers; with OutlierRule::error once more, with the outliers that
/// these scales give. `weights` is [rows][n], finite; for axis reduction the rows are exactly those of one
/// group (fewer only at the end of K), for axis output any. `importance` is the cost of a squared error of
/// each row, [rows]; scales take it into account with options.weigh_scales. `price` is that of
/// quantize_micro_block, for importance 1. Scales are not yet limited (limit_scale_spread). `options` must be
/// valid. All sums are in double, in ascending k or n; mean first, then the squared deviations from it.
[[nodiscard]] MacroBlockEntry enter_macro_blocks(const QuantizerOptions& options,
                                                 std::span<const double> weights, std::int64_t first_row,
                                                 std::int64_t n, std::span<const double> importance,
                                                 double price);

/// Axis output: raises Isf of the entered rows so that those of one column block are within `row_align_bits`
/// of the largest; macro-blocks that are all zero keep -127. The rows must be an aligned run of B_M rows
/// (fewer at the end of K).
void limit_scale_spread(MacroBlockEntry& entry, int row_align_bits);

/// The micro-block of `row` that starts at `column`, with outliers by the entry's mean and threshold.
/// `weights` are those of the row, [n].
[[nodiscard]] MicroBlockWeights micro_block_weights(const QuantizerOptions& options,
                                                    const MacroBlockEntry& entry, std::int64_t row,
                                                    std::int64_t column, std::span<const double> weights);

/// Writes a quantized micro-block to its place in the tensor.
void store_micro_block(const MicroBlockCodes& codes, std::int64_t row, std::int64_t column,
                       QuantizedTensor& tensor);

/// Quantizes row `row` of the tensor: codes and micro-block metadata; `values` ([n]) becomes the quantized
/// row. `weights` is [n]; `tensor` has its final sizes. Adds what happened to the outliers to `statistics`.
void quantize_row(const QuantizerOptions& options, const MacroBlockEntry& entry, std::int64_t row,
                  std::span<const double> weights, double price, QuantizedTensor& tensor,
                  std::span<double> values, QuantizeStatistics& statistics);

}  // namespace msq::golden
