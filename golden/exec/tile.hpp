#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "golden/format.hpp"
#include "golden/tensor.hpp"
#include "support/result.hpp"

namespace msq::golden {

/// The weights one load of the array holds: `rows` positions of the dot product, `columns` logical outputs.
/// Row and column indices count inside the tile; scales are not part of it.
struct Tile {
  Format format;
  int rows = 0;
  int columns = 0;                  ///< a multiple of format.micro_block
  std::vector<std::uint8_t> codes;  ///< [rows][columns]
  std::vector<MicroBlock> blocks;   ///< [rows][blocks_per_row()]

  [[nodiscard]] int blocks_per_row() const { return columns / format.micro_block; }
  [[nodiscard]] std::size_t code_index(int row, int column) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns) +
           static_cast<std::size_t>(column);
  }
  [[nodiscard]] std::size_t block_index(int row, int block) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(blocks_per_row()) +
           static_cast<std::size_t>(block);
  }
  [[nodiscard]] std::uint8_t code(int row, int column) const { return codes[code_index(row, column)]; }
  [[nodiscard]] const MicroBlock& block(int row, int index) const { return blocks[block_index(row, index)]; }
  friend bool operator==(const Tile&, const Tile&) = default;
};

/// A tile of zero weights.
[[nodiscard]] Tile make_tile(const Format& format, int rows, int columns);

/// Checks sizes, code range, that codes are inliers or halves, pairs inside the micro-block at distinct
/// positions, halves that belong together, shift 0..kOutlierShiftLimit. Routability is not checked. The
/// message names row, column and value.
[[nodiscard]] Result<> validate(const Tile& tile);

/// Rows k0..k0+rows-1 and columns n0..n0+columns-1 of a tensor; n0 and columns are multiples of the
/// micro-block. Rows beyond K and micro-blocks beyond N are code 0 without outliers.
[[nodiscard]] Tile extract_tile(const QuantizedTensor& tensor, std::int64_t k0, std::int64_t n0, int rows,
                                int columns);

/// The tile with zero rows appended up to `rows`.
[[nodiscard]] Tile pad_rows(Tile tile, int rows);

/// [rows]: whether a row holds at least one outlier.
[[nodiscard]] std::vector<bool> flagged_rows(const Tile& tile);

/// Physical row r of the result holds row order[r] of `tile`; order is a permutation of the rows.
[[nodiscard]] Tile permute_rows(const Tile& tile, std::span<const int> order);

/// Activations X[m0..m0+tokens-1][k0..k0+rows-1] as [tokens][rows]; zero beyond M and K.
[[nodiscard]] std::vector<std::int8_t> activation_tile(const QuantizedActivations& activations,
                                                       std::int64_t k0, int rows, std::int64_t m0,
                                                       int tokens);

/// The activations [tokens][rows] that belong to permute_rows(tile, order).
[[nodiscard]] std::vector<std::int8_t> permute_activations(std::span<const std::int8_t> activations,
                                                           std::span<const int> order);

/// Largest shift of a micro-block with outliers; 0 if there is none.
[[nodiscard]] int largest_shift(const QuantizedTensor& tensor);

/// Rows k0..k0+rows-1 of a tensor that form one tile along K.
struct RowRange {
  std::int64_t k0 = 0;
  int rows = 0;
  friend bool operator==(const RowRange&, const RowRange&) = default;
};

/// Cuts K into tiles of at most `array_rows` rows that never cross a multiple of `block`.
[[nodiscard]] std::vector<RowRange> split_rows(std::int64_t k, int block, int array_rows);

/// Cuts K into tiles of at most `array_rows` rows that never cross a boundary of a macro-block (axis
/// `reduction`) or of an activation block, so that every tile has one weight and one activation scale per
/// output.
[[nodiscard]] std::vector<RowRange> split_rows(const QuantizedTensor& tensor, int activation_block,
                                               int array_rows);

}  // namespace msq::golden
