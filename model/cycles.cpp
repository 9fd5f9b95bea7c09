#include "model/cycles.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <stdexcept>
#include <string>

namespace msq::model {
namespace {

using Error = tl::unexpected<std::string>;

/// The figures of the top's RTL.
namespace top {
constexpr int kMacroBlock = 128;      // rows that share scales, weights' and activations'
constexpr int kHeaderBeats = 1;       // of a weight tile
constexpr int kScaleBits = 8;         // of a column, at the first K tile of a macro-block
constexpr int kReferenceBits = 8;     // of a column, at the first K tile
constexpr int kShiftBits = 8;         // of a micro-block with outliers, beside its list
constexpr int kOutputBlock = 128;     // columns that are accumulated, and leave, together
constexpr int kAccumulateCycles = 2;  // from a partial sum to the accumulator
constexpr int kMxPasses = 2;          // an MX block is read twice: for its largest value, to be sent
constexpr int kMxCyclesPerToken = 5;  // between the two
constexpr int kMinWeightPortBits = 32;
}  // namespace top

/// Passes that are too many to be run, and tiles of a pass.
constexpr std::int64_t kPassesRun = 4;
constexpr std::int64_t kTilesRun = 16384;

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// A tile as the sequencer and the weight stream see it.
struct PreparedTile {
  std::vector<bool> flagged;  ///< physical rows
  int flagged_rows = 0;
  int interval = 1, gap = 1;
  std::int64_t first_beats = 0;  ///< before the first row
  std::int64_t row_beats = 0;    ///< codes and metadata, spread over the rows
};

std::int64_t order_beats(const Hardware& hardware, int interval) {
  const Config& config = hardware.config;
  if (!config.has_recon() || config.recon.units == config.rows || interval == 1) return 0;
  const int stages = 2 * std::countr_zero(static_cast<unsigned>(config.rows)) - 1;
  return ceil_div(static_cast<std::int64_t>(stages) * config.rows / 2, hardware.weight_port_bits());
}

std::int64_t metadata_beats(const Hardware& hardware, const TilePattern& pattern) {
  const Config& config = hardware.config;
  if (!config.has_recon()) return 0;
  const int positions = std::countr_zero(static_cast<unsigned>(config.micro_block));
  const int list_bits = config.micro_block / 2 * 2 * positions;
  const auto entry_bits =
      static_cast<std::int64_t>(std::bit_ceil(static_cast<unsigned>(top::kShiftBits + list_bits)));
  const std::int64_t fields = config.lanes() / config.micro_block;
  return ceil_div(fields * config.rows + pattern.entries() * entry_bits, hardware.weight_port_bits());
}

void prepare_beats(const Hardware& hardware, const Cut& c, const TilePattern& pattern, std::int64_t k_tile,
                   PreparedTile& tile) {
  const std::int64_t tiles_of_block = std::max(1, top::kMacroBlock / hardware.config.rows);
  const int width = hardware.weight_port_bits();
  tile.first_beats = top::kHeaderBeats + order_beats(hardware, tile.interval);
  if (k_tile % tiles_of_block == 0) tile.first_beats += ceil_div(c.columns * top::kScaleBits, width);
  if (k_tile == 0) tile.first_beats += ceil_div(c.columns * top::kReferenceBits, width);
  tile.row_beats = hardware.config.rows + metadata_beats(hardware, pattern);
}

std::vector<PreparedTile> prepare(const Hardware& hardware, const Cut& c,
                                  std::span<const TilePattern> patterns, int tokens) {
  const CoreTiming timing = CoreTiming::of(Dimensions(hardware.config));
  std::vector<golden::TileRun> runs;
  for (const TilePattern& pattern : patterns) runs.push_back({pattern.flagged_rows(), tokens});
  const auto schedules = golden::schedule_tiles(runs, timing.units, timing.lead);
  std::vector<PreparedTile> tiles;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    PreparedTile& tile = tiles.emplace_back();
    tile.flagged = golden::permute_flags(runs[i].flagged, schedules[i].row_order);
    tile.flagged_rows = static_cast<int>(std::count(tile.flagged.begin(), tile.flagged.end(), true));
    tile.interval = schedules[i].initiation_interval;
    tile.gap = schedules[i].launch_gap;
    prepare_beats(hardware, c, patterns[i], static_cast<std::int64_t>(i) % c.k_tiles, tile);
  }
  // The first tile follows the last one of the pass before. At the very start no gap is needed, and none
  // holds: the sequencer has no tile before it.
  if (!tiles.empty()) {
    tiles.front().gap =
        golden::launch_gap(tiles.back().flagged, tiles.front().flagged, timing.units, timing.lead);
  }
  return tiles;
}

/// One GEMM, tile after tile.
class Run {
 public:
  Run(const Hardware& hardware, const LayerShape& shape, const Cut& c)
      : hardware_(hardware),
        shape_(shape),
        cut_(c),
        timing_(CoreTiming::of(Dimensions(hardware.config))),
        sequencer_(timing_),
        block_columns_(std::max(top::kOutputBlock, c.columns)) {}

