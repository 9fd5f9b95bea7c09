// SPDX-License-Identifier: Apache-2.0
// Places the beats of an output packet in memory, in one of two layouts:
//   dense        the beats one after the other, as the packet has them
//   activations  an MX packet as an activation packet of the next layer: scales as [block][token], then at an
//                offset the values as [tile along K][token], in words of one tile each; values
//                beyond N are zero. Bytes between the last scale and the first value are left as they are.
//
// Beats go through pieces of PIECE_BYTES, one per cycle. Pieces that follow each other are joined to words of
// the memory. Nothing is written behind limit_i: overflow_o reports that the packet is
// longer.
// Area block: shell: outputs
`default_nettype none
module msq_output_layout #(
    parameter ADDRESS_BITS = 40,  // bits of a byte address
    parameter WORD_BYTES = 16,    // bytes of a word of the memory, a power of two from 4 to 64
    parameter BEAT_BYTES = 8,     // bytes of a beat, a power of two from 4 to 128
    parameter ROWS = 8,           // values of a word of activations, a power of two from 4 to 128
    parameter ACT_BITS = 8,       // bits of a value, 4 or 8
    parameter BLOCK = 128,        // columns of a block of outputs, 128 or 256
    parameter TOKEN_BITS = 8,     // bits of a number of tokens
    // Derived, do not set.
    parameter TILE_BYTES = ROWS * ACT_BITS / 8,
    parameter PIECE_BYTES = (TILE_BYTES < WORD_BYTES) ? TILE_BYTES : WORD_BYTES
) (
    input  wire                    clk_i,
    input  wire                    rst_ni,
    // Packets.
    input  wire                    valid_i,        // packet announced
    output wire                    ready_o,        // its layout accepted
    input  wire [ADDRESS_BITS-1:0] address_i,      // byte address, a multiple of WORD_BYTES
    input  wire [31:0]             limit_i,        // bytes that may be written from there on
    input  wire                    activations_i,  // layout `activations`, else dense
    input  wire [31:0]             values_i,       // offset of the values, a multiple of TILE_BYTES
    input  wire [TOKEN_BITS-1:0]   tokens_i,       // tokens of the packet, at least 1
    input  wire [23:0]             columns_i,      // outputs of a token, at least 1
    output wire                    overflow_o,     // the packet extends beyond the limit
    output wire                    end_o,          // the packet has ended; stays until end_ready_i
    input  wire                    end_ready_i,    // go on to the next packet
    // Stream.
    input  wire                    beat_valid_i,   // beat offered
    output wire                    beat_ready_o,   // beat accepted if offered
    input  wire [BEAT_BYTES*8-1:0] beat_i,         // beat
    input  wire                    beat_last_i,    // last beat of the packet
    // Memory.
    output wire                    word_valid_o,   // word offered
    input  wire                    word_ready_i,   // word accepted if offered
    output wire [ADDRESS_BITS-1:0] word_address_o, // byte address, a multiple of WORD_BYTES
    output wire [WORD_BYTES*8-1:0] word_o,         // word
    output wire [WORD_BYTES-1:0]   word_strobe_o   // bytes to write
);
  localparam RUNS = BLOCK / 128;  // scales of a token in a block
  localparam WORD_BITS = $clog2(WORD_BYTES);
  localparam PIECE_BITS = $clog2(PIECE_BYTES);
  localparam BEAT_BITS = $clog2(BEAT_BYTES);
  localparam TILE_BITS = $clog2(TILE_BYTES);
  localparam LOG2_ROWS = $clog2(ROWS);
  localparam CHUNK = TILE_BYTES / PIECE_BYTES;  // pieces of a word of activations
  localparam CHUNK_BITS = $clog2(CHUNK);
  localparam [31:0] TILE = TILE_BYTES;
  localparam [31:0] PIECE = PIECE_BYTES;

  localparam [2:0] IDLE = 3'd0, DENSE = 3'd1, PLAN = 3'd2, SCALE = 3'd3, VALUES = 3'd4, END = 3'd5;
  reg [2:0]                        state_q;
  reg [ADDRESS_BITS-WORD_BITS-1:0] base_q;
  reg [31:0]                       limit_q;
  reg                              overflow_q;
  reg                              over_q;        // the last beat of the packet has come
  reg [TOKEN_BITS-1:0]             tokens_q;
  // Where the packet is.
  reg [23:0]                       left_q;        // columns of this block and those behind it
  reg [TOKEN_BITS-1:0]             token_q;       // tokens of the block that are left, with this one
  reg                              run_q;         // second run of the token
  reg [31:0]                       scale_q;       // offset of the next scale
  reg [31:0]                       token_start_q; // offset of the first value of the token in the block
  reg [31:0]                       chunk_q;       // offset of its word of activations, if pieces are parts
  reg [31:0]                       value_q;       // offset of the next piece
  // The run: up to 128 columns of a token.
  reg [7:0]                        beats_q;       // beats of values still to come
  reg [7:0]                        pieces_q;      // pieces still to write
  reg                              run_last_q;    // last run of its token

  // Columns of the run, its beats and its pieces.
  wire [23:0] left = run_q ? left_q - 24'd128 : left_q;
  wire full = left >= 24'd128;
  wire [7:0] columns = full ? 8'd128 : {1'b0, left[6:0]};
  wire [8:0] bytes = (ACT_BITS == 8) ? {1'b0, columns} : ({1'b0, columns} + 9'd1) >> 1;
  wire [8:0] beats = (bytes + BEAT_BYTES[8:0] - 9'd1) >> BEAT_BITS;
  wire [8:0] tiles = ({1'b0, columns} + ROWS[8:0] - 9'd1) >> LOG2_ROWS;
  wire [8:0] pieces = tiles << CHUNK_BITS;
  wire run_last = RUNS == 1 || run_q || left <= 24'd128;
  wire unused_high = &{1'b0, beats[8], pieces[8]};

  // A piece of the stream, of the current beat, or of several that are gathered.
  wire        write;      // a piece or a scale is written, if there is room
  wire        room;       // for it
  wire        piece;      // a piece is there
  wire        piece_end;  // it is the last one of its beat, which is the last of its packet
  wire [PIECE_BYTES*8-1:0] data;
  wire [PIECE_BITS:0] data_bytes;  // bytes of it that the stream has brought
  wire take_piece;        // the piece is done with
  wire drop;              // so is what follows in its beat
  wire take_scale = state_q == SCALE && beat_valid_i && room;
  wire last_piece = pieces_q == 8'd1;
  wire zeros = state_q == VALUES && beats_q == 8'd0;  // no beat has the piece
  wire stream_piece = piece && (state_q == DENSE || (state_q == VALUES && beats_q != 8'd0));
  assign write = stream_piece || zeros || (state_q == SCALE && beat_valid_i);
  assign take_piece = stream_piece && room;
  assign drop = state_q == VALUES && last_piece;
  wire beat_done;         // a beat of values is done with
  generate
    if (BEAT_BYTES > PIECE_BYTES) begin : gen_cut
      localparam PARTS = BEAT_BYTES / PIECE_BYTES;
      localparam PART_BITS = $clog2(PARTS);
      reg [PART_BITS-1:0] part_q;
      wire [BEAT_BYTES*8-1:0] at_part =
          beat_i >> ({{(32 - PART_BITS) {1'b0}}, part_q} * (PIECE_BYTES * 8));
      wire unused_at_part = &{1'b0, at_part};
      assign piece = beat_valid_i;
      assign piece_end = &part_q && beat_last_i;
      assign data = at_part[PIECE_BYTES*8-1:0];
      assign data_bytes = {1'b1, {PIECE_BITS{1'b0}}};
      assign beat_done = take_piece && (&part_q || drop);
      assign beat_ready_o = beat_done || take_scale;
      always @(posedge clk_i) begin
        if (!rst_ni) part_q <= {PART_BITS{1'b0}};
        else if (take_piece) part_q <= beat_done ? {PART_BITS{1'b0}} : part_q + 1'b1;
      end
    end else if (BEAT_BYTES == PIECE_BYTES) begin : gen_same
      wire unused_drop = &{1'b0, drop};
      assign piece = beat_valid_i;
      assign piece_end = beat_last_i;
      assign data = beat_i;
      assign data_bytes = {1'b1, {PIECE_BITS{1'b0}}};
      assign beat_done = take_piece;
      assign beat_ready_o = beat_done || take_scale;
    end else begin : gen_join
      localparam PARTS = PIECE_BYTES / BEAT_BYTES;
      localparam PART_BITS = $clog2(PARTS);
      reg [PART_BITS-1:0] part_q;
      reg [PIECE_BYTES*8-1:0] data_q;  // beats before that of the stream
      wire unused_drop = &{1'b0, drop};
      wire [PIECE_BYTES*8-1:0] shifted = {{(PIECE_BYTES * 8 - BEAT_BYTES * 8) {1'b0}}, beat_i}
          << ({{(32 - PART_BITS) {1'b0}}, part_q} * (BEAT_BYTES * 8));
      // The last beat of a run or a packet completes a piece.
      wire completes = &part_q || beat_last_i || (state_q == VALUES && beats_q == 8'd1);
      wire gather = beat_valid_i && !completes
          && (state_q == DENSE || (state_q == VALUES && beats_q != 8'd0));
      assign piece = beat_valid_i && completes;
      assign piece_end = beat_last_i;
      assign data = (part_q == {PART_BITS{1'b0}} ? {(PIECE_BYTES * 8) {1'b0}} : data_q) | shifted;
      assign data_bytes = ({{(PIECE_BITS + 1 - PART_BITS) {1'b0}}, part_q} + 1'b1) << BEAT_BITS;
      assign beat_done = take_piece || gather;
      assign beat_ready_o = beat_done || take_scale;
      always @(posedge clk_i) begin
        if (!rst_ni) part_q <= {PART_BITS{1'b0}};
        else if (beat_done) part_q <= take_piece ? {PART_BITS{1'b0}} : part_q + 1'b1;
      end
      always @(posedge clk_i) if (gather) data_q <= data;
    end
  endgenerate

  // Offset of the next write.
  wire [31:0] offset = state_q == SCALE ? scale_q : value_q;
  wire [32:0] size = state_q == SCALE ? 33'd1
      : state_q == VALUES ? {1'b0, PIECE} : {{(32 - PIECE_BITS) {1'b0}}, data_bytes};
  wire fits = {1'b0, offset} + size <= {1'b0, limit_q};
  wire [ADDRESS_BITS+31:0] offset_wide = {{ADDRESS_BITS{1'b0}}, offset};

  // The word in the making: complete when its last piece has come, or when the next piece is elsewhere.
  reg                              word_q;      // pieces are in the word
  reg                              full_q;      // the word is offered
  reg [ADDRESS_BITS-WORD_BITS-1:0] word_place_q;
  reg [WORD_BYTES*8-1:0]           data_q;
  reg [WORD_BYTES-1:0]             strobe_q;
  wire alone = state_q == SCALE || (state_q == VALUES && tokens_q != {{(TOKEN_BITS - 1) {1'b0}}, 1'b1});
  wire [31:0] lane = {{(32 - WORD_BITS) {1'b0}}, offset[WORD_BITS-1:0]};
  wire lane_last = lane + PIECE >= WORD_BYTES;
  // In the layout `activations` a word never waits for pieces of another run.
  wire ends_word = alone || lane_last || (state_q == VALUES && last_piece)
      || (state_q == DENSE && piece_end);
  wire [WORD_BYTES*8-1:0] wide_data;
  wire [WORD_BYTES-1:0] wide_strobe;
  wire [PIECE_BYTES*8-1:0] piece_data = state_q == SCALE ? {{(PIECE_BYTES * 8 - 8) {1'b0}}, beat_i[7:0]}
      : zeros ? {(PIECE_BYTES * 8) {1'b0}} : data;
  wire [PIECE_BYTES-1:0] piece_strobe;
  genvar b;
  generate
    for (b = 0; b < PIECE_BYTES; b = b + 1) begin : gen_strobe
      localparam [31:0] BYTE = b;
      assign piece_strobe[b] = state_q == SCALE ? b == 0
          : state_q == VALUES || data_bytes > BYTE[PIECE_BITS:0];
    end
    if (WORD_BYTES == PIECE_BYTES) begin : gen_whole
      assign wide_data = piece_data;
      assign wide_strobe = piece_strobe;
    end else begin : gen_part
      assign wide_data = {{(WORD_BYTES * 8 - PIECE_BYTES * 8) {1'b0}}, piece_data};
      assign wide_strobe = {{(WORD_BYTES - PIECE_BYTES) {1'b0}}, piece_strobe};
    end
  endgenerate
  wire [WORD_BYTES*8-1:0] lane_data = wide_data << {lane[28:0], 3'b000};
  wire [WORD_BYTES-1:0] lane_strobe = wide_strobe << lane;
  assign room = !full_q || word_ready_i;
  wire put = write && room && fits;
  wire fresh = !word_q || full_q;  // the piece begins a word
  // A word that gets no further piece: the next one is behind the limit, or the packet was given up.
  wire cut_short = word_q && !full_q && ((write && !fits) || state_q == END);
  assign word_valid_o = full_q;
  assign word_address_o = {word_place_q, {WORD_BITS{1'b0}}};
  assign word_o = data_q;
  assign word_strobe_o = strobe_q;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      word_q <= 1'b0;
      full_q <= 1'b0;
    end else begin
      if (room) begin
        full_q <= (put && ends_word) || cut_short;
        word_q <= put || (word_q && !full_q && !cut_short);
      end
    end
  end
  always @(posedge clk_i) begin
    if (put) begin
      word_place_q <= base_q + offset_wide[ADDRESS_BITS-1:WORD_BITS];
      data_q       <= (fresh ? {(WORD_BYTES * 8) {1'b0}} : data_q) | lane_data;
      strobe_q     <= (fresh ? {WORD_BYTES{1'b0}} : strobe_q) | lane_strobe;
    end
  end

  // Walk.
  wire run_done = state_q == VALUES && room && (zeros || stream_piece) && last_piece;
  wire came_last = beat_valid_i && beat_ready_o && beat_last_i;
  wire token_last = token_q == {{(TOKEN_BITS - 1) {1'b0}}, 1'b1};
  wire chunk_done = CHUNK_BITS == 0 || value_q[TILE_BITS-1:0] == TILE[TILE_BITS-1:0] - PIECE[TILE_BITS-1:0];
  // Offset of the next piece: in the same word of activations, in the next one of the token, or, after the
  // last run of a token, in the first one of the next token or block. The word behind the last one of the
  // block's last token is the first one of the next block.
  wire [31:0] stride = {{(32 - TOKEN_BITS) {1'b0}}, tokens_q} << TILE_BITS;
  wire [31:0] chunk = CHUNK_BITS == 0 ? value_q : chunk_q;
  wire dense = state_q == DENSE;
  wire token_done = last_piece && run_last_q;
  wire [31:0] from = dense ? value_q : token_done ? (token_last ? chunk : token_start_q)
      : chunk_done ? chunk : value_q;
  wire [31:0] step = dense ? PIECE : token_done ? TILE : chunk_done ? stride : PIECE;
  wire [31:0] next_value = from + step;
  assign ready_o = state_q == IDLE;
  assign overflow_o = overflow_q;
  assign end_o = state_q == END && !word_q && !full_q;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= IDLE;
    end else begin
      case (state_q)
        IDLE: if (valid_i) state_q <= activations_i ? PLAN : DENSE;
        DENSE: if (came_last) state_q <= END;
        PLAN: state_q <= SCALE;
        SCALE: if (take_scale) state_q <= beat_last_i ? END : VALUES;
        VALUES:
        if (run_done) state_q <= (over_q || came_last) ? END : PLAN;
        // A packet that ends inside a run was given up.
        else if (came_last && beats_q != 8'd1) state_q <= END;
        default: if (end_o && end_ready_i) state_q <= IDLE;  // END
      endcase
    end
  end
  always @(posedge clk_i) begin
    if (state_q == IDLE) begin
      base_q        <= address_i[ADDRESS_BITS-1:WORD_BITS];
      limit_q       <= limit_i;
      overflow_q    <= 1'b0;
      over_q        <= 1'b0;
      tokens_q      <= tokens_i;
      left_q        <= columns_i;
      token_q       <= tokens_i;
      run_q         <= 1'b0;
      scale_q       <= 32'd0;
      token_start_q <= values_i;
      chunk_q       <= values_i;
      value_q       <= activations_i ? values_i : 32'd0;
    end
    if (came_last) over_q <= 1'b1;
    if (write && room && !fits) overflow_q <= 1'b1;
    if (state_q == PLAN) begin
      beats_q      <= beats[7:0];
      pieces_q     <= pieces[7:0];
      run_last_q   <= run_last;
    end
    if (dense && take_piece) value_q <= next_value;
    if (state_q == VALUES && beat_done) beats_q <= beats_q - 8'd1;
    if (state_q == VALUES && room && (zeros || stream_piece)) begin
      pieces_q <= pieces_q - 8'd1;
      value_q  <= next_value;
      if (token_done || chunk_done) chunk_q <= next_value;
      if (token_done) token_start_q <= next_value;
    end
    // Once a run is written: to the next run of the token, the next token, or the next block.
    if (run_done) begin
      if (!run_last_q) begin
        run_q <= 1'b1;
      end else begin
        run_q <= 1'b0;
        if (!token_last) begin
          token_q <= token_q - 1'b1;
        end else begin
          token_q <= tokens_q;
          left_q  <= left_q - BLOCK[23:0];
        end
      end
    end
    // Scales of a block with two runs: those of the first run of every token, then those of the second.
    if (take_scale) begin
      if (RUNS == 1 || (run_last_q && !run_q)) scale_q <= scale_q + 32'd1;
      else if (!run_q) scale_q <= scale_q + {{(32 - TOKEN_BITS) {1'b0}}, tokens_q};
      else if (token_last) scale_q <= scale_q + 32'd1;
      else scale_q <= scale_q + 32'd1 - {{(32 - TOKEN_BITS) {1'b0}}, tokens_q};
    end
  end
  wire unused_address = &{1'b0, address_i[WORD_BITS-1:0], offset_wide};

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_word,
                 WORD_BYTES >= 4 && WORD_BYTES <= 64 && (WORD_BYTES & (WORD_BYTES - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_beat,
                 BEAT_BYTES >= 4 && BEAT_BYTES <= 128 && (BEAT_BYTES & (BEAT_BYTES - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_rows, ROWS >= 4 && ROWS <= 128 && (ROWS & (ROWS - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_act_bits, ACT_BITS == 4 || ACT_BITS == 8)
  `MSQ_PARAMETER(msq_illegal_block, BLOCK == 128 || BLOCK == 256)
  `MSQ_INPUT_HELD(beat_valid_i, beat_ready_o, {beat_last_i, beat_i}, BEAT_BYTES * 8 + 1, "beat not held")
  `MSQ_HELD(word_valid_o, word_ready_i, {word_address_o, word_strobe_o, word_o},
            ADDRESS_BITS + WORD_BYTES * 9, "word not held")
`endif
endmodule
`default_nettype wire
