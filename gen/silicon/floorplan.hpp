#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gen/silicon/macros.hpp"

namespace msq::silicon {

/// Edges of the die.
enum class Side { top, left, bottom, right };
/// "top", "left", "bottom", "right".
[[nodiscard]] std::string_view side_name(Side side);

/// Ports of a side, in the order of the module.
struct SidePorts {
  Side side;
  std::vector<verilog::Port> ports;
};
/// Every port of a design, as data flow through the array: weights from above, activations from the left,
/// sums and outputs below, clock, reset, registers and counters on the right.
[[nodiscard]] std::vector<SidePorts> port_sides(const Design& design);

/// Height / width of the core: rows / columns of the array, 0.5 to 2.
[[nodiscard]] double aspect_ratio(const Design& design);

/// Lower left corner in um.
struct Place {
  double x = 0, y = 0;
};

/// Die with its macros.
struct Floorplan {
  Outline die;
  std::map<std::string, Place> places;  ///< of instances of macros
};

/// Macros in rows at the upper edge of a die that has room for the cells below them and is not higher than
/// the aspect ratio says, if no macro is wider.
/// @param instances path of each instance and its macro. @param cells um^2 of the cells' rows.
/// @param ratio height / width.
[[nodiscard]] Floorplan place_macros(const std::map<std::string, const Macro*>& instances, double cells,
                                     double ratio);

}  // namespace msq::silicon
