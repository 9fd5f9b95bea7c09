#include "gen/verilog/check.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "gen/verilog/module.hpp"
#include "tests/verilog/errors.hpp"

namespace msq::verilog {
namespace {

using Texts = std::vector<std::string>;

Texts problems(const Module& m) {
  Texts texts;
  for (const Diagnostic& diagnostic : check(m)) texts.push_back(diagnostic.text());
  return texts;
}

struct Check : ::testing::Test {
  Module m{"m", ""};
};

TEST_F(Check, ASoundModuleHasNoProblems) {
  const Expr clk = m.input("clk_i", u(1), "");
  const Expr rst = m.input("rst_ni", u(1), "");
  const Expr a = m.input("a_i", u(8), "");
  const Expr q = m.reg("sum_q", u(8));
  m.flip_flops(clk, rst, {{q, q + a, {}, zeros(8)}});
  m.assign(m.output("sum_o", u(8), ""), q);
  EXPECT_EQ(problems(m), Texts{});
  EXPECT_NO_THROW(require_clean(m));
}

TEST_F(Check, UndrivenBitsThatAreRead) {
  const Expr w = m.wire("w", u(8));
  m.assign(slice(w, 2, 3), zeros(3));
  const Expr q = m.reg("r_q", u(1));
  m.assign(m.output("y_o", u(9), ""), concat({w, q}));
  const std::vector<Diagnostic> found = check(m);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].module, "m");
  EXPECT_EQ(found[0].net, "w");
  EXPECT_EQ(found[0].lsb, 0);
  EXPECT_EQ(found[0].width, 2);
  EXPECT_EQ(found[0].reason, "not driven");
  EXPECT_EQ(problems(m), (Texts{"m: w[1:0]: not driven", "m: w[7:5]: not driven", "m: r_q[0]: not driven"}));
}

TEST_F(Check, UndrivenOutputs) {
  const Expr y = m.output("y_o", u(4), "");
  m.assign(slice(y, 0, 2), zeros(2));
  EXPECT_EQ(problems(m), Texts{"m: y_o[3:2]: not driven"});
}

TEST_F(Check, SeveralDrivers) {
  const Interface leaf{"leaf", {}, {{"q_o", Direction::output, u(2), ""}}};
  const Expr y = m.output("y_o", u(4), "");
  m.assign(y, zeros(4));
  m.instance(leaf, "u_leaf", {{"q_o", slice(y, 1, 2)}});
  EXPECT_EQ(problems(m),
            Texts{"m: y_o[2:1]: driven more than once: assign in m, instance u_leaf port q_o in m"});
}

TEST_F(Check, SeveralDriversOfARegister) {
  const Expr clk = m.input("clk_i", u(1), "");
  const Expr q = m.reg("r_q", u(4));
  m.flip_flops(clk, {}, {{q, q}});
  m.flip_flops(clk, {}, {{bit(q, 3), bit(q, 0)}});
  EXPECT_EQ(problems(m), Texts{"m: r_q[3]: driven more than once: flip-flop in m"});
}

TEST_F(Check, AWireWithAValueIsDriven) {
  const Expr w = m.wire("w", zeros(2));
  m.assign(w, zeros(2));
  m.assign(m.output("y_o", u(2), ""), w);
  EXPECT_EQ(problems(m), Texts{"m: w[1:0]: driven more than once: assign in m"});
}

TEST_F(Check, DriversInLoopsAreUnrolled) {
  const Expr y = m.output("y_o", u(8), "");
  m.generate_for("gen_a", "i", 2, [&](Scope& scope, const Index& i) {
    scope.generate_for("gen_b", "j", 2, [&](Scope& inner, const Index& j) {
      inner.assign(slice(y, i * 4 + j, 2), zeros(2));  // 2*j was meant
    });
  });
  EXPECT_EQ(problems(m), (Texts{"m: y_o[1]: driven more than once: assign in m.gen_a.gen_b",
                                "m: y_o[5]: driven more than once: assign in m.gen_a.gen_b",
                                "m: y_o[3]: not driven", "m: y_o[7]: not driven"}));
}

TEST_F(Check, AssigningAnOuterNetInALoopDrivesItInEveryIteration) {
  const Expr y = m.output("y_o", u(1), "");
  m.generate_for("gen_a", "i", 2, [&](Scope& scope, const Index&) { scope.assign(y, zeros(1)); });
  EXPECT_EQ(problems(m), Texts{"m: y_o[0]: driven more than once: assign in m.gen_a"});
}

