#include "synth/spef.hpp"

#include <fmt/format.h>

#include <iterator>
#include <utility>

namespace msq::synth {

std::string spef_header(const std::string& design) {
  return fmt::format(
      "*SPEF \"IEEE 1481-1998\"\n*DESIGN \"{}\"\n*DATE \"\"\n*VENDOR \"\"\n*PROGRAM \"\"\n*VERSION \"\"\n"
      "*DESIGN_FLOW \"\"\n*DIVIDER /\n*DELIMITER :\n*BUS_DELIMITER [ ]\n*T_UNIT 1 NS\n*C_UNIT 1 PF\n"
      "*R_UNIT 1 OHM\n*L_UNIT 1 HENRY\n\n",
      design);
}

SpefNet::SpefNet(std::string name, const NetWiring& wiring) : name_(std::move(name)), wiring_(wiring) {
  nodes_.resize(wiring.nodes.size());
}

void SpefNet::pin(std::size_t node, const std::string& name, const std::string& connection) {
  (connections_ += connection) += '\n';
  std::string& known = nodes_[node];
  if (known.empty()) {
    known = name;
  } else {
    resistor(known, name, 0);  // two pins where the wires have one node
  }
}

std::string SpefNet::text() {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].empty()) nodes_[i] = fmt::format("{}:{}", name_, i);
  }
  for (const NetWiring::Resistor& r : wiring_.resistors) resistor(nodes_[r.a], nodes_[r.b], r.ohm);
  std::string text =
      fmt::format("*D_NET {} {:.9g}\n*CONN\n{}*CAP\n", name_, wiring_.capacitance(), connections_);
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    fmt::format_to(std::back_inserter(text), "{} {} {:.9g}\n", i + 1, nodes_[i], wiring_.nodes[i]);
  return text + "*RES\n" + resistors_ + "*END\n\n";
}

void SpefNet::resistor(const std::string& a, const std::string& b, double ohm) {
  fmt::format_to(std::back_inserter(resistors_), "{} {} {} {:.9g}\n", ++count_, a, b, ohm);
}

}  // namespace msq::synth
