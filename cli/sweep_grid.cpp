#include "cli/sweep_grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <utility>

#include "gen/config/fields.hpp"
#include "gen/config/load.hpp"
#include "gen/config/serialize.hpp"

namespace msq::cli {
namespace {

constexpr std::size_t kMostPoints = 10000;

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
Json configuration_of(const Json& base, const Json& values) {
  Json config = base;
  for (const auto& [name, value] : values.items()) set_parameter(config, name, value);
  return config;
}

/// Drops what the combination's path does not read, from the base too.
void drop_unread(Json& config, Json& values) {
  const std::string path = path_of(config);
  for (const FieldGroup& group : field_groups()) {
    const std::string name(group.key);
    if (!is_read(name, path)) config.erase(name);
  }
  Json read = Json::object();
  for (const auto& [name, value] : values.items()) {
    if (is_read(name, path)) read[name] = value;
  }
  values = std::move(read);
}

/// All combinations, the last parameter changing fastest.
std::vector<Json> combinations(const Grid& grid) {
  std::vector<Json> all = {Json::object()};
  for (const auto& [name, choices] : grid) {
    std::vector<Json> longer;
    for (const Json& some : all) {
      for (const Json& choice : choices) {
        longer.push_back(some);
        longer.back()[name] = choice;
      }
    }
    all = std::move(longer);
  }
  return all;
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

Result<std::pair<std::string, std::vector<Json>>> parse_axis(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos || equals + 1 == text.size())
    return Error(fmt::format("--set: found \"{}\"; allowed: KEY=VALUE,VALUE,..", text));
  std::vector<Json> values;
  for (const std::string& part : split_values(text.substr(equals + 1))) {
    Json value = Json::parse(part, nullptr, false);
    values.push_back(value.is_discarded() ? Json(part) : std::move(value));
  }
  return std::pair(text.substr(0, equals), std::move(values));
}

Result<> load_grid(const std::string& file, Json& base, Grid& grid) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Error(fmt::format("{}: cannot read the grid", file));
  Json json;
  try {
    json = Json::parse(in);
  } catch (const Json::parse_error& error) {
    return Error(fmt::format("{}: {}", file, error.what()));
  }
  if (!json.is_object() || !json.contains("grid"))
    return Error(fmt::format("{}: allowed: an object with the keys base and grid", file));
  for (const auto& [key, value] : json.items()) {
    if ((key != "base" && key != "grid") || !value.is_object())
      return Error(fmt::format("{}: found key \"{}\"; allowed: the objects base and grid", file, key));
  }
  if (json.contains("base")) base.update(json["base"], true);
  for (const auto& [name, values] : json["grid"].items()) {
    if (!values.is_array() || values.empty())
      return Error(fmt::format("{}: grid.{}: allowed: a list of at least one value", file, name));
    grid.emplace_back(name, values.get<std::vector<Json>>());
  }
  return {};
}

Result<GridPoints> expand_grid(const Json& base, const Grid& grid) {
  if (grid.empty()) return Error(std::string("grid: found none; allowed: --grid FILE or --set KEY=V,V"));
  std::size_t count = 1;
  for (const auto& [name, values] : grid) count *= values.size();
  if (count > kMostPoints)
    return Error(fmt::format("grid: found {} combinations; allowed: up to {}", count, kMostPoints));
  GridPoints result;
  std::set<std::string> seen;
  for (Json& values : combinations(grid)) {
    Json config = configuration_of(base, values);
    drop_unread(config, values);
    auto parsed = parse_config(config.dump(), "grid");
    if (!parsed) {
      const bool known = std::any_of(result.skipped.begin(), result.skipped.end(),
                                     [&](const SkippedPoint& s) { return s.values == values; });
      if (!known) result.skipped.push_back({values, parsed.error()});
    } else if (seen.insert(config_hash(*parsed)).second) {
      result.points.push_back({std::move(*parsed), std::move(values)});
    }
  }
  return result;
}

}  // namespace msq::cli
