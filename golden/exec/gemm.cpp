#include "golden/exec/gemm.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "golden/encoding/encoding.hpp"
#include "golden/exec/alignment.hpp"
#include "golden/exec/rounding.hpp"

namespace msq::golden {
namespace {

/// An outlier of a row.
struct Outlier {
  int column = 0;  ///< where the merged product is added
  OutlierOperands operands;
  int shift = 0;
};

/// The operands of one row: inlier values, zero in place of halves, and the outliers.
struct RowOperands {
  std::vector<std::int64_t> inliers;  ///< [columns]
  std::vector<Outlier> outliers;
};

RowOperands decode_row(const Tile& tile, int row) {
  const Format& format = tile.format;
  RowOperands result;
  result.inliers.reserve(static_cast<std::size_t>(tile.columns));
  with_rules(format, [&](auto rules) {
    for (int column = 0; column < tile.columns; ++column)
      result.inliers.push_back(rules.inlier_value(format, tile.code(row, column)));
  });
  for (int index = 0; index < tile.blocks_per_row(); ++index) {
    const MicroBlock& block = tile.block(row, index);
    const int first = index * format.micro_block;
    for (const OutlierPair& pair : block.pairs) {
      if (pair.upper >= format.micro_block || pair.lower >= format.micro_block || pair.upper == pair.lower) {
        throw std::logic_error("permutation list entry outside its micro-block or empty");
      }
      const int column = first + pair.upper;
      const Halves halves{tile.code(row, column), tile.code(row, first + pair.lower)};
      result.outliers.push_back({column, outlier_operands(format, halves), block.shift});
      for (const int half : {column, first + pair.lower}) result.inliers[static_cast<std::size_t>(half)] = 0;
    }
  }
  return result;
}

void add_row(const Format& format, const RowOperands& row, std::int64_t x, std::span<std::int64_t> sums) {
  for (std::size_t column = 0; column < sums.size(); ++column) {
    sums[column] += (row.inliers[column] * x) << format.fraction_bits;
  }
  for (const Outlier& outlier : row.outliers) {
    const auto& [hidden, upper, lower, half_shift] = outlier.operands;
    const std::int64_t merged = hidden * x + ((upper * x) << half_shift) + lower * x;
    sums[static_cast<std::size_t>(outlier.column)] += merged << outlier.shift;
  }
}

void require_shifts(const Tile& tile, std::span<const int> row_shifts) {
  if (!row_shifts.empty() && !std::cmp_equal(row_shifts.size(), tile.rows)) {
    throw std::logic_error("row shifts: one per row of the tile");
  }
}

}  // namespace

std::vector<std::int64_t> tile_partial_sums(const Tile& tile, std::span<const std::int8_t> activations,
                                            int tokens, std::span<const int> row_shifts) {
  if (tokens < 0 ||
      activations.size() != static_cast<std::size_t>(tokens) * static_cast<std::size_t>(tile.rows)) {
    throw std::logic_error("tile_partial_sums: activations are [tokens][rows]");
  }
  require_shifts(tile, row_shifts);
  const auto columns = static_cast<std::size_t>(tile.columns);
  const auto rows = static_cast<std::size_t>(tile.rows);
  std::vector<std::int64_t> sums(static_cast<std::size_t>(tokens) * columns, 0);
  for (std::size_t row = 0; row < rows; ++row) {
    const RowOperands operands = decode_row(tile, static_cast<int>(row));
    for (std::size_t token = 0; token < static_cast<std::size_t>(tokens); ++token) {
      const std::int64_t x = std::int64_t{activations[token * rows + row]}
                             << (row_shifts.empty() ? 0 : row_shifts[row]);
      if (x == 0) continue;
      add_row(tile.format, operands, x, std::span(sums).subspan(token * columns, columns));
    }
  }
  return sums;
}

std::vector<std::int64_t> integer_weights(const Tile& tile) {
  std::vector<std::int64_t> weights;
  weights.reserve(tile.codes.size());
  for (int row = 0; row < tile.rows; ++row) {
    const RowOperands operands = decode_row(tile, row);
    std::vector<std::int64_t> values(operands.inliers.size(), 0);
    add_row(tile.format, operands, 1, values);
    weights.insert(weights.end(), values.begin(), values.end());
  }
  return weights;
}

std::vector<std::int64_t> row_bounds(const Tile& tile, int activation_max, std::span<const int> row_shifts) {
  require_shifts(tile, row_shifts);
  std::vector<std::int64_t> bounds = integer_weights(tile);
  for (int row = 0; row < tile.rows; ++row) {
    const int shift = row_shifts.empty() ? 0 : row_shifts[static_cast<std::size_t>(row)];
    for (int column = 0; column < tile.columns; ++column) {
      std::int64_t& bound = bounds[tile.code_index(row, column)];
      bound = activation_max * (std::abs(bound) << shift);
    }
  }
  return bounds;
}

std::string AccOverflow::message(int acc_bits) const {
  return fmt::format(
      "column {}: partial sums of the tile at row {} reach +-{} and need {} accumulator bits, {} asked for",
      column, k0, bound, needed_bits, acc_bits);
}

namespace {

/// Largest |partial sum| of each column that activations can cause.
std::vector<std::int64_t> column_bounds(const Tile& tile, int activation_max,
                                        std::span<const int> row_shifts) {
  const std::vector<std::int64_t> terms = row_bounds(tile, activation_max, row_shifts);
  std::vector<std::int64_t> bounds(static_cast<std::size_t>(tile.columns), 0);
  for (std::size_t i = 0; i < terms.size(); ++i) bounds[i % bounds.size()] += terms[i];
  return bounds;
}

/// Calls visit(tile, k0, n0, row shifts) for every tile of a tensor, until it returns true. Slices of one
/// macro-block width: on axis `output` a row has one shift inside a macro-block only.
template <class Visit>
void each_tile(const QuantizedTensor& tensor, int activation_block, int array_rows, const Visit& visit) {
  const WeightAlignment alignment(tensor, split_rows(tensor, activation_block, array_rows));
  for (std::size_t t = 0; t < alignment.ranges().size(); ++t) {
    const RowRange range = alignment.ranges()[t];
    for (std::int64_t n0 = 0; n0 < tensor.n; n0 += tensor.format.macro_block) {
      const auto columns =
          static_cast<int>(std::min<std::int64_t>(tensor.format.macro_block, tensor.n_padded() - n0));
      if (visit(extract_tile(tensor, range.k0, n0, range.rows, columns), range.k0, n0,
                alignment.row_shifts(t, n0)))
        return;
    }
  }
}

}  // namespace

namespace {

/// The first of `bounds` ([rows][columns]) that does not fit.
std::optional<AccOverflow> first_overflow(std::span<const std::int64_t> bounds, int columns, int acc_bits) {
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    const int needed = 1 + magnitude_bits(bounds[i]);
    const auto at = static_cast<std::int64_t>(i);
    if (needed > acc_bits) return AccOverflow{at / columns, at % columns, bounds[i], needed};
  }
  return std::nullopt;
}

}  // namespace

