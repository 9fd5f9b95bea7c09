#include "gen/leaves/header.hpp"

#include <gtest/gtest.h>

#include "tests/verilog/errors.hpp"

namespace msq::leaves {
namespace {

using verilog::error_of;

constexpr const char* kExample = R"(// SPDX-License-Identifier: Apache-2.0
// Adds one
// to a word.
// Area block: control
// Kept by Verilator: sum_o
`default_nettype none
`include "msq_defs.vh"
module adder #(
    parameter WIDTH = 8,  // bits of a word
    parameter integer EXTRA = (WIDTH > 4) ? 1 : 0, SECOND = 3,
    // Derived, do not set.
    localparam OUT = WIDTH + EXTRA
) (
    input  wire                    clk_i,
    // A word.
    input  wire signed [WIDTH-1:0] a_i,  // two's complement
    output reg         [OUT-1:0]   sum_o /*verilator public_flat_rd*/  // one cycle later
);
  localparam ZERO = 0;
  msq_switch #(.WIDTH(1)) u_switch (.a_i(a_i[0]));
  initial $display("msq_merge");  // msq_job
endmodule
`default_nettype wire
)";

std::string error(const std::string& text) {
  return error_of([&] { (void)parse_header(text, "a.v"); });
}

TEST(Header, ModuleWithDocAndAreaBlock) {
  const Header header = parse_header(kExample, "adder.v");
  EXPECT_EQ(header.module, "adder");
  EXPECT_EQ(header.doc, "Adds one\nto a word.");
  EXPECT_EQ(header.area_block, "control");
  EXPECT_EQ(header.kept_nets, std::vector<std::string>{"sum_o"});
}

TEST(Header, ParametersWithDefaultsAndLocalparams) {
  const Header header = parse_header(kExample, "adder.v");
  ASSERT_EQ(header.parameters.size(), 4U);
  EXPECT_EQ(header.parameters[0].name, "WIDTH");
  EXPECT_EQ(header.parameters[0].doc, "bits of a word");
  EXPECT_EQ(header.parameters[0].line, 9);
  ASSERT_EQ(header.parameters[0].value.size(), 1U);
  EXPECT_EQ(header.parameters[0].value[0].text, "8");
  EXPECT_EQ(header.parameters[1].value.size(), 9U);
  EXPECT_EQ(header.parameters[2].name, "SECOND");
  EXPECT_FALSE(header.parameters[2].local);
  EXPECT_EQ(header.parameters[3].name, "OUT");
  EXPECT_TRUE(header.parameters[3].local);
}

TEST(Header, PortsWithDirectionSignRangeAndDoc) {
  const Header header = parse_header(kExample, "adder.v");
  ASSERT_EQ(header.ports.size(), 3U);
  EXPECT_EQ(header.ports[0].name, "clk_i");
  EXPECT_TRUE(header.ports[0].msb.empty());
  EXPECT_EQ(header.ports[0].doc, "");
  EXPECT_TRUE(header.ports[1].input);
  EXPECT_TRUE(header.ports[1].is_signed);
  EXPECT_EQ(header.ports[1].msb.size(), 3U);
  EXPECT_EQ(header.ports[1].doc, "two's complement");
  EXPECT_FALSE(header.ports[2].input);
  EXPECT_FALSE(header.ports[2].is_signed);
  EXPECT_EQ(header.ports[2].doc, "one cycle later");
  EXPECT_EQ(header.ports[2].line, 17);
}

TEST(Header, IdentifiersOfTheBodyWithoutCommentsAndStrings) {
  const Header header = parse_header(kExample, "adder.v");
  const std::vector<std::string> expected = {"$display", "WIDTH",      "ZERO",       "a_i",
                                             "initial",  "localparam", "msq_switch", "u_switch"};
  EXPECT_EQ(header.body_identifiers, expected);
}

TEST(Header, AModuleNeedsNoParameters) {
  const Header header = parse_header("module m (input wire a_i, output b_o);\nendmodule", "m.v");
  EXPECT_TRUE(header.parameters.empty());
  EXPECT_EQ(header.ports.size(), 2U);
}

TEST(Header, ErrorsNameFileAndLine) {
  EXPECT_EQ(error(""), "a.v:1: expected 'module', found nothing");
  EXPECT_EQ(error("wire x;"), "a.v:1: expected 'module', found 'end of file'");
  EXPECT_EQ(error("module m (\n  inout wire a_i);"), "a.v:2: expected 'input' or 'output', found 'inout'");
  EXPECT_EQ(error("module m (input wire [3] a_i);"), "a.v:1: expected ':', found 'end of file'");
  EXPECT_EQ(error("module m (input wire [:0] a_i);"), "a.v:1: expected an expression, found ':'");
  EXPECT_EQ(error("module m (input wire a_i,\n`ifdef X\n input b_i);"),
            "a.v:2: expected 'input' or 'output', found '`ifdef'");
  EXPECT_EQ(error("module m #(parameter = 3) (input wire a_i);"),
            "a.v:1: expected a parameter name, found '='");
  EXPECT_EQ(error("module m (input wire a_i)\nendmodule"), "a.v:2: expected ';', found 'endmodule'");
  EXPECT_EQ(error("module m (input wire a_i);\n"), "a.v:1: expected 'endmodule', found 'end of file'");
  EXPECT_EQ(error("module m (input wire a_i);\nendmodule\nmodule n;"),
            "a.v:3: expected one module, found 'module'");
}

TEST(Tokens, ErrorsNameFileAndLine) {
  EXPECT_EQ(error("\n/* never closed"), "a.v:2: comment without end");
  EXPECT_EQ(error("\n\n\"open\n\""), "a.v:3: string without end");
  EXPECT_EQ(error("module \\m ;"), "a.v:1: character '\\' is not part of Verilog");
}

}  // namespace
}  // namespace msq::leaves
