#include "synth/netlist_layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "synth/lef_def_scanner.hpp"
#include "synth/spef.hpp"

namespace msq::synth {
namespace {

std::string bit_name(const NetlistPort& port, std::size_t bit, char open, char close) {
  return port.nets.size() == 1 ? port.name : fmt::format("{}{}{}{}", port.name, open, bit, close);
}

/// A name with the brackets of DEF as Verilog and SPEF have it.
std::string with_brackets(std::string name) {
  std::replace(name.begin(), name.end(), '<', '[');
  std::replace(name.begin(), name.end(), '>', ']');
  return name;
}

const CellType& type_of(const Netlist& netlist, const NetlistCell& cell) {
  return netlist.types[static_cast<std::size_t>(cell.type)];
}

}  // namespace

LayoutNames layout_names(const Netlist& netlist, const SupplyNames& supplies) {
  LayoutNames names;
  std::map<std::string, int> counts;
  for (const NetlistCell& cell : netlist.cells) {
    const std::string& type = type_of(netlist, cell).name;
    names.cells.push_back(fmt::format("{}_{}", type, ++counts[type]));
  }
  names.nets.resize(static_cast<std::size_t>(netlist.nets));
  names.nets[kZero] = supplies.ground;
  names.nets[kOne] = supplies.power;
  for (const NetlistPort& port : netlist.ports) {
    for (std::size_t i = 0; i < port.nets.size(); ++i)
      names.nets[static_cast<std::size_t>(port.nets[i])] = bit_name(port, i, '<', '>');
  }
  for (std::size_t i = 2; i < names.nets.size(); ++i) {
    if (names.nets[i].empty()) names.nets[i] = fmt::format("n{}", i);
  }
  return names;
}

std::string layout_blif(const Netlist& netlist, const std::string& model, const SupplyNames& supplies) {
  const LayoutNames names = layout_names(netlist, supplies);
  const auto net = [&](Net n) { return names.nets[static_cast<std::size_t>(n)]; };
  std::string text = fmt::format(".model {}\n", model);
  for (const bool input : {true, false}) {
    text += input ? ".inputs" : ".outputs";
    for (const NetlistPort& port : netlist.ports) {
      if (port.input != input) continue;
      for (const Net n : port.nets) (text += ' ') += net(n);
    }
    text += '\n';
  }
  std::vector<int> uses(names.nets.size());
  for (const NetlistPort& port : netlist.ports) {
    for (const Net n : port.nets) ++uses[static_cast<std::size_t>(n)];
  }
  for (const NetlistCell& cell : netlist.cells) {
    for (const Net n : cell.nets) ++uses[static_cast<std::size_t>(n)];
  }
  for (const NetlistCell& cell : netlist.cells) {
    const CellType& type = type_of(netlist, cell);
    text += fmt::format(".gate {}", type.name);
    for (std::size_t pin = 0; pin < type.pins.size(); ++pin) {
      const bool constant = cell.nets[pin] < 2;
      // An output that nothing reads stays open.
      if (constant || uses[static_cast<std::size_t>(cell.nets[pin])] > 1)
        text += fmt::format(" {}={}", type.pins[pin].name, net(cell.nets[pin]));
    }
    text += '\n';
  }
  text += ".end\n";
  return text;
}

Result<std::string> layout_spef(const Netlist& netlist, const Def& def, const Wiring& wiring,
                                const SupplyNames& supplies) {
  const LayoutNames names = layout_names(netlist, supplies);
  std::map<std::string, std::size_t> cells;
  for (std::size_t i = 0; i < names.cells.size(); ++i) cells[names.cells[i]] = i;
  std::set<std::string> nets(names.nets.begin(), names.nets.end());
  std::map<std::string, bool> inputs;
  for (const NetlistPort& port : netlist.ports) {
    for (const Net n : port.nets) inputs[names.nets[static_cast<std::size_t>(n)]] = port.input;
  }
  std::string text = spef_header(netlist.top);
  for (std::size_t i = 0; i < def.nets.size(); ++i) {
    const DefNet& net = def.nets[i];
    const NetWiring& wires = wiring.nets.at(i);
    if (!nets.contains(net.name))
      return Error(fmt::format("layout: net {} is none of the netlist", shown_word(net.name)));
    if (wires.nodes.empty()) continue;
    SpefNet spef(with_brackets(net.name), wires);
    for (std::size_t p = 0; p < net.connections.size(); ++p) {
      const DefConnection& c = net.connections[p];
      if (c.component == "PIN") {
        const auto input = inputs.find(c.pin);
        if (input == inputs.end()) return Error(fmt::format("layout: pin {} is no port", shown_word(c.pin)));
        const std::string port = with_brackets(c.pin);
        spef.pin(wires.pins[p], port, fmt::format("*P {} {}", port, input->second ? "I" : "O"));
        continue;
      }
      const auto cell = cells.find(c.component);
      if (cell == cells.end())
        return Error(fmt::format("layout: component {} is no cell", shown_word(c.component)));
      const NetlistCell& placed = netlist.cells[cell->second];
      const std::vector<CellType::Pin>& pins = type_of(netlist, placed).pins;
      const auto pin =
          std::find_if(pins.begin(), pins.end(), [&](const auto& known) { return known.name == c.pin; });
      const auto at = static_cast<std::size_t>(pin - pins.begin());
      if (pin == pins.end() || names.nets[static_cast<std::size_t>(placed.nets[at])] != net.name) {
        return Error(fmt::format("layout: pin {} of {} is not on net {} of the netlist", shown_word(c.pin),
                                 shown_word(c.component), shown_word(net.name)));
      }
      const std::string name = fmt::format("c{}:{}", cell->second, c.pin);
      spef.pin(wires.pins[p], name,
               fmt::format("*I {} {} *D {}", name, pin->output ? "O" : "I", type_of(netlist, placed).name));
    }
    text += spef.text();
  }
  return text;
}

}  // namespace msq::synth
