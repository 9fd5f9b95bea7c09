#pragma once

#include <cstddef>
#include <vector>

#include "synth/floorplan.hpp"
#include "synth/netlist.hpp"

namespace msq::synth {

// Lengths of wires before there is a layout. docs/results/area.md, "Wires", has the formula and its error
// against routed modules.

/// Length of the shortest tree of wires through `pins` random points over half the perimeter of the box
/// around them: C. E. Cheng, RISA, ICCAD 1994, as VPR has it; 1 up to three pins, linear beyond 50.
[[nodiscard]] double tree_over_box(std::size_t pins);

/// Length in um of the tree through `pins` places in a box: its half perimeter, longer by tree_over_box the
/// more the box is a square.
[[nodiscard]] double tree_length(double width, double height, std::size_t pins);

/// Length in um of the wires between `pins` pins of one net in a tile of `cells` cells on `area` um^2:
/// (0.37) sqrt(area) cells^(p - 1) for each pin but the first, Donath's rule with Rent's exponent p (0.75).
[[nodiscard]] double local_length(std::size_t pins, double area, long cells);

/// Estimated wires of a netlist.
struct WireEstimate {
  Floorplan floorplan;
  std::vector<double> lengths;  ///< um of each net; 0: constants, the clock, nets of one pin
  std::size_t nets = 0;         ///< with a length

  [[nodiscard]] double total() const;  ///< um
  [[nodiscard]] Net longest() const;
};

/// Length of each net: in every tile local_length of the net's pins there, and between tiles tree_length of
/// the box around them. That box reaches from edge to edge of the outer tiles, and (0.3) of the way on to
/// their centres. A port is at the edge of the die nearest to the net. A cell between tiles is at the mean of
/// its nets' other places.
/// @param cell_areas, utilization as in plan_floor.
[[nodiscard]] WireEstimate estimate_wires(const Netlist& netlist, const std::vector<double>& cell_areas,
                                          double utilization, Net clock);

}  // namespace msq::synth
