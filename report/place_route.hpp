#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "flow/measure/place_route.hpp"

namespace msq::report {

/// docs/user/reports.md, "place_route", has the keys.
[[nodiscard]] nlohmann::ordered_json to_json(const flow::LayoutFindings& findings);
[[nodiscard]] std::string to_text(const flow::LayoutFindings& findings);

}  // namespace msq::report
