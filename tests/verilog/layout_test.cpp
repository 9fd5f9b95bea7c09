/// Expressions that do not fit one line.
#include "gen/verilog/layout.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "tests/verilog/print_fixture.hpp"

namespace msq::verilog {
namespace {

struct PrintLong : Print {
  Expr a_long = m.wire("a_rather_long_name", u(8));
  Expr b_long = m.wire("another_rather_long_name", u(8));
  Expr c_long = m.wire("one_more_rather_long_name", u(8));

  /// Lines of `assign out_o = e;`
  std::string assigned(const Expr& e) {
    const Expr target = m.wire("t", e.type());
    m.assign(target, e);
    const std::string text = body(m);
    return text.substr(text.find("  assign t"));
  }
};

TEST_F(PrintLong, Chains) {
  EXPECT_EQ(assigned((a_long & b_long) | (b_long & c_long) | (a_long & c_long)), R"(  assign t =
        (a_rather_long_name & another_rather_long_name)
      | (another_rather_long_name & one_more_rather_long_name)
      | (a_rather_long_name & one_more_rather_long_name);
)");
}

TEST_F(PrintLong, SumsKeepTheirSigns) {
  EXPECT_EQ(assigned(a_long - b_long + c_long - (a_long + b_long)), R"(  assign t =
        a_rather_long_name
      - another_rather_long_name
      + one_more_rather_long_name
      - (a_rather_long_name + another_rather_long_name);
)");
}

TEST_F(PrintLong, MuxChains) {
  const Expr e = mux(eq(a_long, lit(u(8), 1)), b_long, mux(eq(a_long, lit(u(8), 2)), c_long, mux(en, a, ~a)));
  EXPECT_EQ(assigned(e), R"(  assign t =
        (a_rather_long_name == 8'd1) ? another_rather_long_name
      : (a_rather_long_name == 8'd2) ? one_more_rather_long_name
      : en_i ? a_i
      : ~a_i;
)");
}

TEST_F(PrintLong, MuxWithLongParts) {
  const Expr condition = reduce_or((a_long & b_long) ^ c_long);
  EXPECT_EQ(assigned(mux(condition, (a_long + b_long) & c_long, a)), R"(  assign t =
        (|((a_rather_long_name & another_rather_long_name) ^ one_more_rather_long_name))
          ? (a_rather_long_name + another_rather_long_name) & one_more_rather_long_name
      : a_i;
)");
}

TEST_F(PrintLong, Concatenations) {
  const Expr sum = a_long + b_long + c_long + a_long + b_long;
  EXPECT_EQ(assigned(concat({a_long, b_long, c_long, a, sum, a_long, b_long})), R"(  assign t =
      {a_rather_long_name, another_rather_long_name, one_more_rather_long_name, a_i,
         a_rather_long_name
       + another_rather_long_name
       + one_more_rather_long_name
       + a_rather_long_name
       + another_rather_long_name,
       a_rather_long_name, another_rather_long_name};
)");
}

TEST_F(PrintLong, UnaryCastsAndShifts) {
  const Expr sum = a_long + b_long + c_long + a_long;
  EXPECT_EQ(assigned(shl(as_unsigned(shr(as_signed(~sum), 2)), 1)), R"(  assign t =
      $unsigned($signed(~(  a_rather_long_name
                          + another_rather_long_name
                          + one_more_rather_long_name
                          + a_rather_long_name)) >>> 2) << 1;
)");
}

TEST_F(PrintLong, Replications) {
  EXPECT_EQ(assigned(replicate(2, a_long + b_long + c_long + a_long)), R"(  assign t =
      {2{  a_rather_long_name
         + another_rather_long_name
         + one_more_rather_long_name
         + a_rather_long_name}};
)");
}

TEST_F(PrintLong, BalancedTreesAreTables) {
  std::vector<Expr> bits;
  bits.reserve(8);
  for (int i = 0; i < 8; ++i) bits.push_back(bit(a, i));
  EXPECT_EQ(assigned(or_all(bits)), R"(  assign t =
        (a_i[0] | a_i[1] | a_i[2] | a_i[3])
      | (a_i[4] | a_i[5] | a_i[6] | a_i[7]);
)");
}

TEST_F(PrintLong, LoadsInFlipFlops) {
  const Expr q = m.reg("q_q", u(8));
  m.flip_flops(clk, {}, {{q, (a_long & b_long) | c_long, eq(a_long, b_long)}});
  const std::string text = body(m);
  EXPECT_EQ(text.substr(text.find("  always")), R"(  always @(posedge clk_i) begin
    if (a_rather_long_name == another_rather_long_name) begin
      q_q <= (a_rather_long_name & another_rather_long_name) | one_more_rather_long_name;
    end
  end
)");
}

TEST_F(PrintLong, NoLineIsTooLongAndNoneEndsInABlank) {
  std::vector<Expr> terms;
  terms.reserve(40);
  for (int i = 0; i < 40; ++i) {
    terms.push_back(
        mux(eq(a_long, lit(u(8), i)), (a_long & b_long) ^ (c_long + a), shl_var(b_long, slice(a, 0, 3))));
  }
  m.assign(out, or_all(terms));
  const std::string text = print(m, {{"Header."}});
  EXPECT_EQ(text, print(m, {{"Header."}}));
  std::istringstream lines(text);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    EXPECT_LE(line.size(), 100U) << line;
    EXPECT_FALSE(line.ends_with(' ')) << line;
  }
  EXPECT_GT(count, 40);
}

}  // namespace
}  // namespace msq::verilog
