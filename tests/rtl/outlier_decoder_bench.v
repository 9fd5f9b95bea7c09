// Bench of msq_outlier_decoder: every parameter set fed with the same inputs, except that the first row of a
// band is recognized by the size of the band: row_i counts modulo ROWS.
`default_nettype none
module outlier_decoder_bench (
    input  wire              clk_i,
    input  wire              load_i,
    input  wire [2:0]        row_i,
    input  wire              mode4_i,
    input  wire [1:0]        has_outliers_i,
    input  wire [15:0]       mx_scale_i,
    input  wire [127:0]      list_i,
    input  wire [63:0]       codes_i,
    output wire [19*64-1:0]  codes_o,
    output wire [19*256-1:0] words_o,
    output wire [19*32-1:0]  status_o
);
  // Hexadecimal digits of a case: MICRO_BLOCK (two), MODE2, MODE4, ENTRIES, FULL_RANGE, ROWS, UNITS,
  // SHIFT_MAX, 0.
  localparam [19*40-1:0] CASES = {
      40'h1011812870, 40'h0811402870, 40'h0411202270,
      40'h1011214270, 40'h1001814170, 40'h10108044f0, 40'h1011804270, 40'h0811211200,
      40'h0801212270, 40'h08101121f0, 40'h0811114170, 40'h0811408450, 40'h0801404470,
      40'h0810402270, 40'h08114011f0, 40'h0411212270, 40'h0410204200, 40'h0411202170, 40'h0411201270
  };
  genvar c;
  generate
    for (c = 0; c < 19; c = c + 1) begin : gen_case
      localparam [39:0] SET = CASES[40*c+:40];
      localparam [31:0] ROWS = {28'd0, SET[15:12]};
      outlier_decoder_case #(
          .MICRO_BLOCK({24'd0, SET[39:32]}),
          .MODE2({28'd0, SET[31:28]}),
          .MODE4({28'd0, SET[27:24]}),
          .ENTRIES({28'd0, SET[23:20]}),
          .FULL_RANGE({28'd0, SET[19:16]}),
          .ROWS(ROWS),
          .UNITS({28'd0, SET[11:8]}),
          .SHIFT_MAX({28'd0, SET[7:4]})
      ) u_case (
          .clk_i(clk_i),
          .load_i(load_i),
          .first_i((row_i & (ROWS[2:0] - 3'd1)) == 3'd0),
          .row_i(row_i),
          .mode4_i(mode4_i),
          .has_outliers_i(has_outliers_i),
          .mx_scale_i(mx_scale_i),
          .list_i(list_i),
          .codes_i(codes_i),
          .codes_o(codes_o[64*c+:64]),
          .words_o(words_o[256*c+:256]),
          .status_o(status_o[32*c+:32])
      );
    end
  endgenerate
endmodule
`default_nettype wire
