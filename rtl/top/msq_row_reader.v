// SPDX-License-Identifier: Apache-2.0
// Brings the rows of tiles together: codes from the weight stream's code beats, outliers from its entries.
//
// An entry is an outlier: from bit 0 on {Lower_loc, Upper_loc}, r in four bits, and in the other bits `skip`,
// the fields from that of the entry before (the first one of a block: from the block's first) to its own, in
// the order of rows and fields; 0 for a further outlier of the same micro-block. With all bits of skip set
// there is no outlier, only so many fields are passed. In mode 4 of an array with both modes only every second
// field counts, as the others are not used. Rows behind the last entry of a block have no outliers.
//
// The entries of a row are given to its fields before its codes are taken, PER_CYCLE in a cycle, so a row with
// that many or fewer takes one cycle.
// Area block: top: readers
`default_nettype none
module msq_row_reader #(
    parameter ROWS = 8,        // PE rows
    parameter COLS = 8,        // PE columns
    parameter LOAD_ROWS = 1,   // rows in a beat of codes
    parameter OUTLIERS = 1,    // there are outliers
    parameter HALVES = 1,      // mode 4 uses every second field
    parameter FIELDS = 2,      // metadata fields of a row; 1 without outliers
    parameter LOC = 3,         // log2 of a micro-block
    parameter ENTRIES = 4,     // entries of a permutation list
    parameter PER_CYCLE = 1,   // entries that are looked at in a cycle, a power of two
    parameter BEAT = 32,       // bits of a beat of the weight stream
    parameter DEPTH = 64,      // beats of entries of a block, at most
    // Derived, do not set.
    parameter LIST_BITS = ENTRIES * 2 * LOC,
    parameter ALL = LOAD_ROWS * FIELDS,
    parameter BEAT_BITS = $clog2(DEPTH + 1)
) (
    input  wire                       clk_i,
    input  wire                       rst_ni,
    // Block of the stream.
    input  wire                       begin_i,   // a block begins; its entries and codes come later
    input  wire                       end_i,     // its last beat of codes is taken
    input  wire                       mode4_i,   // its mode, from the cycle after begin_i on: 1 is mode 4
    input  wire [BEAT_BITS-1:0]       entries_i,  // with begin_i: its beats of entries
    // Beats of entries and of codes.
    input  wire                       entry_valid_i,  // offered
    output wire                       entry_ready_o,  // accepted if offered
    input  wire [BEAT-1:0]            entry_data_i,
    input  wire                       code_valid_i,   // offered
    output wire                       code_ready_o,   // accepted if offered
    input  wire [4*COLS*LOAD_ROWS-1:0] code_data_i,
    // Core.
    input  wire                       load_tile_i,          // the sections of the tile are read
    output wire                       load_next_o,          // its last row is accepted
    output wire                       load_valid_o,         // weight rows offered
    input  wire                       load_ready_i,         // accepted if offered
    output wire [4*COLS*LOAD_ROWS-1:0] load_weights_o,      // code words
    output wire [ALL-1:0]             load_has_outliers_o,  // identifier bit of each field
    output wire [4*ALL-1:0]           load_shift_o,         // r of each field
    output wire [LIST_BITS*ALL-1:0]   load_list_o,          // permutation list of each field
    // Error, one cycle.
    output wire                       list_o  // too many outliers of a micro-block, or entries behind the rows
);
  localparam STEPS = ROWS / LOAD_ROWS;
  localparam STEP_BITS = $clog2(STEPS);
  reg [STEP_BITS-1:0] step_q;
  wire there;  // the outliers of the rows
  wire next = load_valid_o && load_ready_i;
  assign load_valid_o = code_valid_i && load_tile_i && there;
  assign code_ready_o = load_tile_i && there && load_ready_i;
  assign load_next_o = next && step_q == {STEP_BITS{1'b1}};
  assign load_weights_o = code_data_i;
  always @(posedge clk_i) begin
    if (!rst_ni) step_q <= {STEP_BITS{1'b0}};
    else if (next) step_q <= step_q + 1'b1;
  end

  genvar e, f, s;
  generate
    if (OUTLIERS != 0) begin : gen_outliers
      localparam PAIR = 2 * LOC;
      localparam SKIP = 12 - PAIR;  // bits
      localparam WORD = 16 * PER_CYCLE;
      localparam WORDS = BEAT / WORD;
      localparam INDEX_BITS = (WORDS > 1) ? $clog2(WORDS) : 1;
      localparam USED_BITS = (PER_CYCLE > 1) ? $clog2(PER_CYCLE) : 1;
      localparam COUNT_BITS = $clog2(PER_CYCLE + 1);
      localparam ALL_BITS = $clog2(ALL + 1);
      // A place behind the rows by the skips of PER_CYCLE entries, or before them by one.
      localparam AT_BITS = ((SKIP > ALL_BITS) ? SKIP : ALL_BITS) + COUNT_BITS + 2;
      localparam FIELD_BITS = (ALL > 1) ? $clog2(ALL) : 1;
      localparam PLACE_BITS = $clog2(ENTRIES + 1);

      // Words of entries: the one that is used, and the one behind it.
      reg [BEAT_BITS-1:0] beats_q;  // that are not wholly taken
      reg [INDEX_BITS-1:0] index_q;  // words of the beat at the front that are taken
      reg [WORD-1:0] word_q;
      reg [WORD-1:0] behind_q;
      reg word_there_q;
      reg behind_there_q;
      reg [USED_BITS-1:0] used_q;  // entries of the word that are used
      wire more = beats_q != {BEAT_BITS{1'b0}};
      wire [WORD-1:0] offered = entry_data_i[index_q*WORD+:WORD];
      wire beat_end = index_q == WORDS[INDEX_BITS-1:0] - 1'b1;
      wire shift;  // the word behind comes to the front
      wire fill = entry_valid_i && more && (shift || !behind_there_q);
      wire touched = (WORDS > 1) && index_q != {INDEX_BITS{1'b0}};
      assign entry_ready_o = (fill && beat_end) || (end_i && touched);

      // Entries in view.
      wire [WORD-1:0] view;
      if (PER_CYCLE > 1) begin : gen_view
        wire [2*WORD-1:0] moved = {behind_q, word_q} >> {used_q, 4'd0};
        assign view = moved[WORD-1:0];
        wire unused_moved = &{1'b0, moved[2*WORD-1:WORD]};
      end else begin : gen_front
        assign view = word_q;
      end
      wire late = !word_there_q && behind_there_q;
      wire [PER_CYCLE-1:0] seen;  // there is such an entry
      for (e = 0; e < PER_CYCLE; e = e + 1) begin : gen_entry
        if (PER_CYCLE > 1) begin : gen_seen
          wire in_word = {1'b0, used_q} + e[USED_BITS:0] < PER_CYCLE[USED_BITS:0];
          assign seen[e] = word_there_q && (in_word || behind_there_q);
        end else begin : gen_only
          assign seen[e] = word_there_q;
        end
      end

      // The field each one belongs to, counted from the first one of the rows, and its place in the list.
      reg signed [AT_BITS-1:0] at_q;  // field of the last entry used
      reg [PLACE_BITS-1:0] place_q;   // outliers of its micro-block
      wire signed [AT_BITS-1:0] all_fields = (HALVES != 0 && mode4_i) ? ALL[AT_BITS:1] : ALL[AT_BITS-1:0];
      reg signed [AT_BITS-1:0] at;
      reg [PLACE_BITS-1:0] place;
      reg [SKIP-1:0] skip;
      reg [PER_CYCLE-1:0] mine;          // it belongs to the rows
      reg [PER_CYCLE-1:0] beyond;        // it belongs to later rows, or there is none
      reg [PER_CYCLE*FIELD_BITS-1:0] fields;
      reg [PER_CYCLE*PLACE_BITS-1:0] places;
      reg [PER_CYCLE-1:0] outlier;
      reg too_many;
      reg [COUNT_BITS-1:0] ones;         // entries that belong to the rows
      reg signed [AT_BITS-1:0] last_at;  // of the last of them
      reg [PLACE_BITS-1:0] last_place;
      integer i;
      always @* begin
        at         = at_q;
        place      = place_q;
        last_at    = at_q;
        last_place = place_q;
        ones       = {COUNT_BITS{1'b0}};
        too_many   = 1'b0;
        for (i = 0; i < PER_CYCLE; i = i + 1) begin
          skip = view[16*i+4+PAIR+:SKIP];
          at = at + $signed({{(AT_BITS - SKIP) {1'b0}}, skip});
          if (skip != {SKIP{1'b0}}) place = {PLACE_BITS{1'b0}};
          mine[i] = seen[i] && at < all_fields;
          beyond[i] = seen[i] ? at >= all_fields : !more && !late;
          outlier[i] = mine[i] && !(&skip);
          fields[FIELD_BITS*i+:FIELD_BITS] = (HALVES != 0 && mode4_i) ? at[FIELD_BITS-1:0] << 1
              : at[FIELD_BITS-1:0];
          places[PLACE_BITS*i+:PLACE_BITS] = place;
          if (outlier[i] && place == ENTRIES[PLACE_BITS-1:0]) too_many = 1'b1;
          if (!(&skip)) place = place + 1'b1;
          if (mine[i]) begin
            ones       = i[COUNT_BITS-1:0] + 1'b1;
            last_at    = at;
            last_place = place;
          end
        end
      end
      wire [PER_CYCLE*ALL-1:0] hits;       // of entries and fields
      wire [PER_CYCLE*ENTRIES-1:0] slots;  // of entries and those of a list
      for (e = 0; e < PER_CYCLE; e = e + 1) begin : gen_hit
        for (f = 0; f < ALL; f = f + 1) begin : gen_field
          assign hits[ALL*e+f] = outlier[e] && fields[FIELD_BITS*e+:FIELD_BITS] == f[FIELD_BITS-1:0];
        end
        for (s = 0; s < ENTRIES; s = s + 1) begin : gen_slot
          assign slots[ENTRIES*e+s] = places[PLACE_BITS*e+:PLACE_BITS] == s[PLACE_BITS-1:0];
        end
      end

      // Rows that are put together.
      reg there_q;
      reg fresh_q;  // nothing is put together yet
      reg [ALL-1:0] has_q;
      reg [4*ALL-1:0] shifts_q;
      reg [LIST_BITS*ALL-1:0] lists_q;
      wire run = !there_q || next;
      wire complete = run && |beyond;
      wire [COUNT_BITS-1:0] number = run ? ones : {COUNT_BITS{1'b0}};  // of entries that are used
      wire [USED_BITS:0] used = {1'b0, used_q} + {{(USED_BITS + 1 - COUNT_BITS) {1'b0}}, number};
      wire used_up = used >= PER_CYCLE[USED_BITS:0];
      assign shift = !word_there_q || used_up;

      reg [ALL-1:0] has_d;
      reg [4*ALL-1:0] shifts_d;
      reg [LIST_BITS*ALL-1:0] lists_d;
      integer j, k, m;
      always @* begin
        has_d    = has_q & ~{ALL{fresh_q}};
        shifts_d = shifts_q;
        lists_d  = lists_q & ~{(LIST_BITS * ALL) {fresh_q}};
        for (j = 0; j < PER_CYCLE; j = j + 1) begin
          for (k = 0; k < ALL; k = k + 1) begin
            if (hits[ALL*j+k]) begin
              has_d[k] = 1'b1;
              if (slots[ENTRIES*j]) shifts_d[4*k+:4] = view[16*j+PAIR+:4];
            end
            for (m = 0; m < ENTRIES; m = m + 1) begin
              lists_d[LIST_BITS*k+PAIR*m+:PAIR] = lists_d[LIST_BITS*k+PAIR*m+:PAIR]
                  | (view[16*j+:PAIR] & {PAIR{hits[ALL*j+k] && slots[ENTRIES*j+m]}});
            end
          end
        end
      end

      assign there = there_q;
      assign load_has_outliers_o = has_q;
      assign load_list_o = lists_q;
      assign load_shift_o = shifts_q;
      wire left = beats_q > {{(BEAT_BITS - 1) {1'b0}}, 1'b1} || (more && !touched);  // a whole beat of entries
      assign list_o = (run && too_many) || (end_i && left);

      always @(posedge clk_i) begin
        if (!rst_ni || end_i) begin
          beats_q        <= {BEAT_BITS{1'b0}};
          index_q        <= {INDEX_BITS{1'b0}};
          word_there_q   <= 1'b0;
          behind_there_q <= 1'b0;
          there_q        <= 1'b0;
        end else if (begin_i) begin
          beats_q <= entries_i;
          used_q  <= {USED_BITS{1'b0}};
          at_q    <= {AT_BITS{1'b0}};
          place_q <= {PLACE_BITS{1'b0}};
          there_q <= 1'b0;
        end else begin
          if (fill) begin
            if (WORDS > 1) index_q <= index_q + 1'b1;
            if (beat_end) beats_q <= beats_q - 1'b1;
          end
          if (shift) begin
            word_there_q   <= behind_there_q;
            behind_there_q <= fill;
          end else if (fill) begin
            behind_there_q <= 1'b1;
          end
          if (PER_CYCLE > 1 && word_there_q) used_q <= used[USED_BITS-1:0];
          if (run) begin
            there_q <= complete;
            at_q    <= complete ? last_at - all_fields : last_at;
            place_q <= last_place;
          end
        end
      end
      always @(posedge clk_i) begin
        if (shift) word_q <= behind_q;
        if (fill) behind_q <= offered;
        if (begin_i) fresh_q <= 1'b1;
        else if (run) fresh_q <= complete;
        if (run) begin
          has_q    <= has_d;
          shifts_q <= shifts_d;
          lists_q  <= lists_d;
        end
      end
    end else begin : gen_plain
      assign there = 1'b1;
      assign entry_ready_o = 1'b0;
      assign load_has_outliers_o = {ALL{1'b0}};
      assign load_shift_o = {(4 * ALL) {1'b0}};
      assign load_list_o = {(LIST_BITS * ALL) {1'b0}};
      assign list_o = 1'b0;
      wire unused_entries = &{1'b0, begin_i, end_i, mode4_i, entries_i, entry_valid_i, entry_data_i};
    end
  endgenerate

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_steps, STEPS >= 2 && (STEPS & (STEPS - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_locations, LOC >= 2 && LOC <= 4)
  `MSQ_PARAMETER(msq_illegal_per_cycle, PER_CYCLE >= 1 && BEAT % (16 * PER_CYCLE) == 0)
  `MSQ_INPUT_HELD(code_valid_i, code_ready_o, code_data_i, 4 * COLS * LOAD_ROWS, "beat of codes not held")
`endif
endmodule
`default_nettype wire
