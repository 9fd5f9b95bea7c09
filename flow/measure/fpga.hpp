#pragma once

#include <string>

#include "flow/flow.hpp"
#include "gen/arch/design.hpp"
#include "support/result.hpp"
#include "synth/fpga.hpp"

namespace msq::flow {

/// Resources that a design takes of an FPGA family, before placement.
/// @param target one of synth::fpga_names(). Errors: those of synth::synthesize_fpga.
[[nodiscard]] Result<synth::FpgaReport> measure_fpga(const Design& design, const std::string& target,
                                                     const Flow& flow);

}  // namespace msq::flow
