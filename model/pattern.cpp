#include "model/pattern.hpp"

#include <algorithm>
#include <random>

#include "golden/exec/tile.hpp"

namespace msq::model {
namespace {

/// Tiles along K end at boundaries of activation blocks (docs/numerics.md), which are as long as the longest
/// macro-block.
constexpr int kActivationBlock = 128;

TilePattern layer_pattern(const golden::QuantizedTensor& tensor, const golden::RowRange& range,
                          std::int64_t first_block, int rows, int blocks) {
  TilePattern pattern(rows, blocks);
  for (int row = 0; row < range.rows; ++row) {
    for (int block = 0; block < blocks && first_block + block < tensor.blocks_per_row(); ++block) {
      unsigned lanes = 0;
      for (const auto& pair : tensor.block(range.k0 + row, first_block + block).pairs)
        lanes |= 1U << pair.upper;
      pattern.set_lanes(row, block, static_cast<std::uint16_t>(lanes));
    }
  }
  return pattern;
}

}  // namespace

TilePattern::TilePattern(int rows, int blocks)
    : rows_(rows),
      blocks_(blocks),
      lanes_{
          rows, blocks,
          std::vector<std::uint16_t>(static_cast<std::size_t>(rows) * static_cast<std::size_t>(blocks), 0)} {}

void TilePattern::set(int row, int block, bool outlier) {
  // Lanes of neighbours differ; four is the smallest micro-block.
  const int lane = (row + 3 * block + row / 4) % 4;
  set_lanes(row, block, static_cast<std::uint16_t>(outlier ? 1 << lane : 0));
}

std::vector<bool> TilePattern::flagged_rows() const {
  std::vector<bool> flagged(static_cast<std::size_t>(rows_), false);
  for (int row = 0; row < rows_; ++row) {
    for (int block = 0; block < blocks_; ++block) {
      if (at(row, block)) flagged[static_cast<std::size_t>(row)] = true;
    }
  }
  return flagged;
}

std::vector<bool> TilePattern::column(int block) const {
  std::vector<bool> flagged;
  flagged.reserve(static_cast<std::size_t>(rows_));
  for (int row = 0; row < rows_; ++row) flagged.push_back(at(row, block));
  return flagged;
}

int TilePattern::entries() const {
  return static_cast<int>(std::count_if(lanes_.lanes.begin(), lanes_.lanes.end(),
                                        [](std::uint16_t lanes) { return lanes != 0; }));
}

std::vector<TilePattern> random_patterns(int tiles, int rows, int blocks, double rate, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<TilePattern> patterns;
  for (int tile = 0; tile < tiles; ++tile) {
    TilePattern& pattern = patterns.emplace_back(rows, blocks);
    for (int row = 0; row < rows; ++row) {
      for (int block = 0; block < blocks; ++block) {
        // 53 random bits as a fraction: std::bernoulli_distribution differs between libraries.
        pattern.set(row, block, static_cast<double>(random() >> 11) * 0x1p-53 < rate);
      }
    }
  }
  return patterns;
}

std::vector<TilePattern> layer_patterns(const golden::QuantizedTensor& tensor, int rows, int columns,
                                        std::int64_t limit) {
  const auto ranges = golden::split_rows(tensor, kActivationBlock, rows);
  const int blocks = columns / tensor.format.micro_block;
  std::vector<TilePattern> patterns;
  for (std::int64_t first = 0; first < tensor.blocks_per_row(); first += blocks) {
    for (const golden::RowRange& range : ranges) {
      if (static_cast<std::int64_t>(patterns.size()) == limit) return patterns;
      patterns.push_back(layer_pattern(tensor, range, first, rows, blocks));
    }
  }
  return patterns;
}

}  // namespace msq::model
