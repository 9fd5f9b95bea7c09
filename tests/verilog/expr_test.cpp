#include "gen/verilog/expr.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "gen/verilog/layout.hpp"
#include "gen/verilog/module.hpp"
#include "tests/verilog/errors.hpp"

namespace msq::verilog {
namespace {

using detail::flat_text;

/// Nets to build expressions of: a, b, c, d are u(8), x and y s(8), p, q, r u(1), n s(1), w u(16).
struct Nets : ::testing::Test {
  Module m{"m", ""};
  Expr a = m.wire("a", u(8));
  Expr b = m.wire("b", u(8));
  Expr c = m.wire("c", u(8));
  Expr d = m.wire("d", u(8));
  Expr x = m.wire("x", s(8));
  Expr y = m.wire("y", s(8));
  Expr p = m.wire("p", u(1));
  Expr q = m.wire("q", u(1));
  Expr r = m.wire("r", u(1));
  Expr n = m.wire("n", s(1));
  Expr w = m.wire("w", u(16));
};

using ExprText = Nets;
using ExprParentheses = Nets;
using ExprTypes = Nets;
using ExprErrors = Nets;

TEST_F(ExprText, Literals) {
  EXPECT_EQ(flat_text(lit(u(8), 3)), "8'd3");
  EXPECT_EQ(flat_text(lit(u(8), 255)), "8'd255");
  EXPECT_EQ(flat_text(lit(s(4), 2)), "4'sd2");
  EXPECT_EQ(flat_text(lit(s(4), -2)), "-4'sd2");
  EXPECT_EQ(flat_text(lit(s(4), -8)), "-4'sd8");
  EXPECT_EQ(flat_text(lit(u(1), 0)), "1'b0");
  EXPECT_EQ(flat_text(lit(u(1), 1)), "1'b1");
  EXPECT_EQ(flat_text(lit(s(1), -1)), "1'sb1");
  EXPECT_EQ(flat_text(lit(s(1), 0)), "1'sb0");
  EXPECT_EQ(flat_text(lit(u(63), std::numeric_limits<std::int64_t>::max())), "63'd9223372036854775807");
  EXPECT_EQ(flat_text(lit(s(64), std::numeric_limits<std::int64_t>::min())), "-64'sd9223372036854775808");
  EXPECT_EQ(flat_text(zeros(8)), "8'd0");
  EXPECT_EQ(flat_text(zeros(1)), "1'b0");
  EXPECT_EQ(flat_text(zeros(64)), "64'd0");
  EXPECT_EQ(flat_text(zeros(65)), "{65{1'b0}}");
  EXPECT_EQ(flat_text(ones(8)), "{8{1'b1}}");
  EXPECT_EQ(flat_text(ones(1)), "1'b1");
}

TEST_F(ExprText, Operators) {
  EXPECT_EQ(flat_text(~a), "~a");
  EXPECT_EQ(flat_text(a & b), "a & b");
  EXPECT_EQ(flat_text(a | b), "a | b");
  EXPECT_EQ(flat_text(a ^ b), "a ^ b");
  EXPECT_EQ(flat_text(a + b), "a + b");
  EXPECT_EQ(flat_text(a - b), "a - b");
  EXPECT_EQ(flat_text(eq(a, b)), "a == b");
  EXPECT_EQ(flat_text(ne(a, b)), "a != b");
  EXPECT_EQ(flat_text(lt(a, b)), "a < b");
  EXPECT_EQ(flat_text(le(a, b)), "a <= b");
  EXPECT_EQ(flat_text(gt(a, b)), "a > b");
  EXPECT_EQ(flat_text(ge(a, b)), "a >= b");
  EXPECT_EQ(flat_text(mux(p, a, b)), "p ? a : b");
  EXPECT_EQ(flat_text(reduce_or(a)), "|a");
  EXPECT_EQ(flat_text(reduce_and(a)), "&a");
  EXPECT_EQ(flat_text(reduce_xor(a)), "^a");
  EXPECT_EQ(flat_text(shl(a, 3)), "a << 3");
  EXPECT_EQ(flat_text(shr(a, 3)), "a >> 3");
  EXPECT_EQ(flat_text(shr(x, 3)), "x >>> 3");
  EXPECT_EQ(flat_text(shl(x, 0)), "x");
  EXPECT_EQ(flat_text(shr(x, 0)), "x");
  EXPECT_EQ(flat_text(shl_var(x, a)), "x << a");
  EXPECT_EQ(flat_text(concat({a, p, w})), "{a, p, w}");
  EXPECT_EQ(flat_text(concat({a})), "{a}");
  EXPECT_EQ(flat_text(replicate(3, a)), "{3{a}}");
  EXPECT_EQ(flat_text(as_signed(a)), "$signed(a)");
  EXPECT_EQ(flat_text(as_signed(x)), "x");
  EXPECT_EQ(flat_text(as_unsigned(x)), "$unsigned(x)");
  EXPECT_EQ(flat_text(as_unsigned(a)), "a");
}

TEST_F(ExprText, ConstantSelects) {
  EXPECT_EQ(flat_text(slice(w, 8, 8)), "w[15:8]");
  EXPECT_EQ(flat_text(slice(w, 3, 1)), "w[3]");
  EXPECT_EQ(flat_text(bit(w, 3)), "w[3]");
  EXPECT_EQ(flat_text(slice(w, 0, 16)), "w");
  EXPECT_EQ(flat_text(slice(x, 0, 8)), "x[7:0]") << "all of a signed net is not the same as the net";
  EXPECT_EQ(flat_text(bit(p, 0)), "p");
  EXPECT_EQ(flat_text(bit(n, 0)), "$unsigned(n)");
}

TEST_F(ExprText, SelectsByGenvar) {
  m.generate_for("gen_a", "i", 2, [&](Scope& outer, const Index& i) {
    outer.generate_for("gen_b", "j", 4, [&](Scope&, const Index& j) {
      EXPECT_EQ(flat_text(slice(w, i * 8, 8)), "w[8*i +: 8]");
      EXPECT_EQ(flat_text(slice(w, 8 * i + 3, 2)), "w[8*i + 3 +: 2]");
      EXPECT_EQ(flat_text(bit(w, i)), "w[i]");
      EXPECT_EQ(flat_text(bit(w, i * 4 + j)), "w[4*i + j]");
      EXPECT_EQ(flat_text(bit(w, 7 - i)), "w[7 - i]");
      EXPECT_EQ(flat_text(bit(w, i - 1)), "w[i - 1]");
      EXPECT_EQ(flat_text(bit(w, i * -2 + 7 - j)), "w[7 - 2*i - j]");
      EXPECT_EQ(flat_text(bit(w, i * -1)), "w[-i]");
      EXPECT_EQ(flat_text(bit(w, i - i)), "w[0]");
      EXPECT_EQ(flat_text(bit(w, i * 0)), "w[0]");
      EXPECT_EQ(flat_text(bit(w, i * 0 + 5)), "w[5]");
      EXPECT_EQ(flat_text(bit(w, (i + j + 1) * 2)), "w[2*i + 2*j + 2]");
      EXPECT_EQ(flat_text(bit(p, i)), "p") << "a scalar cannot be indexed";
    });
  });
}

TEST_F(ExprText, SelectsWithNames) {
  const Constant pes = m.localparam("PES", 2, "");
  const Constant bits = m.localparam("BITS", 3, "");
  EXPECT_EQ(flat_text(slice(w, 0, bits)), "w[BITS-1:0]");
  EXPECT_EQ(flat_text(slice(w, bits, 4)), "w[BITS +: 4]");
  EXPECT_EQ(flat_text(slice(w, 4, bits)), "w[4 +: BITS]");
  EXPECT_EQ(flat_text(bit(w, bits - 1)), "w[BITS - 1]");
  EXPECT_EQ(flat_text(slice(w, 0, pes * bits + 1)), "w[PES*BITS + 1 - 1:0]");
  m.generate_for("gen_a", "g", 2, [&](Scope& outer, const Index& g) {
    outer.generate_for("gen_b", "k", 2, [&](Scope&, const Index& k) {
      EXPECT_EQ(flat_text(slice(w, (g * pes + k) * bits, bits)), "w[(PES*g + k)*BITS +: BITS]");
      EXPECT_EQ(flat_text(slice(w, g * (pes * bits) + bits, 1)), "w[PES*BITS*g + BITS]");
      EXPECT_EQ(flat_text(bit(w, pes - 1 - (k + g))), "w[PES - 1 - (k + g)]");
      EXPECT_EQ(flat_text(bit(w, (k + 0) * 1 + pes * 0)), "w[k]") << "what has no effect is not printed";
      EXPECT_EQ((g * pes + k - 1).terms()[0].factor, 2);
      EXPECT_EQ((g * pes + k - 1).constant(), -1);
    });
  });
}

TEST_F(ExprText, RepeatsWithNames) {
  const Constant bits = m.localparam("BITS", 12, "");
  EXPECT_EQ(flat_text(replicate(bits, p)), "{BITS{p}}");
  EXPECT_EQ(flat_text(replicate(bits - 8, p)), "{(BITS - 8){p}}");
  EXPECT_EQ(flat_text(zeros(bits)), "{BITS{1'b0}}");
  EXPECT_EQ(flat_text(zext(a, bits)), "{{(BITS - 8){1'b0}}, a}");
  EXPECT_EQ(replicate(bits, a).width(), 96);
  EXPECT_EQ(flat_text(hex(u(12), 0x1c)), "12'h01c");
  EXPECT_EQ(flat_text(hex(u(1), 1)), "1'h1");
}

TEST_F(ExprText, Extensions) {
  EXPECT_EQ(flat_text(zext(a, 12)), "{{4{1'b0}}, a}");
  EXPECT_EQ(flat_text(zext(a, 9)), "{1'b0, a}");
  EXPECT_EQ(flat_text(zext(a, 8)), "a");
  EXPECT_EQ(flat_text(zext(a + b, 9)), "{1'b0, a + b}");
  EXPECT_EQ(flat_text(sext(a, 12)), "{{4{a[7]}}, a}");
  EXPECT_EQ(flat_text(sext(x, 12)), "$signed({{4{x[7]}}, x})");
  EXPECT_EQ(flat_text(sext(x, 9)), "$signed({x[7], x})");
  EXPECT_EQ(flat_text(sext(x, 8)), "x");
  EXPECT_EQ(flat_text(sext(p, 4)), "{{3{p}}, p}");
  EXPECT_EQ(flat_text(sext(slice(w, 4, 6), 8)), "{{2{w[9]}}, w[9:4]}");
  EXPECT_EQ(flat_text(sext(as_signed(slice(w, 4, 6)), 8)), "$signed({{2{w[9]}}, w[9:4]})");
  EXPECT_EQ(flat_text(sext(as_unsigned(x), 10)), "{{2{x[7]}}, x}");
  m.generate_for("gen_a", "i", 2, [&](Scope&, const Index& i) {
    EXPECT_EQ(flat_text(sext(slice(w, i * 8, 8), 9)), "{w[8*i + 7], w[8*i +: 8]}");
  });
}

TEST_F(ExprParentheses, ChainsOfOneOperatorHaveNone) {
  EXPECT_EQ(flat_text(a & b & c), "a & b & c");
  EXPECT_EQ(flat_text(a & (b & c)), "a & b & c");
  EXPECT_EQ(flat_text(a | b | (c | d)), "a | b | c | d");
  EXPECT_EQ(flat_text((a ^ b) ^ c), "a ^ b ^ c");
  EXPECT_EQ(flat_text(a + b - c + d), "a + b - c + d");
  EXPECT_EQ(flat_text(mux(p, a, mux(q, b, c))), "p ? a : q ? b : c");
}

TEST_F(ExprParentheses, SumsKeepTheirTree) {
  EXPECT_EQ(flat_text((a + b) + (c + d)), "a + b + (c + d)");
  EXPECT_EQ(flat_text(a - (b + c)), "a - (b + c)");
  EXPECT_EQ(flat_text(a - (b - c)), "a - (b - c)");
}

TEST_F(ExprParentheses, MixedOperators) {
  EXPECT_EQ(flat_text((a & b) | c), "(a & b) | c");
  EXPECT_EQ(flat_text(a & (b | c)), "a & (b | c)");
  EXPECT_EQ(flat_text((a ^ b) & c), "(a ^ b) & c");
  EXPECT_EQ(flat_text((a + b) & c), "(a + b) & c");
  EXPECT_EQ(flat_text(shl(a + b, 1)), "(a + b) << 1");
  EXPECT_EQ(flat_text(a + shl(b, 1)), "a + (b << 1)");
  EXPECT_EQ(flat_text(shl(shr(a, 1), 2)), "(a >> 1) << 2");
  EXPECT_EQ(flat_text(shl_var(a, b + c)), "a << (b + c)");
  EXPECT_EQ(flat_text(eq(a + b, c)), "(a + b) == c");
  EXPECT_EQ(flat_text(eq(a, b) & lt(c, d)), "(a == b) & (c < d)");
  EXPECT_EQ(flat_text(ne(eq(a, b), p)), "(a == b) != p");
  EXPECT_EQ(flat_text(x + lit(s(8), -2)), "x + -8'sd2");
}

TEST_F(ExprParentheses, Unary) {
  EXPECT_EQ(flat_text(~(a & b)), "~(a & b)");
  EXPECT_EQ(flat_text(~(~a)), "~(~a)");
  EXPECT_EQ(flat_text(~reduce_or(a)), "~(|a)") << "~| is another operator";
  EXPECT_EQ(flat_text(reduce_or(a & b)), "|(a & b)");
  EXPECT_EQ(flat_text(reduce_or(~a)), "|(~a)");
  EXPECT_EQ(flat_text(p & reduce_and(a)), "p & (&a)");
  EXPECT_EQ(flat_text(~a & b), "~a & b");
  EXPECT_EQ(flat_text(~lit(s(8), -2)), "~(-8'sd2)");
  EXPECT_EQ(flat_text(reduce_xor(concat({a, b}))), "^{a, b}");
}

TEST_F(ExprParentheses, Mux) {
  EXPECT_EQ(flat_text(mux(eq(a, b), a + b, c & d)), "(a == b) ? a + b : c & d");
  EXPECT_EQ(flat_text(mux(p, mux(q, a, b), c)), "p ? (q ? a : b) : c");
  EXPECT_EQ(flat_text(mux(mux(p, q, r), a, b)), "(p ? q : r) ? a : b");
  EXPECT_EQ(flat_text(mux(p, a, b) & c), "(p ? a : b) & c");
  EXPECT_EQ(flat_text(mux(~p, reduce_or(a), q)), "~p ? |a : q");
  EXPECT_EQ(flat_text(concat({mux(p, a, b), a + b})), "{p ? a : b, a + b}");
}

TEST_F(ExprText, BalancedTrees) {
  EXPECT_EQ(flat_text(or_all({a})), "a");
  EXPECT_EQ(flat_text(or_all({a, b, c, d})), "a | b | c | d");
  EXPECT_EQ(flat_text(or_all({a, b, c, d, a})), "(a | b | c | d) | a");
  EXPECT_EQ(flat_text(and_all({p, q, r, p, q, r})), "(p & q & r & p) & (q & r)");
  EXPECT_EQ(flat_text(or_all({a & b, c})), "(a & b) | c");
  EXPECT_EQ(flat_text(a | or_all({b, c})), "a | (b | c)") << "a balanced tree is kept as it was built";
  const std::vector<Expr> many(17, p);
  EXPECT_EQ(flat_text(or_all(many)),
            "((p | p | p | p) | (p | p | p | p) | (p | p | p | p) | (p | p | p | p)) | p");
}

TEST_F(ExprTypes, OfResults) {
  EXPECT_EQ((x + y).type(), s(8));
  EXPECT_EQ((~x).type(), s(8));
  EXPECT_EQ(lt(x, y).type(), u(1));
  EXPECT_EQ(reduce_xor(x).type(), u(1));
  EXPECT_EQ(mux(p, x, y).type(), s(8));
  EXPECT_EQ(shr(x, 2).type(), s(8));
  EXPECT_EQ(shl_var(x, w).type(), s(8));
  EXPECT_EQ(concat({x, y}).type(), u(16));
  EXPECT_EQ(replicate(3, x).type(), u(24));
  EXPECT_EQ(slice(x, 2, 3).type(), u(3));
  EXPECT_EQ(bit(x, 2).type(), u(1));
  EXPECT_EQ(zext(a, 10).type(), u(10));
  EXPECT_EQ(sext(a, 10).type(), u(10));
  EXPECT_EQ(sext(x, 10).type(), s(10));
  EXPECT_EQ(as_signed(a).type(), s(8));
  EXPECT_EQ(as_unsigned(x).type(), u(8));
  EXPECT_EQ(or_all({x, y}).type(), s(8));
  EXPECT_EQ(a.width(), 8);
  EXPECT_TRUE(Expr().empty());
  EXPECT_FALSE(a.empty());
}

TEST_F(ExprErrors, WidthsOfTypes) {
  EXPECT_EQ(error_of([] { (void)u(0); }), "width 0: a type is at least one bit wide");
  EXPECT_EQ(error_of([] { (void)s(-3); }), "width -3: a type is at least one bit wide");
  EXPECT_EQ(error_of([&] { m.wire("z", Type{0, false}); }), "width 0: a type is at least one bit wide");
  EXPECT_EQ(error_of([] { (void)lit(Type{0, false}, 0); }), "width 0: a type is at least one bit wide");
}

TEST_F(ExprErrors, Literals) {
  EXPECT_EQ(error_of([] { (void)lit(u(8), 256); }), "literal 256 does not fit u(8)");
  EXPECT_EQ(error_of([] { (void)lit(u(8), -1); }), "literal -1 does not fit u(8)");
  EXPECT_EQ(error_of([] { (void)lit(s(4), 8); }), "literal 8 does not fit s(4)");
  EXPECT_EQ(error_of([] { (void)lit(s(4), -9); }), "literal -9 does not fit s(4)");
  EXPECT_EQ(error_of([] { (void)lit(s(1), 1); }), "literal 1 does not fit s(1)");
}

TEST_F(ExprErrors, MixedTypes) {
  EXPECT_EQ(error_of([&] { (void)(a + w); }), "+: operands of types u(8) and u(16); both must be the same");
  EXPECT_EQ(error_of([&] { (void)(a & x); }), "&: operands of types u(8) and s(8); both must be the same");
  EXPECT_EQ(error_of([&] { (void)lt(a, x); }), "lt: operands of types u(8) and s(8); both must be the same");
  EXPECT_EQ(error_of([&] { (void)eq(a, w); }), "eq: operands of types u(8) and u(16); both must be the same");
  EXPECT_EQ(error_of([&] { (void)mux(p, a, x); }),
            "mux: operands of types u(8) and s(8); both must be the same");
  EXPECT_EQ(error_of([&] { (void)mux(a, b, c); }), "mux: the select is u(8), not u(1)");
  EXPECT_EQ(error_of([&] { (void)mux(n, b, c); }), "mux: the select is s(1), not u(1)");
  EXPECT_EQ(error_of([&] {
              (void)or_all({a, a, x});
            }),
            "or_all: operands of types u(8) and s(8); both must be the same");
}

TEST_F(ExprErrors, Shapes) {
  EXPECT_EQ(error_of([] { (void)or_all({}); }), "or_all: at least one operand is needed");
  EXPECT_EQ(error_of([] { (void)and_all({}); }), "and_all: at least one operand is needed");
  EXPECT_EQ(error_of([] { (void)concat({}); }), "concat: at least one part is needed");
  EXPECT_EQ(error_of([&] { (void)replicate(0, a); }), "replicate: 0 copies; at least one is needed");
  EXPECT_EQ(error_of([&] { (void)shl(a, -1); }), "shift by -1: a shift amount is not negative");
  EXPECT_EQ(error_of([&] { (void)shl_var(a, x); }), "shl_var: the amount is signed, it must be unsigned");
}

TEST_F(ExprErrors, Selects) {
  const std::string no_net =
      "slice: only a net (port, wire or reg) can be sliced; name the expression with Scope::wire";
  EXPECT_EQ(error_of([&] { (void)slice(a + b, 0, 2); }), no_net);
  EXPECT_EQ(error_of([&] { (void)bit(slice(w, 0, 8), 2); }), no_net);
  EXPECT_EQ(error_of([&] { (void)slice(a, 1, 8); }), "slice: bits 1..8 of a, which is 8 bits wide");
  EXPECT_EQ(error_of([&] { (void)bit(a, -1); }), "slice: bits -1..-1 of a, which is 8 bits wide");
  EXPECT_EQ(error_of([&] { (void)slice(a, 0, 0); }), "width 0: a type is at least one bit wide");
}

TEST_F(ExprErrors, Extensions) {
  EXPECT_EQ(error_of([&] { (void)zext(x, 9); }), "zext: the operand is signed; use sext or as_unsigned");
  EXPECT_EQ(error_of([&] { (void)zext(a, 7); }), "zext: 8 bits do not fit 7");
  EXPECT_EQ(error_of([&] { (void)sext(x, 7); }), "sext: 8 bits do not fit 7");
  EXPECT_EQ(error_of([&] { (void)sext(x + y, 9); }),
            "sext: the top bit of an expression has no name; name it with Scope::wire first");
}

TEST_F(ExprErrors, EmptyOperands) {
  const std::string empty = "an empty expression (unconnected) is used as a value";
  const Expr none;
  EXPECT_EQ(error_of([&] { (void)(a + none); }), empty);
  EXPECT_EQ(error_of([&] { (void)reduce_or(none); }), empty);
  EXPECT_EQ(error_of([&] { (void)shl(none, 0); }), empty);
  EXPECT_EQ(error_of([&] { (void)concat({a, none}); }), empty);
  EXPECT_EQ(error_of([&] { (void)mux(p, a, none); }), empty);
  EXPECT_EQ(error_of([&] { (void)none.type(); }), empty);
}

}  // namespace
}  // namespace msq::verilog
