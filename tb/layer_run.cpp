#include "tb/layer_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "golden/exec/gemm.hpp"
#include "golden/exec/schedule.hpp"
#include "golden/exec/tile.hpp"
#include "golden/quantize/option_names.hpp"
#include "tb/adapters.hpp"
#include "tb/model.hpp"
#include "tb/streams.hpp"

namespace msq::tb {
namespace {

using golden::QuantizedActivations;
using golden::QuantizedTensor;

/// Where a tile lies in the layer.
struct TilePlace {
  std::size_t range = 0;  ///< tile along K
  golden::RowRange rows;
  std::int64_t n0 = 0;
  std::int64_t m0 = 0;
  int tokens = 0;
};

/// The layer cut into tiles.
struct Plan {
  Plan(const Config& c, const QuantizedTensor& weights, const QuantizedActivations& activations,
       int tokens_per_pass)
      : config(c),
        m(activations.m),
        n(weights.n),
        pass(tokens_per_pass),
        columns(c.logical_columns(weights.format.bits)),
        ranges(golden::split_rows(weights, activations.block, c.rows)) {}

  [[nodiscard]] std::int64_t column_tiles() const { return (n + columns - 1) / columns; }
  [[nodiscard]] std::int64_t tiles() const {
    return (m + pass - 1) / pass * column_tiles() * static_cast<std::int64_t>(ranges.size());
  }
  [[nodiscard]] TilePlace place(std::int64_t tile) const {
    const auto along_k = static_cast<std::int64_t>(ranges.size());
    TilePlace at;
    at.range = static_cast<std::size_t>(tile % along_k);
    at.rows = ranges[at.range];
    at.n0 = tile / along_k % column_tiles() * columns;
    at.m0 = tile / along_k / column_tiles() * pass;
    at.tokens = static_cast<int>(std::min<std::int64_t>(pass, m - at.m0));
    return at;
  }

  const Config& config;
  std::int64_t m, n;
  int pass;
  int columns;  ///< logical columns of a tile
  std::vector<golden::RowRange> ranges;
};

/// Tiles that run back to back, in their own row order, and the same as the core gets them.
struct Chunk {
  std::int64_t first_tile = 0;
  std::vector<std::int64_t> numbers;  ///< of the tile in the layer; parts of one tile have the same
  std::vector<TilePlace> places;
  std::vector<golden::Tile> tiles;
  std::vector<std::vector<std::int8_t>> activations;  ///< [tokens][array rows] of each tile
  std::vector<TileJob> jobs;
};

Chunk make_chunk(const Plan& plan, const Dimensions& d, const QuantizedTensor& weights,
                 const QuantizedActivations& activations, std::int64_t first, std::int64_t count) {
  Chunk chunk;
  chunk.first_tile = first;
  std::vector<golden::TileRun> runs;
  std::vector<golden::TileSchedule> schedules;
  for (std::int64_t tile = first; tile < first + count; ++tile) {
    const TilePlace at = plan.place(tile);
    // Rows beyond the range belong to the next one, or to nothing: padding, not neighbours.
    golden::Tile whole = golden::pad_rows(
        golden::extract_tile(weights, at.rows.k0, at.n0, at.rows.rows, plan.columns), d.rows);
    std::vector<std::int8_t> x(static_cast<std::size_t>(at.tokens) * static_cast<std::size_t>(d.rows));
    const auto own = golden::activation_tile(activations, at.rows.k0, at.rows.rows, at.m0, at.tokens);
    for (int token = 0; token < at.tokens; ++token) {
      std::copy_n(own.begin() + static_cast<std::ptrdiff_t>(token) * at.rows.rows, at.rows.rows,
                  x.begin() + static_cast<std::ptrdiff_t>(token) * d.rows);
    }
    const auto add = [&](golden::Tile part) {
      chunk.numbers.push_back(tile);
      chunk.places.push_back(at);
      chunk.activations.push_back(x);
      chunk.tiles.push_back(std::move(part));
    };
    if (d.inlined) {
      for (golden::MappedTile& part : golden::map_to_units(whole, unit_limits(plan.config))) {
        schedules.push_back({std::move(part.order), 1, 1});
        add(std::move(part.tile));
      }
    } else {
      runs.push_back({golden::flagged_rows(whole), at.tokens});
      add(std::move(whole));
    }
  }
  // On path none no row is flagged, and any one unit will do. A chunk finds the array empty, as after a
  // reset, so its first tile needs no gap.
  if (!d.inlined) schedules = golden::schedule_tiles(runs, std::max(d.units, 1), d.lead);
  for (std::size_t i = 0; i < chunk.tiles.size(); ++i) {
    chunk.jobs.push_back(
        make_job(chunk.tiles[i], schedules[i], chunk.places[i].tokens, chunk.activations[i]));
  }
  return chunk;
}

Result<Driver> open_driver(const Design& design, const std::filesystem::path& library, unsigned seed,
                           std::int64_t first_tile) {
  // Every chunk has its own seed, so that it can be repeated without those before it.
  const unsigned own = seed + 2654435761U * static_cast<unsigned>(first_tile);
  auto model = Model::open(library, own);
  if (!model) return Error(model.error());
  return Driver(std::move(*model), design.dimensions, own);
}

/// Compares the sums of a chunk and collects what the run reports.
class Scoreboard {
 public:
  Scoreboard(const Plan& plan, golden::OutputAccumulator accumulator)
      : plan_(plan), accumulator_(std::move(accumulator)) {}

