// SPDX-License-Identifier: Apache-2.0
// First-in first-out buffer of a stream around a memory with a synchronous read, which has room for DEPTH
// words. With HEAD the word at the head is in a register besides, so that nothing is added to the access time
// of the memory: a word is offered three cycles after it was accepted. Without HEAD it is on the memory's
// output, after two cycles. A stream without pauses takes four words or more.
// Area block: top: readers
`default_nettype none
module msq_stream_fifo #(
    parameter WIDTH = 33,  // bits of a word
    parameter DEPTH = 64,  // words, a power of two, at least 2
    parameter HEAD = 1,    // the word at the head is in a register
    parameter FOLLOW = 1,  // largest value of follow_o, at least 1, which needs HEAD
    // Derived, do not set.
    parameter FOLLOW_BITS = $clog2(FOLLOW + 1)
) (
    input  wire             clk_i,
    input  wire             rst_ni,
    input  wire             in_valid_i,   // word offered
    output wire             in_ready_o,   // word accepted if offered
    input  wire [WIDTH-1:0] in_data_i,    // word in
    output wire             out_valid_o,  // word offered
    input  wire             out_ready_i,  // word accepted if offered
    output wire [WIDTH-1:0] out_data_o,   // word out
    output wire             empty_o,      // no word is stored
    output wire [FOLLOW_BITS-1:0] follow_o  // words that can leave without a pause; 0 without HEAD
);
  localparam BITS = $clog2(DEPTH);

  reg [BITS-1:0] write_q;
  reg [BITS-1:0] read_q;
  reg [BITS:0]   count_q;   // words in the memory
  reg            behind_q;  // the memory's output is the word at read_q

  wire push = in_valid_i && in_ready_o;
  wire load = behind_q && (out_ready_i || (HEAD != 0 && !out_valid_o));
  wire [BITS-1:0] read_d = load ? read_q + 1'b1 : read_q;
  wire stored = count_q != {(BITS + 1) {1'b0}};
  wire more = |count_q[BITS:1];  // two words or more
  assign in_ready_o = !count_q[BITS];

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      write_q  <= {BITS{1'b0}};
      read_q   <= {BITS{1'b0}};
      count_q  <= {(BITS + 1) {1'b0}};
      behind_q <= 1'b0;
    end else begin
      if (push) write_q <= write_q + 1'b1;
      read_q <= read_d;
      if (push != load) count_q <= push ? count_q + 1'b1 : count_q - 1'b1;
      behind_q <= load ? more : stored;  // a word that is written now is read later
    end
  end
  wire [WIDTH-1:0] behind;
  msq_ram_1r1w #(
      .WIDTH(WIDTH),
      .DEPTH(DEPTH)
  ) u_ram (
      .clk_i(clk_i),
      .write_i(push),
      .write_address_i(write_q),
      .write_data_i(in_data_i),
      .read_i(1'b1),
      .read_address_i(read_d),
      .read_data_o(behind)
  );

  generate
    if (HEAD != 0) begin : gen_head
      reg                   valid_q;
      reg [WIDTH-1:0]       word_q;
      reg [FOLLOW_BITS-1:0] follow_q;
      wire stays = valid_q && !out_ready_i;
      // Words from the head on: a word in the memory counts once the one behind the head is on its output.
      // No carry chain depends on push or load.
      wire [31:0] count = {{(31 - BITS) {1'b0}}, count_q};
      wire [31:0] at_load = !more ? 1 : (count >= FOLLOW) ? FOLLOW : count + {31'd0, push};
      wire [31:0] at_stay = !stored ? 1 : (count + 1 >= FOLLOW) ? FOLLOW : count + 1 + {31'd0, push};
      wire unused_high = &{1'b0, at_load, at_stay};
      always @(posedge clk_i) begin
        valid_q  <= rst_ni && (load || stays);
        follow_q <= (at_load[FOLLOW_BITS-1:0] & {FOLLOW_BITS{rst_ni && load}})
            | (at_stay[FOLLOW_BITS-1:0] & {FOLLOW_BITS{rst_ni && stays && !load}});
        if (load) word_q <= behind;
      end
      assign out_valid_o = valid_q;
      assign out_data_o = word_q;
      assign empty_o = !valid_q && !stored;
      assign follow_o = follow_q;
    end else begin : gen_none
      assign out_valid_o = behind_q;
      assign out_data_o = behind;
      assign empty_o = !stored;
      assign follow_o = {FOLLOW_BITS{1'b0}};
    end
  endgenerate

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_depth, DEPTH >= 2 && (DEPTH & (DEPTH - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_follow, FOLLOW >= 1)
  `MSQ_HELD(out_valid_o, out_ready_i, out_data_o, WIDTH, "word not held")
  `MSQ_INPUT_HELD(in_valid_i, in_ready_o, in_data_i, WIDTH, "word to store not held")
  `MSQ_CHECK(rst_ni, count_q <= DEPTH[BITS:0], "more words than the memory has")
`endif
endmodule
`default_nettype wire
