#include "model/cycles.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <stdexcept>
#include <string>

#include "golden/exec/accumulate.hpp"
#include "golden/exec/plan.hpp"
#include "tb/host/array_sizes.hpp"
#include "tb/host/job.hpp"
#include "tb/host/weight_stream.hpp"

namespace msq::model {
namespace {

constexpr int kMacroBlock = 128;  // rows that share scales, weights' and activations'

/// Tiles of a pass that are followed.
constexpr std::int64_t kTilesRun = 16384;

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// Gaps of the tiles of a pass that follows one like it.
void set_gaps(const golden::ArraySizes& array, std::vector<golden::PlannedTile>& tiles) {
  // The end of the pass before, then the pass: each tile has its predecessors.
  const std::size_t before = std::min(tiles.size(), static_cast<std::size_t>(array.rows) + 4);
  std::vector<golden::PlannedTile> sequence(tiles.end() - static_cast<std::ptrdiff_t>(before), tiles.end());
  sequence.insert(sequence.end(), tiles.begin(), tiles.end());
  golden::set_launch_gaps(*array.planner, sequence);
  for (std::size_t i = 0; i < tiles.size(); ++i) tiles[i].launch_gap = sequence[before + i].launch_gap;
}

/// Parts in front of a tile: scales come once per macro-block.
tb::TileParts parts_of(const Cut& c, const golden::PlannedTile& tile, int rows) {
  const std::int64_t k_tile = tile.tile % c.k_tiles;
  const int tiles_of_block = std::max(1, kMacroBlock / rows);
  return {.references = tile.first && k_tile == 0,
          .scales = tile.first && k_tile % tiles_of_block == 0,
          .order = tb::is_ordered(tile)};
}

CyclePrediction describe(const Timeline& t, const Dimensions& d, std::int64_t passes) {
  CyclePrediction p;
  p.cycles = t.cycles;
  p.launches = t.tokens;
  p.stall_weights = t.wait_weight;
  p.stall_activations = t.wait_activation;
  p.stall_schedule = t.wait_schedule;
  p.stall_output = t.wait_output;
  p.drain = t.cycles - t.tokens - t.wait_weight - t.wait_activation - t.wait_schedule - t.wait_output;
  p.tiles = t.tiles;
  p.recon_accesses = t.recon_accesses;
  p.recon_waits = t.recon_waits;
  p.weight_beats = t.weight_beats;
  p.activation_beats = t.activation_beats;
  p.output_beats = t.output_beats;
  p.weight_bytes = t.weight_beats * d.weight_beat / 8;
  p.activation_bytes = t.activation_beats * d.activation_beat / 8;
  p.output_bytes = t.output_beats * d.output_lanes * 4;
  p.weight_bits_of_a_pass = p.weight_bytes * 8 / passes;
  return p;
}

constexpr std::array kCounters = {&CyclePrediction::cycles,
                                  &CyclePrediction::launches,
                                  &CyclePrediction::stall_weights,
                                  &CyclePrediction::stall_activations,
                                  &CyclePrediction::stall_schedule,
                                  &CyclePrediction::stall_output,
                                  &CyclePrediction::drain,
                                  &CyclePrediction::tiles,
                                  &CyclePrediction::recon_accesses,
                                  &CyclePrediction::recon_waits,
                                  &CyclePrediction::weight_beats,
                                  &CyclePrediction::activation_beats,
                                  &CyclePrediction::output_beats,
                                  &CyclePrediction::weight_bytes,
                                  &CyclePrediction::activation_bytes,
                                  &CyclePrediction::output_bytes,
                                  &CyclePrediction::weight_bits_of_a_pass};

/// The straight line through (x0, a) and (x1, b), at x.
CyclePrediction extrapolate(const CyclePrediction& a, const CyclePrediction& b, std::int64_t x0,
                            std::int64_t x1, std::int64_t x) {
  CyclePrediction result;
  const double t = static_cast<double>(x - x0) / static_cast<double>(x1 - x0);
  for (const auto counter : kCounters) {
    const double slope = static_cast<double>(b.*counter - a.*counter);
    result.*counter = a.*counter + static_cast<std::int64_t>(std::llround(t * slope));
  }
  result.exact = false;
  return result;
}

/// Tiles of a layer; the part beyond K and N is padding and has no outliers.
std::vector<TilePattern> draw(const Hardware& hardware, const LayerShape& shape, double rate,
                              std::uint64_t seed) {
  const Cut c = cut(hardware, shape);
  const int places = hardware.config.logical_rows(shape.mode);
  const int micro_block = hardware.config.micro_block;
  const int blocks = c.columns / micro_block;
  auto patterns = random_patterns(static_cast<int>(c.tiles()), places, blocks,
                                  hardware.config.has_outliers() ? rate : 0, seed);
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const std::int64_t k0 = static_cast<std::int64_t>(i) % c.k_tiles * c.rows;
    const std::int64_t n0 = static_cast<std::int64_t>(i) / c.k_tiles * c.columns;
    if (c.rows == places && k0 + places <= shape.k && n0 + c.columns <= shape.n) continue;
    for (int row = 0; row < places; ++row) {
      for (int block = 0; block < blocks; ++block) {
        if (row >= c.rows || k0 + row >= shape.k ||
            n0 + static_cast<std::int64_t>(block) * micro_block >= shape.n)
          patterns[i].set(row, block, false);
      }
    }
  }
  return patterns;
}

/// Columns of a layer that are followed: all, or two numbers to draw a line through.
std::vector<std::int64_t> columns_run(const Hardware& hardware, const LayerShape& shape) {
  const Cut c = cut(hardware, shape);
  const std::int64_t block = std::max<std::int64_t>(128, c.columns);
  const std::int64_t most = std::max<std::int64_t>(1, kTilesRun / (c.k_tiles * (block / c.columns)));
  if (ceil_div(shape.n, block) <= 4 * most) return {shape.n};
  return {most * block, 2 * most * block};
}

}  // namespace

