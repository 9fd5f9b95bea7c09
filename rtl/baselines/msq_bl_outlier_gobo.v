// SPDX-License-Identifier: Apache-2.0
// Baseline gobo: outlier unit of a row. Keeps the FP32 weight of one outlier, loaded with the row, and
// multiplies every activation with it.
// Area block: multipliers of the rows
`default_nettype none
module msq_bl_outlier_gobo (
    input  wire        clk_i,
    input  wire        load_i,    // writes the shadow weight
    input  wire [31:0] weight_i,  // FP32
    input  wire        commit_i,  // copies the shadow weight to the active one
    input  wire [11:0] x_i,       // activation as msq_bl_int8_float gives it
    output wire [31:0] product_o  // FP32
);
  reg [31:0] shadow_q;
  reg [31:0] active_q;
  always @(posedge clk_i) begin
    if (load_i) shadow_q <= weight_i;
    if (commit_i) active_q <= shadow_q;
  end
  msq_bl_fp32_scale u_scale (
      .x_i(x_i),
      .weight_i(active_q),
      .product_o(product_o)
  );
endmodule
`default_nettype wire
