#pragma once

#include "gen/verilog/verilog.hpp"

namespace msq::arch {

/// Shift register in a reg of `stages` words as wide as d: word s is d, s + 1 cycles ago.
inline verilog::FlipFlop shift(const verilog::Expr& line, const verilog::Expr& d,
                               const verilog::Constant& stages, const verilog::Expr& reset = {}) {
  const verilog::Expr next =
      stages.value() == 1
          ? d
          : verilog::concat({verilog::slice(line, 0, (stages - 1) * verilog::width_of(d)), d});
  return {line, next, {}, reset};
}

}  // namespace msq::arch
