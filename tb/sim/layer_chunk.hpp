#pragma once

#include <cstdint>
#include <vector>

#include "gen/arch/dimensions.hpp"
#include "golden/exec/plan.hpp"
#include "golden/tensor.hpp"
#include "tb/sim/driver.hpp"

namespace msq::tb {

/// Tiles of a layer on the core, numbered in the order they run: for each pass of tokens, each tile of
/// columns, each tile along K (fastest).
class LayerTiles {
 public:
  /// `weights` must outlive the object.
  LayerTiles(const Dimensions& d, const golden::QuantizedTensor& weights,
             const golden::QuantizedActivations& activations, int tokens_per_pass);

  [[nodiscard]] const golden::ArraySizes& array() const { return array_; }
  [[nodiscard]] int columns() const { return cut_.columns(); }
  [[nodiscard]] std::int64_t count() const { return passes_.count() * cut_.tiles(); }
  [[nodiscard]] golden::TilePlace place(std::int64_t tile) const { return cut_.place(tile % cut_.tiles()); }
  [[nodiscard]] golden::TileDemand demand(std::int64_t tile) const { return demands_.at(place(tile)); }
  /// First token of the pass of a tile, and tokens of this pass.
  [[nodiscard]] std::int64_t first_token(std::int64_t tile) const {
    return passes_.first(tile / cut_.tiles());
  }
  [[nodiscard]] int tokens(std::int64_t tile) const { return passes_.tokens(tile / cut_.tiles()); }

 private:
  golden::ArraySizes array_;
  golden::LayerCut cut_;
  golden::TensorDemands demands_;
  golden::TokenPasses passes_;
};

/// A tile of a chunk, or a part of one.
struct ChunkTile {
  std::int64_t number = 0;  ///< of the tile in the layer; parts of one tile have the same
  golden::TilePlace place;
  std::int64_t m0 = 0;                   ///< first token
  golden::Tile tile;                     ///< weights in their own row order
  std::vector<std::int8_t> activations;  ///< [tokens][array rows], in the same order
};

/// Tiles that run back to back. The array is empty before the first.
struct Chunk {
  std::int64_t first_tile = 0;
  std::vector<ChunkTile> tiles;
  std::vector<TileJob> jobs;  ///< the same tiles as the core gets them
};

/// Tiles `first` .. first + count - 1.
[[nodiscard]] Chunk make_chunk(const LayerTiles& layer, const golden::QuantizedTensor& weights,
                               const golden::QuantizedActivations& activations, std::int64_t first,
                               std::int64_t count);

}  // namespace msq::tb
