#include "synth/wire_length.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

namespace msq::synth {
namespace {

// Fitted to routed modules: docs/results/data/wires.csv.
constexpr double kLocal = 0.37;  ///< of wires within a tile
constexpr double kRent = 0.75;   ///< Rent's exponent
constexpr double kWithin = 0.3;  ///< share of the way from a tile's centre to its edge that wires run
constexpr int kSweeps = 4;       ///< of the positions of cells between tiles

// Cheng's table, for 3 to 50 pins.
constexpr std::array kTree = {1.0000, 1.0828, 1.1536, 1.2206, 1.2823, 1.3385, 1.3991, 1.4493, 1.4974, 1.5455,
                              1.5937, 1.6418, 1.6899, 1.7304, 1.7709, 1.8114, 1.8519, 1.8924, 1.9288, 1.9652,
                              2.0015, 2.0379, 2.0743, 2.1061, 2.1379, 2.1698, 2.2016, 2.2334, 2.2646, 2.2958,
                              2.3271, 2.3583, 2.3895, 2.4187, 2.4479, 2.4772, 2.5064, 2.5356, 2.5610, 2.5864,
                              2.6117, 2.6371, 2.6625, 2.6887, 2.7148, 2.7410, 2.7671, 2.7933};
constexpr double kTreeSlope = 0.02616;  ///< of a pin beyond

struct Point {
  double x = 0, y = 0;
};

/// Box around places that are rectangles or points.
struct Bounds {
  double low = 0, high = 0;             ///< of the centres
  double least_high = 0, most_low = 0;  ///< of the rectangles' edges

  void add(double center, double half, bool first) {
    low = first ? center : std::min(low, center);
    high = first ? center : std::max(high, center);
    least_high = first ? center + half : std::min(least_high, center + half);
    most_low = first ? center - half : std::max(most_low, center - half);
  }
  /// Between the nearest edges, and a share of the rest of the way between the centres.
  [[nodiscard]] double extent() const {
    const double gap = std::max(0.0, most_low - least_high);
    return gap + kWithin * (high - low - gap);
  }
};

/// Cells and pins of the module that are on a net.
struct NetPins {
  std::vector<std::size_t> cells{};
  std::vector<int> memories{};  ///< scopes of memories
  bool port = false;
};

std::vector<NetPins> pins_by_net(const Netlist& netlist) {
  std::vector<NetPins> pins(static_cast<std::size_t>(netlist.nets));
  for (std::size_t c = 0; c < netlist.cells.size(); ++c) {
    for (const Net net : netlist.cells[c].nets) pins[static_cast<std::size_t>(net)].cells.push_back(c);
  }
  for (const NetlistMemory& memory : netlist.memories) {
    for (const NetlistPort& port : memory.ports) {
      for (const Net net : port.nets) pins[static_cast<std::size_t>(net)].memories.push_back(memory.scope);
    }
  }
  for (const NetlistPort& port : netlist.ports) {
    for (const Net net : port.nets) pins[static_cast<std::size_t>(net)].port = true;
  }
  return pins;
}

class Estimator {
 public:
  Estimator(const Netlist& netlist, Floorplan plan, Net clock)
      : netlist_(netlist), plan_(std::move(plan)), clock_(clock), pins_(pins_by_net(netlist)) {
    for (const NetlistCell& cell : netlist.cells) {
      const FloorBox& box = box_of(cell.scope);
      places_.push_back({box.center_x(), box.center_y()});
    }
    for (int i = 0; i < kSweeps; ++i) move_cells_between();
  }

  WireEstimate run() {
    WireEstimate estimate;
    estimate.lengths.resize(pins_.size());
    for (std::size_t net = 2; net < pins_.size(); ++net) {
      if (static_cast<Net>(net) == clock_) continue;
      estimate.lengths[net] = length(pins_[net]);
      if (estimate.lengths[net] > 0) ++estimate.nets;
    }
    estimate.floorplan = std::move(plan_);
    return estimate;
  }

 private:
  [[nodiscard]] int tile_of(int scope) const { return plan_.tile_of[static_cast<std::size_t>(scope)]; }
  [[nodiscard]] const FloorTile& tile(int number) const {
    return plan_.tiles[static_cast<std::size_t>(number)];
  }
  /// Of the tile, or of the scope for cells between tiles.
  [[nodiscard]] const FloorBox& box_of(int scope) const {
    const int number = tile_of(scope);
    return number < 0 ? plan_.scopes[static_cast<std::size_t>(scope)] : tile(number).box;
  }

