#pragma once

#include <cstddef>
#include <vector>

#include "synth/netlist.hpp"

namespace msq::synth {

/// Balanced tree of buffers between the clock and its registers.
struct ClockTree {
  std::vector<std::size_t> pins{};  ///< that each level's nets drive: registers, buffers before them, ..
  std::vector<double> lengths{};    ///< um of one net of each level
  std::size_t fanout = 0;           ///< most pins of a net

  [[nodiscard]] std::size_t sinks() const { return pins.empty() ? 0 : pins.front(); }
  [[nodiscard]] std::size_t buffers() const;
  /// Nets that drive the pins of a level: one for each buffer of the next, one from the clock's port.
  [[nodiscard]] std::size_t nets(std::size_t level) const;
  [[nodiscard]] double length() const;  ///< um of all wires
};

/// Tree in which no net drives more than `fanout` >= 2 pins. Wires to n pins spread over `area` um^2 are
/// (0.76) sqrt(n area) long, as the shortest rectilinear tree through n random points is.
[[nodiscard]] ClockTree plan_clock_tree(std::size_t sinks, std::size_t fanout, double area);

/// Length of each net of the clock in a netlist in which limit_fanout made that tree. @param first number of
/// the first net that it added. @param lengths of all nets; those of the clock are set.
void set_clock_lengths(const ClockTree& tree, Net clock, Net first, std::vector<double>& lengths);

/// One way down the tree, to measure its delay: from port `in` to port `out` at the registers, through one
/// buffer of each level, with all pins that share its nets.
struct ClockTrial {
  Netlist netlist;
  std::vector<double> lengths;  ///< um of each net
};
/// @param sink a register. @param sink_clock its clock pin.
[[nodiscard]] ClockTrial clock_trial(const ClockTree& tree, const CellType& buffer, const CellType& sink,
                                     std::size_t sink_clock);

}  // namespace msq::synth
