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
// MSQ_DSP, for FPGAs with multipliers: `*` in place of the digits, a block for each word (msq_dsp_product),
// whose own registers take the operands of the next cycle from the ports next_*; so the product comes a cycle
// after x0_i, registered, whatever REGISTER says. Weights of encoding paper are -7..7, or -1..1 in mode 2, so
// that one product of 18 x 13 bits holds both of mode 2 between two others. X1 and X0 are x1 and x0 with a
// second sign bit, side by side; as x0 is not subtracted from the field above, that counts for one more if x0
// is negative:
//
//   {X1, X0} (w0 2^K + w1) = w0 (..) 2^2K + (w1 x1 + w0 x0 - s) 2^K + ..,   s = w1 < 0 and x0 != 0,
//   K = ACT_BITS + 1
//
// So s is known without the product, and with it K bits hold p. Mode 4 has w in the place of w0,
// and the sign of x0 in that of x1. Codes of full_range reach -2 and fill one bit more than K, so they take a
// product for each digit in mode 2. There s is the sign of the code, which {x, 1} w 2^4 subtracts by itself.
// Area block: PEs
`default_nettype none
module msq_multiplier #(
    parameter ACT_BITS = 8,  // activation width
    parameter MODE2 = 1,     // mode 2 is supported
    parameter MODE4 = 1,     // mode 4 is supported
    parameter REGISTER = 1,  // 0: product in the cycle of x0_i, 1: registered; always with MSQ_DSP
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
    input  wire                load_mode4_i,  // mode of weight_i; for MSQ_DSP, as those below
    input  wire                next_mode4_i,  // mode4_i of the next cycle
    input  wire [ACT_BITS-1:0] next_x0_i,     // x0_i of the next cycle
    input  wire [X1_BITS-1:0]  next_x1_i,     // x1_i of the next cycle
    output wire [P_BITS:0]     product_o  // {p, s}, REGISTER cycles after x0_i
);
`ifdef MSQ_DSP
  // Operands are formed when a weight is loaded, once for all rows, which share weight_i.
  localparam K = ACT_BITS + 1;
  wire load_mode4 = (MODE2 == 0) || (MODE4 != 0 && load_mode4_i);
  wire next_mode4 = (MODE2 == 0) || (MODE4 != 0 && next_mode4_i);
  wire mode4 = (MODE2 == 0) || (MODE4 != 0 && mode4_i);
  wire [1:0] code1 = weight_i[3:2] & {2{!load_mode4}};  // of mode 2
  wire [3:0] code0;
  reg [1:0] w1_q;
  reg [3:0] w0_q;
  always @(posedge clk_i) if (load_i) {w1_q, w0_q} <= {code1, code0};
  generate
    if (MODE2 == 0 || FULL_RANGE != 0) begin : gen_plain
      // In mode 2 the lower digit alone. The bit beside x subtracts 1 where the weight is negative.
      localparam J = 4;
      assign code0 = {load_mode4 ? weight_i[3:2] : {2{weight_i[1]}}, weight_i[1:0]};
      wire [ACT_BITS+J+3:0] low;
      msq_dsp_product #(
          .A_BITS(ACT_BITS + J),
          .B_BITS(4)
      ) u_low (
          .clk_i(clk_i),
          .commit_i(commit_i),
          .a_i({next_x0_i, {(J - 1) {1'b0}}, next_mode4 && FULL_RANGE != 0}),
          .b_i(w0_q),
          .product_o(low)
      );
      wire [P_BITS-1:0] low_p = low[J+:P_BITS];
      if (MODE2 == 0) begin : gen_no_digit1
        assign product_o[P_BITS:1] = low_p;
        wire unused_digit1 = &{1'b0, w1_q};
      end else begin : gen_digit1
        wire [ACT_BITS+J+1:0] high;
        msq_dsp_product #(
            .A_BITS(ACT_BITS + J),
            .B_BITS(2)
        ) u_high (
            .clk_i(clk_i),
            .commit_i(commit_i),
            .a_i({next_x1_i[ACT_BITS-1:0], {(J - 1) {1'b0}}, 1'b1}),
            .b_i(w1_q),
            .product_o(high)
        );
        wire [P_BITS-1:0] high_p;
        if (MODE4 != 0) begin : gen_wide
          assign high_p = {high[ACT_BITS+J+1], high[J+:ACT_BITS+2]};
        end else begin : gen_narrow
          assign high_p = high[J+:ACT_BITS+2];
        end
        assign product_o[P_BITS:1] = low_p + high_p;
        wire unused_high = &{1'b0, high};
      end
      if (FULL_RANGE != 0) begin : gen_s
        reg negative_q;
        reg s_q;
        always @(posedge clk_i) begin
          if (commit_i) negative_q <= next_mode4 ? w0_q[3] : w1_q[1];
          s_q <= negative_q;
        end
        assign product_o[0] = s_q;
      end else begin : gen_no_s
        assign product_o[0] = 1'b0;
      end
      wire unused_plain = &{1'b0, low, mode4, x0_i, next_x1_i};
    end else begin : gen_fields
      // In mode 4 digit 1 multiplies 4 x0, so the highest bit there is the sign of x0, too.
      wire [ACT_BITS-1:0] above = next_mode4 ? {ACT_BITS{next_x0_i[ACT_BITS-1]}} : next_x1_i[ACT_BITS-1:0];
      // w0 2^K + w1: the sign of w1 fills its field and borrows from w0. 1 or 0 lies in bit 0 of either word.
      wire upper = weight_i[1] ^ (!weight_i[0] && code1[1]);
      assign code0 = {load_mode4 ? weight_i[3:2] : {2{upper}}, upper, weight_i[0] ^ code1[1]};
      wire [3*K+3:0] whole;
      msq_dsp_product #(
          .A_BITS(2 * K),
          .B_BITS(K + 4)
      ) u_product (
          .clk_i(clk_i),
          .commit_i(commit_i),
          .a_i({above[ACT_BITS-1], above, next_x0_i[ACT_BITS-1], next_x0_i}),
          .b_i({w0_q, {(K - 1) {w1_q[1]}}, w1_q[0]}),
          .product_o(whole)
      );
      reg negative_q;
      reg s_q;
      reg mode4_q;
      always @(posedge clk_i) begin
        if (commit_i) negative_q <= w1_q[1];
        s_q     <= negative_q && x0_i != {ACT_BITS{1'b0}};
        mode4_q <= mode4;
      end
      wire [2:0] top = mode4_q ? whole[2*K+1:2*K-1] : {3{whole[2*K-1]}};
      assign product_o = {top[P_BITS-K:0], whole[2*K-2:K], s_q};
      wire unused_fields = &{1'b0, whole, top, next_x1_i};
    end
  endgenerate
  wire unused_inputs = &{1'b0, REGISTER != 0, mode4_i, x0_i, x1_i, load_mode4_i, next_mode4_i};
`else
  reg [3:0] shadow_q;
  reg [3:0] active_q;
  always @(posedge clk_i) begin
    if (load_i) shadow_q <= weight_i;
    if (commit_i) active_q <= shadow_q;
  end

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
  wire unused_dsp = &{1'b0, FULL_RANGE != 0, load_mode4_i, next_mode4_i, next_x0_i, next_x1_i};

  generate
    if (REGISTER != 0) begin : gen_register
      reg [P_BITS:0] product_q;
      always @(posedge clk_i) product_q <= product;
      assign product_o = product_q;
    end else begin : gen_no_register
      assign product_o = product;
    end
  endgenerate
`endif

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_modes, MODE2 != 0 || MODE4 != 0)
  `MSQ_PARAMETER(msq_illegal_act_bits, ACT_BITS >= 1)
`endif
endmodule
`default_nettype wire
