// SPDX-License-Identifier: Apache-2.0
// Processing element of a row that ReCoN can serve: multiply, then add to the sum from the row above. The
// products are offered to the row's bus, too, and the row may add what ReCoN returns instead of its own
// products. Sums count 2^-F of an inlier step.
// Area block: PEs
`default_nettype none
module msq_pe_recon #(
    parameter ACT_BITS = 8,       // activation width
    parameter MODE2 = 1,          // mode 2 is supported: two lanes
    parameter MODE4 = 1,          // mode 4 is supported
    parameter FULL_RANGE = 0,     // encoding
    parameter FRACTION_BITS = 2,  // F: sums count in 2^-F of an inlier step
    parameter SUM_BITS = 23,      // width of one partial-sum lane
    parameter ADDEND0_BITS = 20,  // width of ReCoN's result for lane 0
    parameter ADDEND1_BITS = 18,  // width for lane 1; unused without mode 2
    // Derived, do not set.
    parameter LANES = (MODE2 != 0) ? 2 : 1,
    parameter P1_BITS = ACT_BITS + ((FULL_RANGE != 0) ? 1 : 0),
    parameter P0_BITS = (MODE4 != 0) ? ACT_BITS + 3 : P1_BITS,
    parameter PRODUCT_BITS = P0_BITS + 1 + ((MODE2 != 0) ? P1_BITS + 1 : 0),
    parameter ADDEND_BITS = ADDEND0_BITS + ((MODE2 != 0) ? ADDEND1_BITS : 0)
) (
    input  wire                      clk_i,
    input  wire                      load_i,        // writes the shadow weight
    input  wire [3:0]                weight_i,      // code word
    input  wire                      commit_i,      // copies the shadow weight to the active one
    input  wire                      mode4_i,       // mode of x_i
    input  wire [ACT_BITS-1:0]       x_i,           // activation
    output wire [PRODUCT_BITS-1:0]   product_o,     // {p1, s1, p0, s0}, one cycle after x_i
    input  wire                      use_addend_i,  // add addend_i instead of the products
    input  wire [ADDEND_BITS-1:0]    addend_i,      // {lane 1, lane 0} from ReCoN
    input  wire [LANES*SUM_BITS-1:0] sum_i,         // lanes from the row above
    output wire [LANES*SUM_BITS-1:0] sum_o          // lanes, one cycle after sum_i
);
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
      .product_o(product_o)
  );

  msq_sum_lane_recon #(
      .FRACTION_BITS(FRACTION_BITS),
      .SUM_BITS(SUM_BITS),
      .P_BITS(P0_BITS),
      .ADDEND_BITS(ADDEND0_BITS)
  ) u_lane0 (
      .clk_i(clk_i),
      .product_i(product_o[P0_BITS:0]),
      .use_addend_i(use_addend_i),
      .addend_i(addend_i[ADDEND0_BITS-1:0]),
      .sum_i(sum_i[SUM_BITS-1:0]),
      .sum_o(sum_o[SUM_BITS-1:0])
  );

  generate
    if (LANES == 2) begin : gen_lane1
      msq_sum_lane_recon #(
          .FRACTION_BITS(FRACTION_BITS),
      .SUM_BITS(SUM_BITS),
          .P_BITS(P1_BITS),
          .ADDEND_BITS(ADDEND1_BITS)
      ) u_lane1 (
          .clk_i(clk_i),
          .product_i(product_o[PRODUCT_BITS-1-:P1_BITS+1]),
          .use_addend_i(use_addend_i),
          .addend_i(addend_i[ADDEND_BITS-1-:ADDEND1_BITS]),
          .sum_i(sum_i[2*SUM_BITS-1:SUM_BITS]),
          .sum_o(sum_o[2*SUM_BITS-1:SUM_BITS])
      );
    end
  endgenerate

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_fraction_bits, FRACTION_BITS == 1 || FRACTION_BITS == 2)
`endif
endmodule
`default_nettype wire
