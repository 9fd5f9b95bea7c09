#pragma once

#include "gen/arch/design.hpp"

namespace msq::tests {

/// Adds modules with functional cover points (SystemVerilog `cover property`) to a design, bound to the core,
/// the sequencer and, in an accelerator, to the readers, the launcher, the job, the drain and the output
/// port. For models of flavour `cover` only; docs/developer/data/coverage-points.csv lists them.
void add_cover_points(Design& design);

}  // namespace msq::tests
