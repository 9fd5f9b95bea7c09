#include "golden/exec/tile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "golden/encoding/encoding.hpp"

namespace msq::golden {
namespace {

void require(bool condition, const char* what) {
  if (!condition) throw std::logic_error(what);
}

/// Which positions of a micro-block hold a half; a position claimed twice is an error.
Result<std::vector<bool>> half_positions(const MicroBlock& block, int micro_block) {
  std::vector<bool> used(static_cast<std::size_t>(micro_block), false);
  for (const OutlierPair& pair : block.pairs) {
    for (const int position : {int{pair.upper}, int{pair.lower}}) {
      if (position >= micro_block) {
        return Error(
            fmt::format("position {} in a permutation list, allowed 0..{}", position, micro_block - 1));
      }
      if (used[static_cast<std::size_t>(position)]) {
        return Error(fmt::format("position {} is named twice in a permutation list", position));
      }
      used[static_cast<std::size_t>(position)] = true;
    }
  }
  return used;
}

Result<> validate_block(const Tile& tile, int row, int index) {
  const MicroBlock& block = tile.block(row, index);
  const int size = tile.format.micro_block;
  const int first = index * size;
  if (block.shift > kOutlierShiftLimit) {
    return Error(fmt::format("outlier shift {}, allowed 0..{}", block.shift, kOutlierShiftLimit));
  }
  MSQ_TRY(const std::vector<bool> halves, half_positions(block, size));
  const Format& format = tile.format;
  const int most = 2 * format.sign_mask() - 1;
  for (int p = 0; p < size; ++p) {
    const std::uint8_t code = tile.code(row, first + p);
    if (code > most) return Error(fmt::format("column {}: code {}, allowed 0..{}", first + p, code, most));
    const bool half = halves[static_cast<std::size_t>(p)];
    if (!half && !is_inlier(format, code))
      return Error(fmt::format("column {}: code {} is no inlier", first + p, code));
    if (half && !is_half(format, code))
      return Error(fmt::format("column {}: code {} is no half of an outlier", first + p, code));
  }
  for (const OutlierPair& pair : block.pairs) {
    const int upper = first + pair.upper;
    const int lower = first + pair.lower;
    if (!halves_agree(format, {tile.code(row, upper), tile.code(row, lower)}))
      return Error(fmt::format("columns {} and {}: halves that do not belong together", upper, lower));
  }
  return {};
}

}  // namespace

Tile make_tile(const Format& format, int rows, int columns) {
  require(rows > 0 && columns > 0 && columns % format.micro_block == 0, "make_tile: size");
  Tile tile{format, rows, columns, {}, {}};
  tile.codes.assign(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns), 0);
  tile.blocks.resize(static_cast<std::size_t>(rows) * static_cast<std::size_t>(tile.blocks_per_row()));
  return tile;
}

Result<> validate(const Tile& tile) {
  const Format& format = tile.format;
  if (tile.rows <= 0 || tile.columns <= 0 || tile.columns % format.micro_block != 0) {
    return Error(fmt::format("tile of {} rows and {} columns, allowed: positive, columns a multiple of {}",
                             tile.rows, tile.columns, format.micro_block));
  }
  if (tile.codes.size() != tile.code_index(tile.rows, 0) ||
      tile.blocks.size() != tile.block_index(tile.rows, 0)) {
    return Error(fmt::format("tile holds {} codes and {} micro-blocks, needs {} and {}", tile.codes.size(),
                             tile.blocks.size(), tile.code_index(tile.rows, 0),
                             tile.block_index(tile.rows, 0)));
  }
  for (int row = 0; row < tile.rows; ++row) {
    for (int index = 0; index < tile.blocks_per_row(); ++index) {
      const auto ok = validate_block(tile, row, index);
      if (!ok) return Error(fmt::format("row {}, micro-block {}: {}", row, index, ok.error()));
    }
  }
  return {};
}

Tile extract_tile(const QuantizedTensor& tensor, std::int64_t k0, std::int64_t n0, int rows, int columns) {
  const int size = tensor.format.micro_block;
  require(k0 >= 0 && n0 >= 0 && n0 % size == 0, "extract_tile: position");
  Tile tile = make_tile(tensor.format, rows, columns);
  const int valid_rows = static_cast<int>(std::clamp<std::int64_t>(tensor.k - k0, 0, rows));
  // The padding columns of the last micro-block are copied too: a Lower half may live there.
  const int valid_columns = static_cast<int>(std::clamp<std::int64_t>(tensor.n_padded() - n0, 0, columns));
  for (int row = 0; row < valid_rows; ++row) {
    for (int column = 0; column < valid_columns; ++column) {
      tile.codes[tile.code_index(row, column)] = tensor.code(k0 + row, n0 + column);
    }
    for (int index = 0; index < valid_columns / size; ++index) {
      tile.blocks[tile.block_index(row, index)] = tensor.block(k0 + row, n0 / size + index);
    }
  }
  return tile;
}

