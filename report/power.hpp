#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "flow/measure/power.hpp"

namespace msq::report {

/// docs/user/reports.md, "power", has the keys.
[[nodiscard]] nlohmann::ordered_json to_json(const flow::PowerFindings& findings);
/// The inverse of to_json. Throws nlohmann::json::exception on a JSON value that it did not make.
[[nodiscard]] flow::PowerFindings power_findings(const nlohmann::ordered_json& json);
[[nodiscard]] std::string to_text(const flow::PowerFindings& findings);

}  // namespace msq::report
