#pragma once

#include "gen/arch/dimensions.hpp"
#include "gen/verilog/verilog.hpp"

namespace msq::arch {

/// Metadata of a weight row to ReCoN settings, and the write into the settings memories.
verilog::Module build_decoder(const Dimensions& d);
/// Routing network for the moving values of one domain.
verilog::Module build_network(const Dimensions& d);
/// Network and merge cells of one domain; combinational.
verilog::Module build_lanes(const Dimensions& d, const verilog::Interface& network);
/// Register behind the column bus; brings the columns of a sync group to one cycle.
verilog::Module build_recon_input(const Dimensions& d);
/// Register behind the merge; gives the columns of a sync group their skew back.
verilog::Module build_recon_output(const Dimensions& d);
/// One ReCoN unit: column bus, settings memories, input register, lanes, output register.
verilog::Module build_recon_unit(const Dimensions& d, const verilog::Interface& input,
                                 const verilog::Interface& lanes, const verilog::Interface& output);

}  // namespace msq::arch
