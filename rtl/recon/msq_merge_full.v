// SPDX-License-Identifier: Apache-2.0
// Output stage of ReCoN for one lane with encoding full_range: the addend that the row adds to its partial
// sum, in units of 2^-F inlier steps.
//
//   role_i   addend_o
//   inlier   2^F * P                                P = straight product
//   outlier  (2^bb ResUpper + ResLower) << r        ResUpper = P, ResLower = unsigned Lower half * x
//   pruned   0
//
// with bb = 4 in mode 4 and 2 in mode 2. The PE takes every code as signed, the Lower half's too, so what
// arrives here is ResLower - 2^bb x if the half's highest bit is set. That bit comes with the product, as its
// s: x is added to ResUpper. Products come as {p, s} with value p + s (see msq_pe_multiply).
// Area block: merge
`default_nettype none
module msq_merge_full #(
    parameter ACT_BITS = 8,       // activation width; the smallest value never occurs
    parameter MODE2 = 1,          // mode 2 is supported
    parameter MODE4 = 1,          // mode 4 is supported (for a lane that only mode 2 uses: 0)
    parameter FRACTION_BITS = 2,  // F, 1 or 2
    parameter SHIFT_MAX = 7,      // largest r
    parameter SHIFT_BITS = 3,     // width of shift_i, at least 1
    // Derived, do not set: p of the straight and of the moving value, and the result.
    parameter P_BITS = ACT_BITS + ((MODE4 != 0) ? 3 : 1),
    parameter VALUE_BITS = ACT_BITS + ((MODE4 != 0) ? 7 : 3),
    parameter ADDEND_BITS = VALUE_BITS + SHIFT_MAX
) (
    input  wire                   mode4_i,     // mode of the products: 1 is mode 4
    input  wire [1:0]             role_i,      // {pruned, outlier}; 00 is an inlier
    input  wire [SHIFT_BITS-1:0]  shift_i,     // r, at most SHIFT_MAX
    input  wire [ACT_BITS-1:0]    x_i,         // activation of the row
    input  wire [P_BITS:0]        straight_i,  // {p, s} of this lane
    input  wire [P_BITS:0]        moving_i,    // {p, s} of the Lower half from the network
    output wire [ADDEND_BITS-1:0] addend_o     // two's complement
);
  wire outlier = role_i[0];
  wire keep = ~role_i[1];
  wire mode4 = (MODE4 != 0) && ((MODE2 == 0) || mode4_i);

  // P, and x for the highest bit of the Lower half.
  wire high_bit = moving_i[0] & outlier;
  wire [P_BITS:0] x = {{(P_BITS - ACT_BITS) {x_i[ACT_BITS-1]}}, x_i, 1'b1} & {{P_BITS{high_bit}}, 1'b1};
  wire [P_BITS:0] total = straight_i + x;
  wire [P_BITS-1:0] upper = total[P_BITS:1];

  // Its weight: 2^bb in an outlier, 2^F in an inlier.
  wire [VALUE_BITS-1:0] weighted;
  generate
    wire [VALUE_BITS-1:0] by4;  // 4 * upper
    if (MODE4 != 0) begin : gen_mode4
      wire at16 = outlier & mode4;
      wire [VALUE_BITS-1:0] by16 = {upper, 4'b0000} & {VALUE_BITS{at16}};
      wire at4 = ((FRACTION_BITS == 2) ? keep : outlier) & ~at16;
      assign by4 = {{2{upper[P_BITS-1]}}, upper, 2'b00} & {VALUE_BITS{at4}};
      if (FRACTION_BITS == 2) begin : gen_quarters
        assign weighted = by16 | by4;
      end else begin : gen_halves
        wire [VALUE_BITS-1:0] by2 = {{3{upper[P_BITS-1]}}, upper, 1'b0} & {VALUE_BITS{keep & ~outlier}};
        assign weighted = by16 | by4 | by2;
      end
    end else begin : gen_mode2
      wire at4 = (FRACTION_BITS == 2) ? keep : outlier;
      assign by4 = {upper, 2'b00} & {VALUE_BITS{at4}};
      if (FRACTION_BITS == 2) begin : gen_quarters
        assign weighted = by4;
      end else begin : gen_halves
        assign weighted = by4 | ({upper[P_BITS-1], upper, 1'b0} & {VALUE_BITS{keep & ~outlier}});
      end
    end
    if (MODE2 == 0 || MODE4 == 0) begin : gen_one_mode
      wire unused_mode = &{1'b0, mode4_i, mode4};
    end
  endgenerate

  wire [VALUE_BITS-1:0] lower = {{(VALUE_BITS - P_BITS) {moving_i[P_BITS]}},
      moving_i[P_BITS:1]} & {VALUE_BITS{outlier}};
  wire [VALUE_BITS:0] sum = {weighted, 1'b1} + {lower, high_bit};
  wire [VALUE_BITS-1:0] value = sum[VALUE_BITS:1];
  wire unused_carry = &{1'b0, total[0], sum[0]};  // only feed the carry chains

  generate
    if (SHIFT_MAX == 0) begin : gen_no_shift
      assign addend_o = value;
      wire unused_shift = &{1'b0, shift_i};
    end else begin : gen_shift
      wire [ADDEND_BITS-1:0] extended = {{SHIFT_MAX{value[VALUE_BITS-1]}}, value};
      assign addend_o = extended << (shift_i & {SHIFT_BITS{outlier}});
    end
  endgenerate

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_modes, MODE2 != 0 || MODE4 != 0)
  `MSQ_PARAMETER(msq_illegal_shift_bits, SHIFT_MAX >= 0 && SHIFT_MAX < (1 << SHIFT_BITS))
  `MSQ_PARAMETER(msq_illegal_fraction_bits, FRACTION_BITS == 1 || FRACTION_BITS == 2)
`endif
endmodule
`default_nettype wire
