#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "flow/tool_versions.hpp"

namespace msq::report {

/// {tool: version}
[[nodiscard]] nlohmann::ordered_json to_json(const std::vector<flow::ToolVersion>& tools);
/// One line: "  tools    yosys 0.23 (git sha1 7ce5011c24b), opensta 2.0.17\n".
[[nodiscard]] std::string to_text(const std::vector<flow::ToolVersion>& tools);

}  // namespace msq::report
