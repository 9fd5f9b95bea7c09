#include "report/place_route.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "report/text.hpp"
#include "report/timing.hpp"

namespace msq::report {

using Json = nlohmann::ordered_json;

Json to_json(const flow::LayoutFindings& r) {
  const auto timing = [](const flow::DescribedPath& path) {
    return Json{{"period_ns", path.path.period}, {"fmax_mhz", path.megahertz()}, {"longest", to_json(path)}};
  };
  Json json = {
      {"module", r.module.netlist.top},
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
  if (r.estimate) {
    json["estimate"] = {{"routed_length_um", r.estimate->routed_length},
                        {"length_um", r.estimate->length},
                        {"routed_capacitance_pf", r.estimate->routed_capacitance},
                        {"capacitance_pf", r.estimate->capacitance},
                        {"timing", timing(r.estimate->path)}};
  }
  return json;
}

std::string to_text(const flow::LayoutFindings& r) {
  const auto rounded = [](double value) { return grouped(std::llround(value)); };
  std::string text = item(
      "conditions", "graywolf and qrouter of qflow; outlines of cells only: neither design rules nor masks");
  if (r.module.variants > 1) text += item("variant", fmt::format("the largest of {}", r.module.variants));
  text += item("cells",
               fmt::format("{}, {} um^2 by the library's areas, {} um^2 by its outlines",
                           r.module.netlist.cells.size(), area_text(r.cell_area), rounded(r.outline_area)));
  if (r.added_buffers() > 0)
    text += item("  of them", fmt::format("{} {} for fan-out and ports, not in the area above",
                                          r.added_buffers(), r.module.buffer));
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
    text += item(label, fmt::format("{:.1f} MHz: {:.3f} ns, {} cells, {} to {}", path->megahertz(),
                                    path->path.period, path->cells, path->start, path->end));
  }
  if (r.estimate) {
    text +=
        item("estimated wires",
             fmt::format("{} um, {:.2f} pF, {:.3f} ns; routed, without the clock: {} um, {:.2f} pF",
                         rounded(r.estimate->length), r.estimate->capacitance, r.estimate->path.path.period,
                         rounded(r.estimate->routed_length), r.estimate->routed_capacitance));
  }
  text += item("run time", fmt::format("{:.1f} s to place, {:.1f} s to route", r.layout.place_seconds,
                                       r.layout.route_seconds));
  return text + item("picture", r.picture.string());
}

}  // namespace msq::report
