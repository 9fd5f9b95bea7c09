// SPDX-License-Identifier: Apache-2.0
// Launches tokens: reads the word of activations of each (tile along K, token) of a tile from the activation
// buffer and offers it to the core. The buffer's read address runs one cycle ahead, so a token can be
// launched in every cycle.
//
// With two banks tiles along K alternate between them, and a tile in mode 2 can have the words of both,
// those of a pair of tiles.
//
// A tile waits for its words (the first tiles of a pass, while it is still coming in), and the first tile of
// a block of outputs for a free half of the accumulators. Behind a tile of two tokens is a pause of a cycle,
// so that the accumulators do not get tokens of one address two cycles apart; longer tiles do not need one,
// and those of one token follow each other after three cycles or more in the core.
// Area block: top: readers
`default_nettype none
module msq_launcher #(
    parameter WORDS = 4096,  // words of a bank in a half of the activation buffer, a power of two
    parameter BANKS = 1,     // banks of the activation buffer, 1 or 2
    parameter TOKENS = 128,  // maximum tokens of a pass, a power of two
    parameter SCHEDULE = 1,  // a loaded tile may have to wait for its schedule
    // Derived, do not set.
    parameter WORD_BITS = $clog2(WORDS),
    parameter TOKEN_BITS = $clog2(TOKENS)
) (
    input  wire                 clk_i,
    input  wire                 rst_ni,
    // The tile to launch.
    input  wire                 tile_valid_i,        // a tile is to be launched
    input  wire [TOKEN_BITS:0]  tile_tokens_i,       // tokens of the tile
    input  wire                 tile_single_i,       // the tile has one token
    input  wire                 tile_first_k_i,      // first tile along K
    input  wire                 tile_last_k_i,       // last tile along K
    input  wire                 tile_more_i,         // the next tile uses the same words
    input  wire                 tile_pair_i,         // the tile uses the words of both banks
    input  wire                 tile_block_first_i,  // first column tile of its block of outputs
    input  wire                 tile_pass_last_i,    // last tile of its pass
    input  wire                 tile_hold_i,         // the tile must not begin: the core is not empty
    output wire                 tile_next_o,         // last token of the tile launched
    output wire                 tile_start_o,        // first token of the tile launched
    // Activation buffer.
    input  wire [BANKS*(WORD_BITS+1)-1:0] count0_i,   // words in half 0 of the buffer, by banks
    input  wire [BANKS*(WORD_BITS+1)-1:0] count1_i,   // words in half 1 of the buffer, by banks
    output wire                 act_read_o,  // read enable: without it the words read before stay
    output wire                 half_o,      // half of the buffer to read
    output wire [WORD_BITS-1:0] address_o,   // word to read, of every bank
    output wire                 bank_o,      // bank of the word offered; with a pair its first word
    // Core.
    output wire                 act_valid_o,  // token offered to the core
    output wire                 act_last_o,   // last token of the tile
    input  wire                 act_ready_i,  // token accepted if offered
    // Accumulators.
    input  wire                 drained_i,  // a block of outputs has left
    input  wire                 release_i,  // last block of a pass has left: its half is free
    // Weights.
    input  wire                 loaded_i,  // a tile has been loaded into the core
    input  wire                 read_i,    // no tile of the job is left to read
    // Use of the cycle.
    output wire                 launch_o,           // token launched
    output wire                 wait_output_o,      // both halves of the accumulators are in use
    output wire                 wait_activation_o,  // the word of the token is missing
    output wire                 wait_weight_o,      // the tile of the token is not loaded
    output wire                 wait_schedule_o     // the schedule holds the token back
);
  reg                  half_q;
  reg [WORD_BITS-1:0]  address_q;  // the buffer's output is the word of this address
  reg [WORD_BITS-1:0]  start_q;    // address of the tile's first word
  reg [BANKS-1:0]      there_q;    // and that word had been written, by banks
  reg                  bank_q;     // bank of the tile's words
  reg [TOKEN_BITS-1:0] token_q;
  reg                  first_q;    // it is the first of its tile
  reg                  last_q;     // it is the last one, if it is not the first
  reg [1:0]            blocks_q;   // blocks of outputs begun and not drained
  reg [1:0]            passes_q;   // passes launched whose half is not free again
  reg                  pause_q;    // a tile of two tokens has just been launched

  wire last = first_q ? tile_single_i : last_q;
  wire begins_block = first_q && tile_first_k_i && tile_block_first_i;
  wire room = !begins_block || !blocks_q[1];
  wire hold = pause_q || (first_q && tile_hold_i);
  wire there;
  wire word = tile_valid_i && there;  // the buffer's output is the word of the next token
  wire offered = tile_valid_i && there && room && !hold;
  wire launch = offered && act_ready_i;
  wire finish = launch && last;

  assign act_valid_o = offered;
  assign act_last_o = last;
  assign tile_next_o = finish;
  assign tile_start_o = launch && first_q;
  assign wait_output_o = tile_valid_i && there && !room;
  assign wait_activation_o = tile_valid_i && !there;
  wire waits_for_tile;
  generate
    if (SCHEDULE != 0) begin : gen_schedule
      reg loaded_q;  // a tile is loaded and not begun; the core has room for no other
      always @(posedge clk_i) loaded_q <= rst_ni && (loaded_i || (loaded_q && !tile_start_o));
      assign waits_for_tile = first_q && !loaded_q;
`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
      `MSQ_INPUT(rst_ni && loaded_i, !loaded_q || tile_start_o, "tile loaded while one waits")
`endif
    end else begin : gen_no_schedule
      assign waits_for_tile = first_q;
      wire unused_loaded = &{1'b0, loaded_i};
    end
  endgenerate
  assign launch_o = launch;
  assign wait_weight_o = tile_valid_i ? offered && !act_ready_i && waits_for_tile : !read_i;
  assign wait_schedule_o = offered ? !act_ready_i && !waits_for_tile : tile_valid_i && there && room;

  // Next word: the words of a pass are in the order in which its tiles along K use them, and every column
  // tile begins again at the first.
  wire wraps = finish && tile_last_k_i;
  wire [WORD_BITS-1:0] next = address_q + {{(WORD_BITS - 1) {1'b0}}, 1'b1};
  // The next tile along K has its words at the same addresses of the other bank, or behind both.
  wire other_bank = BANKS == 2 && !tile_pair_i && !bank_q;
  wire again = finish && (tile_more_i || other_bank);
  // The address does not depend on the launch, which comes late: the read enable alone does.
  wire [WORD_BITS-1:0] after = !last ? next : tile_last_k_i ? {WORD_BITS{1'b0}}
      : (tile_more_i || other_bank) ? start_q : next;
  wire half_after = half_q ^ (last && tile_pass_last_i);
  wire [31:0] after_next = {{(32 - TOKEN_BITS) {1'b0}}, token_q} + 32'd2;
  wire bank_d = (finish && !tile_more_i) ? other_bank && !wraps : bank_q;
  wire turns = finish && tile_pass_last_i;  // to the other half
  assign act_read_o = launch || !word;
  assign half_o = word ? half_after : half_q;
  assign address_o = word ? after : address_q;
  assign bank_o = BANKS == 2 && bank_q;

  // Each of the words that may be next is looked for before it is known which one it is.
  wire [BANKS-1:0] there_d;
  genvar b;
  generate
    for (b = 0; b < BANKS; b = b + 1) begin : gen_bank
      wire [WORD_BITS:0] count0 = count0_i[b*(WORD_BITS+1)+:WORD_BITS+1];
      wire [WORD_BITS:0] count1 = count1_i[b*(WORD_BITS+1)+:WORD_BITS+1];
      wire [WORD_BITS:0] count = half_q ? count1 : count0;
      wire any = count != {(WORD_BITS + 1) {1'b0}};
      wire any_other = (half_q ? count0 : count1) != {(WORD_BITS + 1) {1'b0}};
      wire start_there = {1'b0, start_q} < count;
      wire next_there = {1'b0, next} < count;
      wire still_there = {1'b0, address_q} < count;
      // With two passes whose half is not free the count is still that of the older one.
      assign there_d[b] = turns ? any_other && passes_q == 2'd0
          : !passes_q[1] && (wraps ? any : again ? start_there : launch ? next_there : still_there);
    end
    if (BANKS == 2) begin : gen_both
      assign there = tile_pair_i ? &there_q : there_q[bank_q];
    end else begin : gen_one
      assign there = there_q[0];
    end
  endgenerate

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      half_q    <= 1'b0;
      address_q <= {WORD_BITS{1'b0}};
      start_q   <= {WORD_BITS{1'b0}};
      there_q   <= {BANKS{1'b0}};
      bank_q    <= 1'b0;
      token_q   <= {TOKEN_BITS{1'b0}};
      first_q   <= 1'b1;
      blocks_q  <= 2'd0;
      passes_q  <= 2'd0;
      pause_q   <= 1'b0;
    end else begin
      if (launch) half_q <= half_after;
      if (launch) address_q <= after;
      if (finish) start_q <= after;
      there_q   <= there_d;
      bank_q    <= bank_d;
      pause_q   <= finish && token_q[0] && !(|(token_q >> 1));
      passes_q  <= passes_q + {1'b0, turns} - {1'b0, release_i};
      if (launch) begin
        token_q <= last ? {TOKEN_BITS{1'b0}} : token_q + 1'b1;
        first_q <= last;
        last_q  <= after_next == {{(31 - TOKEN_BITS) {1'b0}}, tile_tokens_i};  // of the token after this one
      end
      blocks_q <= blocks_q + {1'b0, launch && begins_block} - {1'b0, drained_i};
    end
  end

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_banks, BANKS == 1 || BANKS == 2)
  `MSQ_PARAMETER(msq_illegal_words, WORDS >= 2 && (WORDS & (WORDS - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_tokens, TOKENS >= 2 && (TOKENS & (TOKENS - 1)) == 0)
  `MSQ_INPUT(rst_ni && tile_valid_i, tile_single_i == (tile_tokens_i == 1), "tile of one token not marked")
  `MSQ_HELD(act_valid_o, act_ready_i, act_last_o, 1, "token not held")
  `MSQ_INPUT(rst_ni && drained_i, blocks_q != 2'd0, "more blocks drained than begun")
  `MSQ_INPUT(rst_ni && release_i, passes_q != 2'd0, "more passes released than launched")
`endif
endmodule
`default_nettype wire
