#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/layer_options.hpp"
#include "cli/presets.hpp"
#include "cli/simulation.hpp"
#include "cli/text.hpp"

namespace msq::cli {
namespace {

struct SimulateOptions : LayerOptions {
  std::int64_t first_tile = 0;
  std::optional<std::int64_t> tiles;

  [[nodiscard]] tb::LayerRunOptions run_options() const {
    tb::LayerRunOptions run;
    run.stalls = {stalls, stalls};
    run.seed = seed;
    run.first_tile = first_tile;
    run.tile_limit = tiles;
    return run;
  }
};

void print(const SimulateOptions& o, const Config& config, const LayerOperands& operands,
           const Simulation& simulation, std::uint64_t traced) {
  if (o.json) {
    Json json = {{"config", config.name},
                 {"weights", operands.weights_source},
                 {"activations", operands.activations_source}};
    json.update(to_json(simulation));
    if (!o.trace.empty()) {
      json["trace"] = {{"file", o.trace}, {"from_cycle", o.trace_from}, {"cycles", traced}};
    }
    fmt::print("{}", json_text(json));
    return;
  }
  fmt::print("{} at {} bits: {} tokens x [{}][{}]\n", config.name, simulation.bits, simulation.m,
             simulation.k, simulation.n);
  fmt::print("{}{}{}", item("weights", operands.weights_source),
             item("activations", operands.activations_source), to_text(simulation));
  if (!o.trace.empty()) {
    fmt::print("{}", item("trace", fmt::format("{}: {} cycles from {} on", o.trace, traced, o.trace_from)));
  }
}

Outcome run_simulate(const SimulateOptions& o) {
  const auto config = find_config(o.config);
  if (!config) return Error(config.error());
  const auto operands = load_operands(o, *config);
  if (!operands) return Error(operands.error());
  const Design design = build_design(*config);
  const auto simulation =
      simulate(design, operands->weights, operands->weights_source, operands->activations, o.run_options());
  if (!simulation) return Error(simulation.error());
  std::uint64_t traced = 0;
  if (!o.trace.empty()) {
    const auto cycles = record_trace(design, operands->weights, operands->activations, o.run_options(),
                                     {o.trace, o.trace_from, o.trace_cycles});
    if (!cycles) return Error(cycles.error());
    traced = *cycles;
  }
  print(o, *config, *operands, *simulation, traced);
  fmt::print(stderr, "{}", failure_text(*simulation, *config, o.command_line("simulate")));
  return simulation->result.ok() ? kOk : kCheckFailed;
}

void add_run_options(CLI::App& command, SimulateOptions& o) {
  constexpr std::int64_t kMaxTiles = std::int64_t{1} << 40;
  command
      .add_option("--first-tile", o.first_tile,
                  "Leave out the tiles before this one (then only sums are compared)")
      ->check(CLI::Range(std::int64_t{0}, kMaxTiles))
      ->capture_default_str();
  command.add_option("--tiles", o.tiles, "Run at most so many tiles, at least 1. Default: all")
      ->check(CLI::Range(std::int64_t{1}, kMaxTiles));
}

}  // namespace

void add_simulate(CLI::App& app, Action& action) {
  auto options = std::make_shared<SimulateOptions>();
  CLI::App* command =
      app.add_subcommand("simulate", "Run a layer on the simulated core and compare every bit");
  add_layer_options(*command, *options);
  add_run_options(*command, *options);
  command->footer(
      "\nExit code 1 if anything differs from the golden model; the message names the place and the command "
      "that records it.\n\nExample:\n  microscopiq simulate --config 8x8 --synthetic 384x1536 --bits 2 "
      "--tokens 8");
  command->callback([options, &action] { action = [options] { return run_simulate(*options); }; });
}

}  // namespace msq::cli
