#pragma once

#include <filesystem>
#include <string>

#include "gen/config/config.hpp"

namespace msq::tests {

/// File of a configuration that tests share: tests/configs/NAME.json, or the preset gen/configs/NAME.json.
/// Throws std::runtime_error if neither exists.
std::filesystem::path test_config_file(const std::string& name);

/// The configuration in that file; its name is NAME. Throws std::runtime_error if it is not valid.
Config test_config(const std::string& name);

/// Text of that file.
std::string test_config_text(const std::string& name);

/// Name of a test from that of its configuration: GoogleTest allows no dashes.
std::string test_name(std::string config);

/// Names the instances of a test whose parameter is a configuration's name.
inline constexpr auto by_config = [](const auto& instance) { return test_name(instance.param); };

}  // namespace msq::tests
