#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "golden/exec/alignment.hpp"
#include "golden/exec/tile.hpp"
#include "golden/tensor.hpp"
#include "support/result.hpp"

namespace msq::golden {

/// Bits of an output accumulator above those of a partial sum: for alignment, and 10 for 1,024 tiles along K.
inline constexpr int kAccumulatorHeadroom = kAlignmentBits + 10;
inline constexpr int kMaxTilesAlongK = 1024;

/// Accumulators of a whole layer: value of element (m, n) = acc * 2^exponent(m, n).
struct GemmResult {
  std::int64_t m = 0;
  std::int64_t n = 0;
  std::vector<std::int64_t> acc;          ///< [m][n]
  std::vector<int> weight_reference;      ///< Iref[n]
  std::vector<int> activation_reference;  ///< Xref[m]
  /// The unit of acc is 2^-fraction_bits steps: F, and t of the mantissa bits of scales.
  int fraction_bits = kFractionBits;

  [[nodiscard]] std::int64_t at(std::int64_t row, std::int64_t column) const {
    return acc[static_cast<std::size_t>(row * n + column)];
  }
  /// Iref[n] + Xref[m] - fraction_bits
  [[nodiscard]] int exponent(std::int64_t row, std::int64_t column) const {
    return weight_reference[static_cast<std::size_t>(column)] +
           activation_reference[static_cast<std::size_t>(row)] - fraction_bits;
  }
  friend bool operator==(const GemmResult&, const GemmResult&) = default;
};

/// Sums partial sums of tiles, from the golden model or from hardware, into an [M][N] result, aligned as
/// numerics.md says ("Over tiles"). Every tile must be added once for every output; the order does not
/// matter.
class OutputAccumulator {
 public:
  /// For an array of `array_rows` rows with partial sums of `acc_bits`. Errors: shapes that do not match,
  /// scales on axis `output` further apart than kRowAlignMax, more than kMaxTilesAlongK tiles, acc_bits + 21
  /// + factor_bits (golden/encoding/encoding.hpp) over 64.
  [[nodiscard]] static Result<OutputAccumulator> create(const QuantizedTensor& weights,
                                                        const QuantizedActivations& activations,
                                                        int array_rows, int acc_bits);

  /// Tiles along K, in the order of their index.
  [[nodiscard]] const std::vector<RowRange>& ranges() const { return weights_.ranges(); }
  /// Left shifts of the activations of a tile, see WeightAlignment::row_shifts.
  [[nodiscard]] std::vector<int> row_shifts(std::size_t t, std::int64_t n) const {
    return weights_.row_shifts(t, n);
  }
  /// Contribution of one partial sum of tile t: sum, times the factor of its column's scale, aligned to the
  /// accumulator of (m, n).
  [[nodiscard]] std::int64_t aligned(std::int64_t sum, std::size_t t, std::int64_t m, std::int64_t n) const;
  /// Adds partial sums [tokens][columns] of tile t for outputs m0.. and n0..; elements beyond M and N are
  /// ignored. A sum that does not fit acc_bits is a bug and throws std::logic_error.
  void add(std::span<const std::int64_t> sums, std::size_t t, std::int64_t m0, int tokens, std::int64_t n0,
           int columns);

  [[nodiscard]] const GemmResult& result() const { return result_; }

 private:
  OutputAccumulator(const QuantizedTensor& weights, WeightAlignment aligned_weights,
                    ActivationAlignment activations, int activation_block, int acc_bits, int accumulator_bits,
                    GemmResult result);

  WeightAlignment weights_;
  ActivationAlignment activations_;
  std::vector<std::int8_t> factors_;  ///< [groups][n]; empty if scales have none
  int macro_block_;
  int factor_bits_;
  int activation_block_;
  int acc_bits_;          ///< of a partial sum
  int accumulator_bits_;  ///< of an output accumulator
  GemmResult result_;
};

/// Golden result of a layer on an array of `array_rows` rows. Errors as OutputAccumulator::create, except
/// that acc_bits is derived.
[[nodiscard]] Result<GemmResult> gemm(const QuantizedTensor& weights, const QuantizedActivations& activations,
                                      int array_rows);

/// Cuts a tile into tiles whose partial sums add up to its own; each is aligned and added separately.
/// The second argument are the shifts of the activations of its rows.
using TileSplitter = std::function<std::vector<Tile>(const Tile&, std::span<const int>)>;

/// The same on an array of tiles of `columns` columns (a multiple of the micro-block, a divisor of
/// the macro-block or a multiple of it) that splits some tiles: with all scales within the spread the
/// result is that of gemm().
[[nodiscard]] Result<GemmResult> gemm(const QuantizedTensor& weights, const QuantizedActivations& activations,
                                      int array_rows, int columns, const TileSplitter& split);

}  // namespace msq::golden
