#include "report/sweep.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "flow/file_list.hpp"
#include "report/page.hpp"
#include "report/sweep_point.hpp"
#include "report/text.hpp"
#include "report/tool_versions.hpp"

namespace msq::report {

using Json = nlohmann::ordered_json;

namespace {

Json law_json(const flow::ScalingLaw& law) {
  return {
      {"series", law.series},       {"coefficient_um2", law.coefficient},         {"exponent", law.exponent},
      {"r_squared", law.r_squared}, {"largest_deviation", law.largest_deviation}, {"sizes", law.sizes}};
}

Json point_json(const flow::MeasuredPoint& point) {
  Json json = to_json(point.figures);
  json["values"] = to_json(point.settings);
  json["kept"] = point.kept;
  json["series"] = point.series;
  json["pareto"] = point.pareto;
  return json;
}

/// [{values, reason}] of points that were skipped or failed.
template <class Points>
Json reasons_json(const Points& points) {
  Json json = Json::array();
  for (const auto& point : points)
    json.push_back({{"values", to_json(point.settings)}, {"reason", point.reason}});
  return json;
}

std::string law_text(const flow::ScalingLaw& law) {
  return item("scaling",
              fmt::format("{}: {} um^2 * PEs^{:.3f}, off by {} at most", law.series,
                          area_text(law.coefficient), law.exponent, percent(law.largest_deviation, 1)));
}

std::vector<std::string> header_of(const flow::SweepFindings& findings) {
  std::vector<std::string> header = {"array", "series", "um^2", "kGE", "MACs per cycle", "of peak"};
  if (findings.clock) header.insert(header.end(), {"um^2 with buffers", "clock", "runs at MHz"});
  const std::string of = findings.top ? "" : "core ";  // whose clock it is
  if (findings.top) header.emplace_back("um^2 of memories");
  if (findings.timing) header.emplace_back(of + "MHz");
  if (findings.clock || findings.timing) header.emplace_back(of + "GMAC/s");
  if (findings.clock) header.emplace_back("GMAC/s per mm^2");
  if (findings.power) header.insert(header.end(), {"mW", "pJ/MAC"});
  header.emplace_back("Pareto");
  return header;
}

std::vector<std::string> row_of(const flow::MeasuredPoint& point) {
  const flow::SweepPoint& p = point.figures;
  std::vector<std::string> row = {fmt::format("{}x{}", p.config.rows, p.config.cols),
                                  point.series,
                                  area_text(p.area_um2),
                                  fmt::format("{:.1f}", p.gate_equivalents / 1000),
                                  fmt::format("{:.1f}", p.throughput.macs_per_cycle),
                                  percent(p.throughput.utilization(), 1)};
  if (p.clock) {
    row.push_back(area_text(p.clock->area_um2));
    row.push_back(p.clock->met() ? "met" : "NOT met");
    row.push_back(fmt::format("{:.1f}", 1000 / p.clock->running()));
  }
  if (p.memory_um2) row.push_back(area_text(*p.memory_um2));
  if (p.period) row.push_back(fmt::format("{:.1f}", p.megahertz()));
  if (p.timed()) row.push_back(fmt::format("{:.2f}", p.gmacs_per_second()));
  if (p.clock) row.push_back(fmt::format("{:.2f}", p.gmac_density()));
  if (p.power) {
    row.push_back(fmt::format("{:.1f}", p.power->total() * 1e3));
    row.push_back(fmt::format("{:.2f}", p.power->energy_per_multiplication * 1e12));
  }
  row.emplace_back(point.pareto ? "yes" : "");
  return row;
}

}  // namespace

Json to_json(const flow::Settings& settings) {
  Json json = Json::object();
  for (const flow::Setting& setting : settings) json[setting.name] = Json::parse(setting.value);
  return json;
}

Json to_json(const flow::GridPoints& grid) {
  Json points = Json::array();
  for (const flow::GridPoint& point : grid.points) points.push_back(to_json(point.settings));
  return {{"points", points}, {"skipped", reasons_json(grid.skipped)}};
}

Json to_json(const flow::SweepFindings& f) {
  Json points = Json::array();
  for (const flow::MeasuredPoint& point : f.points) points.push_back(point_json(point));
  Json scaling = Json::array();
  for (const flow::ScalingLaw& law : f.scaling) scaling.push_back(law_json(law));
  return {{"generator", flow::generator_name()},
          {"files", kSweepFiles},
          {"workload", {{"model", f.model}, {"tokens", f.tokens}}},
          {"weights", f.weights ? Json(*f.weights) : Json(nullptr)},
          {"top", f.top},
          {"clock", f.clock},
          {"timing", f.timing},
          {"power", f.power},
          {"tools", to_json(f.tools)},
          {"points", points},
          {"scaling", scaling},
          {"skipped", reasons_json(f.skipped)},
          {"failed", reasons_json(f.failed)}};
}

std::string to_html(const flow::SweepFindings& findings) { return page("sweep", to_json(findings)); }

std::string to_text(const flow::SweepFindings& findings) {
  Table table(header_of(findings));
  for (const flow::MeasuredPoint& point : findings.points) table.add(row_of(point));
  std::string text = table.str();
  for (const flow::ScalingLaw& law : findings.scaling) text += law_text(law);
  return text + to_text(findings.tools);
}

}  // namespace msq::report
