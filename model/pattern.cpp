#include "model/pattern.hpp"

#include <algorithm>
#include <random>

namespace msq::model {
namespace {

/// Tiles along K end at boundaries of activation blocks (numerics.md), which are as long as the longest
/// macro-block.
constexpr int kActivationBlock = 128;

}  // namespace

TilePattern::TilePattern(int rows, int blocks)
    : TilePattern(golden::TileDemand{{golden::no_outliers(rows, blocks), {}}, {}}) {}

void TilePattern::set(int row, int block, bool outlier) {
  // Lanes of neighbours differ; four is the smallest micro-block.
  const int lane = (row + 3 * block + row / 4) % 4;
  set_lanes(row, block, static_cast<std::uint16_t>(outlier ? 1 << lane : 0));
}

std::vector<bool> TilePattern::flagged_rows() const { return golden::flagged_rows(lanes()); }

std::vector<bool> TilePattern::column(int block) const {
  std::vector<bool> flagged;
  flagged.reserve(static_cast<std::size_t>(rows()));
  for (int row = 0; row < rows(); ++row) flagged.push_back(at(row, block));
  return flagged;
}

int TilePattern::entries() const {
  const auto count = [](const golden::OutlierLanes& of) {
    return std::count_if(of.lanes.begin(), of.lanes.end(), [](std::uint16_t lanes) { return lanes != 0; });
  };
  auto all = count(demand_.outliers);
  for (const golden::RaisedOutliers& raised : demand_.raised) all += count(raised.outliers);
  return static_cast<int>(all);
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

std::vector<TilePattern> layer_patterns(const golden::ArraySizes& array,
                                        const golden::QuantizedTensor& tensor, std::int64_t limit) {
  const golden::LayerCut cut(array, tensor, kActivationBlock);
  std::vector<TilePattern> patterns;
  const golden::TensorDemands demands(array, tensor, cut);
  for (std::int64_t tile = 0; tile < std::min(limit, cut.tiles()); ++tile)
    patterns.emplace_back(demands.at(cut.place(tile)));
  return patterns;
}

}  // namespace msq::model
