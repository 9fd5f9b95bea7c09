#include "synth/clock_tree.hpp"

#include <cmath>

namespace msq::synth {
namespace {

/// Length of the shortest rectilinear tree through n random points on area A, over sqrt(n A): F. K. Hwang's
/// bound and simulations of many points, such as those of A. B. Kahng and G. Robins, 1992.
constexpr double kTreeOfPoints = 0.76;

std::size_t divide_up(std::size_t a, std::size_t b) { return (a + b - 1) / b; }

}  // namespace

std::size_t ClockTree::nets(std::size_t level) const { return level + 1 < pins.size() ? pins[level + 1] : 1; }

std::size_t ClockTree::buffers() const {
  std::size_t sum = 0;
  for (std::size_t level = 1; level < pins.size(); ++level) sum += pins[level];
  return sum;
}

double ClockTree::length() const {
  double sum = 0;
  for (std::size_t level = 0; level < pins.size(); ++level)
    sum += static_cast<double>(nets(level)) * lengths[level];
  return sum;
}

ClockTree plan_clock_tree(std::size_t sinks, std::size_t fanout, double area) {
  ClockTree tree{{sinks}, {}, fanout};
  while (tree.pins.back() > fanout) tree.pins.push_back(divide_up(tree.pins.back(), fanout));
  for (std::size_t level = 0; level < tree.pins.size(); ++level) {
    tree.lengths.push_back(kTreeOfPoints * std::sqrt(static_cast<double>(tree.pins[level]) * area) /
                           static_cast<double>(tree.nets(level)));
  }
  return tree;
}

void set_clock_lengths(const ClockTree& tree, Net clock, Net first, std::vector<double>& lengths) {
  // limit_fanout numbers the nets level by level, those at the registers first.
  auto net = static_cast<std::size_t>(first);
  for (std::size_t level = 0; level + 1 < tree.pins.size(); ++level) {
    for (std::size_t i = 0; i < tree.nets(level); ++i) lengths.at(net++) = tree.lengths[level];
  }
  lengths.at(static_cast<std::size_t>(clock)) = tree.lengths.back();
}

ClockTrial clock_trial(const ClockTree& tree, const CellType& buffer, const CellType& sink,
                       std::size_t sink_clock) {
  ClockTrial trial;
  Netlist& netlist = trial.netlist;
  netlist.top = "trial";
  netlist.scopes = {{"", "trial"}};
  netlist.types = {buffer, sink};
  Net net = netlist.nets++;
  netlist.ports = {{"in", true, {net}}};
  const std::size_t input = buffer.pins.at(0).output ? 1 : 0;
  trial.lengths = {0, 0, tree.lengths.back()};
  const auto add = [&](int type, std::size_t driven, Net from) {
    const CellType& cell_type = netlist.types[static_cast<std::size_t>(type)];
    NetlistCell cell{type, 0, {}, {}};
    Net out = kZero;
    for (std::size_t pin = 0; pin < cell_type.pins.size(); ++pin) {
      if (cell_type.pins[pin].output) out = netlist.nets++;
      cell.nets.push_back(cell_type.pins[pin].output ? out : pin == driven ? from : kZero);
    }
    netlist.cells.push_back(cell);
    trial.lengths.resize(static_cast<std::size_t>(netlist.nets));
    return out;
  };
  for (std::size_t level = tree.pins.size(); level-- > 0;) {
    const std::size_t pins = divide_up(tree.pins[level], tree.nets(level));
    Net next = kZero;
    for (std::size_t i = 0; i < pins; ++i) {
      const Net out = add(level == 0 ? 1 : 0, level == 0 ? sink_clock : input, net);
      if (i == 0) next = out;
    }
    if (level == 0) break;
    net = next;
    trial.lengths[static_cast<std::size_t>(net)] = tree.lengths[level - 1];
  }
  netlist.ports.push_back({"out", false, {net}});
  return trial;
}

}  // namespace msq::synth
