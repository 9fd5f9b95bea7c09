#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "gen/arch/manifest.hpp"
#include "gen/silicon/floorplan.hpp"
#include "gen/silicon/flows.hpp"

namespace msq::silicon {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormat = 2;         ///< of configuration files: unknown variables are errors
constexpr double kMoreDense = 15;  ///< percent: density of placement above the utilization

std::string here(const std::string& file) { return "dir::" + file; }

/// Rounded as far as a file needs it.
double round_to(double value, double step) { return std::round(value / step) * step; }
double micrometres(double value) { return std::round(value * 1000) / 1000; }

/// Paths of the instances of macros.
std::map<std::string, const Macro*> instances(const FlowDesign& f) {
  std::map<std::string, const Macro*> all;
  for (const Memory& memory : memories(f.design)) {
    for (const Macro& macro : f.macros) {
      if (macro.memory.width != memory.width || macro.memory.depth != memory.depth) continue;
      for (const std::string& path : memory.paths) all[path + "." + macro_instance(macro)] = &macro;
    }
  }
  return all;
}

Json macro_json(const Macro& macro, const std::map<std::string, const Macro*>& all, const Floorplan& plan) {
  Json places = Json::object();
  for (const auto& [path, of] : all) {
    if (of != &macro || !plan.places.contains(path)) continue;
    const Place& place = plan.places.at(path);
    places[path] = {{"location", {micrometres(place.x), micrometres(place.y)}}, {"orientation", "N"}};
  }
  return {{"gds", {here(macro.file("gds"))}},
          {"lef", {here(macro.file("lef"))}},
          {"vh", {here(macro.stub_file())}},
          {"lib", {{"*", {here(macro.file("lib"))}}}},
          {"instances", places}};
}

void add_floorplan(const FlowDesign& f, Json& json) {
  const double ratio = aspect_ratio(f.design);
  if (f.macros.empty() || f.options.cell_area <= 0) {
    json["FP_SIZING"] = "relative";
    json["FP_CORE_UTIL"] = f.options.utilization;
    json["FP_ASPECT_RATIO"] = ratio;
  }
  if (f.macros.empty()) return;
  const auto all = instances(f);
  Floorplan plan;
  if (f.options.cell_area > 0) {
    plan = place_macros(all, f.options.cell_area / (f.options.utilization / 100), ratio);
    json["FP_SIZING"] = "absolute";
    json["DIE_AREA"] = {0, 0, micrometres(plan.die.width), micrometres(plan.die.height)};
  }
  for (const Macro& macro : f.macros) json["MACROS"][macro.name] = macro_json(macro, all, plan);
}

std::string config_json(const FlowDesign& f) {
  Json json = {{"meta", {{"version", kFormat}}},
               {"PDK", f.platform.name},
               {"DESIGN_NAME", f.design.top},
               {"VERILOG_FILES", Json::array()},
               {"CLOCK_PORT", f.package.interfaces.clock},
               {"CLOCK_PERIOD", round_to(f.options.constraints.period_ns, 0.001)},
               {"PNR_SDC_FILE", here(kConstraintsFile)},
               {"SIGNOFF_SDC_FILE", here(kConstraintsFile)},
               {"SYNTH_HIERARCHY_MODE", "deferred_flatten"},
               {"IO_PIN_ORDER_CFG", here("pin_order.cfg")},
               {"PL_TARGET_DENSITY_PCT", std::min(f.options.utilization + kMoreDense, 100.0)}};
  for (const std::string& file : f.sources()) json["VERILOG_FILES"].push_back(here(file));
  add_floorplan(f, json);
  return json.dump(2) + "\n";
}

const char* compass(Side side) {
  switch (side) {
    case Side::top:
      return "N";
    case Side::left:
      return "W";
    case Side::bottom:
      return "S";
    case Side::right:
      break;
  }
  return "E";
}

/// Regular expressions of the ports of each side. A `#` begins a side here, not a comment.
std::string pin_order(const FlowDesign& f) {
  std::string text;
  for (const SidePorts& side : port_sides(f.design)) {
    if (side.ports.empty()) continue;
    text += fmt::format("#{}\n", compass(side.side));
    for (const verilog::Port& port : side.ports)
      text += port.name + (port.type.width == 1 ? "\n" : "\\[\\d+\\]\n");
  }
  return text;
}

}  // namespace

std::string librelane_constraints(const packaging::Package& package) {
  const std::string& clock = package.interfaces.clock;
  return fmt::format(
      "\n# Design rules, drivers and margins of LibreLane's configuration, where the flow gives them.\n"
      "proc setting {{name}} {{\n"
      "  expr {{[info exists ::env($name)] ? $::env($name) : \"\"}}\n"
      "}}\n"
      "if {{[setting MAX_FANOUT_CONSTRAINT] ne \"\"}} {{\n"
      "  set_max_fanout [setting MAX_FANOUT_CONSTRAINT] [current_design]\n"
      "}}\n"
      "if {{[setting MAX_TRANSITION_CONSTRAINT] ne \"\"}} {{\n"
      "  set_max_transition [setting MAX_TRANSITION_CONSTRAINT] [current_design]\n"
      "}}\n"
      "if {{[setting MAX_CAPACITANCE_CONSTRAINT] ne \"\"}} {{\n"
      "  set_max_capacitance [setting MAX_CAPACITANCE_CONSTRAINT] [current_design]\n"
      "}}\n"
      "if {{[setting SYNTH_DRIVING_CELL] ne \"\"}} {{\n"
      "  lassign [split [setting SYNTH_DRIVING_CELL] /] cell pin\n"
      "  set_driving_cell -lib_cell $cell -pin $pin [all_inputs]\n"
      "}}\n"
      "if {{[setting SYNTH_CLK_DRIVING_CELL] ne \"\"}} {{\n"
      "  lassign [split [setting SYNTH_CLK_DRIVING_CELL] /] cell pin\n"
      "  set_driving_cell -lib_cell $cell -pin $pin [get_ports {0}]\n"
      "}}\n"
      "if {{[setting OUTPUT_CAP_LOAD] ne \"\"}} {{\n"
      "  set_load [expr {{[setting OUTPUT_CAP_LOAD] / 1000.0}}] [all_outputs]\n"
      "}}\n"
      "if {{[setting CLOCK_UNCERTAINTY_CONSTRAINT] ne \"\"}} {{\n"
      "  set_clock_uncertainty [setting CLOCK_UNCERTAINTY_CONSTRAINT] [get_clocks {0}]\n"
      "}}\n"
      "if {{[setting CLOCK_TRANSITION_CONSTRAINT] ne \"\"}} {{\n"
      "  set_clock_transition [setting CLOCK_TRANSITION_CONSTRAINT] [get_clocks {0}]\n"
      "}}\n"
      "if {{[setting TIME_DERATING_CONSTRAINT] ne \"\"}} {{\n"
      "  set derate [expr {{[setting TIME_DERATING_CONSTRAINT] / 100.0}}]\n"
      "  set_timing_derate -early [expr {{1 - $derate}}]\n"
      "  set_timing_derate -late [expr {{1 + $derate}}]\n"
      "}}\n",
      clock);
}

std::vector<DesignFile> librelane_files(const FlowDesign& f) {
  return {{"config.json", config_json(f)}, {"pin_order.cfg", pin_order(f)}};
}

}  // namespace msq::silicon
