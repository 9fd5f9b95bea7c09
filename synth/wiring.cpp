#include "synth/wiring.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "synth/lef_def_scanner.hpp"

namespace msq::synth {
namespace {

struct Spot {
  std::size_t layer = 0;
  DefPoint at;
  auto operator<=>(const Spot&) const =
      default;  // NOLINT(modernize-use-nullptr): clang-tidy 14 is wrong here
};

/// A pin's shape at the place of the cell; in units of the DEF, with fractions.
struct Place {
  std::optional<std::size_t> layer{};
  LefRect rect;

  /// How far a point is from the shape, in the direction in which it is farther.
  [[nodiscard]] double distance(const DefPoint& p) const {
    const auto x = static_cast<double>(p.x), y = static_cast<double>(p.y);
    return std::max({rect.x1 - x, x - rect.x2, rect.y1 - y, y - rect.y2, 0.0});
  }
};

/// Unknown names; never leaves measure_wiring.
struct Unknown {
  std::string message;
};

DefPoint turned(DefOrientation orientation, DefPoint p, std::int64_t w, std::int64_t h) {
  switch (orientation) {
    case DefOrientation::N:
      return p;
    case DefOrientation::W:
      return {h - p.y, p.x};
    case DefOrientation::S:
      return {w - p.x, h - p.y};
    case DefOrientation::E:
      return {p.y, w - p.x};
    case DefOrientation::FN:
      return {w - p.x, p.y};
    case DefOrientation::FW:
      return {p.y, p.x};
    case DefOrientation::FS:
      return {p.x, h - p.y};
    case DefOrientation::FE:
      return {h - p.y, w - p.x};
  }
  return p;
}

/// Nodes and wires of one net while they are joined.
class Mesh {
 public:
  std::size_t node(const Spot& spot) {
    const auto [at, added] = nodes_.emplace(spot, parent_.size());
    if (added) {
      parent_.push_back(parent_.size());
      spots_.push_back(spot);
    }
    return at->second;
  }
  std::size_t find(std::size_t n) {
    while (parent_[n] != n) n = parent_[n] = parent_[parent_[n]];
    return n;
  }
  void join(std::size_t a, std::size_t b) { parent_[find(a)] = find(b); }
  [[nodiscard]] const std::vector<Spot>& spots() const { return spots_; }

  /// Nodes within less than `reach` of a wire, in their order along it.
  [[nodiscard]] std::vector<std::size_t> on(std::size_t layer, const DefPoint& from, const DefPoint& to,
                                            std::int64_t reach) const {
    const DefPoint low = std::min(from, to), high = std::max(from, to);
    const std::int64_t edge = std::max<std::int64_t>(reach - 1, 0);
    std::vector<std::pair<std::int64_t, std::size_t>> found;
    const Spot end{layer, {high.x + edge, high.y + edge}};
    // Ordered by layer and x first.
    for (auto n = nodes_.lower_bound({layer, {low.x - edge, low.y - edge}});
         n != nodes_.end() && n->first <= end; ++n) {
      const DefPoint at = n->first.at;
      if (at.y < low.y - edge || at.y > high.y + edge) continue;
      found.emplace_back(low.y == high.y ? at.x : at.y, n->second);
    }
    std::sort(found.begin(), found.end());
    std::vector<std::size_t> result;
    result.reserve(found.size());
    for (const auto& [position, index] : found) result.push_back(index);
    return result;
  }

 private:
  std::map<Spot, std::size_t> nodes_;
  std::vector<Spot> spots_;
  std::vector<std::size_t> parent_;
};

class Extractor {
 public:
  Extractor(const Def& def, const Lef& lef) : def_(def), lef_(lef) {
    for (const DefComponent& c : def.components) {
      components_[c.name] = &c;
      if (!lef.macros.contains(c.macro))
        throw Unknown{fmt::format("the library has no cell {}", shown_word(c.macro))};
    }
    for (const DefPin& p : def.pins) pins_[p.name] = &p;
    supplies_ = {lef.supply(LefPin::Use::power), lef.supply(LefPin::Use::ground)};
    result_.lengths.resize(lef.layers.size());
    double pitch = 0;
    for (const LefLayer& layer : lef.layers) pitch = std::max(pitch, layer.pitch);
    reach_ = 2 * pitch * static_cast<double>(def.units);
  }

  Wiring run() {
    for (const DefNet& net : def_.nets) result_.nets.push_back(measure(net));
    for (const NetWiring& net : result_.nets) result_.capacitance += net.capacitance();
    return std::move(result_);
  }

 private:
  std::size_t layer(const std::string& name) const {
    const auto found = lef_.layer(name);
    if (!found) throw Unknown{fmt::format("the library has no layer {}", shown_word(name))};
    return *found;
  }

