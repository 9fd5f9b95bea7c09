#include "synth/power.hpp"

#include <fmt/format.h>

#include <iterator>
#include <set>
#include <sstream>

#include "synth/netlist_verilog.hpp"
#include "synth/opensta.hpp"

namespace msq::synth {
namespace {

// OpenSTA 2.0.17 computes the activities of what follows from ports, and of registers behind it, anew from
// the ports' activities, over those that were set. In the Verilog of power_verilog nothing follows from a
// port; that no activity was replaced is counted at the end. Its set_power_activity -pins is broken (it reads
// the pins from another variable): the command below it is not.
constexpr const char* kProcedures = R"(proc a {pin activity duty} {
  sta::set_power_pin_activity [sta::find_pin $pin] $activity $duty
}
proc r {pin} {
  global replaced
  if {[lindex [get_property [get_pins $pin] activity] end] ne "user"} { incr replaced }
}
)";

// It also counts the energy of a rise and that of a fall for every change of a pin, which is one of the two
// (later versions take the mean): for the clock, outputs and conditional energies, that is nearly all. Inputs
// whose energy has no condition it counts right, so they are a half too low here.
constexpr double kInternal = 0.5;

/// Whether a net is the clock's: its port or, from `first` on, its tree.
bool is_clock(Net net, Net clock, Net first) { return net == clock || (first != 0 && net >= first); }

std::string activity_commands(const Netlist& netlist, const Activity& activity, Net clock, Net first) {
  std::string text;
  const auto cycles = static_cast<double>(activity.cycles);
  for (std::size_t i = 0; i < netlist.cells.size(); ++i) {
    const NetlistCell& cell = netlist.cells[i];
    const CellType& type = netlist.types[static_cast<std::size_t>(cell.type)];
    for (std::size_t pin = 0; pin < type.pins.size(); ++pin) {
      const Net net = cell.nets[pin];
      if (is_clock(net, clock, first)) continue;  // OpenSTA knows the clock's
      const double toggles =
          net < 2 ? 0 : static_cast<double>(activity.toggles[static_cast<std::size_t>(net)]);
      const double ones = net == kZero  ? 0
                          : net == kOne ? cycles
                                        : static_cast<double>(activity.ones[static_cast<std::size_t>(net)]);
      fmt::format_to(std::back_inserter(text), "a c{}/{} {:.6g} {:.6g}\n", i, type.pins[pin].name,
                     toggles / cycles, ones / cycles);
    }
  }
  return text;
}

/// Commands that print what one register's clock pin loads the clock with, by type.
std::string clock_pin_commands(const Netlist& netlist, Net clock) {
  std::string text = "set library [get_property [lindex [get_libs *] 0] name]\n";
  std::set<std::pair<int, std::size_t>> seen;
  for (std::size_t i = 0; i < netlist.cells.size(); ++i) {
    const NetlistCell& cell = netlist.cells[i];
    const CellType& type = netlist.types[static_cast<std::size_t>(cell.type)];
    for (std::size_t pin = 0; pin < type.pins.size(); ++pin) {
      if (type.pins[pin].output || cell.nets[pin] != clock || !seen.insert({cell.type, pin}).second) continue;
      text += fmt::format("puts \"{} pin {} {} [get_property [get_lib_pins $library/{}/{}] capacitance]\"\n",
                          kOpenStaMark, cell.type, pin, type.name, type.pins[pin].name);
    }
  }
  return text;
}

Result<PowerResult> parse(const std::string& log, const Netlist& netlist, Net clock) {
  PowerResult result;
  result.cells.resize(netlist.cells.size());
  std::size_t read = 0;
  std::int64_t replaced = -1;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream in(line);
    std::string mark, what;
    in >> mark >> what;
    if (mark != kOpenStaMark) continue;
    if (what == "cell") {
      std::size_t cell = 0;
      CellPower power;
      in >> cell >> power.internal >> power.switching >> power.leakage;
      power.internal *= kInternal;
      if (in && cell < result.cells.size()) {
        result.cells[cell] = power;
        ++read;
      }
    } else if (what == "pin") {
      int type = 0;
      std::size_t pin = 0;
      double capacitance = 0;
      in >> type >> pin >> capacitance;
      for (const NetlistCell& cell : netlist.cells) {
        if (cell.type == type && cell.nets[pin] == clock) result.clock_capacitance += capacitance;
      }
    } else if (what == "replaced") {
      in >> replaced;
    }
  }
  if (read != netlist.cells.size())
    return Error(fmt::format("OpenSTA gave the power of {} of {} cells", read, netlist.cells.size()));
  if (replaced != 0) return Error(fmt::format("OpenSTA replaced the activity of {} pins", replaced));
  return result;
}

}  // namespace

CellPower& CellPower::operator+=(const CellPower& other) {
  internal += other.internal;
  switching += other.switching;
  leakage += other.leakage;
  return *this;
}

Result<PowerResult> analyze_power(const Netlist& netlist, const Activity& activity,
                                  const PowerRequest& request) {
  const Net clock = netlist.input(request.clock_port);
  const auto boundary = boundary_register(netlist, clock, request.first_clock);
  if (clock == kZero || !boundary)
    return Error(fmt::format("{}: found no register on the clock {}", netlist.top, request.clock_port));
  OpenStaRun run(request.work_directory, "power", request.liberty);
  run.add_file("power.v", power_verilog(netlist, request.clock_port, *boundary));
  run.add_file("activity.tcl", activity_commands(netlist, activity, clock, request.first_clock));
  run.add(kProcedures);
  run.add(fmt::format(
      "read_verilog power.v\nlink_design {}\ncreate_clock -name clk -period {:.6g} [get_ports {}]\n",
      netlist.top, request.period, request.clock_port));
  if (!request.wires.empty()) {
    run.add_file("power.spef", request.wires);
    run.add("read_spef power.spef\n");
  }
  run.add("source activity.tcl\nset corner [sta::cmd_corner]\n");
  run.add(fmt::format(
      "for {{set i 0}} {{$i < {}}} {{incr i}} {{\n"
      "  puts \"{} cell $i [lrange [sta::instance_power [sta::find_instance c$i] $corner] 0 2]\"\n}}\n",
      netlist.cells.size(), kOpenStaMark));
  run.add(
      fmt::format("set replaced 0\nproc a {{pin activity duty}} {{ r $pin }}\nsource activity.tcl\n"
                  "puts \"{} replaced $replaced\"\n",
                  kOpenStaMark));
  run.add(clock_pin_commands(netlist, clock));
  const auto log = run.execute();
  if (!log) return Error(log.error());
  auto result = parse(*log, netlist, clock);
  if (!result) return Error(fmt::format("{} (log: {})", result.error(), run.log_file().string()));
  return result;
}

}  // namespace msq::synth
