#include "synth/netlist_verilog.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

namespace msq::synth {
namespace {

/// Text of a module as it grows.
class Writer {
 public:
  explicit Writer(const Netlist& netlist)
      : netlist_(netlist), names_(static_cast<std::size_t>(netlist.nets)) {
    names_[kZero] = "1'b0";
    names_[kOne] = "1'b1";
  }

  template <class... T>
  void line(fmt::format_string<T...> format, T&&... values) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<T>(values)...);
    text_ += '\n';
  }

  /// Declares a port. Its bits name their nets unless those have a name already.
  void port(const std::string& name, bool input, const std::vector<Net>& nets) {
    port_names_.push_back(name);
    const std::string range = nets.size() == 1 ? "" : fmt::format("[{}:0] ", nets.size() - 1);
    declarations_ += fmt::format("  {} {}{};\n", input ? "input" : "output", range, name);
    for (std::size_t i = 0; i < nets.size(); ++i) {
      const std::string bit = nets.size() == 1 ? name : fmt::format("{}[{}]", name, i);
      std::string& known = names_[static_cast<std::size_t>(nets[i])];
      if (known.empty()) {
        known = bit;
      } else {
        assigns_ += fmt::format("  assign {} = {};\n", bit, known);
      }
    }
  }

  void ports() {
    // Inputs first: a net that is also an output gets the name of the input.
    for (const bool input : {true, false}) {
      for (const NetlistPort& p : netlist_.ports) {
        if (p.input == input) port(p.name, input, p.nets);
      }
    }
  }

  /// Also the pins of memories, their clock apart: nets that a memory reads are outputs of the module, those
  /// that it drives are inputs.
  void timing_ports(const std::string& clock_port) {
    ports();
    const Net clock = netlist_.input(clock_port);
    for (std::size_t i = 0; i < netlist_.memories.size(); ++i) {
      for (const NetlistPort& p : netlist_.memories[i].ports) {
        if (clock != kZero && p.nets == std::vector<Net>{clock}) continue;
        port(fmt::format("m{}_{}", i, p.name), !p.input, p.nets);
      }
    }
  }

  void cells() {
    for (std::size_t i = 0; i < netlist_.cells.size(); ++i) {
      const NetlistCell& cell = netlist_.cells[i];
      const CellType& type = netlist_.types[static_cast<std::size_t>(cell.type)];
      fmt::format_to(std::back_inserter(text_), "  {} c{} (", type.name, i);
      for (std::size_t pin = 0; pin < type.pins.size(); ++pin)
        fmt::format_to(std::back_inserter(text_), "{}.{}({})", pin == 0 ? "" : ", ", type.pins[pin].name,
                       name(cell.nets[pin]));
      text_ += ");\n";
    }
  }

  /// Declares an input of one bit that is no net of the netlist.
  void input(const std::string& name) {
    port_names_.push_back(name);
    declarations_ += fmt::format("  input {};\n", name);
  }

  void wire(Net net, const std::string& name) {
    names_[static_cast<std::size_t>(net)] = name;
    declarations_ += fmt::format("  wire {};\n", name);
  }

  /// Makes a net a wire although it is a constant.
  void boundary(Net net) { names_[static_cast<std::size_t>(net)].clear(); }

  const std::string& name(Net net) {
    std::string& known = names_[static_cast<std::size_t>(net)];
    if (known.empty()) {
      known = fmt::format("n{}", net);
      fmt::format_to(std::back_inserter(declarations_), "  wire {};\n", known);
    }
    return known;
  }

  std::vector<std::string> net_names() {
    for (Net net = 2; net < netlist_.nets; ++net) name(net);
    return names_;
  }

  std::string module(const std::string& module_name) {
    return fmt::format("module {} (\n  {});\n{}{}{}endmodule\n", module_name, fmt::join(port_names_, ",\n  "),
                       declarations_, text_, assigns_);
  }

 private:
  const Netlist& netlist_;
  std::vector<std::string> names_;
  std::vector<std::string> port_names_;
  std::string declarations_, text_, assigns_;
};

