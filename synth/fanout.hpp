#pragma once

#include <cstddef>
#include <string>

#include "synth/netlist.hpp"

namespace msq::synth {

/// Nets that netlist had and buffers that were put in.
struct FanoutRepair {
  int nets = 0;
  int buffers = 0;
  std::size_t largest = 0;  ///< fan-out that was found
};

/// Puts trees of buffers on every net except the clock that more than `limit` (>= 2) cell pins load: Yosys
/// leaves such nets as they are, since most cross modules; a layout tool would not. Loads stay in their
/// order, so that neighbours in the hierarchy share a buffer. A buffer is in the scope of its first load.
/// @param buffer a cell with one input and one output.
FanoutRepair limit_fanout(Netlist& netlist, std::size_t limit, const CellType& buffer, Net clock);

/// Puts a buffer in front of every bit of an output port whose net is a constant, that of an input port or of
/// another output bit too: in a layout each port is a pin of its own. Returns how many. Module without
/// memories.
/// @param buffer a cell with one input and one output.
int buffer_ports(Netlist& netlist, const CellType& buffer);

/// A netlist to choose a buffer by: a gate, `fanout` buffers behind it, and as many gates behind each; all
/// gates are cells of type `load`.
Netlist buffer_trial(const CellType& buffer, const CellType& load, std::size_t fanout);

}  // namespace msq::synth
