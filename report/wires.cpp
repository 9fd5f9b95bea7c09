#include "report/wires.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "report/text.hpp"
#include "report/timing.hpp"

namespace msq::report {

using Json = nlohmann::ordered_json;

Json to_json(const flow::WiredNetlist& w) {
  const synth::FloorBox& die = w.wires.floorplan.die;
  const double longest = w.wires.lengths[static_cast<std::size_t>(w.wires.longest())];
  return {{"ohm_per_um", w.process.resistance},
          {"ff_per_um", w.process.capacitance * 1e3},
          {"clock_ohm_per_um", w.process.clock_resistance},
          {"clock_ff_per_um", w.process.clock_capacitance * 1e3},
          {"utilization", w.process.utilization},
          {"skew", w.process.skew},
          {"die", {{"width_um", die.width}, {"height_um", die.height}, {"area_um2", w.die_area()}}},
          {"cell_area_um2", w.cell_area},
          {"fill_area_um2", w.die_area() - w.cell_area},
          {"nets", w.wires.nets},
          {"length_um", w.wires.total()},
          {"longest_um", longest},
          {"capacitance_pf", w.capacitance()},
          {"clock",
           {{"pins", w.clock.sinks()},
            {"buffers", w.clock.buffers()},
            {"levels", w.clock.pins.size() - 1},
            {"buffer_area_um2", w.clock_area},
            {"length_um", w.clock.length()},
            {"capacitance_pf", w.clock.length() * w.process.clock_capacitance},
            {"insertion_ns", w.insertion},
            {"skew_ns", w.skew()}}}};
}

std::string to_text(const flow::WiredNetlist& w) {
  const auto rounded = [](double value) { return grouped(std::llround(value)); };
  std::string text =
      item("conditions", "an estimate by the hierarchy's floorplan; no layout, cells not resized");
  text += item("wires of the library",
               fmt::format("{:.4g} ohm and {:.4g} fF per um, clock {:.4g} and {:.4g}", w.process.resistance,
                           w.process.capacitance * 1e3, w.process.clock_resistance,
                           w.process.clock_capacitance * 1e3));
  text += item("die", fmt::format("{} um^2, {} of them cells, the rest fill and decoupling",
                                  rounded(w.die_area()), percent(w.process.utilization, 0)));
  text += item("signals", fmt::format("{} um on {} nets, {:.2f} pF; longest {} um", rounded(w.wires.total()),
                                      grouped(static_cast<std::int64_t>(w.wires.nets)), w.capacitance(),
                                      rounded(w.wires.lengths[static_cast<std::size_t>(w.wires.longest())])));
  return text + item("clock tree",
                     fmt::format("{} buffers in {} levels to {} pins, {} um, {:.3f} ns to the registers",
                                 grouped(static_cast<std::int64_t>(w.clock.buffers())),
                                 w.clock.pins.size() - 1, grouped(static_cast<std::int64_t>(w.clock.sinks())),
                                 rounded(w.clock.length()), w.insertion));
}

Json to_json(const flow::WiredTiming& t) {
  Json json = {{"period_ns", t.period()},
               {"fmax_mhz", 1000 / t.period()},
               {"skew_ns", t.skew},
               {"critical", to_json(t.critical)},
               {"blocks", Json::array()}};
  for (const flow::BlockTiming& block : t.blocks) json["blocks"].push_back(to_json(block));
  return json;
}

std::string to_text(const flow::WiredTiming& t) {
  return item("f_max with wires",
              fmt::format("{:.1f} MHz: {:.3f} ns, {:.3f} ns of them skew; {} to {}", 1000 / t.period(),
                          t.period(), t.skew, t.critical.start, t.critical.end));
}

}  // namespace msq::report