  void pass(const std::vector<PreparedTile>& tiles, int tokens) {
    load_activations(tokens);
    for (std::int64_t column_tile = 0; column_tile < cut_.column_tiles; ++column_tile) {
      const std::int64_t n0 = column_tile * cut_.columns;
      for (std::int64_t k_tile = 0; k_tile < cut_.k_tiles; ++k_tile) {
        const auto index = static_cast<std::size_t>(column_tile * cut_.k_tiles + k_tile);
        run_tile(tiles[index], k_tile, tokens);
      }
      const bool block_ends = (n0 + cut_.columns) % block_columns_ == 0;
      if (block_ends || column_tile + 1 == cut_.column_tiles) end_block(tokens);
    }
    buffer_free_ = {buffer_free_[1], static_cast<double>(last_launch_ + 1)};
  }

  CyclePrediction finish() {
    result_.cycles = static_cast<std::int64_t>(std::ceil(drained_[1]));
    result_.drain = result_.cycles - last_launch_ - 1;
    result_.weight_bytes = result_.weight_beats * hardware_.weight_port_bits() / 8;
    result_.weight_bits_of_a_pass = result_.weight_bytes * 8 / cut_.passes;
    return result_;
  }

 private:
  /// Scales first, a byte a beat; then the words, in the order in which they are used.
  void load_activations(int tokens) {
    const std::int64_t scales = ceil_div(shape_.k, top::kMacroBlock) * tokens;
    const std::int64_t words = cut_.k_tiles * tokens;
    words_begin_ =
        std::max(stream_end_, buffer_free_[0]) + static_cast<double>(scales) / hardware_.activation_rate;
    stream_end_ = words_begin_ + static_cast<double>(words) / hardware_.activation_rate;
    result_.activation_beats += scales + words;
    result_.activation_bytes += scales + words * hardware_.activation_port_bits() / 8;
  }

  [[nodiscard]] std::int64_t word_arrives(std::int64_t word) const {
    return static_cast<std::int64_t>(
        std::ceil(words_begin_ + static_cast<double>(word + 1) / hardware_.activation_rate));
  }

  void run_tile(const PreparedTile& tile, std::int64_t k_tile, int tokens) {
    Sequencer::Supply supply;
    supply.first_row = static_cast<std::int64_t>(
        std::ceil(weights_end_ + static_cast<double>(tile.first_beats) / hardware_.weight_rate));
    supply.cycles_per_row =
        static_cast<double>(tile.row_beats) / hardware_.weight_rate / hardware_.config.rows;
    supply.token = word_arrives(k_tile * tokens);
    supply.last_token = word_arrives(k_tile * tokens + tokens - 1);
    supply.output = static_cast<std::int64_t>(std::ceil(drained_[0]));
    const auto times = sequencer_.run(tile.flagged, tile.interval, tile.gap, tokens, supply);
    account(tile, tokens, times, supply);
    weights_end_ = static_cast<double>(times.loaded);
    last_launch_ = times.last_launch;
  }

