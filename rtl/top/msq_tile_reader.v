// SPDX-License-Identifier: Apache-2.0
// Reads the sections of the weight stream's blocks: walks the tiles of a job, describes each to the launcher
// and the collector, and fills the memories of references, scales and factors. After the last tile of a job,
// or an error, it takes no beat until restart_i.
//
// Words of WORD bits, the first one lowest in a beat; a block begins with a beat:
//   header        [15:8] tiles of the block, [16] mode 4, [17] pairs: a tile has the places of two tiles
//                 along K, [18] tiles are described, [19] the block ends its packet, [22:20] p, [23] the
//                 first tile and each 2^p-th after it have scales; the other bits are msq_weight_split's;
//                 then 16 bits each: beats of sections, beats of entries
//   description   of as many tiles as a word takes, before the first of them, if tiles are described:
//                 [0] scales, [1] an order, [2] row shifts, [3] the next tile has the same rows (and holds
//                 what did not fit this one), [7:4] 0; with SCHEDULE also [15:8] 0, [23:16] interval,
//                 [31:24] gap
//   references    one byte per column: Iref; of the first tile along K
//   scales        one byte per column: Isf - Iref, -64..4; if none follow, those of the tile before hold
//   factors       four bits per column: {negative, f} of the factor of its scale; after the scales, if there
//                 are factors
//   order         settings of the activation permuter; if none follow, activations stay in their order
//   row shifts    four bits per row; if none follow, they are 0
// Area block: top: readers
`default_nettype none
module msq_tile_reader #(
    parameter ROWS = 8,        // PE rows
    parameter COLS = 8,        // PE columns
    parameter MODE2 = 1,       // mode 2 is supported
    parameter MODE4 = 1,       // mode 4 is supported
    parameter PLACES = 1,      // places of K that a row has in mode 2; with 1 it has two columns
    parameter SCHEDULE = 0,    // tiles have an interval and a gap
    parameter FACTORS = 0,     // scales have factors
    parameter PERMUTER = 1,    // there is a permuter of activations
    parameter ORDER = 20,      // bits of its settings; 1 without
    parameter REPEATS = 0,     // several tiles can have the same rows
    parameter ROW_SHIFTS = 0,  // activations can be shifted by row
    parameter SLOTS = 4,       // tiles on their way, a power of two
    parameter TOKENS = 128,    // maximum tokens of a pass, a power of two
    parameter BEAT = 32,       // bits of a beat of the weight stream
    // Derived, do not set.
    parameter TOKEN_BITS = $clog2(TOKENS),
    parameter LANES = (MODE2 != 0 && PLACES == 1) ? 2 * COLS : COLS,
    parameter BANKS = (LANES > COLS && MODE4 != 0) ? 2 : 1,
    parameter UNIT = LANES / BANKS,                    // columns that a bank of accumulators takes of a token
    parameter BLOCK = (LANES > 128) ? LANES : 128,             // columns of a block of outputs
    parameter UNIT_BITS = (BLOCK > UNIT) ? $clog2(BLOCK / UNIT) : 1,
    parameter WORD = (4 * COLS > 32) ? 4 * COLS : 32,          // bits that are read at a time
    parameter SECTION = (LANES * 8 + WORD - 1) / WORD,         // words with a byte for every lane
    parameter SECTION_BITS = (SECTION > 1) ? $clog2(SECTION) : 1,
    parameter FACTOR_SECTION = (LANES * 4 + WORD - 1) / WORD,  // words with four bits for every lane
    parameter WAYS = ROWS * PLACES,                            // activations of a token
    parameter SLOT_BITS = $clog2(SLOTS)
) (
    input  wire                        clk_i,
    input  wire                        rst_ni,
    // Job: stable from restart_i, or the end of a reset, to the next restart_i. M and N are read first in the
    // cycle of restart_i, the others in the cycle after.
    input  wire                        restart_i,           // pulse: begin the next job
    input  wire [23:0]                 tokens_total_i,      // M
    input  wire [TOKEN_BITS:0]         tokens_pass_i,       // T of every pass except the last
    input  wire [23:0]                 columns_i,           // N
    input  wire [10:0]                 tiles_k_i,           // tiles along K
    input  wire [1:0]                  format_i,            // format of the outputs; MX, 2 and 3, in blocks
    input  wire [2:0]                  log2_block_tiles_i,  // log2 of the tiles along K of a block
    // Beats of sections.
    input  wire                        valid_i,  // beat offered
    output wire                        ready_o,  // beat accepted if offered
    input  wire [BEAT-1:0]             data_i,   // beat
    output wire                        done_o,   // last tile of the job, or an error, read
    // Rows of the oldest tile whose sections are read.
    output wire                        load_tile_o,      // there is one
    output wire                        load_mode4_o,     // mode of the tile: 1 is mode 4
    output wire [7:0]                  load_interval_o,  // cycles between tokens
    output wire [7:0]                  load_gap_o,       // cycles after the tile before
    input  wire                        load_next_i,      // its last row is taken
    // Description of a tile.
    output wire                        tile_push_o,    // the outputs below describe the next tile
    input  wire                        tile_full_i,            // no tile can be pushed
    output wire [TOKEN_BITS:0]         tile_tokens_o,          // tokens of the tile
    output wire                        tile_single_o,          // the tile has one token
    output wire                        tile_job_first_o,       // first tile of its job
    output wire                        tile_first_k_o,         // first tile along K
    output wire                        tile_last_k_o,          // last tile along K
    output wire                        tile_more_o,            // the next tile has the same rows
    output wire                        tile_pair_o,            // the tile has the words of two tiles along K
    output wire                        tile_group_last_o,      // last along K of its activation block
    output wire                        tile_block_first_o,     // first column tile of its block of outputs
    output wire                        tile_block_last_o,      // last column tile of its block of outputs
    output wire                        tile_pass_last_o,       // last tile of its pass
    output wire                        tile_job_last_o,        // last tile of its job
    output wire [1:0]                  tile_format_o,          // format of the outputs
    output wire                        tile_mode4_o,           // mode of the tile: 1 is mode 4
    output wire [UNIT_BITS-1:0]        tile_unit_o,          // first unit of columns of the tile in the block
    output wire [8:0]                  tile_block_columns_o,   // columns of the block within N
    output wire [1:0]                  tile_reference_slot_o,  // slot of the references of the block
    output wire [SLOT_BITS-1:0]        tile_scale_slot_o,      // slot of the scales of the tile
    output wire                        tile_ordered_o,         // an order follows
    output wire                        tile_shifted_o,         // row shifts follow
    output wire                        tile_edge_slot_o,       // slot of the order and the row shifts
    // Memories of references and scales: one for each word of a section.
    output wire                        reference_write_o,  // at {tile_reference_slot_o, tile_unit_o}
    output wire                        scale_write_o,      // at tile_scale_slot_o
    output wire                        factor_write_o,     // at tile_scale_slot_o
    output wire [SECTION_BITS-1:0]     section_word_o,     // word of the section, and memory to write
    output wire [WORD-1:0]             section_data_o,     // what to write
    // Edge of the array, for the tile at the launcher.
    input  wire                        edge_slot_i,   // slot of the tile at the launcher
    input  wire                        edge_free_i,   // launcher finished with an ordered or shifted tile
    output wire [ORDER-1:0]            order_o,       // settings of the permuter
    output wire [4*WAYS-1:0]           row_shifts_o,  // shift of each row's places, 4 bits each
    // Errors, one cycle each.
    output wire                        header_o,  // a block's header or description, or its length, is wrong
    output wire                        mode_o,    // mode not supported, or changed where not allowed
    output wire                        scale_o    // a relative scale is not in -64..4
);
  localparam [3:0] HEADER = 4'd0, COUNTS = 4'd1, DESCRIBE = 4'd2, TILE = 4'd3, REFERENCES = 4'd4,
      SCALES = 4'd5, FACTOR = 4'd6, ORDERS = 4'd7, SHIFTS = 4'd8, DONE = 4'd9;
  localparam ORDER_WORDS = (ORDER + WORD - 1) / WORD;
  localparam SHIFT_WORDS = (4 * WAYS + WORD - 1) / WORD;
  localparam UNITS = BLOCK / UNIT;
  localparam MOST_SECTION = (ORDER_WORDS > SHIFT_WORDS) ? ORDER_WORDS : SHIFT_WORDS;
  localparam MOST_WORDS = (SECTION > MOST_SECTION) ? SECTION : MOST_SECTION;  // of a part
  localparam COUNT_BITS = $clog2(MOST_WORDS + 1);
  localparam DESCRIPTION = (SCHEDULE != 0) ? 32 : 8;  // bits of a tile's description
  localparam DESCRIBED = WORD / DESCRIPTION;          // tiles that a word describes
  localparam WORDS = BEAT / WORD;
  localparam INDEX_BITS = (WORDS > 1) ? $clog2(WORDS) : 1;

  reg [3:0]            state_q;
  reg [COUNT_BITS-1:0] count_q;      // words of the part that are read
  // Block.
  reg [7:0]            tiles_q;      // tiles that follow, with the one that is read
  reg [7:0]            tile_q;       // number of the tile
  reg                  mode4_q;
  reg                  pairs_q;
  reg                  described_q;
  reg                  end_q;
  reg [2:0]            period_q;
  reg                  scales_q;
  reg [15:0]           beats_q;      // beats of sections that follow, with the one that is read
  reg [WORD-1:0]       description_q;
  // Walk.
  reg [23:0]           tokens_q;     // tokens of this and later passes
  reg                  last_pass_q;  // of the job; known a cycle later, before the next tile
  reg [TOKEN_BITS:0]   pass_q;       // tokens of the pass; likewise
  reg [23:0]           columns_q;    // columns of this and later column tiles
  reg                  narrow_last_q;  // they fit one unit
  reg                  wide_last_q;    // they fit both units
  reg                  narrow_first_q;  // the same of all columns of the job
  reg                  wide_first_q;
  reg                  fresh_q;      // columns_q is of a job that begins
  reg [9:0]            end_k_q;      // last tile along K of the job
  reg [9:0]            tile_k_q;
  reg                  repeat_q;     // the tile before had the same rows
  reg                  column_mode4_q;  // of the tiles along K
  reg                  column_pairs_q;
  reg                  begin_q;      // the next tile is the first of the job
  reg [UNIT_BITS-1:0]  unit_q;
  reg [1:0]            block_q;      // counts blocks of outputs
  reg [8:0]            block_columns_q;
  reg [SLOT_BITS-1:0]  slot_q;
  reg                  edge_slot_q;
  reg [1:0]            edges_q;      // tiles with an order or row shifts that are not launched

  // Words of a beat. At the end of a block the rest of its beat is void.
  wire at_tile = state_q == TILE;
  wire wants = !at_tile && state_q != DONE;
  assign done_o = state_q == DONE;
  wire take = valid_i && wants;  // of a word
  wire leave;                    // the block ends
  wire [WORD-1:0] data;
  wire beat_end;                 // this cycle's word is the last one of its beat
  wire opened;                   // a word of the beat at the front is read
  generate
    if (WORDS > 1) begin : gen_words
      reg [INDEX_BITS-1:0] index_q;
      assign data = data_i[index_q*WORD+:WORD];
      assign beat_end = index_q == WORDS[INDEX_BITS-1:0] - 1'b1;
      assign opened = index_q != {INDEX_BITS{1'b0}};
      always @(posedge clk_i) begin
        if (!rst_ni || restart_i || leave) index_q <= {INDEX_BITS{1'b0}};
        else if (take) index_q <= index_q + 1'b1;
      end
    end else begin : gen_word
      assign data = data_i;
      assign beat_end = 1'b1;
      assign opened = 1'b0;
    end
  endgenerate
  assign ready_o = (take && (beat_end || leave)) || (at_tile && leave && opened);

  // Header.
  wire take_header = take && state_q == HEADER;
  wire at_counts = (WORD >= 64) ? state_q == HEADER : state_q == COUNTS;
  wire [15:0] header_beats;
  generate
    if (WORD >= 64) begin : gen_counts
      assign header_beats = data[47:32];
    end else begin : gen_narrow
      assign header_beats = data[15:0];
    end
  endgenerate
  wire bad_header = (data[17] && (PLACES == 1 || data[16]))
      || (data[17] && log2_block_tiles_i == 3'd0) || (SCHEDULE != 0 && !data[18]);
  wire bad_mode = data[16] ? (MODE4 == 0) : (MODE2 == 0);

  // The tile.
  wire [6:0] in_period = ~(7'h7f << period_q);
  wire periodic = scales_q && (tile_q[6:0] & in_period) == 7'd0;
  wire scales = described_q ? description_q[0] : periodic;
  wire ordered = described_q && description_q[1];
  wire shifted = described_q && description_q[2];
  wire more = described_q && description_q[3];
  wire pairs = PLACES == 2 && pairs_q;
  wire unused_tiles_k = &{1'b0, tiles_k_i[10]};
  wire first_k = tile_k_q == 10'd0 && !repeat_q;
  wire alone = tile_k_q == end_k_q;  // no other tile follows along K
  wire last_k = (alone || (pairs && {tile_k_q[9:1], 1'b1} == end_k_q)) && !more;  // pairs begin at even tiles
  wire [6:0] last_of_pair = tile_k_q[6:0] | {6'd0, pairs};
  wire first_unit = unit_q == {UNIT_BITS{1'b0}};
  wire last_pass = tokens_q <= {{(23 - TOKEN_BITS) {1'b0}}, tokens_pass_i};
  wire [6:0] in_group = ~(7'h7f << log2_block_tiles_i);
  wire wide = BANKS == 2 && !mode4_q;  // the tile has two units of columns
  wire [23:0] tile_columns = wide ? LANES[23:0] : UNIT[23:0];
  wire last_column = wide ? wide_last_q : narrow_last_q;
  wire [23:0] most_columns = format_i[1] ? BLOCK[23:0] : tile_columns;
  wire [8:0] block_columns = !first_unit ? block_columns_q : (columns_q > most_columns) ? most_columns[8:0]
      : columns_q[8:0];
  wire [UNIT_BITS:0] unit_after = {1'b0, unit_q} + (wide ? {{UNIT_BITS{1'b0}}, 1'b1}
      : {(UNIT_BITS + 1) {1'b0}}) + {{UNIT_BITS{1'b0}}, 1'b1};
  wire block_last = last_column || unit_after == UNITS[UNIT_BITS:0] || !format_i[1];
  wire pass_last = last_column && last_k;
  wire edges = ordered || shifted;
  wire [SLOT_BITS-1:0] slot = slot_q + {{(SLOT_BITS - 1) {1'b0}}, at_tile && scales};
  wire edge_slot = edge_slot_q ^ (at_tile && edges);
  wire tile_last = tiles_q == 8'd1;  // of the block

  wire push = at_tile && !tile_full_i && !(edges && edges_q[1]);
  wire bad_description = described_q && (description_q[7:4] != 4'd0 || (ordered && PERMUTER == 0)
      || (shifted && ROW_SHIFTS == 0) || (more && REPEATS == 0));
  wire bad_schedule;
  wire bad_tile = bad_description || bad_schedule || (first_k && !scales)
      || (!first_k && pairs_q != column_pairs_q)
      || (tile_last ? end_q != pass_last : pass_last);
  assign mode_o = (take_header && !bad_header && bad_mode)
      || (push && ((!first_k && mode4_q != column_mode4_q) || (wide && unit_q[0])));

  assign tile_push_o = push;
  assign tile_tokens_o = pass_q;
  assign tile_single_o = pass_q == {{TOKEN_BITS{1'b0}}, 1'b1};
  assign tile_job_first_o = begin_q;
  assign tile_first_k_o = first_k;
  assign tile_last_k_o = last_k;
  assign tile_more_o = more;
  assign tile_pair_o = pairs && !alone;
  assign tile_group_last_o = (last_of_pair & in_group) == in_group && !more;
  assign tile_block_first_o = first_unit;
  assign tile_block_last_o = block_last;
  assign tile_pass_last_o = pass_last;
  assign tile_job_last_o = pass_last && last_pass_q;
  assign tile_format_o = format_i;
  assign tile_mode4_o = mode4_q;
  assign tile_block_columns_o = block_columns;
  assign tile_ordered_o = ordered;
  assign tile_shifted_o = shifted;

  assign tile_unit_o = unit_q;
  assign tile_reference_slot_o = block_q;
  assign tile_scale_slot_o = slot;
  assign tile_edge_slot_o = edge_slot;

  // Parts of the tile; TILE stands for none.
  wire [3:0] after_order = shifted ? SHIFTS : TILE;
  wire [3:0] after_factors = ordered ? ORDERS : after_order;
  wire [3:0] after_scales = (FACTORS != 0) ? FACTOR : after_factors;
  wire [3:0] after_references = scales ? SCALES : after_factors;
  wire [3:0] first_part = first_k ? REFERENCES : after_references;
  reg  [3:0] after_part;
  always @* begin
    case (state_q)
      TILE: after_part = first_part;
      REFERENCES: after_part = after_references;
      SCALES: after_part = after_scales;
      FACTOR: after_part = after_factors;
      ORDERS: after_part = after_order;
      default: after_part = TILE;
    endcase
  end
  // Mode 4 of an array with two lanes a column has half as many.
  localparam NARROW_SECTION = (BANKS == 2) ? SECTION / 2 : SECTION;
  localparam NARROW_FACTORS = (BANKS == 2 && FACTOR_SECTION > 1) ? FACTOR_SECTION / 2 : FACTOR_SECTION;
  wire [COUNT_BITS-1:0] count = count_q + 1'b1;  // with the word that is read
  wire narrow = BANKS == 2 && mode4_q;
  wire section_last = count == (narrow ? NARROW_SECTION[COUNT_BITS-1:0] : SECTION[COUNT_BITS-1:0]);
  wire factors_last = count == (narrow ? NARROW_FACTORS[COUNT_BITS-1:0] : FACTOR_SECTION[COUNT_BITS-1:0]);
  wire order_last = count == ORDER_WORDS[COUNT_BITS-1:0];
  wire shifts_last = count == SHIFT_WORDS[COUNT_BITS-1:0];
  wire in_part = state_q == REFERENCES || state_q == SCALES || state_q == FACTOR || state_q == ORDERS
      || state_q == SHIFTS;
  wire part_last = (state_q == ORDERS) ? order_last : (state_q == SHIFTS) ? shifts_last
                   : (state_q == FACTOR) ? factors_last : section_last;
  wire next_part = push || (take && in_part && part_last);
  wire complete = next_part && after_part == TILE;
  assign leave = complete && tile_last;

  assign section_word_o = count_q[SECTION_BITS-1:0];
  assign section_data_o = data;
  assign reference_write_o = take && state_q == REFERENCES;
  assign scale_write_o = take && state_q == SCALES;
  assign factor_write_o = FACTORS != 0 && take && state_q == FACTOR;
  wire [WORD/8-1:0] bad_scale;
  genvar b;
  generate
    for (b = 0; b < WORD / 8; b = b + 1) begin : gen_byte
      wire [7:0] relative = data[8*b+:8];  // -64 to 4, two's complement
      assign bad_scale[b] = relative[7] ? !relative[6] : |relative[6:3] || (relative[2] && |relative[1:0]);
    end
  endgenerate
  assign scale_o = scale_write_o && |bad_scale;

  // Order and row shifts, two of each: one for the tile that is launched, one for the tile after it.
  generate
    if (PERMUTER != 0) begin : gen_order
      reg [ORDER_WORDS*WORD-1:0] order0_q;
      reg [ORDER_WORDS*WORD-1:0] order1_q;
      for (b = 0; b < ORDER_WORDS; b = b + 1) begin : gen_part
        always @(posedge clk_i) begin
          if (take && state_q == ORDERS && count_q == b[COUNT_BITS-1:0]) begin
            if (edge_slot_q) order1_q[b*WORD+:WORD] <= data;
            else order0_q[b*WORD+:WORD] <= data;
          end
        end
      end
      assign order_o = edge_slot_i ? order1_q[ORDER-1:0] : order0_q[ORDER-1:0];
      if (ORDER_WORDS * WORD > ORDER) begin : gen_rest
        wire unused_rest = &{1'b0, order0_q[ORDER_WORDS*WORD-1:ORDER], order1_q[ORDER_WORDS*WORD-1:ORDER]};
      end
    end else begin : gen_no_order
      assign order_o = {ORDER{1'b0}};
    end
    if (ROW_SHIFTS != 0) begin : gen_shifts
      reg [SHIFT_WORDS*WORD-1:0] shifts0_q;
      reg [SHIFT_WORDS*WORD-1:0] shifts1_q;
      for (b = 0; b < SHIFT_WORDS; b = b + 1) begin : gen_part
        always @(posedge clk_i) begin
          if (take && state_q == SHIFTS && count_q == b[COUNT_BITS-1:0]) begin
            if (edge_slot_q) shifts1_q[b*WORD+:WORD] <= data;
            else shifts0_q[b*WORD+:WORD] <= data;
          end
        end
      end
      assign row_shifts_o = edge_slot_i ? shifts1_q[4*WAYS-1:0] : shifts0_q[4*WAYS-1:0];
      if (SHIFT_WORDS * WORD > 4 * WAYS) begin : gen_rest
        wire unused_rest = &{1'b0, shifts0_q[SHIFT_WORDS*WORD-1:4*WAYS],
            shifts1_q[SHIFT_WORDS*WORD-1:4*WAYS]};
      end
    end else begin : gen_no_shifts
      assign row_shifts_o = {(4 * WAYS) {1'b0}};
    end
    if (PERMUTER == 0 && ROW_SHIFTS == 0) begin : gen_no_edge
      wire unused_edge = &{1'b0, edge_slot_i};
    end
  endgenerate

  // Tiles whose rows may be loaded. A tile here is one of those that are not collected, so there are at most
  // SLOTS.
  reg [SLOT_BITS:0] loads_write_q;
  reg [SLOT_BITS:0] loads_read_q;
  assign load_tile_o = loads_write_q != loads_read_q;
  generate
    if (MODE2 != 0 && MODE4 != 0) begin : gen_modes
      reg [SLOTS-1:0] modes_q;
      always @(posedge clk_i) if (complete) modes_q[loads_write_q[SLOT_BITS-1:0]] <= mode4_q;
      assign load_mode4_o = modes_q[loads_read_q[SLOT_BITS-1:0]];
    end else begin : gen_one_mode
      assign load_mode4_o = MODE4 != 0;
    end
    if (SCHEDULE != 0) begin : gen_schedule
      reg [15:0] schedules_q[0:SLOTS-1];
      always @(posedge clk_i) begin
        if (complete) schedules_q[loads_write_q[SLOT_BITS-1:0]] <= description_q[31:16];
      end
      assign {load_gap_o, load_interval_o} = schedules_q[loads_read_q[SLOT_BITS-1:0]];
      assign bad_schedule = description_q[15:8] != 8'd0 || description_q[23:16] == 8'd0
          || description_q[31:24] == 8'd0;
    end else begin : gen_no_schedule
      assign load_interval_o = 8'd1;
      assign load_gap_o = 8'd1;
      assign bad_schedule = 1'b0;
    end
  endgenerate

  // Beats of the block. HEADER_POPS of them are taken when their number is known.
  localparam [15:0] HEADER_POPS = (WORD >= 64) ? ((WORDS == 1) ? 16'd1 : 16'd0)
      : (WORDS == 1) ? 16'd2 : (WORDS == 2) ? 16'd1 : 16'd0;
  wire pop = valid_i && ready_o;
  wire [15:0] beats_after = beats_q - {15'd0, pop};
`ifdef MSQ_DSP
  wire surplus = pop ? beats_q != 16'd1 : beats_q != 16'd0;  // no carry chain behind pop