  const LefVia& via(const std::string& name) const {
    const auto found = lef_.vias.find(name);
    if (found == lef_.vias.end() || found->second.layers.size() != 2)
      throw Unknown{fmt::format("the library has no via {} between two layers of wires", shown_word(name))};
    return found->second;
  }

  std::vector<Place> places(const DefConnection& connection) const {
    if (connection.component == "PIN") {
      const auto pin = pins_.find(connection.pin);
      if (pin == pins_.end()) throw Unknown{fmt::format("no pin {} in PINS", shown_word(connection.pin))};
      const DefPin& p = *pin->second;
      return {{lef_.layer(p.layer),
               {static_cast<double>(p.at.x + p.shape.low.x), static_cast<double>(p.at.y + p.shape.low.y),
                static_cast<double>(p.at.x + p.shape.high.x), static_cast<double>(p.at.y + p.shape.high.y)}}};
    }
    const auto component = components_.find(connection.component);
    if (component == components_.end())
      throw Unknown{fmt::format("no component {} in COMPONENTS", shown_word(connection.component))};
    const DefComponent& c = *component->second;
    const auto macro = lef_.macros.find(c.macro);
    const LefPin* pin = macro->second.pin(connection.pin);
    if (pin == nullptr)
      throw Unknown{fmt::format("cell {} has no pin {}", shown_word(c.macro), shown_word(connection.pin))};
    const auto units = [this](double um) { return std::llround(um * static_cast<double>(def_.units)); };
    const std::int64_t w = units(macro->second.width), h = units(macro->second.height);
    std::vector<Place> result;
    for (const LefShape& shape : pin->shapes) {
      const DefPoint a = turned(c.orientation, {units(shape.rect.x1), units(shape.rect.y1)}, w, h);
      const DefPoint b = turned(c.orientation, {units(shape.rect.x2), units(shape.rect.y2)}, w, h);
      result.push_back({lef_.layer(shape.layer),
                        {static_cast<double>(c.at.x + std::min(a.x, b.x)),
                         static_cast<double>(c.at.y + std::min(a.y, b.y)),
                         static_cast<double>(c.at.x + std::max(a.x, b.x)),
                         static_cast<double>(c.at.y + std::max(a.y, b.y))}});
    }
    return result;
  }

  /// The node of a pin: all that touch its shapes are one, for the cell connects them. None if the pin is out
  /// of reach.
  std::optional<std::size_t> attach(Mesh& mesh, const DefConnection& connection) const {
    const std::vector<Place> shapes = places(connection);
    std::optional<std::size_t> inside, nearest;
    double best = reach_;
    for (std::size_t n = 0; n < mesh.spots().size(); ++n) {
      const Spot& spot = mesh.spots()[n];
      for (const Place& shape : shapes) {
        const double distance = shape.distance(spot.at);
        const double width = lef_.layers[spot.layer].width * static_cast<double>(def_.units);
        if (distance < width && shape.layer == spot.layer) {
          if (inside) mesh.join(*inside, n);
          inside = n;
        } else if (distance <= best) {
          best = distance;
          nearest = n;
        }
      }
    }
    return inside ? inside : nearest;
  }

  NetWiring measure(const DefNet& net) {
    const bool supply = net.name == supplies_.first || net.name == supplies_.second;
    Mesh mesh;
    for (const DefWire& wire : net.wires) {
      const std::size_t on = layer(wire.layer);
      mesh.node({on, wire.from});
      mesh.node({on, wire.to});
    }
    std::vector<NetWiring::Resistor> resistors;
    for (const DefVia& v : net.vias) {
      const LefVia& kind = via(v.name);
      const std::size_t a = mesh.node({layer(kind.layers[0]), v.at});
      const std::size_t b = mesh.node({layer(kind.layers[1]), v.at});
      if (kind.resistance > 0) {
        resistors.push_back({a, b, kind.resistance});
      } else {
        mesh.join(a, b);
      }
    }
    result_.vias += static_cast<std::int64_t>(net.vias.size());
    join_close(mesh);
    std::vector<double> capacitance(mesh.spots().size());
    const double length = add_wires(net, mesh, resistors, capacitance);
    if (supply || net.connections.size() < 2) return {};

    std::vector<std::optional<std::size_t>> pins;
    for (const DefConnection& c : net.connections) pins.push_back(attach(mesh, c));
    bool open = false;
    NetWiring wiring = tree(mesh, resistors, capacitance, pins, open);
    if (open) result_.open_nets.push_back(net.name);
    wiring.length = length;
    return wiring;
  }

  /// Ends of wires and vias that touch: also stacked vias, with no wire between them.
  void join_close(Mesh& mesh) const {
    for (std::size_t n = 0; n < mesh.spots().size(); ++n) {
      const Spot spot = mesh.spots()[n];
      const double width = lef_.layers[spot.layer].width * static_cast<double>(def_.units);
      for (const std::size_t other :
           mesh.on(spot.layer, spot.at, spot.at, static_cast<std::int64_t>(std::ceil(width))))
        mesh.join(n, other);
    }
  }

