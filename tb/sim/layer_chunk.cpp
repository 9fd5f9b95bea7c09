#include "tb/sim/layer_chunk.hpp"

#include <algorithm>
#include <utility>

#include "tb/host/array_sizes.hpp"

namespace msq::tb {
namespace {

using golden::QuantizedActivations;
using golden::QuantizedTensor;

/// Activations [tokens][places] of a tile; zero beyond its rows.
std::vector<std::int8_t> padded_activations(const QuantizedActivations& activations, int places,
                                            const golden::RowRange& rows, std::int64_t m0, int tokens) {
  std::vector<std::int8_t> x(static_cast<std::size_t>(tokens) * static_cast<std::size_t>(places));
  const auto own = golden::activation_tile(activations, rows.k0, rows.rows, m0, tokens);
  for (int token = 0; token < tokens; ++token) {
    std::copy_n(own.begin() + static_cast<std::ptrdiff_t>(token) * rows.rows, rows.rows,
                x.begin() + static_cast<std::ptrdiff_t>(token) * places);
  }
  return x;
}

}  // namespace

LayerTiles::LayerTiles(const Dimensions& d, const QuantizedTensor& weights,
                       const QuantizedActivations& activations, int tokens_per_pass)
    : array_(core_sizes(d)),
      cut_(array_, weights, activations.block),
      demands_(array_, weights, cut_),
      passes_{activations.m, tokens_per_pass} {}

Chunk make_chunk(const LayerTiles& layer, const QuantizedTensor& weights,
                 const QuantizedActivations& activations, std::int64_t first, std::int64_t count) {
  const golden::ArraySizes& array = layer.array();
  std::vector<golden::PlannedTile> plan;
  for (std::int64_t tile = first; tile < first + count; ++tile) {
    golden::plan_tile(*array.planner, layer.demand(tile), tile, layer.tokens(tile), plan);
  }
  golden::set_launch_gaps(*array.planner, plan);

  Chunk chunk{first, {}, {}};
  for (const golden::PlannedTile& planned : plan) {
    ChunkTile& t = chunk.tiles.emplace_back();
    t.number = planned.tile;
    t.place = layer.place(planned.tile);
    t.m0 = layer.first_token(planned.tile);
    t.tile = golden::weights_of(golden::tile_at(array, weights, t.place), planned);
    t.activations = padded_activations(activations, t.tile.rows, t.place.rows, t.m0, planned.tokens);
    chunk.jobs.push_back(make_job(t.tile, golden::schedule_of(planned), planned.tokens, t.activations));
  }
  return chunk;
}

}  // namespace msq::tb