  void account(const PreparedTile& tile, int tokens, const Sequencer::Times& times,
               const Sequencer::Supply& supply) {
    const std::int64_t idle = times.first_launch - last_launch_ - 1;
    if (times.first_waited) {
      result_.stall_schedule += idle;
    } else if (times.first_launch == times.loaded) {
      result_.stall_weights += idle;
    } else if (times.first_launch == supply.token) {
      result_.stall_activations += idle;
    } else {
      result_.stall_output += idle;
    }
    const std::int64_t span = times.last_launch - times.first_launch;
    const std::int64_t scheduled = golden::launch_cycles(tokens, tile.interval);
    result_.stall_schedule += scheduled - (tokens - 1);
    result_.stall_activations += span - scheduled;
    result_.launches += tokens;
    ++result_.tiles;
    result_.recon_accesses += static_cast<std::int64_t>(tile.flagged_rows) * tokens;
    const std::int64_t held = (times.first_waited ? 1 : 0) + (tile.interval > 1 ? tokens - 1 : 0);
    result_.recon_waits += tile.flagged_rows * held;
    result_.weight_beats += tile.first_beats + tile.row_beats;
  }

  void end_block(int tokens) {
    const std::int64_t groups = tokens * ceil_div(block_columns_, hardware_.output_lanes);
    const bool mx = hardware_.output == OutputFormat::mx8;
    const std::int64_t cycles = mx ? top::kMxPasses * groups + top::kMxCyclesPerToken * tokens : groups;
    const auto done = static_cast<double>(last_launch_ + 1 + timing_.latency() + top::kAccumulateCycles);
    const double begin = std::max(done, drained_[1]);
    drained_ = {drained_[1], begin + static_cast<double>(cycles) / hardware_.output_rate};
    result_.output_beats += groups;
    // An FP32 output has 4 bytes; an MX-INT-8 one a byte, and each 128 of them a scale.
    result_.output_bytes +=
        tokens * (mx ? block_columns_ + block_columns_ / top::kOutputBlock : 4 * block_columns_);
  }

  const Hardware& hardware_;
  LayerShape shape_;
  Cut cut_;
  CoreTiming timing_;
  Sequencer sequencer_;
  std::int64_t block_columns_;
  std::int64_t last_launch_ = -1;
  double weights_end_ = 0;                      ///< the last tile's rows are loaded
  double words_begin_ = 0;                      ///< of this pass
  double stream_end_ = 0;                       ///< of the activations
  std::array<double, 2> buffer_free_ = {0, 0};  ///< older half, younger half
  std::array<double, 2> drained_ = {0, 0};      ///< the block before the last, the last one
  CyclePrediction result_;
};

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

/// Tiles of a layer; what lies beyond K and N is padding and has no outliers.
std::vector<TilePattern> draw(const Hardware& hardware, const LayerShape& shape, double rate,
                              std::uint64_t seed) {
  const Cut c = cut(hardware, shape);
  const int rows = hardware.config.rows;
  const int micro_block = hardware.config.micro_block;
  const int blocks = c.columns / micro_block;
  auto patterns = random_patterns(static_cast<int>(c.tiles()), rows, blocks, rate, seed);
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const std::int64_t k0 = static_cast<std::int64_t>(i) % c.k_tiles * rows;
    const std::int64_t n0 = static_cast<std::int64_t>(i) / c.k_tiles * c.columns;
    if (k0 + rows <= shape.k && n0 + c.columns <= shape.n) continue;
    for (int row = 0; row < rows; ++row) {
      for (int block = 0; block < blocks; ++block) {
        if (k0 + row >= shape.k || n0 + static_cast<std::int64_t>(block) * micro_block >= shape.n)
          patterns[i].set(row, block, false);
      }
    }
  }
  return patterns;
}

/// Columns of a layer that are run: all, or two numbers to draw a line through.
std::vector<std::int64_t> columns_run(const Hardware& hardware, const LayerShape& shape) {
  const Cut c = cut(hardware, shape);
  const std::int64_t block = std::max<std::int64_t>(top::kOutputBlock, c.columns);
  const std::int64_t most = std::max<std::int64_t>(1, kTilesRun / (c.k_tiles * (block / c.columns)));
  if (ceil_div(shape.n, block) <= 4 * most) return {shape.n};
  return {most * block, 2 * most * block};
}

}  // namespace

