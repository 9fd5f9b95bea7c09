#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "flow/measure/fpga.hpp"

namespace msq::report {

[[nodiscard]] nlohmann::ordered_json to_json(const flow::FpgaFindings& findings);
[[nodiscard]] std::string to_text(const flow::FpgaFindings& findings);

}  // namespace msq::report
