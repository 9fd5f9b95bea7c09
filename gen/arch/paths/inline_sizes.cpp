#include "gen/arch/paths/inline_sizes.hpp"

namespace msq::arch {

using verilog::Constant;
using verilog::Module;

InlineSizes::InlineSizes(Module& m, const Dimensions& d)
    : group_units(count(m, "GROUP_UNITS", d.outliers->group_fields * d.inlined->units_per_block,
                        "outlier units of a routing group")),
      group_word_bits(m.localparam("GROUP_WORD_BITS", d.inlined->group_word_bits,
                                   "bits of the settings of the units of a routing group")),
      value0_bits(m.localparam("VALUE0_BITS", d.inlined->value0_bits,
                               "bits of an outlier value of lane 0 without sign")),
      value1_bits(m.localparam("VALUE1_BITS", d.inlined->value1_bits,
                               "bits of an outlier value of lane 1 without sign")),
      value_bits(m.localparam("VALUE_BITS", value0_bits + 1 + (d.mode2 ? value1_bits + 1 : Constant(0)),
                              "bits of the outlier values of a PE, {lane 1, lane 0} with signs")) {}

}  // namespace msq::arch
