/// Errors of a builder, thrown where they are made.
#include "gen/verilog/module.hpp"

#include <gtest/gtest.h>

#include "tests/verilog/errors.hpp"

namespace msq::verilog {
namespace {

struct ModuleErrors : ::testing::Test {
  Module m{"top", "Doc."};
  Expr clk = m.input("clk_i", u(1), "");
  Expr rst = m.input("rst_ni", u(1), "");
  Expr a = m.input("a_i", u(8), "");
  Expr x = m.input("x_i", s(8), "");
  Expr out = m.output("out_o", u(8), "");
  Expr w = m.wire("w", u(8));
  Expr r = m.reg("r_q", u(8));
  Interface leaf{"leaf", {}, {{"d_i", Direction::input, u(8), ""}, {"q_o", Direction::output, u(4), ""}}};

  std::string flops_error(const FlipFlop& flop) {
    return error_of([&] { m.flip_flops(clk, rst, {flop}); });
  }
  std::string instance_error(const std::vector<std::pair<std::string, Expr>>& connections) {
    return error_of([&] { m.instance(leaf, "u_leaf", connections); });
  }
};

TEST_F(ModuleErrors, Suffixes) {
  EXPECT_EQ(error_of([&] { m.input("b", u(1), ""); }), "top: b must end in _i or _ni");
  EXPECT_EQ(error_of([&] { m.input("b_o", u(1), ""); }), "top: b_o must end in _i or _ni");
  EXPECT_EQ(error_of([&] { m.output("b_i", u(1), ""); }), "top: b_i must end in _o");
  EXPECT_EQ(error_of([&] { m.reg("b", u(1)); }), "top: b must end in _q");
}

TEST_F(ModuleErrors, Assignments) {
  EXPECT_EQ(error_of([&] { m.assign(w, x); }), "top: assign: the value for w is s(8), it must be u(8)");
  EXPECT_EQ(error_of([&] { m.assign(slice(w, 0, 4), a); }),
            "top: assign: the value for w is u(8), it must be u(4)");
  EXPECT_EQ(error_of([&] { m.assign(r, a); }),
            "top: assign: the target r_q is not a wire, an output or a part of one");
  EXPECT_EQ(error_of([&] { m.assign(a, w); }),
            "top: assign: the target a_i is not a wire, an output or a part of one");
  EXPECT_EQ(error_of([&] { m.assign(w & a, w); }),
            "top: assign: the target is an expression, not a wire, an output or a part of one");
  EXPECT_EQ(error_of([&] { m.assign({}, w); }), "an empty expression (unconnected) is used as a value");
  EXPECT_EQ(error_of([&] { m.assign(w, {}); }), "an empty expression (unconnected) is used as a value");
}

TEST_F(ModuleErrors, FlipFlops) {
  EXPECT_EQ(flops_error({w, a}), "top: flip_flops: the target w is not a reg or a part of one");
  EXPECT_EQ(flops_error({out, a}), "top: flip_flops: the target out_o is not a reg or a part of one");
  EXPECT_EQ(flops_error({r, x}), "top: flip_flops: r_q: next is s(8), it must be u(8)");
  EXPECT_EQ(flops_error({r, a, a}), "top: flip_flops: r_q: enable is u(8), it must be u(1)");
  EXPECT_EQ(flops_error({r, a, {}, zeros(4)}), "top: flip_flops: r_q: reset value is u(4), it must be u(8)");
  EXPECT_EQ(flops_error({r, a, {}, a}), "top: flip_flops: r_q: the reset value is not a constant");
  EXPECT_EQ(error_of([&] {
              m.flip_flops(a, rst, {{r, a}});
            }),
            "top: flip_flops: the clock is u(8), it must be u(1)");
  EXPECT_EQ(error_of([&] {
              m.flip_flops(clk & rst, rst, {{r, a}});
            }),
            "top: flip_flops: the clock is an expression, not a net");
  EXPECT_EQ(error_of([&] {
              m.flip_flops(clk, a, {{r, a}});
            }),
            "top: flip_flops: the reset is u(8), it must be u(1)");
  EXPECT_EQ(error_of([&] {
              m.flip_flops(clk, ~rst, {{r, a}});
            }),
            "top: flip_flops: the reset is an expression, not a net");
  EXPECT_EQ(error_of([&] {
              m.flip_flops(clk, {}, {{r, a, {}, zeros(8)}});
            }),
            "top: flip_flops: r_q has a reset value, but the block has no reset");
  EXPECT_EQ(error_of([&] { m.flip_flops(clk, rst, {}); }), "top: flip_flops: no flip-flop");
}

TEST_F(ModuleErrors, Instances) {
  const Expr half = slice(w, 0, 4);
  EXPECT_EQ(instance_error({{"d_i", a}}), "top: instance u_leaf of leaf: port q_o is not connected");
  EXPECT_EQ(instance_error({{"d_i", a}, {"q_o", half}, {"z_i", a}}),
            "top: instance u_leaf of leaf: leaf has no port z_i");
  EXPECT_EQ(instance_error({{"d_i", a}, {"d_i", a}, {"q_o", half}}),
            "top: instance u_leaf of leaf: port d_i is connected twice");
  EXPECT_EQ(instance_error({{"d_i", {}}, {"q_o", half}}),
            "top: instance u_leaf of leaf: port d_i cannot be left open");
  EXPECT_EQ(instance_error({{"d_i", a}, {"q_o", {}}}),
            "top: instance u_leaf of leaf: port q_o cannot be left open");
  EXPECT_EQ(instance_error({{"d_i", half}, {"q_o", half}}),
            "top: instance u_leaf of leaf: port d_i is 8 bits wide, its connection 4");
  EXPECT_EQ(instance_error({{"d_i", a}, {"q_o", w}}),
            "top: instance u_leaf of leaf: port q_o is 4 bits wide, its connection 8");
  EXPECT_EQ(
      instance_error({{"d_i", a}, {"q_o", slice(r, 0, 4)}}),
      "top: instance u_leaf of leaf: port q_o: the target r_q is not a wire, an output or a part of one");
  EXPECT_EQ(instance_error({{"d_i", a}, {"q_o", zeros(4)}}),
            "top: instance u_leaf of leaf: port q_o: the target is an expression, not a wire, an output or a "
            "part of "
            "one");
}

TEST_F(ModuleErrors, Loops) {
  EXPECT_EQ(error_of([&] { m.generate_for("gen_a", "i", 0, [](Scope&, const Index&) {}); }),
            "top: generate_for gen_a: 0 iterations; at least one is needed");
  const auto inner = [&](Scope& scope, const Index&) { scope.reg("bad", u(1)); };
  EXPECT_EQ(error_of([&] { m.generate_for("gen_a", "i", 2, inner); }), "top.gen_a: bad must end in _q");
}

TEST_F(ModuleErrors, CommentsAreNoBackDoor) {
  const std::string suffix = " starts with a word that tools obey";
  EXPECT_EQ(error_of([&] { m.comment("verilator lint_off WIDTH"); }),
            "comment \"verilator lint_off WIDTH\"" + suffix);
  EXPECT_EQ(error_of([&] { m.comment("fine\n  synopsys translate_off"); }),
            "comment \"  synopsys translate_off\"" + suffix);
  EXPECT_EQ(error_of([&] { m.section("synthesis off"); }), "comment \"synthesis off\"" + suffix);
  EXPECT_EQ(error_of([&] { m.wire("v", u(1), "verilator x"); }), "comment \"verilator x\"" + suffix);
  EXPECT_EQ(error_of([&] { m.unused("v", {a}, "pragma x"); }), "comment \"pragma x\"" + suffix);
  EXPECT_EQ(error_of([] { Module("m", "verilator x"); }), "comment \"verilator x\"" + suffix);
  EXPECT_EQ(error_of([&] { m.localparam("V", 1, "pragma x"); }), "comment \"pragma x\"" + suffix);
  EXPECT_EQ(error_of([&] { m.unused("v", {}, "why"); }), "top: unused v: no bits");
}

TEST_F(ModuleErrors, ConstantsAndTypedWires) {
  EXPECT_EQ(error_of([&] { m.constant("C", a, ""); }), "top: constant C: the value is not a constant");
  EXPECT_EQ(error_of([&] { m.wire("v", u(7), a); }), "top: wire: the value for v is u(8), it must be u(7)");
  EXPECT_EQ(error_of([&] { m.assign(m.constant("C", zeros(8), ""), a); }),
            "top: assign: the target C is not a wire, an output or a part of one");
}

TEST_F(ModuleErrors, InterfaceOfAModule) {
  Module moved = std::move(m);
  const Interface interface = moved.interface();
  EXPECT_EQ(interface.module, "top");
  EXPECT_TRUE(interface.parameters.empty());
  ASSERT_EQ(interface.ports.size(), 5U);
  EXPECT_EQ(interface.ports[3].name, "x_i");
  EXPECT_EQ(interface.ports[3].direction, Direction::input);
  EXPECT_EQ(interface.ports[3].type, s(8));
  EXPECT_EQ(interface.ports[4].direction, Direction::output);
  EXPECT_EQ(moved.name(), "top");
  EXPECT_EQ(interface.port("x_i").type, s(8));
  EXPECT_EQ(error_of([&] { (void)interface.port("y_i"); }), "top has no port y_i");
}

TEST(Module, ListsItsInstancesInOrderWithTheirBlocks) {
  const auto child = [](const std::string& name) {
    Module inner(name, "");
    inner.input("x_i", u(1), "");
    inner.block("block of " + name);
    return inner.interface();
  };
  Module m("top", "");
  const Expr x = m.input("x_i", u(1), "");
  m.instance(child("first"), "u_first", {{"x_i", x}});
  m.generate_for("gen_a", "i", 2, [&](Scope& s, const Index&) {
    s.instance(child("second"), "u_second", {{"x_i", x}});
  });
  m.instance(child("first"), "u_third", {{"x_i", x}});
  std::vector<std::string> found;
  for (const Interface* instance : m.instances()) found.push_back(instance->module + ": " + instance->block);
  const std::vector<std::string> expected = {"first: block of first", "second: block of second",
                                             "first: block of first"};
  EXPECT_EQ(found, expected);
}

}  // namespace
}  // namespace msq::verilog