TEST_F(Check, BitsThatNothingReads) {
  const Expr a = m.input("a_i", u(8), "");
  const Expr clk = m.input("clk_i", u(1), "");
  m.wire("w", slice(a, 2, 4));
  m.flip_flops(clk, {}, {{m.reg("r_q", u(1)), bit(a, 0)}});
  EXPECT_EQ(problems(m), (Texts{"m: a_i[1]: never read", "m: a_i[7:6]: never read", "m: w[3:0]: never read",
                                "m: r_q[0]: never read"}));
}

TEST_F(Check, WhatReads) {
  const Interface leaf{"leaf", {}, {{"d_i", Direction::input, u(1), ""}}};
  const Expr clk = m.input("clk_i", u(1), "");
  const Expr rst = m.input("rst_ni", u(1), "");
  const Expr en = m.input("en_i", u(1), "");
  const Expr d = m.input("d_i", u(1), "");
  const Expr a = m.input("a_i", u(2), "");
  const Expr q = m.reg("r_q", u(1));
  m.flip_flops(clk, rst, {{q, d, en, zeros(1)}});
  m.instance(leaf, "u_leaf", {{"d_i", bit(a, 0)}});
  m.unused("bits", {q, bit(a, 1)}, "Why.");
  EXPECT_EQ(problems(m), Texts{});
}

TEST_F(Check, AResetThatNoFlipFlopNeedsIsNotRead) {
  const Expr clk = m.input("clk_i", u(1), "");
  const Expr rst = m.input("rst_ni", u(1), "");
  const Expr q = m.reg("r_q", u(1));
  m.flip_flops(clk, rst, {{q, ~q}});
  EXPECT_EQ(problems(m), Texts{"m: rst_ni[0]: never read"});
}

TEST_F(Check, NetsOfLoopsAreReportedWithTheirBlockOnce) {
  const Expr y = m.output("y_o", u(6), "");
  m.generate_for("gen_row", "i", 2, [&](Scope& row, const Index& i) {
    row.generate_for("gen_col", "j", 3, [&](Scope& col, const Index& j) {
      const Expr w = col.wire("w", u(2));
      col.assign(bit(y, i * 3 + j), bit(w, 1));
    });
  });
  EXPECT_EQ(problems(m), (Texts{"m: gen_row[0].gen_col[0].w[1]: not driven (and 5 more alike)",
                                "m: gen_row[0].gen_col[0].w[0]: never read (and 5 more alike)"}));
}

TEST_F(Check, OneIterationMayDiffer) {
  const Expr y = m.output("y_o", u(2), "");
  m.generate_for("gen_a", "i", 2, [&](Scope& scope, const Index& i) {
    const Expr w = scope.wire("w", u(2));
    scope.assign(bit(w, i), zeros(1));
    scope.assign(bit(y, i), bit(w, i));
  });
  EXPECT_EQ(problems(m), (Texts{"m: gen_a[0].w[1]: never read", "m: gen_a[1].w[0]: never read"}));
}

TEST_F(Check, OneIterationOfNestedLoopsMayDiffer) {
  const Expr y = m.output("y_o", u(6), "");
  m.generate_for("gen_row", "i", 2, [&](Scope& row, const Index& i) {
    row.generate_for("gen_col", "j", 3, [&](Scope& col, const Index& j) {
      const Expr w = col.wire("w", u(6));
      for (int k = 0; k < 5; ++k) col.assign(bit(w, k), zeros(1));
      col.unused("rest", {slice(w, 0, 5)}, "Only bit 3*i + j matters.");
      col.assign(bit(y, i * 3 + j), bit(w, i * 3 + j));
    });
  });
  EXPECT_EQ(problems(m), (Texts{"m: gen_row[1].gen_col[2].w[5]: not driven",
                                "m: gen_row[0].gen_col[0].w[5]: never read (and 4 more alike)"}));
}

TEST_F(Check, SelectsOutOfRange) {
  const Expr a = m.input("a_i", u(8), "");
  const Expr y = m.output("y_o", u(6), "");
  m.generate_for("gen_a", "i", 3, [&](Scope& scope, const Index& i) {
    scope.assign(slice(y, i * 2, 2), slice(a, 7 - i * 4, 2));
  });
  const Texts found = problems(m);
  ASSERT_GE(found.size(), 1U);
  EXPECT_EQ(found[0], "m: a_i[8:7]: select out of range, the net is 8 bits wide (and 1 more alike)");
}

TEST_F(Check, SelectsOfScalarsAreCheckedToo) {
  const Expr a = m.input("a_i", u(1), "");
  const Expr y = m.output("y_o", u(2), "");
  m.generate_for("gen_a", "i", 2, [&](Scope& scope, const Index& i) { scope.assign(bit(y, i), bit(a, i)); });
  EXPECT_EQ(problems(m), Texts{"m: a_i[1]: select out of range, the net is 1 bits wide"});
}

