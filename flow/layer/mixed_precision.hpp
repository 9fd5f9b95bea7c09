#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "support/result.hpp"

namespace msq::flow {

/// A layer quantized to 2 and to 4 bits.
struct WidthChoice {
  std::int64_t weights = 0;
  double stored_bits[2] = {};  ///< per weight, all stored bits; of 2 and of 4 bits
  /// Relative squared error, of the outputs where calibration gives it, else of the weights.
  double error[2] = {};
};

/// For each layer 2 or 4 bits, so that all together store at most `average_bits` per weight and the sum of
/// errors is small: from 2 bits everywhere, the layer of most error saved per stored bit goes to 4 bits
/// first; one that does not fit any more is passed over. Error: an average below that of 2 bits everywhere.
[[nodiscard]] Result<std::vector<int>> choose_widths(std::span<const WidthChoice> layers,
                                                     double average_bits);

}  // namespace msq::flow
