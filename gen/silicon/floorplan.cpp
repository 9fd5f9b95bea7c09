#include "gen/silicon/floorplan.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace msq::silicon {
namespace {

constexpr double kHalo = 20;                    ///< um around a macro, for the routes to its pins
constexpr double kMargin = 20;                  ///< um between the core and the edges of the die
constexpr double kGridX = 0.92, kGridY = 1.36;  ///< um: tracks of SKY130, so that pins are on them
constexpr double kSlimmest = 0.5, kHighest = 2;

Side side_of(const std::string& port) {
  const auto has = [&](const char* part) { return port.find(part) != std::string::npos; };
  if (has("_weight_") || port.starts_with("load_")) return Side::top;
  if (has("_act_") || port.starts_with("act_") || has("m_axi_data_")) return Side::left;
  if (has("_out_") || port.starts_with("psum_")) return Side::bottom;
  return Side::right;
}

double on_grid(double value, double grid) { return std::ceil(value / grid) * grid; }

using Instances = std::vector<std::pair<std::string, const Macro*>>;

/// Rows of macros by falling height.
struct Rows {
  std::map<std::string, Place> places;  ///< from the lower left corner of the rows
  double height = 0;
};

Rows pack(const Instances& sorted, double width) {
  Rows rows;
  double x = 0, row_height = 0;
  for (const auto& [path, macro] : sorted) {
    const double w = macro->outline.width + 2 * kHalo, h = macro->outline.height + 2 * kHalo;
    if (x > 0 && x + w > width) {
      rows.height += row_height;
      x = row_height = 0;
    }
    rows.places[path] = {x + kHalo, rows.height + kHalo};
    x += w;
    row_height = std::max(row_height, h);
  }
  rows.height += row_height;
  return rows;
}

}  // namespace

std::string_view side_name(Side side) {
  switch (side) {
    case Side::top:
      return "top";
    case Side::left:
      return "left";
    case Side::bottom:
      return "bottom";
    case Side::right:
      break;
  }
  return "right";
}

std::vector<SidePorts> port_sides(const Design& design) {
  std::vector<SidePorts> sides = {{Side::top, {}}, {Side::left, {}}, {Side::bottom, {}}, {Side::right, {}}};
  for (const verilog::Port& port : design.ports) {
    const Side side = side_of(port.name);
    std::find_if(sides.begin(), sides.end(), [&](const SidePorts& s) {
      return s.side == side;
    })->ports.push_back(port);
  }
  return sides;
}

double aspect_ratio(const Design& design) {
  const double ratio = static_cast<double>(design.config.rows) / design.config.cols;
  return std::clamp(ratio, kSlimmest, kHighest);
}

Floorplan place_macros(const std::map<std::string, const Macro*>& instances, double cells, double ratio) {
  Instances sorted(instances.begin(), instances.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return a.second->outline.height > b.second->outline.height;
  });
  double width = kGridX;
  for (const auto& [path, macro] : sorted) width = std::max(width, macro->outline.width + 2 * kHalo);
  const auto cells_height = [&](double w) { return cells / w; };
  Rows rows = pack(sorted, width);
  while (rows.height + cells_height(width) > ratio * width) {
    width += kGridX;
    rows = pack(sorted, width);
  }
  const double below = on_grid(kMargin + cells_height(width), kGridY);
  Floorplan plan{{on_grid(width + 2 * kMargin, kGridX), on_grid(below + rows.height + kMargin, kGridY)}, {}};
  for (const auto& [path, place] : rows.places)
    plan.places[path] = {on_grid(kMargin + place.x, kGridX), on_grid(below + place.y, kGridY)};
  return plan;
}

}  // namespace msq::silicon
