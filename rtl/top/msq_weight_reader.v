// SPDX-License-Identifier: Apache-2.0
// Reads the weight stream: walks the tiles of a job, takes each apart and loads it into the core. After the
// last packet of a job, or an error, it takes no beat until restart_i.
//
// A pass is one packet; its tiles follow each other, the tiles along K fastest. A tile is, each part
// beginning on a beat:
//   header      [7:0] 0xa5, [8] mode 4, [9] scales follow, [10] an order follows, [11] row shifts follow,
//               [12] the next tile has the same rows (and holds what did not fit this one),
//               [13] pairs: the tile has the places of two tiles along K, in mode 2 only, [15:14] 0,
//               [23:16] interval, [31:24] gap
//   references  one byte a column: Iref; with the first tile along K, and only there
//   scales      one byte a column: Isf - Iref, -64..4; if none follow, those of the tile before hold
//   factors     four bits a column: {negative, f} of the factor of its scale; after the scales, if there are
//               factors
//   order       settings of the activation permuter; if none follow, activations stay in their order
//   row shifts  four bits a row; if none follow, they are 0
//   rows        for each PE row a beat of codes. Before it, if there are outliers: a beat of identifier bits
//               whenever those of
//               the beat before are used up, and a beat of entries {list, r} whenever the row needs more than
//                   are left.
// Area block: top: readers
`default_nettype none
module msq_weight_reader #(
    parameter ROWS = 8,        // PE rows
    parameter COLS = 8,        // PE columns
    parameter MODE2 = 1,       // mode 2 is supported
    parameter MODE4 = 1,       // mode 4 is supported
    parameter PLACES = 1,      // places of K that a row has in mode 2; with 1 it has two columns
    parameter OUTLIERS = 1,    // there are outliers
    parameter FIELDS = 2,      // metadata fields of a row, a power of two; 1 without outliers
    parameter LIST_BITS = 24,  // permutation list of a field; 1 without outliers
    parameter R_BITS = 8,      // r in an entry
    parameter FACTORS = 0,     // scales have factors
    parameter PERMUTER = 1,    // there is a permuter of activations
    parameter REPEATS = 0,     // several tiles can have the same rows
    parameter ROW_SHIFTS = 0,  // activations can be shifted by row
    parameter SLOTS = 4,       // tiles on their way, a power of two
    parameter TOKENS = 128,    // maximum tokens of a pass, a power of two
    // Derived, do not set.
    parameter TOKEN_BITS = $clog2(TOKENS),
    parameter LANES = (MODE2 != 0 && PLACES == 1) ? 2 * COLS : COLS,
    parameter BANKS = (LANES > COLS && MODE4 != 0) ? 2 : 1,
    parameter UNIT = LANES / BANKS,                    // columns that a bank of accumulators takes of a token
    parameter BLOCK = (LANES > 128) ? LANES : 128,             // columns of a block of outputs
    parameter UNIT_BITS = (BLOCK > UNIT) ? $clog2(BLOCK / UNIT) : 1,
    parameter BEAT = (4 * COLS > 32) ? 4 * COLS : 32,
    parameter SECTION = (LANES * 8 + BEAT - 1) / BEAT,         // beats with a byte for every lane
    parameter SECTION_BITS = (SECTION > 1) ? $clog2(SECTION) : 1,
    parameter FACTOR_SECTION = (LANES * 4 + BEAT - 1) / BEAT,  // beats with four bits for every lane
    parameter WAYS = ROWS * PLACES,                            // activations that a permuter exchanges
    parameter ORDER = (2 * $clog2(WAYS) - 1) * WAYS / 2,
    parameter SLOT_BITS = $clog2(SLOTS)
) (
    input  wire                        clk_i,
    input  wire                        rst_ni,
    // Job: stable from restart_i, or the end of a reset, to the next restart_i. M and N are read first in the
    // cycle of restart_i, the others in the cycle after.
    input  wire                        restart_i,           // pulse: begin the next job; only while read_o
    input  wire [23:0]                 tokens_total_i,      // M
    input  wire [TOKEN_BITS:0]         tokens_pass_i,       // T of every pass but the last
    input  wire [23:0]                 columns_i,           // N
    input  wire [10:0]                 tiles_k_i,           // tiles along K
    input  wire [1:0]                  format_i,            // format of the outputs; MX, 2 and 3, in blocks
    input  wire [2:0]                  log2_block_tiles_i,  // log2 of the tiles along K of a block
    // Stream.
    input  wire                        valid_i,  // beat offered
    output wire                        ready_o,  // beat accepted if offered
    input  wire [BEAT-1:0]             data_i,   // beat
    input  wire                        last_i,   // last beat of the packet
    // Core.
    output wire                        load_valid_o,         // weight row offered
    input  wire                        load_ready_i,         // weight row accepted if offered
    output wire                        load_mode4_o,         // mode of the tile: 1 is mode 4
    output wire [7:0]                  load_interval_o,      // cycles between tokens
    output wire [7:0]                  load_gap_o,           // cycles after the tile before
    output wire [4*COLS-1:0]           load_weights_o,       // code words of the row
    output wire [FIELDS-1:0]           load_has_outliers_o,  // identifier bit of each field
    output wire [8*FIELDS-1:0]         load_mx_scale_o,      // r of each field
    output wire [LIST_BITS*FIELDS-1:0] load_list_o,          // permutation list of each field
    output wire                        loaded_o,             // last row of a tile loaded
    output wire                        read_o,               // no tile is left to read, or an error occurred
    // Description of a tile, with its header.
    output wire                        tile_push_o,    // header accepted: the outputs below describe its tile
    input  wire                        tile_full_i,            // no tile can be pushed
    output wire [TOKEN_BITS:0]         tile_tokens_o,          // tokens of the tile
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
    output wire [8:0]                  tile_block_columns_o,   // columns of the block that lie within N
    output wire [1:0]                  tile_reference_slot_o,  // slot of the references of the block
    output wire [SLOT_BITS-1:0]        tile_scale_slot_o,      // slot of the scales of the tile
    output wire                        tile_ordered_o,         // an order follows
    output wire                        tile_shifted_o,         // row shifts follow
    output wire                        tile_edge_slot_o,       // slot of the order and the row shifts
    // Memories of references and scales: one for each beat of a section.
    output wire                        reference_write_o,  // at {tile_reference_slot_o, tile_unit_o}
    output wire                        scale_write_o,      // at tile_scale_slot_o
    output wire                        factor_write_o,     // at tile_scale_slot_o
    output wire [SECTION_BITS-1:0]     section_beat_o,     // beat of the section, and memory to write
    // Edge of the array, for the tile at the launcher.
    input  wire                        edge_slot_i,   // slot of the tile at the launcher
    input  wire                        edge_free_i,   // launcher finished with an ordered or shifted tile
    output wire [ORDER-1:0]            order_o,       // settings of the permuter
    output wire [4*WAYS-1:0]           row_shifts_o,  // shift of each row's places, 4 bits each
    // Errors, one cycle each.
    output wire                        short_o,   // packet ended early
    output wire                        long_o,    // packet continues beyond its end
    output wire                        header_o,  // no header, or not one of this configuration
    output wire                        mode_o,    // mode not supported, or changed where not allowed
    output wire                        scale_o    // a relative scale is not in -64..4
);
  localparam [2:0] HEADER = 3'd0, REFERENCES = 3'd1, SCALES = 3'd2, ORDERS = 3'd3, SHIFTS = 3'd4, ROW = 3'd5,
      DONE = 3'd6, FACTOR = 3'd7;
  localparam ORDER_BEATS = (ORDER + BEAT - 1) / BEAT;
  localparam SHIFT_BEATS = (4 * WAYS + BEAT - 1) / BEAT;
  localparam UNITS = BLOCK / UNIT;
  localparam MOST_BEATS = (SECTION > ROWS) ? SECTION : ROWS;  // of a part; the others are shorter
  localparam BEAT_BITS = $clog2(MOST_BEATS);

  reg [2:0]           state_q;
  reg [BEAT_BITS-1:0] beat_q;       // beat of a part, or row
  reg                 mode4_q;
  reg [7:0]           interval_q;
  reg [7:0]           gap_q;
  reg                 scales_q;     // parts that follow
  reg                 ordered_q;
  reg                 shifted_q;
  reg                 more_q;
  reg                 pairs_q;
  reg                 last_k_q;     // what follows the tile, known with its header
  reg                 last_column_q;
  reg                 block_last_q;
  reg                 job_last_q;
  reg [TOKEN_BITS:0]  pass_tokens_q;
  reg [UNIT_BITS-1:0] next_unit_q;
  // Walk.
  reg [23:0]          tokens_q;     // tokens of this and later passes
  reg [23:0]          columns_q;    // columns of this and later column tiles
  reg [9:0]           tile_k_q;
  reg                 repeat_q;     // the tile before had the same rows
  reg                 begin_q;      // the next header is the first of the job
  reg [UNIT_BITS-1:0] unit_q;
  reg [1:0]           block_q;      // counts blocks
  reg [8:0]           block_columns_q;
  reg [SLOT_BITS-1:0] slot_q;
  reg                 edge_slot_q;
  reg [1:0]           edges_q;      // tiles with an order or row shifts that are not launched

  wire take = valid_i && ready_o;
  wire at_header = state_q == HEADER;
  wire take_header = take && at_header;
  wire at_codes;                    // the next beat holds the codes of a row

  // Place of the tile.
  wire more = data_i[12];
  wire first_k = tile_k_q == 10'd0 && !repeat_q;
  wire pairs = PLACES == 2 && data_i[13];
  wire alone = {1'b0, tile_k_q} + 11'd1 == tiles_k_i;  // no other tile follows along K
  wire last_k = (alone || (pairs && {1'b0, tile_k_q} + 11'd2 == tiles_k_i)) && !more;
  wire [6:0] last_of_pair = tile_k_q[6:0] | {6'd0, pairs};
  wire first_unit = unit_q == {UNIT_BITS{1'b0}};
  wire last_pass = tokens_q <= {{(23 - TOKEN_BITS) {1'b0}}, tokens_pass_i};
  wire [TOKEN_BITS:0] tokens = last_pass ? tokens_q[TOKEN_BITS:0] : tokens_pass_i;
  wire [6:0] in_group = ~(7'h7f << log2_block_tiles_i);

  // Header.
  wire mode4 = data_i[8];
  wire wide = BANKS == 2 && !mode4;  // the tile has two units of columns
  wire [23:0] tile_columns = wide ? LANES[23:0] : UNIT[23:0];
  wire last_column = columns_q <= tile_columns;
  wire [23:0] most_columns = format_i[1] ? BLOCK[23:0] : tile_columns;
  wire [8:0] block_columns = !first_unit ? block_columns_q : (columns_q > most_columns) ? most_columns[8:0]
      : columns_q[8:0];
  wire [UNIT_BITS:0] unit_after = {1'b0, unit_q} + (wide ? {{UNIT_BITS{1'b0}}, 1'b1}
      : {(UNIT_BITS + 1) {1'b0}})
                                  + {{UNIT_BITS{1'b0}}, 1'b1};
  wire block_last = last_column || unit_after == UNITS[UNIT_BITS:0] || !format_i[1];
  wire pass_last = last_column && last_k;
  wire edges = data_i[10] || data_i[11];
  wire [SLOT_BITS-1:0] slot = slot_q + {{(SLOT_BITS - 1) {1'b0}}, take_header && data_i[9]};
  wire edge_slot = edge_slot_q ^ edges;

  wire bad_marker = data_i[7:0] != 8'ha5 || data_i[15:14] != 2'd0 || (data_i[13] && PLACES == 1);
  wire bad_pairs = data_i[13] && (data_i[8] || log2_block_tiles_i == 3'd0);
  wire bad_parts = bad_pairs || (!first_k && data_i[13] != pairs_q) || (first_k && !data_i[9])
      || (data_i[10] && PERMUTER == 0) || (data_i[11] && ROW_SHIFTS == 0) || (data_i[12] && REPEATS == 0);
  wire bad_schedule = data_i[23:16] == 8'd0 || data_i[31:24] == 8'd0;
  wire bad_mode = data_i[8] ? (MODE4 == 0) : (MODE2 == 0);
  assign header_o = take_header && (bad_marker || bad_parts || bad_schedule);
  assign mode_o = take_header && !bad_marker && (bad_mode || (!first_k && data_i[8] != mode4_q)
      || (wide && unit_q[0]));

  assign tile_push_o = take_header;
  assign tile_tokens_o = tokens;
  assign tile_job_first_o = begin_q;
  assign tile_first_k_o = first_k;
  assign tile_last_k_o = last_k;
  assign tile_more_o = more;
  assign tile_pair_o = pairs && !alone;
  assign tile_group_last_o = (last_of_pair & in_group) == in_group && !more;
  assign tile_block_first_o = first_unit;
  assign tile_block_last_o = block_last;
  assign tile_pass_last_o = pass_last;
  assign tile_job_last_o = pass_last && last_pass;
  assign tile_format_o = format_i;
  assign tile_mode4_o = mode4;
  assign tile_unit_o = unit_q;
  assign tile_block_columns_o = block_columns;
  assign tile_reference_slot_o = block_q;
  assign tile_scale_slot_o = slot;
  assign tile_ordered_o = data_i[10];
  assign tile_shifted_o = data_i[11];
  assign tile_edge_slot_o = edge_slot;
  assign load_mode4_o = mode4_q;
  assign load_interval_o = interval_q;
  assign load_gap_o = gap_q;

  // References and scales.
  wire [BEAT_BITS:0] beats = {1'b0, beat_q} + 1'b1;  // of this part, up to this one
  wire [BEAT_BITS:0] section_beats = (BANKS == 2 && mode4_q) ? SECTION[BEAT_BITS+1:1] : SECTION[BEAT_BITS:0];
  wire section_last = beats == section_beats;
  assign section_beat_o = beat_q[SECTION_BITS-1:0];
  assign reference_write_o = take && state_q == REFERENCES;
  assign scale_write_o = take && state_q == SCALES;
  assign factor_write_o = FACTORS != 0 && take && state_q == FACTOR;
  // in mode 4
  localparam NARROW_FACTORS = (BANKS == 2 && FACTOR_SECTION > 1) ? FACTOR_SECTION / 2 : FACTOR_SECTION;
  wire [BEAT_BITS:0] factor_beats = mode4_q ? NARROW_FACTORS[BEAT_BITS:0] : FACTOR_SECTION[BEAT_BITS:0];
  wire factors_last = beats == factor_beats;
  wire [BEAT/8-1:0] bad_scale;
  genvar b, f;
  generate
    for (b = 0; b < BEAT / 8; b = b + 1) begin : gen_byte
      wire signed [7:0] relative = data_i[8*b+:8];
      assign bad_scale[b] = relative > 8'sd4 || relative < -8'sd64;
    end
  endgenerate
  assign scale_o = scale_write_o && |bad_scale;

  // Order and row shifts, two of each: one for the tile that is launched, one for the tile after it.
  wire order_last = beats == ORDER_BEATS[BEAT_BITS:0];
  wire shifts_last = beats == SHIFT_BEATS[BEAT_BITS:0];
  generate
    if (PERMUTER != 0) begin : gen_order
      reg [ORDER_BEATS*BEAT-1:0] order0_q;
      reg [ORDER_BEATS*BEAT-1:0] order1_q;
      for (b = 0; b < ORDER_BEATS; b = b + 1) begin : gen_beat
        localparam BEATS = b + 1;
        always @(posedge clk_i) begin
          if (take && state_q == ORDERS && beats == BEATS[BEAT_BITS:0]) begin
            if (edge_slot_q) order1_q[b*BEAT+:BEAT] <= data_i;
            else order0_q[b*BEAT+:BEAT] <= data_i;
          end
        end
      end
      assign order_o = edge_slot_i ? order1_q[ORDER-1:0] : order0_q[ORDER-1:0];
      if (ORDER_BEATS * BEAT > ORDER) begin : gen_rest
        wire unused_rest = &{1'b0, order0_q[ORDER_BEATS*BEAT-1:ORDER], order1_q[ORDER_BEATS*BEAT-1:ORDER]};
      end
    end else begin : gen_no_order
      assign order_o = {ORDER{1'b0}};
    end
    if (ROW_SHIFTS != 0) begin : gen_shifts
      reg [SHIFT_BEATS*BEAT-1:0] shifts0_q;
      reg [SHIFT_BEATS*BEAT-1:0] shifts1_q;
      for (b = 0; b < SHIFT_BEATS; b = b + 1) begin : gen_beat
        localparam BEATS = b + 1;
        always @(posedge clk_i) begin
          if (take && state_q == SHIFTS && beats == BEATS[BEAT_BITS:0]) begin
            if (edge_slot_q) shifts1_q[b*BEAT+:BEAT] <= data_i;
            else shifts0_q[b*BEAT+:BEAT] <= data_i;
          end
        end
      end
      assign row_shifts_o = edge_slot_i ? shifts1_q[4*WAYS-1:0] : shifts0_q[4*WAYS-1:0];
      if (SHIFT_BEATS * BEAT > 4 * WAYS) begin : gen_rest
        wire unused_rest = &{1'b0, shifts0_q[SHIFT_BEATS*BEAT-1:4*WAYS],
            shifts1_q[SHIFT_BEATS*BEAT-1:4*WAYS]};
      end
    end else begin : gen_no_shifts
      assign row_shifts_o = {(4 * WAYS) {1'b0}};
    end
    if (PERMUTER == 0 && ROW_SHIFTS == 0) begin : gen_no_edge
      wire unused_edge = &{1'b0, edge_slot_i};
    end
  endgenerate

  // Metadata of the row whose codes come next.
  assign load_weights_o = data_i[4*COLS-1:0];
  generate
    if (OUTLIERS != 0) begin : gen_metadata
      localparam META = R_BITS + LIST_BITS;                     // bits of an entry that mean something
      localparam ENTRY = 1 << $clog2(META);                     // bits it takes
      localparam PER_BEAT = (ENTRY > BEAT) ? 1 : BEAT / ENTRY;  // entries of a beat
      localparam PARTS = (ENTRY > BEAT) ? ENTRY / BEAT : 1;     // beats of an entry
      localparam HELD = PARTS * BEAT;
      localparam LEFT_BITS = $clog2(PER_BEAT + 1);
      localparam COUNT_BITS = $clog2(FIELDS + 1) + LEFT_BITS;
      localparam ID_ROWS = BEAT / FIELDS;                       // rows of a beat of identifiers
      localparam ID_BITS = $clog2(ID_ROWS + 1);

      reg [BEAT-1:0]         ids_q;       // of the row and those after it
      reg [ID_BITS-1:0]      id_rows_q;   // rows it holds
      reg [HELD-1:0]         entries_q;   // the next entry lowest
      reg [LEFT_BITS-1:0]    left_q;      // entries it holds
      reg [1:0]              part_q;      // beats of the entry that have come
      reg [FIELDS-1:0]       filled_q;    // fields of the row that have got their entries
      reg [FIELDS*META-1:0]  fields_q;

      wire [FIELDS-1:0] has = ids_q[FIELDS-1:0];
      wire [FIELDS-1:0] need = has & ~filled_q;
      // Entries that the fields up to each one need: of the row whose identifiers come, and of the next row.
      // What a row needs is known with its identifiers, so that nothing is counted where a beat is taken.
      reg [COUNT_BITS*FIELDS-1:0] first_needs;
      reg [COUNT_BITS*FIELDS-1:0] next_needs;
      integer i, l;
      always @* begin
        for (i = 0; i < FIELDS; i = i + 1) begin
          first_needs[COUNT_BITS*i+:COUNT_BITS] = {{(COUNT_BITS - 1) {1'b0}}, data_i[i]};
          next_needs[COUNT_BITS*i+:COUNT_BITS]  = {{(COUNT_BITS - 1) {1'b0}}, ids_q[FIELDS+i]};
        end
        for (l = 1; l < FIELDS; l = 2 * l) begin
          for (i = FIELDS - 1; i >= l; i = i - 1) begin
            first_needs[COUNT_BITS*i+:COUNT_BITS] = first_needs[COUNT_BITS*i+:COUNT_BITS]
                + first_needs[COUNT_BITS*(i-l)+:COUNT_BITS];
            next_needs[COUNT_BITS*i+:COUNT_BITS] = next_needs[COUNT_BITS*i+:COUNT_BITS]
                + next_needs[COUNT_BITS*(i-l)+:COUNT_BITS];
          end
        end
      end
      reg [COUNT_BITS*FIELDS-1:0] needs_q;   // entries that the fields up to each one still need
      reg                         enough_q;  // and all of them are there
      wire [COUNT_BITS-1:0] needed = needs_q[COUNT_BITS*(FIELDS-1)+:COUNT_BITS];
      wire [COUNT_BITS-1:0] left = {{(COUNT_BITS - LEFT_BITS) {1'b0}}, left_q};
      wire [COUNT_BITS*FIELDS-1:0] needs_left;  // after what is there has been given
      for (f = 0; f < FIELDS; f = f + 1) begin : gen_needs
        assign needs_left[COUNT_BITS*f+:COUNT_BITS] = needs_q[COUNT_BITS*f+:COUNT_BITS] - left;
      end
      wire have_ids = id_rows_q != {ID_BITS{1'b0}};
      wire at_row = state_q == ROW;
      assign at_codes = at_row && have_ids && enough_q;
      wire take_ids = take && at_row && !have_ids;
      wire take_entries = take && at_row && have_ids && !enough_q;
      wire last_part = {30'd0, part_q} + 32'd1 == PARTS;
      wire [HELD-1:0] entries_after = entries_q >> (needed * ENTRY);

      wire [FIELDS*META-1:0] fields;
      wire [FIELDS-1:0] given;  // the field gets its entry from those that are there
      for (f = 0; f < FIELDS; f = f + 1) begin : gen_field
        wire [COUNT_BITS-1:0] mine;  // entries that the fields below this one need
        if (f == 0) begin : gen_first
          assign mine = {COUNT_BITS{1'b0}};
        end else begin : gen_behind
          assign mine = needs_q[COUNT_BITS*(f-1)+:COUNT_BITS];
        end
        wire [HELD-1:0] shifted = entries_q >> (mine * ENTRY);
        wire unused_shifted = &{1'b0, shifted};
        assign given[f] = need[f] && mine < left;
        assign fields[META*f+:META] = filled_q[f] ? fields_q[META*f+:META] : shifted[META-1:0];
        if (R_BITS < 8) begin : gen_short
          assign load_mx_scale_o[8*f+:8] = {{(8 - R_BITS) {1'b0}}, fields[META*f+:R_BITS]};
        end else begin : gen_byte
          assign load_mx_scale_o[8*f+:8] = fields[META*f+:8];
        end
        assign load_list_o[LIST_BITS*f+:LIST_BITS] = fields[META*f+R_BITS+:LIST_BITS];
      end
      assign load_has_outliers_o = has;

      always @(posedge clk_i) begin
        if (!at_row) begin
          id_rows_q <= {ID_BITS{1'b0}};
          left_q    <= {LEFT_BITS{1'b0}};
          part_q    <= 2'd0;
          filled_q  <= {FIELDS{1'b0}};
        end else if (take_ids) begin
          ids_q     <= data_i;
          id_rows_q <= ID_ROWS[ID_BITS-1:0];
          needs_q   <= first_needs;
          enough_q  <= first_needs[COUNT_BITS*(FIELDS-1)+:COUNT_BITS] <= left;
        end else if (take_entries) begin
          // What is left goes to the first fields that need one; the beat that comes is for the others.
          fields_q <= fields;
          filled_q <= filled_q | given;
          part_q   <= last_part ? 2'd0 : part_q + 2'd1;
          left_q   <= last_part ? PER_BEAT[LEFT_BITS-1:0] : {LEFT_BITS{1'b0}};
          needs_q  <= needs_left;
          enough_q <= last_part && needs_left[COUNT_BITS*(FIELDS-1)+:COUNT_BITS] <= PER_BEAT[COUNT_BITS-1:0];
        end else if (take) begin
          ids_q     <= ids_q >> FIELDS;
          id_rows_q <= id_rows_q - 1'b1;
          left_q    <= left_q - needed[LEFT_BITS-1:0];
          filled_q  <= {FIELDS{1'b0}};
          needs_q   <= next_needs;
          enough_q  <= next_needs[COUNT_BITS*(FIELDS-1)+:COUNT_BITS] + needed <= left;
        end
      end
      if (PARTS > 1) begin : gen_parts
        always @(posedge clk_i) if (take_entries) entries_q <= {data_i, entries_q[HELD-1:BEAT]};
        wire unused_after = &{1'b0, entries_after};
      end else begin : gen_beat
        always @(posedge clk_i) begin
          if (take_entries) entries_q <= data_i;
          else if (take && at_row && have_ids) entries_q <= entries_after;
        end
      end
    end else begin : gen_no_metadata
      assign at_codes = state_q == ROW;
      assign load_has_outliers_o = {FIELDS{1'b0}};
      assign load_mx_scale_o = {(8 * FIELDS) {1'b0}};
      assign load_list_o = {(LIST_BITS * FIELDS) {1'b0}};
    end
  endgenerate

  wire last_row = beats == ROWS[BEAT_BITS:0];
  wire end_tile = take && at_codes && last_row;
  assign load_valid_o = valid_i && at_codes;
  assign loaded_o = end_tile;
  assign read_o = state_q == DONE;
  assign ready_o = at_header ? !tile_full_i && !(edges && edges_q[1])
                             : at_codes ? load_ready_i : state_q != DONE;
  wire pass_last_tile = last_column_q && last_k_q;
  wire [23:0] columns_taken = (BANKS == 2 && !mode4_q) ? LANES[23:0] : UNIT[23:0];
  wire packet_end = at_codes && last_row && pass_last_tile;
  assign short_o = take && last_i && !packet_end;
  assign long_o = take && !last_i && packet_end;
  wire failed = short_o || long_o || header_o || mode_o || scale_o;

  // The part after the header and after each part.
  wire [2:0] after_order = shifted_q ? SHIFTS : ROW;
  wire [2:0] after_factors = ordered_q ? ORDERS : after_order;
  wire [2:0] after_scales = (FACTORS != 0) ? FACTOR : after_factors;
  wire [2:0] after_references = scales_q ? SCALES : after_factors;
  wire [2:0] after_header = first_k ? REFERENCES : data_i[9] ? SCALES
                            : data_i[10] ? ORDERS : data_i[11] ? SHIFTS : ROW;
  wire part_last = (state_q == ORDERS) ? order_last : (state_q == SHIFTS) ? shifts_last
                   : (state_q == FACTOR) ? factors_last : section_last;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q     <= HEADER;
      beat_q      <= {BEAT_BITS{1'b0}};
      tokens_q    <= tokens_total_i;
      columns_q   <= columns_i;
      tile_k_q    <= 10'd0;
      repeat_q    <= 1'b0;
      begin_q     <= 1'b1;
      unit_q      <= {UNIT_BITS{1'b0}};
      block_q     <= 2'd0;
      slot_q      <= {SLOT_BITS{1'b0}};
      edge_slot_q <= 1'b0;
      edges_q     <= 2'd0;
    end else begin
      edges_q <= edges_q + {1'b0, take_header && edges} - {1'b0, edge_free_i};
      if (take_header) begin
        state_q     <= after_header;
        begin_q     <= 1'b0;
        slot_q      <= slot;
        edge_slot_q <= edge_slot;
      end else if (take && state_q != ROW) begin
        beat_q <= part_last ? {BEAT_BITS{1'b0}} : beat_q + 1'b1;
        if (part_last) begin
          case (state_q)
            REFERENCES: state_q <= after_references;
            SCALES: state_q <= after_scales;
            FACTOR: state_q <= after_factors;
            ORDERS: state_q <= after_order;
            default: state_q <= ROW;
          endcase
        end
      end else if (take && at_codes) begin
        beat_q <= last_row ? {BEAT_BITS{1'b0}} : beat_q + 1'b1;
      end
      if (end_tile) begin
        state_q  <= job_last_q ? DONE : HEADER;
        repeat_q <= more_q;
        if (!more_q) tile_k_q <= last_k_q ? 10'd0 : tile_k_q + (PLACES == 2 && pairs_q ? 10'd2 : 10'd1);
        if (last_k_q) begin
          unit_q    <= next_unit_q;
          block_q   <= block_q + {1'b0, block_last_q};
          columns_q <= last_column_q ? columns_i : columns_q - columns_taken;
        end
        if (pass_last_tile) tokens_q <= tokens_q - {{(23 - TOKEN_BITS) {1'b0}}, pass_tokens_q};
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
      mode4_q         <= data_i[8];
      more_q          <= data_i[12];
      pairs_q         <= data_i[13];
      interval_q      <= data_i[23:16];
      gap_q           <= data_i[31:24];
      scales_q        <= data_i[9];
      ordered_q       <= data_i[10];
      shifted_q       <= data_i[11];
      block_columns_q <= block_columns;
      last_k_q        <= last_k;
      last_column_q   <= last_column;
      block_last_q    <= block_last;
      job_last_q      <= pass_last && last_pass;
      pass_tokens_q   <= tokens;
      next_unit_q     <= block_last ? {UNIT_BITS{1'b0}} : unit_after[UNIT_BITS-1:0];
    end
  end

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_modes, MODE2 != 0 || MODE4 != 0)
  `MSQ_PARAMETER(msq_illegal_places, PLACES == 1 || (PLACES == 2 && MODE2 != 0))
  `MSQ_PARAMETER(msq_illegal_slots, SLOTS >= 2 && (SLOTS & (SLOTS - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_tokens, TOKENS >= 2 && (TOKENS & (TOKENS - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_fields, FIELDS >= 1)
  `MSQ_INPUT(rst_ni && restart_i, read_o, "restart before the last packet is read")
  `MSQ_CHECK(rst_ni && tile_push_o, !tile_full_i, "push into a full queue")
  `MSQ_INPUT(rst_ni && edge_free_i, edges_q != 2'd0, "more edges freed than taken")
  `MSQ_INPUT_HELD(valid_i, ready_o, {last_i, data_i}, BEAT + 1, "beat not held")
  `MSQ_HELD(load_valid_o, load_ready_i,
            {load_list_o, load_mx_scale_o, load_has_outliers_o, load_weights_o, load_gap_o, load_interval_o,
             load_mode4_o}, (LIST_BITS + 9) * FIELDS + 4 * COLS + 17, "weight row not held")
`endif
endmodule
`default_nettype wire
