#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace msq::report {

/// Text of sweep.html, run.html, style.css or helpers.js, by name without extension. \throws
/// std::out_of_range on another name.
[[nodiscard]] std::string_view page_source(std::string_view name);

/// A page that needs no other file: the template `name` with style, helpers and the data that its script
/// shows.
[[nodiscard]] std::string page(std::string_view name, const nlohmann::ordered_json& data);

}  // namespace msq::report
