#include "report/fpga.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "report/text.hpp"

namespace msq::report {

using Json = nlohmann::ordered_json;

namespace {

Json to_json(const synth::NextpnrRun& run) {
  Json use = Json::object();
  for (const auto& [kind, cells] : run.report.use) {
    if (cells.used > 0) use[kind] = {{"used", cells.used}, {"available", cells.available}};
  }
  Json path = Json::array();
  for (const synth::FpgaStep& step : run.report.path)
    path.push_back({{"instance", step.instance},
                    {"cells", step.cells},
                    {"logic_ns", step.logic_ns},
                    {"routing_ns", step.routing_ns}});
  return {{"seed", run.seed},
          {"fmax_mhz", run.report.fmax_mhz},
          {"utilization", use},
          {"longest", path},
          {"runtime_seconds", run.runtime_seconds}};
}

Json to_json(const synth::FpgaRouting& routing) {
  Json runs = Json::array();
  for (const synth::NextpnrRun& run : routing.runs) runs.push_back(to_json(run));
  const auto fmax = routing.sorted_fmax();
  return {{"device", routing.device},
          {"nextpnr_version", routing.version},
          {"fmax_mhz", {{"median", routing.median_fmax()}, {"least", fmax.front()}, {"most", fmax.back()}}},
          {"runs", runs}};
}

std::string to_text(const synth::FpgaRouting& routing) {
  const auto fmax = routing.sorted_fmax();
  const synth::NextpnrRun& run = routing.median_run();
  std::string text =
      item("placed and routed", fmt::format("{}, by nextpnr {}", routing.device, routing.version));
  text +=
      item("f_max", fmt::format("{:.1f} MHz, median of {} seed{} ({:.1f} to {:.1f})", routing.median_fmax(),
                                fmax.size(), fmax.size() == 1 ? "" : "s", fmax.front(), fmax.back()));
  Table use({"in the device", "used", "available"});
  for (const auto& [kind, cells] : run.report.use) {
    if (cells.used > 0) use.add({kind, grouped(cells.used), grouped(cells.available)});
  }
  Table path({fmt::format("longest path, seed {}", run.seed), "cells", "logic ns", "wires ns"});
  for (const synth::FpgaStep& step : run.report.path)
    path.add({step.instance.empty() ? "(outermost module)" : step.instance, std::to_string(step.cells),
              fmt::format("{:.2f}", step.logic_ns), fmt::format("{:.2f}", step.routing_ns)});
  return text + use.str() + path.str();
}

}  // namespace

Json to_json(const flow::FpgaFindings& f) {
  const synth::FpgaReport& r = f.report;
  Json json = {{"target", std::string(synth::fpga_name(r.target))},
               {"dsp", r.dsp},
               {"luts", r.luts},
               {"carries", r.carries},
               {"flip_flops", r.flip_flops},
               {"dsps", r.dsps},
               {"block_rams", r.block_rams},
               {"lut_rams", r.lut_rams},
               {"cells", r.cells},
               {"runtime_seconds", r.runtime_seconds},
               {"yosys_version", r.yosys_version}};
  if (!f.routing) return json;
  json["wrapper"] = {{"inputs", f.wrapper_inputs}, {"outputs", f.wrapper_outputs}};
  json["routing"] = to_json(*f.routing);
  return json;
}

std::string to_text(const flow::FpgaFindings& f) {
  const synth::FpgaReport& r = f.report;
  std::string text =
      item("target", fmt::format("{}{}, by Yosys {}, before placement", synth::fpga_name(r.target),
                                 r.dsp ? " with multiplier blocks" : "", r.yosys_version));
  text += item("look-up tables", grouped(r.luts));
  text += item("flip-flops", grouped(r.flip_flops));
  text += item("carry cells", grouped(r.carries));
  text += item("DSPs", grouped(r.dsps));
  text += item("block RAMs", grouped(r.block_rams));
  text += item("cells of distributed RAM", grouped(r.lut_rams));
  if (f.routing)
    text += item("of these the wrapper's",
                 fmt::format("{} flip-flops and {} look-up tables",
                             grouped(f.wrapper_inputs + f.wrapper_outputs), grouped(f.wrapper_outputs)));
  Table table({"cell", "count"});
  for (const auto& [name, count] : r.cells) table.add({name, grouped(count)});
  return text + table.str() + (f.routing ? to_text(*f.routing) : "");
}

}  // namespace msq::report
