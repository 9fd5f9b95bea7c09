#pragma once

#include <span>

#include "golden/encoding/rules.hpp"
#include "golden/quantize/quantizer.hpp"

namespace msq::golden {

/// Scale of an all-zero macro-block.
[[nodiscard]] BlockScale zero_block_scale(const Format& format);

/// Scale of a macro-block that is not all zero, by options.inlier_rule, from the weights that are stored as
/// inliers. `importance` has one weight of the squared error for each value; 0 takes a value out (outliers,
/// pruned positions). If every inlier is zero, the outliers decide. Source: numerics.md, "Inlier".
[[nodiscard]] BlockScale choose_block_scale(const QuantizerOptions& options, std::span<const double> values,
                                            std::span<const double> importance);

}  // namespace msq::golden
