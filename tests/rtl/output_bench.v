// Bench of the leaves between partial sums and outputs, and of the permuter, each at several sizes.
`default_nettype none
module output_bench (
    input  wire          clk_i,
    // msq_align: SUM_BITS 6, 23, 35.
    input  wire [63:0]   sum_i,
    input  wire [7:0]    weight_shift_i,
    input  wire [8:0]    token_right_i,
    output wire [3*64-1:0] aligned_o,  // with the increment, sign extended
    // msq_output_lane: ACC_BITS 30, 47, 64.
    input  wire          enable_i,
    input  wire [63:0]   acc_i,
    input  wire [9:0]    exponent_i,
    input  wire          raw_i,
    input  wire [7:0]    scale_i,
    input  wire [1:0]    format_i,
    output wire [2:0]    zero_o,
    output wire [3*64-1:0] log2_o,     // sign extended
    output wire [3*64-1:0] result_o,   // {high, result}
    output wire [3*64-1:0] exponent_o,  // sign extended
    // msq_permuter: WAYS 2, 8, 64 words of 8 bits.
    input  wire [511:0]  words_i,
    input  wire [351:0]  settings_i,
    output wire [15:0]   words2_o,
    output wire [63:0]   words8_o,
    output wire [511:0]  words64_o
);
  genvar i;
  generate
    for (i = 0; i < 3; i = i + 1) begin : gen_size
      localparam SUM = (i == 0) ? 6 : (i == 1) ? 23 : 35;
      localparam ACC = (i == 0) ? 30 : (i == 1) ? 47 : 64;
      wire [SUM+10:0] down;
      wire up;
      wire [SUM+10:0] aligned = down + {{(SUM + 10) {1'b0}}, up};
      msq_align #(
          .SUM_BITS(SUM)
      ) u_align (
          .clk_i(clk_i),
          .sum_i(sum_i[SUM-1:0]),
          .weight_shift_i(weight_shift_i),
          .token_right_i(token_right_i),
          .down_o(down),
          .up_o(up)
      );
      assign aligned_o[64*i+:64] = {{(53 - SUM) {aligned[SUM+10]}}, aligned};
      wire [9:0] log2;
      wire [31:0] result, high;
      wire [9:0] exponent;
      msq_output_lane #(
          .ACC_BITS(ACC)
      ) u_lane (
          .clk_i(clk_i),
          .enable_i(enable_i),
          .acc_i(acc_i[ACC-1:0]),
          .exponent_i(exponent_i),
          .raw_i(raw_i),
          .zero_o(zero_o[i]),
          .log2_o(log2),
          .scale_i(scale_i),
          .format_i(format_i),
          .result_o(result),
          .high_o(high),
          .exponent_o(exponent)
      );
      assign log2_o[64*i+:64] = {{54{log2[9]}}, log2};
      assign result_o[64*i+:64] = {high, result};
      assign exponent_o[64*i+:64] = {{54{exponent[9]}}, exponent};
    end
  endgenerate
  msq_permuter #(
      .WAYS(2),
      .BITS(1),
      .WIDTH(8)
  ) u_permuter2 (
      .data_i(words_i[15:0]),
      .settings_i(settings_i[0]),
      .data_o(words2_o)
  );
  msq_permuter #(
      .WAYS(8),
      .BITS(3),
      .WIDTH(8)
  ) u_permuter8 (
      .data_i(words_i[63:0]),
      .settings_i(settings_i[19:0]),
      .data_o(words8_o)
  );
  msq_permuter #(
      .WAYS(64),
      .BITS(6),
      .WIDTH(8)
  ) u_permuter64 (
      .data_i(words_i),
      .settings_i(settings_i),
      .data_o(words64_o)
  );
  // Each size reads the low bits of the shared operands.
  wire unused_sum = &{1'b0, sum_i};
endmodule
`default_nettype wire