  /// A cell between tiles goes to the mean of the places of its nets' other pins, within its scope.
  void move_cells_between() {
    for (std::size_t c = 0; c < places_.size(); ++c) {
      const NetlistCell& cell = netlist_.cells[c];
      if (tile_of(cell.scope) >= 0) continue;
      Point sum;
      double nets = 0;
      for (const Net net : cell.nets) {
        if (net < 2 || net == clock_) continue;
        const NetPins& pins = pins_[static_cast<std::size_t>(net)];
        Point of_net;
        double others = 0;
        for (const std::size_t other : pins.cells) {
          if (other == c) continue;
          of_net.x += places_[other].x;
          of_net.y += places_[other].y;
          others += 1;
        }
        if (others == 0) continue;
        // Each net pulls once, whatever its number of pins.
        sum.x += of_net.x / others;
        sum.y += of_net.y / others;
        nets += 1;
      }
      if (nets == 0) continue;
      const FloorBox& box = box_of(cell.scope);
      places_[c] = {std::clamp(sum.x / nets, box.x, box.x + box.width),
                    std::clamp(sum.y / nets, box.y, box.y + box.height)};
    }
  }

  [[nodiscard]] Point nearest_edge(const Point& p) const {
    const FloorBox& die = plan_.die;
    const double left = p.x, right = die.width - p.x, bottom = p.y, top = die.height - p.y;
    const double least = std::min({left, right, bottom, top});
    if (least == left) return {0, p.y};
    if (least == right) return {die.width, p.y};
    return {p.x, least == bottom ? 0 : die.height};
  }

  [[nodiscard]] double length(const NetPins& pins) const {
    if (pins.cells.size() + pins.memories.size() + (pins.port ? 1 : 0) < 2) return 0;
    std::vector<std::pair<int, std::size_t>> tiles;  // and the pins of the net in each
    Bounds x, y;
    std::size_t places = 0;
    const auto add = [&](const Point& at, const FloorBox* box) {
      x.add(at.x, box == nullptr ? 0 : box->width / 2, places == 0);
      y.add(at.y, box == nullptr ? 0 : box->height / 2, places == 0);
      ++places;
    };
    for (const std::size_t c : pins.cells) {
      const int number = tile_of(netlist_.cells[c].scope);
      if (number < 0) {
        add(places_[c], nullptr);
        continue;
      }
      const auto known =
          std::find_if(tiles.begin(), tiles.end(), [&](const auto& t) { return t.first == number; });
      if (known != tiles.end()) {
        ++known->second;
        continue;
      }
      tiles.emplace_back(number, 1);
      add(places_[c], &tile(number).box);
    }
    for (const int scope : pins.memories) {
      const FloorBox& box = box_of(scope);
      add({box.center_x(), box.center_y()}, &box);
    }
    if (pins.port) add(nearest_edge({(x.low + x.high) / 2, (y.low + y.high) / 2}), nullptr);
    double sum = tree_length(x.extent(), y.extent(), places);
    for (const auto& [number, of_tile] : tiles)
      sum += local_length(of_tile, tile(number).box.area(), tile(number).cells);
    return sum;
  }

  const Netlist& netlist_;
  Floorplan plan_;
  Net clock_;
  std::vector<NetPins> pins_;
  std::vector<Point> places_;  ///< of cells: their tile's centre, or where they went
};

}  // namespace

double tree_over_box(std::size_t pins) {
  constexpr std::size_t kFirst = 3;
  if (pins <= kFirst) return 1;
  const std::size_t last = kFirst + kTree.size() - 1;
  if (pins <= last) return kTree[pins - kFirst];
  return kTree.back() + kTreeSlope * static_cast<double>(pins - last);
}

double tree_length(double width, double height, std::size_t pins) {
  // Places in a line need no branches.
  return width + height + (tree_over_box(pins) - 1) * 2 * std::min(width, height);
}

double local_length(std::size_t pins, double area, long cells) {
  if (pins < 2) return 0;
  return kLocal * std::sqrt(area) * std::pow(static_cast<double>(cells), kRent - 1) *
         static_cast<double>(pins - 1);
}

double WireEstimate::total() const { return std::accumulate(lengths.begin(), lengths.end(), 0.0); }

Net WireEstimate::longest() const {
  return static_cast<Net>(std::max_element(lengths.begin(), lengths.end()) - lengths.begin());
}

WireEstimate estimate_wires(const Netlist& netlist, const std::vector<double>& cell_areas, double utilization,
                            Net clock) {
  return Estimator(netlist, plan_floor(netlist, cell_areas, utilization), clock).run();
}

}  // namespace msq::synth
