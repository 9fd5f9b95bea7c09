#pragma once

#include <cstdint>
#include <span>

#include "eval/method.hpp"
#include "support/result.hpp"

namespace msq::eval {

struct ApartOptions {
  int bits = 4;   ///< bb: 2 or 4
  int group = 8;  ///< consecutive n of one row whose outliers share r; a power of two, 2..128
};

/// The rungs of the ablation between MX-INT and encoding `paper`, which the format itself does not have:
/// every weight beyond 3 sigma of its macro-block (128 k of one column) becomes an outlier of encoding
/// `paper`, the outliers of a group share r (best of 0..7 by squared error), nothing is pruned, nothing
/// demoted. Every weight is rounded to the nearest; scales are found by squared error over the inliers
/// (InlierRule::mse).
///
/// Bits counted: bb per weight, 8 per scale, one identifier bit per group; in a group with outliers 8 for r
/// and log2(group) for their number, and for each of them bb (its second half) and log2(group) (its place).
///
/// `weights` is [k][n], finite. Errors: options, a shape that does not fit.
[[nodiscard]] Result<Quantized> outliers_apart(std::span<const float> weights, std::int64_t k, std::int64_t n,
                                               const ApartOptions& options);

}  // namespace msq::eval
