// SPDX-License-Identifier: Apache-2.0
// Weights and multiplier of one processing element of the paths `inline` and `none`: two Booth digits.
//
// Two weight registers: the shadow is written while the other one computes, and commit_i copies it on the
// very clock edge that brings the first activation of the new tile, so a tile switch costs no cycle.
//
// A code word holds two's complement numbers; both modes have the same two digits of -2..2:
//
//   mode 4: one weight w           w x0           = d1 (4 x0) + d0 x0
//   mode 2: two weights w1, w0     w1 x1 + w0 x0  = d1 x1     + d0 x0     of one column, at two places of K
//
// so the product is one number in either mode. The row selects the operand of digit 1: 4 x0 or x1.
//
// A product leaves in the form {p, s} with value p + s: s is the negation of digit 1, which becomes a carry
// of the adder that follows.
//
// MSQ_DSP, for FPGAs with multipliers: `*` in place of the digits, a block for each word. Weights of encoding
// paper are -7..7, or -1..1 in mode 2, so that one product of 18 x 13 bits holds both of mode 2 between two
// others:
//
//   (x1 2^K + x0) (w0 2^K + w1) = w0 x1 2^2K + (w1 x1 + w0 x0) 2^K + w1 x0,   K = ACT_BITS + 1
//
// The borrow of the lowest field is s; mode 4 has w in the place of w0 and no x1. Codes of full_range reach
// -2 and fill one bit more than K, so they take a product for each digit in mode 2.
// Area block: PEs
`default_nettype none
module msq_multiplier #(
    parameter ACT_BITS = 8,  // activation width
    parameter MODE2 = 1,     // mode 2 is supported
    parameter MODE4 = 1,     // mode 4 is supported
    parameter REGISTER = 1,  // 0: product in the cycle of x0_i, 1: registered
    parameter FULL_RANGE = 0,  // encoding; only MSQ_DSP makes a difference of it
    // Derived, do not set: width of x1_i, and of p.
    parameter X1_BITS = (MODE2 == 0) ? 1 : ACT_BITS + ((MODE4 != 0) ? 2 : 0),
    parameter P_BITS = ACT_BITS + ((MODE4 != 0) ? 3 : 2)
) (
    input  wire                clk_i,
    input  wire                load_i,    // writes the shadow weight
    input  wire [3:0]          weight_i,  // code word for the shadow weight
    input  wire                commit_i,  // copies the shadow weight to the active one
    input  wire                mode4_i,   // mode of the activations
    input  wire [ACT_BITS-1:0] x0_i,      // activation of digit 0
    input  wire [X1_BITS-1:0]  x1_i,      // 4 x0_i in mode 4, activation of digit 1 in mode 2
    output wire [P_BITS:0]     product_o  // {p, s}, REGISTER cycles after x0_i
);
  reg [3:0] shadow_q;
  reg [3:0] active_q;
  always @(posedge clk_i) begin
    if (load_i) shadow_q <= weight_i;
    if (commit_i) active_q <= shadow_q;
  end

`ifdef MSQ_DSP
  localparam K = ACT_BITS + 1;
  wire mode4 = (MODE2 == 0) || (MODE4 != 0 && mode4_i);
  wire [P_BITS:0] product;
  generate
    if (MODE2 == 0 || FULL_RANGE != 0) begin : gen_plain
      // In mode 2 the lower digit alone; s as without blocks, for then p has no bit to spare.
      wire [3:0] w0 = mode4 ? active_q : {{2{active_q[1]}}, active_q[1:0]};
      wire [P_BITS:0] low = $signed(w0) * $signed(x0_i);
      wire [P_BITS:0] high;
      if (MODE2 == 0) begin : gen_no_digit1
        assign high = {(P_BITS + 1) {1'b0}};
        wire unused_x1 = &{1'b0, x1_i};
      end else begin : gen_digit1
        wire [1:0] w1 = active_q[3:2] & {2{!mode4}};
        assign high = $signed(w1) * $signed(x1_i[ACT_BITS-1:0]);
        wire unused_x1 = &{1'b0, x1_i};
      end
      if (FULL_RANGE != 0) begin : gen_s
        wire [P_BITS:0] total = low + high - {{P_BITS{1'b0}}, active_q[3]};
        assign product = {total[P_BITS-1:0], active_q[3]};
        wire unused_top = &{1'b0, total[P_BITS]};
      end else begin : gen_no_s
        assign product = {low[P_BITS-1:0], 1'b0};
        wire unused_top = &{1'b0, low[P_BITS], high};
      end
    end else begin : gen_fields
      wire [ACT_BITS-1:0] x1 = x1_i[ACT_BITS-1:0] & {ACT_BITS{!mode4}};
      wire [K-1:0] above = {x1[ACT_BITS-1], x1} - {{ACT_BITS{1'b0}}, x0_i[ACT_BITS-1]};
      wire [2*K-1:0] x = {above, x0_i[ACT_BITS-1], x0_i};
      // w0 2^K + w1: the sign of w1 fills its field and borrows from w0. 1 or 0 is in bit 0 of either word.
      wire [1:0] w1 = active_q[3:2] & {2{!mode4}};
      wire upper = active_q[1] ^ (!active_q[0] && w1[1]);
      wire [3:0] w0 = {mode4 ? active_q[3:2] : {2{upper}}, upper, active_q[0] ^ w1[1]};
      wire [K+3:0] w = {w0, {(K - 1) {w1[1]}}, w1[0]};
      wire [3*K+3:0] whole = $signed(x) * $signed(w);
      // Bit 0 of w0 x1 falls on the highest bit of the sum of mode 2.
      wire top = whole[2*K] ^ (active_q[0] && x1[0]);
      if (MODE4 != 0) begin : gen_wide
        assign product = {mode4 ? whole[2*K+1] : top, top, whole[2*K-1:K], whole[K-1]};
      end else begin : gen_narrow
        assign product = {top, whole[2*K-1:K], whole[K-1]};
      end
      wire unused_fields = &{1'b0, whole, x1_i};
    end
    if (MODE2 == 0 || MODE4 == 0) begin : gen_one_mode
      wire unused_mode = &{1'b0, mode4_i};
    end
  endgenerate
`else
  // Digit 1 is that of bits 3:2; in mode 4 bit 1 counts for it, too.
  wire below = active_q[1] & ((MODE2 == 0) || (MODE4 != 0 && mode4_i));
  wire one0 = active_q[0];
  wire two0 = active_q[1] & ~active_q[0];
  wire one1 = active_q[2] ^ below;
  wire two1 = active_q[3] ? ~(active_q[2] | below) : active_q[2] & below;

  wire [ACT_BITS:0] part0 = (({x0_i[ACT_BITS-1], x0_i} & {(ACT_BITS + 1) {one0}})
                             | ({x0_i, 1'b0} & {(ACT_BITS + 1) {two0}})) ^ {(ACT_BITS + 1) {active_q[1]}};
  wire [P_BITS-1:0] part1;
  generate
    if (MODE2 == 0) begin : gen_mode4
      wire [ACT_BITS:0] digit = (({x0_i[ACT_BITS-1], x0_i} & {(ACT_BITS + 1) {one1}})
                                 | ({x0_i, 1'b0} & {(ACT_BITS + 1) {two1}})) ^ {(ACT_BITS + 1) {active_q[3]}};
      assign part1 = {digit, {2{active_q[3]}}};
      wire unused_x1 = &{1'b0, x1_i};
    end else begin : gen_mode2
      wire [X1_BITS:0] digit = (({x1_i[X1_BITS-1], x1_i} & {(X1_BITS + 1) {one1}})
                                | ({x1_i, 1'b0} & {(X1_BITS + 1) {two1}})) ^ {(X1_BITS + 1) {active_q[3]}};
      if (MODE4 != 0) begin : gen_wide
        assign part1 = digit;
      end else begin : gen_narrow
        assign part1 = {digit[X1_BITS], digit};
      end
    end
    if (MODE2 == 0 || MODE4 == 0) begin : gen_one_mode
      wire unused_mode = &{1'b0, mode4_i};
    end
  endgenerate

  // part0 + s(part0) + part1, and s(part1) is left to the next adder.
  wire [P_BITS:0] total = {{(P_BITS - ACT_BITS - 1) {part0[ACT_BITS]}}, part0, 1'b1} + {part1, active_q[1]};
  wire [P_BITS:0] product = {total[P_BITS:1], active_q[3]};
  wire unused_carry = &{1'b0, total[0]};  // only feeds the carry chain
  wire unused_encoding = &{1'b0, FULL_RANGE != 0};
`endif

  generate
    if (REGISTER != 0) begin : gen_register
      reg [P_BITS:0] product_q;
      always @(posedge clk_i) product_q <= product;
      assign product_o = product_q;
    end else begin : gen_no_register
      assign product_o = product;
    end
  endgenerate

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_modes, MODE2 != 0 || MODE4 != 0)
  `MSQ_PARAMETER(msq_illegal_act_bits, ACT_BITS >= 1)
`endif
endmodule
`default_nettype wire
