#include "flow/measure/timing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "support/progress.hpp"

namespace msq::flow {
namespace {

/// The memory whose pin a port of timing_verilog is; none for other ports.
const synth::NetlistMemory* memory_of(const synth::Netlist& netlist, const std::string& port) {
  std::size_t number = 0;
  const auto [end, code] =
      std::from_chars(port.data() + std::min<std::size_t>(port.size(), 1), port.data() + port.size(), number);
  const bool pin =
      code == std::errc() && port.front() == 'm' && end != port.data() + port.size() && *end == '_';
  return pin && number < netlist.memories.size() ? &netlist.memories[number] : nullptr;
}

std::string path_of(const synth::Netlist& netlist, int scope) {
  return netlist.scopes[static_cast<std::size_t>(scope)].path;
}

std::string place(const synth::Netlist& netlist, const synth::PathStep& step) {
  if (const synth::NetlistMemory* memory = step.cell ? nullptr : memory_of(netlist, step.port)) {
    const std::string pin = step.port.substr(step.port.find('_') + 1);
    const std::string path = path_of(netlist, memory->scope);
    if (path.empty()) return fmt::format("{} of a memory of the top", pin);
    return fmt::format("{} of the memory of {}", pin, short_path(path));
  }
  if (!step.cell) return step.port;
  const synth::NetlistCell& cell = netlist.cells[*step.cell];
  const std::string path = path_of(netlist, cell.scope);
  const std::string name = cell.register_bit.empty() ? "a register" : cell.register_bit;
  return path.empty() ? name : fmt::format("{} of {}", name, short_path(path));
}

}  // namespace

std::string short_path(const std::string& path) {
  constexpr int kParts = 2;
  std::size_t at = path.size();
  for (int i = 0; i < kParts && at != std::string::npos && at != 0; ++i) at = path.rfind('/', at - 1);
  return at == std::string::npos || at == 0 ? path : path.substr(at + 1);
}

DescribedPath describe(const synth::TimingPath& path, const synth::Netlist& netlist,
                       const std::map<std::string, std::string>& block_of) {
  DescribedPath result{path, place(netlist, path.steps.front()), place(netlist, path.steps.back()), {}, 0};
  double before = 0;
  int scope = -1;
  for (std::size_t i = 0; i < path.steps.size(); ++i) {
    const synth::PathStep& step = path.steps[i];
    const bool capture = i + 1 == path.steps.size() && path.to == synth::PathEnd::registers;
    const synth::NetlistMemory* memory = i > 0 || step.cell ? nullptr : memory_of(netlist, step.port);
    if (memory != nullptr && step.arrival > 0) {
      result.segments.push_back({"memory", memory->module, path_of(netlist, memory->scope), 0, step.arrival});
      before = step.arrival;
    }
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

/// Adds a leaf module, or replaces one of its name that is faster.
void add_module(std::vector<ModuleTiming>& modules, ModuleTiming module) {
  const auto known = std::find_if(modules.begin(), modules.end(),
                                  [&](const ModuleTiming& m) { return m.module == module.module; });
  if (known == modules.end()) {
    modules.push_back(std::move(module));
  } else if (module.longest.path.period > known->longest.path.period) {
    *known = std::move(module);
  }
}

}  // namespace

Result<TimingFindings> measure_timing(const PreparedNetlist& netlist, const synth::MemoryTimings& memories) {
  const Progress progress("analyzing timing with OpenSTA");
  std::vector<synth::Netlist> netlists = {netlist.core};
  netlists.insert(netlists.end(), netlist.leaves.begin(), netlist.leaves.end());
  MSQ_TRY(const auto timing, synth::analyze_timing(netlists, {.liberty = netlist.liberty_file,
                                                              .work_directory = netlist.directory / "timing",
                                                              .clock_port = kClockPort,
                                                              .memories = memories}));
  TimingFindings findings;
  findings.fanout = netlist.fanout;
  findings.memories_timed = !memories.empty();
  const synth::NetlistTiming& whole = timing.front();
  if (whole.core() == nullptr) return Error("OpenSTA finds no path between registers");
  findings.core = static_cast<std::size_t>(whole.core() - whole.paths.data());
  for (const synth::TimingPath& path : whole.paths)
    findings.paths.push_back(describe(path, netlist.core, netlist.block_of));
  findings.blocks = timing_of_blocks(whole, netlist);
  for (std::size_t i = 0; i < netlist.leaves.size(); ++i) {
    const synth::Netlist& leaf = netlist.leaves[i];
    const synth::TimingPath* longest = timing[i + 1].any();
    if (longest == nullptr) continue;  // wires only
    add_module(findings.modules,
               {leaf.top, netlist.block_of.at(leaf.top), describe(*longest, leaf, netlist.block_of)});
  }
  std::stable_sort(findings.modules.begin(), findings.modules.end(),
                   [](const ModuleTiming& a, const ModuleTiming& b) {
                     return a.longest.path.period > b.longest.path.period;
                   });
  return findings;
}

Result<WiredTiming> measure_wired_timing(const PreparedNetlist& netlist, const WiredNetlist& wired,
                                         const synth::MemoryTimings& memories) {
  const Progress progress("analyzing timing with wires");
  MSQ_TRY(const auto timing,
          synth::analyze_timing({netlist.core}, {.liberty = netlist.liberty_file,
                                                 .work_directory = netlist.directory / "timing-wires",
                                                 .clock_port = kClockPort,
                                                 .wires = {{0, wired.timing_spef(netlist)}},
                                                 .memories = memories}));
  const synth::NetlistTiming& whole = timing.front();
  if (whole.core() == nullptr) return Error("OpenSTA finds no path between registers");
  WiredTiming result{describe(*whole.core(), netlist.core, netlist.block_of),
                     timing_of_blocks(whole, netlist), wired.skew()};
  for (BlockTiming& block : result.blocks) block.period += result.skew;
  return result;
}

}  // namespace msq::flow
