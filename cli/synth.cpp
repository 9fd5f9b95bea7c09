#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/area.hpp"
#include "cli/baselines.hpp"
#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/presets.hpp"
#include "cli/text.hpp"

namespace msq::cli {
namespace {

struct SynthOptions {
  std::string config, liberty, work = "build/synth";
  bool flatten = false, top = false, no_twin = false, json = false;
  BaselineChoice baseline;
};

Outcome run_baseline(const SynthOptions& o) {
  const auto spec = find_baseline(o.baseline);
  if (!spec) return Failure(spec.error());
  const auto area = measure_baseline(*spec, {.liberty = o.liberty, .work = o.work, .flatten = o.flatten});
  if (!area) return Failure(area.error());
  if (o.json) {
    fmt::print("{}", json_text(to_json(*area)));
  } else {
    fmt::print("{}: area\n{}", area->config.name, to_text(*area));
  }
  return kOk;
}

Outcome run_synth(const SynthOptions& o) {
  if (o.config.empty()) return run_baseline(o);
  const auto config = find_config(o.config);
  if (!config) return Failure(config.error());
  const auto area = measure_area(
      *config,
      {.liberty = o.liberty, .work = o.work, .flatten = o.flatten, .top = o.top, .twins = !o.no_twin});
  if (!area) return Failure(area.error());
  if (o.json) {
    fmt::print("{}", json_text(to_json(*area)));
  } else {
    fmt::print("{}: area, memories apart\n{}", config->name, to_text(*area));
  }
  return kOk;
}

}  // namespace

void add_synth(CLI::App& app, Action& action) {
  auto options = std::make_shared<SynthOptions>();
  CLI::App* command =
      app.add_subcommand("synth", "Synthesize with Yosys: area by block, and against the plain array");
  add_config(*command, options->config, false);
  add_baseline(*command, options->baseline, command->get_option("--config"));
  add_liberty(*command, options->liberty);
  command->add_flag("--flatten", options->flatten, "One netlist: slower, and no areas by block");
  command->add_flag("--top", options->top, "The whole accelerator, not the core alone");
  command->add_flag("--no-twin", options->no_twin, "Leave out the plain arrays to compare with");
  command->add_option("--work", options->work, "Directory for Verilog, scripts and logs")
      ->capture_default_str();
  add_json(*command, options->json);
  command->footer("\nExample:\n  microscopiq synth --config 8x8");
  command->callback([options, &action] { action = [options] { return run_synth(*options); }; });
}

}  // namespace msq::cli
