#include "cli/place_route.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/text.hpp"
#include "support/process.hpp"
#include "support/progress.hpp"
#include "synth/layout_svg.hpp"
#include "synth/netlist_layout.hpp"
#include "synth/sta.hpp"

namespace msq::cli {
namespace {

namespace fs = std::filesystem;

double megahertz(const DescribedPath& path) { return 1000 / path.path.period; }

Result<> measure_paths(const NetlistSource& source, const LayoutReport& layout, const std::string& spef,
                       DescribedPath& before, DescribedPath& after) {
  const Progress progress("analyzing timing with OpenSTA");
  const synth::Netlist& netlist = layout.module.netlist;
  const auto timing = synth::analyze_timing(
      {netlist, netlist}, {source.liberty, layout.directory / "timing", kClockPort, {{1, spef}}});
  if (!timing) return Error(timing.error());
  const synth::TimingPath* without = timing->at(0).any();
  const synth::TimingPath* with = timing->at(1).any();
  if (without == nullptr || with == nullptr)
    return Error(fmt::format("module {}: OpenSTA finds no path in it", netlist.top));
  before = describe(*without, netlist, layout.module.block_of);
  after = describe(*with, netlist, layout.module.block_of);
  return {};
}

Result<> draw(LayoutReport& report, const synth::Lef& lef) {
  report.picture = report.directory / "layout.svg";
  std::ofstream out(report.picture, std::ios::binary);
  out << synth::layout_svg(
      report.layout.def, lef, report.module.liberty,
      fmt::format("{}: {:.1f} x {:.1f} um, {} cells, {}", report.module.netlist.top, report.width(),
                  report.height(), report.module.netlist.cells.size(), report.library));
  out.close();
  if (!out) return Error(fmt::format("{}: cannot write the file", report.picture.string()));
  return {};
}

/// Buffers that are not in the area report.
int added_buffers(const PreparedModule& module) { return module.repair.buffers + module.port_buffers; }

}  // namespace

double LayoutReport::width() const { return layout.def.um(layout.def.die.high.x - layout.def.die.low.x); }

double LayoutReport::height() const { return layout.def.um(layout.def.die.high.y - layout.def.die.low.y); }

Result<> check_layout(const Design& design, const LayoutOptions& options, const fs::path& liberty) {
  std::vector<std::string> modules;
  for (const std::string& file : design.verilog_files()) {  // one module in each
    const std::string module = fs::path(file).stem().string();
    const auto& memories = design.memory_modules;
    if (std::find(memories.begin(), memories.end(), module) == memories.end()) modules.push_back(module);
  }
  if (std::find(modules.begin(), modules.end(), options.module) == modules.end()) {
    return Error(fmt::format("--place-route: found \"{}\"; allowed for {}: {}", options.module,
                             design.config.name, fmt::join(modules, ", ")));
  }
  if (!on_path("sta")) return Error(missing_program_message("sta"));
  if (auto tools = synth::check_layout_tools(); !tools) return tools;
  const auto library = synth::layout_library(liberty);
  if (!library) return Error(library.error());
  return {};
}

Result<LayoutReport> measure_layout(const Design& design, const NetlistSource& source,
                                    const LayoutOptions& options) {
  const auto library = synth::layout_library(source.liberty);
  if (!library) return Error(library.error());
  LayoutReport report;
  auto module = prepare_module(design, source, options.module);
  if (!module) return Error(module.error());
  report.module = std::move(*module);
  const synth::Netlist& netlist = report.module.netlist;
  if (netlist.cells.size() > static_cast<std::size_t>(options.max_cells)) {
    return Error(
        fmt::format("module {}: found {} cells; allowed for a layout: {} (--max-cells, but the tools take "
                    "hours for a few thousand)",
                    options.module, netlist.cells.size(), options.max_cells));
  }
  report.library = report.module.liberty.name;
  report.directory = source.work / "place-route" / options.module;
  report.cell_area = report.module.area(netlist);
  {
    const Progress progress(fmt::format("placing and routing {} with graywolf and qrouter", options.module));
    auto layout = synth::place_and_route(netlist, *library, {report.directory, options.module});
    if (!layout) return Error(layout.error());
    report.layout = std::move(*layout);
  }
  auto wiring = synth::measure_wiring(report.layout.def, library->lef);
  if (!wiring) return Error(fmt::format("{}: {}", report.layout.def_file.string(), wiring.error()));
  report.wiring = std::move(*wiring);
  for (std::size_t i = 0; i < library->lef.layers.size(); ++i) {
    if (report.wiring.lengths[i] > 0) report.lengths[library->lef.layers[i].name] = report.wiring.lengths[i];
  }
  for (const synth::DefComponent& component : report.layout.def.components) {
    const synth::LefMacro& macro = library->lef.macros.at(component.macro);  // measure_wiring knows them all
    if (macro.is_filler()) {
      ++report.fillers;
    } else {
      report.outline_area += macro.width * macro.height;
    }
  }
  const auto spef = synth::layout_spef(netlist, report.layout.def, report.wiring, library->supplies);
  if (!spef) return Error(spef.error());
  if (auto paths = measure_paths(source, report, *spef, report.before, report.after); !paths)
    return Error(paths.error());
  if (auto drawn = draw(report, library->lef); !drawn) return Error(drawn.error());
  return report;
}

Json to_json(const LayoutReport& r) {
  const auto timing = [](const DescribedPath& path) {
    return Json{{"period_ns", path.path.period}, {"fmax_mhz", megahertz(path)}, {"longest", to_json(path)}};
  };
  return {{"module", r.module.netlist.top},
          {"variants", r.module.variants},
          {"library", r.library},
          {"cells", r.module.netlist.cells.size()},
          {"buffer", r.module.buffer},
          {"fanout_buffers", r.module.repair.buffers},
          {"port_buffers", r.module.port_buffers},
          {"filler_cells", r.fillers},
          {"synthesized_area_um2", r.module.synthesized_area},
          {"cell_area_um2", r.cell_area},
          {"outline_area_um2", r.outline_area},
          {"die", {{"width_um", r.width()}, {"height_um", r.height()}, {"area_um2", r.width() * r.height()}}},
          {"utilization", r.utilization()},
          {"nets", r.layout.def.nets.size()},
          {"unrouted_nets", r.wiring.open_nets},
          {"wire_length_um", r.wiring.length()},
          {"wire_length_by_layer_um", r.lengths},
          {"vias", r.wiring.vias},
          {"wire_capacitance_pf", r.wiring.capacitance},
          {"before_routing", timing(r.before)},
          {"after_routing", timing(r.after)},
          {"router_version", r.layout.router_version},
          {"place_seconds", r.layout.place_seconds},
          {"route_seconds", r.layout.route_seconds},
          {"def_file", r.layout.def_file.string()},
          {"picture", r.picture.string()},
          {"directory", r.directory.string()}};
}

std::string to_text(const LayoutReport& r) {
  const auto rounded = [](double value) { return grouped(std::llround(value)); };
  std::string text = item(
      "conditions", "graywolf and qrouter of qflow; outlines of cells only: neither design rules nor masks");
  if (r.module.variants > 1) text += item("variant", fmt::format("the largest of {}", r.module.variants));
  text += item("cells",
               fmt::format("{}, {} um^2 by the library's areas, {} um^2 by its outlines",
                           r.module.netlist.cells.size(), rounded(r.cell_area), rounded(r.outline_area)));
  if (added_buffers(r.module) > 0)
    text += item("  of them", fmt::format("{} {} for fan-out and ports, not in the area above",
                                          added_buffers(r.module), r.module.buffer));
  text += item("die", fmt::format("{:.1f} x {:.1f} um, {} um^2", r.width(), r.height(),
                                  rounded(r.width() * r.height())));
  text += item("utilization", fmt::format("{} of the die are cells", percent(r.utilization(), 1)));
  std::string by_layer;
  for (const auto& [layer, length] : r.lengths)
    by_layer += fmt::format("{}{} {}", by_layer.empty() ? "" : ", ", layer, rounded(length));
  text += item("wires", fmt::format("{} um, {} vias, {:.2f} pF", rounded(r.wiring.length()),
                                    grouped(r.wiring.vias), r.wiring.capacitance));
  text += item("  by layer, um", by_layer);
  constexpr std::size_t kShown = 5;
  std::string open;
  for (std::size_t i = 0; i < std::min(kShown, r.wiring.open_nets.size()); ++i)
    open += fmt::format("{} {}", i == 0 ? ":" : ",", r.wiring.open_nets[i]);
  text +=
      item("unrouted nets", fmt::format("{} of {}{}{}", r.wiring.open_nets.size(), r.layout.def.nets.size(),
                                        open, r.wiring.open_nets.size() > kShown ? ", ..." : ""));
  for (const auto& [label, path] :
       {std::pair{"f_max without wires", &r.before}, {"f_max with wires", &r.after}}) {
    text += item(label, fmt::format("{:.1f} MHz: {:.3f} ns, {} cells, {} to {}", megahertz(*path),
                                    path->path.period, path->cells, path->start, path->end));
  }
  text += item("run time", fmt::format("{:.1f} s to place, {:.1f} s to route", r.layout.place_seconds,
                                       r.layout.route_seconds));
  return text + item("picture", r.picture.string());
}

}  // namespace msq::cli