  /// @param cycles in which the tokens of the chunk came out, in order.
  void take(const Chunk& chunk, const RunResult& run, std::span<const std::uint64_t> cycles) {
    std::size_t token = 0;
    for (std::size_t i = 0; i < chunk.tiles.size(); ++i) {
      const TilePlace& at = chunk.places[i];
      compare(chunk, i, run.sums[i], cycles.subspan(token, static_cast<std::size_t>(at.tokens)));
      accumulator_.add(run.sums[i], at.range, at.m0, at.tokens, at.n0, plan_.columns);
      token += static_cast<std::size_t>(at.tokens);
      intervals_ += chunk.jobs[i].initiation_interval;
    }
    result_.tiles += static_cast<std::int64_t>(chunk.tiles.size());
    result_.cycles += run.cycles;
    result_.recon_accesses += run.counters.recon_accesses;
    result_.recon_waits += run.counters.recon_waits;
    result_.counter_errors += run.counters.errors;
    result_.protocol_errors |= run.protocol_errors;
  }

  void compare_outputs(golden::GemmResult expected) {
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

  LayerRunResult finish(double multiplications, double multiplications_per_cycle) {
    result_.mean_initiation_interval =
        static_cast<double>(intervals_) / static_cast<double>(std::max<std::int64_t>(result_.tiles, 1));
    result_.utilization = multiplications / (static_cast<double>(result_.cycles) * multiplications_per_cycle);
    return std::move(result_);
  }

 private:
  void compare(const Chunk& chunk, std::size_t i, std::span<const std::int64_t> got,
               std::span<const std::uint64_t> cycles) {
    const TilePlace& at = chunk.places[i];
    const auto expected = golden::tile_partial_sums(chunk.tiles[i], chunk.activations[i], at.tokens);
    const auto columns = static_cast<std::size_t>(plan_.columns);
    for (std::size_t e = 0; e < expected.size(); ++e) {
      ++result_.partial_sums_compared;
      if (expected[e] == got[e]) continue;
      if (result_.partial_sums_mismatched++ > 0) continue;
      result_.first_mismatch = LayerMismatch{.tile = chunk.numbers[i],
                                             .k0 = at.rows.k0,
                                             .token = at.m0 + static_cast<std::int64_t>(e / columns),
                                             .column = at.n0 + static_cast<std::int64_t>(e % columns),
                                             .expected = expected[e],
                                             .got = got[e],
                                             .chunk_tile = chunk.first_tile,
                                             .cycle = cycles[e / columns]};
    }
  }

  const Plan& plan_;
  golden::OutputAccumulator accumulator_;
  LayerRunResult result_;
  std::int64_t intervals_ = 0;
};

/// Runs a chunk on an instance of its own.
Result<> run_chunk(const Design& design, const std::filesystem::path& library, const Chunk& chunk,
                   const LayerRunOptions& options, Scoreboard& scoreboard) {
  auto driver = open_driver(design, library, options.seed, chunk.first_tile);
  if (!driver) return Error(driver.error());
  std::vector<std::uint64_t> cycles;
  const ModelPort valid = driver->model().port("psum_valid_o");
  driver->on_cycle = [&](const Model& model) {
    if (valid.get() != 0) cycles.push_back(model.cycles());
    if (options.on_cycle) options.on_cycle(model);
  };
  const auto run = driver->run(chunk.jobs, options.stalls);
  if (!run) {
    return Error(
        fmt::format("in the tiles from {} on (seed {}): {}", chunk.first_tile, options.seed, run.error()));
  }
  scoreboard.take(chunk, *run, cycles);
  return {};
}

Result<Plan> make_plan(const Config& config, const QuantizedTensor& weights,
                       const QuantizedActivations& activations, const LayerRunOptions& options) {
  if (auto fits = check_operands(config, weights, activations); !fits) return Error(fits.error());
  if (weights.axis != golden::Axis::reduction) {
    return Error(std::string("weights with macro-block axis output: the core alone takes axis reduction"));
  }
  Plan plan(config, weights, activations, options.tokens_per_pass);
  if (options.first_tile < 0 || options.first_tile >= plan.tiles()) {
    return Error(fmt::format("first tile: found {}; allowed: 0 to {}, the last tile of the layer",
                             options.first_tile, plan.tiles() - 1));
  }
  return plan;
}

/// Encoding, and what it makes of sums and scales; how many outliers a micro-block has.
Result<> check_encoding(const Config& config, const QuantizedTensor& w) {
  const golden::Format own = array_format(config, w.format.bits);
  const auto name = [](const golden::Format& f) { return golden::option_name(f.encoding); };
  if (w.format.encoding != own.encoding) {
    return Error(fmt::format("weights of encoding {}: configuration {} has encoding {}", name(w.format),
                             config.name, name(own)));
  }
  if (w.format.fraction_bits != own.fraction_bits ||
      w.format.scale_mantissa_bits != own.scale_mantissa_bits) {
    return Error(fmt::format(
        "weights with fraction_bits {} and scale_mantissa_bits {}: configuration {} has {} and {}",
        w.format.fraction_bits, w.format.scale_mantissa_bits, config.name, own.fraction_bits,
        own.scale_mantissa_bits));
  }
  std::size_t most = 0;
  for (const golden::MicroBlock& block : w.blocks) most = std::max(most, block.pairs.size());
  if (config.has_outliers() && std::cmp_greater(most, config.list_entries())) {
    return Error(fmt::format("weights with {} outliers in a micro-block: configuration {} takes {}", most,
                             config.name, config.list_entries()));
  }
  return {};
}

}  // namespace

Result<> check_format(const Config& config, const QuantizedTensor& w) {
  if (!config.has_mode(w.format.bits)) {
    return Error(fmt::format("weights of {} bits: allowed by \"modes\" of configuration {}: {}",
                             w.format.bits, config.name, fmt::join(config.modes, ", ")));
  }
  if (w.format.micro_block != config.micro_block) {
    return Error(fmt::format("weights with micro_block {}: configuration {} takes micro_block {}",
                             w.format.micro_block, config.name, config.micro_block));
  }
  if (auto encoding = check_encoding(config, w); !encoding) return encoding;
  const auto outliers = std::find_if(w.blocks.begin(), w.blocks.end(),
                                     [](const golden::MicroBlock& block) { return block.has_outliers(); });
  if (!config.has_outliers() && outliers != w.blocks.end()) {
    return Error(
        fmt::format("weights with outliers: configuration {} has outlier_path \"none\"; quantize "
                    "with 0 outliers per block",
                    config.name));
  }
  const int shift = golden::largest_shift(w);
  if (config.has_outliers() && shift > config.outlier_shift_max) {
    return Error(fmt::format("weights with an outlier shift of {}: configuration {} has outlier_shift_max {}",
                             shift, config.name, config.outlier_shift_max));
  }
  return {};
}

Result<> check_operands(const Config& config, const QuantizedTensor& weights,
                        const QuantizedActivations& activations) {
  if (auto format = check_format(config, weights); !format) return format;
  if (activations.bits != config.act_bits) {
    return Error(fmt::format("activations of {} bits: configuration {} has act_bits {}", activations.bits,
                             config.name, config.act_bits));
  }
  if (activations.k != weights.k) {
    return Error(
        fmt::format("activations are [{}][{}], weights [{}][{}]: the second extent of the "
                    "activations must be the first of the weights (K)",
                    activations.m, activations.k, weights.k, weights.n));
  }
  if (config.acc_bits) {
    if (const auto overflow = golden::prove_accumulator(weights, activations.block, config.rows,
                                                        config.acc_width(), config.activation_max())) {
      return Error(overflow->message(config.acc_width()));
    }
  }
  return {};
}

std::int64_t layer_tiles(const Config& config, const QuantizedTensor& weights,
                         const QuantizedActivations& activations, const LayerRunOptions& options) {
  return Plan(config, weights, activations, options.tokens_per_pass).tiles();
}

Result<LayerRunResult> run_layer(const Design& design, const std::filesystem::path& library,
                                 const QuantizedTensor& weights, const QuantizedActivations& activations,
                                 const LayerRunOptions& options) {
  const auto plan = make_plan(design.config, weights, activations, options);
  if (!plan) return Error(plan.error());
  auto accumulator =
      golden::OutputAccumulator::create(weights, activations, design.config.rows, design.dimensions.acc_bits);
  if (!accumulator) return Error(accumulator.error());
  Scoreboard scoreboard(*plan, std::move(*accumulator));

  const std::int64_t rest = plan->tiles() - options.first_tile;
  const std::int64_t total = std::min(options.tile_limit.value_or(rest), rest);
  for (std::int64_t done = 0; done < total;) {
    const std::int64_t count = std::min<std::int64_t>(options.tiles_per_chunk, total - done);
    const Chunk chunk =
        make_chunk(*plan, design.dimensions, weights, activations, options.first_tile + done, count);
    if (auto ran = run_chunk(design, library, chunk, options, scoreboard); !ran) return Error(ran.error());
    done += count;
    if (options.progress) options.progress(done, total);
  }

  const bool whole = total == plan->tiles();
  if (whole) {
    auto expected = layer_result(design.config, weights, activations);
    if (!expected) return Error(expected.error());
    scoreboard.compare_outputs(std::move(*expected));
  }
  const double share = static_cast<double>(total) / static_cast<double>(plan->tiles());
  const double useful = share * static_cast<double>(activations.m) * static_cast<double>(weights.k) *
                        static_cast<double>(weights.n);
  return scoreboard.finish(useful, static_cast<double>(design.config.rows) * plan->columns);
}

Result<std::uint64_t> trace_layer(const Design& design, const std::filesystem::path& library,
                                  const QuantizedTensor& weights, const QuantizedActivations& activations,
                                  const LayerRunOptions& options, const TraceWindow& window) {
  const auto plan = make_plan(design.config, weights, activations, options);
  if (!plan) return Error(plan.error());
  const std::int64_t rest = plan->tiles() - options.first_tile;
  const std::int64_t count =
      std::min({static_cast<std::int64_t>(options.tiles_per_chunk), rest, options.tile_limit.value_or(rest)});
  const Chunk chunk = make_chunk(*plan, design.dimensions, weights, activations, options.first_tile, count);
  auto driver = open_driver(design, library, options.seed, chunk.first_tile);
  if (!driver) return Error(driver.error());
  Model& model = driver->model();
  // Driver::run spends a cycle on clearing the counters; with it, cycles have the numbers of the checked run.
  model.eval();
  model.clock();
  const std::uint64_t end = window.from_cycle + window.cycles;
  bool started = false;
  bool failed = false;
  driver->on_cycle = [&](const Model& now) {
    if (started || failed || now.cycles() < window.from_cycle) return;
    started = model.trace(window.file);
    failed = !started;
  };
  driver->run_cycles(chunk.jobs, static_cast<int>(end - std::min<std::uint64_t>(model.cycles(), end)));
  if (failed) return Error(fmt::format("{}: cannot write the trace", window.file.string()));
  if (!started) {
    return Error(fmt::format("no trace: the tiles from {} on end at cycle {}, before cycle {}",
                             chunk.first_tile, model.cycles(), window.from_cycle));
  }
  return model.cycles() - window.from_cycle;
}

}  // namespace msq::tb