  /// @return um of wires.
  double add_wires(const DefNet& net, Mesh& mesh, std::vector<NetWiring::Resistor>& resistors,
                   std::vector<double>& capacitance) {
    double sum = 0;
    std::set<std::pair<std::size_t, std::size_t>> known;  // overlapping wires count once
    for (const DefWire& wire : net.wires) {
      const std::size_t on = layer(wire.layer);
      const LefLayer& l = lef_.layers[on];
      const double width = wire.width > 0 ? def_.um(wire.width) : l.width;
      // The router moves the ends of some wires off the grid, to where a pin is: wires touch if the lines
      // along their middles come closer than a width.
      const auto reach = static_cast<std::int64_t>(std::ceil(l.width * static_cast<double>(def_.units)));
      const std::vector<std::size_t> nodes = mesh.on(on, wire.from, wire.to, reach);
      const bool horizontal = wire.from.y == wire.to.y;
      const auto along = [&](std::size_t node) {
        const DefPoint at = mesh.spots()[node].at, low = std::min(wire.from, wire.to),
                       high = std::max(wire.from, wire.to);
        return horizontal ? std::clamp(at.x, low.x, high.x) : std::clamp(at.y, low.y, high.y);
      };
      for (std::size_t i = 0; i + 1 < nodes.size(); ++i) {
        const std::size_t a = nodes[i], b = nodes[i + 1];
        const double length = def_.um(along(b) - along(a));
        if (length <= 0) {
          mesh.join(a, b);
          continue;
        }
        if (!known.emplace(a, b).second) continue;
        const double c = l.capacitance * length * width + l.edge_capacitance * 2 * length;
        result_.lengths[on] += length;
        sum += length;
        resistors.push_back({a, b, l.resistance * length / width});
        capacitance[a] += c / 2;
        capacitance[b] += c / 2;
      }
    }
    return sum;
  }

  /// Leaves out resistors that close a loop: their wires keep their capacitance. Capacitances and
  /// pins that no wire connects to the first pin are at its node.
  static NetWiring tree(Mesh& mesh, const std::vector<NetWiring::Resistor>& resistors,
                        const std::vector<double>& capacitance,
                        const std::vector<std::optional<std::size_t>>& pins, bool& open) {
    NetWiring wiring;
    open = !pins.front();
    if (mesh.spots().empty()) {
      open = true;
      return wiring;
    }
    std::vector<std::vector<const NetWiring::Resistor*>> at(mesh.spots().size());
    for (const NetWiring::Resistor& r : resistors) {
      at[mesh.find(r.a)].push_back(&r);
      at[mesh.find(r.b)].push_back(&r);
    }
    std::map<std::size_t, std::size_t> index;  // node of the mesh -> node of the tree
    std::vector<std::size_t> queue = {mesh.find(pins.front().value_or(0))};
    index[queue.front()] = 0;
    wiring.nodes.push_back(0);
    for (std::size_t i = 0; i < queue.size(); ++i) {
      const std::size_t here = queue[i];
      for (const NetWiring::Resistor* r : at[here]) {
        const std::size_t a = mesh.find(r->a), b = mesh.find(r->b);
        const std::size_t there = a == here ? b : a;
        if (index.contains(there)) continue;
        wiring.resistors.push_back({index.at(here), wiring.nodes.size(), r->ohm});
        index[there] = wiring.nodes.size();
        wiring.nodes.push_back(0);
        queue.push_back(there);
      }
    }
    for (std::size_t n = 0; n < capacitance.size(); ++n) {
      const auto known = index.find(mesh.find(n));
      wiring.nodes[known == index.end() ? 0 : known->second] += capacitance[n];
    }
    for (const std::optional<std::size_t>& pin : pins) {
      const auto known = pin ? index.find(mesh.find(*pin)) : index.end();
      open = open || known == index.end();
      wiring.pins.push_back(known == index.end() ? 0 : known->second);
    }
    return wiring;
  }

  const Def& def_;
  const Lef& lef_;
  std::map<std::string, const DefComponent*> components_;
  std::map<std::string, const DefPin*> pins_;
  std::pair<std::string, std::string> supplies_;
  double reach_ = 0;
  Wiring result_;
};

}  // namespace

double NetWiring::capacitance() const { return std::accumulate(nodes.begin(), nodes.end(), 0.0); }

double Wiring::length() const { return std::accumulate(lengths.begin(), lengths.end(), 0.0); }

Result<Wiring> measure_wiring(const Def& def, const Lef& lef) {
  try {
    return Extractor(def, lef).run();
  } catch (const Unknown& unknown) {
    return Error(unknown.message);
  }
}

}  // namespace msq::synth
