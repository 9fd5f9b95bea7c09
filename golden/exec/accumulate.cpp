#include "golden/exec/accumulate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "golden/encoding/encoding.hpp"
#include "golden/exec/gemm.hpp"
#include "golden/exec/rounding.hpp"

namespace msq::golden {
namespace {

/// Largest magnitude of an 8-bit activation; 4-bit ones travel in the same field.
constexpr int kActivationMax = 127;
/// Tokens that gemm() works on at a time, so that partial sums stay in the cache.
constexpr int kTokenBlock = 32;

bool fits(std::int64_t value, int bits) {
  return bits >= 64 || (value >= -(std::int64_t{1} << (bits - 1)) && value < (std::int64_t{1} << (bits - 1)));
}

/// Width in which no partial sum of a tile can overflow, whatever the weights.
int exact_acc_bits(const QuantizedTensor& weights, int activation_block, int array_rows) {
  const std::array<Format, 1> modes = {weights.format};
  const int align = weights.axis == Axis::output ? kRowAlignMax : 0;
  return align + derived_acc_bits(std::min(array_rows, activation_block), modes, weights.outlier_shift_max,
                                  true, kActivationMax);
}

Result<> check_shapes(const QuantizedTensor& w, const QuantizedActivations& x, int array_rows) {
  if (w.k != x.k) {
    return Error(
        fmt::format("activations have {} columns, the weights {} rows; they must be equal", x.k, w.k));
  }
  if (w.k <= 0 || w.n <= 0 || x.m <= 0) {
    return Error(
        fmt::format("empty matrix product: M = {}, K = {}, N = {}, all must be positive", x.m, w.k, w.n));
  }
  if (array_rows <= 0) return Error(fmt::format("array rows {}, must be positive", array_rows));
  return {};
}

}  // namespace

OutputAccumulator::OutputAccumulator(const QuantizedTensor& weights, WeightAlignment aligned_weights,
                                     ActivationAlignment activations, int activation_block, int acc_bits,
                                     int accumulator_bits, GemmResult result)
    : weights_(std::move(aligned_weights)),
      activations_(std::move(activations)),
      factors_(weights.factors),
      macro_block_(weights.format.macro_block),
      factor_bits_(factor_bits(weights.format)),
      activation_block_(activation_block),
      acc_bits_(acc_bits),
      accumulator_bits_(accumulator_bits),
      result_(std::move(result)) {}

Result<OutputAccumulator> OutputAccumulator::create(const QuantizedTensor& weights,
                                                    const QuantizedActivations& activations, int array_rows,
                                                    int acc_bits) {
  MSQ_CHECK(check_shapes(weights, activations, array_rows));
  const int headroom = kAccumulatorHeadroom + factor_bits(weights.format);
  if (acc_bits < 1 || acc_bits + headroom > 64) {
    return Error(fmt::format("acc_bits {}, allowed 1..{}", acc_bits, 64 - headroom));
  }
  // However many parts a tile has, they add up to no more than its whole.
  const int whole = std::max(acc_bits, exact_acc_bits(weights, activations.block, array_rows));
  WeightAlignment aligned_weights(weights, split_rows(weights, activations.block, array_rows));
  if (aligned_weights.ranges().size() > kMaxTilesAlongK) {
    return Error(fmt::format("K = {} needs {} tiles of {} rows, allowed at most {}", weights.k,
                             aligned_weights.ranges().size(), array_rows, kMaxTilesAlongK));
  }
  if (const int shift = aligned_weights.max_row_shift(); shift > kRowAlignMax) {
    return Error(fmt::format("scales of the rows of a tile differ by {} bits, allowed at most {}", shift,
                             kRowAlignMax));
  }
  ActivationAlignment aligned_activations(activations);
  GemmResult result{activations.m,
                    weights.n,
                    {},
                    aligned_weights.reference(),
                    aligned_activations.reference(),
                    weights.format.fraction_bits + weights.format.scale_mantissa_bits};
  result.acc.assign(static_cast<std::size_t>(result.m * result.n), 0);
  return OutputAccumulator(weights, std::move(aligned_weights), std::move(aligned_activations),
                           activations.block, acc_bits, std::min(64, whole + headroom), std::move(result));
}

std::int64_t OutputAccumulator::aligned(std::int64_t sum, std::size_t t, std::int64_t m,
                                        std::int64_t n) const {
  if (sum == 0) return 0;
  const auto weight = weights_.exponent(t, n);
  const auto activation = activations_.exponent(m, ranges()[t].k0 / activation_block_);
  if (!weight || !activation) throw std::logic_error("a partial sum of zeros is not zero");
  const int shift = (*weight - result_.weight_reference[static_cast<std::size_t>(n)]) +
                    (*activation - result_.activation_reference[static_cast<std::size_t>(m)]);
  // A tile is within one group of scales, and only axis `reduction` has factors.
  const auto scale = static_cast<std::size_t>(ranges()[t].k0 / macro_block_ * result_.n + n);
  return scale_half_even(factors_.empty() ? sum : sum * factors_[scale], shift);
}

void OutputAccumulator::add(std::span<const std::int64_t> sums, std::size_t t, std::int64_t m0, int tokens,
                            std::int64_t n0, int columns) {
  const bool inside = t < ranges().size() && m0 >= 0 && n0 >= 0 && tokens >= 0 && columns >= 0;
  if (!inside || sums.size() != static_cast<std::size_t>(tokens) * static_cast<std::size_t>(columns)) {
    throw std::logic_error("OutputAccumulator::add: partial sums are [tokens][columns] of an existing tile");
  }
  const std::int64_t m_end = std::min(m0 + tokens, result_.m);
  const std::int64_t n_end = std::min(n0 + columns, result_.n);
  for (std::int64_t m = m0; m < m_end; ++m) {
    for (std::int64_t n = n0; n < n_end; ++n) {
      const std::int64_t sum = sums[static_cast<std::size_t>((m - m0) * columns + (n - n0))];
      std::int64_t& acc = result_.acc[static_cast<std::size_t>(m * result_.n + n)];
      if (!fits(sum, acc_bits_)) throw std::logic_error("a partial sum does not fit acc_bits");
      acc += aligned(sum, t, m, n);
      if (!fits(acc, accumulator_bits_)) throw std::logic_error("an output accumulator overflowed");
    }
  }
}

Result<GemmResult> gemm(const QuantizedTensor& weights, const QuantizedActivations& activations,
                        int array_rows) {
  const auto whole = [](const Tile& tile, std::span<const int> /*row_shifts*/) {
    return std::vector<Tile>{tile};
  };
  return gemm(weights, activations, array_rows, weights.format.macro_block, whole);
}

Result<GemmResult> gemm(const QuantizedTensor& weights, const QuantizedActivations& activations,
                        int array_rows, int columns, const TileSplitter& split) {
  const int acc_bits = exact_acc_bits(weights, activations.block, array_rows);
  MSQ_TRY(OutputAccumulator accumulator,
          OutputAccumulator::create(weights, activations, array_rows, acc_bits));
  // On axis `output` a row has one shift inside a macro-block only.
  if (weights.axis == Axis::output && columns > weights.format.macro_block)
    throw std::logic_error("gemm: a tile crosses macro-blocks");
  for (std::size_t t = 0; t < accumulator.ranges().size(); ++t) {
    const RowRange range = accumulator.ranges()[t];
    for (std::int64_t n0 = 0; n0 < weights.n; n0 += columns) {
      const std::vector<int> shifts = accumulator.row_shifts(t, n0);
      const std::vector<Tile> tiles = split(extract_tile(weights, range.k0, n0, range.rows, columns), shifts);
      for (std::int64_t m0 = 0; m0 < activations.m; m0 += kTokenBlock) {
        const int tokens = static_cast<int>(std::min<std::int64_t>(kTokenBlock, activations.m - m0));
        const auto x = activation_tile(activations, range.k0, range.rows, m0, tokens);
        for (const Tile& tile : tiles)
          accumulator.add(tile_partial_sums(tile, x, tokens, shifts), t, m0, tokens, n0, columns);
      }
    }
  }
  return accumulator.result();
}

}  // namespace msq::golden
