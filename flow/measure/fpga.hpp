#pragma once

#include <optional>
#include <string>

#include "flow/flow.hpp"
#include "gen/arch/design.hpp"
#include "support/result.hpp"
#include "synth/fpga.hpp"
#include "synth/nextpnr.hpp"

namespace msq::flow {

struct FpgaOptions {
  std::string target;  ///< one of synth::fpga_names()
  bool dsp = false;    ///< multiplier blocks in place of the multipliers of look-up tables
  int seeds = 0;       ///< of place and route; 0: only map
};

/// One design on an FPGA.
struct FpgaFindings {
  std::string design;                           ///< name of its configuration
  synth::FpgaReport report;                     ///< with place and route it counts the wrapper, too
  int wrapper_inputs = 0, wrapper_outputs = 0;  ///< bits of the wrapper; 0 without one
  std::optional<synth::FpgaRouting> routing{};
};

/// Checks that the tools are there and support the options; call before longer work.
[[nodiscard]] Result<> check_fpga(const FpgaOptions& options);

/// Resources that a design takes of an FPGA family before placement, and with seeds what place and route
/// makes of it inside synth::fpga_wrapper. Errors: those of synth::synthesize_fpga and synth::route_fpga.
[[nodiscard]] Result<FpgaFindings> measure_fpga(const Design& design, const FpgaOptions& options,
                                                const Flow& flow);

}  // namespace msq::flow
