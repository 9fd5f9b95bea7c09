// SPDX-License-Identifier: Apache-2.0
// Processing elements of one column in a band of rows: ROWS multipliers, and per lane one sum of all their
// products and of the lane's outlier value. The partial sum passes the whole band in one step. With several
// rows what adds the products has a pipeline stage of its own (msq_sum_tree).
// Area block: PEs
`default_nettype none
module msq_pe_tree #(
    parameter ACT_BITS = 8,       // activation width
    parameter MODE2 = 1,          // mode 2 is supported: two lanes
    parameter MODE4 = 1,          // mode 4 is supported
    parameter FULL_RANGE = 0,     // encoding
    parameter ROWS = 1,           // rows of the band, a power of two
    parameter SUM_BITS = 23,      // width of one partial-sum lane
    parameter FRACTION_BITS = 2,  // fraction bits of the sum; 0 without outliers
    parameter VALUE0_BITS = 20,   // width of lane 0's outlier value; 0: no outliers
    parameter VALUE1_BITS = 18,   // width for lane 1; unused without mode 2 or outliers
    // Derived, do not set.
    parameter LANES = (MODE2 != 0) ? 2 : 1,
    parameter V0_BITS = (VALUE0_BITS == 0) ? 1 : VALUE0_BITS + 1,
    parameter V1_BITS = (VALUE0_BITS == 0 || MODE2 == 0) ? 0 : VALUE1_BITS + 1
) (
    input  wire                       clk_i,
    input  wire [ROWS-1:0]            load_i,    // writes the shadow weight of a row
    input  wire [3:0]                 weight_i,  // code word
    input  wire                       commit_i,  // copies the shadow weights to the active ones
    input  wire                       mode4_i,   // mode of x_i
    input  wire [ROWS*ACT_BITS-1:0]   x_i,       // activation of each row
    input  wire [V0_BITS+V1_BITS-1:0] value_i,   // {lane 1, lane 0}, {p, s} each, one cycle after x_i
    input  wire [LANES*SUM_BITS-1:0]  sum_i,     // lanes from the band above, one cycle before sum_o
    output wire [LANES*SUM_BITS-1:0]  sum_o      // lanes, two cycles after x_i; three with several rows
);
  localparam P1_BITS = ACT_BITS + ((FULL_RANGE != 0) ? 1 : 0);
  localparam P0_BITS = (MODE4 != 0) ? ACT_BITS + 3 : P1_BITS;
  localparam PRODUCT_BITS = P0_BITS + 1 + ((MODE2 != 0) ? P1_BITS + 1 : 0);

  wire [ROWS*(P0_BITS+1)-1:0] products0;
  genvar r;
  generate
    for (r = 0; r < ROWS; r = r + 1) begin : gen_row
      wire [PRODUCT_BITS-1:0] product;
      msq_pe_multiply #(
          .ACT_BITS(ACT_BITS),
          .MODE2(MODE2),
          .MODE4(MODE4),
          .REGISTER((ROWS == 1) ? 1 : 0),
          .FULL_RANGE(FULL_RANGE)
      ) u_multiply (
          .clk_i(clk_i),
          .load_i(load_i[r]),
          .weight_i(weight_i),
          .commit_i(commit_i),
          .mode4_i(mode4_i),
          .x_i(x_i[r*ACT_BITS+:ACT_BITS]),
          .product_o(product)
      );
      assign products0[r*(P0_BITS+1)+:P0_BITS+1] = product[P0_BITS:0];
    end
  endgenerate

  msq_sum_tree #(
      .TERMS(ROWS),
      .P_BITS(P0_BITS),
      .VALUE_BITS(VALUE0_BITS),
      .FRACTION_BITS(FRACTION_BITS),
      .SUM_BITS(SUM_BITS)
  ) u_lane0 (
      .clk_i(clk_i),
      .products_i(products0),
      .value_i(value_i[V0_BITS-1:0]),
      .sum_i(sum_i[SUM_BITS-1:0]),
      .sum_o(sum_o[SUM_BITS-1:0])
  );

  generate
    if (LANES == 2) begin : gen_lane1
      localparam W1_BITS = (VALUE0_BITS == 0) ? 1 : VALUE1_BITS + 1;
      wire [ROWS*(P1_BITS+1)-1:0] products1;
      wire [W1_BITS-1:0] value1;
      for (r = 0; r < ROWS; r = r + 1) begin : gen_product
        assign products1[r*(P1_BITS+1)+:P1_BITS+1] = gen_row[r].product[PRODUCT_BITS-1-:P1_BITS+1];
      end
      if (VALUE0_BITS == 0) begin : gen_no_value
        assign value1 = 1'b0;
      end else begin : gen_value
        assign value1 = value_i[V0_BITS+:V1_BITS];
      end
      msq_sum_tree #(
          .TERMS(ROWS),
          .P_BITS(P1_BITS),
          .VALUE_BITS((VALUE0_BITS == 0) ? 0 : VALUE1_BITS),
          .FRACTION_BITS(FRACTION_BITS),
          .SUM_BITS(SUM_BITS)
      ) u_lane1 (
          .clk_i(clk_i),
          .products_i(products1),
          .value_i(value1),
          .sum_i(sum_i[2*SUM_BITS-1:SUM_BITS]),
          .sum_o(sum_o[2*SUM_BITS-1:SUM_BITS])
      );
    end
  endgenerate

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_rows, ROWS >= 1 && (ROWS & (ROWS - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_fraction_bits, FRACTION_BITS >= 0 && FRACTION_BITS <= 2)
`endif
endmodule
`default_nettype wire
