#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "gen/verilog/index.hpp"
#include "gen/verilog/type.hpp"

namespace msq::verilog {

namespace detail {
struct Node;
}

/// Immutable typed expression; a cheap handle, copies share the tree. Default constructed it is empty: an
/// unconnected output or an absent enable. All functions below throw std::logic_error on an empty operand,
/// and on types that do not match: nothing is extended, truncated or reinterpreted unless it is written down.
class Expr {
 public:
  Expr() = default;
  explicit Expr(std::shared_ptr<const detail::Node> node) : node_(std::move(node)) {}

  [[nodiscard]] bool empty() const { return node_ == nullptr; }
  [[nodiscard]] Type type() const;
  [[nodiscard]] int width() const { return type().width; }
  /// Syntax node, for the checks and the printer. \throws std::logic_error if empty.
  [[nodiscard]] const detail::Node& node() const;

 private:
  std::shared_ptr<const detail::Node> node_;
};

/// Width of e, with its name if it has one.
[[nodiscard]] Constant width_of(const Expr& e);

/// Literal: `8'd3`, `4'sd2`, `-4'sd2`; of width 1 `1'b0`, `1'b1`. \throws if the value does not fit the type.
[[nodiscard]] Expr lit(Type type, std::int64_t value);
/// Literal in hexadecimal digits, `8'h0c`.
[[nodiscard]] Expr hex(Type type, std::int64_t value);
/// `8'd0`; beyond 64 bits, and of widths with names, `{ROWS{1'b0}}`. Unsigned.
[[nodiscard]] Expr zeros(const Constant& width);
/// `{8{1'b1}}`, of width 1 `1'b1`. Unsigned.
[[nodiscard]] Expr ones(const Constant& width);

// Both operands of one type, the result is of that type; sums and differences wrap. Chains print as `a + b +
// c`.
[[nodiscard]] Expr operator~(const Expr& e);
[[nodiscard]] Expr operator&(const Expr& a, const Expr& b);
[[nodiscard]] Expr operator|(const Expr& a, const Expr& b);
[[nodiscard]] Expr operator^(const Expr& a, const Expr& b);
[[nodiscard]] Expr operator+(const Expr& a, const Expr& b);
[[nodiscard]] Expr operator-(const Expr& a, const Expr& b);

// Comparisons `a == b`, `a < b`, ..: operands of one type (signed ones compare signed), result u(1).
[[nodiscard]] Expr eq(const Expr& a, const Expr& b);
[[nodiscard]] Expr ne(const Expr& a, const Expr& b);
[[nodiscard]] Expr lt(const Expr& a, const Expr& b);
[[nodiscard]] Expr le(const Expr& a, const Expr& b);
[[nodiscard]] Expr gt(const Expr& a, const Expr& b);
[[nodiscard]] Expr ge(const Expr& a, const Expr& b);

/// `sel ? a : b`; sel is u(1), a and b are of one type.
[[nodiscard]] Expr mux(const Expr& sel, const Expr& a, const Expr& b);

// `|e`, `&e`, `^e`: result u(1).
[[nodiscard]] Expr reduce_or(const Expr& e);
[[nodiscard]] Expr reduce_and(const Expr& e);
[[nodiscard]] Expr reduce_xor(const Expr& e);

/// `e << amount`, same type. Amount 0 is e itself. \throws if amount is negative.
[[nodiscard]] Expr shl(const Expr& e, int amount);
/// `e >> amount`, or `e >>> amount` (fills with the sign) if e is signed. Same type.
[[nodiscard]] Expr shr(const Expr& e, int amount);
/// `e << amount`, same type as e; amount is unsigned.
[[nodiscard]] Expr shl_var(const Expr& e, const Expr& amount);

/// `{a, b, c}`, most significant first; unsigned.
[[nodiscard]] Expr concat(const std::vector<Expr>& parts);
/// `{n{e}}`; unsigned.
[[nodiscard]] Expr replicate(const Constant& n, const Expr& e);

/// `x_i[8*i +: 8]`, or `x_i[15:8]` if lsb is constant, `x_i[COLS*i +: COLS]` with names; unsigned. e must be
/// a net (a port, wire or reg). Selecting all of an unsigned net prints the net. A constant range is checked
/// here, others by check().
[[nodiscard]] Expr slice(const Expr& e, const Index& lsb, const Constant& width);
/// Word i of e, `x_i[ACT_BITS*i +: ACT_BITS]`: slice(e, i * width, width).
[[nodiscard]] Expr word(const Expr& e, const Index& i, const Constant& width);
/// `x_i[i]`, u(1). e must be a net.
[[nodiscard]] Expr bit(const Expr& e, const Index& i);

/// `{{4{1'b0}}, e}`: e is unsigned, the result u(width). e itself if it already has that width.
[[nodiscard]] Expr zext(const Expr& e, const Constant& width);
/// `{{4{x_i[7]}}, x_i}`: repeats the top bit of e, which must be a net, a slice, or as_signed/as_unsigned of
/// one (else name it with Scope::wire). The result is signed, `$signed({{4{x_i[7]}}, x_i})`, exactly if e is.
[[nodiscard]] Expr sext(const Expr& e, const Constant& width);
/// `$signed(e)`: same bits, signed. e itself if it is signed.
[[nodiscard]] Expr as_signed(const Expr& e);
/// `$unsigned(e)`: same bits, unsigned. e itself if it is unsigned.
[[nodiscard]] Expr as_unsigned(const Expr& e);

/// Or (And) of all operands (at least one, all of one type) as a balanced tree with at most four operands a
/// level, printed over several lines:
///
///     (a | b | c | d)
///   | (e | f | g | h)
[[nodiscard]] Expr or_all(const std::vector<Expr>& operands);
[[nodiscard]] Expr and_all(const std::vector<Expr>& operands);

}  // namespace msq::verilog
