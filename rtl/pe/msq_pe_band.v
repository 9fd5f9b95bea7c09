// SPDX-License-Identifier: Apache-2.0
// Processing elements of one column in a band of rows, paths `inline` and `none`: ROWS multipliers, and one
// sum of all their products and of the column's outlier value. The partial sum passes the whole band in one
// step. With several rows what adds the products has a pipeline stage of its own (msq_sum_tree).
// Area block: PEs
`default_nettype none
module msq_pe_band #(
    parameter ACT_BITS = 8,       // activation width
    parameter MODE2 = 1,          // mode 2 is supported
    parameter MODE4 = 1,          // mode 4 is supported
    parameter ROWS = 1,           // rows of the band, a power of two
    parameter LOAD_ROWS = 1,      // of them whose weights come together
    parameter SUM_BITS = 23,      // width of the partial sum
    parameter FRACTION_BITS = 2,  // fraction bits of the sum; 0 without outliers
    parameter VALUE_BITS = 20,    // width of the outlier value; 0: no outliers
    parameter FULL_RANGE = 0,     // encoding
    // Derived, do not set.
    parameter X1_BITS = (MODE2 == 0) ? 1 : ACT_BITS + ((MODE4 != 0) ? 2 : 0),
    parameter V_BITS = (VALUE_BITS == 0) ? 1 : VALUE_BITS + 1
) (
    input  wire                     clk_i,
    input  wire [ROWS-1:0]          load_i,    // writes the shadow weight of a row
    input  wire [4*LOAD_ROWS-1:0]   weight_i,  // code words of rows that are loaded together
    input  wire                     commit_i,  // copies the shadow weights to the active ones
    input  wire                     mode4_i,   // mode of the activations
    input  wire [ROWS*ACT_BITS-1:0] x0_i,      // activation of digit 0 of each row
    input  wire [ROWS*X1_BITS-1:0]  x1_i,      // what digit 1 of each row multiplies
    input  wire                     load_mode4_i,  // mode of weight_i; for MSQ_DSP, as those below
    input  wire                     next_mode4_i,  // mode4_i of the next cycle
    input  wire [ROWS*ACT_BITS-1:0] next_x0_i,     // x0_i of the next cycle
    input  wire [ROWS*X1_BITS-1:0]  next_x1_i,     // x1_i of the next cycle
    input  wire [V_BITS-1:0]        value_i,   // {p, s} of the outlier value, one cycle after x0_i
    input  wire [SUM_BITS-1:0]      sum_i,     // from the band above, one cycle before sum_o
    output wire [SUM_BITS-1:0]      sum_o      // two cycles after x0_i; three with several rows
);
  localparam P_BITS = ACT_BITS + ((MODE4 != 0) ? 3 : 2);
`ifdef MSQ_DSP
  localparam REGISTERED = 1;  // products, by the multiplier blocks
`else
  localparam REGISTERED = (ROWS == 1) ? 1 : 0;
`endif

  wire [ROWS*(P_BITS+1)-1:0] products;
  genvar r;
  generate
    for (r = 0; r < ROWS; r = r + 1) begin : gen_row
      msq_multiplier #(
          .ACT_BITS(ACT_BITS),
          .MODE2(MODE2),
          .MODE4(MODE4),
          .REGISTER(REGISTERED),
          .FULL_RANGE(FULL_RANGE)
      ) u_multiplier (
          .clk_i(clk_i),
          .load_i(load_i[r]),
          .weight_i(weight_i[r%LOAD_ROWS*4+:4]),
          .commit_i(commit_i),
          .mode4_i(mode4_i),
          .x0_i(x0_i[r*ACT_BITS+:ACT_BITS]),
          .x1_i(x1_i[r*X1_BITS+:X1_BITS]),
          .load_mode4_i(load_mode4_i),
          .next_mode4_i(next_mode4_i),
          .next_x0_i(next_x0_i[r*ACT_BITS+:ACT_BITS]),
          .next_x1_i(next_x1_i[r*X1_BITS+:X1_BITS]),
          .product_o(products[r*(P_BITS+1)+:P_BITS+1])
      );
    end
  endgenerate

  msq_sum_tree #(
      .TERMS(ROWS),
      .REGISTERED(REGISTERED),
      .ALONE((MODE2 == 0) ? 1 : 0),
      .P_BITS(P_BITS),
      .VALUE_BITS(VALUE_BITS),
      .FRACTION_BITS(FRACTION_BITS),
      .SUM_BITS(SUM_BITS)
  ) u_sum (
      .clk_i(clk_i),
      .products_i(products),
      .value_i(value_i),
      .sum_i(sum_i),
      .sum_o(sum_o)
  );

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_rows, ROWS >= 1 && (ROWS & (ROWS - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_load_rows, LOAD_ROWS >= 1 && ROWS % LOAD_ROWS == 0)
  `MSQ_PARAMETER(msq_illegal_fraction_bits, FRACTION_BITS >= 0 && FRACTION_BITS <= 2)
`endif
endmodule
`default_nettype wire
