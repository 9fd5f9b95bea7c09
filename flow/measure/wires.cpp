#include "flow/measure/wires.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "gen/config/parse_json.hpp"
#include "support/files.hpp"
#include "support/progress.hpp"
#include "synth/netlist_verilog.hpp"
#include "synth/sta.hpp"
#include "synth/wire_spef.hpp"

namespace msq::flow {
namespace {

/// A key of the file, the factor to the unit of WireProcess, and the largest value.
struct WireKey {
  const char* name;
  double synth::WireProcess::*member;
  double unit, most;
};
constexpr double kLargestWire = 1e6;
constexpr std::array kWireKeys = {
    WireKey{"ohm_per_um", &synth::WireProcess::resistance, 1, kLargestWire},
    WireKey{"ff_per_um", &synth::WireProcess::capacitance, 1e-3, kLargestWire},
    WireKey{"clock_ohm_per_um", &synth::WireProcess::clock_resistance, 1, kLargestWire},
    WireKey{"clock_ff_per_um", &synth::WireProcess::clock_capacitance, 1e-3, kLargestWire},
    WireKey{"utilization", &synth::WireProcess::utilization, 1, 1},
    WireKey{"skew", &synth::WireProcess::skew, 1, 1}};

std::vector<std::string_view> wire_keys() {
  std::vector<std::string_view> names;
  names.reserve(kWireKeys.size());
  for (const WireKey& key : kWireKeys) names.emplace_back(key.name);
  return names;
}

synth::WireProcess parse_wires(const Json& json) {
  const std::vector<std::string_view> allowed = wire_keys();
  if (!json.is_object())
    throw Refusal{fmt::format("found no JSON object; allowed: {}", fmt::join(allowed, ", "))};
  refuse_unknown_keys(json, allowed, allowed);
  synth::WireProcess process;
  for (const WireKey& key : kWireKeys) {
    const bool optional = process.*key.member > 0;  // those with a default
    if (!json.contains(key.name) && optional) continue;
    const Json value = json.value(key.name, Json());
    const double number = value.is_number() ? value.get<double>() : -1;
    const bool positive = key.member == &synth::WireProcess::utilization ? number > 0 : number >= 0;
    if (!positive || number > key.most)
      refuse(key.name, show(value), fmt::format("a number from 0 to {:g}", key.most));
    process.*key.member = number * key.unit;
  }
  return process;
}

/// Clock pin of a register on this net.
std::optional<std::size_t> clock_pin(const synth::Netlist& netlist, const synth::NetlistCell& cell,
                                     synth::Net clock) {
  const synth::CellType& type = netlist.types[static_cast<std::size_t>(cell.type)];
  for (std::size_t pin = 0; pin < type.pins.size(); ++pin) {
    if (!type.pins[pin].output && cell.nets[pin] == clock) return pin;
  }
  return std::nullopt;
}

/// A typical clock pin: of the type of register that the netlist has most of.
struct Sinks {
  std::size_t count = 0;
  int type = 0;
  std::size_t pin = 0;
};

Sinks sinks_of(const synth::Netlist& netlist, synth::Net clock) {
  Sinks sinks;
  std::vector<std::size_t> counts(netlist.types.size());
  std::size_t most = 0;
  for (const synth::NetlistCell& cell : netlist.cells) {
    const auto pin = clock_pin(netlist, cell, clock);
    if (!pin) continue;
    ++sinks.count;
    std::size_t& count = counts[static_cast<std::size_t>(cell.type)];
    if (++count <= most) continue;
    most = count;
    sinks.type = cell.type;
    sinks.pin = *pin;
  }
  return sinks;
}

std::vector<synth::NetWire> clock_wires(const std::vector<double>& lengths,
                                        const synth::WireProcess& process) {
  return synth::wires_of(lengths, process.clock_resistance, process.clock_capacitance);
}

/// ns from the clock to a register.
Result<double> insertion_delay(const PreparedNetlist& netlist, const WiredNetlist& wired,
                               const Sinks& sinks) {
  const synth::CellType& sink = netlist.core.types[static_cast<std::size_t>(sinks.type)];
  const synth::ClockTrial trial = synth::clock_trial(wired.clock, netlist.fanout.cell, sink, sinks.pin);
  const std::string spef =
      synth::estimated_spef(trial.netlist, synth::timing_net_names(trial.netlist, kClockPort), true,
                            clock_wires(trial.lengths, wired.process));
  MSQ_TRY(const auto timing,
          synth::analyze_timing(
              {trial.netlist}, {netlist.liberty_file, netlist.directory / "clock", kClockPort, {{0, spef}}}));
  const synth::TimingPath* path = timing.front().any();
  if (path == nullptr) return Error("OpenSTA finds no path through the tree of the clock");
  return path->period;
}

}  // namespace

Result<synth::WireProcess> load_wire_process(const std::filesystem::path& liberty,
                                             const std::filesystem::path& file) {
  if (file.empty()) {
    MSQ_TRY(const auto library, synth::read_liberty(liberty));
    if (const auto known = synth::wire_process(library)) return *known;
    return Error(
        fmt::format("--wires: no wires are known for library \"{}\"; give a JSON file with {} (--wire-file)",
                    library.name, fmt::join(wire_keys(), ", ")));
  }
  MSQ_TRY(const std::string text, read_text(file));
  try {
    return parse_wires(Json::parse(text, nullptr, false));
  } catch (const Refusal& refusal) {
    return Error(fmt::format("{}: {}", file.string(), refusal.message));
  }
}

std::vector<double> cell_areas(const synth::Netlist& netlist, const synth::Liberty& liberty) {
  std::vector<double> of_type;
  for (const synth::CellType& type : netlist.types)
    of_type.push_back(liberty.cells.at(type.name).area.value_or(0));
  std::vector<double> areas;
  areas.reserve(netlist.cells.size());
  for (const synth::NetlistCell& cell : netlist.cells)
    areas.push_back(of_type[static_cast<std::size_t>(cell.type)]);
  return areas;
}

std::string WiredNetlist::timing_spef(const PreparedNetlist& netlist) const {
  return synth::estimated_spef(netlist.core, synth::timing_net_names(netlist.core, kClockPort), true,
                               synth::wires_of(wires.lengths, process.resistance, process.capacitance));
}

void WiredNetlist::insert_clock_tree(const PreparedNetlist& netlist, synth::Netlist& core) const {
  // No other net has more loads than the limit.
  synth::limit_fanout(core, clock.fanout, netlist.fanout.cell, synth::kZero);
}

std::string WiredNetlist::power_spef(const synth::Netlist& core, synth::Net first) const {
  const auto all = static_cast<std::size_t>(core.nets);
  std::vector<double> signals = wires.lengths, lengths(all);
  signals.resize(all);
  synth::set_clock_lengths(clock, core.input(kClockPort), first, lengths);
  std::vector<synth::NetWire> of_net = synth::wires_of(signals, process.resistance, process.capacitance);
  const std::vector<synth::NetWire> of_clock = clock_wires(lengths, process);
  std::copy(of_clock.begin() + first, of_clock.end(), of_net.begin() + first);
  return synth::estimated_spef(core, synth::power_net_names(core, kClockPort), false, of_net);
}

double WiredNetlist::root_capacitance() const { return clock.lengths.back() * process.clock_capacitance; }

Result<WiredNetlist> estimate_wires(const PreparedNetlist& netlist, const synth::WireProcess& process) {
  const Progress progress("estimating wires and the tree of the clock");
  if (netlist.fanout.cell.name.empty())
    return Error("--wires: found a netlist without buffer trees; allowed: --max-fanout from 2");
  const synth::Net clock = netlist.core.input(kClockPort);
  const std::vector<double> areas = cell_areas(netlist.core, netlist.liberty);
  WiredNetlist wired;
  wired.process = process;
  const auto fanout = static_cast<std::size_t>(netlist.fanout.limit);
  const Sinks sinks = sinks_of(netlist.core, clock);
  if (sinks.count == 0) return Error(fmt::format("{}: found no register on the clock", netlist.core.top));
  wired.clock = synth::plan_clock_tree(sinks.count, fanout, 0);
  wired.clock_area = static_cast<double>(wired.clock.buffers()) *
                     netlist.liberty.cells.at(netlist.fanout.cell.name).area.value_or(0);
  for (const double area : areas) wired.cell_area += area;
  wired.cell_area += wired.clock_area;
  // The clock's buffers take room all over the die.
  const double utilization = process.utilization * (wired.cell_area - wired.clock_area) / wired.cell_area;
  wired.wires = synth::estimate_wires(netlist.core, areas, utilization, clock);
  wired.clock = synth::plan_clock_tree(sinks.count, fanout, wired.die_area());
  MSQ_TRY(wired.insertion, insertion_delay(netlist, wired, sinks));
  return wired;
}

}  // namespace msq::flow
