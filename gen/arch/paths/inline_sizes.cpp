#include "gen/arch/paths/inline_sizes.hpp"

namespace msq::arch {

using verilog::Constant;
using verilog::Module;

InlineSizes::InlineSizes(Module& m, const Dimensions& d)
    : units(count(m, "UNITS", d.inlined->units, "outlier units of a routing group in a band")),
      inputs(count(m, "UNIT_INPUTS", d.inlined->inputs, "activations of a band that a unit can take")),
      group_word_bits(m.localparam("GROUP_WORD_BITS", units * Constant(d.inlined->word_bits),
                                   "bits of the settings of the units of a routing group")),
      value_bits(m.localparam("VALUE_BITS", d.inlined->value_bits, "bits of an outlier value without sign")),
      signed_value_bits(
          m.localparam("SIGNED_VALUE_BITS", value_bits + 1, "bits of an outlier value with sign")) {}

}  // namespace msq::arch
