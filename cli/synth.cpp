#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/layer_options.hpp"
#include "cli/options.hpp"
#include "cli/values.hpp"
#include "flow/measure/area.hpp"
#include "flow/measure/baseline_layer.hpp"
#include "flow/measure/baselines.hpp"
#include "flow/measure/fpga.hpp"
#include "flow/measure/memories.hpp"
#include "flow/measure/netlist.hpp"
#include "flow/measure/place_route.hpp"
#include "flow/measure/power.hpp"
#include "flow/measure/timing.hpp"
#include "flow/measure/wires.hpp"
#include "flow/tool_versions.hpp"
#include "gen/configs/presets.hpp"
#include "report/area.hpp"
#include "report/fpga.hpp"
#include "report/json.hpp"
#include "report/memories.hpp"
#include "report/place_route.hpp"
#include "report/power.hpp"
#include "report/text.hpp"
#include "report/timing.hpp"
#include "report/tool_versions.hpp"
#include "report/wires.hpp"
#include "support/process.hpp"

namespace msq::cli {
namespace {

struct SynthOptions {
  LayerOptions layer;  ///< configuration, and for power the layer that is computed
  std::string liberty, target, memories, wire_file, work = "build/synth";
  bool wires = false;
  bool flatten = false, top = false, shell = false, no_twin = false, timing = false, power = false;
  int max_fanout = 16;
  std::vector<double> periods;
  flow::PowerOptions power_options;
  flow::LayoutOptions layout;
  flow::BaselineChoice baseline;
  bool route = false, dsp = false;  ///< on an FPGA
  int seeds = 1;

