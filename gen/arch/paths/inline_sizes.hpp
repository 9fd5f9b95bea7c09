#pragma once

#include "gen/arch/sizes.hpp"

namespace msq::arch {

/// Sizes of outlier units by name, as Sizes. Widths in bits.
struct InlineSizes {
  InlineSizes(verilog::Module& m, const Dimensions& d);

  verilog::Constant units, inputs;    ///< of a band and routing group: units, activations that each can take
  verilog::Constant group_word_bits;  ///< settings of the units
  verilog::Constant value_bits, signed_value_bits;  ///< outlier value without and with its sign
};

}  // namespace msq::arch
