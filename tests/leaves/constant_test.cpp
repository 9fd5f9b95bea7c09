#include "gen/leaves/constant.hpp"

#include <gtest/gtest.h>

#include "tests/verilog/errors.hpp"

namespace msq::leaves {
namespace {

using verilog::error_of;

std::int64_t value(const std::string& text, const Values& values = {}) {
  return evaluate(tokenize(text, "a.v").tokens, values, "a.v");
}

std::string error(const std::string& text, const Values& values = {}) {
  return error_of([&] { (void)value(text, values); });
}

TEST(Constant, NumbersOfEveryBase) {
  EXPECT_EQ(value("12"), 12);
  EXPECT_EQ(value("1_000"), 1000);
  EXPECT_EQ(value("8'hfF"), 255);
  EXPECT_EQ(value("4'b10_01"), 9);
  EXPECT_EQ(value("8'o17"), 15);
  EXPECT_EQ(value("6'sd20"), 20);
}

TEST(Constant, ArithmeticHasTheLanguagesPrecedence) {
  EXPECT_EQ(value("2 + 3 * 4"), 14);
  EXPECT_EQ(value("(2 + 3) * 4"), 20);
  EXPECT_EQ(value("20 - 6 - 4"), 10);
  EXPECT_EQ(value("17 / 5 + 17 % 5"), 5);
  EXPECT_EQ(value("-2 + +5"), 3);
  EXPECT_EQ(value("1 << 2 + 1"), 8);
  EXPECT_EQ(value("32 >> 2 >>> 1"), 4);
  EXPECT_EQ(value("1 + 2 < 4"), 1);
  EXPECT_EQ(value("6 & 3 == 3"), 0);
  EXPECT_EQ(value("6 & 3 | 8 ^ 1"), 11);
  EXPECT_EQ(value("1 || 0 && 0"), 1);
  EXPECT_EQ(value("!0 + ~0"), 0);
}

TEST(Constant, ComparisonsGiveOneOrZero) {
  EXPECT_EQ(value("3 >= 3"), 1);
  EXPECT_EQ(value("3 > 3"), 0);
  EXPECT_EQ(value("3 <= 2"), 0);
  EXPECT_EQ(value("3 != 2"), 1);
  EXPECT_EQ(value("3 == 2"), 0);
}

TEST(Constant, Log2OfTheNextPowerOfTwo) {
  EXPECT_EQ(value("$clog2(1)"), 0);
  EXPECT_EQ(value("$clog2(2)"), 1);
  EXPECT_EQ(value("$clog2(5)"), 3);
  EXPECT_EQ(value("(2 * $clog2(ROWS) - 1) * ROWS / 2", {{"ROWS", 8}}), 20);
}

TEST(Constant, ConditionsNestToTheRight) {
  const std::string text = "(M4 == 0) ? 4 : (FULL != 0) ? 8 : 6";
  EXPECT_EQ(value(text, {{"M4", 0}, {"FULL", 1}}), 4);
  EXPECT_EQ(value(text, {{"M4", 1}, {"FULL", 1}}), 8);
  EXPECT_EQ(value(text, {{"M4", 1}, {"FULL", 0}}), 6);
}

TEST(Constant, TheBranchThatIsNotSelectedNeedsNoValue) {
  EXPECT_EQ(value("UNITS > 1 ? $clog2(UNITS - 1) : 1", {{"UNITS", 1}}), 1);
  EXPECT_EQ(value("0 ? 1 / 0 : 0 ? 1 << 99 : 3"), 3);
}

TEST(Constant, ErrorsNameFileLineAndWord) {
  EXPECT_EQ(error("\n WIDTH + 1"), "a.v:2: 'WIDTH': no parameter of this name is declared before");
  EXPECT_EQ(error("$bits(x)"), "a.v:1: '$bits': no parameter of this name is declared before");
  EXPECT_EQ(error("1 +"), "a.v:1: 'end': expected a value in a constant expression");
  EXPECT_EQ(error("(1"), "a.v:1: 'end': expected ')' in a constant expression");
  EXPECT_EQ(error("1 ? 2"), "a.v:1: 'end': expected ':' in a constant expression");
  EXPECT_EQ(error("1 2"), "a.v:1: '2': not understood in a constant expression");
  EXPECT_EQ(error("{1, 2}"), "a.v:1: '{': not understood in a constant expression");
  EXPECT_EQ(error("`WIDTH"), "a.v:1: '`WIDTH': not understood in a constant expression");
  EXPECT_EQ(error("4'b10x1"), "a.v:1: '4'b10x1': is no number of at most 63 bits");
  EXPECT_EQ(error("99999999999999999999"), "a.v:1: '99999999999999999999': is no number of at most 63 bits");
  EXPECT_EQ(error("4'z1"), "a.v:1: '4'z1': is no number: base b, o, d or h");
  EXPECT_EQ(error("8 % 0"), "a.v:1: 'end': division by zero");
  EXPECT_EQ(error("1 << 63"), "a.v:1: 'end': shift by 63; allowed: 0..62");
  EXPECT_EQ(error("$clog2(0)"), "a.v:1: 'end': $clog2 of 0");
  EXPECT_EQ(error(""), "a.v:0: an expression is empty");
}

}  // namespace
}  // namespace msq::leaves
