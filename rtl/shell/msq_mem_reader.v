// SPDX-License-Identifier: Apache-2.0
// Reads transfers from memory over the read channels of an AXI4 manager: cuts them into bursts, asks for as
// many as the FIFO has room for, and hands out the words in their order.
//
// A burst is requested only when all its words have room, so rready_o never falls and a slow consumer holds
// nothing back on the bus. Up to OUTSTANDING bursts are under way. Requests have one id: answers come in
// order. A word that came with an error response is marked; words before it are right.
// Area block: shell: memory ports
`default_nettype none
module msq_mem_reader #(
    parameter ADDRESS_BITS = 40,  // bits of a byte address
    parameter WORD_BYTES = 16,    // bytes of a beat, a power of two from 4 to 64
    parameter BURST = 64,         // maximum beats of a burst, 1 to 256
    parameter COUNT_BITS = 30,    // bits of a number of words
    parameter DEPTH = 128,        // words of the FIFO, a power of two, at least BURST
    parameter OUTSTANDING = 8     // maximum bursts under way, 1 to 255
) (
    input  wire                    clk_i,
    input  wire                    rst_ni,
    // Drop everything: transfers, words and answers that are to come. Stays until idle_o.
    input  wire                    flush_i,
    output wire                    idle_o,      // no burst is under way
    // Transfers.
    input  wire                    valid_i,     // transfer offered
    output wire                    ready_o,     // transfer accepted if offered
    input  wire [ADDRESS_BITS-1:0] address_i,   // byte address, a multiple of WORD_BYTES
    input  wire [COUNT_BITS-1:0]   words_i,     // words, at least 1
    // Memory.
    output wire                    arvalid_o,   // burst requested
    input  wire                    arready_i,   // request accepted
    output wire [ADDRESS_BITS-1:0] araddr_o,    // byte address of the first beat
    output wire [7:0]              arlen_o,     // beats, less one
    input  wire                    rvalid_i,    // beat offered
    output wire                    rready_o,    // always 1
    input  wire [WORD_BYTES*8-1:0] rdata_i,     // beat
    input  wire [1:0]              rresp_i,     // response: an error if bit 1 is set
    input  wire                    rlast_i,     // last beat of its burst
    // Words.
    output wire                    out_valid_o,  // word offered
    input  wire                    out_ready_i,  // word accepted if offered
    output wire [WORD_BYTES*8-1:0] out_data_o,   // word
    output wire                    out_error_o   // the memory answered with an error: the word is void
);
  localparam SPACE_BITS = $clog2(DEPTH) + 1;
  localparam WIDTH = WORD_BYTES * 8 + 1;

  reg                    arvalid_q;
  reg [ADDRESS_BITS-1:0] araddr_q;
  reg [7:0]              arlen_q;
  reg [SPACE_BITS-1:0]   space_q;        // words without a request or a word
  reg [7:0]              outstanding_q;  // bursts requested and not answered

  wire burst_valid;
  wire burst_last;
  wire [ADDRESS_BITS-1:0] burst_address;
  wire [7:0] burst_length;
  wire [31:0] space = {{(32 - SPACE_BITS) {1'b0}}, space_q};
  wire room = space > {24'd0, burst_length} && {24'd0, outstanding_q} != OUTSTANDING;
  wire issue = burst_valid && room && (!arvalid_q || arready_i) && !flush_i;
  wire fifo_ready;
  wire pop = out_valid_o && out_ready_i;
  wire answered = rvalid_i && rlast_i;
  wire [31:0] space_d = space - (issue ? {24'd0, burst_length} + 32'd1 : 32'd0) + {31'd0, pop};
  wire unused_bits = &{1'b0, space_d, rresp_i[0], burst_last};
  assign arvalid_o = arvalid_q;
  assign araddr_o = araddr_q;
  assign arlen_o = arlen_q;
  assign rready_o = 1'b1;
  assign idle_o = outstanding_q == 8'd0;

  msq_burst_splitter #(
      .ADDRESS_BITS(ADDRESS_BITS),
      .WORD_BYTES(WORD_BYTES),
      .BURST(BURST),
      .COUNT_BITS(COUNT_BITS)
  ) u_splitter (
      .clk_i(clk_i),
      .rst_ni(rst_ni && !flush_i),
      .valid_i(valid_i),
      .ready_o(ready_o),
      .address_i(address_i),
      .words_i(words_i),
      .burst_valid_o(burst_valid),
      .burst_ready_i(issue),
      .burst_address_o(burst_address),
      .burst_length_o(burst_length),
      .burst_last_o(burst_last)
  );

  wire empty;
  wire follow;
  wire unused_counts = &{1'b0, empty, follow, fifo_ready};
  msq_stream_fifo #(
      .WIDTH(WIDTH),
      .DEPTH(DEPTH)
  ) u_fifo (
      .clk_i(clk_i),
      .rst_ni(rst_ni && !flush_i),
      .in_valid_i(rvalid_i),
      .in_ready_o(fifo_ready),
      .in_data_i({rresp_i[1], rdata_i}),
      .out_valid_o(out_valid_o),
      .out_ready_i(out_ready_i),
      .out_data_o({out_error_o, out_data_o}),
      .empty_o(empty),
      .follow_o(follow)
  );

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      arvalid_q     <= 1'b0;
      outstanding_q <= 8'd0;
      space_q       <= DEPTH[SPACE_BITS-1:0];
    end else begin
      arvalid_q     <= issue || (arvalid_q && !arready_i);
      outstanding_q <= outstanding_q + {7'd0, issue} - {7'd0, answered};
      space_q       <= flush_i ? DEPTH[SPACE_BITS-1:0] : space_d[SPACE_BITS-1:0];
    end
  end
  always @(posedge clk_i) begin
    if (issue) begin
      araddr_q <= burst_address;
      arlen_q  <= burst_length;
    end
  end

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_fifo, DEPTH >= BURST && (DEPTH & (DEPTH - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_outstanding, OUTSTANDING >= 1 && OUTSTANDING <= 255)
  `MSQ_HELD(arvalid_o, arready_i, {araddr_o, arlen_o}, ADDRESS_BITS + 8, "request not held")
  `MSQ_CHECK(rst_ni && rvalid_i && !flush_i, fifo_ready, "beat without room")
  `MSQ_INPUT(rst_ni && rvalid_i, outstanding_q != 8'd0, "beat that was not requested")
`endif
endmodule
`default_nettype wire
