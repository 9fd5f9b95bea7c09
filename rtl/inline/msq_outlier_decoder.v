// SPDX-License-Identifier: Apache-2.0
// Decodes one routing group of a weight row for the inline path, or of LOAD_ROWS rows of a band that are
// loaded together, when they are loaded: finds the outliers of the permutation lists, joins the halves of
// each to a signed significand, hands it to an outlier unit of the row's band, clears the slots of both
// halves, so that the PEs add nothing there, and gives the PEs two's complement codes.
//
//   encoding paper:       significand = (-1)^s 2^mb + 2^(mb/2) Upper + Lower
//                         (mb = 4 in mode 4, 2 in mode 2; Upper, Lower with their signs, s that of Upper)
//   encoding full_range:  significand = 2^bb Upper + Lower
//                         (Upper signed, Lower unsigned: side by side)
//
// A group is the columns of one micro-block. In mode 2 a row holds two places of K, so a group has two
// metadata fields in a row: field h and bits 2h + 1, 2h of a code word belong to digit h of the PEs. Mode 4
// has field 0 only. Fields, lists and codes of several rows are side by side, those of the first row
// lowest.
//
// The rows of a band are loaded in steps and share the units of a group: the first outlier takes unit 0, the
// next one unit 1, across fields and rows. The first step of a band writes all units; a word of zeros is no
// outlier.
// Area block: decoder
`default_nettype none
module msq_outlier_decoder #(
    parameter MICRO_BLOCK = 8,            // B_mu
    parameter MODE2 = 1,                  // mode 2 is supported
    parameter MODE4 = 1,                  // mode 4 is supported
    parameter ENTRIES = MICRO_BLOCK / 2,  // entries of a list
    parameter FULL_RANGE = 0,             // encoding
    parameter ROWS = 1,                   // rows of a band, a power of two
    parameter LOAD_ROWS = 1,              // of them loaded together, a power of two
    parameter UNITS = 1,                  // units of a group and band, a power of two
    parameter SHIFT_MAX = 7,              // largest r
    parameter SHIFT_BITS = 3,             // width of r, at least 1
    // Derived, do not set.
    parameter LOC = $clog2(MICRO_BLOCK),
    parameter FIELDS = (MODE2 != 0) ? 2 : 1,  // of a row
    parameter ALL_FIELDS = FIELDS * LOAD_ROWS,
    parameter LIST_BITS = ENTRIES * 2 * LOC,
    parameter STEPS = ROWS / LOAD_ROWS,
    parameter SIG_BITS = (MODE4 == 0) ? 4 : (FULL_RANGE != 0) ? 8 : 6,
    parameter WORD_BITS = SIG_BITS + $clog2(FIELDS * ROWS) + LOC + SHIFT_BITS
) (
    input  wire                         clk_i,
    input  wire                         load_i,          // weight rows loaded
    input  wire                         first_i,         // first ones of their band
    input  wire [$clog2(STEPS+1)-1:0]   step_i,          // which ones of their band, 0..STEPS - 1
    input  wire                         mode4_i,         // mode of the tile: 1 is mode 4
    input  wire [ALL_FIELDS-1:0]        has_outliers_i,  // identifier bit of each field
    input  wire [ALL_FIELDS*8-1:0]      mx_scale_i,      // r of each field
    input  wire [ALL_FIELDS*LIST_BITS-1:0] list_i,   // entry e at [e*2*LOC +: 2*LOC] = {Upper_loc, Lower_loc}
    input  wire [4*MICRO_BLOCK*LOAD_ROWS-1:0] codes_i,   // code words of the rows
    output wire [4*MICRO_BLOCK*LOAD_ROWS-1:0] codes_o,   // code words for the PEs, halves cleared
    output wire [UNITS-1:0]             write_o,         // write enables of the units
    output wire [UNITS*WORD_BITS-1:0]   words_o,         // words of the units; see msq_outlier_unit
    output wire                         list_error_o,    // position named twice, r too large, or wrong field
    output wire                         unit_error_o     // too many outliers, or two of a band on one lane
);
  localparam ROW_ALL = FIELDS * ENTRIES;  // entries of the fields of a row, those of field 0 first
  localparam ALL = LOAD_ROWS * ROW_ALL;   // and of all rows, in their order
  localparam COUNTS = UNITS + 2;  // 0 .. UNITS and more

  wire mode4 = (MODE2 == 0) || (MODE4 != 0 && mode4_i);
  wire [ALL_FIELDS-1:0] list_errors;
  wire [ALL_FIELDS*MICRO_BLOCK-1:0] cleared;   // positions of halves
  wire [ALL_FIELDS*MICRO_BLOCK-1:0] upper_at;  // positions of Upper halves
  wire [ALL-1:0] used;
  wire [ALL*WORD_BITS-1:0] words;          // of the unit that each entry gets

  // Field f is field DIGIT of row f / FIELDS.
  genvar f, e, p, u, w;
  generate
    for (f = 0; f < ALL_FIELDS; f = f + 1) begin : gen_field
      localparam DIGIT = f % FIELDS;
      wire [4*MICRO_BLOCK-1:0] codes = codes_i[f/FIELDS*4*MICRO_BLOCK+:4*MICRO_BLOCK];
      // Entries in use, and the positions they name.
      wire [ENTRIES*MICRO_BLOCK-1:0] at_upper;
      wire [ENTRIES*MICRO_BLOCK-1:0] at_lower;
      wire [7:0] scale = mx_scale_i[8*f+:8];
      for (e = 0; e < ENTRIES; e = e + 1) begin : gen_entry
        wire [LOC-1:0] upper_loc = list_i[f*LIST_BITS+e*2*LOC+LOC+:LOC];
        wire [LOC-1:0] lower_loc = list_i[f*LIST_BITS+e*2*LOC+:LOC];
        assign used[f*ENTRIES+e] = has_outliers_i[f] && upper_loc != lower_loc;
        for (p = 0; p < MICRO_BLOCK; p = p + 1) begin : gen_position
`ifdef MSQ_DSP
          // The same without waiting for `used`.
          assign at_upper[e*MICRO_BLOCK+p] = has_outliers_i[f] && upper_loc == p && lower_loc != p;
          assign at_lower[e*MICRO_BLOCK+p] = has_outliers_i[f] && lower_loc == p && upper_loc != p;
