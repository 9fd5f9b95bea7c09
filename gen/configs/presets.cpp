#include "gen/configs/presets.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "gen/config/load.hpp"

namespace msq {
namespace {

std::vector<std::string> split(std::string_view names) {
  std::vector<std::string> result;
  while (!names.empty()) {
    const std::size_t comma = names.find(',');
    result.emplace_back(names.substr(0, comma));
    names.remove_prefix(comma == std::string_view::npos ? names.size() : comma + 1);
  }
  std::sort(result.begin(), result.end());
  return result;
}

}  // namespace

const std::vector<std::string>& preset_names() {
  static const std::vector<std::string> names = split(MSQ_PRESETS);
  return names;
}

Result<Config> find_config(const std::string& name_or_file) {
  const auto& names = preset_names();
  if (std::find(names.begin(), names.end(), name_or_file) != names.end()) {
    auto config = parse_config(preset_text(name_or_file), "preset " + name_or_file);
    if (!config) throw std::logic_error(config.error());
    config->name = name_or_file;
    return config;
  }
  std::error_code ignored;
  if (!std::filesystem::exists(name_or_file, ignored)) {
    return Error(fmt::format("--config: found \"{}\"; allowed: a JSON file that exists, or one of {}",
                             name_or_file, fmt::join(names, ", ")));
  }
  return load_config(name_or_file);
}

}  // namespace msq
