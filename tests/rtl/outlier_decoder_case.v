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
    input  wire [7:0]   row_i,           // of all rows; its place in the band is what is below ROWS
    input  wire         mode4_i,
    input  wire [1:0]   has_outliers_i,
    input  wire [15:0]  mx_scale_i,
    input  wire [127:0] list_i,          // field f at [64*f +: LIST_BITS]
    input  wire [31:0]  codes_i,
    output wire [63:0]  status_o,        // {codes (32 bits), 22 zeros, write of unit u of field f at 2 + 4 * f + u, unit error, list error}
    output wire [255:0] words_o          // of unit u of field f at [32*(4*f + u) +: 32], zero-extended
);
  wire [7:0] place = row_i & (ROWS[7:0] - 8'd1);
  wire [FIELDS*LIST_BITS-1:0] list;
  wire [FIELDS*UNITS-1:0] write;
  wire [WORDS_BITS-1:0] words;
  wire [4*COLUMNS-1:0] codes;
  genvar f, u;
  generate
    for (f = 0; f < 2; f = f + 1) begin : gen_field
      localparam WORD = (f == 0) ? WORD0_BITS : WORD1_BITS;
      if (f < FIELDS) begin : gen_list
        assign list[f*LIST_BITS+:LIST_BITS] = list_i[64*f+:LIST_BITS];
      end
      for (u = 0; u < 4; u = u + 1) begin : gen_unit
        if (f < FIELDS && u < UNITS) begin : gen_used
          assign status_o[2+4*f+u] = write[f*UNITS+u];
          assign words_o[32*(4*f+u)+:32] = {{(32 - WORD) {1'b0}}, words[((f==0)?0:UNITS*WORD0_BITS)+u*WORD+:WORD]};
        end else begin : gen_unused
          assign status_o[2+4*f+u] = 1'b0;
          assign words_o[32*(4*f+u)+:32] = 32'd0;
        end
      end
    end
    if (COLUMNS < 8) begin : gen_narrow
      assign status_o[63:32] = {{(32 - 4 * COLUMNS) {1'b0}}, codes};
    end else begin : gen_wide
      assign status_o[63:32] = codes;
    end
  endgenerate
  assign status_o[31:10] = 22'd0;
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
      .first_i(place == 8'd0),
      .row_i(place[$clog2(ROWS+1)-1:0]),
      .mode4_i(mode4_i),
      .has_outliers_i(has_outliers_i[FIELDS-1:0]),
      .mx_scale_i(mx_scale_i[FIELDS*8-1:0]),
      .list_i(list),
      .codes_i(codes_i[4*COLUMNS-1:0]),
      .codes_o(codes),
      .write_o(write),
      .words_o(words),
      .list_error_o(status_o[0]),
      .unit_error_o(status_o[1])
  );
  wire unused = &{1'b0, place, has_outliers_i, mx_scale_i, list_i, codes_i};
endmodule
`default_nettype wire
