#pragma once

#include "gen/verilog/constant.hpp"

namespace msq::verilog {

/// Width in bits (at least 1) and sign of a net or an expression.
struct Type {
  int width = 1;
  bool is_signed = false;
  detail::FormulaPtr size = {};  ///< width as it is printed; null: the number

  /// Of one width and one sign, whatever is printed.
  friend bool operator==(const Type& left, const Type& right) {
    return left.width == right.width && left.is_signed == right.is_signed;
  }
};

/// Unsigned type, `[7:0]`, or `[COLS*ACT_BITS-1:0]` of a width with names. \throws std::logic_error if
/// width < 1.
[[nodiscard]] Type u(const Constant& width);
/// Two's complement type, `signed [7:0]`. \throws std::logic_error if width < 1.
[[nodiscard]] Type s(const Constant& width);

}  // namespace msq::verilog
