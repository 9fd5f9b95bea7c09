#include "synth/stat.hpp"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace msq::synth {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kMaxCount = std::numeric_limits<std::uint32_t>::max();  ///< so Yosys counts

std::optional<std::int64_t> to_count(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

/// "240.000000" without passing through a double, which could not hold large areas to the last digit.
std::optional<AreaNm2> to_area(std::string_view text) {
  constexpr std::size_t kDecimals = 6;
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos || text.size() != point + 1 + kDecimals) return std::nullopt;
  return to_count(std::string(text.substr(0, point)) + std::string(text.substr(point + 1)));
}

/// Calls `visit` with each line, without its line break.
template <class Visit>
void for_each_line(std::string_view text, const Visit& visit) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    visit(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

/// The document up to its modules. Behind them are sums over the design, which we form by ourselves;
/// before 0.26 lines of the printed table are in between, so that the whole is no JSON.
std::string modules_only(std::string_view json) {
  std::string text;
  bool ended = false;
  for_each_line(json, [&](std::string_view line) {
    if (ended) return;
    ended = line == "   }," || line == "   }";
    text += ended ? "   }\n}" : std::string(line) + "\n";
  });
  return text;
}

std::int64_t count_in(const Json& value) {
  // Negative numbers and fractions have other types.
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > kMaxCount) {
    throw std::out_of_range(fmt::format("found {}; allowed: a count up to {}", value.dump(), kMaxCount));
  }
  return value.get<std::int64_t>();
}

StatModule module_in(const std::string& name, const Json& json) {
  StatModule module{.name = name.substr(name.starts_with('\\') ? 1 : 0), .cells = {}};
  std::int64_t sum = 0;
  for (const auto& [type, count] : json.at("num_cells_by_type").items())
    sum += module.cells[type] = count_in(count);
  // Since 0.57 submodules are counted apart, and still listed by type.
  const std::int64_t total = count_in(json.at("num_cells")) +
                             (json.contains("num_submodules") ? count_in(json["num_submodules"]) : 0);
  if (sum != total) throw std::out_of_range(fmt::format("{} cells by type of {}", sum, total));
  return module;
}

}  // namespace

Result<std::vector<StatModule>> parse_stat_modules(std::string_view json) {
  try {
    const Json stat = Json::parse(modules_only(json));
    std::vector<StatModule> modules;
    for (const auto& [name, module] : stat.at("modules").items()) {
      try {
        modules.push_back(module_in(name, module));
      } catch (const std::exception& problem) {
        return Error(fmt::format("statistics of Yosys, module \"{}\": {}", name, problem.what()));
      }
    }
    if (modules.empty()) return Error("statistics of Yosys: no module in them");
    return modules;
  } catch (const Json::exception& problem) {
    return Error(fmt::format("statistics of Yosys: {}", problem.what()));
  }
}

Result<AreaNm2> parse_stat_area(std::string_view text) {
  constexpr std::string_view kBegin = "   Chip area for ";
  std::vector<std::string_view> of_modules, of_top;
  for_each_line(text, [&](std::string_view line) {
    if (!line.starts_with(kBegin)) return;
    line.remove_prefix(kBegin.size());
    (line.starts_with("top module '") ? of_top : of_modules).push_back(line);
  });
  // A design of one module has no section of its hierarchy; one without known cells no line at all.
  const auto& lines = of_top.empty() ? of_modules : of_top;
  if (lines.empty()) return 0;
  const std::size_t separator = lines[0].rfind("': ");
  const auto area =
      separator == std::string_view::npos ? std::nullopt : to_area(lines[0].substr(separator + 3));
  if (lines.size() > 1 || !area) {
    return Error(fmt::format("statistics of Yosys: found {} total areas, the first \"{}\"; allowed: one",
                             lines.size(), lines[0]));
  }
  return *area;
}

Result<Stat> parse_stat(std::string_view json, std::string_view text) {
  MSQ_TRY(auto modules, parse_stat_modules(json));
  MSQ_TRY(const AreaNm2 area, parse_stat_area(text));
  return Stat{std::move(modules), area};
}

}  // namespace msq::synth
