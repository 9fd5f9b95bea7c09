// msq_row_reader as four arrays hold it: with lists of four and micro-blocks of 8, with one outlier and two
// entries in a cycle, with one mode and micro-blocks of 16, and with two rows in a beat of codes.
`default_nettype none
module row_reader_bench (
    input  wire         clk_i,
    input  wire         rst_ni,
    input  wire [1:0]   select_i,  // whose outputs are seen; the others stay in reset
    input  wire         begin_i,
    input  wire         end_i,
    input  wire         mode4_i,
    input  wire [4:0]   entries_i,
    input  wire         entry_valid_i,
    output wire         entry_ready_o,
    input  wire [63:0]  entry_data_i,
    input  wire         code_valid_i,
    output wire         code_ready_o,
    input  wire [63:0]  code_data_i,
    input  wire         load_tile_i,
    output wire         load_next_o,
    output wire         load_last_o,
    output wire         load_valid_o,
    input  wire         load_ready_i,
    output wire [63:0]  load_weights_o,
    output wire [3:0]   load_has_outliers_o,
    output wire [15:0]  load_shift_o,
    output wire [95:0]  load_list_o,
    output wire         list_o
);
  localparam BITS = 192;
  wire [4*BITS-1:0] all;
  genvar i;
  generate
    for (i = 0; i < 4; i = i + 1) begin : gen_reader
      localparam COLS = (i == 3) ? 4 : (i == 1) ? 16 : 8;
      localparam LOAD_ROWS = (i == 3) ? 2 : 1;
      localparam FIELDS = (i == 1) ? 4 : (i == 2) ? 1 : 2;
      localparam ALL = LOAD_ROWS * FIELDS;
      localparam LOC = (i == 1) ? 3 : (i == 2) ? 4 : (i == 3) ? 2 : 3;
      localparam ENTRIES = (i == 1) ? 1 : (i == 2) ? 8 : (i == 3) ? 2 : 4;
      localparam LIST = ENTRIES * 2 * LOC * ALL;
      localparam BEAT = (i == 1) ? 64 : 32;
      localparam CODES = 4 * COLS * LOAD_ROWS;
      wire entry_ready, code_ready, load_next, load_last, load_valid, list_error;
      wire [CODES-1:0] weights;
      wire [ALL-1:0] has;
      wire [4*ALL-1:0] shift;
      wire [LIST-1:0] list;
      assign all[BITS*i+:BITS] = {
        entry_ready, code_ready, load_next, load_valid, list_error, {(64 - CODES) {1'b0}}, weights,
        {(4 - ALL) {1'b0}}, has, {(16 - 4 * ALL) {1'b0}}, shift, {(96 - LIST) {1'b0}}, list, load_last, 6'd0
      };
      msq_row_reader #(
          .ROWS(8),
          .COLS(COLS),
          .LOAD_ROWS(LOAD_ROWS),
          .OUTLIERS(1),
          .HALVES((i == 2) ? 0 : 1),
          .FIELDS(FIELDS),
          .LOC(LOC),
          .ENTRIES(ENTRIES),
          .WORD_ENTRIES((i == 1 || i == 3) ? 2 : 1),
          .BEAT(BEAT),
          .DEPTH(16)
      ) u_row_reader (
          .clk_i(clk_i),
          .rst_ni(rst_ni && select_i == i[1:0]),
          .begin_i(begin_i),
          .end_i(end_i),
          .mode4_i(mode4_i),
          .entries_i(entries_i),
          .entry_valid_i(entry_valid_i),
          .entry_ready_o(entry_ready),
          .entry_data_i(entry_data_i[BEAT-1:0]),
          .code_valid_i(code_valid_i && select_i == i[1:0]),
          .code_ready_o(code_ready),
          .code_data_i(code_data_i[CODES-1:0]),
          .load_tile_i(load_tile_i),
          .load_next_o(load_next),
          .load_last_o(load_last),
          .load_valid_o(load_valid),
          .load_ready_i(load_ready_i),
          .load_weights_o(weights),
          .load_has_outliers_o(has),
          .load_shift_o(shift),
          .load_list_o(list),
          .list_o(list_error)
      );
    end
  endgenerate
  wire [5:0] unused;
  assign {entry_ready_o, code_ready_o, load_next_o, load_valid_o, list_o, load_weights_o, load_has_outliers_o,
          load_shift_o, load_list_o, load_last_o, unused} = all[BITS*select_i+:BITS];
endmodule
`default_nettype wire
