// SPDX-License-Identifier: Apache-2.0
// Baseline int8: processing elements of one column in a band of rows. Pipeline and sum are those of
// msq_pe_band; weights and multiplier differ.
// Area block: PEs
`default_nettype none
module msq_bl_pe_int8 #(
    parameter ACT_BITS = 8,  // activation width
    parameter ROWS = 1,      // rows of the band, a power of two
    parameter SUM_BITS = 18  // width of a partial sum
) (
    input  wire                     clk_i,
    input  wire [ROWS-1:0]          load_i,    // writes the shadow weight of a row
    input  wire [7:0]               weight_i,  // two's complement
    input  wire                     commit_i,  // copies the shadow weights to the active ones
    input  wire [ROWS*ACT_BITS-1:0] x_i,       // activation of each row
    input  wire [ROWS*ACT_BITS-1:0] next_x_i,  // x_i of the next cycle; for MSQ_DSP
    input  wire [SUM_BITS-1:0]      sum_i,     // from the band above, one cycle before sum_o
    output wire [SUM_BITS-1:0]      sum_o      // two cycles after x_i; three with several rows
);
`ifdef MSQ_DSP
  // Products leave the multiplier blocks registered. With a bit for -128 * -128 they need no s.
  localparam P_BITS = ACT_BITS + 8;
  localparam REGISTERED = 1;
`else
  localparam P_BITS = ACT_BITS + 7;
  localparam REGISTERED = (ROWS == 1) ? 1 : 0;
`endif
  wire [ROWS*(P_BITS+1)-1:0] products;
  genvar r;
  generate
    for (r = 0; r < ROWS; r = r + 1) begin : gen_row
      reg [7:0] shadow_q;
      always @(posedge clk_i) if (load_i[r]) shadow_q <= weight_i;
`ifdef MSQ_DSP
      msq_dsp_product #(
          .A_BITS(ACT_BITS),
          .B_BITS(8)
      ) u_product (
          .clk_i(clk_i),
          .commit_i(commit_i),
          .a_i(next_x_i[r*ACT_BITS+:ACT_BITS]),
          .b_i(shadow_q),
          .product_o(products[r*(P_BITS+1)+1+:P_BITS])
      );
      assign products[r*(P_BITS+1)] = 1'b0;
`else
      reg [7:0] active_q;
      always @(posedge clk_i) if (commit_i) active_q <= shadow_q;
      wire [P_BITS:0] product;
      msq_bl_multiply_int8 #(
          .ACT_BITS(ACT_BITS)
      ) u_multiply (
          .x_i(x_i[r*ACT_BITS+:ACT_BITS]),
          .weight_i(active_q),
          .product_o(product)
      );
      if (REGISTERED != 0) begin : gen_register
        reg [P_BITS:0] product_q;
        always @(posedge clk_i) product_q <= product;
        assign products = product_q;
      end else begin : gen_no_register
        assign products[r*(P_BITS+1)+:P_BITS+1] = product;
      end
`endif
    end
  endgenerate
`ifdef MSQ_DSP
  wire unused_x = &{1'b0, x_i};
`else
  wire unused_next = &{1'b0, next_x_i};
`endif

  msq_sum_tree #(
      .TERMS(ROWS),
      .REGISTERED(REGISTERED),
      .P_BITS(P_BITS),
      .VALUE_BITS(0),
      .FRACTION_BITS(0),
      .SUM_BITS(SUM_BITS)
  ) u_sum (
      .clk_i(clk_i),
      .products_i(products),
      .value_i(1'b0),
      .sum_i(sum_i),
      .sum_o(sum_o)
  );

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_rows, ROWS >= 1 && (ROWS & (ROWS - 1)) == 0)
`endif
endmodule
`default_nettype wire