Result<> validate(const Hardware& h, const LayerShape& shape) {
  const auto refuse = [](std::string_view what, auto found, std::string_view allowed) {
    return Error(fmt::format("{}: found {}; allowed: {}", what, found, allowed));
  };
  if (shape.m < 1) return refuse("tokens", shape.m, "1 or more");
  if (shape.k < 1) return refuse("k", shape.k, "1 or more");
  if (shape.n < 1) return refuse("n", shape.n, "1 or more");
  if (!h.config.has_mode(shape.mode)) {
    return refuse("mode", shape.mode,
                  fmt::format("{} (configuration {})", fmt::join(h.config.modes, ", "), h.config.name));
  }
  for (const double rate : {h.rates.weights, h.rates.activations, h.rates.outputs}) {
    if (!(rate > 0 && rate <= 1)) return refuse("beats per cycle", rate, "more than 0, at most 1");
  }
  const std::int64_t most = std::min<std::int64_t>(h.config.top.act_words, golden::kMaxTilesAlongK);
  if (ceil_div(shape.k, h.config.rows) > most) {
    return refuse("k", shape.k,
                  fmt::format("1 to {}: {} tiles of {} rows (top.act_words is {})", most * h.config.rows,
                              most, h.config.rows, h.config.top.act_words));
  }
  return {};
}

Cut cut(const Hardware& hardware, const LayerShape& shape) {
  const Dimensions d(hardware.config);
  const golden::LayerCut tiles(tb::array_sizes(d), shape.k, shape.n, shape.mode, kMacroBlock);
  Cut c;
  c.columns = tiles.columns();
  c.rows = tiles.most_rows();
  c.k = shape.k;
  c.mode = shape.mode;
  c.k_tiles = tiles.k_tiles();
  c.column_tiles = tiles.column_tiles();
  const int log2_rows = std::countr_zero(static_cast<unsigned>(d.rows));
  c.tokens = static_cast<int>(std::min<std::int64_t>(tb::tokens_that_fit(d, shape.k, log2_rows), shape.m));
  if (c.tokens < 1) throw std::logic_error("cycles: a shape that does not fit the hardware");
  const golden::TokenPasses passes{shape.m, c.tokens};
  c.passes = passes.count();
  c.last_tokens = passes.tokens(c.passes - 1);
  return c;
}