std::optional<AccOverflow> prove_accumulator(const Tile& tile, int acc_bits, int activation_max,
                                             std::span<const int> row_shifts) {
  return first_overflow(column_bounds(tile, activation_max, row_shifts), tile.columns, acc_bits);
}

namespace {

/// The first overflow of the bounds that `bounds_of` gives for a tile and the shifts of its rows.
template <class Bounds>
std::optional<AccOverflow> overflow_of_tiles(const QuantizedTensor& tensor, int activation_block,
                                             int array_rows, int acc_bits, const Bounds& bounds_of) {
  std::optional<AccOverflow> found;
  each_tile(tensor, activation_block, array_rows,
            [&](const Tile& tile, std::int64_t k0, std::int64_t n0, const std::vector<int>& shifts) {
              found = first_overflow(bounds_of(tile, shifts), tile.columns, acc_bits);
              if (!found) return false;
              found->k0 += k0;
              found->column += n0;
              return true;
            });
  return found;
}

}  // namespace

std::optional<AccOverflow> prove_accumulator(const QuantizedTensor& tensor, int activation_block,
                                             int array_rows, int acc_bits, int activation_max) {
  return overflow_of_tiles(tensor, activation_block, array_rows, acc_bits,
                           [&](const Tile& tile, const std::vector<int>& shifts) {
                             return column_bounds(tile, activation_max, shifts);
                           });
}

std::optional<AccOverflow> prove_rows(const QuantizedTensor& tensor, int activation_block, int array_rows,
                                      int acc_bits, int activation_max, int shift_max) {
  return overflow_of_tiles(tensor, activation_block, array_rows, acc_bits,
                           [&](Tile tile, const std::vector<int>& shifts) {
                             for (MicroBlock& block : tile.blocks)
                               block.shift = static_cast<std::uint8_t>(std::min<int>(block.shift, shift_max));
                             return row_bounds(tile, activation_max, shifts);
                           });
}

int needed_acc_bits(const QuantizedTensor& tensor, int activation_block, int array_rows, int activation_max) {
  std::int64_t largest = 0;
  each_tile(tensor, activation_block, array_rows,
            [&](const Tile& tile, std::int64_t, std::int64_t, const std::vector<int>& shifts) {
              for (const std::int64_t bound : column_bounds(tile, activation_max, shifts))
                largest = std::max(largest, bound);
              return false;
            });
  return 1 + magnitude_bits(largest);
}

int needed_output_bits(const QuantizedTensor& tensor, int activation_max) {
  std::vector<std::int64_t> sums(static_cast<std::size_t>(tensor.n_padded()), 0);
  each_tile(tensor, tensor.format.macro_block, tensor.format.macro_block,
            [&](const Tile& tile, std::int64_t, std::int64_t n0, const std::vector<int>& shifts) {
              const std::vector<std::int64_t> bounds = column_bounds(tile, activation_max, shifts);
              for (std::size_t n = 0; n < bounds.size(); ++n)
                sums[static_cast<std::size_t>(n0) + n] += bounds[n];
              return false;
            });
  // One bit is for what rounding adds.
  return 2 + magnitude_bits(*std::max_element(sums.begin(), sums.end())) + kAlignmentBits +
         factor_bits(tensor.format);
}

int derived_acc_bits(int rows, std::span<const Format> formats, int outlier_shift_max, bool with_outliers,
                     int activation_max) {
  std::int64_t largest = 0;
  for (const Format& format : formats) {
    largest = std::max<std::int64_t>(largest, std::int64_t{-qmin(format)} << format.fraction_bits);
    if (with_outliers) largest = std::max(largest, std::int64_t{outlier_max(format)} << outlier_shift_max);
  }
  return 1 + magnitude_bits(std::int64_t{rows} * activation_max * largest);
}

int derived_acc_bits(int rows, std::span<const int> modes, int outlier_shift_max, bool with_outliers,
                     int activation_max) {
  std::vector<Format> formats;
  for (const int bits : modes) formats.push_back({.bits = bits});
  return derived_acc_bits(rows, formats, outlier_shift_max, with_outliers, activation_max);
}

}  // namespace msq::golden
