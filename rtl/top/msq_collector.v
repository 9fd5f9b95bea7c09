// SPDX-License-Identifier: Apache-2.0
// Follows the partial sums that leave the core, tile by tile and token by token: where they are accumulated,
// how far each token is shifted, and when a block of outputs is complete.
//
// It runs two cycles ahead of the sums, so that what the memories of activation scales show has a register
// before the shift is calculated, and the shift one before the alignment. These memories answer a cycle
// later, so every address is that of the next token; the slot of the weight scales comes a cycle later.
// Area block: top: accumulators
`default_nettype none
module msq_collector #(
    parameter WORDS = 4096,   // words in a half of the activation buffer, a power of two
    parameter TOKENS = 128,   // maximum tokens of a pass, a power of two
    parameter UNIT_BITS = 4,  // log2 of the units of columns in a block of outputs, at least 1
    parameter SLOT_BITS = 2,  // slots of scales
    parameter BANKS = 2,      // banks of accumulators
    // Derived, do not set.
    parameter WORD_BITS = $clog2(WORDS),
    parameter TOKEN_BITS = $clog2(TOKENS)
) (
    input  wire                  clk_i,
    input  wire                  rst_ni,
    // Core.
    input  wire                  soon_valid_i,  // partial sums of a token leave the core two cycles later
    input  wire                  soon_last_i,   // last token of the tile
    // Tile whose sums leave the core then, and scale slot of the next tile.
    input  wire [TOKEN_BITS:0]   tile_tokens_i,          // tokens of the tile
    input  wire                  tile_first_k_i,         // first tile along K
    input  wire                  tile_last_k_i,          // last tile along K
    input  wire                  tile_group_last_i,      // last tile along K of its activation block
    input  wire                  tile_block_last_i,      // last column tile of its block of outputs
    input  wire                  tile_pass_last_i,       // last tile of its pass
    input  wire                  tile_job_last_i,        // last tile of its job
    input  wire [1:0]            tile_format_i,          // format of the outputs of its job
    input  wire                  tile_mode4_i,           // mode of the tile: 1 is mode 4
    input  wire [UNIT_BITS-1:0]  tile_unit_i,            // first unit of columns of the tile in the block
    input  wire [8:0]            tile_block_columns_i,   // columns of the block within N
    input  wire [1:0]            tile_reference_slot_i,  // slot of the references of the block
    input  wire [SLOT_BITS-1:0]  tile_scale_slot_i,      // slot of the scales of the tile
    input  wire [SLOT_BITS-1:0]  after_scale_slot_i,     // slot of the scales of the next tile
    output wire                  tile_next_o,            // tile finished
    // Scales of the next token: slot of weights; block and token, and token, of activations.
    output reg  [SLOT_BITS-1:0]  scale_slot_o,     // slot of the weight scales, a cycle after the others
    output wire                  half_o,           // half of the activation buffer
    output wire [WORD_BITS-1:0]  scale_address_o,  // address of the next Xsf
    output wire [TOKEN_BITS-1:0] token_o,          // index of the next token
    input  wire [7:0]            scale_i,          // Xsf, -128 for a block of zeros
    input  wire [7:0]            reference_i,      // Xref
    // Token whose sums leave the core.
    output reg  [8:0]            token_right_o,        // 11 - (Xsf - Xref); 511 for a block of zeros
    output reg  [BANKS-1:0]      bank_valid_o,         // banks that accumulate this token
    output reg                   mode4_o,              // mode of its tile: 1 is mode 4
    output reg                   first_o,              // starts a new sum instead of adding
    output reg                   half_acc_o,           // half of the accumulators
    output reg  [UNIT_BITS+TOKEN_BITS-1:0] address_o,  // {unit, token}; with two banks {0, unit / 2, token}
    // A block of outputs is complete.
    output wire                  block_push_o,            // block of outputs complete
    output wire                  block_half_acc_o,        // half of the accumulators that holds the block
    output wire                  block_half_o,            // half of the activation buffer of the block
    output wire [TOKEN_BITS:0]   block_tokens_o,          // tokens of the block
    output wire [8:0]            block_columns_o,         // columns of the block
    output wire [1:0]            block_reference_slot_o,  // slot of the references of the block
    output wire                  block_pass_last_o,       // last block of its pass
    output wire                  block_job_last_o,        // last block of its job
    output wire [1:0]            block_format_o           // format of the outputs
);
  reg [TOKEN_BITS-1:0] token_q;
  reg [WORD_BITS-1:0]  base_q;      // scales of the block of activations: address of its first token
  reg                  half_q;
  reg                  half_acc_q;

  wire end_tile = soon_valid_i && soon_last_i;
  wire end_column = end_tile && tile_last_k_i;
  wire end_block = end_column && tile_block_last_i;
  wire end_pass = end_tile && tile_pass_last_i;
  assign tile_next_o = end_tile;

  wire [TOKEN_BITS-1:0] token_d = end_tile ? {TOKEN_BITS{1'b0}} : token_q
      + {{(TOKEN_BITS - 1) {1'b0}}, soon_valid_i};
  wire half_d = half_q ^ end_pass;
  wire [WORD_BITS:0] step = {{(WORD_BITS - TOKEN_BITS) {1'b0}}, tile_tokens_i};
  wire unused_step = &{1'b0, step[WORD_BITS]};
  wire [WORD_BITS-1:0] base_d = end_column ? {WORD_BITS{1'b0}}
                              : (end_tile && tile_group_last_i) ? base_q + step[WORD_BITS-1:0] : base_q;
  assign half_o = half_d;
  assign token_o = token_d;
  assign scale_address_o = base_d + {{(WORD_BITS - TOKEN_BITS) {1'b0}}, token_d};

  // A block of zeros adds nothing, whatever its values: so far to the right nothing is left of a partial sum.
  reg  [7:0] scale1_q;
  reg  [7:0] reference1_q;
  reg        mode4_1_q, first1_q, half_acc1_q;
  reg  [BANKS-1:0] bank_valid1_q;
  reg  [UNIT_BITS+TOKEN_BITS-1:0] address1_q;
  wire [8:0] right = {reference1_q[7], reference1_q} - {scale1_q[7], scale1_q} + 9'd11;
  wire [BANKS-1:0] bank_valid;
  wire [UNIT_BITS+TOKEN_BITS-1:0] address;
  generate
    if (BANKS == 2) begin : gen_two_banks
      assign bank_valid = {soon_valid_i && (!tile_mode4_i || tile_unit_i[0]), soon_valid_i
          && !(tile_mode4_i && tile_unit_i[0])};
      // A unit of one bit can be shifted by none.
      wire [UNIT_BITS:0] unit = {1'b0, tile_unit_i};
      wire unused_unit = &{1'b0, unit[0]};
      assign address = {unit[UNIT_BITS:1], token_q};
    end else begin : gen_one_bank
      assign bank_valid = soon_valid_i;
      assign address = {tile_unit_i, token_q};
    end
  endgenerate
  always @(posedge clk_i) begin
    scale_slot_o  <= end_tile ? after_scale_slot_i : tile_scale_slot_i;
    bank_valid1_q <= bank_valid & {BANKS{rst_ni}};
    scale1_q      <= scale_i;
    reference1_q  <= reference_i;
    mode4_1_q     <= tile_mode4_i;
    first1_q      <= tile_first_k_i;
    half_acc1_q   <= half_acc_q;
    address1_q    <= address;

    bank_valid_o  <= bank_valid1_q & {BANKS{rst_ni}};
    token_right_o <= right | {9{scale1_q == 8'h80}};
    mode4_o       <= mode4_1_q;
    first_o       <= first1_q;
    half_acc_o    <= half_acc1_q;
    address_o     <= address1_q;
  end

  assign block_push_o = end_block;
  assign block_half_acc_o = half_acc_q;
  assign block_half_o = half_q;
  assign block_tokens_o = tile_tokens_i;
  assign block_columns_o = tile_block_columns_i;
  assign block_reference_slot_o = tile_reference_slot_i;
  assign block_pass_last_o = tile_pass_last_i;
  assign block_job_last_o = tile_job_last_i;
  assign block_format_o = tile_format_i;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      token_q    <= {TOKEN_BITS{1'b0}};
      base_q     <= {WORD_BITS{1'b0}};
      half_q     <= 1'b0;
      half_acc_q <= 1'b0;
    end else begin
      token_q    <= token_d;
      base_q     <= base_d;
      half_q     <= half_d;
      half_acc_q <= half_acc_q ^ end_block;
    end
  end

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_banks, BANKS == 1 || BANKS == 2)
  `MSQ_INPUT(rst_ni && soon_valid_i, {1'b0, token_q} < tile_tokens_i, "more tokens than the tile has")
`endif
endmodule
`default_nettype wire
