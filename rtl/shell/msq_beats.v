// SPDX-License-Identifier: Apache-2.0
// Makes stream beats of memory words: a packet is a sequence of bytes, in both with the first byte lowest.
// Words are cut into beats or put together to beats; a packet begins with a word of its own, and the rest
// of its last word is dropped. A void word stops the stream before the beat that would hold it.
// Area block: shell: memory ports
`default_nettype none
module msq_beats #(
    parameter WORD_BYTES = 16,  // bytes of a word, a power of two
    parameter BEAT_BYTES = 8,   // bytes of a beat, a power of two
    parameter COUNT_BITS = 30   // bits of a number of beats
) (
    input  wire                    clk_i,
    input  wire                    rst_ni,
    // Packets.
    input  wire                    valid_i,       // packet offered
    output wire                    ready_o,       // packet accepted if offered
    input  wire [COUNT_BITS-1:0]   beats_i,       // its beats, at least 1
    // Words.
    input  wire                    word_valid_i,  // word offered
    output wire                    word_ready_o,  // word accepted if offered
    input  wire [WORD_BYTES*8-1:0] word_i,        // word
    input  wire                    word_error_i,  // the word is void
    // Beats.
    output wire                    beat_valid_o,  // beat offered
    input  wire                    beat_ready_i,  // beat accepted if offered
    output wire [BEAT_BYTES*8-1:0] beat_o,        // beat
    output wire                    beat_last_o,   // last beat of the packet
    output wire                    error_o,       // a void word stops the stream
    output wire                    end_o          // pulse: last beat of a packet accepted
);
  reg                  busy_q;
  reg [COUNT_BITS-1:0] left_q;
  wire last = left_q == {{(COUNT_BITS - 1) {1'b0}}, 1'b1};
  wire move = beat_valid_o && beat_ready_i;
  assign ready_o = !busy_q;
  assign beat_last_o = last;
  assign end_o = move && last;
  assign error_o = busy_q && word_valid_i && word_error_i;
  always @(posedge clk_i) begin
    if (!rst_ni) busy_q <= 1'b0;
    else busy_q <= busy_q ? !end_o : valid_i;
  end
  always @(posedge clk_i) begin
    if (!busy_q) left_q <= beats_i;
    else if (move) left_q <= left_q - {{(COUNT_BITS - 1) {1'b0}}, 1'b1};
  end

  generate
    if (WORD_BYTES == BEAT_BYTES) begin : gen_same
      assign beat_valid_o = busy_q && word_valid_i && !word_error_i;
      assign word_ready_o = busy_q && beat_ready_i && !word_error_i;
      assign beat_o = word_i;
    end else if (WORD_BYTES > BEAT_BYTES) begin : gen_cut
      localparam PARTS = WORD_BYTES / BEAT_BYTES;
      localparam PART_BITS = $clog2(PARTS);
      reg [PART_BITS-1:0] part_q;
      wire [WORD_BYTES*8-1:0] at_part = word_i >> ({{(32 - PART_BITS) {1'b0}}, part_q} * (BEAT_BYTES * 8));
      wire unused_at_part = &{1'b0, at_part};
      wire part_last = &part_q || last;
      assign beat_valid_o = busy_q && word_valid_i && !word_error_i;
      assign word_ready_o = busy_q && beat_ready_i && !word_error_i && part_last;
      assign beat_o = at_part[BEAT_BYTES*8-1:0];
      always @(posedge clk_i) begin
        if (!rst_ni) part_q <= {PART_BITS{1'b0}};
        else if (move) part_q <= part_last ? {PART_BITS{1'b0}} : part_q + 1'b1;
      end
    end else begin : gen_join
      localparam PARTS = BEAT_BYTES / WORD_BYTES;
      localparam PART_BITS = $clog2(PARTS);
      reg [PART_BITS:0]      stored_q;
      reg [BEAT_BYTES*8-1:0] beat_q;
      // Number of the packet's beat that the next word belongs to is not above that of its last one.
      wire more = !(stored_q[PART_BITS] && last);
      wire take = word_valid_i && word_ready_o;
      assign beat_valid_o = stored_q[PART_BITS];
      assign word_ready_o = busy_q && !word_error_i && (!stored_q[PART_BITS] || beat_ready_i) && more;
      assign beat_o = beat_q;
      always @(posedge clk_i) begin
        if (!rst_ni) stored_q <= {(PART_BITS + 1) {1'b0}};
        else stored_q <= (move ? {(PART_BITS + 1) {1'b0}} : stored_q) + {{PART_BITS{1'b0}}, take};
      end
      always @(posedge clk_i) if (take) beat_q <= {word_i, beat_q[BEAT_BYTES*8-1:WORD_BYTES*8]};
    end
  endgenerate

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_word, WORD_BYTES >= 1 && (WORD_BYTES & (WORD_BYTES - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_beat, BEAT_BYTES >= 1 && (BEAT_BYTES & (BEAT_BYTES - 1)) == 0)
  `MSQ_INPUT(rst_ni && valid_i, beats_i != {COUNT_BITS{1'b0}}, "packet of no beats")
  `MSQ_HELD(beat_valid_o, beat_ready_i, {beat_last_o, beat_o}, BEAT_BYTES * 8 + 1, "beat not held")
`endif
endmodule
`default_nettype wire
