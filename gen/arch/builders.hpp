#pragma once

#include <cstdint>

#include "gen/arch/dimensions.hpp"
#include "gen/leaves/leaf.hpp"
#include "gen/verilog/verilog.hpp"

namespace msq::arch {

using leaves::leaf;

// Builders of the generated modules. Each returns a finished module; the interfaces of modules it
// instantiates are arguments, so that the order of building is the order of the hierarchy, leaves first.

/// What a partial sum counts, for comments.
inline const char* sum_unit(const Dimensions& d) {
  if (d.baseline == Baseline::gobo) return "FP32";
  return d.fraction_bits == 2 ? "quarters of a step" : d.fraction_bits == 1 ? "halves of a step" : "steps";
}

/// One PE row with its activation pipeline and, with ReCoN, its connection to the column bus.
verilog::Module build_row(const Dimensions& d);
/// Whether rows, and so the array, have a reset.
bool array_needs_reset(const Dimensions& d);
/// All rows; partial sums move down.
verilog::Module build_array(const Dimensions& d, const verilog::Interface& row);
/// Brings the columns of a token's partial sums, which leave the array skewed, to one cycle.
verilog::Module build_deskew(const Dimensions& d);

// Inline only.
/// Metadata of a weight row to settings of outlier units, and its codes without halves.
verilog::Module build_inline_decoder(const Dimensions& d);

// ReCoN only.
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

/// Interfaces of the generated modules the core instantiates; there is no decoder without outliers, no unit
/// without ReCoN.
struct CoreParts {
  verilog::Interface array, deskew, decoder, unit;
};
/// Top of the core.
verilog::Module build_core(const Dimensions& d, const CoreParts& parts);

/// Makes the sizes of a plain array in mode 4 with encoding full_range those of a baseline other than int4.
void set_baseline(Dimensions& d, Baseline kind);
/// One PE row of baseline gobo.
verilog::Module build_gobo_row(const Dimensions& d);
/// Decoders of outlier-victim pairs (baseline olive): codes of one word of the load port to words of PEs.
verilog::Module build_olive_decoder(const Dimensions& d);

/// Top of the accelerator around a core. `hash` is the low half of the configuration's, for its register.
verilog::Module build_top(const Dimensions& d, const verilog::Interface& core,
                          const verilog::Interface& registers, std::uint32_t hash);

}  // namespace msq::arch
