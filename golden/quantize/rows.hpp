#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "golden/quantize/quantizer.hpp"

// The two steps every quantizer is made of. Round-to-nearest (quantizer.cpp) enters a run of rows and
// quantizes them one by one with saliency w^2. A compensating quantizer does the same with the weights as
// they are at that moment: it enters a macro-block with compensated weights, quantizes one row with its own
// saliency, reads back what the row became (dequantize_row) and spreads the error over the rows that are
// still to come.

namespace msq::golden {

/// What is fixed when macro-blocks are entered: outlier thresholds and Isf.
struct MacroBlockEntry {
  Axis axis = Axis::reduction;
  int macro_block = 0;
  std::int64_t first_row = 0;
  std::int64_t rows = 0;
  std::int64_t n = 0;
  // One element per macro-block: [n] for axis reduction, [rows][blocks along n] for axis output.
  std::vector<double> mean;         ///< of the weights
  std::vector<double> threshold;    ///< outlier_sigma * population sigma
  std::vector<std::int8_t> scales;  ///< Isf, in the order of QuantizedTensor::scales from (first_row, 0) on
  std::vector<std::uint8_t> all_zero;  ///< 1: the macro-block holds nothing but zeros

  [[nodiscard]] std::int64_t blocks_along_n() const { return (n + macro_block - 1) / macro_block; }
  /// Macro-block of a weight; `row` is counted in the whole tensor.
  [[nodiscard]] std::size_t index(std::int64_t row, std::int64_t column) const {
    return static_cast<std::size_t>(
        axis == Axis::reduction ? column : (row - first_row) * blocks_along_n() + column / macro_block);
  }
};

/// Enters the macro-blocks of some rows: mean and sigma over each macro-block, then the outliers of each
/// micro-block, then Isf over the inliers. `weights` is [rows][n], finite; for axis reduction the rows are
/// exactly those of one group (fewer only at the end of K), for axis output any. Scales are not yet limited
/// (limit_scale_spread). `options` must be valid. All sums are taken in double, in ascending k or n; mean
/// first, then the squared deviations from it.
[[nodiscard]] MacroBlockEntry enter_macro_blocks(const QuantizerOptions& options,
                                                 std::span<const double> weights, std::int64_t first_row,
                                                 std::int64_t n);

/// Axis output: raises Isf of the entered rows so that those of one column block lie within `row_align_bits`
/// of the largest; macro-blocks that are all zero keep -127. The rows must be an aligned run of B_M rows
/// (fewer at the end of K).
void limit_scale_spread(MacroBlockEntry& entry, int row_align_bits);

/// Quantizes row `row` of the tensor: codes and micro-block metadata. Outliers are judged by the entry's mean
/// and threshold on the weights given here. `weights` and `saliency` are [n]; saliency is not negative.
/// `tensor` has its final sizes. Adds to `statistics`.
void quantize_row(const QuantizerOptions& options, const MacroBlockEntry& entry, std::int64_t row,
                  std::span<const double> weights, std::span<const double> saliency, QuantizedTensor& tensor,
                  QuantizeStatistics& statistics);

}  // namespace msq::golden
