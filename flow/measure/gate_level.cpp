#include "flow/measure/gate_level.hpp"

#include <fmt/format.h>

#include <random>
#include <utility>
#include <vector>

#include "flow/measure/gate_model.hpp"
#include "support/progress.hpp"
#include "tb/host/bits.hpp"
#include "tb/host/operands.hpp"

namespace msq::flow {
namespace {

/// Compares every lane of every token's sums.
tb::LayerRunResult compare(const Dimensions& d, const BaselineLayer& layer, const tb::BaselineRun& run) {
  tb::LayerRunResult result;
  result.tiles = std::ssize(layer.tiles);
  result.cycles = run.cycles;
  result.utilization = layer.multiplications / (static_cast<double>(run.cycles) * d.rows * d.cols);
  for (std::size_t token = 0; token < layer.sums.size(); ++token) {
    for (int c = 0; c < d.cols; ++c) {
      const auto lane = [&](const tb::Words& words) {
        return tb::get_signed(words, c * d.acc_bits, d.acc_bits);
      };
      ++result.partial_sums_compared;
      if (lane(run.sums[token]) != lane(layer.sums[token])) ++result.partial_sums_mismatched;
    }
  }
  return result;
}

}  // namespace

Result<GateLevelRun> simulate_gates(const PreparedNetlist& netlist, const LayerOperands& operands,
                                    std::int64_t tiles, unsigned seed) {
  const Config& config = netlist.design.config;
  if (auto fits = tb::check_operands(config, operands.weights, operands.activations); !fits)
    return Error(fmt::format("{}: {}", operands.weights_source, fits.error()));
  MSQ_TRY(const auto engine, gate_model(netlist));
  tb::LayerRunOptions run;
  run.seed = seed;
  run.tile_limit = tiles;
  run.tiles_per_chunk = static_cast<int>(tiles);  // one chunk, so one model
  run.on_cycle = [&](const tb::Model&) { engine->count(); };
  const Progress progress("simulating the netlist");
  auto result = tb::run_layer(
      netlist.design, [&](unsigned) { return tb::Model(engine); }, operands.weights, operands.activations,
      run);
  if (!result) return Error(fmt::format("{}: {}", operands.weights_source, result.error()));
  GateLevelRun gate_run{std::move(*result), engine->take_activity(), 0};
  gate_run.multiplications = gate_run.result.utilization * static_cast<double>(gate_run.result.cycles) *
                             config.weights_per_tile(operands.weights.format.bits);
  return gate_run;
}

Result<GateLevelRun> simulate_baseline_gates(const PreparedNetlist& netlist, const BaselineLayer& layer,
                                             unsigned seed) {
  MSQ_TRY(const auto engine, gate_model(netlist));
  tb::Model model(engine);
  const Progress progress("simulating the netlist");
  if (!layer.centroids.empty()) model.port("centroids_i").set_words(tb::centroid_words(layer.centroids));
  std::mt19937 random(seed);
  const Dimensions& dimensions = netlist.design.dimensions;
  const auto run = tb::run_baseline(model, dimensions, layer.tiles, random,
                                    {.on_cycle = [&](const tb::Model&) { engine->count(); }});
  if (!run) return Error(fmt::format("{}: {}", layer.weights_source, run.error()));
  return GateLevelRun{compare(dimensions, layer, *run), engine->take_activity(), layer.multiplications};
}

}  // namespace msq::flow
