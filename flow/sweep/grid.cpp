#include "flow/sweep/grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include "gen/config/fields.hpp"
#include "gen/config/load.hpp"
#include "gen/config/parse_json.hpp"
#include "gen/config/serialize.hpp"
#include "gen/config/text.hpp"
#include "gen/configs/presets.hpp"
#include "support/files.hpp"

namespace msq::flow {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostPoints = 10000;

/// Compact; bytes that are not UTF-8 become U+FFFD.
std::string one_line(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// Sets a parameter by its dotted name.
void set_parameter(Json& config, const std::string& name, const Json& value) {
  if (name == "size") {
    config["rows"] = value;
    config["cols"] = value;
    return;
  }
  Json* at = &config;
  std::size_t start = 0;
  for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', start)) {
    at = &(*at)[name.substr(start, dot - start)];
    if (!at->is_object()) *at = Json::object();  // the loader refuses a key that is no object
    start = dot + 1;
  }
  (*at)[name.substr(start)] = value;
}

/// Whether the combination's path reads a parameter; the loader refuses those that it does not. Of a path
/// that does not exist, the loader says so.
bool is_read(const std::string& name, const std::string& path) {
  const auto known = outlier_path_of(path);
  return !known || is_read_on(name, *known);
}

std::string path_of(const Json& config) {
  const auto path = config.find("outlier_path");
  if (path != config.end() && path->is_string()) return path->get<std::string>();
  return std::string(outlier_path_name(Config{}.outlier_path));
}

/// A combination as a configuration file would have it.
Json configuration_of(const Json& base, const Settings& settings) {
  Json config = base;
  for (const Setting& setting : settings) set_parameter(config, setting.name, Json::parse(setting.value));
  return config;
}

/// Drops what the combination's path does not read, from the base too.
void drop_unread(Json& config, Settings& settings) {
  const std::string path = path_of(config);
  for (const FieldGroup& group : field_groups()) {
    const std::string name(group.key);
    if (!is_read(name, path)) config.erase(name);
  }
  std::erase_if(settings, [&](const Setting& setting) { return !is_read(setting.name, path); });
}

/// All combinations, the last parameter changing fastest.
std::vector<Settings> combinations(const Grid& grid) {
  std::vector<Settings> all(1);
  for (const Axis& axis : grid) {
    std::vector<Settings> longer;
    for (const Settings& some : all) {
      for (const std::string& value : axis.values) {
        longer.push_back(some);
        longer.back().push_back({axis.name, value});
      }
    }
    all = std::move(longer);
  }
  return all;
}

/// The JSON library writes no other text.
bool is_utf8(const std::string& text) {
  try {
    return !Json(text).dump().empty();
  } catch (const Json::type_error&) {
    return false;
  }
}

/// In the order of the file, and as strict as a configuration: no comments, each key once.
Result<Json> read_grid(const std::string& file) {
  MSQ_TRY(const std::string text, read_text(file));
  try {
    static_cast<void>(parse_json(text));
    return Json::parse(text);
  } catch (const Refusal& refusal) {
    return Error(fmt::format("{}: {}", file, refusal.message));
  }
}

std::vector<std::string> split_values(const std::string& text) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (const char c : text) {
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (c == ',' && depth == 0) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

}  // namespace

std::string Setting::plain_value() const {
  const Json json = Json::parse(value);
  return json.is_string() ? json.get<std::string>() : json.dump();
}

Result<Axis> parse_axis(const std::string& text) {
  if (!is_utf8(text)) return Error(fmt::format("--set: found \"{}\"; allowed: UTF-8", printable(text)));
  const std::size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos || equals + 1 == text.size())
    return Error(fmt::format("--set: found \"{}\"; allowed: KEY=VALUE,VALUE,..", text));
  Axis axis{text.substr(0, equals), {}};
  for (const std::string& part : split_values(text.substr(equals + 1))) {
    const Json value = Json::parse(part, nullptr, false);
    axis.values.push_back(one_line(value.is_discarded() ? Json(part) : value));
  }
  return axis;
}

void add_axis(Grid& grid, Axis axis) {
  const auto known =
      std::find_if(grid.begin(), grid.end(), [&](const Axis& a) { return a.name == axis.name; });
  if (known == grid.end()) {
    grid.push_back(std::move(axis));
    return;
  }
  for (std::string& value : axis.values) {
    if (std::find(known->values.begin(), known->values.end(), value) == known->values.end())
      known->values.push_back(std::move(value));
  }
}

Result<std::string> grid_base(const std::string& name_or_file) {
  if (name_or_file.empty()) return "{}";
  MSQ_TRY([[maybe_unused]] const Config config, find_config(name_or_file));
  const auto& presets = preset_names();
  const bool preset = std::find(presets.begin(), presets.end(), name_or_file) != presets.end();
  const auto text = preset ? std::string(preset_text(name_or_file)) : read_text(name_or_file).value_or("");
  Json base = Json::parse(text);  // find_config has read it
  base.erase("name");
  return one_line(base);
}

Result<> load_grid(const std::string& file, std::string& base, Grid& grid) {
  MSQ_TRY(const Json json, read_grid(file));
  if (!json.is_object() || !json.contains("grid"))
    return Error(fmt::format("{}: allowed: an object with the keys base and grid", file));
  for (const auto& [key, value] : json.items()) {
    if ((key != "base" && key != "grid") || !value.is_object())
      return Error(fmt::format("{}: found key \"{}\"; allowed: the objects base and grid", file, key));
  }
  if (json.contains("base")) {
    Json updated = Json::parse(base);
    updated.update(json["base"], true);
    base = one_line(updated);
  }
  for (const auto& [name, values] : json["grid"].items()) {
    if (!values.is_array() || values.empty())
      return Error(fmt::format("{}: grid.{}: allowed: a list of at least one value", file, name));
    Axis axis{name, {}};
    for (const Json& value : values) axis.values.push_back(one_line(value));
    add_axis(grid, std::move(axis));
  }
  return {};
}

void add_clocks(GridPoints& grid, const std::vector<double>& periods) {
  if (periods.empty()) return;
  std::vector<GridPoint> points;
  for (const GridPoint& point : grid.points) {
    for (const double period : periods) {
      points.push_back(point);
      points.back().period = period;
      points.back().settings.push_back({kClockSetting, Json(period).dump()});
    }
  }
  grid.points = std::move(points);
}

Result<GridPoints> expand_grid(const std::string& base, const Grid& grid) {
  if (grid.empty()) return Error("grid: found none; allowed: --grid FILE or --set KEY=V,V");
  std::size_t count = 1;
  for (const Axis& axis : grid) {
    count *= axis.values.size();
    if (count > kMostPoints)
      return Error(fmt::format("grid: found {} combinations or more; allowed: up to {}", count, kMostPoints));
  }
  GridPoints result;
  std::set<std::string> seen;
  const Json start = Json::parse(base);
  for (Settings& settings : combinations(grid)) {
    Json config = configuration_of(start, settings);
    drop_unread(config, settings);
    auto parsed = parse_config(one_line(config), "grid");
    if (!parsed) {
      const bool known = std::any_of(result.skipped.begin(), result.skipped.end(),
                                     [&](const SkippedPoint& s) { return s.settings == settings; });
      if (!known) result.skipped.push_back({std::move(settings), parsed.error()});
    } else if (seen.insert(config_hash(*parsed)).second) {
      result.points.push_back({std::move(*parsed), std::move(settings), 0});
    }
  }
  return result;
}

}  // namespace msq::flow
