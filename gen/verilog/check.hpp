#pragma once

#include <string>
#include <vector>

#include "gen/verilog/module.hpp"

namespace msq::verilog {

/// One problem of a module.
struct Diagnostic {
  std::string module;
  std::string net;     ///< net, instance, label or genvar; nets of loops with their block: `gen_col[3].sum`
  int lsb = 0;         ///< lowest bit concerned
  int width = 0;       ///< bits concerned; 0 where the problem has no bit range
  std::string reason;  ///< the problem; may end in `(and 5 more alike)`
  /// `module: net[7:4]: reason`
  [[nodiscard]] std::string text() const;
};

/// All problems of a finished module, with generate loops unrolled:
/// - bits that are read, or are outputs, and have no driver; bits with several drivers
/// - bits of wires, regs and inputs that nothing reads
/// - combinational loops through assignments, bit by bit (instances and flip-flops end a path)
/// - selects out of range; nets or genvars used outside the block or module that declares them
/// - illegal or reserved identifiers (Verilog-2005 and SystemVerilog), names that clash (also by case alone)
/// The same problem in several iterations of a generate loop is reported once, as are loops through the same
/// nets.
[[nodiscard]] std::vector<Diagnostic> check(const Module& module);

/// \throws std::logic_error with the text of all diagnostics unless check() finds none.
void require_clean(const Module& module);

}  // namespace msq::verilog
