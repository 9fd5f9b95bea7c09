#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "gen/config/config.hpp"
#include "golden/encoding/encoding.hpp"
#include "golden/exec/tile.hpp"
#include "tb/sim/driver.hpp"

namespace msq::tests {

/// Random legal work for a core, biased to corners: outliers at every position and count, minus-zero halves
/// (full_range: halves all zeros and ones, the least weight), r at both ends, extreme and zero activations,
/// flagged first / last / adjacent / all rows, one token and many.
class RandomGemm {
 public:
  RandomGemm(const Config& config, std::uint32_t seed) : config_(config), random_(seed) {}

  /// A legal tile of one of the array's modes; without outliers on path none. Fits the configuration's sums,
  /// on a path that splits tiles each row of it.
  golden::Tile tile();
  /// Activations [tokens][rows of the tile].
  std::vector<std::int8_t> activations(const golden::Tile& tile, int tokens);
  /// Tiles that follow each other without a break, scheduled: half of the sequences in the mapper's row
  /// order, half in natural order.
  std::vector<tb::TileJob> sequence(int tiles);
  /// Stalls of the input streams: often none.
  tb::Stalls stalls();

 private:
  int between(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  bool chance(int percent) { return between(1, 100) <= percent; }
  int token_count();
  /// For outlier paths that split tiles: each tile as the planner splits it.
  std::vector<tb::TileJob> split_sequence(int tiles);
  /// Shuffles the bands of an order, and the rows inside each.
  void shuffle_bands(std::vector<int>& order);
  golden::Tile draw_tile();
  [[nodiscard]] bool fits(const golden::Tile& tile) const;
  golden::Halves draw_outlier(const golden::Format& format);
  std::vector<bool> choose_flagged(int rows);
  void fill_block(golden::Tile& tile, int row, int block, int outliers);

  Config config_;
  std::mt19937 random_;
};

}  // namespace msq::tests
