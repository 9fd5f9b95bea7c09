#include "synth/floorplan.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <string_view>

namespace msq::synth {
namespace {

constexpr long kLargestTile =
    3000;                 ///< cells; the routed modules that lengths are fitted to have up to 1,000
constexpr int kOwn = -1;  ///< in place of a scope: the own cells of the scope that is parted

constexpr std::string_view kRows = "gen_row[", kColumns = "gen_column[";

/// A part of a scope.
struct Part {
  int scope = kOwn;
  double area = 0;
};

double area_of(const std::vector<Part>& parts) {
  double sum = 0;
  for (const Part& part : parts) sum += part.area;
  return sum;
}

/// Whether an instance such as "gen_group[1].gen_column[3].u_pe" is one of a series.
bool is_in(std::string_view name, std::string_view series) {
  return name.find(series) != std::string_view::npos;
}

/// 1 and 3 of "gen_group[1].gen_column[3].u_pe": its place in the series.
std::vector<long> indices_of(std::string_view name) {
  std::vector<long> indices;
  for (std::size_t at = name.find('['); at != std::string_view::npos; at = name.find('[', at + 1)) {
    long index = 0;
    std::from_chars(name.data() + at + 1, name.data() + name.size(), index);
    indices.push_back(index);
  }
  return indices;
}

class Planner {
 public:
  Planner(const Netlist& netlist, const std::vector<double>& cell_areas) : netlist_(netlist) {
    const std::size_t n = netlist.scopes.size();
    plan_.scopes.resize(n);
    plan_.tile_of.assign(n, -1);
    own_area_.resize(n);
    own_cells_.resize(n);
    for (std::size_t i = 0; i < netlist.cells.size(); ++i) {
      const auto scope = static_cast<std::size_t>(netlist.cells[i].scope);
      own_area_[scope] += cell_areas[i];
      ++own_cells_[scope];
    }
    find_children();
  }

  Floorplan run(double utilization) {
    const double side = std::sqrt(std::max(area_.front(), 1e-9) / utilization);
    plan_.die = {0, 0, side, side};
    place(0, plan_.die);
    return std::move(plan_);
  }

 private:
  void find_children() {
    const std::size_t n = netlist_.scopes.size();
    children_.resize(n);
    names_.resize(n);
    area_ = own_area_;
    cells_ = own_cells_;
    columns_.resize(n);
    std::map<std::string_view, int> known;
    std::vector<int> parent(n, -1);
    for (std::size_t i = 0; i < n; ++i) {
      const std::string_view path = netlist_.scopes[i].path;
      known[path] = static_cast<int>(i);
      if (path.empty()) continue;
      const std::size_t slash = path.rfind('/');
      names_[i] = path.substr(slash == std::string_view::npos ? 0 : slash + 1);
      parent[i] = known.at(slash == std::string_view::npos ? "" : path.substr(0, slash));
      children_[static_cast<std::size_t>(parent[i])].push_back(static_cast<int>(i));
    }
    // A scope comes before those below it.
    for (std::size_t i = n; i-- > 1;) {
      const auto above = static_cast<std::size_t>(parent[i]);
      area_[above] += area_[i];
      cells_[above] += cells_[i];
      columns_[above] = columns_[above] || columns_[i] || is_in(names_[i], kColumns);
    }
  }

  void make_tile(int scope, const FloorBox& box, long cells, bool below) {
    plan_.tiles.push_back({box, cells});
    const int tile = static_cast<int>(plan_.tiles.size()) - 1;
    std::vector<int> scopes = {scope};
    while (!scopes.empty()) {
      const auto at = static_cast<std::size_t>(scopes.back());
      scopes.pop_back();
      plan_.tile_of[at] = tile;
      if (below) scopes.insert(scopes.end(), children_[at].begin(), children_[at].end());
    }
  }

  void place(int scope, const FloorBox& box) {
    const auto at = static_cast<std::size_t>(scope);
    plan_.scopes[at] = box;
    const double below = area_[at] - own_area_[at];
    if (below <= 0 || (cells_[at] <= kLargestTile && !columns_[at]))
      return make_tile(scope, box, cells_[at], true);
    std::vector<Part> rows, columns, rest;
    split(at, rows, columns, rest);
    if (own_area_[at] > area_[at] / 2) rest.push_back({kOwn, own_area_[at]});
    part(scope, rows, columns, rest, box);
  }

