#include <fmt/format.h>

#include <memory>
#include <optional>

#include "cli/command.hpp"
#include "cli/layer_options.hpp"
#include "cli/options.hpp"
#include "cli/values.hpp"
#include "flow/layer/simulation.hpp"
#include "gen/configs/presets.hpp"
#include "report/simulation.hpp"

namespace msq::cli {
namespace {

struct SimulateOptions : LayerOptions {
  std::int64_t first_tile = 0;
  std::optional<std::int64_t> tiles;

  [[nodiscard]] flow::SimulationRequest request() const {
    flow::SimulationRequest request;
    request.run.stalls = {stalls, stalls};
    request.run.seed = seed;
    request.run.first_tile = first_tile;
    request.run.tile_limit = tiles;
    request.trace = trace_window();
    return request;
  }
};

Outcome run_simulate(const SimulateOptions& o) {
  MSQ_TRY(const Config config, find_config(o.config));
  MSQ_TRY(const flow::LayerOperands operands, flow::load_operands(o, config));
  MSQ_TRY(const flow::SimulationFindings findings, flow::simulate_layer(config, operands, o.request()));
  fmt::print("{}", report::render(findings, form(o.json)));
  fmt::print(stderr, "{}", report::failure_text(findings.simulation, config, o.command_line("simulate")));
  return findings.simulation.result.ok() ? kOk : kCheckFailed;
}

void add_run_options(CLI::App& command, SimulateOptions& o) {
  constexpr std::int64_t kMaxTiles = std::int64_t{1} << 40;
  command
      .add_option("--first-tile", o.first_tile,
                  "First tile to run; if tiles are left out, sums alone are compared")
      ->check(between(std::int64_t{0}, kMaxTiles))
      ->capture_default_str();
  command
      .add_option("--tiles", o.tiles,
                  "Maximum number of tiles, at least 1; each part of a split tile counts. Default: all")
      ->check(between(std::int64_t{1}, kMaxTiles));
}

}  // namespace

void add_simulate(CLI::App& app, Action& action) {
  auto options = std::make_shared<SimulateOptions>();
  CLI::App* command =
      app.add_subcommand("simulate", "Run a layer on the simulated core and compare every bit");
  add_layer_options(*command, *options);
  add_run_options(*command, *options);
  command->footer(
      "Exit code 1 if a bit differs from the golden model; the message names the place, and the "
      "command\nthat records the signals there.\n\nExample:\n  microscopiq simulate --config 8x8 --synthetic "
      "384x1536 --bits 2 --tokens 8");
  command->callback([options, &action] { action = [options] { return run_simulate(*options); }; });
}

}  // namespace msq::cli
