#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gen/config/config.hpp"
#include "support/result.hpp"

namespace msq {

/// Names of the configurations built into the program (gen/configs), ascending.
[[nodiscard]] const std::vector<std::string>& preset_names();

/// JSON of a preset. \throws std::out_of_range on another name.
[[nodiscard]] std::string_view preset_text(std::string_view name);

/// The configuration that --config names: a preset by exactly its name, anything else is a file. Errors:
/// those of load_config; if there is no such file, the presets are listed.
[[nodiscard]] Result<Config> find_config(const std::string& name_or_file);

}  // namespace msq
