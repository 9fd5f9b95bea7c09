#pragma once

#include <span>
#include <utility>
#include <vector>

#include "golden/exec/outlier_planner.hpp"

namespace msq::golden {

/// Where the rows of a tile change places to shorten its initiation interval.
enum class Reordering {
  never,         ///< the array has no permuter, or a unit for each row
  for_interval,  ///< in passes of more than one token; a single token has no interval
  always         ///< the order is free, as on the core without its streams
};

struct ReconSizes {
  int units = 1;  ///< ReCoN units, a divisor of the rows
  int lead = 0;   ///< latency of ReCoN, in cycles
  Reordering reordering = Reordering::never;
};

/// Plan of outlier path `recon`: rows with outliers share the ReCoN units of their bands in time.
class ReconPlanner final : public OutlierPlanner {
 public:
  ReconPlanner(const ReconSizes& sizes, int rows) : sizes_(sizes), rows_(rows) {}

  [[nodiscard]] std::vector<TilePart> parts(const TileDemand& tile, int tokens) const override {
    const std::vector<bool> flagged = flagged_rows(tile.outliers);
    TilePart part{reorders(tokens) ? order_rows(flagged, sizes_.units) : natural_order(rows_),
                  tile.outliers,
                  std::vector<bool>(flagged.size(), true),
                  {}};
    part.flagged = permute_flags(flagged, part.order);
    part.initiation_interval = initiation_interval(part.flagged, sizes_.units, tokens);
    return {std::move(part)};
  }

  [[nodiscard]] std::vector<int> launch_gaps(std::span<const TilePart* const> sequence,
                                             std::span<const int> tokens) const override {
    std::vector<TileRun> runs;
    std::vector<int> intervals;
    for (std::size_t i = 0; i < sequence.size(); ++i) {
      runs.push_back({sequence[i]->flagged, tokens[i]});
      intervals.push_back(sequence[i]->initiation_interval);
    }
    return golden::launch_gaps(runs, intervals, sizes_.units, sizes_.lead);
  }

 private:
  [[nodiscard]] bool reorders(int tokens) const {
    return sizes_.reordering == Reordering::always ||
           (sizes_.reordering == Reordering::for_interval && tokens > 1);
  }

  ReconSizes sizes_;
  int rows_;
};

}  // namespace msq::golden
