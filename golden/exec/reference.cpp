#include "golden/exec/reference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "golden/encoding/encoding.hpp"

namespace msq::golden {
namespace {

/// Largest distance of the terms of a dot product, in bits: a term has at most 7 + 20 bits, K at most 2^31
/// terms.
constexpr int kMaxSpread = 64;

/// Integer weight, in 2^-F inlier steps, of position `position` of a micro-block with the given codes.
std::int64_t decode_weight(const Format& format, std::span<const std::uint8_t> codes, const MicroBlock& block,
                           int position) {
  return with_rules(format, [&](auto rules) {
    for (const OutlierPair& pair : block.pairs) {
      if (pair.lower == position) return std::int64_t{0};
      if (pair.upper == position)
        return rules.reference_outlier(format, {codes[pair.upper], codes[pair.lower]}) << block.shift;
    }
    return rules.reference_inlier(format, codes[static_cast<std::size_t>(position)]);
  });
}

/// Adds one term to an exact sum and keeps the smaller of the two exponents.
bool add_term(ExactElement& element, std::int64_t term, int exponent) {
  if (term == 0) return true;
  if (element.sum == 0) {
    element = {term, exponent};
    return true;
  }
  if (std::abs(exponent - element.exponent) > kMaxSpread) return false;
  if (exponent < element.exponent) {
    element.sum *= Int128{1} << (element.exponent - exponent);
    element.exponent = exponent;
  }
  element.sum += Int128{term} * (Int128{1} << (exponent - element.exponent));
  return true;
}

}  // namespace

std::vector<Int128> reference_partial_sums(const Tile& tile, std::span<const std::int8_t> activations,
                                           int tokens, std::span<const int> row_shifts) {
  const int size = tile.format.micro_block;
  std::vector<Int128> sums(static_cast<std::size_t>(tokens) * static_cast<std::size_t>(tile.columns), 0);
  for (int column = 0; column < tile.columns; ++column) {
    for (int row = 0; row < tile.rows; ++row) {
      const int index = column / size;
      const auto codes =
          std::span(tile.codes).subspan(tile.code_index(row, index * size), static_cast<std::size_t>(size));
      const Int128 weight = decode_weight(tile.format, codes, tile.block(row, index), column % size);
      const Int128 factor = Int128{1} << (row_shifts.empty() ? 0 : row_shifts[static_cast<std::size_t>(row)]);
      for (int token = 0; token < tokens; ++token) {
        const auto x = activations[static_cast<std::size_t>(token) * static_cast<std::size_t>(tile.rows) +
                                   static_cast<std::size_t>(row)];
        sums[tile.code_index(token, column)] += weight * factor * x;
      }
    }
  }
  return sums;
}

Result<std::vector<ExactElement>> exact_gemm(const QuantizedTensor& weights,
                                             const QuantizedActivations& activations) {
  if (weights.k != activations.k) {
    return Error(fmt::format("activations have {} columns, the weights {} rows; they must be equal",
                             activations.k, weights.k));
  }
  const int size = weights.format.micro_block;
  std::vector<ExactElement> result(static_cast<std::size_t>(activations.m * weights.n));
  for (std::int64_t k = 0; k < weights.k; ++k) {
    for (std::int64_t n = 0; n < weights.n; ++n) {
      const std::int64_t index = n / size;
      const auto codes = std::span(weights.codes)
                             .subspan(static_cast<std::size_t>(k * weights.n_padded() + index * size),
                                      static_cast<std::size_t>(size));
      const std::int64_t weight =
          decode_weight(weights.format, codes, weights.block(k, index), static_cast<int>(n % size));
      for (std::int64_t m = 0; m < activations.m; ++m) {
        const std::int64_t x{activations.values[static_cast<std::size_t>(m * activations.k + k)]};
        const int scale{
            activations.scales[static_cast<std::size_t>(m * activations.groups() + k / activations.block)]};
        auto& element = result[static_cast<std::size_t>(m * weights.n + n)];
        const int exponent =
            weights.scale(k, n) + scale - weights.format.fraction_bits - weights.format.scale_mantissa_bits;
        if (!add_term(element, weight * weights.factor(k, n) * x, exponent)) {
          return Error(fmt::format("row {}, column {}: scales more than {} bits apart", m, n, kMaxSpread));
        }
      }
    }
  }
  return result;
}

}  // namespace msq::golden
