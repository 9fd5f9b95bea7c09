#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "gen/config/serialize.hpp"
#include "report/csv.hpp"
#include "report/sweep.hpp"

namespace msq::report {
namespace {

using Point = flow::MeasuredPoint;

struct Column {
  std::string name;
  std::function<std::string(const Point&)> field;
};

/// A number as JSON has it: the shortest text that reads back the same.
template <class T>
std::string number(T value) {
  return nlohmann::json(value).dump();
}

/// Names in all points, in the order of their first appearance. @param list a point's objects; @param name
/// their names.
template <class List, class Name>
std::vector<std::string> names_of(const std::vector<Point>& points, List list, Name name) {
  std::vector<std::string> names;
  for (const Point& point : points) {
    for (const auto& object : list(point)) {
      const std::string found = name(object);
      if (std::find(names.begin(), names.end(), found) == names.end()) names.push_back(found);
    }
  }
  return names;
}

/// One column for each name. @param value of an object, as text; empty in points without the name.
template <class List, class Name, class Value>
void add_columns(std::vector<Column>& columns, const std::vector<Point>& points, const std::string& before,
                 const std::string& after, List list, Name name, Value value) {
  for (const std::string& wanted : names_of(points, list, name)) {
    columns.push_back({fmt::format("{}{}{}", before, wanted, after), [=](const Point& point) {
                         for (const auto& object : list(point)) {
                           if (name(object) == wanted) return value(object);
                         }
                         return std::string();
                       }});
  }
}

/// Only if the sweep has clocks.
void add_clock(std::vector<Column>& columns) {
  const auto add = [&](const char* name, auto value) {
    columns.push_back(
        {name, [value](const Point& p) { return p.figures.clock ? number(value(p.figures)) : ""; }});
  };
  add("clock_met", [](const flow::SweepPoint& p) { return p.clock->met(); });
  add("clock_needed_ns", [](const flow::SweepPoint& p) { return p.clock->needed; });
  add("clock_area_um2", [](const flow::SweepPoint& p) { return p.clock->area_um2; });
  add("clock_buffers_um2", [](const flow::SweepPoint& p) { return p.clock->buffers_um2; });
  add("gmacs_per_second_and_mm2", [](const flow::SweepPoint& p) { return p.gmac_density(); });
}

void add_figures(std::vector<Column>& columns, bool with_clock) {
  const auto add = [&](const char* name, auto value) {
    columns.push_back({name, [value](const Point& p) { return number(value(p)); }});
  };
  const auto add_timing = [&](const char* name, auto value) {
    columns.push_back(
        {name, [value](const Point& p) { return p.figures.period ? number(value(p.figures)) : ""; }});
  };
  add("area_um2", [](const Point& p) { return p.figures.area_um2; });
  add("gate_equivalents", [](const Point& p) { return p.figures.gate_equivalents; });
  add("memory_bits", [](const Point& p) { return p.figures.memory_bits; });
  columns.push_back({"memory_area_um2", [](const Point& p) {
                       return p.figures.memory_um2 ? number(*p.figures.memory_um2) : "";
                     }});
  add("flip_flops", [](const Point& p) { return p.figures.flip_flops; });
  add("sum_bits", [](const Point& p) { return p.figures.config.acc_width(); });
  add_timing("period_ns", [](const flow::SweepPoint& p) { return *p.period; });
  add_timing("fmax_mhz", [](const flow::SweepPoint& p) { return p.megahertz(); });
  columns.push_back({"gmacs_per_second", [](const Point& p) {
                       return p.figures.timed() ? number(p.figures.gmacs_per_second()) : "";
                     }});
  add("pareto", [](const Point& p) { return p.pareto; });
  add("seconds", [](const Point& p) { return p.figures.seconds; });
  add("bits", [](const Point& p) { return p.figures.throughput.bits; });
  add("cycles", [](const Point& p) { return p.figures.throughput.cycles; });
  add("macs_per_cycle", [](const Point& p) { return p.figures.throughput.macs_per_cycle; });
  add("utilization", [](const Point& p) { return p.figures.throughput.utilization(); });
  if (with_clock) add_clock(columns);
  columns.push_back(
      {"total_w", [](const Point& p) { return p.figures.power ? number(p.figures.power->total()) : ""; }});
  columns.push_back({"energy_per_mac_j", [](const Point& p) {
                       return p.figures.power ? number(p.figures.power->energy_per_multiplication) : "";
                     }});
}

std::vector<Column> columns_of(const std::vector<Point>& points) {
  std::vector<Column> columns = {
      {"config_hash", [](const Point& point) { return config_hash(point.figures.config); }}};
  add_columns(
      columns, points, "", "", [](const Point& p) -> const auto& { return p.settings; },
      [](const flow::Setting& s) { return s.name; }, [](const flow::Setting& s) { return s.plain_value(); });
  add_figures(columns, std::any_of(points.begin(), points.end(),
                                   [](const Point& p) { return p.figures.clock.has_value(); }));
  add_columns(
      columns, points, "weight_error_", "",
      [](const Point& p) -> const auto& { return p.figures.weight_errors; },
      [](const flow::WeightError& e) { return std::to_string(e.bits); },
      [](const flow::WeightError& e) { return number(e.error); });
  add_columns(
      columns, points, "", " um2", [](const Point& p) -> const auto& { return p.figures.blocks; },
      [](const flow::PointBlock& b) { return b.block; },
      [](const flow::PointBlock& b) { return number(b.area_um2); });
  return columns;
}

}  // namespace

std::string to_csv(const flow::SweepFindings& findings) {
  const std::vector<Column> columns = columns_of(findings.points);
  std::vector<std::string> fields;
  fields.reserve(columns.size());
  for (const Column& column : columns) fields.push_back(column.name);
  std::string text = csv_line(fields);
  for (const Point& point : findings.points) {
    fields.clear();
    for (const Column& column : columns) fields.push_back(column.field(point));
    text += csv_line(fields);
  }
  return text;
}

}  // namespace msq::report
