#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "golden/exec/accumulate.hpp"
#include "golden/tensor.hpp"
#include "support/result.hpp"

namespace msq::golden {

/// Outputs that share one scale when requantized, along N.
inline constexpr int kOutputBlock = 128;

/// acc * 2^exponent rounded half to even to FP32: subnormals are kept, too large gives an infinity, a nonzero
/// value that rounds to zero keeps its sign, acc = 0 is +0. Integer arithmetic throughout: one rounding.
[[nodiscard]] float to_float(std::int64_t acc, int exponent);

/// The layer in FP32, [M][N].
[[nodiscard]] std::vector<float> to_float(const GemmResult& result);

/// The layer as MX-INT-8 or -4 (`bits`), blocks of 128 along N, ready to be the activations of the next one:
/// Ysf = E - 6 (or - 2) with E the largest floor(log2|value|) of the block, y = clamp(round_half_even(value /
/// 2^Ysf)). An all-zero block has Ysf = -127. Ysf saturates at -127 and 127 as every stored scale; y then
/// follows from it.
[[nodiscard]] Result<QuantizedActivations> to_mx(const GemmResult& result, int bits);

}  // namespace msq::golden
