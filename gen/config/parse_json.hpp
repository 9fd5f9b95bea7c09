#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

/// Strict JSON for the loader.
namespace msq {

using Json = nlohmann::json;

/// Why a text is no configuration; what reads it stops at the first reason. parse_config catches it.
struct Refusal {
  std::string message;
};

/// \throws Refusal with field_error of the arguments.
[[noreturn]] void refuse(std::string_view key, std::string_view found, std::string_view allowed);

/// A value as messages show it.
[[nodiscard]] std::string show(const Json& value);

/// One JSON value without comments, keys given twice or deep nesting, and nothing after it. \throws Refusal
/// with line and column of a syntax error.
[[nodiscard]] Json parse_json(std::string_view text);

}  // namespace msq
