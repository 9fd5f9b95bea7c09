// SPDX-License-Identifier: Apache-2.0
// First-in first-out buffer of a stream around a memory with a synchronous read. With HEAD the word at the
// head is in a register, so that nothing is added to the access time of the memory, whose output is the word
// behind it: a word is offered three cycles after it was accepted, and DEPTH + 1 words have room. Without
// HEAD it is on the memory's output, after two cycles, and DEPTH words have room.
// Area block: top: readers
`default_nettype none
module msq_stream_fifo #(
    parameter WIDTH = 33,  // bits of a word
    parameter DEPTH = 64,  // words, a power of two, at least 2
    parameter HEAD = 1     // the word at the head is in a register
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
    output wire [$clog2(DEPTH):0] follow_o  // words that can leave from now on without a pause
);
  localparam BITS = $clog2(DEPTH);

  // One bit more than an address, so that full and empty differ.
  reg [BITS:0] write_q;
  reg [BITS:0] read_q;
  reg          behind_q;  // the memory's output is the word at read_q

  wire push = in_valid_i && in_ready_o;
  wire load = behind_q && (out_ready_i || (HEAD != 0 && !out_valid_o));
  // Both outcomes are known before load, which comes late: no carry chain behind it.
  wire [BITS:0] next = read_q + 1'b1;
  wire [BITS:0] read_d = load ? next : read_q;
  wire behind_d = load ? next != write_q : read_q != write_q;
  wire [BITS:0] stored = write_q - read_q;  // in the memory
  // A word in the memory is seen there a cycle later: the next one must be on its output.
  wire [BITS:0] sure = behind_q ? stored : {(BITS + 1) {1'b0}};
  assign in_ready_o  = write_q != {!read_q[BITS], read_q[BITS-1:0]};

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      write_q  <= {(BITS + 1) {1'b0}};
      read_q   <= {(BITS + 1) {1'b0}};
      behind_q <= 1'b0;
    end else begin
      write_q  <= write_q + {{BITS{1'b0}}, push};
      read_q   <= read_d;
      behind_q <= behind_d;
    end
  end
  wire [WIDTH-1:0] behind;
  msq_ram_1r1w #(
      .WIDTH(WIDTH),
      .DEPTH(DEPTH)
  ) u_ram (
      .clk_i(clk_i),
      .write_i(push),
      .write_address_i(write_q[BITS-1:0]),
      .write_data_i(in_data_i),
      .read_address_i(read_d[BITS-1:0]),
      .read_data_o(behind)
  );

  generate
    if (HEAD != 0) begin : gen_head
      reg             valid_q;
      reg [WIDTH-1:0] word_q;
      always @(posedge clk_i) begin
        valid_q <= rst_ni && (load || (valid_q && !out_ready_i));
        if (load) word_q <= behind;
      end
      assign out_valid_o = valid_q;
      assign out_data_o = word_q;
      assign empty_o = !valid_q && write_q == read_q;
      assign follow_o = valid_q ? sure + 1'b1 : {(BITS + 1) {1'b0}};
    end else begin : gen_none
      assign out_valid_o = behind_q;
      assign out_data_o = behind;
      assign empty_o = write_q == read_q;
      assign follow_o = sure;
    end
  endgenerate

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_depth, DEPTH >= 2 && (DEPTH & (DEPTH - 1)) == 0)
  `MSQ_HELD(out_valid_o, out_ready_i, out_data_o, WIDTH, "word not held")
  `MSQ_INPUT_HELD(in_valid_i, in_ready_o, in_data_i, WIDTH, "word to store not held")
  `MSQ_CHECK(rst_ni, stored <= DEPTH[BITS:0], "more words than the memory has")
`endif
endmodule
`default_nettype wire
