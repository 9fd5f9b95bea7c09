#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

/// Strict JSON for configurations, and messages for all JSON files that users write.
namespace msq {

using Json = nlohmann::json;

/// Why a text is not what was asked for; the reader of a file stops at the first reason and catches it.
struct Refusal {
  std::string message;
};

/// \throws Refusal with field_error of the arguments.
[[noreturn]] void refuse(std::string_view key, std::string_view found, std::string_view allowed);

/// A value as messages show it.
[[nodiscard]] std::string show(const Json& value);

/// Refuses keys of an object that are not in `known`, which have `prefix` before them. \throws Refusal of the
/// first one, with the nearest key of `anywhere`.
void refuse_unknown_keys(const Json& object, const std::vector<std::string_view>& known,
                         const std::vector<std::string_view>& anywhere, std::string_view prefix = "");

/// One JSON value without comments, keys given twice or deep nesting, and nothing after it. \throws Refusal
/// with line and column of a syntax error.
[[nodiscard]] Json parse_json(std::string_view text);

}  // namespace msq
