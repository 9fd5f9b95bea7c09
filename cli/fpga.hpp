#pragma once

#include <filesystem>
#include <string>
#include <tl/expected.hpp>

#include "cli/outcome.hpp"
#include "gen/arch/design.hpp"
#include "synth/fpga.hpp"

namespace msq::cli {

/// What a design takes of an FPGA family. @param work a directory below it is used.
[[nodiscard]] tl::expected<synth::FpgaReport, std::string> measure_fpga(const Design& design,
                                                                        const std::string& target,
                                                                        const std::filesystem::path& work);

[[nodiscard]] Json to_json(const synth::FpgaReport& report);
[[nodiscard]] std::string to_text(const synth::FpgaReport& report);

}  // namespace msq::cli
