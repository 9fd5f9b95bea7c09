// msq_launcher: an offer to the core stays until the core accepts it, with the same word; no word is
// launched before it has been written; a tile launches as many tokens as it has, the first of an output block
// only with a free half of the accumulators, the first of a tile that is held not before the core is empty;
// and the word launched is the right one of its pass: a tile after
// one with `more` begins at the same word, the others continue. No tile waits for words that are there.
//
// With two banks the tiles along K alternate between the banks, at the same addresses, and a pair, which
// begins in bank 0, takes the words of both. Banks are filled independently of each other.
//
// With SCHEDULE a tile begins when it is loaded; the cycles that its first token waits before count as
// weights, the others as the schedule. Without it a tile may begin before its last rows are loaded: all
// cycles that a first token waits for the core count as weights.
//
// The environment: a tile stays until it is done, a tile with `more` is not the last one along K, words are
// only added to a pass, and a half is refilled after its release.
`default_nettype none
module formal_launcher (
    input wire       clk_i,
    input wire       rst_ni,
    input wire       tile_valid_i,
    input wire [1:0] tile_tokens_i,
    input wire       tile_first_k_i,
    input wire       tile_last_k_i,
    input wire       tile_more_i,
    input wire       tile_pair_i,
    input wire       tile_block_first_i,
    input wire       tile_pass_last_i,
    input wire       tile_hold_i,
    input wire [3*`BANKS-1:0] count0_i,
    input wire [3*`BANKS-1:0] count1_i,
    input wire       act_ready_i,
    input wire       drained_i,
    input wire       release_i,
    input wire       loaded_i,
    input wire       read_i
);
  wire next, start, act_read, half, valid, last, launch, bank;
  wire wait_output, wait_activation, wait_weight, wait_schedule;
  wire [1:0] address;
  msq_launcher #(
      .WORDS(4),
      .BANKS(`BANKS),
      .TOKENS(2),
      .SCHEDULE(`SCHEDULE)
  ) u_dut (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .tile_valid_i(tile_valid_i),
      .tile_tokens_i(tile_tokens_i),
      .tile_single_i(tile_tokens_i == 2'd1),
      .tile_first_k_i(tile_first_k_i),
      .tile_last_k_i(tile_last_k_i),
      .tile_more_i(tile_more_i),
      .tile_pair_i(tile_pair_i),
      .tile_block_first_i(tile_block_first_i),
      .tile_pass_last_i(tile_pass_last_i),
      .tile_hold_i(tile_hold_i),
      .tile_next_o(next),
      .tile_start_o(start),
      .count0_i(count0_i),
      .count1_i(count1_i),
      .act_read_o(act_read),
      .half_o(half),
      .address_o(address),
      .bank_o(bank),
      .act_valid_o(valid),
      .act_last_o(last),
      .act_ready_i(act_ready_i),
      .drained_i(drained_i),
      .release_i(release_i),
      .loaded_i(loaded_i),
      .read_i(read_i),
      .launch_o(launch),
      .wait_output_o(wait_output),
      .wait_activation_o(wait_activation),
      .wait_weight_o(wait_weight),
      .wait_schedule_o(wait_schedule)
  );
  reg started_q = 1'b0;
  always @(posedge clk_i) started_q <= 1'b1;

  // Tokens of the tile launched, word of the pass that is next, blocks begun and not drained, tiles loaded
  // and not begun, passes launched and not released, half of the buffer; first word of the tile, and its
  // bank.
  reg [1:0] token_q, word_q, tile_word_q, blocks_q, loaded_q, passes_q;
  reg half_q, bank_q, stay_q, waits_q;
  reg again_q;  // the tile has the words of the one before it
  reg [7:0] tile_q;
  reg [3*`BANKS-1:0] count0_q, count1_q;
  // Last read of the buffer: half, word, and the words that each half had.
  reg read_half_q;
  reg [1:0] read_address_q;
  reg [3*`BANKS-1:0] read_count0_q, read_count1_q;
  reg was_hold_q;
  reg pause_q;  // a tile of two tokens has just been launched
  reg full_q;   // two passes were launched and not released, or the launcher was in reset
  reg freed_q, freed_half_q;  // the half whose words were released: that of the oldest pass
  wire [7:0] tile = {tile_tokens_i, tile_first_k_i, tile_last_k_i, tile_block_first_i, tile_pass_last_i,
      tile_more_i, tile_pair_i};
  wire done = launch && last;
  wire begins = tile_first_k_i && tile_block_first_i;
  wire to_bank_1 = `BANKS == 2 && !bank_q && !tile_pair_i;
  wire [1:0] word_d = !launch ? word_q : (last && tile_last_k_i) ? 2'd0
      : (last && (tile_more_i || to_bank_1)) ? tile_word_q : word_q + 2'd1;
  wire [3*`BANKS-1:0] count_before = half_q ? count1_q : count0_q;
  wire [3*`BANKS-1:0] count_read = half_q ? read_count1_q : read_count0_q;
  // The word of the token had been written, in each bank that the tile takes it from: in the cycle before,
  // and when the buffer was last read.
  wire needs_first = !bank_q;
  wire needs_second = bank_q || tile_pair_i;
  wire first_there = {1'b0, word_q} < count_before[2:0];
  wire second_there = {1'b0, word_q} < count_before[3*`BANKS-1-:3];
  wire there = (!needs_first || first_there) && (!needs_second || second_there);
  wire there_read = (!needs_first || {1'b0, word_q} < count_read[2:0])
      && (!needs_second || {1'b0, word_q} < count_read[3*`BANKS-1-:3]);
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      token_q  <= 0;
      word_q   <= 0;
      tile_word_q <= 0;
      again_q  <= 1'b0;
      blocks_q <= 0;
      loaded_q <= 0;
      passes_q <= 0;
      half_q   <= 1'b0;
      bank_q   <= 1'b0;
      stay_q   <= 1'b0;
      waits_q  <= 1'b0;
    end else begin
      if (launch) token_q <= last ? 2'd0 : token_q + 2'd1;
      word_q <= word_d;
      if (done) tile_word_q <= word_d;
      if (done) again_q <= tile_more_i;
      blocks_q <= blocks_q + (launch && token_q == 0 && begins) - drained_i;
      loaded_q <= loaded_q + loaded_i - (launch && token_q == 0);
      passes_q <= passes_q + (done && tile_pass_last_i) - release_i;
      if (done && tile_pass_last_i) half_q <= !half_q;
      if (done && !tile_more_i) bank_q <= to_bank_1 && !tile_last_k_i;
      stay_q  <= tile_valid_i && !done;
      waits_q <= valid && !launch;
    end
    full_q        <= !rst_ni || passes_q + (done && tile_pass_last_i) >= 2;
    pause_q       <= rst_ni && done && tile_tokens_i == 2;
    freed_q       <= release_i;
    freed_half_q  <= (passes_q == 2) ? half_q : !half_q;
    tile_q        <= tile;
    count0_q      <= count0_i;
    count1_q      <= count1_i;
    was_hold_q    <= tile_hold_i;
    if (act_read) begin
      read_half_q    <= half;
      read_address_q <= address;
      read_count0_q  <= count0_i;
      read_count1_q  <= count1_i;
    end
  end
  integer b;
  always @* begin
    if (!started_q) assume (!rst_ni);
    if (stay_q) assume (tile_valid_i && tile == tile_q);
    assume (tile_tokens_i == 1 || tile_tokens_i == 2);
    assume (!tile_pass_last_i || tile_last_k_i);
    assume (!tile_more_i || !tile_last_k_i);
    assume (!tile_pair_i || (`BANKS == 2 && !bank_q));
    // No more blocks or passes are given back than were begun, and words come and stay until their pass is
    // released.
    if (blocks_q == 0) assume (!drained_i);
    if (passes_q == 0) assume (!release_i);
    if (`SCHEDULE != 0 && loaded_q == 1) assume (!loaded_i);
    if (`SCHEDULE != 0 && loaded_q == 0 && token_q == 0) assume (!act_ready_i);
    // The core, once empty, stays so until the tile begins.
    if (stay_q && !was_hold_q) assume (!tile_hold_i || token_q != 0);
    for (b = 0; b < `BANKS; b = b + 1) begin
      assume (count0_i[3*b+:3] <= 4 && count1_i[3*b+:3] <= 4);
      if (started_q && !(freed_q && !freed_half_q)) assume (count0_i[3*b+:3] >= count0_q[3*b+:3]);
      if (started_q && !(freed_q && freed_half_q)) assume (count1_i[3*b+:3] >= count1_q[3*b+:3]);
    end
  end
  always @* begin
    if (started_q && rst_ni) begin
      // The buffer was last asked for this word; and it had been written.
      if (valid) assert (read_address_q == word_q && read_half_q == half_q);
      if (valid) assert (there_read && bank == bank_q);
      if (wait_activation && !full_q) assert (!there);
      if (valid) assert (tile_valid_i && last == (token_q + 2'd1 == tile_tokens_i));
      assert (launch == (valid && act_ready_i) && next == done && start == (launch && token_q == 0));
      // Both halves of the accumulators, or of the buffer, are in use.
      if (valid && token_q == 0 && begins) assert (blocks_q < 2);
      if (valid) assert (passes_q < 2);
      if (waits_q) assert (valid);
      // It waits for one thing at a time, and only if it does not launch.
      assert (wait_output + wait_activation + wait_weight + wait_schedule + launch <= 1);
      if (tile_valid_i) assert (launch || wait_output || wait_activation || wait_weight || wait_schedule);
      if (valid) assert (wait_weight == (!launch && token_q == 0 && (`SCHEDULE == 0 || loaded_q == 0)));
      else if (tile_valid_i) assert (!wait_weight);
      else assert (wait_weight == !read_i);
      if (wait_schedule && `SCHEDULE == 0)
        assert (valid ? token_q != 0 : token_q == 0 && (tile_hold_i || pause_q));
      if (launch && token_q == 0) assert (!tile_hold_i && !pause_q);
      if (wait_output) assert (blocks_q == 2 && token_q == 0 && begins);
      assert (blocks_q <= 2 && passes_q <= 2);
      cover (launch && blocks_q == 1 && passes_q == 1 && token_q == 1);
      cover (wait_output && passes_q == 1);
      cover (wait_activation && word_q == 2 && half_q);
      cover (wait_schedule && half_q && token_q == 1);
      cover (launch && was_hold_q && token_q == 0 && half_q);
      cover (wait_schedule && pause_q && !tile_hold_i && half_q);
      cover (launch && again_q && tile_more_i && word_q == 2);
      cover (launch && token_q == 0 && (`SCHEDULE != 0 || loaded_q == 0));
      cover (wait_weight && valid && (`SCHEDULE != 0 || loaded_q != 0));
      cover (launch && (`BANKS == 1 || (bank_q && again_q && word_q == 2)));
      cover (launch && half_q && (`BANKS == 1 || (tile_pair_i && !tile_more_i && word_q == 2)));
      cover (wait_activation && !full_q && (`BANKS == 1 || (tile_pair_i && first_there)));
    end
  end
endmodule
`default_nettype wire
