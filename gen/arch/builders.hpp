#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "gen/arch/dimensions.hpp"
#include "gen/arch/paths/path.hpp"
#include "gen/verilog/verilog.hpp"

namespace msq::arch {

// Builders of the generated modules. Each returns a finished module; the interfaces of modules it
// instantiates are arguments, so that the order of building is the order of the hierarchy, leaves first.

/// Unit of a partial sum, for comments.
inline const char* sum_unit(const Dimensions& d) {
  if (d.is_baseline(Baseline::gobo)) return "FP32";
  return d.fraction_bits == 2 ? "quarters of a step" : d.fraction_bits == 1 ? "halves of a step" : "steps";
}

/// Whether a module has a port, for those that only some designs have.
inline bool has_port(const verilog::Interface& module, std::string_view name) {
  return std::any_of(module.ports.begin(), module.ports.end(),
                     [&](const verilog::Port& port) { return port.name == name; });
}

/// One PE row with its activation pipeline and what its outlier path adds.
verilog::Module build_row(const Dimensions& d);
/// Whether rows, and so the array, have a reset.
bool array_needs_reset(const Dimensions& d);
/// All rows; partial sums move down.
verilog::Module build_array(const Dimensions& d, const verilog::Interface& row);
/// Brings the columns of a token's partial sums, which leave the array skewed, to one cycle.
verilog::Module build_deskew(const Dimensions& d);

/// Interfaces of the generated modules the core instantiates.
struct CoreParts {
  verilog::Interface array, deskew;
  Parts path;                           ///< of the outlier path
  verilog::Interface baseline_decoder;  ///< of baseline olive
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
