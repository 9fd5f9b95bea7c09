#include "cli/sweep_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "cli/sweep_template.hpp"
#include "cli/text.hpp"

namespace msq::cli {
namespace {

/// What a point does in a second, or in a cycle where there is no timing.
double speed(const Json& point) {
  return point.contains("gmacs_per_second") ? point["gmacs_per_second"].get<double>()
                                            : point["throughput"]["macs_per_cycle"].get<double>();
}

bool dominates(const Json& a, const Json& b) {
  const double area_a = a["area_um2"];
  const double area_b = b["area_um2"];
  return area_a <= area_b && speed(a) >= speed(b) && (area_a < area_b || speed(a) > speed(b));
}

std::string value_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string series_of(const Json& values) {
  std::string text;
  for (const auto& [name, value] : values.items()) {
    if (name == "size" || name == "rows" || name == "cols") continue;
    text += fmt::format(
        "{}{}", text.empty() ? "" : ", ",
        name == "outlier_path" ? value_text(value) : fmt::format("{} {}", name, value_text(value)));
  }
  return text.empty() ? "all" : text;
}

/// A field of a CSV file, in quotes if need be.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string doubled;
  for (const char c : text) doubled.append(c == '"' ? 2 : 1, c);
  return fmt::format("\"{}\"", doubled);
}

std::string csv_line(const std::vector<std::string>& fields) {
  std::vector<std::string> quoted;
  for (const std::string& field : fields) quoted.push_back(csv_field(field));
  return fmt::format("{}\n", fmt::join(quoted, ","));
}

/// Keys of an object in all points, in the order of their first appearance.
std::vector<std::string> keys_of(const Json& points, const char* object) {
  std::vector<std::string> keys;
  for (const Json& point : points) {
    if (!point.contains(object)) continue;
    for (const auto& [key, value] : point[object].items()) {
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    }
  }
  return keys;
}

std::string field(const Json& object, const std::string& key) {
  return object.contains(key) ? value_text(object[key]) : "";
}

struct Law {
  double coefficient = 0, exponent = 0, r_squared = 1, largest_deviation = 0;
};

Law fit(const std::vector<std::pair<double, double>>& points) {
  const auto n = static_cast<double>(points.size());
  double sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (const auto& [pes, area] : points) {
    const double x = std::log(pes);
    const double y = std::log(area);
    sx += x;
    sy += y;
    sxx += x * x;
    sxy += x * y;
  }
  Law law;
  law.exponent = (n * sxy - sx * sy) / (n * sxx - sx * sx);
  law.coefficient = std::exp((sy - law.exponent * sx) / n);
  double residual = 0, total = 0;
  for (const auto& [pes, area] : points) {
    const double expected = law.coefficient * std::pow(pes, law.exponent);
    residual += std::pow(std::log(area / expected), 2);
    total += std::pow(std::log(area) - sy / n, 2);
    law.largest_deviation = std::max(law.largest_deviation, std::abs(area / expected - 1));
  }
  if (total > 0) law.r_squared = 1 - residual / total;
  return law;
}

}  // namespace

void mark_points(Json& points) {
  for (Json& point : points) {
    point["series"] = series_of(point["values"]);
    point["pareto"] = std::none_of(points.begin(), points.end(),
                                   [&](const Json& other) { return dominates(other, point); });
  }
}

Json scaling_laws(const Json& points) {
  std::map<std::string, std::map<double, double>> series;  // PEs -> area
  for (const Json& point : points)
    series[point["series"]][point["rows"].get<double>() * point["cols"].get<double>()] = point["area_um2"];
  Json laws = Json::array();
  for (const auto& [name, areas] : series) {
    constexpr std::size_t kFewest = 3;
    if (areas.size() < kFewest) continue;
    const Law law = fit({areas.begin(), areas.end()});
    laws.push_back({{"series", name},
                    {"coefficient_um2", law.coefficient},
                    {"exponent", law.exponent},
                    {"r_squared", law.r_squared},
                    {"largest_deviation", law.largest_deviation},
                    {"sizes", areas.size()}});
  }
  return laws;
}

