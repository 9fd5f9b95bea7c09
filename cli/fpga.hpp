#pragma once

#include <filesystem>
#include <string>

#include "cli/outcome.hpp"
#include "gen/arch/design.hpp"
#include "support/result.hpp"
#include "synth/fpga.hpp"

namespace msq::cli {

/// What a design takes of an FPGA family. @param work a directory below it is used.
[[nodiscard]] Result<synth::FpgaReport> measure_fpga(const Design& design, const std::string& target,
                                                     const std::filesystem::path& work);

[[nodiscard]] Json to_json(const synth::FpgaReport& report);
[[nodiscard]] std::string to_text(const synth::FpgaReport& report);

}  // namespace msq::cli
