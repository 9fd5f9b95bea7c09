// SPDX-License-Identifier: Apache-2.0
// One partial-sum lane of a plain row: sum_o <= sum_i + product, in inlier steps.
//
// The product comes as {p, s} with value p + s. The carry trick {a, 1} + {b, s} adds the sign in the same
// carry chain.
// Area block: PEs
`default_nettype none
module msq_sum_lane #(
    parameter SUM_BITS = 21,  // width of the sum
    parameter P_BITS = 11     // width of p, at most SUM_BITS
) (
    input  wire                clk_i,
    input  wire [P_BITS:0]     product_i,  // {p, s}
    input  wire [SUM_BITS-1:0] sum_i,      // from the row above
    output reg  [SUM_BITS-1:0] sum_o       // sum, one cycle later
);
  wire [SUM_BITS-1:0] p;
  generate
    if (SUM_BITS > P_BITS) begin : gen_extend
      assign p = {{(SUM_BITS - P_BITS) {product_i[P_BITS]}}, product_i[P_BITS:1]};
    end else begin : gen_exact
      assign p = product_i[SUM_BITS:1];
    end
  endgenerate

  wire [SUM_BITS:0] total = {sum_i, 1'b1} + {p, product_i[0]};
  always @(posedge clk_i) sum_o <= total[SUM_BITS:1];

  wire unused_carry = &{1'b0, total[0]};  // only feeds the carry chain

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_p_bits, P_BITS >= 1 && P_BITS <= SUM_BITS)
`endif
endmodule
`default_nettype wire
