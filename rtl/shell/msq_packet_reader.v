// SPDX-License-Identifier: Apache-2.0
// Reads packets of a stream from memory: each is a sequence of bytes from an address on. A packet waits while
// the words of another one are requested, so packets follow each other without a pause.
// Area block: shell: memory ports
`default_nettype none
module msq_packet_reader #(
    parameter ADDRESS_BITS = 40,  // bits of a byte address
    parameter WORD_BYTES = 16,    // bytes of a word of the memory, a power of two from 4 to 64
    parameter BEAT_BYTES = 8,     // bytes of a beat of the stream, a power of two
    parameter BURST = 64,         // maximum beats of a burst, 1 to 256
    parameter DEPTH = 128,        // words of the FIFO, a power of two, at least BURST
    parameter OUTSTANDING = 8     // maximum bursts under way, 1 to 255
) (
    input  wire                    clk_i,
    input  wire                    rst_ni,
    // Drop everything, answers that are to come included. Stays until idle_o.
    input  wire                    flush_i,
    output wire                    idle_o,        // no burst is under way
    // Packets.
    input  wire                    valid_i,       // packet announced
    output wire                    ready_o,       // announcement accepted
    input  wire [ADDRESS_BITS-1:0] address_i,     // byte address, a multiple of WORD_BYTES
    input  wire [31:0]             bytes_i,       // bytes, a multiple of BEAT_BYTES, at least one beat
    // Memory.
    output wire                    arvalid_o,     // burst requested
    input  wire                    arready_i,     // request accepted
    output wire [ADDRESS_BITS-1:0] araddr_o,      // byte address of the first beat
    output wire [7:0]              arlen_o,       // beats, less one
    input  wire                    rvalid_i,      // beat offered
    output wire                    rready_o,      // always 1
    input  wire [WORD_BYTES*8-1:0] rdata_i,       // beat
    input  wire [1:0]              rresp_i,       // response: an error if bit 1 is set
    input  wire                    rlast_i,       // last beat of its burst
    // Stream.
    output wire                    beat_valid_o,  // beat offered
    input  wire                    beat_ready_i,  // beat accepted if offered
    output wire [BEAT_BYTES*8-1:0] beat_o,        // beat
    output wire                    beat_last_o,   // last beat of the packet
    output wire                    error_o,       // the next beat cannot be read: the stream stops
    output wire                    end_o          // pulse: last beat of a packet accepted
);
  localparam WORD_BITS = $clog2(WORD_BYTES);
  localparam BEAT_BITS = $clog2(BEAT_BYTES);
  localparam WORDS_BITS = 33 - WORD_BITS;
  wire transfers_ready, counts_ready;
  wire announce = valid_i && ready_o;
  assign ready_o = transfers_ready && counts_ready;
  localparam [32:0] ROUND = WORD_BYTES - 1;
  wire [32:0] words = ({1'b0, bytes_i} + ROUND) >> WORD_BITS;
  wire unused_words = &{1'b0, words};

  wire transfer_valid, transfer_ready;
  wire [ADDRESS_BITS+WORDS_BITS-1:0] transfer;
  msq_queue #(
      .WIDTH(ADDRESS_BITS + WORDS_BITS),
      .DEPTH(1)
  ) u_transfers (
      .clk_i(clk_i),
      .rst_ni(rst_ni && !flush_i),
      .in_valid_i(announce),
      .in_ready_o(transfers_ready),
      .in_data_i({address_i, words[WORDS_BITS-1:0]}),
      .out_valid_o(transfer_valid),
      .out_ready_i(transfer_ready),
      .out_data_o(transfer)
  );
  wire count_valid, count_ready;
  wire [31-BEAT_BITS:0] count;
  msq_queue #(
      .WIDTH(32 - BEAT_BITS),
      .DEPTH(2)
  ) u_counts (
      .clk_i(clk_i),
      .rst_ni(rst_ni && !flush_i),
      .in_valid_i(announce),
      .in_ready_o(counts_ready),
      .in_data_i(bytes_i[31:BEAT_BITS]),
      .out_valid_o(count_valid),
      .out_ready_i(count_ready),
      .out_data_o(count)
  );

  wire word_valid, word_ready, word_error;
  wire [WORD_BYTES*8-1:0] word;
  msq_mem_reader #(
      .ADDRESS_BITS(ADDRESS_BITS),
      .WORD_BYTES(WORD_BYTES),
      .BURST(BURST),
      .COUNT_BITS(WORDS_BITS),
      .DEPTH(DEPTH),
      .OUTSTANDING(OUTSTANDING)
  ) u_memory (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .flush_i(flush_i),
      .idle_o(idle_o),
      .valid_i(transfer_valid),
      .ready_o(transfer_ready),
      .address_i(transfer[ADDRESS_BITS+WORDS_BITS-1:WORDS_BITS]),
      .words_i(transfer[WORDS_BITS-1:0]),
      .arvalid_o(arvalid_o),
      .arready_i(arready_i),
      .araddr_o(araddr_o),
      .arlen_o(arlen_o),
      .rvalid_i(rvalid_i),
      .rready_o(rready_o),
      .rdata_i(rdata_i),
      .rresp_i(rresp_i),
      .rlast_i(rlast_i),
      .out_valid_o(word_valid),
      .out_ready_i(word_ready),
      .out_data_o(word),
      .out_error_o(word_error)
  );
  msq_beats #(
      .WORD_BYTES(WORD_BYTES),
      .BEAT_BYTES(BEAT_BYTES),
      .COUNT_BITS(32 - BEAT_BITS)
  ) u_beats (
      .clk_i(clk_i),
      .rst_ni(rst_ni && !flush_i),
      .valid_i(count_valid),
      .ready_o(count_ready),
      .beats_i(count),
      .word_valid_i(word_valid),
      .word_ready_o(word_ready),
      .word_i(word),
      .word_error_i(word_error),
      .beat_valid_o(beat_valid_o),
      .beat_ready_i(beat_ready_i),
      .beat_o(beat_o),
      .beat_last_o(beat_last_o),
      .error_o(error_o),
      .end_o(end_o)
  );
  wire [BEAT_BITS:0] unused_bytes = {1'b0, bytes_i[BEAT_BITS-1:0]};
  wire unused_low = &{1'b0, unused_bytes};

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_beat, BEAT_BYTES >= 2 && (BEAT_BYTES & (BEAT_BYTES - 1)) == 0)
  `MSQ_INPUT(rst_ni && valid_i, bytes_i[31:BEAT_BITS] != {(32 - BEAT_BITS) {1'b0}}, "packet of no beats")
`endif
endmodule
`default_nettype wire
