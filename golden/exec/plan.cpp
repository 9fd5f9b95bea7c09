#include "golden/exec/plan.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace msq::golden {

LayerCut::LayerCut(const ArraySizes& array, const QuantizedTensor& tensor, int activation_block)
    : ranges_(split_rows(tensor, activation_block, array.places(tensor.format.bits))),
      n_(tensor.n),
      columns_(array.columns(tensor.format.bits)),
      most_rows_(std::min(array.places(tensor.format.bits), activation_block)) {
  if (tensor.axis == Axis::reduction) most_rows_ = std::min(most_rows_, tensor.format.macro_block);
}

LayerCut::LayerCut(const ArraySizes& array, std::int64_t k, std::int64_t n, int bits, int block)
    : ranges_(split_rows(k, block, array.places(bits))),
      n_(n),
      columns_(array.columns(bits)),
      most_rows_(std::min(array.places(bits), block)) {}

TilePlace LayerCut::place(std::int64_t tile) const {
  const auto range = static_cast<std::size_t>(tile % k_tiles());
  return {range, ranges_[range], tile / k_tiles() * columns_, columns_};
}

Tile tile_at(const ArraySizes& array, const QuantizedTensor& tensor, const TilePlace& place) {
  // Rows beyond the range belong to the next tile, or to none: they are padding.
  return pad_rows(extract_tile(tensor, place.rows.k0, place.n0, place.rows.rows, place.columns),
                  array.places(tensor.format.bits));
}

namespace {

OutlierLanes outliers_at(const ArraySizes& array, const QuantizedTensor& tensor, const TilePlace& place) {
  const int micro_block = tensor.format.micro_block;
  OutlierLanes lanes = no_outliers(array.places(tensor.format.bits), place.columns / micro_block);
  const std::int64_t first = place.n0 / micro_block;
  const auto blocks = static_cast<int>(std::min<std::int64_t>(lanes.blocks, tensor.blocks_per_row() - first));
  for (int row = 0; row < place.rows.rows; ++row) {
    for (int block = 0; block < blocks; ++block)
      lanes.at(row, block) = outlier_lanes(tensor.block(place.rows.k0 + row, first + block));
  }
  return lanes;
}

/// Outliers of a tile by how far their shift is beyond the largest of the array; 0, always there, has those
/// within it.
std::map<int, OutlierLanes> by_excess(const Tile& tile, int shift_max) {
  const OutlierLanes none = no_outliers(tile.rows, tile.blocks_per_row());
  std::map<int, OutlierLanes> lanes = {{0, none}};
  for (int row = 0; row < tile.rows; ++row) {
    for (int index = 0; index < tile.blocks_per_row(); ++index) {
      const MicroBlock& block = tile.block(row, index);
      if (!block.has_outliers()) continue;
      const int excess = std::max(0, block.shift - shift_max);
      lanes.try_emplace(excess, none).first->second.at(row, index) = outlier_lanes(block);
    }
  }
  return lanes;
}

/// @param tile padded to the places of the array, as `row_shifts`.
TileDemand demand_of(const ArraySizes& array, const Tile& tile, std::span<const int> row_shifts) {
  TileDemand demand;
  const std::map<int, OutlierLanes> layers = by_excess(tile, array.sums.shift_max);
  for (const auto& [excess, outliers] : layers) {
    const std::vector<bool> inliers(static_cast<std::size_t>(tile.rows), excess == 0);
    // A tile of one layer is that layer.
    OutlierDemand layer{outliers, layers.size() == 1 ? sum_groups(tile, array.sums, row_shifts)
                                                     : sum_groups(part_of(tile, outliers, inliers, excess),
                                                                  array.sums, row_shifts)};
    if (excess > 0)
      demand.raised.push_back({std::move(layer), excess});
    else
      static_cast<OutlierDemand&>(demand) = std::move(layer);
  }
  return demand;
}

/// Shifts of the rows of a tile along K, none for its padding; empty on axis `reduction`.
std::vector<int> padded_shifts(std::vector<int> shifts, int places) {
  if (!shifts.empty()) shifts.resize(static_cast<std::size_t>(places), 0);
  return shifts;
}

}  // namespace

