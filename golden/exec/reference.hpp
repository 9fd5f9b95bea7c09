#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "golden/exec/tile.hpp"
#include "golden/tensor.hpp"
#include "support/result.hpp"

namespace msq::golden {

/// 128-bit integer of the references; an extension of every compiler we build with.
__extension__ using Int128 = __int128;

/// P[tokens][columns] of a tile as tile_partial_sums, by another way: each weight is decoded to one integer
/// from its whole significand, then multiplied in 128 bits. Slow; exists to check the fast one.
[[nodiscard]] std::vector<Int128> reference_partial_sums(const Tile& tile,
                                                         std::span<const std::int8_t> activations, int tokens,
                                                         std::span<const int> row_shifts = {});

/// An exact dot product: value = sum * 2^exponent.
struct ExactElement {
  Int128 sum = 0;
  int exponent = 0;
};

/// [M][N] exact products of the decoded matrices, without tiles, references or rounding. Every element has
/// its own exponent, the smallest of its nonzero terms. Error: terms too far apart for 128 bits, or K of the
/// operands differ.
[[nodiscard]] Result<std::vector<ExactElement>> exact_gemm(const QuantizedTensor& weights,
                                                           const QuantizedActivations& activations);

}  // namespace msq::golden