double CyclePrediction::utilization(const Hardware& hardware, const LayerShape& shape) const {
  const double useful =
      static_cast<double>(shape.m) * static_cast<double>(shape.k) * static_cast<double>(shape.n);
  const double peak = static_cast<double>(hardware.config.weights_per_tile(shape.mode));
  return useful / (peak * static_cast<double>(cycles));
}

const char* CyclePrediction::binds() const {
  const std::array<std::pair<std::int64_t, const char*>, 6> parts = {{{launches, "array"},
                                                                      {stall_weights, "weights"},
                                                                      {stall_activations, "activations"},
                                                                      {stall_schedule, "ReCoN"},
                                                                      {stall_output, "outputs"},
                                                                      {drain, "drain"}}};
  return std::max_element(parts.begin(), parts.end(),
                          [](const auto& a, const auto& b) { return a.first < b.first; })
      ->second;
}

std::vector<tb::StreamTile> plan_tiles(const Hardware& hardware, const Cut& c,
                                       std::span<const TilePattern> patterns, int tokens) {
  if (static_cast<std::int64_t>(patterns.size()) != c.tiles())
    throw std::logic_error("cycles: one pattern for each tile of a pass");
  const Dimensions d(hardware.config);
  const golden::ArraySizes array = tb::array_sizes(d);
  std::vector<golden::PlannedTile> plan;
  for (std::size_t i = 0; i < patterns.size(); ++i)
    golden::plan_tile(*array.planner, patterns[i].demand(), static_cast<std::int64_t>(i), tokens, plan);
  set_gaps(array, plan);
  const tb::WeightStream stream(d);
  std::vector<tb::StreamTile> tiles;
  for (const golden::PlannedTile& tile : plan) {
    const std::int64_t k0 = tile.tile % c.k_tiles * c.rows;
    const golden::TilePlace place{.rows = {k0, static_cast<int>(std::min<std::int64_t>(c.rows, c.k - k0))},
                                  .columns = c.columns};
    const bool pairs = c.rows > d.rows;
    tiles.push_back(tb::stream_tile(stream, tile, place, c.mode, pairs, parts_of(c, tile, c.rows)));
  }
  return tiles;
}

CyclePrediction predict(const Hardware& hardware, const LayerShape& shape,
                        std::span<const TilePattern> patterns) {
  const Cut c = cut(hardware, shape);
  const Dimensions d(hardware.config);
  GemmPlan plan;
  plan.m = shape.m;
  plan.k = shape.k;
  plan.n = shape.n;
  plan.tokens_per_pass = c.tokens;
  plan.tiles_k = static_cast<int>(ceil_div(shape.k, std::min(d.rows, kMacroBlock)));
  plan.blocks_k = static_cast<int>(ceil_div(shape.k, kMacroBlock));
  plan.output = hardware.output;
  const std::vector<tb::StreamTile> tiles = plan_tiles(hardware, c, patterns, c.tokens);
  plan.tiles_per_pass = static_cast<int>(tiles.size());
  return describe(predict(d, plan, tiles, hardware.rates), d, c.passes);
}

CyclePrediction predict_random(const Hardware& hardware, const LayerShape& shape, double rate,
                               std::uint64_t seed) {
  const Cut c = cut(hardware, shape);
  const std::vector<std::int64_t> columns = columns_run(hardware, shape);
  std::vector<CyclePrediction> parts;
  for (const std::int64_t n : columns) {
    const LayerShape part{shape.m, shape.k, n, shape.mode};
    parts.push_back(predict(hardware, part, draw(hardware, part, rate, seed)));
  }
  if (columns.size() == 1) return parts[0];
  return extrapolate(parts[0], parts[1], columns[0], columns[1], ceil_div(shape.n, c.columns) * c.columns);
}

}  // namespace msq::model
