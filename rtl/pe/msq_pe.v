// SPDX-License-Identifier: Apache-2.0
// Processing element of the plain array (outlier path `none`): multiply, then add to the sum from the row
// above. Sums count inlier steps; the fraction bits of the contract are always zero here and are not stored.
// Area block: PEs
`default_nettype none
module msq_pe #(
    parameter ACT_BITS = 8,    // activation width
    parameter MODE2 = 1,       // mode 2 is supported: two lanes
    parameter MODE4 = 1,       // mode 4 is supported
    parameter FULL_RANGE = 0,  // encoding
    parameter SUM_BITS = 14,   // width of one partial-sum lane
    // Derived, do not set.
    parameter LANES = (MODE2 != 0) ? 2 : 1,
    parameter P1_BITS = ACT_BITS + ((FULL_RANGE != 0) ? 1 : 0),
    parameter P0_BITS = (MODE4 != 0) ? ACT_BITS + 3 : P1_BITS,
    parameter PRODUCT_BITS = P0_BITS + 1 + ((MODE2 != 0) ? P1_BITS + 1 : 0)
) (
    input  wire                      clk_i,
    input  wire                      load_i,    // writes the shadow weight
    input  wire [3:0]                weight_i,  // code word
    input  wire                      commit_i,  // copies the shadow weight to the active one
    input  wire                      mode4_i,   // mode of x_i
    input  wire [ACT_BITS-1:0]       x_i,       // activation
    input  wire [LANES*SUM_BITS-1:0] sum_i,     // lanes from the row above, one cycle after x_i
    output wire [LANES*SUM_BITS-1:0] sum_o      // lanes, two cycles after x_i
);
  wire [PRODUCT_BITS-1:0] product;
  msq_pe_multiply #(
      .ACT_BITS(ACT_BITS),
      .MODE2(MODE2),
      .MODE4(MODE4),
      .FULL_RANGE(FULL_RANGE)
  ) u_multiply (
      .clk_i(clk_i),
      .load_i(load_i),
      .weight_i(weight_i),
      .commit_i(commit_i),
      .mode4_i(mode4_i),
      .x_i(x_i),
      .product_o(product)
  );

  msq_sum_lane #(
      .SUM_BITS(SUM_BITS),
      .P_BITS(P0_BITS)
  ) u_lane0 (
      .clk_i(clk_i),
      .product_i(product[P0_BITS:0]),
      .sum_i(sum_i[SUM_BITS-1:0]),
      .sum_o(sum_o[SUM_BITS-1:0])
  );

  generate
    if (LANES == 2) begin : gen_lane1
      msq_sum_lane #(
          .SUM_BITS(SUM_BITS),
          .P_BITS(P1_BITS)
      ) u_lane1 (
          .clk_i(clk_i),
          .product_i(product[PRODUCT_BITS-1-:P1_BITS+1]),
          .sum_i(sum_i[2*SUM_BITS-1:SUM_BITS]),
          .sum_o(sum_o[2*SUM_BITS-1:SUM_BITS])
      );
    end
  endgenerate

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_sum_bits, SUM_BITS >= P0_BITS)
`endif
endmodule
`default_nettype wire