std::string sweep_csv(const Json& points) {
  const std::vector<std::string> parameters = keys_of(points, "values");
  const std::vector<std::string> blocks = keys_of(points, "blocks");
  const std::vector<std::string> errors = keys_of(points, "weight_error");
  std::vector<std::string> header = {"config_hash"};
  header.insert(header.end(), parameters.begin(), parameters.end());
  const std::vector<std::string> figures = {"area_um2", "gate_equivalents", "memory_bits", "flip_flops",
                                            "sum_bits", "period_ns",        "fmax_mhz",    "gmacs_per_second",
                                            "pareto",   "seconds"};
  const std::vector<std::string> power = {"total_w", "energy_per_mac_j"};
  const std::vector<std::string> cycles = {"bits", "cycles", "macs_per_cycle", "utilization"};
  header.insert(header.end(), figures.begin(), figures.end());
  header.insert(header.end(), cycles.begin(), cycles.end());
  header.insert(header.end(), power.begin(), power.end());
  for (const std::string& bits : errors) header.push_back("weight_error_" + bits);
  for (const std::string& block : blocks) header.push_back(block + " um2");
  std::string text = csv_line(header);
  for (const Json& point : points) {
    std::vector<std::string> fields = {point["config_hash"]};
    for (const std::string& name : parameters) fields.push_back(field(point["values"], name));
    for (const std::string& name : figures) fields.push_back(field(point, name));
    for (const std::string& name : cycles) fields.push_back(field(point["throughput"], name));
    for (const std::string& name : power) fields.push_back(field(point.value("power", Json::object()), name));
    for (const std::string& bits : errors)
      fields.push_back(field(point.value("weight_error", Json::object()), bits));
    for (const std::string& block : blocks) fields.push_back(field(point["blocks"], block));
    text += csv_line(fields);
  }
  return text;
}

std::string sweep_page(const Json& sweep) {
  std::string data = sweep.dump(-1, ' ', false, Json::error_handler_t::replace);
  // Inside a script element no text may look like its end.
  for (std::size_t at = data.find('<'); at != std::string::npos; at = data.find('<', at))
    data.replace(at, 1, "\\u003c");
  std::string page(sweep_template("sweep"));
  constexpr std::string_view kPlace = "@DATA@";
  return page.replace(page.find(kPlace), kPlace.size(), data);
}

std::string sweep_text(const Json& sweep) {
  const bool timed = std::any_of(sweep["points"].begin(), sweep["points"].end(),
                                 [](const Json& point) { return point.contains("fmax_mhz"); });
  std::vector<std::string> header = {"array", "series", "um^2", "kGE", "MACs a cycle", "of peak"};
  if (timed) header.insert(header.end(), {"MHz", "GMAC/s"});
  const bool powered = std::any_of(sweep["points"].begin(), sweep["points"].end(),
                                   [](const Json& point) { return point.contains("power"); });
  if (powered) header.insert(header.end(), {"mW", "pJ/MAC"});
  header.emplace_back("Pareto");
  Table table(header);
  for (const Json& point : sweep["points"]) {
    std::vector<std::string> row = {
        fmt::format("{}x{}", point["rows"].get<int>(), point["cols"].get<int>()),
        point["series"],
        grouped(std::llround(point["area_um2"].get<double>())),
        fmt::format("{:.1f}", point["gate_equivalents"].get<double>() / 1000),
        fmt::format("{:.1f}", point["throughput"]["macs_per_cycle"].get<double>()),
        percent(point["throughput"]["utilization"], 1)};
    if (timed) {
      row.push_back(fmt::format("{:.1f}", point["fmax_mhz"].get<double>()));
      row.push_back(fmt::format("{:.2f}", point["gmacs_per_second"].get<double>()));
    }
    if (powered) {
      row.push_back(fmt::format("{:.1f}", point["power"]["total_w"].get<double>() * 1e3));
      row.push_back(fmt::format("{:.2f}", point["power"]["energy_per_mac_j"].get<double>() * 1e12));
    }
    row.emplace_back(point["pareto"].get<bool>() ? "yes" : "");
    table.add(row);
  }
  std::string text = table.str();
  for (const Json& law : sweep["scaling"]) {
    text +=
        item("scaling", fmt::format("{}: {:.0f} um^2 * PEs^{:.3f}, off by {} at most",
                                    law["series"].get<std::string>(), law["coefficient_um2"].get<double>(),
                                    law["exponent"].get<double>(), percent(law["largest_deviation"], 1)));
  }
  return text;
}

}  // namespace msq::cli