TEST_F(Check, NetsOutsideTheirBlockOrModule) {
  Module other("other", "");
  const Expr foreign = other.wire("foreign", u(1));
  Expr inner;
  m.generate_for("gen_a", "i", 2, [&](Scope& scope, const Index&) { inner = scope.wire("w", zeros(1)); });
  m.assign(m.output("x_o", u(1), ""), inner);
  m.assign(m.output("y_o", u(1), ""), foreign);
  const Texts found = problems(m);
  ASSERT_GE(found.size(), 2U);
  EXPECT_EQ(found[0], "m: w: used in m, outside of the block or module that declares it");
  EXPECT_EQ(found[1], "m: foreign: used in m, outside of the block or module that declares it");
}

TEST_F(Check, NetsOfANeighbouringBlock) {
  Expr inner;
  m.generate_for("gen_a", "i", 2, [&](Scope& scope, const Index&) { inner = scope.wire("w", zeros(1)); });
  m.generate_for("gen_b", "i", 2, [&](Scope& scope, const Index&) { scope.unused("w", {inner}, "Why."); });
  EXPECT_EQ(problems(m), (Texts{"m: w: used in m.gen_b, outside of the block or module that declares it",
                                "m: gen_a[0].w[0]: never read (and 1 more alike)"}));
}

TEST_F(Check, GenvarsOfAnotherLoop) {
  const Expr a = m.input("a_i", u(2), "");
  Expr by_i;
  m.generate_for("gen_a", "i", 2, [&](Scope&, const Index& i) { by_i = bit(a, i); });
  m.generate_for("gen_b", "i", 2, [&](Scope& scope, const Index&) { scope.unused("a", {a, by_i}, "Why."); });
  EXPECT_EQ(problems(m), Texts{"m: a_i: select in m.gen_b by genvar i of another loop"});
}

TEST_F(Check, CombinationalLoops) {
  const Expr a = m.wire("a", u(4));
  const Expr b = m.wire("b", a + a);
  m.assign(a, b ^ zeros(4));
  EXPECT_EQ(problems(m), Texts{"m: a[0]: combinational loop: a[0] -> b[0] -> a[0] (and 3 more alike)"});
}

TEST_F(Check, ALoopOfOneNet) {
  const Expr a = m.wire("a", u(2));
  m.assign(a, ~a);
  EXPECT_EQ(problems(m), Texts{"m: a[0]: combinational loop: a[0] -> a[0] (and 1 more alike)"});
}

TEST_F(Check, LoopsAreFoundBitByBit) {
  const Expr a = m.input("a_i", u(1), "");
  const Expr w = m.wire("w", u(4));
  m.assign(bit(w, 0), a);
  m.assign(slice(w, 1, 3), slice(w, 0, 3));  // a chain, no loop
  m.assign(m.output("y_o", u(4), ""), w);
  EXPECT_EQ(problems(m), Texts{});
}

TEST_F(Check, LoopsThroughUnrolledBlocks) {
  const Expr y = m.output("y_o", u(4), "");
  m.generate_for("gen_a", "i", 3,
                 [&](Scope& scope, const Index& i) { scope.assign(bit(y, i + 1), bit(y, i)); });
  m.assign(bit(y, 0), bit(y, 2));
  EXPECT_EQ(problems(m), Texts{"m: y_o[0]: combinational loop: y_o[0] -> y_o[1] -> y_o[2] -> y_o[0]"});
}

TEST_F(Check, LoopsInsideEveryIterationAreOneProblem) {
  m.generate_for("gen_a", "i", 3, [&](Scope& scope, const Index&) {
    const Expr w = scope.wire("w", u(1));
    scope.assign(w, ~w);
  });
  EXPECT_EQ(problems(m),
            Texts{"m: gen_a[0].w[0]: combinational loop: gen_a[0].w[0] -> gen_a[0].w[0] (and 2 more alike)"});
}

TEST_F(Check, FlipFlopsAndInstancesEndAPath) {
  const Interface leaf{
      "leaf", {}, {{"d_i", Direction::input, u(1), ""}, {"q_o", Direction::output, u(1), ""}}};
  const Expr clk = m.input("clk_i", u(1), "");
  const Expr q = m.reg("r_q", u(1));
  m.flip_flops(clk, {}, {{q, ~q}});
  const Expr w = m.wire("w", u(1));
  m.instance(leaf, "u_leaf", {{"d_i", ~w}, {"q_o", w}});
  EXPECT_EQ(problems(m), Texts{});
}