int Hardware::weight_port_bits() const { return std::max(top::kMinWeightPortBits, 4 * config.cols); }

golden::Result<void> validate(const Hardware& h, const LayerShape& shape) {
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
  if (h.tokens_max < 1) return refuse("tokens of a pass", h.tokens_max, "1 or more");
  if (h.output_lanes < 1 || top::kOutputBlock % h.output_lanes != 0)
    return refuse("output lanes", h.output_lanes, "a divisor of 128");
  for (const double rate : {h.weight_rate, h.activation_rate, h.output_rate}) {
    if (!(rate > 0 && rate <= 1)) return refuse("beats a cycle", rate, "more than 0, at most 1");
  }
  const std::int64_t k_tiles = ceil_div(shape.k, h.config.rows);
  if (k_tiles > h.activation_words) {
    return refuse("k", shape.k,
                  fmt::format("1 to {}: one token has to fit the activation buffer of {} words of {} rows",
                              h.activation_words * h.config.rows, h.activation_words, h.config.rows));
  }
  return {};
}

Cut cut(const Hardware& hardware, const LayerShape& shape) {
  Cut c;
  c.columns = hardware.config.logical_columns(shape.mode);
  c.k_tiles = ceil_div(shape.k, hardware.config.rows);
  c.column_tiles = ceil_div(shape.n, c.columns);
  c.tokens = static_cast<int>(std::min(
      {static_cast<std::int64_t>(hardware.tokens_max), hardware.activation_words / c.k_tiles, shape.m}));
  if (c.tokens < 1) throw std::logic_error("cycles: a shape that does not fit the hardware");
  c.passes = ceil_div(shape.m, c.tokens);
  c.last_tokens = static_cast<int>(shape.m - (c.passes - 1) * c.tokens);
  return c;
}

double CyclePrediction::utilization(const Hardware& hardware, const LayerShape& shape) const {
  const double useful =
      static_cast<double>(shape.m) * static_cast<double>(shape.k) * static_cast<double>(shape.n);
  const double peak = static_cast<double>(hardware.config.rows) * hardware.config.logical_columns(shape.mode);
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

CyclePrediction predict(const Hardware& hardware, const LayerShape& shape,
                        std::span<const TilePattern> patterns) {
  const Cut c = cut(hardware, shape);
  if (static_cast<std::int64_t>(patterns.size()) != c.tiles())
    throw std::logic_error("cycles: one pattern for each tile of a pass");
  Run run(hardware, shape, c);
  if (c.passes > 1) {
    const auto tiles = prepare(hardware, c, patterns, c.tokens);
    for (std::int64_t pass = 0; pass + 1 < c.passes; ++pass) run.pass(tiles, c.tokens);
  }
  run.pass(prepare(hardware, c, patterns, c.last_tokens), c.last_tokens);
  return run.finish();
}

CyclePrediction predict_random(const Hardware& hardware, const LayerShape& shape, double rate,
                               std::uint64_t seed) {
  const Cut c = cut(hardware, shape);
  const std::vector<std::int64_t> columns = columns_run(hardware, shape);
  std::vector<std::int64_t> tokens = {shape.m};
  if (c.passes > kPassesRun + 1) {
    tokens = {c.last_tokens + kPassesRun / 2 * c.tokens, c.last_tokens + kPassesRun * c.tokens};
  }
  std::vector<CyclePrediction> by_tokens;
  for (const std::int64_t m : tokens) {
    std::vector<CyclePrediction> by_columns;
    for (const std::int64_t n : columns) {
      const LayerShape part{m, shape.k, n, shape.mode};
      by_columns.push_back(predict(hardware, part, draw(hardware, part, rate, seed)));
    }
    by_tokens.push_back(columns.size() == 1
                            ? by_columns[0]
                            : extrapolate(by_columns[0], by_columns[1], columns[0], columns[1],
                                          ceil_div(shape.n, c.columns) * c.columns));
  }
  if (tokens.size() == 1) return by_tokens[0];
  return extrapolate(by_tokens[0], by_tokens[1], tokens[0], tokens[1], shape.m);
}

}  // namespace msq::model
