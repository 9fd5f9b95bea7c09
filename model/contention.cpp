#include "model/contention.hpp"

#include <algorithm>

namespace msq::model {
namespace {

using Sequence = std::vector<golden::TileRun>;

Sequence row_runs(const std::vector<TilePattern>& tiles, int tokens) {
  Sequence runs;
  for (const TilePattern& tile : tiles) runs.push_back({tile.flagged_rows(), tokens});
  return runs;
}

Sequence column_runs(const std::vector<TilePattern>& tiles, int block, int tokens) {
  Sequence runs;
  for (const TilePattern& tile : tiles) runs.push_back({tile.column(block), tokens});
  return runs;
}

void add(ContentionCount& count, const ArbitrationRun& run) {
  count.cycles += run.cycles;
  count.accesses += run.accesses;
  count.waited += run.busy;
}

ContentionCount arbitrate_rows(const ContentionLoad& load, int tokens, const ArbitrationSetup& setup) {
  ContentionCount count;
  for (const auto& tiles : load.sequences) add(count, simulate_arbitration(row_runs(tiles, tokens), setup));
  return count;
}

/// Columns of micro-blocks run apart; a sequence takes as long as its slowest one.
ContentionCount arbitrate_blocks(const ContentionLoad& load, int tokens, const ArbitrationSetup& setup) {
  ContentionCount count;
  for (const auto& tiles : load.sequences) {
    ContentionCount columns;
    std::int64_t slowest = 0;
    for (int block = 0; block < tiles.front().blocks(); ++block) {
      const ArbitrationRun run = simulate_arbitration(column_runs(tiles, block, tokens), setup);
      add(columns, run);
      slowest = std::max(slowest, run.cycles);
    }
    count.cycles += slowest;
    count.accesses += columns.accesses;
    count.waited += columns.waited;
  }
  return count;
}

ContentionPoint measure(const ContentionLoad& load, CoreTiming timing, int tokens, int units,
                        int recon_latency) {
  ContentionPoint point;
  point.tokens = tokens;
  point.units = units;
  timing.units = units;
  double intervals = 0;
  std::size_t tiles = 0;
  for (const auto& sequence : load.sequences) {
    const CoreRun run = run_core(timing, row_runs(sequence, tokens));
    point.core.cycles += run.cycles;
    point.core.accesses += run.accesses;
    point.core.waited += run.waited;
    intervals += run.mean_interval * static_cast<double>(sequence.size());
    tiles += sequence.size();
  }
  point.mean_interval = intervals / static_cast<double>(std::max<std::size_t>(tiles, 1));
  ArbitrationSetup setup{.units = units, .latency = recon_latency};
  point.oldest = arbitrate_rows(load, tokens, setup);
  point.blocks = arbitrate_blocks(load, tokens, setup);
  setup.arbiter = Arbiter::round_robin;
  point.turns = arbitrate_rows(load, tokens, setup);
  return point;
}

void relate(ContentionCount& count, const ContentionCount& base) {
  count.slowdown =
      base.cycles == 0 ? 1 : static_cast<double>(count.cycles) / static_cast<double>(base.cycles);
}

void describe(const ContentionLoad& load, ContentionResult& result) {
  double blocks = 0;
  double rows = 0;
  double entries = 0;
  double flagged = 0;
  for (const auto& sequence : load.sequences) {
    for (const TilePattern& tile : sequence) {
      const auto flags = tile.flagged_rows();
      rows += tile.rows();
      blocks += static_cast<double>(tile.rows()) * tile.blocks();
      flagged += static_cast<double>(std::count(flags.begin(), flags.end(), true));
      entries += tile.entries();
      ++result.tiles;
    }
  }
  if (result.tiles == 0) return;
  result.block_rate = entries / blocks;
  result.row_rate = flagged / rows;
}

}  // namespace

ContentionResult study_contention(const ContentionLoad& load, const CoreTiming& timing,
                                  std::span<const int> tokens, std::span<const int> units,
                                  int recon_latency) {
  ContentionResult result;
  describe(load, result);
  for (const int count : tokens) {
    const ContentionPoint base = measure(load, timing, count, timing.rows, recon_latency);
    for (const int unit : units) {
      ContentionPoint point = unit == timing.rows ? base : measure(load, timing, count, unit, recon_latency);
      relate(point.core, base.core);
      relate(point.oldest, base.oldest);
      relate(point.turns, base.turns);
      relate(point.blocks, base.blocks);
      result.points.push_back(point);
    }
  }
  return result;
}

std::vector<SpacingPoint> study_spacing(const ContentionLoad& load, int rows, int tokens,
                                        std::span<const int> spacings, int recon_latency) {
  std::vector<SpacingPoint> points;
  for (const int spacing : spacings) {
    SpacingPoint point;
    point.spacing = spacing;
    point.oldest = arbitrate_rows(load, tokens, {.units = 1, .latency = recon_latency, .spacing = spacing});
    relate(point.oldest,
           arbitrate_rows(load, tokens, {.units = rows, .latency = recon_latency, .spacing = spacing}));
    points.push_back(point);
  }
  return points;
}

}  // namespace msq::model