  void split(std::size_t scope, std::vector<Part>& rows, std::vector<Part>& columns,
             std::vector<Part>& rest) const {
    std::vector<int> ordered = children_[scope];
    std::stable_sort(ordered.begin(), ordered.end(), [this](int a, int b) {
      return indices_of(names_[static_cast<std::size_t>(a)]) <
             indices_of(names_[static_cast<std::size_t>(b)]);
    });
    for (const int child : ordered) {
      const std::string_view name = names_[static_cast<std::size_t>(child)];
      std::vector<Part>& parts = is_in(name, kColumns) ? columns : is_in(name, kRows) ? rows : rest;
      parts.push_back({child, area_[static_cast<std::size_t>(child)]});
    }
  }

  void part(int scope, const std::vector<Part>& rows, const std::vector<Part>& columns,
            const std::vector<Part>& rest, const FloorBox& box) {
    const double all = area_of(rows) + area_of(columns) + area_of(rest);
    FloorBox left = box;
    if (!rows.empty()) {
      // The strip beside rows also has the columns that are none of them.
      std::vector<Part> beside = rest;
      beside.insert(beside.end(), columns.begin(), columns.end());
      const double strip = box.width * area_of(beside) / all;
      bisect(scope, beside, {box.x, box.y, strip, box.height});
      left.x += strip;
      left.width -= strip;
      line_up(scope, rows, left, true);
    } else if (!columns.empty()) {
      const double strip = box.height * area_of(rest) / all;
      bisect(scope, rest, {box.x, box.y, box.width, strip});
      left.y += strip;
      left.height -= strip;
      line_up(scope, columns, left, false);
    } else {
      main_and_rest(scope, rest, box);
    }
  }

  /// A part of more than half the area, as the array in its core, has the others in a strip on its left.
  void main_and_rest(int scope, std::vector<Part> parts, FloorBox box) {
    const double all = area_of(parts);
    const auto most = std::max_element(parts.begin(), parts.end(),
                                       [](const Part& a, const Part& b) { return a.area < b.area; });
    if (most != parts.end() && most->scope != kOwn && most->area > all / 2) {
      const Part main = *most;
      parts.erase(most);
      const double strip = box.width * (1 - main.area / all);
      bisect(scope, parts, {box.x, box.y, strip, box.height});
      box.x += strip;
      box.width -= strip;
      put(scope, main, box);
      return;
    }
    bisect(scope, parts, box);
  }

  void put(int scope, const Part& part, const FloorBox& box) {
    if (part.scope != kOwn) return place(part.scope, box);
    make_tile(scope, box, own_cells_[static_cast<std::size_t>(scope)], false);
  }

  void line_up(int scope, const std::vector<Part>& parts, FloorBox box, bool stacked) {
    const double all = area_of(parts), extent = stacked ? box.height : box.width;
    double top = box.y + box.height;
    for (const Part& part : parts) {
      const double share = all > 0 ? extent * part.area / all : 0;
      if (stacked) {
        top -= share;
        put(scope, part, {box.x, top, box.width, share});
      } else {
        put(scope, part, {box.x, box.y, share, box.height});
        box.x += share;
      }
    }
  }

  void bisect(int scope, const std::vector<Part>& parts, const FloorBox& box) {
    if (parts.empty()) return;
    if (parts.size() == 1) return put(scope, parts.front(), box);
    const double all = area_of(parts);
    std::vector<Part> first, second;
    double taken = 0;
    for (const Part& part : parts) {
      const bool to_first = first.empty() || taken + part.area / 2 <= all / 2;
      (to_first && second.empty() && first.size() + 1 < parts.size() ? first : second).push_back(part);
      taken += part.area;
    }
    const double share = all > 0 ? area_of(first) / all : 0.5;
    FloorBox a = box, b = box;
    if (box.width >= box.height) {
      a.width *= share;
      b.x += a.width;
      b.width -= a.width;
    } else {
      a.height *= share;
      b.y += a.height;
      b.height -= a.height;
    }
    bisect(scope, first, a);
    bisect(scope, second, b);
  }

  const Netlist& netlist_;
  Floorplan plan_;
  std::vector<std::vector<int>> children_;
  std::vector<std::string_view> names_;
  std::vector<double> own_area_;
  std::vector<long> own_cells_;
  std::vector<double> area_;   ///< with those below
  std::vector<long> cells_;    ///< with those below
  std::vector<bool> columns_;  ///< whether there are columns below
};

}  // namespace

Floorplan plan_floor(const Netlist& netlist, const std::vector<double>& cell_areas, double utilization) {
  return Planner(netlist, cell_areas).run(utilization);
}

}  // namespace msq::synth
