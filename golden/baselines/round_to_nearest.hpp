#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "golden/baselines/integer_grid.hpp"
#include "golden/baselines/result.hpp"
#include "support/result.hpp"

namespace msq::golden::baselines {

/// Round-to-nearest INT-b, the baseline "RTN" of Frantar et al., "GPTQ" (ICLR 2023), section 5: every weight
/// to the nearest number of its group's grid (fit_grid). `weights` is [k][n]. Stored: b bits per weight, 16
/// per scale, b per zero point if asymmetric. Errors: options, a shape that does not fit, NaN or infinity
/// (position named).
[[nodiscard]] Result<BaselineResult> round_to_nearest(std::span<const float> weights, std::int64_t k,
                                                      std::int64_t n, const IntegerOptions& options);

/// The same weights in units of their scales (code minus zero point), [k][n], as an array of integer PEs
/// takes them. Errors: as round_to_nearest.
[[nodiscard]] Result<std::vector<int>> rounded_integers(std::span<const float> weights, std::int64_t k,
                                                        std::int64_t n, const IntegerOptions& options);

}  // namespace msq::golden::baselines
