// SPDX-License-Identifier: Apache-2.0
// Cuts a transfer of words that follow each other in memory into AXI4 bursts: at most BURST beats each, and
// none crosses a boundary of 4 KiB. A burst is offered in every second cycle at most.
// Area block: shell: memory ports
`default_nettype none
module msq_burst_splitter #(
    parameter ADDRESS_BITS = 40,  // bits of a byte address, at least 13
    parameter WORD_BYTES = 16,    // bytes of a beat, a power of two from 4 to 64
    parameter BURST = 64,         // maximum beats of a burst, 1 to 256
    parameter COUNT_BITS = 30     // bits of a number of words, at least 9
) (
    input  wire                    clk_i,
    input  wire                    rst_ni,
    input  wire                    valid_i,          // transfer offered
    output wire                    ready_o,          // transfer accepted if offered
    input  wire [ADDRESS_BITS-1:0] address_i,        // byte address, a multiple of WORD_BYTES
    input  wire [COUNT_BITS-1:0]   words_i,          // words of the transfer, at least 1
    output wire                    burst_valid_o,    // burst offered
    input  wire                    burst_ready_i,    // burst accepted if offered
    output wire [ADDRESS_BITS-1:0] burst_address_o,  // byte address of its first beat
    output wire [7:0]              burst_length_o,   // its beats, less one
    output wire                    burst_last_o      // last burst of the transfer
);
  localparam BYTE_BITS = $clog2(WORD_BYTES);
  localparam PAGE_BITS = 12 - BYTE_BITS;  // of a word in its 4 KiB
  localparam [11:0] PAGE = 1 << PAGE_BITS;
  localparam [11:0] MOST = BURST[11:0];

  reg                              busy_q;
  reg                              known_q;   // length_q is that of the next burst
  reg [ADDRESS_BITS-BYTE_BITS-1:0] word_q;
  reg [COUNT_BITS-1:0]             left_q;
  reg [8:0]                        length_q;
  reg                              last_q;

  wire [11:0] in_page = PAGE - {{(12 - PAGE_BITS) {1'b0}}, word_q[PAGE_BITS-1:0]};
  wire [8:0] most = in_page < MOST ? in_page[8:0] : MOST[8:0];
  wire last = left_q <= {{(COUNT_BITS - 9) {1'b0}}, most};
  wire [8:0] less_one = length_q - 9'd1;
  wire unused_bits = &{1'b0, address_i[BYTE_BITS-1:0], less_one[8]};
  assign ready_o = !busy_q;
  assign burst_valid_o = known_q;
  assign burst_address_o = {word_q, {BYTE_BITS{1'b0}}};
  assign burst_length_o = less_one[7:0];
  assign burst_last_o = last_q;

  wire move = known_q && burst_ready_i;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      busy_q  <= 1'b0;
      known_q <= 1'b0;
    end else begin
      busy_q  <= busy_q ? !(move && last_q) : valid_i;
      known_q <= busy_q && !move;
    end
  end
  always @(posedge clk_i) begin
    if (!busy_q) begin
      word_q <= address_i[ADDRESS_BITS-1:BYTE_BITS];
      left_q <= words_i;
    end else if (move) begin
      word_q <= word_q + {{(ADDRESS_BITS - BYTE_BITS - 9) {1'b0}}, length_q};
      left_q <= left_q - {{(COUNT_BITS - 9) {1'b0}}, length_q};
    end
    if (!known_q) begin
      length_q <= last ? left_q[8:0] : most;
      last_q   <= last;
    end
  end

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_address_bits, ADDRESS_BITS >= 18)
  `MSQ_PARAMETER(msq_illegal_word,
                 WORD_BYTES >= 4 && WORD_BYTES <= 64 && (WORD_BYTES & (WORD_BYTES - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_burst, BURST >= 1 && BURST <= 256)
  `MSQ_PARAMETER(msq_illegal_count, COUNT_BITS >= 12)
  `MSQ_INPUT(rst_ni && valid_i, words_i != {COUNT_BITS{1'b0}}, "transfer of no words")
  `MSQ_INPUT(rst_ni && valid_i, address_i[BYTE_BITS-1:0] == {BYTE_BITS{1'b0}}, "address inside a word")
  `MSQ_INPUT_HELD(valid_i, ready_o, {address_i, words_i}, ADDRESS_BITS + COUNT_BITS, "transfer not held")
  `MSQ_HELD(burst_valid_o, burst_ready_i, {burst_address_o, burst_length_o, burst_last_o}, ADDRESS_BITS + 9,
            "burst not held")
  wire [12:0] end_in_page = {1'b0, burst_address_o[11:0]}
      + ({5'd0, burst_length_o} << BYTE_BITS) + WORD_BYTES[12:0];
  `MSQ_CHECK(rst_ni && burst_valid_o, end_in_page <= 13'd4096, "burst crosses 4 KiB")
`endif
endmodule
`default_nettype wire
