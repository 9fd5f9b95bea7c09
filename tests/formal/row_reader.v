// msq_row_reader: the rows of a block carry exactly the outliers of its entries. Entry n is at field F(n) =
// skip(0) + .. + skip(n); it is an outlier unless all bits of its skip are set, and its place in the list
// of its micro-block is the number of outliers since the last skip that is not 0. Row k of the block holds
// the outliers with k * ALL <= F(n) < (k + 1) * ALL, each at its field and place, with the shift of the
// first one; in mode 4 of an array with both modes a row has ALL / 2 fields, every second one of the port.
// The field that is watched is any one. An offered row stays until it is accepted. `list_o` is raised in a
// block that needs too many outliers of a micro-block, or whose last beat of entries begins behind the last
// row, and in no other block. Entries and codes come at any time, blocks follow each other at any distance.
`default_nettype none
module formal_row_reader (
    input wire             clk_i,
    input wire             rst_ni,
    input wire             begin_i,
    input wire             mode4_i,
    input wire [1:0]       beats_i,
    input wire             more_tiles_i,
    input wire             entry_valid_i,
    input wire [`BEAT-1:0] entry_data_i,
    input wire             code_valid_i,
    input wire             load_tile_i,
    input wire             load_ready_i
);
  localparam STEPS = 2;  // beats of codes in a tile
  localparam COLS = 4;
  localparam FIELDS = 2;
  localparam LOC = 4;
  localparam LISTED = 2;  // entries of a list
  localparam ALL = `LOAD_ROWS * FIELDS;
  localparam PAIR = 2 * LOC;
  localparam SKIP = 12 - PAIR;
  localparam WORDS = `BEAT / (16 * `WORD_ENTRIES);
  localparam AT = 10;  // bits of a field's number, which do not overflow in the depth of the check

  wire entry_ready, code_ready, load_next, load_valid, load_last, list;
  wire [4*COLS*`LOAD_ROWS-1:0] weights;
  wire [ALL-1:0] has;
  wire [4*ALL-1:0] shifts;
  wire [LISTED*PAIR*ALL-1:0] lists;
  reg inside_q = 1'b0;  // in a block
  reg mode4_q;          // its mode
  reg [1:0] beats_q;    // its beats of entries that are not taken
  reg any_q;            // it has any
  reg step_q;           // of the tile
  reg error_q;          // raised in the block
  wire last = load_valid && load_ready_i && step_q && !more_tiles_i;
  wire entry_valid = entry_valid_i && inside_q && beats_q != 0;
  wire code_valid = code_valid_i && inside_q;
  reg [4*COLS*`LOAD_ROWS-1:0] codes_q = 0;  // another value for each beat
  msq_row_reader #(
      .ROWS(STEPS * `LOAD_ROWS),
      .COLS(COLS),
      .LOAD_ROWS(`LOAD_ROWS),
      .OUTLIERS(1),
      .HALVES(`HALVES),
      .FIELDS(FIELDS),
      .LOC(LOC),
      .ENTRIES(LISTED),
      .WORD_ENTRIES(`WORD_ENTRIES),
      .BEAT(`BEAT),
      .DEPTH(3)
  ) u_dut (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .begin_i(begin_i),
      .end_i(last),
      .mode4_i(mode4_q),
      .entries_i(beats_i),
      .entry_valid_i(entry_valid),
      .entry_ready_o(entry_ready),
      .entry_data_i(entry_data_i),
      .code_valid_i(code_valid),
      .code_ready_o(code_ready),
      .code_data_i(codes_q),
      .load_tile_i(load_tile_i),
      .load_next_o(load_next),
      .load_valid_o(load_valid),
      .load_ready_i(load_ready_i),
      .load_last_o(load_last),
      .load_weights_o(weights),
      .load_has_outliers_o(has),
      .load_shift_o(shifts),
      .load_list_o(lists),
      .list_o(list)
  );
  (* keep *) wire dut_fill;  // the leaf reads the next word of the beat offered
  wire read = dut_fill && entry_valid;
  reg started_q = 1'b0;
  reg offered_q, held_q;  // a row, a beat of entries offered and not accepted
  reg [`BEAT-1:0] data_q;
  always @(posedge clk_i) begin
    started_q <= 1'b1;
    inside_q <= rst_ni && (begin_i || (inside_q && !last));
    offered_q <= rst_ni && load_valid && !load_ready_i;
    held_q <= rst_ni && entry_valid && !entry_ready;
    data_q <= entry_data_i;
    if (code_valid && code_ready) codes_q <= codes_q + 1'b1;
  end

  // The field that is watched, and its place in the rows.
  (* anyconst *) wire [AT-1:0] watched;
  wire halves = (`HALVES != 0) && mode4_q;
  wire [AT-1:0] row_fields = halves ? ALL / 2 : ALL;
  reg [AT-1:0] row_q;  // first field of the row that is due
  wire here = watched >= row_q && watched < row_q + row_fields;
  wire [AT-1:0] in_row = watched - row_q;
  wire [1:0] field = halves ? {in_row[0], 1'b0} : in_row[1:0];

  // Entries as they are read.
  reg [1:0] word_q;  // of the beat
  reg [AT-1:0] at_q, at, last_at_q, last_at;  // of the last entry; of the first one of the last beat
  reg [2:0] place_q, place;
  reg has_q, seen, beyond, beyond_q;
  reg [3:0] shift_q, shift;
  reg [LISTED*PAIR-1:0] list_q, pairs;
  reg [AT-1:0] first_bad_q, first_bad;  // field of the first entry beyond its list
  reg [16*`WORD_ENTRIES-1:0] word;
  integer n;
  always @* begin
    at = at_q;
    place = place_q;
    seen = has_q;
    shift = shift_q;
    pairs = list_q;
    beyond = beyond_q;
    first_bad = first_bad_q;
    last_at = last_at_q;
    word = entry_data_i >> (16 * `WORD_ENTRIES * word_q);
    for (n = 0; n < `WORD_ENTRIES; n = n + 1) begin
      at = at + word[16*n+4+PAIR+:SKIP];
      if (n == 0 && word_q == 0) last_at = at;
      if (word[16*n+4+PAIR+:SKIP] != 0) place = 0;
      if (!(&word[16*n+4+PAIR+:SKIP])) begin
        if (place >= LISTED) begin
          if (!beyond) first_bad = at;
          beyond = 1'b1;
        end
        if (at == watched) begin
          seen = 1'b1;
          if (place == 0) shift = word[16*n+PAIR+:4];
          if (place == 0) pairs[PAIR-1:0] = word[16*n+:PAIR];
          if (place == 1) pairs[2*PAIR-1:PAIR] = word[16*n+:PAIR];
        end
        if (place != 7) place = place + 1;
      end
    end
  end
  always @(posedge clk_i) begin
    if (begin_i) begin
      mode4_q  <= mode4_i;
      beats_q  <= beats_i;
      any_q    <= beats_i != 0;
      step_q   <= 1'b0;
      error_q  <= 1'b0;
      row_q    <= 0;
      word_q   <= 0;
      at_q     <= 0;
      place_q  <= 0;
      has_q    <= 1'b0;
      list_q   <= 0;
      beyond_q <= 1'b0;
    end else begin
      if (load_valid && load_ready_i) begin
        step_q <= !step_q;
        row_q  <= row_q + row_fields;
      end
      if (read) begin
        at_q        <= at;
        place_q     <= place;
        has_q       <= seen;
        shift_q     <= shift;
        list_q      <= pairs;
        beyond_q    <= beyond;
        first_bad_q <= first_bad;
        last_at_q   <= last_at;
        word_q      <= (word_q == WORDS - 1) ? 2'd0 : word_q + 2'd1;
      end
      if (entry_valid && entry_ready) beats_q <= beats_q - 2'd1;
      if (list) error_q <= 1'b1;
    end
  end
  // Entries of the last beat come behind the last row: one of an earlier beat does, or its own first one.
  wire [AT-1:0] limit = row_q + row_fields;
  wire left = beats_q > 1 || (beats_q == 1 && word_q == 0) || (any_q && last_at_q >= limit);
  reg [1:0] blocks_q = 0;
  always @(posedge clk_i) if (last && !blocks_q[1]) blocks_q <= blocks_q + 2'd1;
  always @* begin
    assume (rst_ni == started_q);
    if (!started_q) assume (!begin_i);
    if (inside_q) assume (!begin_i);
    if (!inside_q) assume (!load_tile_i);
    if (offered_q) assume (code_valid_i && load_tile_i);
    if (held_q) assume (entry_valid_i && entry_data_i == data_q);
    if (started_q) begin
      if (offered_q) assert (load_valid);
      assert (dut_fill == read);
      if (entry_valid && entry_ready) assert (last || (read && word_q == WORDS - 1));
      if (read && word_q == WORDS - 1) assert (entry_ready);
      assert (weights == codes_q);
      if (code_valid) assert (code_ready == (load_valid && load_ready_i));
      assert (load_next == (load_valid && load_ready_i && load_last));
      if (load_valid) begin
        assert (code_valid && load_tile_i && load_last == step_q);
        if (here && !error_q) begin
          assert (has[field] == has_q);
          assert (lists[LISTED*PAIR*field+:LISTED*PAIR] == list_q);
          if (has_q) assert (shifts[4*field+:4] == shift_q);
        end
        if (halves) assert (!(|(has & {`LOAD_ROWS{2'b10}})));
      end
      if (list) assert (inside_q && (beyond_q || (last && left)));
      if (last && ((beyond_q && first_bad_q < limit) || left))
        assert (error_q || list);
      cover (last && !error_q && !list && blocks_q == 1 && has_q && here && watched > ALL);
      cover (load_valid && here && has_q && list_q[PAIR+:PAIR] != 0 && watched > ALL && blocks_q == 1);
      cover (last && list && left && !beyond_q && row_q > ALL);
      cover (list && beyond_q && !last);
      cover (last && !any_q && blocks_q == 1);
    end
  end
endmodule
`default_nettype wire
