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
    localparam FIELDS = (MODE2 != 0 && MODE4 != 0) ? 2 : 1,
    localparam LIST_BITS = ENTRIES * 2 * LOC,
    localparam COLUMNS = FIELDS * MICRO_BLOCK / ((MODE2 != 0) ? 2 : 1),
    localparam ROW_BITS = $clog2(ROWS),
    localparam SIG0_BITS = (MODE4 == 0) ? 4 : (FULL_RANGE != 0) ? 8 : 6,
    localparam WORD0_BITS = SIG0_BITS + ROW_BITS + LOC + FIELDS - 1 + SHIFT_BITS,
    localparam WORD1_BITS = 4 + ROW_BITS + LOC + SHIFT_BITS,
    localparam WORDS_BITS = UNITS * (WORD0_BITS + ((FIELDS == 2) ? WORD1_BITS : 0))
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
    // unit u of field f at [32*(4*f + u) +: 32] = {shift, lane, row, significand}, 8 bits
    output wire [255:0] words_o,
                                         // each; the significand sign-extended
    output wire [31:0]  status_o         // {write (unit u of field f at 4*f + u), unit error, list error}
);
  wire [$clog2(ROWS+1)-1:0] row;
  wire [FIELDS*LIST_BITS-1:0] list;
  wire [4*COLUMNS-1:0] codes;
  wire [FIELDS*UNITS-1:0] write;
  wire [WORDS_BITS-1:0] words;
  wire list_error, unit_error;
  wire [3:0] in_band = {1'b0, row_i & (ROWS[2:0] - 3'd1)};
  assign row = in_band[$clog2(ROWS+1)-1:0];
  wire [7:0] writes;
  genvar f, u;
  generate
    for (f = 0; f < 2; f = f + 1) begin : gen_field
      localparam SIG = (f == 0) ? SIG0_BITS : 4;
      localparam LANE = (f == 0) ? LOC + FIELDS - 1 : LOC;
      localparam WORD = (f == 0) ? WORD0_BITS : WORD1_BITS;
      localparam BASE = (f == 0) ? 0 : UNITS * WORD0_BITS;
      if (f < FIELDS) begin : gen_list
        assign list[f*LIST_BITS+:LIST_BITS] = list_i[64*f+:LIST_BITS];
      end
      for (u = 0; u < 4; u = u + 1) begin : gen_unit
        if (f < FIELDS && u < UNITS) begin : gen_used
          wire [WORD-1:0] word = words[BASE+u*WORD+:WORD];
          wire [7:0] at_row;
          if (ROW_BITS > 0) begin : gen_row
            assign at_row = {{(8 - ROW_BITS) {1'b0}}, word[SIG+:ROW_BITS]};
          end else begin : gen_no_row
            assign at_row = 8'd0;
          end
          if (SIG < 8) begin : gen_sign
            assign words_o[32*(4*f+u)+:8] = {{(8 - SIG) {word[SIG-1]}}, word[SIG-1:0]};
          end else begin : gen_whole
            assign words_o[32*(4*f+u)+:8] = word[7:0];
          end
          assign words_o[32*(4*f+u)+8+:8] = at_row;
          assign words_o[32*(4*f+u)+16+:8] = {{(8 - LANE) {1'b0}}, word[SIG+ROW_BITS+:LANE]};
          assign words_o[32*(4*f+u)+24+:8] = {{(8 - SHIFT_BITS) {1'b0}}, word[WORD-1-:SHIFT_BITS]};
          assign writes[4*f+u] = write[f*UNITS+u];
        end else begin : gen_unused
          assign words_o[32*(4*f+u)+:32] = 32'd0;
          assign writes[4*f+u] = 1'b0;
        end
      end
    end
    if (4 * COLUMNS < 64) begin : gen_narrow
      assign codes_o = {{(64 - 4 * COLUMNS) {1'b0}}, codes};
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
      .row_i(row),
      .mode4_i(mode4_i),
      .has_outliers_i(has_outliers_i[FIELDS-1:0]),
      .mx_scale_i(mx_scale_i[FIELDS*8-1:0]),
      .list_i(list),
      .codes_i(codes_i[4*COLUMNS-1:0]),
      .codes_o(codes),
      .write_o(write),
      .words_o(words),
      .list_error_o(list_error),
      .unit_error_o(unit_error)
  );
  wire unused = &{1'b0, row_i, in_band, has_outliers_i, mx_scale_i, list_i, codes_i};
endmodule
`default_nettype wire
