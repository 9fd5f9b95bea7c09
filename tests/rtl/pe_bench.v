// Bench of the PEs of path `recon`: every parameter set fed with the same inputs. Case c: activations of
// 8 bits for even c, 4 for odd c; modes {2,4}, {2}, {4} as (c / 2) % 3; tight for c % 12 >= 6; encoding
// full_range for c >= 12, then with F = 1 where it is tight.
`default_nettype none
module pe_bench (
    input  wire            clk_i,
    input  wire            load_i,
    input  wire [3:0]      weight_i,
    input  wire            commit_i,
    input  wire            mode4_i,
    input  wire [7:0]      x_i,
    input  wire            use_addend_i,
    input  wire [63:0]     addend_i,
    input  wire [63:0]     sum_i,
    output wire [24*64-1:0] product_o,
    output wire [24*64-1:0] sum_o
);
  genvar c;
  generate
    for (c = 0; c < 24; c = c + 1) begin : gen_case
      pe_case #(
          .ACT_BITS((c % 2 == 0) ? 8 : 4),
          .MODE2(((c / 2) % 3 != 2) ? 1 : 0),
          .MODE4(((c / 2) % 3 != 1) ? 1 : 0),
          .TIGHT((c % 12 >= 6) ? 1 : 0),
          .FULL_RANGE((c >= 12) ? 1 : 0)
      ) u_case (
          .clk_i(clk_i),
          .load_i(load_i),
          .weight_i(weight_i),
          .commit_i(commit_i),
          .mode4_i(mode4_i),
          .x_i(x_i),
          .use_addend_i(use_addend_i),
          .addend_i(addend_i),
          .sum_i(sum_i),
          .product_o(product_o[64*c+:64]),
          .sum_o(sum_o[64*c+:64])
      );
    end
  endgenerate
endmodule
`default_nettype wire
