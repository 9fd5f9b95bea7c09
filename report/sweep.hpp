#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "flow/sweep/sweep.hpp"
#include "report/sweep_files.hpp"

namespace msq::report {

/// {parameter: value} in the order of the settings.
[[nodiscard]] nlohmann::ordered_json to_json(const flow::Settings& settings);
/// Keys: points: [settings], skipped: [{values, reason}].
[[nodiscard]] nlohmann::ordered_json to_json(const flow::GridPoints& grid);
/// docs/user/reports.md, "sweep", has the keys.
[[nodiscard]] nlohmann::ordered_json to_json(const flow::SweepFindings& findings);

/// One line per point: parameters, figures, areas of the blocks.
[[nodiscard]] std::string to_csv(const flow::SweepFindings& findings);
/// One HTML page with everything in it.
[[nodiscard]] std::string to_html(const flow::SweepFindings& findings);
[[nodiscard]] std::string to_text(const flow::SweepFindings& findings);

}  // namespace msq::report
