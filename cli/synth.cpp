#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/area.hpp"
#include "cli/command.hpp"
#include "cli/netlist_source.hpp"
#include "cli/options.hpp"
#include "cli/presets.hpp"
#include "cli/text.hpp"
#include "cli/timing.hpp"

namespace msq::cli {
namespace {

namespace fs = std::filesystem;

struct SynthOptions {
  std::string config, liberty, work = "build/synth";
  bool flatten = false, top = false, no_twin = false, timing = false, json = false;
  int max_fanout = 16;
};

/// Where measure_area put the netlist of a configuration.
fs::path netlist_of(const AreaComparison& area) {
  return area.configuration.report.log_file.parent_path() / "netlist.json";
}

Outcome run_synth(const SynthOptions& o) {
  const auto config = find_config(o.config);
  if (!config) return Failure(config.error());
  const auto area = measure_area(*config, {.liberty = o.liberty,
                                           .work = o.work,
                                           .flatten = o.flatten,
                                           .top = o.top,
                                           .netlist = o.timing,
                                           .twins = !o.no_twin});
  if (!area) return Failure(area.error());
  Json json = to_json(*area);
  std::string text = fmt::format("{}: area, memories apart\n{}", config->name, to_text(*area));
  if (o.timing) {
    const fs::path work = netlist_of(*area).parent_path();
    const auto netlist = prepare_netlist(o.top ? build_accelerator(*config) : build_design(*config),
                                         {netlist_of(*area), o.liberty, work, o.max_fanout});
    if (!netlist) return Failure(netlist.error());
    const auto timing = measure_timing(*netlist, o.liberty, work);
    if (!timing) return Failure(timing.error());
    json["timing"] = to_json(*timing, *netlist);
    text += "\nTiming\n" + to_text(*timing, *netlist);
  }
  fmt::print("{}", o.json ? json_text(json) : text);
  return kOk;
}

}  // namespace

void add_synth(CLI::App& app, Action& action) {
  auto options = std::make_shared<SynthOptions>();
  CLI::App* command =
      app.add_subcommand("synth", "Synthesize with Yosys: area by block, and against the plain array");
  add_config(*command, options->config, true);
  add_liberty(*command, options->liberty);
  command->add_flag("--flatten", options->flatten, "One netlist: slower, and no areas by block");
  command->add_flag("--top", options->top, "The whole accelerator, not the core alone");
  command->add_flag("--no-twin", options->no_twin, "Leave out the plain arrays to compare with");
  command->add_flag("--timing", options->timing,
                    "Static timing by OpenSTA: critical path and f_max of the core and of its leaf modules");
  command
      ->add_option("--max-fanout", options->max_fanout,
                   "For timing: cells that a net may load, 2 to 1000, held by trees of buffers; 0: nets as "
                   "synthesized")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  command->add_option("--work", options->work, "Directory for Verilog, scripts and logs")
      ->capture_default_str();
  add_json(*command, options->json);
  command->footer("\nExample:\n  microscopiq synth --config 8x8");
  command->callback([options, &action] { action = [options] { return run_synth(*options); }; });
}

}  // namespace msq::cli
