#pragma once

namespace msq::verilog {

/// Width in bits (at least 1) and sign of a net or an expression.
struct Type {
  int width = 1;
  bool is_signed = false;
  friend constexpr bool operator==(const Type&, const Type&) = default;
};

/// Unsigned type, `[width-1:0]`. \throws std::logic_error if width < 1.
[[nodiscard]] Type u(int width);
/// Two's complement type, `signed [width-1:0]`. \throws std::logic_error if width < 1.
[[nodiscard]] Type s(int width);

}  // namespace msq::verilog