  SynthOptions() {
    layer.weights.synthetic = "384x1536";
    layer.quantizer.options.bits = 2;
  }
  [[nodiscard]] bool netlist() const { return timing || power || !layout.module.empty(); }
  [[nodiscard]] flow::Flow setup() const {
    return {.liberty = liberty, .work = work, .max_fanout = max_fanout, .periods = periods};
  }
  [[nodiscard]] flow::SynthesisOptions synthesis() const {
    return {.flatten = flatten, .netlist = netlist()};
  }
  /// Tools that the figures come from.
  [[nodiscard]] std::vector<flow::Tool> tools() const {
    std::vector<flow::Tool> tools = {flow::Tool::yosys};
    if (netlist() || !periods.empty()) tools.push_back(flow::Tool::opensta);
    return tools;
  }
};

/// Report in both forms.
struct Output {
  report::Json json;
  std::string text;
  std::vector<flow::ToolVersion> more_tools = {};  ///< beside those of SynthOptions::tools
};

/// @param wired wires of the netlist, or null.
Result<int> add_power_report(const SynthOptions& o, const flow::PreparedNetlist& netlist,
                             const flow::WiredNetlist* wired, Output& output) {
  flow::PowerOptions options = o.power_options;
  options.seed = o.layer.seed;
  Result<flow::PowerFindings> power;
  if (o.layer.config.empty()) {
    MSQ_TRY(const auto layer, flow::load_baseline_layer(netlist.design, o.layer, options.tiles));
    power = flow::measure_baseline_power(netlist, layer, options, wired);
  } else {
    MSQ_TRY(const auto operands, flow::load_operands(o.layer, netlist.design.config));
    power = flow::measure_power(netlist, operands, options, wired);
  }
  if (!power) return Error(power.error());
  output.json["power"] = report::to_json(*power);
  output.text += "\nPower\n" + report::to_text(*power);
  return power->run.ok ? kOk : kCheckFailed;
}

Result<int> add_layout_report(const SynthOptions& o, const flow::Synthesized& synthesized, Output& output) {
  flow::LayoutOptions options = o.layout;
  if (o.wires) {
    MSQ_TRY(options.wires, flow::load_wire_process(o.liberty, o.wire_file));
  }
  MSQ_TRY(const auto layout, flow::measure_layout(synthesized, o.setup(), options));
  output.json["place_route"] = report::to_json(layout);
  output.text += fmt::format("\nLayout of {}\n{}", o.layout.module, report::to_text(layout));
  return layout.ok() ? kOk : kCheckFailed;
}

Result<std::vector<flow::GivenMemory>> given_memories(const SynthOptions& o) {
  if (o.memories.empty()) return std::vector<flow::GivenMemory>();
  return flow::load_memory_file(o.memories);
}

/// Memories of the whole accelerator, and its area by part. @return times of the memories.
Result<synth::MemoryTimings> add_memory_report(const SynthOptions& o, const flow::DesignArea& area,
                                               const std::vector<flow::GivenMemory>& given, Output& output) {
  MSQ_TRY(const auto memories,
          flow::price_memories(area.synthesized.design, o.setup(), given, on_path("sta")));
  output.text += "\nMemories\n";
  if (!memories) {
    output.text += report::item("", "no model for this library; --memories gives the figures");
    return synth::MemoryTimings();
  }
  output.json["accelerator"] = report::to_json(*memories, area);
  output.text += report::to_text(*memories, area);
  return memories->timings();
}

Result<flow::WiredNetlist> add_wire_report(const SynthOptions& o, const flow::PreparedNetlist& netlist,
                                           Output& output) {
  MSQ_TRY(const auto process, flow::load_wire_process(o.liberty, o.wire_file));
  MSQ_TRY(auto wired, flow::estimate_wires(netlist, process));
  output.json["wires"] = report::to_json(wired);
  output.text += "\nWires\n" + report::to_text(wired);
  return wired;
}

/// Timing, layout and power, of the netlist that gave the area.
Result<int> add_netlist_reports(const SynthOptions& o, const flow::Synthesized& synthesized,
                                const synth::MemoryTimings& memories, Output& output) {
  int code = kOk;
  if (!o.layout.module.empty()) {
    MSQ_TRY(code, add_layout_report(o, synthesized, output));
  }
  if (!o.timing && !o.power) return code;
  MSQ_TRY(const auto netlist, flow::prepare_netlist(synthesized, o.setup()));
  std::optional<flow::WiredNetlist> wired;
  if (o.wires) {
    MSQ_TRY(wired, add_wire_report(o, netlist, output));
  }
  if (o.timing) {
    MSQ_TRY(const auto timing, flow::measure_timing(netlist, memories));
    output.json["timing"] = report::to_json(timing);
    output.text += "\nTiming\n" + report::to_text(timing);
    if (wired) {
      MSQ_TRY(const auto with_wires, flow::measure_wired_timing(netlist, *wired, memories));
      output.json["timing"]["wires"] = report::to_json(with_wires);
      output.text += report::to_text(with_wires);
    }
  }
  if (!o.power) return code;
  MSQ_TRY(const int power, add_power_report(o, netlist, wired ? &*wired : nullptr, output));
  return std::max(code, power);
}

/// @param code exit code, or why a later step failed: what earlier ones found is printed all the same.
Outcome print(const SynthOptions& o, Output output, const Result<int>& code) {
  auto tools = flow::tool_versions(o.tools());
  tools.insert(tools.end(), output.more_tools.begin(), output.more_tools.end());
  output.json["tools"] = report::to_json(tools);
  output.text += "\n" + report::to_text(tools);
  fmt::print("{}", o.layer.json ? report::json_text(output.json) : output.text);
  return code;
}

/// The array of 8-bit weights as large as a configuration's, with the same trees and skew.
Design int8_twin(const Config& config) {
  return build_baseline({.kind = Baseline::int8,
                         .rows = config.rows,
                         .cols = config.cols,
                         .tree_rows = config.rows_per_tree(),
                         .skew_columns = config.skew_columns});
}

Outcome run_fpga(const SynthOptions& o, const Design& design) {
  const flow::FpgaOptions options{.target = o.target, .dsp = o.dsp, .seeds = o.route ? o.seeds : 0};
  MSQ_CHECK(flow::check_fpga(options));
  MSQ_TRY(const auto fpga, flow::measure_fpga(design, options, o.setup()));
  const std::string& name = design.config.name;
  Output output{{{"config", name}, {"fpga", report::to_json(fpga)}},
                fmt::format("{} on an FPGA\n{}", name, report::to_text(fpga))};
  if (fpga.routing) output.more_tools = {{"nextpnr", fpga.routing->version}};
  if (!o.no_twin && !o.top && !o.layer.config.empty()) {
    MSQ_TRY(const auto twin, flow::measure_fpga(int8_twin(design.config), options, o.setup()));
    output.json["int8"] = report::to_json(twin);
    output.text += fmt::format("\nPlain array of 8-bit weights\n{}", report::to_text(twin));
  }
  return print(o, std::move(output), kOk);
}

Outcome run_baseline(const SynthOptions& o) {
  MSQ_TRY(const auto spec, flow::find_baseline(o.baseline));
  if (!o.target.empty()) return run_fpga(o, build_baseline(spec));
  MSQ_CHECK(flow::check_synthesis_tools(o.liberty));
  MSQ_TRY(const auto area, flow::measure_design(build_baseline(spec), o.setup(), o.synthesis()));
  Output output{report::to_json(area),
                fmt::format("{}: area\n{}", area.config().name, report::to_text(area))};
  const auto code = add_netlist_reports(o, area.synthesized, {}, output);
  return print(o, std::move(output), code);
}

Outcome run_configuration(const SynthOptions& o) {
  MSQ_TRY(const Config config, find_config(o.layer.config));
  const auto design = [&] {
    return o.shell ? build_shell(config) : o.top ? build_accelerator(config) : build_design(config);
  };
  if (!o.target.empty()) return run_fpga(o, design());
  if (o.power && o.top)
    return Error(
        "--power: found with --top; allowed: without --top, for the core; the report of --top alone has the "
        "energy of the memories");
  if (!o.layout.module.empty()) {
    MSQ_CHECK(flow::check_synthesis_tools(o.liberty));
    MSQ_CHECK(flow::check_layout(design(), o.layout, o.setup()));
  }
  MSQ_TRY(const auto given, given_memories(o));
  MSQ_TRY(
      const auto area,
      flow::measure_area(config, o.setup(),
                         {.synthesis = o.synthesis(), .top = o.top, .shell = o.shell, .twins = !o.no_twin}));
  Output output{report::to_json(area),
                fmt::format("{}: area, memories apart\n{}", config.name, report::to_text(area))};
  synth::MemoryTimings memories;
  if (o.top) {
    MSQ_TRY(memories, add_memory_report(o, area.configuration, given, output));
  }
  const auto code = add_netlist_reports(o, area.configuration.synthesized, memories, output);
  return print(o, std::move(output), code);
}

/// Before longer work.
Result<> check_wires(const SynthOptions& o) {
  if (!o.netlist()) return Error("--wires: found alone; allowed: with --timing, --power or --place-route");
  if (o.max_fanout == 0)
    return Error("--wires: found with --max-fanout 0; allowed: with buffer trees, as the clock's is one");
  MSQ_TRY([[maybe_unused]] const auto process, flow::load_wire_process(o.liberty, o.wire_file));
  return {};
}

Outcome run_synth(const SynthOptions& o) {
  MSQ_CHECK(check_max_fanout(o.max_fanout));
  if (o.netlist() && !on_path("sta")) return Error(missing_program_message("sta"));
  if (o.power) {
    MSQ_CHECK(flow::check_power_tools());
  }
  if (o.wires) {
    MSQ_CHECK(check_wires(o));
  }
  MSQ_CHECK(flow::check_clocks(o.setup()));
  if (!o.layer.config.empty()) return run_configuration(o);
  if (!o.layout.module.empty() || o.top)
    return Error("--baseline: found with --place-route or --top; allowed: without these options");
  return run_baseline(o);
}

void add_netlist_options(CLI::App& command, SynthOptions& o) {
  command.add_flag("--timing", o.timing,
                   "Static timing with OpenSTA: critical path and f_max of the core and of its leaf modules");
  add_max_fanout(command, o.max_fanout,
                 "Maximum loads of a net for timing, power, layout and --period, 2 to 1000, held by buffer "
                 "trees; 0: nets as synthesized");
  add_periods(command, o.periods);
  auto* power = command.add_flag(
      "--power", o.power,
      "Power of the core with OpenSTA, with the switching activity of the netlist during a layer");
  command.add_option("--frequency", o.power_options.frequency, "Clock for power in MHz")
      ->check(between(1e-3, 1e5))
      ->capture_default_str()
      ->needs(power);
  command.add_option("--tiles", o.power_options.tiles, "Simulated tiles of the layer")
      ->check(between(std::int64_t{1}, std::int64_t{100000}))
      ->capture_default_str()
      ->needs(power);
}

void add_wire_options(CLI::App& command, SynthOptions& o) {
  auto* wires = command
                    .add_flag("--wires", o.wires,
                              "Estimate wires and the clock's tree from a floorplan: f_max and power with "
                              "them, beside those without")
                    ->excludes("--flatten")
                    ->excludes("--top");
  command
      .add_option("--wire-file", o.wire_file,
                  "JSON file with the resistance and capacitance of wires, for other libraries or values")
      ->type_name(kInput)
      ->needs(wires);
}

void add_layout_options(CLI::App& command, flow::LayoutOptions& o) {
  auto* layout = command.add_option("--place-route", o.module,
                                    "Place and route this module, such as msq_pe_recon, with qflow: die, "
                                    "wires, timing with wires, and a picture");
  command.add_option("--max-cells", o.max_cells, "Maximum number of cells of a module to place and route")
      ->check(between(1, 100000))
      ->capture_default_str()
      ->needs(layout);
}

void add_fpga_options(CLI::App& command, SynthOptions& o, CLI::Option* target) {
  command
      .add_flag("--dsp", o.dsp, "Put multipliers into DSP blocks instead of look-up tables (defines MSQ_DSP)")
      ->needs(target);
  auto* route =
      command
          .add_flag("--route", o.route,
                    "Place and route with nextpnr (ice40: HX8K, ecp5: LFE5U-85F): f_max and longest path")
          ->needs(target);
  command.add_option("--seeds", o.seeds, "Runs of place and route, each with its own seed")
      ->check(between(1, 100))
      ->capture_default_str()
      ->needs(route);
}

/// The layer that --power computes.
void add_layer(CLI::App& command, LayerOptions& o) {
  add_weights(command, o.weights);
  command.add_option("-b,--bits", o.quantizer.options.bits, "Bits per weight")
      ->check(CLI::IsMember({2, 4}))
      ->capture_default_str();
  add_quantizer_choices(command, o.quantizer);
  add_activations(command, o.activations);
  add_seed(command, o.seed);
}

}  // namespace

void add_synth(CLI::App& app, Action& action) {
  auto options = std::make_shared<SynthOptions>();
  CLI::App* command = app.add_subcommand(
      "synth", "Synthesize with Yosys: area by block, timing, power and layout, beside the plain array");
  add_config(*command, options->layer.config, false);
  add_baseline(*command, options->baseline, "--config");
  add_liberty(*command, options->liberty);
  command->add_flag("--flatten", options->flatten, "Flatten to one netlist: slower, without areas by block");
  auto* top =
      command->add_flag("--top", options->top, "Synthesize the whole accelerator instead of the core");
  command->add_flag("--shell", options->shell, "Add the shell with its memory ports")->needs(top);
  command
      ->add_option("--memories", options->memories,
                   "JSON list of memory macros: sizes and figures instead of the model's")
      ->type_name(kInput)
      ->needs(top);
  command->add_flag("--no-twin", options->no_twin, "Leave out the plain arrays for comparison");
  add_netlist_options(*command, *options);
  add_wire_options(*command, *options);
  add_layout_options(*command, options->layout);
  auto* target = command
                     ->add_option("--target", options->target,
                                  "FPGA family: resources of the design there instead of area in a library")
                     ->check(CLI::IsMember(synth::fpga_names()))
                     ->excludes("--timing")
                     ->excludes("--power")
                     ->excludes("--place-route")
                     ->excludes("--period")
                     ->excludes("--wires")
                     ->excludes("--flatten")
                     ->excludes("--memories");
  add_fpga_options(*command, *options, target);
  add_layer(*command, options->layer);
  command->add_option("--work", options->work, "Directory for Verilog, scripts and logs")
      ->type_name(kOutputDirectory)
      ->capture_default_str();
  add_json(*command, options->layer.json);
  command->footer(
      "Example:\n  microscopiq synth --config 8x8\n  microscopiq synth --config 8x8 --timing --power "
      "--weights model.safetensors\n    --tensor encoder.layer.0.intermediate.dense.weight");
  command->callback([options, &action] { action = [options] { return run_synth(*options); }; });
}

}  // namespace msq::cli
