#pragma once

#include <string>
#include <vector>

#include "support/result.hpp"
#include "synth/def.hpp"
#include "synth/netlist.hpp"
#include "synth/wiring.hpp"

namespace msq::synth {

// A flat netlist as qflow's tools read it and name its parts.

/// Nets of constants.
struct SupplyNames {
  std::string power, ground;
};

struct LayoutNames {
  std::vector<std::string> cells;  ///< of the netlist: type and number, "NAND2X1_3"
  std::vector<std::string> nets;   ///< "sum_o<3>" if it is a port, else "n12"
};
/// As blif2cel.tcl names cells (by their order in the BLIF file) and as layout_blif names nets.
/// @param netlist after buffer_ports.
[[nodiscard]] LayoutNames layout_names(const Netlist& netlist, const SupplyNames& supplies);

/// @param model name of the model and, to the tools, of their files.
[[nodiscard]] std::string layout_blif(const Netlist& netlist, const std::string& model,
                                      const SupplyNames& supplies);

/// The wires of a layout for OpenSTA, with the names of timing_verilog.
/// Errors: the DEF is none of this netlist (cells, nets or their pins differ).
[[nodiscard]] Result<std::string> layout_spef(const Netlist& netlist, const Def& def, const Wiring& wiring,
                                              const SupplyNames& supplies);

}  // namespace msq::synth
