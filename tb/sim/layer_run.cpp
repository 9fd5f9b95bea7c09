#include "tb/sim/layer_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tb/host/array_sizes.hpp"
#include "tb/host/operands.hpp"
#include "tb/sim/layer_chunk.hpp"
#include "tb/sim/model.hpp"
#include "tb/sim/scoreboard.hpp"

namespace msq::tb {
namespace {

using golden::QuantizedActivations;
using golden::QuantizedTensor;

Result<Driver> open_driver(const Design& design, const OpenModel& open, unsigned seed,
                           std::int64_t first_tile) {
  // Every chunk has its own seed, so that it can be repeated without those before it.
  const unsigned own = seed + 2654435761U * static_cast<unsigned>(first_tile);
  MSQ_TRY(Model model, open(own));
  return Driver(std::move(model), design.dimensions, own);
}

/// Runs a chunk on an instance of its own.
Result<> run_chunk(const Design& design, const OpenModel& open, const Chunk& chunk,
                   const LayerRunOptions& options, Scoreboard& scoreboard) {
  MSQ_TRY(Driver driver, open_driver(design, open, options.seed, chunk.first_tile));
  std::vector<std::uint64_t> cycles;
  const ModelPort valid = driver.model().port("psum_valid_o");
  driver.on_cycle = [&](const Model& model) {
    if (valid.get() != 0) cycles.push_back(model.cycles());
    if (options.on_cycle) options.on_cycle(model);
  };
  const auto run = driver.run(chunk.jobs, options.stalls);
  if (!run) {
    return Error(
        fmt::format("in the tiles from {} on (seed {}): {}", chunk.first_tile, options.seed, run.error()));
  }
  scoreboard.take(chunk, *run, cycles);
  return {};
}

Result<LayerTiles> tiles_of(const Design& design, const QuantizedTensor& weights,
                            const QuantizedActivations& activations, const LayerRunOptions& options) {
  MSQ_CHECK(check_operands(design.config, weights, activations));
  if (weights.axis != golden::Axis::reduction)
    return Error("weights with macro-block axis output: the core alone takes axis reduction");
  LayerTiles layer(design.dimensions, weights, activations, options.tokens_per_pass);
  if (options.first_tile < 0 || options.first_tile >= layer.count()) {
    return Error(fmt::format("first tile: found {}; allowed: 0 to {}, the last tile of the layer",
                             options.first_tile, layer.count() - 1));
  }
  return layer;
}

/// Tiles from options.first_tile on.
std::int64_t tiles_to_run(const LayerTiles& layer, const LayerRunOptions& options) {
  const std::int64_t rest = layer.count() - options.first_tile;
  return std::min(options.tile_limit.value_or(rest), rest);
}

}  // namespace

std::int64_t layer_tiles(const Config& config, const QuantizedTensor& weights,
                         const QuantizedActivations& activations, const LayerRunOptions& options) {
  return LayerTiles(Dimensions(config), weights, activations, options.tokens_per_pass).count();
}

Result<LayerRunResult> run_layer(const Design& design, const OpenModel& open, const QuantizedTensor& weights,
                                 const QuantizedActivations& activations, const LayerRunOptions& options) {
  MSQ_TRY(const LayerTiles layer, tiles_of(design, weights, activations, options));
  MSQ_TRY(auto accumulator, golden::OutputAccumulator::create(weights, activations,
                                                              design.config.logical_rows(weights.format.bits),
                                                              design.dimensions.acc_bits));
  Scoreboard scoreboard(std::move(accumulator));

  const std::int64_t total = tiles_to_run(layer, options);
  for (std::int64_t done = 0; done < total;) {
    const std::int64_t count = std::min<std::int64_t>(options.tiles_per_chunk, total - done);
    const Chunk chunk = make_chunk(layer, weights, activations, options.first_tile + done, count);
    MSQ_CHECK(run_chunk(design, open, chunk, options, scoreboard));
    done += count;
    if (options.progress) options.progress(done, total);
  }
  if (total == layer.count()) {
    MSQ_TRY(auto expected, golden::gemm(array_sizes(design.dimensions), weights, activations));
    scoreboard.compare_outputs(std::move(expected));
  }
  const double share = static_cast<double>(total) / static_cast<double>(layer.count());
  const double useful = share * static_cast<double>(activations.m) * static_cast<double>(weights.k) *
                        static_cast<double>(weights.n);
  return scoreboard.finish(useful, static_cast<double>(design.config.weights_per_tile(weights.format.bits)));
}

Result<std::uint64_t> trace_layer(const Design& design, const OpenModel& open, const QuantizedTensor& weights,
                                  const QuantizedActivations& activations, const LayerRunOptions& options,
                                  const TraceWindow& window) {
  MSQ_TRY(const LayerTiles layer, tiles_of(design, weights, activations, options));
  const std::int64_t count = std::min<std::int64_t>(options.tiles_per_chunk, tiles_to_run(layer, options));
  const Chunk chunk = make_chunk(layer, weights, activations, options.first_tile, count);
  MSQ_TRY(Driver driver, open_driver(design, open, options.seed, chunk.first_tile));
  Model& model = driver.model();
  // Driver::run spends a cycle on clearing the counters; with it, cycles have the numbers of the checked run.
  model.eval();
  model.clock();
  const std::uint64_t end = window.from_cycle + window.cycles;
  bool started = false;
  bool failed = false;
  driver.on_cycle = [&](const Model& now) {
    if (started || failed || now.cycles() < window.from_cycle) return;
    started = model.trace(window.file);
    failed = !started;
  };
  driver.run_cycles(chunk.jobs, static_cast<int>(end - std::min<std::uint64_t>(model.cycles(), end)));
  if (failed) return Error(fmt::format("{}: cannot write the trace", window.file.string()));
  if (!started) {
    return Error(fmt::format("no trace: the tiles from {} on end at cycle {}, before cycle {}",
                             chunk.first_tile, model.cycles(), window.from_cycle));
  }
  return model.cycles() - window.from_cycle;
}

}  // namespace msq::tb
