// msq_outlier_decoder of one parameter set, with ports of one size for all sets.
`default_nettype none
module outlier_decoder_case #(
    parameter MICRO_BLOCK = 8,
    parameter MODE2 = 1,
    parameter MODE4 = 1,
    parameter ENTRIES = MICRO_BLOCK / 2,
    parameter FULL_RANGE = 0,
    parameter ROWS = 1,
    parameter UNITS = 1,
    parameter SHIFT_MAX = 7,
    localparam SHIFT_BITS = (SHIFT_MAX == 0) ? 1 : $clog2(SHIFT_MAX + 1),
    localparam LOC = $clog2(MICRO_BLOCK),
    localparam FIELDS = (MODE2 != 0) ? 2 : 1,
    localparam LIST_BITS = ENTRIES * 2 * LOC,
    localparam INPUT_BITS = $clog2(FIELDS * ROWS),
    localparam SIG_BITS = (MODE4 == 0) ? 4 : (FULL_RANGE != 0) ? 8 : 6,
    localparam WORD_BITS = SIG_BITS + INPUT_BITS + LOC + SHIFT_BITS
) (
    input  wire         clk_i,
    input  wire         load_i,
    input  wire         first_i,
    input  wire [2:0]   row_i,           // cut to the rows of the band
    input  wire         mode4_i,
    input  wire [1:0]   has_outliers_i,
    input  wire [15:0]  mx_scale_i,
    input  wire [127:0] list_i,          // field f at [64*f +: LIST_BITS]
    input  wire [63:0]  codes_i,
    output wire [63:0]  codes_o,         // zero-extended
    // unit u at [32*u +: 32] = {shift, lane, {field, row}, significand}, 8 bits each; the significand
    // sign-extended
    output wire [255:0] words_o,
    output wire [31:0]  status_o         // {write of unit u at u, unit error, list error}
);
  wire [FIELDS*LIST_BITS-1:0] list;
  wire [4*MICRO_BLOCK-1:0] codes;
  wire [UNITS-1:0] write;
  wire [UNITS*WORD_BITS-1:0] words;
  wire list_error, unit_error;
  wire [3:0] in_band = {1'b0, row_i & (ROWS[2:0] - 3'd1)};
  wire [$clog2(ROWS+1)-1:0] row = in_band[$clog2(ROWS+1)-1:0];
  wire [7:0] writes;
  genvar f, u;
  generate
    for (f = 0; f < FIELDS; f = f + 1) begin : gen_list
      assign list[f*LIST_BITS+:LIST_BITS] = list_i[64*f+:LIST_BITS];
    end
    for (u = 0; u < 8; u = u + 1) begin : gen_unit
      if (u < UNITS) begin : gen_used
        wire [WORD_BITS-1:0] word = words[u*WORD_BITS+:WORD_BITS];
        wire [7:0] from;
        if (INPUT_BITS > 0) begin : gen_input
          assign from = {{(8 - INPUT_BITS) {1'b0}}, word[SIG_BITS+:INPUT_BITS]};
        end else begin : gen_no_input
          assign from = 8'd0;
        end
        if (SIG_BITS < 8) begin : gen_sign
          assign words_o[32*u+:8] = {{(8 - SIG_BITS) {word[SIG_BITS-1]}}, word[SIG_BITS-1:0]};
        end else begin : gen_whole
          assign words_o[32*u+:8] = word[7:0];
        end
        assign words_o[32*u+8+:8] = from;
        assign words_o[32*u+16+:8] = {{(8 - LOC) {1'b0}}, word[SIG_BITS+INPUT_BITS+:LOC]};
        assign words_o[32*u+24+:8] = {{(8 - SHIFT_BITS) {1'b0}}, word[WORD_BITS-1-:SHIFT_BITS]};
        assign writes[u] = write[u];
      end else begin : gen_unused
        assign words_o[32*u+:32] = 32'd0;
        assign writes[u] = 1'b0;
      end
    end
    if (4 * MICRO_BLOCK < 64) begin : gen_narrow
      assign codes_o = {{(64 - 4 * MICRO_BLOCK) {1'b0}}, codes};
    end else begin : gen_wide
      assign codes_o = codes;
    end
  endgenerate
  assign status_o = {22'd0, writes, unit_error, list_error};

  msq_outlier_decoder #(
      .MICRO_BLOCK(MICRO_BLOCK),
      .MODE2(MODE2),
      .MODE4(MODE4),
      .ENTRIES(ENTRIES),
      .FULL_RANGE(FULL_RANGE),
      .ROWS(ROWS),
      .UNITS(UNITS),
      .SHIFT_MAX(SHIFT_MAX),
      .SHIFT_BITS(SHIFT_BITS)
  ) u_decoder (
      .clk_i(clk_i),
      .load_i(load_i),
      .first_i(first_i),
      .step_i(row),
      .mode4_i(mode4_i),
      .has_outliers_i(has_outliers_i[FIELDS-1:0]),
      .mx_scale_i(mx_scale_i[FIELDS*8-1:0]),
      .list_i(list),
      .codes_i(codes_i[4*MICRO_BLOCK-1:0]),
      .codes_o(codes),
      .write_o(write),
      .words_o(words),
      .list_error_o(list_error),
      .unit_error_o(unit_error)
  );
  wire unused = &{1'b0, row_i, in_band, has_outliers_i, mx_scale_i, list_i, codes_i};
endmodule
`default_nettype wire
