#pragma once

#include <cstddef>
#include <vector>

#include "flow/layer/quantization.hpp"
#include "golden/io/row_reader.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// Squared errors of a layer's outputs for each token, in the order of the file, while it was left out of the
/// calibration: tokens at even places after calibration with the odd ones, and the reverse.
struct HeldOutErrors {
  std::vector<double> compensated;  ///< of weights quantized with the calibration of the other half
  std::vector<double> rounded;      ///< of weights rounded to the nearest

  /// Whether compensation is shown to help: it has the smaller sum, and the tokens' gains (rounded -
  /// compensated) / (rounded + compensated) have a mean of more than three times its standard error. Fewer
  /// than kFewestTokens show nothing.
  [[nodiscard]] bool show_a_gain() const;
};

inline constexpr std::size_t kFewestTokens = 8;

/// All activations are held in memory. Errors: those of reading and of quantize_weights.
[[nodiscard]] Result<HeldOutErrors> held_out_errors(const LabelledMatrix& weights,
                                                    const QuantizerChoices& choices,
                                                    const golden::RowReader& activations);

}  // namespace msq::flow
