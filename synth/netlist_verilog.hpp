#pragma once

#include <optional>
#include <string>
#include <vector>

#include "synth/netlist.hpp"

namespace msq::synth {

// Verilog of a flat netlist for other tools. Names are plain: cell i is "c<i>", net n "n<n>" unless it is a
// bit of a port, memory i "m<i>".

/// For timing: the pins of memories, their clock apart, are ports of the module, named "m<i>_<port>".
[[nodiscard]] std::string timing_verilog(const Netlist& netlist, const std::string& module_name,
                                         const std::string& clock_port);

/// Name of every net in timing_verilog, and in power_verilog, by its number.
[[nodiscard]] std::vector<std::string> timing_net_names(const Netlist& netlist,
                                                        const std::string& clock_port);
[[nodiscard]] std::vector<std::string> power_net_names(const Netlist& netlist, const std::string& clock_port);

/// A flip-flop in place of the surroundings: every net that no cell drives is driven by one of these.
struct BoundaryRegister {
  int type = 0;
  std::size_t clock = 0, data = 0, output = 0;  ///< pins
};
/// The plainest flip-flop that the netlist uses; none if it has none with this clock.
/// @param first_clock as PowerRequest::first_clock.
[[nodiscard]] std::optional<BoundaryRegister> boundary_register(const Netlist& netlist, Net clock,
                                                                Net first_clock = 0);

/// For power: the clock is the only port. Boundary registers are named "b<net>".
/// @param clock_by_register the clock is the output of the register kClockRegister instead, which kStartPort
/// drives: then all registers follow from a port.
[[nodiscard]] std::string power_verilog(const Netlist& netlist, const std::string& clock_port,
                                        const BoundaryRegister& boundary, bool clock_by_register);
inline constexpr const char* kClockRegister = "clock_register";
inline constexpr const char* kStartPort = "start_i";

}  // namespace msq::synth
