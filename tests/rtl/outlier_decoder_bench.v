// Bench of msq_outlier_decoder: every parameter set fed with the same inputs.
`default_nettype none
module outlier_decoder_bench (
    input  wire              clk_i,
    input  wire              load_i,
    input  wire [7:0]        row_i,
    input  wire              mode4_i,
    input  wire [1:0]        has_outliers_i,
    input  wire [15:0]       mx_scale_i,
    input  wire [127:0]      list_i,
    input  wire [31:0]       codes_i,
    output wire [8*64-1:0]   status_o,
    output wire [8*256-1:0]  words_o
);
  // Hexadecimal digits of a case: MICRO_BLOCK, {FULL_RANGE, MODE4, MODE2} as bits, ENTRIES, ROWS, UNITS, SHIFT_MAX.
  localparam [8*24-1:0] CASES = {24'h832447, 24'h85141f, 24'h871127, 24'h824125, 24'h812220, 24'h474247, 24'h834117, 24'h432227};
  genvar c;
  generate
    for (c = 0; c < 8; c = c + 1) begin : gen_case
      localparam [23:0] SET = CASES[24*c+:24];
      outlier_decoder_case #(
          .MICRO_BLOCK({28'd0, SET[23:20]}),
          .MODE2({31'd0, SET[16]}),
          .MODE4({31'd0, SET[17]}),
          .FULL_RANGE({31'd0, SET[18]}),
          .ENTRIES({28'd0, SET[15:12]}),
          .ROWS({28'd0, SET[11:8]}),
          .UNITS({28'd0, SET[7:4]}),
          .SHIFT_MAX({28'd0, SET[3:0]})
      ) u_case (
          .clk_i(clk_i),
          .load_i(load_i),
          .row_i(row_i),
          .mode4_i(mode4_i),
          .has_outliers_i(has_outliers_i),
          .mx_scale_i(mx_scale_i),
          .list_i(list_i),
          .codes_i(codes_i),
          .status_o(status_o[64*c+:64]),
          .words_o(words_o[256*c+:256])
      );
    end
  endgenerate
endmodule
`default_nettype wire
