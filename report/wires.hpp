#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "flow/measure/timing.hpp"
#include "flow/measure/wires.hpp"

namespace msq::report {

/// docs/user/reports.md, "wires", has the keys.
[[nodiscard]] nlohmann::ordered_json to_json(const flow::WiredNetlist& wired);
[[nodiscard]] std::string to_text(const flow::WiredNetlist& wired);

/// Timing with wires, beside that without.
[[nodiscard]] nlohmann::ordered_json to_json(const flow::WiredTiming& timing);
[[nodiscard]] std::string to_text(const flow::WiredTiming& timing);

}  // namespace msq::report