Tile pad_rows(Tile tile, int rows) {
  require(rows >= tile.rows, "pad_rows: the tile is larger");
  tile.rows = rows;
  tile.codes.resize(tile.code_index(rows, 0), 0);
  tile.blocks.resize(tile.block_index(rows, 0));
  return tile;
}

std::vector<bool> flagged_rows(const Tile& tile) {
  std::vector<bool> flagged(static_cast<std::size_t>(tile.rows), false);
  for (int row = 0; row < tile.rows; ++row) {
    for (int index = 0; index < tile.blocks_per_row(); ++index) {
      if (tile.block(row, index).has_outliers()) flagged[static_cast<std::size_t>(row)] = true;
    }
  }
  return flagged;
}

Tile permute_rows(const Tile& tile, std::span<const int> order) {
  require(std::cmp_equal(order.size(), tile.rows), "permute_rows: order size");
  std::vector<bool> seen(order.size(), false);
  Tile result = make_tile(tile.format, tile.rows, tile.columns);
  for (int row = 0; row < tile.rows; ++row) {
    const int source = order[static_cast<std::size_t>(row)];
    require(source >= 0 && source < tile.rows && !seen[static_cast<std::size_t>(source)],
            "permute_rows: not a permutation");
    seen[static_cast<std::size_t>(source)] = true;
    for (int column = 0; column < tile.columns; ++column) {
      result.codes[result.code_index(row, column)] = tile.code(source, column);
    }
    for (int index = 0; index < tile.blocks_per_row(); ++index) {
      result.blocks[result.block_index(row, index)] = tile.block(source, index);
    }
  }
  return result;
}

std::vector<std::int8_t> activation_tile(const QuantizedActivations& activations, std::int64_t k0, int rows,
                                         std::int64_t m0, int tokens) {
  require(k0 >= 0 && m0 >= 0 && rows > 0 && tokens > 0, "activation_tile: range");
  std::vector<std::int8_t> result(static_cast<std::size_t>(tokens) * static_cast<std::size_t>(rows), 0);
  for (int token = 0; token < tokens && m0 + token < activations.m; ++token) {
    for (int row = 0; row < rows && k0 + row < activations.k; ++row) {
      result[static_cast<std::size_t>(token) * static_cast<std::size_t>(rows) +
             static_cast<std::size_t>(row)] =
          activations.values[static_cast<std::size_t>((m0 + token) * activations.k + k0 + row)];
    }
  }
  return result;
}

std::vector<std::int8_t> permute_activations(std::span<const std::int8_t> activations,
                                             std::span<const int> order) {
  require(!order.empty() && activations.size() % order.size() == 0, "permute_activations: size");
  std::vector<std::int8_t> result(activations.size());
  for (std::size_t first = 0; first < activations.size(); first += order.size()) {
    for (std::size_t row = 0; row < order.size(); ++row) {
      result[first + row] = activations[first + static_cast<std::size_t>(order[row])];
    }
  }
  return result;
}

int largest_shift(const QuantizedTensor& tensor) {
  int largest = 0;
  for (const MicroBlock& block : tensor.blocks) {
    if (block.has_outliers()) largest = std::max(largest, int{block.shift});
  }
  return largest;
}

namespace {

/// Cuts k rows into ranges of at most `array_rows` that cross no multiple of any of `blocks`.
std::vector<RowRange> split_at(std::int64_t k, std::span<const int> blocks, int array_rows) {
  require(array_rows > 0, "split_rows: sizes");
  std::vector<RowRange> ranges;
  for (std::int64_t k0 = 0; k0 < k;) {
    std::int64_t end = std::min(k0 + array_rows, k);
    for (const int block : blocks) end = std::min(end, (k0 / block + 1) * block);
    ranges.push_back({k0, static_cast<int>(end - k0)});
    k0 = end;
  }
  return ranges;
}

}  // namespace

std::vector<RowRange> split_rows(std::int64_t k, int block, int array_rows) {
  require(block > 0, "split_rows: sizes");
  return split_at(k, std::array{block}, array_rows);
}

std::vector<RowRange> split_rows(const QuantizedTensor& tensor, int activation_block, int array_rows) {
  require(activation_block > 0, "split_rows: sizes");
  if (tensor.axis != Axis::reduction) return split_rows(tensor.k, activation_block, array_rows);
  return split_at(tensor.k, std::array{activation_block, tensor.format.macro_block}, array_rows);
}

}  // namespace msq::golden
