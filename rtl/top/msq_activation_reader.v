// SPDX-License-Identifier: Apache-2.0
// Reads the activation stream into one half of the activation buffer while the other half computes.
//
// A pass of T tokens is one packet: the scales Xsf, one byte each, [block][token], dense and padded to whole
// beats; then the activations, one word of ROWS values per beat, [tile along K][token]. The scale -128 marks
// a block of zeros. Xref = max(smallest, largest - 7) over a token's other blocks; -127 if there is none. A
// scale takes a cycle, a word takes a cycle.
//
// With BANKS = 2 the words of even tiles along K go to bank 0, those of odd ones to bank 1, at the same
// addresses, so that both words of a pair of tiles can be read in one cycle.
// Area block: top: readers
`default_nettype none
module msq_activation_reader #(
    parameter ROWS = 8,      // PE rows
    parameter ACT_BITS = 8,  // activation width
    parameter WORDS = 4096,  // words of a bank in a half of the activation buffer, a power of two
    parameter SCALES = 4096,  // scales in a half, a power of two, at least WORDS
    parameter BANKS = 1,     // banks of the activation buffer, 1 or 2
    parameter TOKENS = 128,  // maximum tokens of a pass, a power of two
    // Derived, do not set.
    parameter BEAT = ROWS * ACT_BITS,
    parameter WORD_BITS = $clog2(WORDS),
    parameter SCALE_BITS = $clog2(SCALES),
    parameter TOKEN_BITS = $clog2(TOKENS)
) (
    input  wire                  clk_i,
    input  wire                  rst_ni,
    // Job: stable from restart_i, or the end of a reset, to the next restart_i. M is read first in the cycle
    // of restart_i, the others in the cycle after.
    input  wire                  restart_i,       // pulse: begin the next job; only while read_o
    input  wire [23:0]           tokens_total_i,  // M
    input  wire [TOKEN_BITS:0]   tokens_pass_i,   // T of every pass except the last
    input  wire [10:0]           tiles_k_i,       // tiles along K
    input  wire [10:0]           blocks_k_i,      // activation blocks along K
    // Stream.
    input  wire                  valid_i,  // beat offered
    output wire                  ready_o,  // beat accepted if offered
    input  wire [BEAT-1:0]       data_i,   // beat: scales, or one word of ROWS activations
    input  wire                  last_i,   // last beat of the packet
    // Writes into the buffers; the address counts inside a half.
    output wire                  half_o,               // half that the reader fills
    output wire [BANKS-1:0]      word_write_o,         // write enable of an activation word, by banks
    output wire [WORD_BITS-1:0]  word_address_o,       // address of the word
    output wire                  scale_write_o,        // write enable of a scale
    output wire [SCALE_BITS-1:0] scale_address_o,      // address of the scale
    output wire [7:0]            scale_o,              // Xsf
    output wire                  reference_write_o,    // write enable of a reference
    output wire [TOKEN_BITS-1:0] reference_address_o,  // token of the reference
    output wire [7:0]            reference_o,          // Xref of the token
    output wire                  read_o,               // last packet of the job read
    // State of the halves.
    output wire [BANKS*(WORD_BITS+1)-1:0] count0_o,   // words in half 0, by banks
    output wire [BANKS*(WORD_BITS+1)-1:0] count1_o,   // words in half 1, by banks
    input  wire                  release_i,  // the oldest half in use is free again
    output wire                  short_o,    // packet ended early
    output wire                  long_o,     // packet continues beyond its end
    output wire                  value_o     // activation is -2^(ACT_BITS-1), which is not legal
);
  localparam BYTES = BEAT / 8;
  localparam BYTE_BITS = (BYTES > 1) ? $clog2(BYTES) : 1;
  localparam [1:0] WAIT = 2'd0, SCALES_IN = 2'd1, WORDS_IN = 2'd2, DONE = 2'd3;

  reg [1:0]            state_q;
  reg [23:0]           left_q;     // tokens of this and later passes
  reg                  half_q;
  reg [1:0]            busy_q;     // half in use
  reg                  oldest_q;   // half that is released next
  reg [TOKEN_BITS-1:0] token_q;
  reg [9:0]            step_q;     // block of scales, or tile of words
  reg [SCALE_BITS-1:0] address_q;
  reg [SCALE_BITS-1:0] start_q;    // address of the first word of the tile, with two banks
  reg [BYTE_BITS-1:0]  byte_q;     // byte of the beat

  // Last token of the pass and last block, found while it is waited for, which takes a cycle or more. The
  // last tile is found at the end of the blocks.
  reg [TOKEN_BITS-1:0] end_token_q;
  reg [9:0]            end_step_q;
  reg                  last_pass_q;
  reg                  one_token_q;
  wire last_pass = left_q <= {{(23 - TOKEN_BITS) {1'b0}}, tokens_pass_i};
  wire [TOKEN_BITS:0] tokens = last_pass ? left_q[TOKEN_BITS:0] : tokens_pass_i;
  always @(posedge clk_i) begin
    if (state_q == WAIT) begin
      end_token_q <= tokens[TOKEN_BITS-1:0] - 1'b1;
      last_pass_q <= last_pass;
      one_token_q <= tokens == {{TOKEN_BITS{1'b0}}, 1'b1};
    end
  end
  wire last_token = token_q == end_token_q;
  wire last_step = step_q == end_step_q;
  wire [TOKEN_BITS-1:0] token_d = last_token ? {TOKEN_BITS{1'b0}} : token_q + 1'b1;

  // Scales.
  wire [BEAT-1:0] at_byte = data_i >> {byte_q, 3'b000};
  wire [7:0] scale = at_byte[7:0];
  wire unused_at_byte = &{1'b0, at_byte};
  wire last_scale = last_token && last_step;
  wire last_byte = {{(32 - BYTE_BITS) {1'b0}}, byte_q} == BYTES - 1;
  wire take_scale = state_q == SCALES_IN && valid_i;
  wire [10:0] steps = (state_q == WAIT) ? blocks_k_i : tiles_k_i;
  wire unused_high = &{1'b0, tokens[TOKEN_BITS], steps[10]};
  always @(posedge clk_i) begin
    if (state_q == WAIT || (take_scale && last_scale)) end_step_q <= steps[9:0] - 10'd1;
  end

  // Smallest and largest scale of a token so far, 128 added, which makes them unsigned: on an FPGA a signed
  // comparison takes two carry chains. In block 0 there is none. A pass of one token needs the values of the
  // cycle before, which the memory does not give yet.
  wire [15:0] range_read;
  reg  [15:0] range_last_q;
  wire [15:0] range_old = step_q == 10'd0 ? {8'h00, 8'hff} : one_token_q ? range_last_q : range_read;
  wire [7:0] least_old = range_old[7:0];
  wire [7:0] most_old = range_old[15:8];
  wire [7:0] raised = {!scale[7], scale[6:0]};
  wire [7:0] least = (|raised && raised < least_old) ? raised : least_old;
  wire [7:0] most = (raised > most_old) ? raised : most_old;  // -128, a block of zeros, is never larger

  // Reference of a token, a cycle after its last scale. The range's ends are 1 or more if there is one.
  reg                  reference_write_q;
  reg [TOKEN_BITS-1:0] reference_token_q;
  wire [8:0] least_wide = {1'b0, range_last_q[7:0]} + 9'd7;
  wire [8:0] most_wide = {1'b0, range_last_q[15:8]};
  wire [7:0] reference = (least_wide > most_wide) ? range_last_q[7:0] : range_last_q[15:8] - 8'd7;
  wire none = range_last_q[15:8] == 8'h00;

  // Words.
  wire take_word = state_q == WORDS_IN && valid_i;
  wire last_word = last_token && last_step;
  wire first_bank = BANKS == 2 && !step_q[0];
  wire [SCALE_BITS-1:0] after = address_q + 1'b1;

  // Halves of the buffer that become used or free.
  wire [1:0] taken = {state_q == WAIT && half_q && !busy_q[1], state_q == WAIT && !half_q && !busy_q[0]};
  wire [1:0] freed = {release_i && oldest_q, release_i && !oldest_q};
  genvar b;
  generate
    for (b = 0; b < BANKS; b = b + 1) begin : gen_bank
      reg [WORD_BITS:0] count0_q;
      reg [WORD_BITS:0] count1_q;
      assign word_write_o[b] = take_word && (BANKS == 1 || step_q[0] == b[0]);
      assign count0_o[b*(WORD_BITS+1)+:WORD_BITS+1] = count0_q;
      assign count1_o[b*(WORD_BITS+1)+:WORD_BITS+1] = count1_q;
      // Whether a word comes is known late: it enables the count and is no addend.
      always @(posedge clk_i) begin
        if (!rst_ni || freed[0]) count0_q <= {(WORD_BITS + 1) {1'b0}};
        else if (word_write_o[b] && !half_q) count0_q <= count0_q + 1'b1;
        if (!rst_ni || freed[1]) count1_q <= {(WORD_BITS + 1) {1'b0}};
        else if (word_write_o[b] && half_q) count1_q <= count1_q + 1'b1;
      end
    end
    if (SCALE_BITS > WORD_BITS) begin : gen_wide_address
      wire unused_address = &{1'b0, address_q[SCALE_BITS-1:WORD_BITS]};
    end
  endgenerate
  wire [ROWS-1:0] minimum;
  genvar r;
  generate
    for (r = 0; r < ROWS; r = r + 1) begin : gen_row
      assign minimum[r] = data_i[r*ACT_BITS+:ACT_BITS] == {1'b1, {(ACT_BITS - 1) {1'b0}}};
    end
  endgenerate

  // Not a function of valid_i.
  assign ready_o = (state_q == SCALES_IN && (last_byte || last_scale)) || state_q == WORDS_IN;
  assign read_o = state_q == DONE;
  assign half_o = half_q;
  assign word_address_o = address_q[WORD_BITS-1:0];
  assign scale_write_o = take_scale;
  assign scale_address_o = address_q;
  assign scale_o = scale;
  assign reference_write_o = reference_write_q;
  assign reference_address_o = reference_token_q;
  assign reference_o = none ? 8'h81 : {!reference[7], reference[6:0]};
  assign short_o = valid_i && ready_o && last_i && !(take_word && last_word);
  assign long_o = take_word && last_word && !last_i;
  assign value_o = take_word && |minimum;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q   <= WAIT;
      left_q    <= tokens_total_i;
      half_q    <= 1'b0;
      busy_q    <= 2'b00;
      oldest_q  <= 1'b0;
      token_q   <= {TOKEN_BITS{1'b0}};
      step_q    <= 10'd0;
      address_q <= {SCALE_BITS{1'b0}};
      start_q   <= {SCALE_BITS{1'b0}};
      byte_q    <= {BYTE_BITS{1'b0}};
    end else begin
      busy_q <= (busy_q & ~freed) | taken;
      if (release_i) oldest_q <= !oldest_q;
      case (state_q)
        WAIT: if (|taken) state_q <= SCALES_IN;
        SCALES_IN:
        if (valid_i) begin
          byte_q <= (last_byte || last_scale) ? {BYTE_BITS{1'b0}} : byte_q + 1'b1;
          token_q <= token_d;
          address_q <= last_scale ? {SCALE_BITS{1'b0}} : after;
          if (last_token) step_q <= last_scale ? 10'd0 : step_q + 10'd1;
          if (last_scale) state_q <= WORDS_IN;
        end
        WORDS_IN:
        if (valid_i) begin
          token_q <= token_d;
          // The second bank takes its words at the addresses of the first.
          address_q <= last_word ? {SCALE_BITS{1'b0}} : (last_token && first_bank) ? start_q : after;
          if (last_token) begin
            step_q <= last_word ? 10'd0 : step_q + 10'd1;
            if (last_word) start_q <= {SCALE_BITS{1'b0}};
            else if (!first_bank) start_q <= after;
          end
          if (last_word) begin
            half_q  <= !half_q;
            left_q  <= left_q + ~{{(24 - TOKEN_BITS) {1'b0}}, end_token_q};
            state_q <= last_pass_q ? DONE : WAIT;
          end
        end
        default:  // DONE
        if (restart_i) begin
          state_q <= WAIT;
          left_q  <= tokens_total_i;
        end
      endcase
    end
  end

  always @(posedge clk_i) begin
    reference_write_q <= rst_ni && take_scale && last_step;
    if (take_scale) begin
      range_last_q      <= {most, least};
      reference_token_q <= token_q;
    end
  end

  msq_ram_1r1w #(
      .WIDTH(16),
      .DEPTH(TOKENS)
  ) u_range (
      .clk_i(clk_i),
      .write_i(take_scale),
      .write_address_i(token_q),
      .write_data_i({most, least}),
      .read_i(1'b1),
      .read_address_i(take_scale ? token_d : token_q),
      .read_data_o(range_read)
  );

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_beat, BEAT % 8 == 0)
  `MSQ_PARAMETER(msq_illegal_words, WORDS >= 2 && (WORDS & (WORDS - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_scales, SCALES >= WORDS && (SCALES & (SCALES - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_banks, BANKS == 1 || BANKS == 2)
  `MSQ_PARAMETER(msq_illegal_tokens, TOKENS >= 2 && (TOKENS & (TOKENS - 1)) == 0)
  `MSQ_INPUT(rst_ni && restart_i, read_o, "restart before the last packet is read")
  `MSQ_INPUT(rst_ni && release_i, busy_q[oldest_q], "release of a half that is not in use")
  `MSQ_INPUT_HELD(valid_i, ready_o, {last_i, data_i}, BEAT + 1, "beat not held")
`endif
endmodule
`default_nettype wire
