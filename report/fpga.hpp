#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "synth/fpga.hpp"

namespace msq::report {

[[nodiscard]] nlohmann::ordered_json to_json(const synth::FpgaReport& report);
[[nodiscard]] std::string to_text(const synth::FpgaReport& report);

}  // namespace msq::report
