#pragma once

#include "gen/arch/sizes.hpp"

namespace msq::arch {

/// Sizes of outlier units by name, as Sizes. Widths in bits.
struct InlineSizes {
  InlineSizes(verilog::Module& m, const Dimensions& d);

  verilog::Constant group_units, group_word_bits;  ///< of a band and routing group: units, their settings
  verilog::Constant value0_bits, value1_bits,
      value_bits;  ///< outlier value: lane 0 and 1 without sign, both with it
};

}  // namespace msq::arch
