#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "flow/measure/timing.hpp"

namespace msq::report {

/// Keys: from, to, period_ns, setup_ns, cells, start, end, segments: [{block, module, instance, cells,
/// delay_ns}].
[[nodiscard]] nlohmann::ordered_json to_json(const flow::DescribedPath& path);
/// Keys: block, period_ns, fmax_mhz, start, end.
[[nodiscard]] nlohmann::ordered_json to_json(const flow::BlockTiming& block);
/// docs/user/reports.md, "timing", has the keys.
[[nodiscard]] nlohmann::ordered_json to_json(const flow::TimingFindings& findings);
[[nodiscard]] std::string to_text(const flow::TimingFindings& findings);

}  // namespace msq::report
