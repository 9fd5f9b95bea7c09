#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "flow/measure/area.hpp"
#include "flow/measure/memories.hpp"

namespace msq::report {

/// docs/user/reports.md, "synth", has the keys: memories one by one, and the accelerator by part.
[[nodiscard]] nlohmann::ordered_json to_json(const flow::MemoryFindings& findings,
                                             const flow::DesignArea& logic);
[[nodiscard]] std::string to_text(const flow::MemoryFindings& findings, const flow::DesignArea& logic);

}  // namespace msq::report
