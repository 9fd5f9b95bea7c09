// SPDX-License-Identifier: Apache-2.0
// Writes words to memory over the write channels of an AXI4 manager. Words come with their addresses; those
// that follow each other become one burst, at most BURST beats long, that does not cross a boundary of 4 KiB.
//
// A burst is requested when all its words are in the FIFO, so data never lets the bus wait. A burst is closed
// by a word elsewhere, at its length, at a boundary, or by close_i. Up to OUTSTANDING bursts wait for their
// responses.
// Area block: shell: memory ports
`default_nettype none
module msq_mem_writer #(
    parameter ADDRESS_BITS = 40,  // bits of a byte address
    parameter WORD_BYTES = 16,    // bytes of a beat, a power of two from 4 to 64
    parameter BURST = 64,         // maximum beats of a burst, 1 to 256
    parameter DEPTH = 128,        // words of the FIFO, a power of two, at least BURST
    parameter OUTSTANDING = 8     // maximum bursts without their responses, 1 to 255
) (
    input  wire                    clk_i,
    input  wire                    rst_ni,
    input  wire                    close_i,    // no word follows for now: the open burst ends
    output wire                    idle_o,     // every word is written and answered
    output wire                    error_o,    // pulse: response with an error
    // Words. An offer may be withdrawn.
    input  wire                    valid_i,    // word offered
    output wire                    ready_o,    // word accepted if offered
    input  wire [ADDRESS_BITS-1:0] address_i,  // byte address, a multiple of WORD_BYTES
    input  wire [WORD_BYTES*8-1:0] data_i,     // word
    input  wire [WORD_BYTES-1:0]   strobe_i,   // bytes to write
    // Memory.
    output wire                    awvalid_o,  // burst requested
    input  wire                    awready_i,  // request accepted
    output wire [ADDRESS_BITS-1:0] awaddr_o,   // byte address of the first beat
    output wire [7:0]              awlen_o,    // beats, less one
    output wire                    wvalid_o,   // beat offered
    input  wire                    wready_i,   // beat accepted if offered
    output wire [WORD_BYTES*8-1:0] wdata_o,    // beat
    output wire [WORD_BYTES-1:0]   wstrb_o,    // bytes to write
    output wire                    wlast_o,    // last beat of its burst
    input  wire                    bvalid_i,   // response offered
    output wire                    bready_o,   // always 1
    input  wire [1:0]              bresp_i     // response: an error if bit 1 is set
);
  localparam BYTE_BITS = $clog2(WORD_BYTES);
  localparam PAGE_BITS = 12 - BYTE_BITS;
  localparam PLACE_BITS = ADDRESS_BITS - BYTE_BITS;  // of the number of a word in memory
  localparam WIDTH = WORD_BYTES * 9;
  localparam [8:0] MOST = BURST[8:0];

  // The burst whose words come.
  reg                  burst_q;
  reg [8:0]            count_q;
  reg [PLACE_BITS-1:0] start_q;
  reg [PLACE_BITS-1:0] next_q;  // the word that would continue it
  // The burst that is on the bus.
  reg                  awvalid_q;
  reg [PLACE_BITS-1:0] awword_q;
  reg [7:0]            awlen_q;
  reg                  data_q;   // beats of the burst are left
  reg [7:0]            left_q;   // beats after the next one
  reg [7:0]            outstanding_q;

  wire fifo_ready, fifo_valid;
  wire queue_ready, queue_valid;
  wire [PLACE_BITS+7:0] queued;
  wire [PLACE_BITS-1:0] place = address_i[ADDRESS_BITS-1:BYTE_BITS];
  wire same_page = next_q[PAGE_BITS-1:0] != {PAGE_BITS{1'b0}};
  wire continues = burst_q && count_q != MOST && !close_i && place == next_q && same_page;
  wire close = burst_q && (count_q == MOST || close_i || (valid_i && !continues));
  wire closed = close && queue_ready;
  assign ready_o = fifo_ready && (!burst_q || continues || queue_ready);
  wire take = valid_i && ready_o;
  wire [8:0] less_one = count_q - 9'd1;
  wire unused_bits = &{1'b0, address_i[BYTE_BITS-1:0], less_one[8], bresp_i[0]};
  always @(posedge clk_i) begin
    if (!rst_ni) burst_q <= 1'b0;
    else burst_q <= take || (burst_q && !closed);
  end
  always @(posedge clk_i) begin
    if (take) begin
      next_q  <= place + {{(PLACE_BITS - 1) {1'b0}}, 1'b1};
      count_q <= continues ? count_q + 9'd1 : 9'd1;
      if (!continues) start_q <= place;
    end
  end

  wire beat = wvalid_o && wready_i;
  wire room = {24'd0, outstanding_q} != OUTSTANDING;
  wire issue = queue_valid && room && (!awvalid_q || awready_i) && (!data_q || (beat && wlast_o));
  msq_queue #(
      .WIDTH(PLACE_BITS + 8),
      .DEPTH(2)
  ) u_queue (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .in_valid_i(close),
      .in_ready_o(queue_ready),
      .in_data_i({start_q, less_one[7:0]}),
      .out_valid_o(queue_valid),
      .out_ready_i(issue),
      .out_data_o(queued)
  );
  wire empty;
  wire follow;
  wire unused_counts = &{1'b0, empty, follow};
  msq_stream_fifo #(
      .WIDTH(WIDTH),
      .DEPTH(DEPTH)
  ) u_fifo (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .in_valid_i(take),
      .in_ready_o(fifo_ready),
      .in_data_i({strobe_i, data_i}),
      .out_valid_o(fifo_valid),
      .out_ready_i(data_q && wready_i),
      .out_data_o({wstrb_o, wdata_o}),
      .empty_o(empty),
      .follow_o(follow)
  );

  assign awvalid_o = awvalid_q;
  assign awaddr_o = {awword_q, {BYTE_BITS{1'b0}}};
  assign awlen_o = awlen_q;
  assign wvalid_o = data_q && fifo_valid;
  assign wlast_o = left_q == 8'd0;
  assign bready_o = 1'b1;
  assign error_o = bvalid_i && bresp_i[1];
  assign idle_o = !burst_q && !queue_valid && outstanding_q == 8'd0;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      awvalid_q     <= 1'b0;
      data_q        <= 1'b0;
      outstanding_q <= 8'd0;
    end else begin
      awvalid_q     <= issue || (awvalid_q && !awready_i);
      data_q        <= issue || (data_q && !(beat && wlast_o));
      outstanding_q <= outstanding_q + {7'd0, issue} - {7'd0, bvalid_i};
    end
  end
  always @(posedge clk_i) begin
    if (issue) {awword_q, awlen_q} <= queued;
    if (issue) left_q <= queued[7:0];
    else if (beat) left_q <= left_q - 8'd1;
  end

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_word,
                 WORD_BYTES >= 4 && WORD_BYTES <= 64 && (WORD_BYTES & (WORD_BYTES - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_burst, BURST >= 1 && BURST <= 256)
  `MSQ_PARAMETER(msq_illegal_fifo, DEPTH >= BURST && (DEPTH & (DEPTH - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_outstanding, OUTSTANDING >= 1 && OUTSTANDING <= 255)
  `MSQ_HELD(awvalid_o, awready_i, {awaddr_o, awlen_o}, ADDRESS_BITS + 8, "request not held")
  `MSQ_HELD(wvalid_o, wready_i, {wlast_o, wstrb_o, wdata_o}, WIDTH + 1, "beat not held")
  `MSQ_INPUT(rst_ni && bvalid_i, outstanding_q != 8'd0, "response without a burst")
  wire [12:0] end_in_page = {1'b0, awaddr_o[11:0]} + ({5'd0, awlen_o} << BYTE_BITS) + WORD_BYTES[12:0];
  `MSQ_CHECK(rst_ni && awvalid_o, end_in_page <= 13'd4096, "burst crosses 4 KiB")
  `MSQ_CHECK(rst_ni && data_q, !empty, "burst without its data")
`endif
endmodule
`default_nettype wire
