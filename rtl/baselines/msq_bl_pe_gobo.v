// SPDX-License-Identifier: Apache-2.0
// Baseline gobo: processing element. All products of the row's activation with the centroids, and that with
// an outlier's weight, come along the row; the PE selects one by its stored word and adds it to the sum from
// the row above.
// Area block: PEs
`default_nettype none
module msq_bl_pe_gobo (
    input  wire            clk_i,
    input  wire            load_i,      // writes the shadow word
    input  wire [3:0]      weight_i,    // {outlier, index of the centroid}
    input  wire            commit_i,    // copies the shadow word to the active one
    input  wire [8*32-1:0] products_i,  // FP32, centroid j at [32*j +: 32]
    input  wire [31:0]     outlier_i,   // product with the weight of an outlier, FP32
    input  wire [31:0]     sum_i,       // FP32, from the row above
    output reg  [31:0]     sum_o        // FP32, one cycle later
);
  reg [3:0] shadow_q;
  reg [3:0] active_q;
  always @(posedge clk_i) begin
    if (load_i) shadow_q <= weight_i;
    if (commit_i) active_q <= shadow_q;
  end

  wire [31:0] product = active_q[3] ? outlier_i : products_i[32*active_q[2:0]+:32];
  wire [31:0] sum;
  msq_bl_fp32_add u_add (
      .a_i(sum_i),
      .b_i(product),
      .sum_o(sum)
  );
  always @(posedge clk_i) sum_o <= sum;
endmodule
`default_nettype wire