TensorDemands::TensorDemands(const ArraySizes& array, const QuantizedTensor& tensor, const LayerCut& cut)
    : array_(array), tensor_(&tensor) {
  if (array.sums.limits() && tensor.axis == Axis::output) alignment_.emplace(tensor, cut.ranges());
}

TileDemand TensorDemands::at(const TilePlace& place) const {
  if (!array_.sums.limits()) return {{outliers_at(array_, *tensor_, place), {}}, {}};
  std::vector<int> shifts;
  if (alignment_)
    shifts =
        padded_shifts(alignment_->row_shifts(place.range, place.n0), array_.places(tensor_->format.bits));
  return demand_of(array_, tile_at(array_, *tensor_, place), shifts);
}

Tile weights_of(const Tile& tile, const PlannedTile& planned) {
  if (planned.first && !planned.more) return tile;
  return part_of(tile, planned.part.outliers, planned.part.inliers, planned.part.excess);
}

void plan_tile(const OutlierPlanner& planner, const TileDemand& demand, std::int64_t number, int tokens,
               std::vector<PlannedTile>& plan) {
  std::vector<TilePart> parts = planner.parts(demand, tokens);
  for (std::size_t i = 0; i < parts.size(); ++i)
    plan.push_back({number, tokens, std::move(parts[i]), 1, i == 0, i + 1 < parts.size()});
}

void set_launch_gaps(const OutlierPlanner& planner, std::span<PlannedTile> plan) {
  std::vector<const TilePart*> sequence;
  std::vector<int> tokens;
  for (const PlannedTile& tile : plan) {
    sequence.push_back(&tile.part);
    tokens.push_back(tile.tokens);
  }
  const std::vector<int> gaps = planner.launch_gaps(sequence, tokens);
  for (std::size_t i = 0; i < plan.size(); ++i) plan[i].launch_gap = gaps[i];
}

std::vector<PlannedTile> plan_passes(const OutlierPlanner& planner, std::span<const TileDemand> tiles,
                                     const TokenPasses& passes) {
  std::vector<PlannedTile> plan;
  std::size_t before = 0;  // first tile of the pass before
  for (std::int64_t pass = 0; pass < passes.count(); ++pass) {
    const int tokens = passes.tokens(pass);
    const std::size_t first = plan.size();
    if (pass > 0 && tokens == passes.tokens(pass - 1)) {
      for (std::size_t i = before; i < first; ++i) plan.push_back(PlannedTile(plan[i]));
    } else {
      for (std::size_t i = 0; i < tiles.size(); ++i)
        plan_tile(planner, tiles[i], static_cast<std::int64_t>(i), tokens, plan);
    }
    before = first;
  }
  set_launch_gaps(planner, plan);
  return plan;
}

TileCount count_tiles(const ArraySizes& array, const QuantizedTensor& tensor, int activation_block) {
  const LayerCut cut(array, tensor, activation_block);
  TileCount count{cut.tiles(), 0};
  if (!array.planner->splits_tiles()) return count;
  const TensorDemands demands(array, tensor, cut);
  for (std::int64_t tile = 0; tile < cut.tiles(); ++tile)
    count.extra += std::ssize(array.planner->parts(demands.at(cut.place(tile)), 1)) - 1;
  return count;
}

Result<GemmResult> gemm(const ArraySizes& array, const QuantizedTensor& weights,
                        const QuantizedActivations& activations) {
  const int places = array.places(weights.format.bits);
  if (!array.planner->splits_tiles()) return gemm(weights, activations, places);
  const auto split = [&](const Tile& tile, std::span<const int> row_shifts) {
    const std::vector<int> shifts = padded_shifts({row_shifts.begin(), row_shifts.end()}, places);
    std::vector<PlannedTile> plan;
    plan_tile(*array.planner, demand_of(array, pad_rows(tile, places), shifts), 0, 1, plan);
    std::vector<Tile> tiles;
    for (const PlannedTile& planned : plan) tiles.push_back(weights_of(tile, planned));
    return tiles;
  };
  return gemm(weights, activations, places, array.columns(weights.format.bits), split);
}

}  // namespace msq::golden
