// SPDX-License-Identifier: Apache-2.0
// Brings the rows of tiles together: codes from the weight stream's code beats, outliers from its entries.
//
// An entry is an outlier: from bit 0 on {Lower_loc, Upper_loc}, r in four bits, and in the other bits `skip`,
// the fields from that of the entry before (the first one of a block: from the block's first) to its own, in
// the order of rows and fields; 0 for a further outlier of the same micro-block. With all bits of skip set
// the entry has no outlier and only passes that number of fields. In mode 4 of an array with both modes only
// every second field counts, as the others are not used. Rows behind the last entry of a block have no
// outliers.
//
// Entries come in words of WORD_ENTRIES. First each entry of a word gets its row and field, then the words
// enter a window of two: all its entries of the row that is put together are given to its fields in
// one cycle, and the window moves by a word in each cycle in which the front one is used up. So the few
// outliers of real weights cost no cycle; a row whose outliers are in more words takes as many cycles as
// the window needs.
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
    parameter WORD_ENTRIES = 1,   // entries of a word, a power of two
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
    output wire                       load_last_o,          // the rows are the last ones of their tile
    output wire [4*COLS*LOAD_ROWS-1:0] load_weights_o,      // code words
    output wire [ALL-1:0]             load_has_outliers_o,  // identifier bit of each field
    output wire [4*ALL-1:0]           load_shift_o,         // r of each field
    output wire [LIST_BITS*ALL-1:0]   load_list_o,          // permutation list of each field
    // Error, one cycle.
    output wire                       list_o  // too many outliers of a micro-block, or entries left
);
  localparam STEPS = ROWS / LOAD_ROWS;
  localparam STEP_BITS = $clog2(STEPS);
  reg [STEP_BITS-1:0] step_q;
  wire there;  // the outliers of the rows
  wire next = load_valid_o && load_ready_i;
  assign load_valid_o = code_valid_i && load_tile_i && there;
  assign code_ready_o = load_tile_i && there && load_ready_i;
  assign load_last_o = step_q == {STEP_BITS{1'b1}};
  assign load_next_o = next && load_last_o;
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
      localparam WORD = 16 * WORD_ENTRIES;
      localparam WORDS = BEAT / WORD;
      localparam INDEX_BITS = (WORDS > 1) ? $clog2(WORDS) : 1;
      localparam ALL_BITS = $clog2(ALL);
      localparam FIELD_BITS = (ALL_BITS > 0) ? ALL_BITS : 1;
      localparam PLACE_BITS = $clog2(ENTRIES + 1);
      // Fields are counted through the block. Three words are on their way; the bits distinguish all
      // fields from the row to the last entry of these.
      localparam AT_BITS = SKIP + $clog2(3 * WORD_ENTRIES + 1) + FIELD_BITS + 1;

      // A word of the entries.
      reg [BEAT_BITS-1:0] beats_q;   // that are not wholly taken
      reg [INDEX_BITS-1:0] index_q;  // words of the beat at the front that are taken
      reg [WORD-1:0] word_q;
      reg word_there_q;
      wire more = beats_q != {BEAT_BITS{1'b0}};
      wire [WORD-1:0] offered = entry_data_i[index_q*WORD+:WORD];
      wire beat_end = index_q == WORDS[INDEX_BITS-1:0] - 1'b1;
      wire take_word;
      wire fill = entry_valid_i && more && (!word_there_q || take_word);
      wire touched = (WORDS > 1) && index_q != {INDEX_BITS{1'b0}};
      assign entry_ready_o = (fill && beat_end) || (end_i && touched);

      // Its entries' fields, and their places in lists.
      reg [AT_BITS-1:0] at_q;        // field of the last entry before the word
      reg [PLACE_BITS-1:0] place_q;  // outliers of its micro-block
      reg [AT_BITS-1:0] at;
      reg [PLACE_BITS-1:0] place;
      reg [SKIP-1:0] skip;
      reg [WORD_ENTRIES*AT_BITS-1:0] ats;
      reg [WORD_ENTRIES*PLACE_BITS-1:0] places;
      reg [WORD_ENTRIES-1:0] outliers;
      reg too_many;
      integer i;
      always @* begin
        at       = at_q;
        place    = place_q;
        too_many = 1'b0;
        for (i = 0; i < WORD_ENTRIES; i = i + 1) begin
          skip = word_q[16*i+4+PAIR+:SKIP];
          at = at + {{(AT_BITS - SKIP) {1'b0}}, skip};
          if (skip != {SKIP{1'b0}}) place = {PLACE_BITS{1'b0}};
          ats[AT_BITS*i+:AT_BITS] = at;
          places[PLACE_BITS*i+:PLACE_BITS] = place;
          outliers[i] = !(&skip);
          if (outliers[i] && place == ENTRIES[PLACE_BITS-1:0]) too_many = 1'b1;
          if (outliers[i]) place = place + 1'b1;
        end
      end

      // The window: the front word and the one behind it, with the entries that wait for their rows.
      localparam SEEN = 2 * WORD_ENTRIES;  // the front word's are the lower ones
      reg [SEEN-1:0] wait_q;
      reg [SEEN*AT_BITS-1:0] ats_q;
      reg [SEEN*PLACE_BITS-1:0] places_q;
      reg [SEEN-1:0] outliers_q;
      reg [SEEN*(PAIR+4)-1:0] pairs_q;
      reg behind_q;  // there is a word behind the front one

      // The row that is put together.
      reg there_q;
      reg fresh_q;  // nothing is put together yet
      reg [AT_BITS-1:0] row_q;  // its first field; the lowest bits are zero
      reg [ALL-1:0] has_q;
      reg [4*ALL-1:0] shifts_q;
      reg [LIST_BITS*ALL-1:0] lists_q;
      wire run = !there_q || next;
      wire halves = HALVES != 0 && mode4_i;
      wire [AT_BITS-1:0] row_mask = {AT_BITS{1'b1}} << (ALL_BITS - (halves ? 1 : 0));
      wire [SEEN-1:0] own;             // entries of the row
      wire [SEEN*ALL-1:0] hits;        // of entries and fields
      wire [SEEN*ENTRIES-1:0] slots;   // of entries and those of a list
      for (e = 0; e < SEEN; e = e + 1) begin : gen_entry
        wire [AT_BITS-1:0] mine = ats_q[AT_BITS*e+:AT_BITS];
        assign own[e] = ((mine ^ row_q) & row_mask) == {AT_BITS{1'b0}};
        wire [FIELD_BITS-1:0] in_row = mine[FIELD_BITS-1:0] & ~row_mask[FIELD_BITS-1:0];
        wire [FIELD_BITS-1:0] field = halves ? in_row << 1 : in_row;
        for (f = 0; f < ALL; f = f + 1) begin : gen_field
          assign hits[ALL*e+f] = wait_q[e] && outliers_q[e] && own[e] && field == f[FIELD_BITS-1:0];
        end
        for (s = 0; s < ENTRIES; s = s + 1) begin : gen_slot
          assign slots[ENTRIES*e+s] = places_q[PLACE_BITS*e+:PLACE_BITS] == s[PLACE_BITS-1:0];
        end
      end
      wire [SEEN-1:0] wait_d = wait_q & ~(own & {SEEN{run}});
      wire used_up = wait_d[WORD_ENTRIES-1:0] == {WORD_ENTRIES{1'b0}};  // of the front word
      wire exhausted = !more && !word_there_q;
      // A waiting entry belongs to a later row, and so do all after it.
      wire complete = run && (|wait_d || exhausted);
      wire shift = behind_q && used_up;
      assign take_word = word_there_q && (!behind_q || shift);

      reg [ALL-1:0] has_d;
      reg [4*ALL-1:0] shifts_d;
      reg [LIST_BITS*ALL-1:0] lists_d;
      integer j, k, m;
      always @* begin
        has_d    = has_q & ~{ALL{fresh_q}};
        shifts_d = shifts_q;
        lists_d  = lists_q & ~{(LIST_BITS * ALL) {fresh_q}};
        for (j = 0; j < SEEN; j = j + 1) begin
          for (k = 0; k < ALL; k = k + 1) begin
            if (hits[ALL*j+k]) begin
              has_d[k] = 1'b1;
              if (slots[ENTRIES*j]) shifts_d[4*k+:4] = pairs_q[(PAIR+4)*j+PAIR+:4];
            end
            for (m = 0; m < ENTRIES; m = m + 1) begin
              lists_d[LIST_BITS*k+PAIR*m+:PAIR] = lists_d[LIST_BITS*k+PAIR*m+:PAIR]
                  | (pairs_q[(PAIR+4)*j+:PAIR] & {PAIR{hits[ALL*j+k] && slots[ENTRIES*j+m]}});
            end
          end
        end
      end

      assign there = there_q;
      assign load_has_outliers_o = has_q;
      assign load_list_o = lists_q;
      assign load_shift_o = shifts_q;
      // A whole beat of entries: so many words of which nothing is used.
      wire [1:0] unused_words = {1'b0, word_there_q} + {1'b0, &wait_q[SEEN-1:WORD_ENTRIES]}
          + {1'b0, &wait_q[WORD_ENTRIES-1:0]};
      localparam LEFT_BITS = $clog2(WORDS + 1) + 2;
      wire [LEFT_BITS-1:0] used_words = more ? {{(LEFT_BITS - INDEX_BITS) {1'b0}}, index_q}
          : WORDS[LEFT_BITS-1:0];
      wire left = beats_q > {{(BEAT_BITS - 1) {1'b0}}, 1'b1}
          || {{(LEFT_BITS - 2) {1'b0}}, unused_words} >= used_words;
      assign list_o = (take_word && too_many) || (end_i && left);

      wire [AT_BITS-1:0] row_step = ~row_mask + 1'b1;
      always @(posedge clk_i) begin
        if (!rst_ni || end_i) begin
          beats_q      <= {BEAT_BITS{1'b0}};
          index_q      <= {INDEX_BITS{1'b0}};
          word_there_q <= 1'b0;
          behind_q     <= 1'b0;
          wait_q       <= {SEEN{1'b0}};
          there_q      <= 1'b0;
        end else if (begin_i) begin
          beats_q <= entries_i;
          at_q    <= {AT_BITS{1'b0}};
          place_q <= {PLACE_BITS{1'b0}};
          row_q   <= {AT_BITS{1'b0}};
          there_q <= 1'b0;
        end else begin
          if (fill) begin
            if (WORDS > 1) index_q <= index_q + 1'b1;
            if (beat_end) beats_q <= beats_q - 1'b1;
          end
          word_there_q <= fill || (word_there_q && !take_word);
          if (take_word) begin
            at_q    <= at;
            place_q <= place;
          end
          behind_q <= take_word || (behind_q && !shift);
          wait_q[WORD_ENTRIES-1:0] <= shift ? wait_d[SEEN-1:WORD_ENTRIES] : wait_d[WORD_ENTRIES-1:0];
          wait_q[SEEN-1:WORD_ENTRIES] <= {WORD_ENTRIES{take_word}}
              | (wait_d[SEEN-1:WORD_ENTRIES] & {WORD_ENTRIES{!shift}});
          if (run) there_q <= complete;
          if (complete) row_q <= row_q + row_step;
        end
      end
      for (e = 0; e < WORD_ENTRIES; e = e + 1) begin : gen_pair
        always @(posedge clk_i) begin
          if (take_word) pairs_q[(PAIR+4)*(WORD_ENTRIES+e)+:PAIR+4] <= word_q[16*e+:PAIR+4];
          if (shift) pairs_q[(PAIR+4)*e+:PAIR+4] <= pairs_q[(PAIR+4)*(WORD_ENTRIES+e)+:PAIR+4];
        end
      end
      always @(posedge clk_i) begin
        if (fill) word_q <= offered;
        if (take_word) begin
          ats_q[SEEN*AT_BITS-1:WORD_ENTRIES*AT_BITS]          <= ats;
          places_q[SEEN*PLACE_BITS-1:WORD_ENTRIES*PLACE_BITS] <= places;
          outliers_q[SEEN-1:WORD_ENTRIES]                     <= outliers;
        end
        if (shift) begin
          ats_q[WORD_ENTRIES*AT_BITS-1:0]       <= ats_q[SEEN*AT_BITS-1:WORD_ENTRIES*AT_BITS];
          places_q[WORD_ENTRIES*PLACE_BITS-1:0] <= places_q[SEEN*PLACE_BITS-1:WORD_ENTRIES*PLACE_BITS];
          outliers_q[WORD_ENTRIES-1:0]          <= outliers_q[SEEN-1:WORD_ENTRIES];
        end
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
  `MSQ_PARAMETER(msq_illegal_word_entries, WORD_ENTRIES >= 1 && BEAT % (16 * WORD_ENTRIES) == 0)
  `MSQ_INPUT_HELD(code_valid_i, code_ready_o, code_data_i, 4 * COLS * LOAD_ROWS, "beat of codes not held")
`endif
endmodule
`default_nettype wire
