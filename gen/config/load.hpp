#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "gen/config/config.hpp"
#include "support/result.hpp"

namespace msq {

/// Largest configuration file that is read; longer ones are refused.
inline constexpr std::size_t kMaxConfigBytes = std::size_t{1} << 20;

/// Reads a configuration from strict JSON (no comments, nothing after the object) and validates it.
/// `rows` and `cols` are required. Other keys default as in Config, except name ("<rows>x<cols>") and
/// skew_columns (min(8, cols)). `recon` and `outlier_shift_max` are refused on path none, where nothing would
/// read them.
/// @param source_name what error messages call the text, usually its file.
/// @return a valid Config, or "<source>: <field>: found <value>; allowed: <what>" for the first thing wrong;
/// a syntax
///         error names line and column instead of a field.
[[nodiscard]] Result<Config> parse_config(std::string_view json_text, std::string_view source_name);

/// parse_config on a file. If the file has no name key, its stem is the name (if it can be one).
/// @return also an error if the file cannot be read or is larger than kMaxConfigBytes.
[[nodiscard]] Result<Config> load_config(const std::filesystem::path& path);

}  // namespace msq
