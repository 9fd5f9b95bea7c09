#include "synth/power.hpp"

#include <fmt/format.h>

#include <iterator>
#include <set>
#include <sstream>

#include "support/files.hpp"
#include "synth/netlist_verilog.hpp"
#include "synth/opensta.hpp"

namespace msq::synth {
namespace {

// Sets a pin's activity; of a pin of the clock nothing; counts those that are not as they should be.
// set_power_activity -pins of OpenSTA 2.0.17 is broken (it reads the pins from another variable): the command
// below it is not.
constexpr const char* kProcedures = R"(proc a {pin activity duty} {
  sta::set_power_pin_activity [sta::find_pin $pin] $activity $duty
}
proc k {pin activity duty} {}
proc r {pin activity duty} {
  global replaced per_second
  lassign [get_property [get_pins $pin] activity] found found_duty
  set activity [expr {$activity * $per_second}]
  if {abs($found - $activity) > 1e-4 * $activity || abs($found_duty - $duty) > 1e-3} { incr replaced }
}
)";

/// What differs between versions of OpenSTA.
struct Dialect {
  const char* scene;  ///< command that gives what power is computed for
  /// Activities are changes per second, and those that were set count only where a search from the ports
  /// comes by, through at most 50 registers in a row: the clock begins behind a port, at a register. Else
  /// they are changes per cycle, and what follows from ports gets new ones: the clock is a port, and nothing
  /// follows.
  bool searched;
  /// Factor of internal power. 2.0.17 counts the energy of a rise and that of a fall for every change of a
  /// pin, which is one of the two (later versions take the mean). Inputs whose energy has no condition it
  /// counts right, so they are a half too low here. By type of cell the rest is 0.8 to 2 times what 3.1
  /// finds; the sum of an 8x8 array is within 2 % in 0.18 um, 16 % above it in Nangate 45 nm.
  double internal;
};

/// Errors: a version between those that were measured.
Result<Dialect> dialect_of(const std::string& version) {
  if (version == "2.0.17") return Dialect{"sta::cmd_corner", false, 0.5};
  if (version.starts_with("2.7.")) return Dialect{"sta::cmd_corner", true, 1};
  if (version.starts_with("3.")) return Dialect{"sta::cmd_scene", true, 1};
  return Error(fmt::format("OpenSTA {}: power is known of versions 2.0.17, 2.7 and 3", version));
}

/// Whether a net is the clock's: its port or, from `first` on, its tree.
bool is_clock(Net net, Net clock, Net first) { return net == clock || (first != 0 && net >= first); }

