#include "cli/timing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/text.hpp"
#include "support/progress.hpp"

namespace msq::cli {
namespace {

namespace fs = std::filesystem;

/// Last parts of an instance's path: enough to find it, short enough to read.
std::string short_path(const std::string& path) {
  constexpr int kParts = 2;
  std::size_t at = path.size();
  for (int i = 0; i < kParts && at != std::string::npos && at != 0; ++i) at = path.rfind('/', at - 1);
  return at == std::string::npos || at == 0 ? path : path.substr(at + 1);
}

std::string place(const synth::Netlist& netlist, const synth::PathStep& step) {
  if (!step.cell) return step.port;
  const synth::NetlistCell& cell = netlist.cells[*step.cell];
  const std::string& path = netlist.scopes[static_cast<std::size_t>(cell.scope)].path;
  const std::string name = cell.register_bit.empty() ? "a register" : cell.register_bit;
  return path.empty() ? name : fmt::format("{} of {}", name, short_path(path));
}

}  // namespace

DescribedPath describe(const synth::TimingPath& path, const synth::Netlist& netlist,
                       const std::map<std::string, std::string>& block_of) {
  DescribedPath result{path, place(netlist, path.steps.front()), place(netlist, path.steps.back()), {}, 0};
  double before = 0;
  int scope = -1;
  for (std::size_t i = 0; i < path.steps.size(); ++i) {
    const synth::PathStep& step = path.steps[i];
    const bool capture = i + 1 == path.steps.size() && path.to == synth::PathEnd::registers;
    if (!step.cell || capture) continue;
    const int at = netlist.cells[*step.cell].scope;
    if (at != scope) {
      const synth::Scope& place = netlist.scopes[static_cast<std::size_t>(at)];
      result.segments.push_back({block_of.at(place.module), place.module, place.path, 0, 0});
      scope = at;
    }
    ++result.segments.back().cells;
    ++result.cells;
    result.segments.back().delay += step.arrival - before;
    before = step.arrival;
  }
  return result;
}

namespace {

std::vector<BlockTiming> timing_of_blocks(const synth::NetlistTiming& timing,
                                          const PreparedNetlist& netlist) {
  std::vector<BlockTiming> blocks;
  for (const synth::RegisterTiming& r : timing.registers) {  // longest first
    const auto scope = static_cast<std::size_t>(netlist.core.cells[r.cell].scope);
    const std::string& block = netlist.block_of.at(netlist.core.scopes[scope].module);
    if (std::any_of(blocks.begin(), blocks.end(), [&](const BlockTiming& b) { return b.block == block; }))
      continue;
    blocks.push_back({block, place(netlist.core, r.start), place(netlist.core, {r.cell, {}, 0}), r.period});
  }
  return blocks;
}

}  // namespace

Json to_json(const DescribedPath& d) {
  Json segments = Json::array();
  for (const PathSegment& s : d.segments) {
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

namespace {

double megahertz(double period) { return 1000 / period; }

std::string kind(const DescribedPath& d) {
  return fmt::format("{} to {}", synth::path_end_text(d.path.from), synth::path_end_text(d.path.to));
}

std::string path_text(const DescribedPath& d) {
  std::string text = item("from", d.start);
  Table table({"  through", "block", "cells", "ns"});
  for (const PathSegment& s : d.segments) {
    table.add(
        {"  " + (s.instance.empty() ? s.module : fmt::format("{} ({})", short_path(s.instance), s.module)),
         s.block, std::to_string(s.cells), fmt::format("{:.3f}", s.delay)});
  }
  table.add({"  setup", "", "", fmt::format("{:.3f}", d.path.setup)});
  return text + table.str() + item("to", d.end);
}

}  // namespace

Result<TimingReport> measure_timing(const PreparedNetlist& netlist, const fs::path& liberty,
                                    const fs::path& work) {
  const Progress progress("analyzing timing with OpenSTA");
  std::vector<synth::Netlist> netlists = {netlist.core};
  netlists.insert(netlists.end(), netlist.leaves.begin(), netlist.leaves.end());
  const auto timing = synth::analyze_timing(netlists, {liberty, work / "timing", kClockPort});
  if (!timing) return Error(timing.error());
  TimingReport report;
  const synth::NetlistTiming& whole = timing->front();
  if (whole.core() == nullptr) return Error(std::string("OpenSTA finds no path between registers"));
  report.core = static_cast<std::size_t>(whole.core() - whole.paths.data());
  for (const synth::TimingPath& path : whole.paths)
    report.paths.push_back(describe(path, netlist.core, netlist.block_of));
  report.blocks = timing_of_blocks(whole, netlist);
  for (std::size_t i = 0; i < netlist.leaves.size(); ++i) {
    const synth::Netlist& leaf = netlist.leaves[i];
    const synth::TimingPath* longest = (*timing)[i + 1].any();
    if (longest == nullptr) continue;  // wires only
    ModuleTiming module{leaf.top, netlist.block_of.at(leaf.top), describe(*longest, leaf, netlist.block_of)};
    const auto known = std::find_if(report.modules.begin(), report.modules.end(),
                                    [&](const ModuleTiming& m) { return m.module == leaf.top; });
    if (known == report.modules.end()) {
      report.modules.push_back(std::move(module));
    } else if (longest->period > known->longest.path.period) {
      *known = std::move(module);
    }
  }
  std::stable_sort(report.modules.begin(), report.modules.end(),
                   [](const ModuleTiming& a, const ModuleTiming& b) {
                     return a.longest.path.period > b.longest.path.period;
                   });
  return report;
}

Json to_json(const TimingReport& report, const PreparedNetlist& netlist) {
  Json json = {{"period_ns", report.period()},
               {"fmax_mhz", megahertz(report.period())},
               {"max_fanout", netlist.max_fanout},
               {"buffer", netlist.buffer},
               {"buffers", netlist.repair.buffers},
               {"buffered_nets", netlist.repair.nets},
               {"largest_fanout", netlist.repair.largest},
               {"buffer_area_um2", netlist.buffer_area},
               {"critical", to_json(report.paths.at(report.core))},
               {"paths", Json::array()},
               {"blocks", Json::array()},
               {"modules", Json::array()}};
  for (const DescribedPath& path : report.paths) json["paths"].push_back(to_json(path));
  for (const BlockTiming& b : report.blocks) {
    json["blocks"].push_back({{"block", b.block},
                              {"period_ns", b.period},
                              {"fmax_mhz", megahertz(b.period)},
                              {"start", b.start},
                              {"end", b.end}});
  }
  for (const ModuleTiming& m : report.modules) {
    json["modules"].push_back({{"module", m.module},
                               {"block", m.block},
                               {"fmax_mhz", megahertz(m.longest.path.period)},
                               {"longest", to_json(m.longest)}});
  }
  return json;
}

std::string to_text(const TimingReport& report, const PreparedNetlist& netlist) {
  std::string text = item("conditions", "OpenSTA, ideal clock, no wires, the corner of the library");
  if (netlist.repair.buffers > 0) {
    text += item(
        "fan-out",
        fmt::format("at most {}: {} {} on {} nets ({} um^2, not in the area); it was {}", netlist.max_fanout,
                    grouped(netlist.repair.buffers), netlist.buffer, grouped(netlist.repair.nets),
                    grouped(static_cast<std::int64_t>(netlist.buffer_area + 0.5)), netlist.repair.largest));
  }
  const DescribedPath& core = report.paths.at(report.core);
  text += item("f_max", fmt::format("{:.1f} MHz: {:.3f} ns, {} cells", megahertz(report.period()),
                                    report.period(), core.cells));
  text += path_text(core);
  text += "  longest path of each kind, ports and memories without delay of their own\n";
  Table kinds({"kind", "ns", "cells", "from", "to"});
  for (const DescribedPath& path : report.paths) {
    kinds.add({kind(path), fmt::format("{:.3f}", path.path.period), std::to_string(path.cells), path.start,
               path.end});
  }
  text += kinds.str();
  text += "  longest path to the registers of each block, from registers and memories\n";
  Table blocks({"block", "ns", "MHz", "from", "to"});
  for (const BlockTiming& b : report.blocks)
    blocks.add({b.block, fmt::format("{:.3f}", b.period), fmt::format("{:.0f}", megahertz(b.period)), b.start,
                b.end});
  text += blocks.str();
  if (report.modules.empty()) return text;
  text += "  leaf modules alone\n";
  Table modules({"module", "block", "ns", "MHz", "cells", "longest path"});
  for (const ModuleTiming& m : report.modules) {
    modules.add({m.module, m.block, fmt::format("{:.3f}", m.longest.path.period),
                 fmt::format("{:.0f}", megahertz(m.longest.path.period)), std::to_string(m.longest.cells),
                 fmt::format("{} to {}", m.longest.start, m.longest.end)});
  }
  return text + modules.str();
}

}  // namespace msq::cli
