// SPDX-License-Identifier: Apache-2.0
// One partial-sum lane of a row that ReCoN can serve, in units of 2^-F inlier steps.
//
//   use_addend_i = 0:  sum_o <= sum_i + 2^F * product    (the row's own product)
//   use_addend_i = 1:  sum_o <= sum_i + addend_i         (what ReCoN made of the row's products)
//
// The sum never leaves its row: ReCoN returns only the addend, so neither the column bus nor the merge is as
// wide as a sum.
// Area block: PEs
`default_nettype none
module msq_sum_lane_recon #(
    parameter FRACTION_BITS = 2,  // F, 1 or 2
    parameter SUM_BITS = 23,      // width of the sum
    parameter P_BITS = 11,        // width of p
    parameter ADDEND_BITS = 20    // width of the addend, P_BITS + F .. SUM_BITS
) (
    input  wire                   clk_i,
    input  wire [P_BITS:0]        product_i,     // {p, s}, value p + s
    input  wire                   use_addend_i,  // add addend_i instead of the product
    input  wire [ADDEND_BITS-1:0] addend_i,      // two's complement
    input  wire [SUM_BITS-1:0]    sum_i,         // from the row above
    output reg  [SUM_BITS-1:0]    sum_o          // sum, one cycle later
);
  wire s = product_i[0];
  // 2^F * (p + s) = {p, F times s} + s
  wire [ADDEND_BITS-1:0] own;
  generate
    if (ADDEND_BITS > P_BITS + FRACTION_BITS) begin : gen_extend
      assign own = {{(ADDEND_BITS - P_BITS - FRACTION_BITS) {product_i[P_BITS]}}, product_i[P_BITS:1],
          {FRACTION_BITS{s}}};
    end else begin : gen_exact
      assign own = {product_i[P_BITS:1], {FRACTION_BITS{s}}};
    end
  endgenerate
  wire [ADDEND_BITS-1:0] operand = use_addend_i ? addend_i : own;
  wire carry = s & ~use_addend_i;

  wire [SUM_BITS-1:0] extended;
  generate
    if (SUM_BITS > ADDEND_BITS) begin : gen_extend_operand
      assign extended = {{(SUM_BITS - ADDEND_BITS) {operand[ADDEND_BITS-1]}}, operand};
    end else begin : gen_exact_operand
      assign extended = operand[SUM_BITS-1:0];
    end
  endgenerate

  wire [SUM_BITS:0] total = {sum_i, 1'b1} + {extended, carry};
  always @(posedge clk_i) sum_o <= total[SUM_BITS:1];

  wire unused_carry = &{1'b0, total[0]};  // only feeds the carry chain

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_fraction_bits, FRACTION_BITS == 1 || FRACTION_BITS == 2)
  `MSQ_PARAMETER(msq_illegal_addend_bits, ADDEND_BITS >= P_BITS + FRACTION_BITS && ADDEND_BITS <= SUM_BITS)
`endif
endmodule
`default_nettype wire
