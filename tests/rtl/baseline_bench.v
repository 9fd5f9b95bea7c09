// Leaves of the arrays to compare with (docs/results/area.md): multipliers, decoder, FP32 adder.
`default_nettype none
module baseline_bench (
    input  wire [7:0]  x_i,
    input  wire [7:0]  weight_i,
    output wire [15:0] product_o,  // {p, s} of the int8 multiplier

    input  wire [7:0]  codes_i,
    output wire [9:0]  words_o,

    input  wire [31:0] a_i,
    input  wire [31:0] b_i,
    output wire [31:0] sum_o,    // a + b
    output wire [31:0] scaled_o  // x * a
);
  msq_bl_multiply_int8 u_multiply (
      .x_i(x_i),
      .weight_i(weight_i),
      .product_o(product_o)
  );
  msq_bl_olive_decoder u_decoder (
      .codes_i(codes_i),
      .words_o(words_o)
  );
  msq_bl_fp32_add u_add (
      .a_i(a_i),
      .b_i(b_i),
      .sum_o(sum_o)
  );
  wire [11:0] x;
  msq_bl_int8_float u_float (
      .x_i(x_i),
      .float_o(x)
  );
  msq_bl_fp32_scale u_scale (
      .x_i(x),
      .weight_i(a_i),
      .product_o(scaled_o)
  );
endmodule
`default_nettype wire
