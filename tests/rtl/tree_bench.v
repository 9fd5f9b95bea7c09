// Bench of msq_sum_tree and msq_pe_band: every parameter set fed with the same inputs.
`default_nettype none
module tree_bench (
    input  wire             clk_i,
    // Sum trees.
    input  wire [255:0]     products_i,
    input  wire [31:0]      tree_value_i,
    input  wire [31:0]      tree_above_i,
    output wire [23*32-1:0] tree_sum_o,
    // PEs.
    input  wire [15:0]      load_i,
    input  wire [3:0]       weight_i,
    input  wire             commit_i,
    input  wire             mode4_i,
    input  wire [127:0]     x0_i,
    input  wire [127:0]     x1_i,
    input  wire [31:0]      value_i,
    input  wire [31:0]      sum_i,
    output wire [19*32-1:0] sum_o
);
  // Hexadecimal digits of a tree: log2 of TERMS, 2 REGISTERED + ALONE, P_BITS, VALUE_BITS (two),
  // FRACTION_BITS, SUM_BITS (two). Sums narrower than what is added, than the value, than a product; values
  // narrower than the tree.
  localparam [23*32-1:0] TREES = {
      32'h32c0000d, 32'h22b14210, 32'h12b14217,
      32'h11304106, 32'h00304106, 32'h40b1421a, 32'h4090620c, 32'h00a0c00d, 32'h00c0820a, 32'h00b1421a,
          32'h31314210,
      32'h31c0000d, 32'h21c1820e, 32'h01c0000d, 32'h0190810a, 32'h31b06114, 32'h11b1421c, 32'h2190001a,
          32'h31c18119,
      32'h21b14217, 32'h11900014, 32'h01814213, 32'h01b14217
  };
  // Of a band: MODE2, MODE4, log2 of ROWS, ACT_BITS, FRACTION_BITS, VALUE_BITS (two), SUM_BITS (two).
  localparam [19*36-1:0] BANDS = {
      36'h010821417, 36'h11080000d, 36'h01480000f, 36'h104821216, 36'h114821418, 36'h11180000c, 36'h112811a17,
          36'h01281161a,
      36'h10142100d, 36'h011421010, 36'h113420e14, 36'h103800017, 36'h113800019, 36'h01080001c, 36'h10082121a,
          36'h11081161a,
      36'h11281161a, 36'h112821417, 36'h110821417
  };
  genvar c;
  generate
    for (c = 0; c < 23; c = c + 1) begin : gen_tree
      localparam [31:0] SET = TREES[32*c+:32];
      sum_tree_case #(
          .TERMS(1 << SET[31:28]),
          .REGISTERED({31'd0, SET[25]}),
          .ALONE({31'd0, SET[24]}),
          .P_BITS({28'd0, SET[23:20]}),
          .VALUE_BITS({24'd0, SET[19:12]}),
          .FRACTION_BITS({28'd0, SET[11:8]}),
          .SUM_BITS({24'd0, SET[7:0]})
      ) u_case (
          .clk_i(clk_i),
          .products_i(products_i),
          .value_i(tree_value_i),
          .sum_i(tree_above_i),
          .sum_o(tree_sum_o[32*c+:32])
      );
    end
    for (c = 0; c < 19; c = c + 1) begin : gen_band
      localparam [35:0] SET = BANDS[36*c+:36];
      pe_band_case #(
          .MODE2({28'd0, SET[35:32]}),
          .MODE4({28'd0, SET[31:28]}),
          .ROWS(1 << SET[27:24]),
          .ACT_BITS({28'd0, SET[23:20]}),
          .FRACTION_BITS({28'd0, SET[19:16]}),
          .VALUE_BITS({24'd0, SET[15:8]}),
          .SUM_BITS({24'd0, SET[7:0]})
      ) u_case (
          .clk_i(clk_i),
          .load_i(load_i),
          .weight_i(weight_i),
          .commit_i(commit_i),
          .mode4_i(mode4_i),
          .x0_i(x0_i),
          .x1_i(x1_i),
          .value_i(value_i),
          .sum_i(sum_i),
          .sum_o(sum_o[32*c+:32])
      );
    end
  endgenerate
endmodule
`default_nettype wire
