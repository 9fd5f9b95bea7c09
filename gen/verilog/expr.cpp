#include "gen/verilog/expr.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "gen/verilog/node.hpp"

namespace msq::verilog {

using detail::Node;
using detail::Op;

Type u(const Constant& width) {
  if (width.value() < 1)
    throw std::logic_error(fmt::format("width {}: a type is at least one bit wide", width.value()));
  return {width.value(), false, width.formula()};
}

Type s(const Constant& width) {
  Type type = u(width);
  type.is_signed = true;
  return type;
}

namespace detail {

std::string type_text(Type type) { return fmt::format("{}({})", type.is_signed ? 's' : 'u', type.width); }

bool is_constant(const Expr& e) {
  const Node& node = e.node();
  switch (node.op) {
    case Op::literal:
      return true;
    case Op::net:
    case Op::select:
      return node.net->kind == NetKind::constant;
    case Op::concat:
    case Op::replicate:
    case Op::to_signed:
    case Op::to_unsigned:
      return std::all_of(node.args.begin(), node.args.end(), is_constant);
    default:
      return false;
  }
}

Expr net_expr(std::shared_ptr<const Net> net) {
  const Type type = net->type;
  return Expr(std::make_shared<Node>(Node{.op = Op::net, .type = type, .net = std::move(net)}));
}

}  // namespace detail

namespace {

Expr make(Node node) { return Expr(std::make_shared<Node>(std::move(node))); }

[[noreturn]] void mismatch(const char* what, const Expr& a, const Expr& b) {
  throw std::logic_error(fmt::format("{}: operands of types {} and {}; both must be the same", what,
                                     detail::type_text(a.type()), detail::type_text(b.type())));
}

void require_same(const char* what, const Expr& a, const Expr& b) {
  if (a.type() != b.type()) mismatch(what, a, b);
}

Expr binary(Op op, const char* what, const Expr& a, const Expr& b) {
  require_same(what, a, b);
  return make({.op = op, .type = a.type(), .args = {a, b}});
}

Expr comparison(Op op, const char* what, const Expr& a, const Expr& b) {
  require_same(what, a, b);
  return make({.op = op, .type = u(1), .args = {a, b}});
}

Expr reduction(Op op, const Expr& e) {
  (void)e.node();
  return make({.op = op, .type = u(1), .args = {e}});
}

bool fits(Type type, std::int64_t value) {
  if (!type.is_signed) return value >= 0 && (type.width >= 63 || value < (std::int64_t{1} << type.width));
  if (type.width >= 64) return true;
  const std::int64_t limit = std::int64_t{1} << (type.width - 1);
  return value >= -limit && value < limit;
}

}  // namespace

const Node& Expr::node() const {
  if (node_ == nullptr) throw std::logic_error("an empty expression (unconnected) is used as a value");
  return *node_;
}

Type Expr::type() const { return node().type; }

Expr lit(Type type, std::int64_t value) {
  (void)u(type.width);
  if (!fits(type, value)) {
    throw std::logic_error(fmt::format("literal {} does not fit {}", value, detail::type_text(type)));
  }
  return make({.op = Op::literal, .type = type, .value = value});
}

Expr hex(Type type, std::int64_t value) {
  Node node = lit(type, value).node();
  node.hex = true;
  return make(std::move(node));
}

Expr zeros(const Constant& width) {
  const bool plain = width.value() <= 64 && width.formula() == nullptr;
  return plain || width.value() == 1 ? lit(u(width), 0) : replicate(width, lit(u(1), 0));
}

Expr ones(const Constant& width) {
  return width.value() == 1 ? lit(u(1), 1) : replicate(width, lit(u(1), 1));
}

Expr operator~(const Expr& e) { return make({.op = Op::bit_not, .type = e.type(), .args = {e}}); }
Expr operator&(const Expr& a, const Expr& b) { return binary(Op::bit_and, "&", a, b); }
Expr operator|(const Expr& a, const Expr& b) { return binary(Op::bit_or, "|", a, b); }
Expr operator^(const Expr& a, const Expr& b) { return binary(Op::bit_xor, "^", a, b); }
Expr operator+(const Expr& a, const Expr& b) { return binary(Op::add, "+", a, b); }
Expr operator-(const Expr& a, const Expr& b) { return binary(Op::subtract, "-", a, b); }

Expr eq(const Expr& a, const Expr& b) { return comparison(Op::equal, "eq", a, b); }
Expr ne(const Expr& a, const Expr& b) { return comparison(Op::not_equal, "ne", a, b); }
Expr lt(const Expr& a, const Expr& b) { return comparison(Op::less, "lt", a, b); }
Expr le(const Expr& a, const Expr& b) { return comparison(Op::less_equal, "le", a, b); }
Expr gt(const Expr& a, const Expr& b) { return comparison(Op::greater, "gt", a, b); }
Expr ge(const Expr& a, const Expr& b) { return comparison(Op::greater_equal, "ge", a, b); }

Expr mux(const Expr& sel, const Expr& a, const Expr& b) {
  if (sel.type() != u(1)) {
    throw std::logic_error(fmt::format("mux: the select is {}, not u(1)", detail::type_text(sel.type())));
  }
  require_same("mux", a, b);
  return make({.op = Op::mux, .type = a.type(), .args = {sel, a, b}});
}

Expr reduce_or(const Expr& e) { return reduction(Op::reduce_or, e); }
Expr reduce_and(const Expr& e) { return reduction(Op::reduce_and, e); }
Expr reduce_xor(const Expr& e) { return reduction(Op::reduce_xor, e); }

namespace {

Expr constant_shift(Op op, const Expr& e, int amount) {
  if (amount < 0) throw std::logic_error(fmt::format("shift by {}: a shift amount is not negative", amount));
  (void)e.node();
  return amount == 0 ? e : make({.op = op, .type = e.type(), .args = {e}, .value = amount});
}

}  // namespace

Expr shl(const Expr& e, int amount) { return constant_shift(Op::shift_left, e, amount); }
Expr shr(const Expr& e, int amount) { return constant_shift(Op::shift_right, e, amount); }

Expr shl_var(const Expr& e, const Expr& amount) {
  if (amount.type().is_signed) throw std::logic_error("shl_var: the amount is signed, it must be unsigned");
  return make({.op = Op::shift_left_by, .type = e.type(), .args = {e, amount}});
}

Expr concat(const std::vector<Expr>& parts) {
  if (parts.empty()) throw std::logic_error("concat: at least one part is needed");
  int width = 0;
  for (const Expr& part : parts) width += part.width();
  const Type type = u(width);
  return make({.op = Op::concat, .type = type, .args = parts});
}

Constant width_of(const Expr& e) { return Constant(e.width(), e.type().size); }

Expr replicate(const Constant& n, const Expr& e) {
  if (n.value() < 1)
    throw std::logic_error(fmt::format("replicate: {} copies; at least one is needed", n.value()));
  const Type type = u(n * width_of(e));
  return make({.op = Op::replicate, .type = type, .args = {e}, .value = n.value(), .count = n.formula()});
}

Expr slice(const Expr& e, const Index& lsb, const Constant& width) {
  const Node& node = e.node();
  if (node.op != Op::net) {
    throw std::logic_error(
        "slice: only a net (port, wire or reg) can be sliced; name the expression with Scope::wire");
  }
  if (lsb.is_constant() && (lsb.constant() < 0 || lsb.constant() + u(width).width > node.type.width)) {
    throw std::logic_error(fmt::format("slice: bits {}..{} of {}, which is {} bits wide", lsb.constant(),
                                       lsb.constant() + width.value() - 1, node.net->name, node.type.width));
  }
  const Type type = u(width);
  return make({.op = Op::select, .type = type, .net = node.net, .lsb = lsb});
}

Expr word(const Expr& e, const Index& i, const Constant& width) { return slice(e, i * width, width); }

Expr bit(const Expr& e, const Index& i) { return slice(e, i, 1); }

Expr zext(const Expr& e, const Constant& width) {
  if (e.type().is_signed) throw std::logic_error("zext: the operand is signed; use sext or as_unsigned");
  if (width.value() < e.width()) {
    throw std::logic_error(fmt::format("zext: {} bits do not fit {}", e.width(), width.value()));
  }
  if (width.value() == e.width()) return e;
  const Constant extra = width - width_of(e);
  const Expr zero = lit(u(1), 0);
  return concat({extra.value() == 1 ? zero : replicate(extra, zero), e});
}

namespace {

/// Top bit of a net, a slice, or one of those seen signed or unsigned.
Expr top_bit(const Expr& e) {
  const Node& node = e.node();
  if (node.op == Op::to_signed || node.op == Op::to_unsigned) return top_bit(node.args[0]);
  if (!detail::is_net(node)) {
    throw std::logic_error("sext: the top bit of an expression has no name; name it with Scope::wire first");
  }
  const Index top = (node.op == Op::net ? Index(0) : node.lsb) + (width_of(e) - 1);
  const Type type = u(1);
  return make({.op = Op::select, .type = type, .net = node.net, .lsb = top});
}

}  // namespace

Expr sext(const Expr& e, const Constant& width) {
  if (width.value() < e.width()) {
    throw std::logic_error(fmt::format("sext: {} bits do not fit {}", e.width(), width.value()));
  }
  const Expr top = top_bit(e);
  if (width.value() == e.width()) return e;
  const Constant extra = width - width_of(e);
  // Inside a concatenation the sign of e has no meaning: `{.., $signed(x)}` would only be noise.
  const bool cast = e.node().op == Op::to_signed || e.node().op == Op::to_unsigned;
  const Expr wide = concat({extra.value() == 1 ? top : replicate(extra, top), cast ? e.node().args[0] : e});
  return e.type().is_signed ? as_signed(wide) : wide;
}

Expr as_signed(const Expr& e) {
  if (e.type().is_signed) return e;
  const Type type = s(width_of(e));
  return make({.op = Op::to_signed, .type = type, .args = {e}});
}

Expr as_unsigned(const Expr& e) {
  if (!e.type().is_signed) return e;
  const Type type = u(width_of(e));
  return make({.op = Op::to_unsigned, .type = type, .args = {e}});
}

namespace {

/// Splits into at most four even parts, and those again.
Expr balanced(Op op, const char* what, const std::vector<Expr>& operands) {
  if (operands.empty()) throw std::logic_error(fmt::format("{}: at least one operand is needed", what));
  for (const Expr& e : operands) require_same(what, operands.front(), e);
  if (operands.size() == 1) return operands.front();
  // Groups of four as long as that is enough, so that the text is a table.
  std::size_t group = 1;
  while (group * 4 < operands.size()) group *= 4;
  std::vector<Expr> args;
  for (std::size_t first = 0; first < operands.size(); first += group) {
    const auto begin = operands.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = operands.begin() + static_cast<std::ptrdiff_t>(std::min(first + group, operands.size()));
    args.push_back(balanced(op, what, {begin, end}));
  }
  return make({.op = op, .type = operands.front().type(), .args = std::move(args), .grouped = true});
}

}  // namespace

Expr or_all(const std::vector<Expr>& operands) { return balanced(Op::bit_or, "or_all", operands); }
Expr and_all(const std::vector<Expr>& operands) { return balanced(Op::bit_and, "and_all", operands); }

}  // namespace msq::verilog