`else
  wire surplus = beats_after != 16'd0;
`endif
  wire starves = (in_part || state_q == DESCRIBE) && beats_q == 16'd0;
  assign header_o = (take_header && bad_header) || (push && bad_tile) || starves
      || (leave && surplus);
  wire failed = header_o || mode_o || scale_o;

  wire [7:0] next_tile = tile_q + 8'd1;
  wire [7:0] in_word = next_tile & (DESCRIBED[7:0] - 8'd1);  // tiles of the last description
  wire [3:0] after_tile = leave ? ((pass_last && last_pass_q) ? DONE : HEADER)
      : (described_q && in_word == 8'd0) ? DESCRIBE : TILE;
  wire [3:0] after_header = (state_q == HEADER ? data[18] : described_q) ? DESCRIBE : TILE;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q       <= HEADER;
      count_q       <= {COUNT_BITS{1'b0}};
      tokens_q      <= tokens_total_i;
      columns_q     <= columns_i;
      tile_k_q      <= 10'd0;
      repeat_q      <= 1'b0;
      begin_q       <= 1'b1;
      fresh_q       <= 1'b1;
      unit_q        <= {UNIT_BITS{1'b0}};
      block_q       <= 2'd0;
      slot_q        <= {SLOT_BITS{1'b0}};
      edge_slot_q   <= 1'b0;
      edges_q       <= 2'd0;
      loads_write_q <= {(SLOT_BITS + 1) {1'b0}};
      loads_read_q  <= {(SLOT_BITS + 1) {1'b0}};
    end else begin
      fresh_q       <= restart_i;
      edges_q       <= edges_q + {1'b0, push && edges} - {1'b0, edge_free_i};
      loads_write_q <= loads_write_q + {{SLOT_BITS{1'b0}}, complete};
      loads_read_q  <= loads_read_q + {{SLOT_BITS{1'b0}}, load_next_i};
      if (push) begin
        begin_q     <= 1'b0;
        slot_q      <= slot;
        edge_slot_q <= edge_slot;
      end
      if (take && in_part) count_q <= part_last ? {COUNT_BITS{1'b0}} : count;
      if (complete) begin
        state_q  <= after_tile;
        repeat_q <= more;
        if (!more) tile_k_q <= last_k ? 10'd0 : tile_k_q + (pairs ? 10'd2 : 10'd1);
        if (last_k) begin
          unit_q    <= block_last ? {UNIT_BITS{1'b0}} : unit_after[UNIT_BITS-1:0];
          block_q   <= block_q + {1'b0, block_last};
          columns_q <= last_column ? columns_i : columns_q - tile_columns;
        end
        if (pass_last) tokens_q <= tokens_q - {{(23 - TOKEN_BITS) {1'b0}}, pass_q};
      end else if (next_part) begin
        state_q <= after_part;
      end else if (take && !in_part) begin
        state_q <= (state_q == HEADER && WORD < 64) ? COUNTS : (state_q == DESCRIBE) ? TILE : after_header;
      end
      if (failed) state_q <= DONE;
      if (restart_i) begin
        state_q   <= HEADER;
        tokens_q  <= tokens_total_i;
        columns_q <= columns_i;
        tile_k_q  <= 10'd0;
        repeat_q  <= 1'b0;
        begin_q   <= 1'b1;
        unit_q    <= {UNIT_BITS{1'b0}};
      end
    end
  end

  always @(posedge clk_i) begin
    if (take_header) begin
      tiles_q     <= data[15:8];
      tile_q      <= 8'd0;
      mode4_q     <= data[16];
      pairs_q     <= data[17];
      described_q <= data[18];
      end_q       <= data[19];
      period_q    <= data[22:20];
      scales_q    <= data[23];
    end else if (complete) begin
      tiles_q        <= tiles_q - 8'd1;
      tile_q         <= next_tile;
      column_mode4_q <= mode4_q;
      column_pairs_q <= pairs_q;
    end
    // Columns change with the last tile along K, and the next tile may need the result in the cycle after:
    // what remains behind this tile is compared before.
    if (fresh_q) begin
      narrow_first_q <= columns_q <= UNIT[23:0];
      wide_first_q   <= columns_q <= LANES[23:0];
      narrow_last_q  <= columns_q <= UNIT[23:0];
      wide_last_q    <= columns_q <= LANES[23:0];
    end else if (complete && last_k) begin
      narrow_last_q <= last_column ? narrow_first_q : columns_q <= tile_columns + UNIT[23:0];
      wide_last_q   <= last_column ? wide_first_q : columns_q <= tile_columns + LANES[23:0];
    end
    if (push) block_columns_q <= block_columns;
    last_pass_q <= last_pass;
    end_k_q     <= tiles_k_i[9:0] - 10'd1;
    pass_q      <= last_pass ? tokens_q[TOKEN_BITS:0] : tokens_pass_i;
    if (take && at_counts) beats_q <= header_beats - HEADER_POPS;
    else beats_q <= beats_after;
    if (take && state_q == DESCRIBE) description_q <= data;
    else if (complete) description_q <= description_q >> DESCRIPTION;
  end

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_modes, MODE2 != 0 || MODE4 != 0)
  `MSQ_PARAMETER(msq_illegal_places, PLACES == 1 || (PLACES == 2 && MODE2 != 0))
  `MSQ_PARAMETER(msq_illegal_slots, SLOTS >= 2 && (SLOTS & (SLOTS - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_tokens, TOKENS >= 2 && (TOKENS & (TOKENS - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_beat, BEAT >= WORD && BEAT % WORD == 0)
  `MSQ_INPUT(rst_ni && restart_i, state_q == DONE, "restart before the last tile is read")
  `MSQ_CHECK(rst_ni && tile_push_o, !tile_full_i, "push into a full queue")
  `MSQ_INPUT(rst_ni && edge_free_i, edges_q != 2'd0, "more edges freed than taken")
  `MSQ_INPUT(rst_ni && load_next_i, load_tile_o, "more tiles loaded than read")
  `MSQ_INPUT_HELD(valid_i, ready_o, data_i, BEAT, "beat not held")
`endif
endmodule
`default_nettype wire
