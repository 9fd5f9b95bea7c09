#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/result.hpp"
#include "synth/def.hpp"
#include "synth/lef.hpp"

namespace msq::synth {

/// Wires of one net as resistors and capacitors to ground. The resistors make a tree.
struct NetWiring {
  struct Resistor {
    std::size_t a = 0, b = 0;  ///< nodes
    double ohm = 0;
  };
  std::vector<double> nodes{};  ///< capacitance of each in pF
  std::vector<Resistor> resistors{};
  std::vector<std::size_t> pins{};  ///< node of each connection of the net in DEF
  double length = 0;                ///< um of wires

  [[nodiscard]] double capacitance() const;
};

/// Lengths, resistances and capacitances of the wires of a routed design.
struct Wiring {
  std::vector<NetWiring> nets;         ///< as those of the DEF; without nodes where there are no wires
  std::vector<double> lengths;         ///< um on each layer of the LEF, without the supply
  std::int64_t vias = 0;               ///< without those of the supply
  std::vector<std::string> open_nets;  ///< nets of two or more pins that wires do not connect, by name
  double capacitance = 0;              ///< of all nets, pF

  [[nodiscard]] double length() const;
};

/// Measures the wires of a routed design by the library's figures for its layers: a wire of width w and
/// length l has the resistance `resistance` * l / w and the capacitance `capacitance` * l * w +
/// `edge_capacitance` * 2 l, as the LEF language defines them (without coupling between wires). Wires, vias
/// and pins touch if they come closer than the width of a wire; a pin that none touches is at the end of a
/// wire nearest to it, within two tracks. Independently of the router, the result also names the nets
/// that are not connected. Errors: a layer, via, cell or pin that the library has not.
[[nodiscard]] Result<Wiring> measure_wiring(const Def& def, const Lef& lef);

}  // namespace msq::synth
