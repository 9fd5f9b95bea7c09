#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "golden/exec/accumulate.hpp"
#include "golden/exec/outlier_planner.hpp"
#include "golden/exec/tile.hpp"
#include "golden/tensor.hpp"
#include "support/result.hpp"

namespace msq::golden {

// The plan of a layer: cut into tiles, mapped and split by the outlier path, ordered and scheduled. Stream
// packer, simulation of the core, `fit` and cycle model take the tiles from here.

/// Properties of an array that decide a plan.
struct ArraySizes {
  int rows = 8;            ///< physical rows
  int cols = 8;            ///< physical columns
  int mode2_columns = 1;   ///< logical columns of a PE with codes of 2 bits: 1, or 2
  PlannerPointer planner;  ///< of the outlier path
  SumLimits sums;          ///< tiles beyond them are split; only where the planner splits tiles

  /// Logical columns of a tile with codes of `bits` bits.
  [[nodiscard]] int columns(int bits) const { return bits == 2 ? cols * mode2_columns : cols; }
  /// Logical rows (places of K) of such a tile.
  [[nodiscard]] int places(int bits) const { return bits == 2 ? rows * (2 / mode2_columns) : rows; }
};

/// M tokens in passes: a loaded tile is used for the tokens of one pass.
struct TokenPasses {
  std::int64_t m = 1;
  int tokens_per_pass = 1;  ///< >= 1

  [[nodiscard]] std::int64_t count() const { return (m + tokens_per_pass - 1) / tokens_per_pass; }
  /// First token of a pass.
  [[nodiscard]] std::int64_t first(std::int64_t pass) const { return pass * tokens_per_pass; }
  /// Tokens of a pass; the last one may have fewer.
  [[nodiscard]] int tokens(std::int64_t pass) const {
    return static_cast<int>(std::min<std::int64_t>(tokens_per_pass, m - first(pass)));
  }
};

/// Place of a tile in its tensor.
struct TilePlace {
  std::size_t range = 0;  ///< tile along K
  RowRange rows;
  std::int64_t n0 = 0;  ///< first column
  int columns = 0;      ///< logical columns; some may be beyond N
};

/// A tensor cut into tiles, numbered in the order they run: for each tile of columns, each tile along K.
class LayerCut {
 public:
  LayerCut(const ArraySizes& array, const QuantizedTensor& tensor, int activation_block);
  /// A layer of which only the shape is known: K x N codes of `bits` bits, whose scales change every `block`
  /// rows.
  LayerCut(const ArraySizes& array, std::int64_t k, std::int64_t n, int bits, int block);

  [[nodiscard]] const std::vector<RowRange>& ranges() const { return ranges_; }
  [[nodiscard]] int columns() const { return columns_; }  ///< logical columns of a tile
  /// Rows of a tile along K of full height.
  [[nodiscard]] int most_rows() const { return most_rows_; }
  [[nodiscard]] std::int64_t k_tiles() const { return static_cast<std::int64_t>(ranges_.size()); }
  [[nodiscard]] std::int64_t column_tiles() const { return (n_ + columns_ - 1) / columns_; }
  [[nodiscard]] std::int64_t tiles() const { return k_tiles() * column_tiles(); }
  [[nodiscard]] TilePlace place(std::int64_t tile) const;

 private:
  std::vector<RowRange> ranges_;
  std::int64_t n_;
  int columns_;
  int most_rows_;
};

/// Weights of a tile, padded to the rows of the array.
[[nodiscard]] Tile tile_at(const ArraySizes& array, const QuantizedTensor& tensor, const TilePlace& place);

/// Demands of the tiles of a tensor.
class TensorDemands {
 public:
  /// `tensor` must outlive the object.
  TensorDemands(const ArraySizes& array, const QuantizedTensor& tensor, const LayerCut& cut);
  [[nodiscard]] TileDemand at(const TilePlace& place) const;

 private:
  ArraySizes array_;
  const QuantizedTensor* tensor_;
  std::optional<WeightAlignment> alignment_;  ///< where sums are limited and rows shifted
};

/// A tile, or a part of one, as the array runs it.
struct PlannedTile {
  std::int64_t tile = 0;  ///< number in the cut; parts of one tile have the same
  int tokens = 1;
  TilePart part;
  int launch_gap = 1;
  bool first = true;  ///< first part of its tile
  bool more = false;  ///< the next part is of the same tile
};

/// Order and timing of a part, as sent to the hardware.
[[nodiscard]] inline TileSchedule schedule_of(const PlannedTile& planned) {
  return {planned.part.order, planned.part.initiation_interval, planned.launch_gap};
}
/// The weights of a part, in the tile's own row order. @param tile tile_at() the place of the part.
[[nodiscard]] Tile weights_of(const Tile& tile, const PlannedTile& planned);

/// Appends the parts of a tile, without gaps.
void plan_tile(const OutlierPlanner& planner, const TileDemand& demand, std::int64_t number, int tokens,
               std::vector<PlannedTile>& plan);
/// Sets the gap of every part of a sequence that finds the array empty.
void set_launch_gaps(const OutlierPlanner& planner, std::span<PlannedTile> plan);
/// Every pass of a job, scheduled through all of them. @param tiles of a pass.
[[nodiscard]] std::vector<PlannedTile> plan_passes(const OutlierPlanner& planner,
                                                   std::span<const TileDemand> tiles,
                                                   const TokenPasses& passes);

struct TileCount {
  std::int64_t tiles = 0;  ///< of a pass
  std::int64_t extra = 0;  ///< further parts of these tiles
};
[[nodiscard]] TileCount count_tiles(const ArraySizes& array, const QuantizedTensor& tensor,
                                    int activation_block);

/// Golden result of a layer on this array: every part of a split tile is aligned and added by itself. Errors
/// as gemm() of an array that splits no tiles.
[[nodiscard]] Result<GemmResult> gemm(const ArraySizes& array, const QuantizedTensor& weights,
                                      const QuantizedActivations& activations);

}  // namespace msq::golden
