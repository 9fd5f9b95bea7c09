#include "synth/fanout.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace msq::synth {
namespace {

/// An input pin of a cell.
struct Load {
  std::size_t cell, pin;
};

std::vector<std::vector<Load>> loads_by_net(const Netlist& netlist) {
  std::vector<std::vector<Load>> loads(static_cast<std::size_t>(netlist.nets));
  for (std::size_t c = 0; c < netlist.cells.size(); ++c) {
    const NetlistCell& cell = netlist.cells[c];
    const CellType& type = netlist.types[static_cast<std::size_t>(cell.type)];
    for (std::size_t pin = 0; pin < type.pins.size(); ++pin) {
      if (!type.pins[pin].output) loads[static_cast<std::size_t>(cell.nets[pin])].push_back({c, pin});
    }
  }
  return loads;
}

}  // namespace

FanoutRepair limit_fanout(Netlist& netlist, std::size_t limit, const CellType& buffer, Net clock) {
  FanoutRepair repair;
  const std::size_t input = buffer.pins.at(0).output ? 1 : 0;
  // A type of its own: the netlist may use the cell with its pins in another order.
  netlist.types.push_back(buffer);
  const int type = static_cast<int>(netlist.types.size()) - 1;
  std::vector<std::vector<Load>> loads_of = loads_by_net(netlist);
  for (std::size_t net = 2; net < loads_of.size(); ++net) {
    std::vector<Load> loads = std::move(loads_of[net]);
    if (static_cast<Net>(net) == clock || loads.size() <= limit) continue;
    ++repair.nets;
    repair.largest = std::max(repair.largest, loads.size());
    while (loads.size() > limit) {
      std::vector<Load> buffers;
      for (std::size_t first = 0; first < loads.size(); first += limit) {
        const Net branch = netlist.nets++;
        NetlistCell cell{type, netlist.cells[loads[first].cell].scope, {0, 0}, {}};
        cell.nets[input] = static_cast<Net>(net);
        cell.nets[1 - input] = branch;
        for (std::size_t i = first; i < std::min(first + limit, loads.size()); ++i)
          netlist.cells[loads[i].cell].nets[loads[i].pin] = branch;
        buffers.push_back({netlist.cells.size(), input});
        netlist.cells.push_back(std::move(cell));
        ++repair.buffers;
      }
      loads = std::move(buffers);
    }
  }
  return repair;
}

int buffer_ports(Netlist& netlist, const CellType& buffer) {
  const std::size_t input = buffer.pins.at(0).output ? 1 : 0;
  netlist.types.push_back(buffer);
  const int type = static_cast<int>(netlist.types.size()) - 1;
  std::vector<bool> taken(static_cast<std::size_t>(netlist.nets));
  taken[kZero] = taken[kOne] = true;
  for (const NetlistPort& port : netlist.ports) {
    for (const Net net : port.nets)
      taken[static_cast<std::size_t>(net)] = taken[static_cast<std::size_t>(net)] || port.input;
  }
  int buffers = 0;
  for (NetlistPort& port : netlist.ports) {
    if (port.input) continue;
    for (Net& net : port.nets) {
      if (!taken[static_cast<std::size_t>(net)]) {
        taken[static_cast<std::size_t>(net)] = true;
        continue;
      }
      NetlistCell cell{type, 0, {0, 0}, {}};
      cell.nets[input] = net;
      net = cell.nets[1 - input] = netlist.nets++;
      taken.push_back(true);
      netlist.cells.push_back(std::move(cell));
      ++buffers;
    }
  }
  return buffers;
}

Netlist buffer_trial(const CellType& buffer, const CellType& load, std::size_t fanout) {
  Netlist trial;
  trial.top = "trial";
  trial.scopes = {{"", "trial"}};
  trial.types = {load};
  const Net in = trial.nets++;
  const Net root = trial.nets++;
  const Net out = trial.nets++;
  trial.ports = {{"in", true, {in}}, {"out", false, {out}}};
  const auto add = [&](Net input, Net output) {
    NetlistCell cell{0, 0, {}, {}};
    for (const CellType::Pin& pin : load.pins) cell.nets.push_back(pin.output ? output : input);
    trial.cells.push_back(std::move(cell));
  };
  // A gate drives the tree, so that large buffers have their price. One load's output is the output of the
  // module: there is a path to the end.
  add(in, root);
  for (std::size_t i = 0; i < fanout * fanout; ++i) add(root, i == 0 ? out : trial.nets++);
  limit_fanout(trial, fanout, buffer, kZero);
  return trial;
}

}  // namespace msq::synth
