// SPDX-License-Identifier: Apache-2.0
// Baseline int8: product of an activation and an 8-bit two's complement weight, in the form {p, s} of
// msq_pe_multiply.
//
// Four Booth digits of -2..2, two and two: each half is the multiplier that msq_pe_multiply has for mode 4
// with encoding full_range, and the halves meet in one adder. The increments of negative digits become
// carries, the last one is s. (A quarter smaller than what Yosys makes of `*`.)
// Area block: PEs
`default_nettype none
module msq_bl_multiply_int8 #(
    parameter ACT_BITS = 8  // activation width
) (
    input  wire [ACT_BITS-1:0] x_i,       // two's complement
    input  wire [7:0]          weight_i,  // two's complement
    output wire [ACT_BITS+7:0] product_o  // {p, s}, value p + s
);
  localparam H_BITS = ACT_BITS + 3;  // p of a half
  wire [ACT_BITS:0] single = {x_i[ACT_BITS-1], x_i};
  wire [ACT_BITS:0] twice = {x_i, 1'b0};
  wire [2*H_BITS-1:0] halves;

  genvar h;
  generate
    for (h = 0; h < 2; h = h + 1) begin : gen_half
      wire [3:0] w = weight_i[4*h+:4];
      wire below = (h == 0) ? 1'b0 : weight_i[3];
      wire one0 = w[0] ^ below;
      wire two0 = w[1] ? ~(w[0] | below) : w[0] & below;
      wire one1 = w[2] ^ w[1];
      wire two1 = w[3] ? ~(w[2] | w[1]) : w[2] & w[1];
      wire [ACT_BITS:0] part0 =
          ((single & {(ACT_BITS + 1) {one0}}) | (twice & {(ACT_BITS + 1) {two0}})) ^ {(ACT_BITS + 1) {w[1]}};
      wire [ACT_BITS:0] part1 =
          ((single & {(ACT_BITS + 1) {one1}}) | (twice & {(ACT_BITS + 1) {two1}})) ^ {(ACT_BITS + 1) {w[3]}};
      // The half is p + w[3].
      wire [H_BITS:0] total = {{2{part0[ACT_BITS]}}, part0, 1'b1} + {part1, {2{w[3]}}, w[1]};
      assign halves[h*H_BITS+:H_BITS] = total[H_BITS:1];
      wire unused_carry = &{1'b0, total[0]};  // only feeds the carry chain
    end
  endgenerate

  wire [H_BITS-1:0] lower = halves[H_BITS-1:0];
  wire [H_BITS-1:0] upper = halves[2*H_BITS-1:H_BITS];
  // lower + weight_i[3] + 16 * (upper + weight_i[7])
  wire [H_BITS+4:0] total = {{4{lower[H_BITS-1]}}, lower, 1'b1} + {upper, {4{weight_i[7]}}, weight_i[3]};
  assign product_o = {total[H_BITS+4:1], weight_i[7]};
  wire unused_carry = &{1'b0, total[0]};

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_act_bits, ACT_BITS >= 2)
`endif
endmodule
`default_nettype wire