/// @param unit of activities: what one change in a cycle is.
std::string activity_commands(const Netlist& netlist, const Activity& activity, Net clock, Net first,
                              double unit) {
  std::string text;
  const auto cycles = static_cast<double>(activity.cycles);
  for (std::size_t i = 0; i < netlist.cells.size(); ++i) {
    const NetlistCell& cell = netlist.cells[i];
    const CellType& type = netlist.types[static_cast<std::size_t>(cell.type)];
    for (std::size_t pin = 0; pin < type.pins.size(); ++pin) {
      const Net net = cell.nets[pin];
      if (is_clock(net, clock, first)) {  // OpenSTA knows it
        fmt::format_to(std::back_inserter(text), "k c{}/{} {:.6g} 0.5\n", i, type.pins[pin].name, 2 * unit);
        continue;
      }
      const double toggles =
          net < 2 ? 0 : static_cast<double>(activity.toggles[static_cast<std::size_t>(net)]);
      const double ones = net == kZero  ? 0
                          : net == kOne ? cycles
                                        : static_cast<double>(activity.ones[static_cast<std::size_t>(net)]);
      fmt::format_to(std::back_inserter(text), "a c{}/{} {:.6g} {:.6g}\n", i, type.pins[pin].name,
                     unit * toggles / cycles, ones / cycles);
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

Result<PowerResult> parse(const std::string& log, const Netlist& netlist, Net clock, double internal) {
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
      power.internal *= internal;
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

bool gives_energy_at_ground(const std::string& liberty) {
  std::set<std::string> ground;
  const auto value_at = [&](std::size_t at) {
    const std::size_t begin = liberty.find_first_not_of(" \t:\"(", at);
    return liberty.substr(begin, liberty.find_first_of(" \t\";)\n", begin) - begin);
  };
  const std::string pin = "pg_pin", type = "primary_ground", related = "related_pg_pin";
  for (std::size_t at = liberty.find(type); at != std::string::npos; at = liberty.find(type, at + 1)) {
    std::size_t group = liberty.rfind(pin, at);
    while (group != std::string::npos && group > 0 && liberty[group - 1] == '_')
      group = liberty.rfind(pin, group - 1);  // "related_pg_pin"
    if (group != std::string::npos) ground.insert(value_at(group + pin.size()));
  }
  for (std::size_t at = liberty.find(related); at != std::string::npos; at = liberty.find(related, at + 1)) {
    if (ground.contains(value_at(at + related.size()))) return true;
  }
  return false;
}

Result<> check_power_version(const std::string& opensta_version) {
  MSQ_TRY([[maybe_unused]] const auto dialect, dialect_of(opensta_version));
  return {};
}

Result<PowerResult> analyze_power(const Netlist& netlist, const Activity& activity,
                                  const PowerRequest& request) {
  const Net clock = netlist.input(request.clock_port);
  const auto boundary = boundary_register(netlist, clock, request.first_clock);
  if (clock == kZero || !boundary)
    return Error(fmt::format("{}: found no register on the clock {}", netlist.top, request.clock_port));
  MSQ_TRY(const Dialect dialect, dialect_of(opensta_version()));
  if (dialect.searched && gives_energy_at_ground(read_text(request.liberty).value_or(""))) {
    return Error(
        fmt::format("{}: gives internal power at ground pins, too, which OpenSTA {} adds to that at "
                    "supplies: allowed for such a "
                    "library is version 2.0.17",
                    request.liberty.string(), opensta_version()));
  }
  OpenStaRun run(request.work_directory, "power", request.liberty);
  run.add_file("power.v", power_verilog(netlist, request.clock_port, *boundary, dialect.searched));
  constexpr double kNanosecond = 1e-9;
  const double per_second = 1 / (request.period * kNanosecond);
  const double unit = dialect.searched ? per_second : 1;
  run.add_file("activity.tcl", activity_commands(netlist, activity, clock, request.first_clock, unit));
  run.add(kProcedures);
  const std::string clock_pin =
      fmt::format("{}/{}", kClockRegister,
                  netlist.types[static_cast<std::size_t>(boundary->type)].pins[boundary->output].name);
  run.add(fmt::format("read_verilog power.v\nlink_design {}\ncreate_clock -name clk -period {:.6g} [{}]\n",
                      netlist.top, request.period,
                      dialect.searched ? "get_pins " + clock_pin : "get_ports " + request.clock_port));
  // Else its edges have no slope behind the tree either.
  if (request.first_clock != 0) run.add("set_propagated_clock [get_clocks clk]\n");
  // A slow edge of this register, which drives all others, would limit the changes.
  if (dialect.searched)
    run.add(
        fmt::format("a {0} {1:.6g} 0.5\nset_assigned_transition 0 [get_pins {0}]\n", clock_pin, 2 * unit));
  if (!request.wires.empty()) {
    run.add_file("power.spef", request.wires);
    run.add("read_spef power.spef\n");
  }
  run.add(fmt::format("source activity.tcl\nset corner [{}]\n", dialect.scene));
  run.add(fmt::format(
      "for {{set i 0}} {{$i < {}}} {{incr i}} {{\n"
      "  puts \"{} cell $i [lrange [sta::instance_power [sta::find_instance c$i] $corner] 0 2]\"\n}}\n",
      netlist.cells.size(), kOpenStaMark));
  run.add(
      fmt::format("set per_second {:.9g}\nset replaced 0\nforeach kind {{a k}} {{ proc $kind {{pin activity "
                  "duty}} {{ r $pin $activity $duty }} }}\n"
                  "source activity.tcl\nputs \"{} replaced $replaced\"\n",
                  per_second / unit, kOpenStaMark));
  run.add(clock_pin_commands(netlist, clock));
  const auto log = run.execute();
  if (!log) return Error(log.error());
  auto result = parse(*log, netlist, clock, dialect.internal);
  if (!result) return Error(fmt::format("{} (log: {})", result.error(), run.log_file().string()));
  return result;
}

}  // namespace msq::synth
