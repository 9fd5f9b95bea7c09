#pragma once

#include <vector>

#include "synth/netlist.hpp"

namespace msq::synth {

/// A rectangle in um.
struct FloorBox {
  double x = 0, y = 0, width = 0, height = 0;

  [[nodiscard]] double area() const { return width * height; }
  [[nodiscard]] double center_x() const { return x + width / 2; }
  [[nodiscard]] double center_y() const { return y + height / 2; }
};

/// Cells that are placed together, with no regard to the hierarchy below: a PE, a decoder.
struct FloorTile {
  FloorBox box;
  long cells = 0;
};

/// A place for every cell.
struct Floorplan {
  FloorBox die;
  std::vector<FloorTile> tiles;
  std::vector<int> tile_of;  ///< of a scope's own cells; -1: they stand between tiles, anywhere in `scopes`
  std::vector<FloorBox> scopes;  ///< of Netlist::scopes; those below a tile have none
};

/// Cuts a square die of area cells / `utilization` by the hierarchy, each part with the share of its cells.
/// Instances with `gen_row[i]` in their names are stacked, the first on top, those with `gen_column[i]` are
/// side by side, as in the array: the pitch of the PEs follows from the areas. What is beside rows gets a
/// strip on their left, what is beside columns one below them; other instances are parted in their order,
/// each time across the longer side. A tile is the largest instance of at most 3,000 cells without columns
/// below, or the own cells of a scope if they are more than half of it.
/// @param cell_areas um^2, of Netlist::cells. @param utilization share of the die that is cells, > 0.
[[nodiscard]] Floorplan plan_floor(const Netlist& netlist, const std::vector<double>& cell_areas,
                                   double utilization);

}  // namespace msq::synth
