// Bench of msq_sum_tree and msq_pe_tree: every parameter set fed with the same inputs.
`default_nettype none
module tree_bench (
    input  wire             clk_i,
    // Sum trees.
    input  wire [127:0]     products_i,
    input  wire [31:0]      tree_value_i,
    input  wire [31:0]      tree_above_i,
    output wire [14*32-1:0] tree_sum_o,
    // PEs.
    input  wire [7:0]       load_i,
    input  wire [3:0]       weight_i,
    input  wire             commit_i,
    input  wire             mode4_i,
    input  wire [63:0]      x_i,
    input  wire [63:0]      value_i,
    input  wire [63:0]      sum_i,
    output wire [14*64-1:0] sum_o
);
  // Hexadecimal digits of a tree: TERMS, P_BITS, VALUE_BITS (two), FRACTION_BITS, SUM_BITS (two). Sums
  // narrower than what is added, than the value, than a product; values narrower than the tree.
  localparam [14*28-1:0] TREES = {
      28'h2304106, 28'h8314210, 28'h8c0000d, 28'h4c1820e, 28'h1c0000d, 28'h190810a, 28'h8b06114,
      28'h2b1421c, 28'h490001a, 28'h8c18119, 28'h4b14217, 28'h2900014, 28'h1814213, 28'h1b14217
  };
  // Of a PE: MODE2, MODE4, FULL_RANGE, ROWS, ACT_BITS, FRACTION_BITS, VALUE0_BITS (two), VALUE1_BITS (two),
  // SUM_BITS (two).
  localparam [14*48-1:0] PES = {
      48'h11028000000c, 48'h1114811a1217, 48'h01148116121a, 48'h10124210100d, 48'h011242100010,
          48'h1108420e0c14,
      48'h110880000017, 48'h111880000019, 48'h01018214001c, 48'h10018212121a, 48'h11118216121a,
          48'h11148116121b,
      48'h110482141217, 48'h110182141217
  };
  genvar c;
  generate
    for (c = 0; c < 14; c = c + 1) begin : gen_tree
      localparam [27:0] SET = TREES[28*c+:28];
      sum_tree_case #(
          .TERMS({28'd0, SET[27:24]}),
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
    for (c = 0; c < 14; c = c + 1) begin : gen_pe
      localparam [47:0] SET = PES[48*c+:48];
      pe_tree_case #(
          .MODE2({28'd0, SET[47:44]}),
          .MODE4({28'd0, SET[43:40]}),
          .FULL_RANGE({28'd0, SET[39:36]}),
          .ROWS({28'd0, SET[35:32]}),
          .ACT_BITS({28'd0, SET[31:28]}),
          .FRACTION_BITS({28'd0, SET[27:24]}),
          .VALUE0_BITS({24'd0, SET[23:16]}),
          .VALUE1_BITS({24'd0, SET[15:8]}),
          .SUM_BITS({24'd0, SET[7:0]})
      ) u_case (
          .clk_i(clk_i),
          .load_i(load_i),
          .weight_i(weight_i),
          .commit_i(commit_i),
          .mode4_i(mode4_i),
          .x_i(x_i),
          .value_i(value_i),
          .sum_i(sum_i),
          .sum_o(sum_o[64*c+:64])
      );
    end
  endgenerate
endmodule
`default_nettype wire
