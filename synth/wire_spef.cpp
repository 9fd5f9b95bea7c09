#include "synth/wire_spef.hpp"

#include <fmt/format.h>

#include <cstddef>

#include "synth/spef.hpp"

namespace msq::synth {
namespace {

struct Pin {
  std::string name, connection;
  bool drives = false;
};

using PinsByNet = std::vector<std::vector<Pin>>;

void add_cells(const Netlist& netlist, PinsByNet& pins) {
  for (std::size_t c = 0; c < netlist.cells.size(); ++c) {
    const NetlistCell& cell = netlist.cells[c];
    const CellType& type = netlist.types[static_cast<std::size_t>(cell.type)];
    for (std::size_t p = 0; p < type.pins.size(); ++p) {
      const bool output = type.pins[p].output;
      const std::string name = fmt::format("c{}:{}", c, type.pins[p].name);
      pins[static_cast<std::size_t>(cell.nets[p])].push_back(
          {name, fmt::format("*I {} {} *D {}", name, output ? "O" : "I", type.name), output});
    }
  }
}

/// The port that a net has its name of; other ports of the net are the same point.
void add_ports(const Netlist& netlist, const std::vector<std::string>& names, PinsByNet& pins) {
  const auto add = [&](Net net, bool input) {
    std::vector<Pin>& known = pins[static_cast<std::size_t>(net)];
    const std::string& name = names[static_cast<std::size_t>(net)];
    for (Pin& pin : known) {
      if (pin.name == name) return;
    }
    known.push_back({name, fmt::format("*P {} {}", name, input ? "I" : "O"), input});
  };
  for (const bool input : {true, false}) {
    for (const NetlistPort& port : netlist.ports) {
      if (port.input != input) continue;
      for (const Net net : port.nets) add(net, input);
    }
  }
  for (const NetlistMemory& memory : netlist.memories) {
    for (const NetlistPort& port : memory.ports) {
      for (const Net net : port.nets) add(net, !port.input);
    }
  }
}

}  // namespace

std::vector<NetWire> wires_of(const std::vector<double>& micrometres, double ohm_per_um,
                              double picofarads_per_um) {
  std::vector<NetWire> wires;
  wires.reserve(micrometres.size());
  for (const double length : micrometres) wires.push_back({length * ohm_per_um, length * picofarads_per_um});
  return wires;
}

std::string estimated_spef(const Netlist& netlist, const std::vector<std::string>& names, bool ports,
                           const std::vector<NetWire>& wires) {
  PinsByNet pins(static_cast<std::size_t>(netlist.nets));
  add_cells(netlist, pins);
  if (ports) add_ports(netlist, names, pins);
  std::string text = spef_header(netlist.top);
  for (std::size_t net = 2; net < pins.size(); ++net) {
    const NetWire& wire = wires.at(net);
    if (wire.ohm <= 0 && wire.picofarads <= 0) continue;
    const double half = wire.picofarads / 2;
    const NetWiring wiring{.nodes = {half, half}, .resistors = {{0, 1, wire.ohm}}};
    SpefNet spef(names[net], wiring);
    bool driven = false;
    for (const Pin& pin : pins[net]) {
      if (pin.drives) spef.pin(0, pin.name, pin.connection);
      driven = driven || pin.drives;
    }
    if (!driven) continue;
    for (const Pin& pin : pins[net]) {
      if (!pin.drives) spef.pin(1, pin.name, pin.connection);
    }
    text += spef.text();
  }
  return text;
}

}  // namespace msq::synth
