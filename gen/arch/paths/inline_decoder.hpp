#pragma once

#include "gen/arch/dimensions.hpp"
#include "gen/verilog/verilog.hpp"

namespace msq::arch {

/// Metadata of a weight row to settings of outlier units, and its codes without halves.
verilog::Module build_inline_decoder(const Dimensions& d);

}  // namespace msq::arch
