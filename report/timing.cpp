#include "report/timing.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "report/text.hpp"

namespace msq::report {

using Json = nlohmann::ordered_json;

Json to_json(const flow::DescribedPath& d) {
  Json segments = Json::array();
  for (const flow::PathSegment& s : d.segments) {
    segments.push_back({{"block", s.block},
                        {"module", s.module},
                        {"instance", s.instance},
                        {"cells", s.cells},
                        {"delay_ns", s.delay}});
  }
  return {{"from", std::string(synth::path_end_text(d.path.from))},
          {"to", std::string(synth::path_end_text(d.path.to))},
          {"period_ns", d.path.period},
          {"setup_ns", d.path.setup},
          {"cells", d.cells},
          {"start", d.start},
          {"end", d.end},
          {"segments", segments}};
}

Json to_json(const flow::BlockTiming& b) {
  return {{"block", b.block},
          {"period_ns", b.period},
          {"fmax_mhz", b.megahertz()},
          {"start", b.start},
          {"end", b.end}};
}

namespace {

std::string kind(const flow::DescribedPath& d) {
  return fmt::format("{} to {}", synth::path_end_text(d.path.from), synth::path_end_text(d.path.to));
}

std::string path_text(const flow::DescribedPath& d) {
  std::string text = item("from", d.start);
  Table table({"  through", "block", "cells", "ns"});
  for (const flow::PathSegment& s : d.segments) {
    table.add({"  " + (s.instance.empty() ? s.module
                                          : fmt::format("{} ({})", flow::short_path(s.instance), s.module)),
               s.block, std::to_string(s.cells), fmt::format("{:.3f}", s.delay)});
  }
  table.add({"  setup", "", "", fmt::format("{:.3f}", d.path.setup)});
  return text + table.str() + item("to", d.end);
}

}  // namespace

Json to_json(const flow::TimingFindings& findings) {
  Json json = {{"period_ns", findings.period()},
               {"fmax_mhz", findings.critical().megahertz()},
               {"max_fanout", findings.fanout.limit},
               {"buffer", findings.fanout.cell.name},
               {"buffers", findings.fanout.repair.buffers},
               {"buffered_nets", findings.fanout.repair.nets},
               {"largest_fanout", findings.fanout.repair.largest},
               {"buffer_area_um2", findings.fanout.area},
               {"critical", to_json(findings.critical())},
               {"memories_timed", findings.memories_timed},
               {"paths", Json::array()},
               {"blocks", Json::array()},
               {"modules", Json::array()}};
  for (const flow::DescribedPath& path : findings.paths) json["paths"].push_back(to_json(path));
  for (const flow::BlockTiming& b : findings.blocks) json["blocks"].push_back(to_json(b));
  for (const flow::ModuleTiming& m : findings.modules) {
    json["modules"].push_back({{"module", m.module},
                               {"block", m.block},
                               {"fmax_mhz", m.longest.megahertz()},
                               {"longest", to_json(m.longest)}});
  }
  return json;
}

std::string to_text(const flow::TimingFindings& findings) {
  std::string text = item("conditions", "OpenSTA, ideal clock, no wires, the corner of the library");
  if (findings.fanout.repair.buffers > 0) {
    text += item("fan-out", fmt::format("at most {}: {} {} on {} nets ({} um^2, not in the area); it was {}",
                                        findings.fanout.limit, grouped(findings.fanout.repair.buffers),
                                        findings.fanout.cell.name, grouped(findings.fanout.repair.nets),
                                        area_text(findings.fanout.area), findings.fanout.repair.largest));
  }
  const flow::DescribedPath& core = findings.critical();
  text += item("f_max", fmt::format("{:.1f} MHz: {:.3f} ns, {} cells", findings.critical().megahertz(),
                                    findings.period(), core.cells));
  text += path_text(core);
  text += fmt::format("  longest path of each kind, {} without delay of their own\n",
                      findings.memories_timed ? "ports" : "ports and memories");
  Table kinds({"kind", "ns", "cells", "from", "to"});
  for (const flow::DescribedPath& path : findings.paths) {
    kinds.add({kind(path), fmt::format("{:.3f}", path.path.period), std::to_string(path.cells), path.start,
               path.end});
  }
  text += kinds.str();
  text += "  longest path to the registers of each block, from registers and memories\n";
  Table blocks({"block", "ns", "MHz", "from", "to"});
  for (const flow::BlockTiming& b : findings.blocks)
    blocks.add(
        {b.block, fmt::format("{:.3f}", b.period), fmt::format("{:.0f}", b.megahertz()), b.start, b.end});
  text += blocks.str();
  if (findings.modules.empty()) return text;
  text += "  leaf modules alone\n";
  Table modules({"module", "block", "ns", "MHz", "cells", "longest path"});
  for (const flow::ModuleTiming& m : findings.modules) {
    modules.add({m.module, m.block, fmt::format("{:.3f}", m.longest.path.period),
                 m.longest.path.period > 0 ? fmt::format("{:.0f}", m.longest.megahertz()) : "",
                 std::to_string(m.longest.cells), fmt::format("{} to {}", m.longest.start, m.longest.end)});
  }
  return text + modules.str();
}

}  // namespace msq::report
