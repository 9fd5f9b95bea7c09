#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "golden/exec/mapping.hpp"
#include "golden/exec/plan.hpp"
#include "golden/tensor.hpp"

namespace msq::model {

/// Where the outliers of a tile are, and which rows fit the sums together: all that schedule, mapping and
/// metadata stream see of the weights.
class TilePattern {
 public:
  /// No outliers. @param rows of the array, @param blocks micro-blocks of a row.
  TilePattern(int rows, int blocks);
  explicit TilePattern(golden::TileDemand demand) : demand_(std::move(demand)) {}

  [[nodiscard]] int rows() const { return lanes().rows; }
  [[nodiscard]] int blocks() const { return lanes().blocks; }
  /// Whether a micro-block holds outliers.
  [[nodiscard]] bool at(int row, int block) const { return lanes().at(row, block) != 0; }
  /// One outlier, in a lane that follows from its place, or none.
  void set(int row, int block, bool outlier);
  /// Outliers at the positions p of which bit p of `lanes` is set.
  void set_lanes(int row, int block, std::uint16_t lanes) { demand_.outliers.at(row, block) = lanes; }
  [[nodiscard]] const golden::OutlierLanes& lanes() const { return demand_.outliers; }
  [[nodiscard]] const golden::TileDemand& demand() const { return demand_; }

  /// [rows]: whether any micro-block of the row holds an outlier.
  [[nodiscard]] std::vector<bool> flagged_rows() const;
  /// [rows]: whether micro-block `block` of the row does.
  [[nodiscard]] std::vector<bool> column(int block) const;
  /// Micro-blocks with outliers.
  [[nodiscard]] int entries() const;

 private:
  golden::TileDemand demand_;
};

/// Tiles in which every micro-block holds outliers with probability `rate` (0..1), independently. The same
/// seed gives the same tiles on every machine, and the tiles with a lower rate are subsets of those with a
/// higher one.
[[nodiscard]] std::vector<TilePattern> random_patterns(int tiles, int rows, int blocks, double rate,
                                                       std::uint64_t seed);

/// The tiles of a layer in the order they run: for each tile of columns, each tile along K (fastest).
/// @param limit maximum number of tiles, the first ones.
[[nodiscard]] std::vector<TilePattern> layer_patterns(const golden::ArraySizes& array,
                                                      const golden::QuantizedTensor& tensor,
                                                      std::int64_t limit);

}  // namespace msq::model
