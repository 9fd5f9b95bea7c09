#pragma once

#include <string>
#include <vector>

#include "synth/netlist.hpp"

namespace msq::synth {

/// Wires of one net.
struct NetWire {
  double ohm = 0, picofarads = 0;
};

/// Wires by their lengths.
[[nodiscard]] std::vector<NetWire> wires_of(const std::vector<double>& micrometres, double ohm_per_um,
                                            double picofarads_per_um);

/// Wires for OpenSTA, in ns, pF and ohm: of each net half the capacitance at the cell that drives it, the
/// resistance, and the other half at all loads. Nets without wires or a driver are left out.
/// @param names of the nets in the Verilog: timing_net_names or power_net_names. @param ports whether the
/// ports of the netlist and the pins of its memories are in the Verilog, as in that for timing. @param wires
/// of each net.
[[nodiscard]] std::string estimated_spef(const Netlist& netlist, const std::vector<std::string>& names,
                                         bool ports, const std::vector<NetWire>& wires);

}  // namespace msq::synth