/// Is there a loop if w[to] = e(w)[from]; all other bits of w are inputs.
bool has_loop(const std::function<Expr(const Expr&)>& e, int from, int to) {
  Module m("m", "");
  const Expr in = m.input("in_i", u(8), "");
  const Expr w = m.wire("w", u(8));
  const Expr v = m.wire("v", e(w));
  for (int i = 0; i < 8; ++i) m.assign(bit(w, i), i == to ? bit(v, from) : bit(in, i));
  for (const Diagnostic& diagnostic : check(m)) {
    if (diagnostic.reason.starts_with("combinational loop")) return true;
  }
  return false;
}

TEST(CheckDependencies, OfEveryOperator) {
  const auto same = [](const Expr& e) { return as_unsigned(~as_signed(e)); };
  const auto sum = [](const Expr& e) { return e - lit(u(8), 3); };
  const auto left = [](const Expr& e) { return shl(e, 2); };
  const auto right = [](const Expr& e) { return shr(e, 2); };
  const auto arithmetic = [](const Expr& e) { return as_unsigned(shr(as_signed(e), 2)); };
  const auto joined = [](const Expr& e) { return concat({slice(e, 0, 4), slice(e, 4, 4)}); };
  const auto repeated = [](const Expr& e) { return replicate(2, slice(e, 0, 4)); };
  const auto reduced = [](const Expr& e) { return reduce_xor(e); };
  const auto compared = [](const Expr& e) { return lt(e, lit(u(8), 3)); };
  const auto chosen = [](const Expr& e) { return mux(bit(e, 7), e, ~e); };
  const auto variable = [](const Expr& e) { return shl_var(e, slice(e, 6, 2)); };
  const auto any = [](const Expr& e) { return or_all({zeros(8), e, e}); };
  for (int from = 0; from < 8; ++from) {
    for (int to = 0; to < 8; ++to) {
      SCOPED_TRACE(::testing::Message() << "bit " << to << " of w is bit " << from << " of the value");
      EXPECT_EQ(has_loop(same, from, to), from == to);
      EXPECT_EQ(has_loop(any, from, to), from == to);
      EXPECT_EQ(has_loop(sum, from, to), to <= from);
      EXPECT_EQ(has_loop(left, from, to), to == from - 2);
      EXPECT_EQ(has_loop(right, from, to), to == from + 2);
      EXPECT_EQ(has_loop(arithmetic, from, to), to == std::min(from + 2, 7));
      EXPECT_EQ(has_loop(joined, from, to), to == (from + 4) % 8);
      EXPECT_EQ(has_loop(repeated, from, to), to == from % 4);
      EXPECT_EQ(has_loop(chosen, from, to), to == from || to == 7);
      EXPECT_EQ(has_loop(variable, from, to), to <= from || to >= 6);
      if (from == 0) {
        EXPECT_TRUE(has_loop(reduced, from, to));
        EXPECT_TRUE(has_loop(compared, from, to));
      }
    }
  }
}

TEST_F(Check, IdentifiersAndReservedWords) {
  Module odd("bad-name", "");
  odd.wire("7up", zeros(1));
  odd.wire("", zeros(1));
  odd.wire("a b", zeros(1));
  odd.wire("logic", zeros(1));
  const Interface leaf{"module", {{"WIDTH!", 1}}, {{"wire", Direction::output, u(1), ""}}};
  odd.instance(leaf, "always", {{"wire", odd.wire("driven", u(1))}});
  odd.generate_for("begin", "genvar", 2, [](Scope& scope, const Index&) { scope.wire("reg", zeros(1)); });
  Texts names;
  for (const Diagnostic& diagnostic : check(odd)) {
    if (diagnostic.reason.find("name") != std::string::npos) names.push_back(diagnostic.text());
  }
  EXPECT_EQ(
      names,
      (Texts{
          "bad-name: bad-name: module name is no identifier", "bad-name: 7up: net name is no identifier",
          "bad-name: : net name is no identifier", "bad-name: a b: net name is no identifier",
          "bad-name: logic: net name is a reserved word", "bad-name: module: module name is a reserved word",
          "bad-name: WIDTH!: parameter name is no identifier", "bad-name: wire: port name is a reserved word",
          "bad-name: always: instance name is a reserved word",
          "bad-name: begin: block name is a reserved word",
          "bad-name: genvar: genvar name is a reserved word", "bad-name: reg: net name is a reserved word"}));
}

