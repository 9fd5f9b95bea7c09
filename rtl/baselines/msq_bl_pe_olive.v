// SPDX-License-Identifier: Apache-2.0
// Baseline olive: processing element that multiplies an activation with {outlier, s, c} of
// msq_bl_olive_decoder: by a small integer, and shifts the product by the exponent. Pipeline and sum are
// those of msq_pe_band.
// Area block: PEs
`default_nettype none
module msq_bl_pe_olive #(
    parameter ACT_BITS = 8,  // activation width
    parameter ROWS = 1,      // 1; msq_bl_pe_olive_tree has several
    parameter SUM_BITS = 17  // width of a partial sum
) (
    input  wire                     clk_i,
    input  wire [ROWS-1:0]          load_i,    // writes the shadow weight
    input  wire [4:0]               weight_i,  // {outlier, s, c}
    input  wire                     commit_i,  // copies the shadow weight to the active one
    input  wire [ROWS*ACT_BITS-1:0] x_i,       // activation
    input  wire [SUM_BITS-1:0]      sum_i,     // from the row above, one cycle after x_i
    output wire [SUM_BITS-1:0]      sum_o      // two cycles after x_i
);
  localparam M_BITS = ACT_BITS + 3;  // times the integer
  localparam P_BITS = ACT_BITS + 7;  // shifted: 3 * 2^5 at most
  reg [4:0] shadow_q;
  reg [4:0] active_q;
  always @(posedge clk_i) begin
    if (load_i) shadow_q <= weight_i;
    if (commit_i) active_q <= shadow_q;
  end

  wire outlier = active_q[4];
  wire s = active_q[3];
  wire [2:0] m = outlier ? {2'b01, active_q[0]} : active_q[2:0];
  wire [1:0] e = active_q[2:1] & {2{outlier}};
  wire [M_BITS-1:0] row0 = {{3{x_i[ACT_BITS-1]}}, x_i} & {M_BITS{m[0]}};
  wire [M_BITS-1:0] row1 = {{2{x_i[ACT_BITS-1]}}, x_i, 1'b0} & {M_BITS{m[1]}};
  wire [M_BITS-1:0] row2 = {x_i[ACT_BITS-1], x_i, 2'b00} & {M_BITS{m[2]}};
  wire [M_BITS-1:0] multiple = row0 + row1 + row2;

  wire [P_BITS-1:0] shift0 = {{4{multiple[M_BITS-1]}}, multiple};
  wire [P_BITS-1:0] shift1 = e[0] ? {shift0[P_BITS-2:0], 1'b0} : shift0;
  wire [P_BITS-1:0] shift2 = e[1] ? {shift1[P_BITS-3:0], 2'b00} : shift1;
  wire [P_BITS-1:0] shift4 = outlier ? {shift2[P_BITS-3:0], 2'b00} : shift2;

  reg [P_BITS:0] product_q;  // {p, s} as in msq_pe_multiply
  always @(posedge clk_i) product_q <= {shift4 ^ {P_BITS{s}}, s};

  msq_sum_tree #(
      .TERMS(1),
      .P_BITS(P_BITS),
      .VALUE_BITS(0),
      .FRACTION_BITS(0),
      .SUM_BITS(SUM_BITS)
  ) u_sum (
      .clk_i(clk_i),
      .products_i(product_q),
      .value_i(1'b0),
      .sum_i(sum_i),
      .sum_o(sum_o)
  );

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_rows, ROWS == 1)
`endif
endmodule
`default_nettype wire
