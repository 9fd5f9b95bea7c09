#pragma once

#include <cstdint>
#include <span>

#include "golden/baselines/result.hpp"
#include "support/result.hpp"

namespace msq::golden::baselines {

/// MX-INT-b: blocks of 128 along k of one column with one E8M0 scale X, 8 bits. Scale and conversion by the
/// OCP Microscaling Formats (MX) Specification v1.0 (2023), sections 5.3.4 (INT8), 5.4.1 (E8M0) and 6.3
/// (conversion), for integers of b bits whose step is X itself: log2 X = floor(log2 max |w|) - (b - 2),
/// limited to -127..127 (-127 for a block of zeros); codes are w / X, halves to even, clamped to
/// -(2^(b-1)-1)..2^(b-1)-1.
///
/// The specification has INT8 in blocks of 32 only and leaves the use of -2^(b-1) to the implementation; it
/// is not used here. A last block shorter than 128 is stored with padding.
///
/// `bits` is 2, 3, 4 or 8; `weights` is [k][n]. Errors: bits, a shape that does not fit, NaN or infinity
/// (position named).
[[nodiscard]] Result<BaselineResult> mx_int(std::span<const float> weights, std::int64_t k, std::int64_t n,
                                            int bits);

/// OCP MXFP4 (MX Specification v1.0, sections 5.3.3, 5.4.1 and 6.3): E2M1 elements 0, 0.5, 1, 1.5, 2, 3, 4,
/// 6 with sign in blocks of 32 along k of one column, E8M0 scale X, 8 bits, with log2 X = floor(log2 max
/// |w|) - 2, limited to -127..127 (-127 for a block of zeros); w / X to the nearest element, halves to the
/// even mantissa, magnitudes above 6 to 6. A last block shorter than 32 is stored with padding.
///
/// `weights` is [k][n]. Errors: a shape that does not fit, NaN or infinity (position named).
[[nodiscard]] Result<BaselineResult> mxfp4(std::span<const float> weights, std::int64_t k, std::int64_t n);

}  // namespace msq::golden::baselines
