#pragma once

#include "gen/config/config.hpp"
#include "golden/format.hpp"
#include "golden/tensor.hpp"
#include "support/result.hpp"

namespace msq::tb {

/// Format in which this array takes weights of `bits` bits. Layouts of the stored form that ports and streams
/// do not show (macro-block, shift_bits, identifier_group) are the defaults.
[[nodiscard]] golden::Format array_format(const Config& config, int bits);

/// Whether an array has the mode, micro-block and outlier path that weights need; widths of sums are not
/// looked at. The error names what does not fit.
[[nodiscard]] Result<> check_format(const Config& config, const golden::QuantizedTensor& weights);

/// Error: weights whose partial sums, or output accumulators, the configuration does not hold; on a path that
/// splits tiles only if a single weight is too large for a sum. The message names the first column.
[[nodiscard]] Result<> check_ranges(const Config& config, const golden::QuantizedTensor& weights,
                                    int activation_block);

/// Whether an array can run these operands. The error names what does not fit: mode, micro-block, axis,
/// encoding, outliers or their shift, activation width, K, or (with a smaller acc_bits) the first column
/// whose partial sums could overflow.
[[nodiscard]] Result<> check_operands(const Config& config, const golden::QuantizedTensor& weights,
                                      const golden::QuantizedActivations& activations);

}  // namespace msq::tb
