// msq_tile_reader as four accelerators of 8x8 hold it: with ReCoN and row shifts, with ReCoN and longer
// passes, with two places of K in a row, factors and tiles that repeat rows, and so with two words in a
// beat; and as one of 64x8 does, with ReCoN and row shifts: an order of eleven words.
`default_nettype none
module tile_reader_bench (
    input  wire        clk_i,
    input  wire        rst_ni,
    input  wire [2:0]  select_i,  // whose outputs are seen; the others stay in reset
    input  wire        restart_i,
    input  wire [23:0] tokens_total_i,
    input  wire [5:0]  tokens_pass_i,
    input  wire [23:0] columns_i,
    input  wire [10:0] tiles_k_i,
    input  wire [1:0]  format_i,
    input  wire [2:0]  log2_block_tiles_i,
    input  wire        valid_i,
    output wire        ready_o,
    input  wire [63:0] data_i,
    output wire        load_tile_o,
    output wire        load_mode4_o,
    output wire [7:0]  load_interval_o,
    output wire [7:0]  load_gap_o,
    input  wire        load_next_i,
    output wire        tile_push_o,
    input  wire        tile_full_i,
    output wire [5:0]  tile_tokens_o,
    output wire        tile_single_o,
    output wire        tile_job_first_o,
    output wire        tile_first_k_o,
    output wire        tile_last_k_o,
    output wire        tile_more_o,
    output wire        tile_pair_o,
    output wire        tile_group_last_o,
    output wire        tile_block_first_o,
    output wire        tile_block_last_o,
    output wire        tile_pass_last_o,
    output wire        tile_job_last_o,
    output wire [1:0]  tile_format_o,
    output wire        tile_mode4_o,
    output wire [3:0]  tile_unit_o,
    output wire [8:0]  tile_block_columns_o,
    output wire [1:0]  tile_reference_slot_o,
    output wire [1:0]  tile_scale_slot_o,
    output wire        tile_ordered_o,
    output wire        tile_shifted_o,
    output wire        tile_edge_slot_o,
    output wire        reference_write_o,
    output wire        scale_write_o,
    output wire        factor_write_o,
    output wire [1:0]  section_word_o,
    output wire [31:0] section_data_o,
    input  wire        edge_slot_i,
    input  wire        edge_free_i,
    output wire [351:0] order_o,
    output wire [255:0] row_shifts_o,
    output wire        done_o,
    output wire        header_o,
    output wire        mode_o,
    output wire        scale_o
);
  localparam BITS = 716;
  wire [5*BITS-1:0] all;
  genvar i;
  generate
    for (i = 0; i < 5; i = i + 1) begin : gen_reader
      localparam TOKENS = (i == 1) ? 32 : 16;
      localparam TOKEN_BITS = $clog2(TOKENS);
      localparam ROWS = (i == 4) ? 64 : 8;
      localparam PLACES = (i == 2 || i == 3) ? 2 : 1;
      localparam ORDER = (i == 4) ? 352 : (PLACES == 2) ? 8 : 20;
      localparam SHIFTS = 4 * ROWS * PLACES;
      localparam BEAT = (i == 3) ? 64 : 32;
      localparam SECTION_BITS = (PLACES == 2) ? 1 : 2;
      wire [TOKEN_BITS:0] tokens;
      wire ready, load_tile, load_mode4, push, job_first, first_k, last_k, more, pair, group_last,
          block_first, block_last, pass_last, job_last, mode4, ordered, shifted, edge_slot,
          reference_write, scale_write, factor_write, header, mode, scale, single, done;
      wire [7:0] interval, gap;
      wire [SHIFTS-1:0] row_shifts;
      wire [1:0] format, reference_slot, scale_slot;
      wire [SECTION_BITS-1:0] section_word;
      wire [31:0] section_data;
      wire [3:0] unit;
      wire [8:0] block_columns;
      wire [ORDER-1:0] order;
      assign all[BITS*i+:BITS] = {
        ready, load_tile, load_mode4, push, job_first, first_k, last_k, more, pair, group_last, block_first,
        block_last, pass_last, job_last, mode4, ordered, shifted, edge_slot, reference_write, scale_write,
        factor_write, header, mode, scale, interval, gap, format, reference_slot, scale_slot,
        {(2 - SECTION_BITS) {1'b0}}, section_word, section_data, unit, block_columns,
        {(352 - ORDER) {1'b0}}, order, {(256 - SHIFTS) {1'b0}}, row_shifts,
        {(5 - TOKEN_BITS) {1'b0}}, tokens, single, done, 7'd0
      };
      msq_tile_reader #(
          .ROWS(ROWS),
          .COLS(8),
          .MODE2(1),
          .MODE4(1),
          .PLACES(PLACES),
          .SCHEDULE((PLACES == 1) ? 1 : 0),
          .FACTORS((PLACES == 2) ? 1 : 0),
          .PERMUTER(1),
          .ORDER(ORDER),
          .REPEATS((PLACES == 2) ? 1 : 0),
          .ROW_SHIFTS((i == 1) ? 0 : 1),
          .SLOTS(4),
          .TOKENS(TOKENS),
          .BEAT(BEAT)
      ) u_tile_reader (
          .clk_i(clk_i),
          .rst_ni(rst_ni && select_i == i[2:0]),
          .restart_i(restart_i),
          .tokens_total_i(tokens_total_i),
          .tokens_pass_i(tokens_pass_i[TOKEN_BITS:0]),
          .columns_i(columns_i),
          .tiles_k_i(tiles_k_i),
          .format_i(format_i),
          .log2_block_tiles_i(log2_block_tiles_i),
          .valid_i(valid_i),
          .ready_o(ready),
          .data_i(data_i[BEAT-1:0]),
          .done_o(done),
          .load_tile_o(load_tile),
          .load_mode4_o(load_mode4),
          .load_interval_o(interval),
          .load_gap_o(gap),
          .load_next_i(load_next_i && select_i == i[2:0]),
          .tile_push_o(push),
          .tile_full_i(tile_full_i),
          .tile_tokens_o(tokens),
          .tile_single_o(single),
          .tile_job_first_o(job_first),
          .tile_first_k_o(first_k),
          .tile_last_k_o(last_k),
          .tile_more_o(more),
          .tile_pair_o(pair),
          .tile_group_last_o(group_last),
          .tile_block_first_o(block_first),
          .tile_block_last_o(block_last),
          .tile_pass_last_o(pass_last),
          .tile_job_last_o(job_last),
          .tile_format_o(format),
          .tile_mode4_o(mode4),
          .tile_unit_o(unit),
          .tile_block_columns_o(block_columns),
          .tile_reference_slot_o(reference_slot),
          .tile_scale_slot_o(scale_slot),
          .tile_ordered_o(ordered),
          .tile_shifted_o(shifted),
          .tile_edge_slot_o(edge_slot),
          .reference_write_o(reference_write),
          .scale_write_o(scale_write),
          .factor_write_o(factor_write),
          .section_word_o(section_word),
          .section_data_o(section_data),
          .edge_slot_i(edge_slot_i),
          .edge_free_i(edge_free_i && select_i == i[2:0]),
          .order_o(order),
          .row_shifts_o(row_shifts),
          .header_o(header),
          .mode_o(mode),
          .scale_o(scale)
      );
    end
  endgenerate
  wire [6:0] unused;
  assign {
    ready_o, load_tile_o, load_mode4_o, tile_push_o, tile_job_first_o, tile_first_k_o, tile_last_k_o,
    tile_more_o, tile_pair_o, tile_group_last_o, tile_block_first_o, tile_block_last_o, tile_pass_last_o,
    tile_job_last_o, tile_mode4_o, tile_ordered_o, tile_shifted_o, tile_edge_slot_o, reference_write_o,
    scale_write_o, factor_write_o, header_o, mode_o, scale_o, load_interval_o, load_gap_o, tile_format_o,
    tile_reference_slot_o, tile_scale_slot_o, section_word_o, section_data_o, tile_unit_o,
    tile_block_columns_o, order_o, row_shifts_o, tile_tokens_o, tile_single_o, done_o, unused
  } = all[BITS*select_i+:BITS];
endmodule
`default_nettype wire
