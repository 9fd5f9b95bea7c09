#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "flow/measure/clock.hpp"

namespace msq::report {

/// Keys: period_ns, met, slack_ns, needed_ns, fmax_mhz, area_um2, buffers_um2, trial.
[[nodiscard]] nlohmann::ordered_json to_json(const flow::ClockPoint& point);
/// The inverse of to_json. Throws nlohmann::json::exception on a JSON value that it did not make.
[[nodiscard]] flow::ClockPoint clock_point(const nlohmann::ordered_json& json);
/// docs/user/reports.md, "clock", has the keys.
[[nodiscard]] nlohmann::ordered_json to_json(const flow::ClockFindings& findings);
[[nodiscard]] std::string to_text(const flow::ClockFindings& findings);

/// "met", or by how much a clock is missed.
[[nodiscard]] std::string met_text(const flow::ClockPoint& point);

}  // namespace msq::report
