#include "golden/exec/plan.hpp"

#include <algorithm>
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

/// @param tile without padding.
TileDemand demand_of(const ArraySizes& array, const Tile& tile, std::span<const int> row_shifts) {
  const int places = array.places(tile.format.bits);
  TileDemand demand{outlier_lanes(pad_rows(tile, places)), sum_groups(tile, array.sums, row_shifts)};
  if (!demand.groups.empty()) demand.groups.resize(static_cast<std::size_t>(places), 0);
  return demand;
}

}  // namespace

TensorDemands::TensorDemands(const ArraySizes& array, const QuantizedTensor& tensor, const LayerCut& cut)
    : array_(array), tensor_(&tensor) {
  if (array.sums.limits() && tensor.axis == Axis::output) alignment_.emplace(tensor, cut.ranges());
}

TileDemand TensorDemands::at(const TilePlace& place) const {
  if (!array_.sums.limits()) return {outliers_at(array_, *tensor_, place), {}};
  const Tile tile = extract_tile(*tensor_, place.rows.k0, place.n0, place.rows.rows, place.columns);
  return demand_of(array_, tile,
                   alignment_ ? alignment_->row_shifts(place.range, place.n0) : std::vector<int>{});
}

Tile weights_of(const Tile& tile, const PlannedTile& planned) {
  if (planned.first && !planned.more) return tile;
  return part_of(tile, planned.part.outliers, planned.part.inliers);
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
    std::vector<PlannedTile> plan;
    plan_tile(*array.planner, demand_of(array, tile, row_shifts), 0, 1, plan);
    std::vector<Tile> tiles;
    for (const PlannedTile& planned : plan) tiles.push_back(weights_of(tile, planned));
    return tiles;
  };
  return gemm(weights, activations, places, array.columns(weights.format.bits), split);
}

}  // namespace msq::golden