`else
          assign at_upper[e*MICRO_BLOCK+p] = used[f*ENTRIES+e] && upper_loc == p;
          assign at_lower[e*MICRO_BLOCK+p] = used[f*ENTRIES+e] && lower_loc == p;
`endif
        end

        // Code words of the halves; bits 3:0 in mode 4, those of the digit in mode 2.
        wire [3:0] upper4 = codes[4*upper_loc+:4];
        wire [3:0] lower4 = codes[4*lower_loc+:4];
        wire [1:0] upper2 = upper4[2*DIGIT+:2];
        wire [1:0] lower2 = lower4[2*DIGIT+:2];
        wire in_mode4 = (DIGIT == 0 && MODE4 != 0) && mode4;
        wire [SIG_BITS-1:0] sum;
        if (FULL_RANGE != 0) begin : gen_full_range
          wire [7:0] wide = {upper4, lower4};
          wire [7:0] narrow = {{4{upper2[1]}}, upper2, lower2};
          wire [7:0] whole = in_mode4 ? wide : narrow;
          assign sum = whole[SIG_BITS-1:0];
          if (SIG_BITS < 8) begin : gen_rest
            wire unused_sign = &{1'b0, whole[7:SIG_BITS]};
          end
        end else begin : gen_paper
          // Sum of the hidden one, the Upper and the Lower half.
          wire [5:0] joined;
`ifdef MSQ_DSP
          // Field by field: the Lower half, and {1, Upper half} with its sign and the Lower half's borrow.
          // No carry chain, which FPGAs reach late. open: borrow, or increment of a negation, goes on.
          wire borrow4 = lower4[3] & |lower4[1:0];
          wire open4 = (borrow4 ^ upper4[3]) & !upper4[0];
          wire borrow2 = &lower2;
          wire open2 = (borrow2 ^ upper2[1]) & !upper2[0];
          wire [5:0] wide = {upper4[3], !upper4[3] ^ (open4 & !upper4[1]), upper4[1] ^ upper4[3] ^ open4,
                             upper4[0] ^ borrow4, lower4[1] ^ (lower4[3] & lower4[0]), lower4[0]};
          wire [5:0] narrow = {{3{upper2[1]}}, !upper2[1] ^ open2, upper2[0] ^ borrow2, lower2[0]};
          assign joined = in_mode4 ? wide : narrow;
`else
          // A negative operand is inverted and its carry added.
          wire [5:0] high = in_mode4 ? {2'b01, upper4[1:0], 2'b00} : {4'b0001, upper2[0], 1'b0};
          wire [1:0] low = in_mode4 ? lower4[1:0] : {1'b0, lower2[0]};
          wire high_negative = in_mode4 ? upper4[3] : upper2[1];
          wire low_negative = in_mode4 ? lower4[3] : lower2[1];
          assign joined = (high ^ {6{high_negative}}) + ({4'd0, low} ^ {6{low_negative}})
                          + {4'd0, high_negative & low_negative, high_negative ^ low_negative};
`endif
          assign sum = joined[SIG_BITS-1:0];
          wire unused_bits = &{1'b0, joined, upper4[2], lower4[2]};  // magnitudes of halves are narrow
        end

        // {shift, column, place, significand}; the place is {digit, row of the band}.
        wire [WORD_BITS-1:0] word;
        if (FIELDS * ROWS == 1) begin : gen_word
          assign word = {scale[SHIFT_BITS-1:0], upper_loc, sum};
        end else begin : gen_word_with_place
          localparam PLACE_BITS = $clog2(FIELDS * ROWS);
          localparam FIRST_PLACE = DIGIT * ROWS + f / FIELDS;  // in the first step
          wire [PLACE_BITS-1:0] place;
          if (STEPS == 1) begin : gen_place
            assign place = FIRST_PLACE[PLACE_BITS-1:0];
          end else begin : gen_place_of_step
            localparam STEP_BITS = $clog2(STEPS);
            assign place = FIRST_PLACE[PLACE_BITS-1:0]
                | ({{(PLACE_BITS - STEP_BITS) {1'b0}}, step_i[STEP_BITS-1:0]} << $clog2(LOAD_ROWS));
          end
          assign word = {scale[SHIFT_BITS-1:0], upper_loc, place, sum};
        end
        assign words[(f*ENTRIES+e)*WORD_BITS+:WORD_BITS] = word;
      end

      wire [MICRO_BLOCK-1:0] twice;
      for (p = 0; p < MICRO_BLOCK; p = p + 1) begin : gen_claim
        wire [2*ENTRIES-1:0] claims;
        for (e = 0; e < ENTRIES; e = e + 1) begin : gen_entry
          assign claims[e] = at_upper[e*MICRO_BLOCK+p];
          assign claims[ENTRIES+e] = at_lower[e*MICRO_BLOCK+p];
        end
        assign upper_at[f*MICRO_BLOCK+p] = |claims[ENTRIES-1:0];
        assign cleared[f*MICRO_BLOCK+p] = |claims;
`ifdef MSQ_DSP
        // The halves of an entry differ. Two entries meet where two groups of them, each twice as large as
        // the last, both have a claim: no carry chain on FPGAs, as claims - 1 would be.
        reg [ENTRIES-1:0] any;
        reg again;
        integer k, s;
        always @* begin
          any   = claims[ENTRIES-1:0] | claims[2*ENTRIES-1:ENTRIES];
          again = 1'b0;
          for (s = 1; s < ENTRIES; s = 2 * s) begin
            for (k = 0; k + s < ENTRIES; k = k + 2 * s) begin
              again  = again | (any[k] & any[k+s]);
              any[k] = any[k] | any[k+s];
            end
          end
        end
        assign twice[p] = again;
`else
        assign twice[p] = |(claims & (claims - 1'b1));
`endif
      end
      assign list_errors[f] = (has_outliers_i[f] && (scale > SHIFT_MAX[7:0] || |twice))
          || (DIGIT == 1 && mode4 && has_outliers_i[f]);
    end

    // Counts are one-hot, the highest bit stands for more than there are units: no adder is in the way of a
    // unit's word. Entry e has earlier[e] entries before it in its row; row w begins with in_use[w] units
    // taken, and in_use[LOAD_ROWS] are in use behind the last row.
    reg [ALL*COUNTS-1:0] earlier;
    reg [COUNTS-1:0] total;
    wire [COUNTS-1:0] in_use_before;
    reg [(LOAD_ROWS+1)*COUNTS-1:0] in_use;
    reg [COUNTS-1:0] prior;
    integer r, i, n, v;
    always @* begin
      in_use = {((LOAD_ROWS + 1) * COUNTS) {1'b0}};
      in_use[0+:COUNTS] = in_use_before;
      prior = in_use_before;
      for (r = 0; r < LOAD_ROWS; r = r + 1) begin
        total = {{(COUNTS - 1) {1'b0}}, 1'b1};
        for (i = 0; i < ROW_ALL; i = i + 1) begin
          earlier[(r*ROW_ALL+i)*COUNTS+:COUNTS] = total;
          if (used[r*ROW_ALL+i]) total = {total[COUNTS-1] | total[COUNTS-2], total[COUNTS-3:0], 1'b0};
        end
        for (n = 0; n < COUNTS; n = n + 1) begin
          for (v = 0; v < COUNTS; v = v + 1) begin
            if (n + v < COUNTS) in_use[(r+1)*COUNTS+n+v] = in_use[(r+1)*COUNTS+n+v] | (prior[v] & total[n]);
            else in_use[(r+2)*COUNTS-1] = in_use[(r+2)*COUNTS-1] | (prior[v] & total[n]);
          end
        end
        prior = in_use[(r+1)*COUNTS+:COUNTS];
      end
    end
    wire [COUNTS-1:0] after = in_use[LOAD_ROWS*COUNTS+:COUNTS];
    wire too_many = after[COUNTS-1];
    reg [MICRO_BLOCK-1:0] wanted;  // lanes that outliers of the rows go to
    reg both;                      // two of them to one lane
    integer a;
    always @* begin
      wanted = {MICRO_BLOCK{1'b0}};
      both   = 1'b0;
      for (a = 0; a < ALL_FIELDS; a = a + 1) begin
        both   = both || |(wanted & upper_at[a*MICRO_BLOCK+:MICRO_BLOCK]);
        wanted = wanted | upper_at[a*MICRO_BLOCK+:MICRO_BLOCK];
      end
    end
    if (STEPS == 1) begin : gen_one_step
      assign in_use_before = {{(COUNTS - 1) {1'b0}}, 1'b1};
      assign unit_error_o = load_i && (too_many || both);
      wire unused_wanted = &{1'b0, wanted};
    end else begin : gen_band
      reg [COUNTS-2:0] in_use_q;
      reg [MICRO_BLOCK-1:0] taken_q;  // lanes that outliers of the band go to
      wire [MICRO_BLOCK-1:0] taken = taken_q & {MICRO_BLOCK{!first_i}};
      assign in_use_before = first_i ? {{(COUNTS - 1) {1'b0}}, 1'b1} : {1'b0, in_use_q};
      always @(posedge clk_i) begin
        if (load_i) begin
          in_use_q <= {after[COUNTS-2] | too_many, after[COUNTS-3:0]};
          taken_q  <= taken | wanted;
        end
      end
      assign unit_error_o = load_i && (too_many || both || |(taken & wanted));
    end

    for (u = 0; u < UNITS; u = u + 1) begin : gen_unit
      wire [ALL-1:0] mine;
      reg [WORD_BITS-1:0] word;
      integer k;
      for (e = 0; e < ALL; e = e + 1) begin : gen_mine
        wire [u:0] ways;  // v units taken and u - v entries before this one
        for (p = 0; p <= u; p = p + 1) begin : gen_way
          assign ways[p] = in_use[e/ROW_ALL*COUNTS+p] & earlier[e*COUNTS+u-p];
        end
        assign mine[e] = used[e] && |ways;
      end
      always @* begin
        word = {WORD_BITS{1'b0}};
        for (k = 0; k < ALL; k = k + 1) begin
          word = word | (words[k*WORD_BITS+:WORD_BITS] & {WORD_BITS{mine[k]}});
        end
      end
      assign words_o[u*WORD_BITS+:WORD_BITS] = word;
      assign write_o[u] = load_i && (first_i || |mine);
    end

    wire [4*MICRO_BLOCK*LOAD_ROWS-1:0] kept;
    for (w = 0; w < LOAD_ROWS; w = w + 1) begin : gen_row
      for (p = 0; p < 4 * MICRO_BLOCK; p = p + 1) begin : gen_code
        // Bit p of the codes belongs to field 0 in mode 4, to field p % 4 / 2 in mode 2.
        wire clear = mode4 ? cleared[w*FIELDS*MICRO_BLOCK+p/4]
            : cleared[(w*FIELDS+(p%4)/2%FIELDS)*MICRO_BLOCK+p/4];
        assign kept[w*4*MICRO_BLOCK+p] = codes_i[w*4*MICRO_BLOCK+p] && !clear;
      end
    end
    if (FULL_RANGE != 0) begin : gen_codes
      assign codes_o = kept;
    end else begin : gen_sign_magnitude
      msq_twos_complement #(
          .WORDS(MICRO_BLOCK * LOAD_ROWS),
          .MODE2(MODE2),
          .MODE4(MODE4)
      ) u_codes (
          .mode4_i(mode4_i),
          .words_i(kept),
          .words_o(codes_o)
      );
    end
  endgenerate

  assign list_error_o = load_i && |list_errors;
  wire unused = &{1'b0, step_i, first_i, clk_i, mode4_i};  // not every array needs them

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_micro_block, MICRO_BLOCK >= 4 && (MICRO_BLOCK & (MICRO_BLOCK - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_modes, MODE2 != 0 || MODE4 != 0)
  `MSQ_PARAMETER(msq_illegal_shift_bits, SHIFT_MAX >= 0 && SHIFT_MAX < (1 << SHIFT_BITS))
  `MSQ_PARAMETER(msq_illegal_rows, ROWS >= 1 && (ROWS & (ROWS - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_load_rows, LOAD_ROWS >= 1 && ROWS % LOAD_ROWS == 0)
  `MSQ_PARAMETER(msq_illegal_units, UNITS >= 1 && (UNITS & (UNITS - 1)) == 0)
  // Before the first step 0 the state is that before a reset, which is random.
`ifdef FORMAL
  wire known = 1'b1;
`else
  reg known;
  initial known = 1'b0;
  always @(posedge clk_i) known <= known || (load_i && first_i && step_i == 0);
`endif
  `MSQ_INPUT(load_i && known, {{(32 - $clog2(STEPS+1)){1'b0}}, step_i} < STEPS && first_i == (step_i == 0),
             "step_i beyond the band, or first_i not at step 0")
`endif
endmodule
`default_nettype wire