TEST_F(Check, LocalparamsHaveNamesOfTheirOwnAndAModule) {
  Module other("other", "");
  const Constant foreign = other.localparam("FOREIGN", 2, "");
  const Constant size = m.localparam("Size", 2, "");
  m.localparam("reg", 3, "not used, so not printed");
  const Expr value = m.constant("begin", zeros(2), "");
  m.unused("nets", {m.wire("size", u(size), value), m.wire("w", u(foreign), zeros(2))}, "Why.");
  EXPECT_EQ(problems(m),
            (Texts{"m: begin: localparam name is a reserved word", "m: FOREIGN: localparam of another module",
                   "m: size: net name clashes with localparam Size"}));
}

TEST_F(Check, ClashesOfNames) {
  m.unused("inputs", {m.input("a_i", u(1), ""), m.input("A_i", u(1), "")}, "Why.");
  m.wire("Unused_inputs", u(1));
  m.instance({"leaf", {}, {}}, "u_leaf", {});
  m.instance({"leaf", {}, {}}, "u_leaf", {});
  m.generate_for("gen_a", "i", 2, [](Scope&, const Index&) {});
  m.generate_for("gen_a", "i", 2, [](Scope&, const Index&) {});
  m.generate_for("gen_b", "u_leaf", 2, [](Scope&, const Index&) {});
  m.generate_for("gen_c", "I", 2, [](Scope& scope, const Index&) {
    scope.unused("inputs", {lit(u(1), 0)}, "Why.");
    scope.generate_for("gen_d", "i", 2, [](Scope& inner, const Index&) { inner.wire("late", u(1)); });
  });
  m.wire("late", u(1));
  Texts names;
  for (const Diagnostic& diagnostic : check(m)) {
    if (diagnostic.reason.find("clashes") != std::string::npos) names.push_back(diagnostic.text());
  }
  EXPECT_EQ(names, (Texts{"m: A_i: port name clashes with port a_i",
                          "m: Unused_inputs: net name clashes with net unused_inputs",
                          "m: u_leaf: instance name clashes with instance u_leaf",
                          "m: gen_a: block name clashes with block gen_a",
                          "m: u_leaf: genvar name clashes with instance u_leaf",
                          "m: I: genvar name clashes with genvar i",
                          "m: unused_inputs: net name clashes with net unused_inputs of an enclosing block",
                          "m: i: genvar name clashes with genvar i of an enclosing block",
                          "m: late: net name clashes with net late of an enclosing block"}));
}

TEST_F(Check, SiblingBlocksMayUseTheSameNames) {
  for (const char* label : {"gen_a", "gen_b"}) {
    m.generate_for(label, "i", 2, [](Scope& scope, const Index&) {
      const Expr w = scope.wire("w", zeros(1));
      scope.generate_for("gen_in", "j", 2,
                         [&](Scope& inner, const Index&) { inner.unused("w", {w}, "Why."); });
    });
  }
  EXPECT_EQ(problems(m), Texts{});
}

TEST_F(Check, RequireCleanThrowsAllProblems) {
  m.output("y_o", u(1), "");
  m.input("a_i", u(2), "");
  EXPECT_EQ(error_of([&] { require_clean(m); }), "m: y_o[0]: not driven\nm: a_i[1:0]: never read");
}

/// rows x cols cells, a chain of sums down every column through one wide net, which looks like a loop until
/// its bits are followed.
Module array(int rows, int cols, int bits) {
  Module m("array", "");
  const int row_bits = cols * bits;
  const Expr a = m.input("a_i", u(rows * cols), "");
  const Expr sum = m.wire("sum", u((rows + 1) * row_bits));
  m.assign(slice(sum, 0, row_bits), zeros(row_bits));
  m.generate_for("gen_row", "i", rows, [&](Scope& row, const Index& i) {
    row.generate_for("gen_col", "j", cols, [&](Scope& col, const Index& j) {
      const Expr above = col.wire("above", slice(sum, i * row_bits + j * bits, bits));
      col.assign(slice(sum, (i + 1) * row_bits + j * bits, bits), above + zext(bit(a, i * cols + j), bits));
    });
  });
  m.assign(m.output("sum_o", u(row_bits), ""), slice(sum, rows * row_bits, row_bits));
  return m;
}

TEST(CheckSpeed, LargeArraysTakeMilliseconds) {
  const Module m = array(64, 64, 24);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(problems(m), Texts{});
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
#ifdef NDEBUG
  EXPECT_LT(time.count(), 0.5);
#endif
  RecordProperty("milliseconds", static_cast<int>(time.count() * 1000));
}

}  // namespace
}  // namespace msq::verilog
