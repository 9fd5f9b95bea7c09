#include "tb/sim/scoreboard.hpp"

#include <algorithm>
#include <utility>

#include "golden/exec/gemm.hpp"

namespace msq::tb {

void Scoreboard::take(const Chunk& chunk, const RunResult& run, std::span<const std::uint64_t> cycles) {
  std::size_t token = 0;
  for (std::size_t i = 0; i < chunk.tiles.size(); ++i) {
    const ChunkTile& t = chunk.tiles[i];
    const int tokens = chunk.jobs[i].tokens;
    compare(chunk, i, run.sums[i], cycles.subspan(token, static_cast<std::size_t>(tokens)));
    accumulator_.add(run.sums[i], t.place.range, t.m0, tokens, t.place.n0, t.place.columns);
    token += static_cast<std::size_t>(tokens);
    intervals_ += chunk.jobs[i].initiation_interval;
  }
  result_.tiles += static_cast<std::int64_t>(chunk.tiles.size());
  result_.cycles += run.cycles;
  result_.recon_accesses += run.counters.recon_accesses;
  result_.recon_waits += run.counters.recon_waits;
  result_.counter_errors += run.counters.errors;
  result_.protocol_errors |= run.protocol_errors;
}

void Scoreboard::compare_outputs(golden::GemmResult expected) {
  const golden::GemmResult& got = accumulator_.result();
  result_.outputs_compared = static_cast<std::int64_t>(expected.acc.size());
  for (std::int64_t m = 0; m < expected.m; ++m) {
    for (std::int64_t n = 0; n < expected.n; ++n) {
      const bool same = expected.at(m, n) == got.at(m, n) && expected.exponent(m, n) == got.exponent(m, n);
      result_.outputs_mismatched += same ? 0 : 1;
    }
  }
  result_.outputs = std::move(expected);
}

LayerRunResult Scoreboard::finish(double multiplications, double multiplications_per_cycle) {
  result_.mean_initiation_interval =
      static_cast<double>(intervals_) / static_cast<double>(std::max<std::int64_t>(result_.tiles, 1));
  result_.utilization = multiplications / (static_cast<double>(result_.cycles) * multiplications_per_cycle);
  return std::move(result_);
}

void Scoreboard::compare(const Chunk& chunk, std::size_t i, std::span<const std::int64_t> got,
                         std::span<const std::uint64_t> cycles) {
  const ChunkTile& t = chunk.tiles[i];
  const auto expected = golden::tile_partial_sums(t.tile, t.activations, chunk.jobs[i].tokens);
  const auto columns = static_cast<std::size_t>(t.place.columns);
  for (std::size_t e = 0; e < expected.size(); ++e) {
    ++result_.partial_sums_compared;
    if (expected[e] == got[e]) continue;
    if (result_.partial_sums_mismatched++ > 0) continue;
    result_.first_mismatch = LayerMismatch{.tile = t.number,
                                           .k0 = t.place.rows.k0,
                                           .token = t.m0 + static_cast<std::int64_t>(e / columns),
                                           .column = t.place.n0 + static_cast<std::int64_t>(e % columns),
                                           .expected = expected[e],
                                           .got = got[e],
                                           .chunk_tile = chunk.first_tile,
                                           .cycle = cycles[e / columns]};
  }
}

}  // namespace msq::tb
