#pragma once

#include <span>
#include <vector>

#include "support/result.hpp"

namespace msq::flow {

/// A layer quantized to 2 and to 4 bits.
struct WidthChoice {
  double cost[2] = {};  ///< of 2 and of 4 bits, in one unit for all layers: stored bits or cycles
  /// Relative squared error, of the outputs where calibration gives it, else of the weights.
  double error[2] = {};
};

/// For each layer 2 or 4 bits, so that the costs of all together are at most `limit` times `unit` and the sum
/// of errors is small: from the cheaper width everywhere (2 bits, as a rule), the layer of most error saved
/// per cost takes the other width first; one that does not fit any more is passed over. Error: a limit below
/// that of the cheaper widths.
[[nodiscard]] Result<std::vector<int>> choose_widths(std::span<const WidthChoice> layers, double limit,
                                                     double unit);

}  // namespace msq::flow
