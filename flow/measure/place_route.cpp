#include "flow/measure/place_route.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "flow/measure/modules.hpp"
#include "flow/measure/wires.hpp"
#include "golden/io/atomic_file.hpp"
#include "support/process.hpp"
#include "support/progress.hpp"
#include "synth/layout_svg.hpp"
#include "synth/netlist_layout.hpp"
#include "synth/netlist_verilog.hpp"
#include "synth/sta.hpp"
#include "synth/wire_length.hpp"
#include "synth/wire_spef.hpp"

namespace msq::flow {
namespace {

/// Estimates the wires of the laid-out netlist. @return them for OpenSTA.
std::string estimate_layout(LayoutFindings& findings, const synth::WireProcess& process) {
  const synth::Netlist& netlist = findings.module.netlist;
  const double utilization = findings.cell_area / (findings.width() * findings.height());
  const auto wires = synth::estimate_wires(netlist, cell_areas(netlist, findings.module.liberty), utilization,
                                           netlist.input(kClockPort));
  LayoutEstimate& estimate = findings.estimate.emplace();
  estimate.length = wires.total();
  estimate.capacitance = estimate.length * process.capacitance;
  for (std::size_t i = 0; i < findings.wiring.nets.size(); ++i) {
    if (findings.layout.def.nets.at(i).name == kClockPort) continue;
    estimate.routed_length += findings.wiring.nets[i].length;
    estimate.routed_capacitance += findings.wiring.nets[i].capacitance();
  }
  return synth::estimated_spef(netlist, synth::timing_net_names(netlist, kClockPort), true,
                               synth::wires_of(wires.lengths, process.resistance, process.capacitance));
}

Result<> measure_paths(LayoutFindings& findings, const std::string& spef, const std::string& estimated) {
  const Progress progress("analyzing timing with OpenSTA");
  const PreparedModule& module = findings.module;
  const synth::Netlist& netlist = module.netlist;
  std::vector<synth::Netlist> netlists = {netlist, netlist};
  std::map<std::size_t, std::string> wires = {{1, spef}};
  if (findings.estimate) {
    netlists.push_back(netlist);
    wires[2] = estimated;
  }
  MSQ_TRY(const auto timing, synth::analyze_timing(netlists, {.liberty = module.liberty_file,
                                                              .work_directory = findings.directory / "timing",
                                                              .clock_port = kClockPort,
                                                              .wires = wires}));
  std::vector<DescribedPath> paths;
  for (const synth::NetlistTiming& found : timing) {
    if (found.any() == nullptr)
      return Error(fmt::format("module {}: OpenSTA finds no path in it", netlist.top));
    paths.push_back(describe(*found.any(), netlist, module.block_of));
  }
  findings.before = paths[0];
  findings.after = paths[1];
  if (findings.estimate) findings.estimate->path = paths[2];
  return {};
}

Result<> draw(LayoutFindings& findings, const synth::Lef& lef) {
  findings.picture = findings.directory / "layout.svg";
  const synth::Netlist& netlist = findings.module.netlist;
  return golden::write_file_atomically(
      findings.picture,
      synth::layout_svg(findings.layout.def, lef, findings.module.liberty,
                        fmt::format("{}: {:.1f} x {:.1f} um, {} cells, {}", netlist.top, findings.width(),
                                    findings.height(), netlist.cells.size(), findings.library)));
}

Result<> check_size(const PreparedModule& module, const LayoutOptions& options) {
  const std::size_t cells = module.netlist.cells.size();
  if (cells <= static_cast<std::size_t>(options.max_cells)) return {};
  return Error(
      fmt::format("module {}: found {} cells; allowed for a layout: {} (--max-cells, but the tools take "
                  "hours for a few thousand)",
                  options.module, cells, options.max_cells));
}

Result<synth::PlaceRouteResult> place_and_route(const LayoutFindings& findings,
                                                const synth::LayoutLibrary& library,
                                                const std::string& module) {
  const Progress progress(fmt::format("placing and routing {} with graywolf and qrouter", module));
  return synth::place_and_route(findings.module.netlist, library, {findings.directory, module});
}

/// Lengths, vias and open nets of the wires; areas of the cells as they are laid out.
Result<> measure_geometry(LayoutFindings& findings, const synth::Lef& lef) {
  auto wiring = synth::measure_wiring(findings.layout.def, lef);
  if (!wiring) return Error(fmt::format("{}: {}", findings.layout.def_file.string(), wiring.error()));
  findings.wiring = std::move(*wiring);
  for (std::size_t i = 0; i < lef.layers.size(); ++i) {
    const double length = findings.wiring.lengths[i];
    if (length > 0) findings.lengths[lef.layers[i].name] = length;
  }
  for (const synth::DefComponent& component : findings.layout.def.components) {
    const synth::LefMacro& macro = lef.macros.at(component.macro);  // measure_wiring knows them all
    if (macro.is_filler()) {
      ++findings.fillers;
    } else {
      findings.outline_area += macro.width * macro.height;
    }
  }
  return {};
}

}  // namespace

double LayoutFindings::width() const { return layout.def.um(layout.def.die.high.x - layout.def.die.low.x); }

double LayoutFindings::height() const { return layout.def.um(layout.def.die.high.y - layout.def.die.low.y); }

Result<> check_layout(const Design& design, const LayoutOptions& options, const Flow& flow) {
  const std::vector<std::string> modules = logic_modules(design);
  if (std::find(modules.begin(), modules.end(), options.module) == modules.end()) {
    return Error(fmt::format("--place-route: found \"{}\"; allowed for {}: {}", options.module,
                             design.config.name, fmt::join(modules, ", ")));
  }
  if (!on_path("sta")) return Error(missing_program_message("sta"));
  MSQ_CHECK(synth::check_layout_tools());
  MSQ_TRY([[maybe_unused]] const auto library, synth::layout_library(flow.liberty));
  return {};
}

Result<LayoutFindings> measure_layout(const Synthesized& synthesized, const Flow& flow,
                                      const LayoutOptions& options) {
  MSQ_TRY(const auto library, synth::layout_library(flow.liberty));
  LayoutFindings findings;
  MSQ_TRY(findings.module, prepare_module(synthesized, flow, options.module));
  MSQ_CHECK(check_size(findings.module, options));
  const synth::Netlist& netlist = findings.module.netlist;
  findings.library = findings.module.liberty.name;
  findings.directory = synthesized.directory() / "place-route" / options.module;
  findings.cell_area = findings.module.area(netlist);
  MSQ_TRY(findings.layout, place_and_route(findings, library, options.module));
  MSQ_CHECK(measure_geometry(findings, library.lef));
  MSQ_TRY(const auto spef,
          synth::layout_spef(netlist, findings.layout.def, findings.wiring, library.supplies));
  std::string estimated;
  if (options.wires) estimated = estimate_layout(findings, *options.wires);
  MSQ_CHECK(measure_paths(findings, spef, estimated));
  MSQ_CHECK(draw(findings, library.lef));
  return findings;
}

}  // namespace msq::flow