/// Whether a cell drives each net; constants count as not driven.
std::vector<bool> driven_by_cells(const Netlist& netlist) {
  std::vector<bool> driven(static_cast<std::size_t>(netlist.nets));
  for (const NetlistCell& cell : netlist.cells) {
    const CellType& type = netlist.types[static_cast<std::size_t>(cell.type)];
    for (std::size_t pin = 0; pin < type.pins.size(); ++pin) {
      if (type.pins[pin].output) driven[static_cast<std::size_t>(cell.nets[pin])] = true;
    }
  }
  return driven;
}

}  // namespace

std::string timing_verilog(const Netlist& netlist, const std::string& module_name,
                           const std::string& clock_port) {
  Writer writer(netlist);
  writer.timing_ports(clock_port);
  writer.cells();
  return writer.module(module_name);
}

std::vector<std::string> timing_net_names(const Netlist& netlist, const std::string& clock_port) {
  Writer writer(netlist);
  writer.timing_ports(clock_port);
  return writer.net_names();
}

std::vector<std::string> power_net_names(const Netlist& netlist, const std::string& clock_port) {
  Writer writer(netlist);
  writer.port(clock_port, true, {netlist.input(clock_port)});
  return writer.net_names();
}

std::optional<BoundaryRegister> boundary_register(const Netlist& netlist, Net clock, Net first_clock) {
  std::optional<BoundaryRegister> best;
  for (const NetlistCell& cell : netlist.cells) {
    const CellType& type = netlist.types[static_cast<std::size_t>(cell.type)];
    if (!type.flip_flop) continue;
    if (best && netlist.types[static_cast<std::size_t>(best->type)].pins.size() <= type.pins.size()) continue;
    BoundaryRegister found{cell.type, type.pins.size(), type.pins.size(), type.pins.size()};
    for (std::size_t pin = 0; pin < type.pins.size(); ++pin) {
      if (type.pins[pin].output) {
        found.output = pin;
      } else if (cell.nets[pin] == clock || (first_clock != 0 && cell.nets[pin] >= first_clock)) {
        found.clock = pin;
      } else {
        found.data = pin;
      }
    }
    const auto all = type.pins.size();
    if (found.clock < all && found.data < all && found.output < all) best = found;
  }
  return best;
}

std::string power_verilog(const Netlist& netlist, const std::string& clock_port,
                          const BoundaryRegister& boundary, bool clock_by_register) {
  Writer writer(netlist);
  const Net clock = netlist.input(clock_port);
  std::vector<bool> driven = driven_by_cells(netlist);
  driven[static_cast<std::size_t>(clock)] = true;
  const CellType& type = netlist.types[static_cast<std::size_t>(boundary.type)];
  if (clock_by_register) {
    writer.input(kStartPort);
    writer.wire(clock, clock_port);
    writer.line("  {} {} (.{}({}), .{}({}), .{}({}));", type.name, kClockRegister,
                type.pins[boundary.clock].name, kStartPort, type.pins[boundary.data].name, kStartPort,
                type.pins[boundary.output].name, clock_port);
  } else {
    writer.port(clock_port, true, {clock});
  }
  std::vector<bool> needed(driven.size());
  for (const NetlistCell& cell : netlist.cells) {
    for (const Net net : cell.nets) needed[static_cast<std::size_t>(net)] = true;
  }
  for (Net net = 0; net < netlist.nets; ++net) {
    if (driven[static_cast<std::size_t>(net)] || !needed[static_cast<std::size_t>(net)]) continue;
    writer.boundary(net);
    std::string pins;
    for (std::size_t pin = 0; pin < type.pins.size(); ++pin) {
      const bool other_output = type.pins[pin].output && pin != boundary.output;
      if (other_output) continue;
      // Its data comes from itself: nothing in this netlist begins anywhere but at a register.
      pins += fmt::format("{}.{}({})", pins.empty() ? "" : ", ", type.pins[pin].name,
                          writer.name(pin == boundary.clock ? clock : net));
    }
    writer.line("  {} b{} ({});", type.name, net, pins);
  }
  writer.cells();
  return writer.module(netlist.top);
}

}  // namespace msq::synth
