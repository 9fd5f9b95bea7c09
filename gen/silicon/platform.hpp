#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gen/packaging/packaging.hpp"

namespace msq::silicon {

/// Rectangles of one layer at a regular distance, in um.
struct LayerRule {
  std::string_view layer;
  double width = 0;   ///< of a rectangle across the direction of its repetition
  double pitch = 0;   ///< between centres
  double first = 0;   ///< centre of the first one
  double length = 0;  ///< of a pin into the macro; straps: distance of their ends to the outline
};

/// A process as placeholders and constraints need it. Lengths in um.
struct Platform {
  std::string_view name;     ///< in its flow
  std::string_view library;  ///< what the name of its library of cells begins with
  packaging::TimeUnit unit;  ///< of the library
  double voltage;
  std::string_view power, ground;     ///< pins of a macro, as the flow's power grid connects them
  std::vector<std::string_view> low;  ///< layers below the pins: blocked by a macro
  LayerRule pins;                     ///< signals, on tracks, at the left and the right edge
  LayerRule straps;                   ///< power and ground in turn
  bool vertical_straps;
  double gap;             ///< from straps and pins to blocked area
  double step_x, step_y;  ///< outlines are multiples
};

/// \throws std::out_of_range on another name.
[[nodiscard]] const Platform& platform(std::string_view name);

}  // namespace msq::silicon
