// SPDX-License-Identifier: Apache-2.0
// First-in first-out buffer of a few words in flip-flops. A word is offered in the cycle after it came.
// Area block: shell: control
`default_nettype none
module msq_queue #(
    parameter WIDTH = 8,  // bits of a word
    parameter DEPTH = 2   // words, a power of two; with 1 a word is accepted in every second cycle at most
) (
    input  wire             clk_i,
    input  wire             rst_ni,
    input  wire             in_valid_i,   // word offered
    output wire             in_ready_o,   // word accepted if offered
    input  wire [WIDTH-1:0] in_data_i,    // word in
    output wire             out_valid_o,  // word offered
    input  wire             out_ready_i,  // word accepted if offered
    output wire [WIDTH-1:0] out_data_o    // word out
);
  localparam BITS = $clog2(DEPTH);
  localparam [31:0] LAST = DEPTH - 1;
  localparam [BITS:0] ONE = 1;

  // One bit more than an address, so that full and empty differ.
  reg  [BITS:0]          write_q;
  reg  [BITS:0]          read_q;
  wire                   push = in_valid_i && in_ready_o;
  wire                   pop = out_valid_o && out_ready_i;
  wire [DEPTH*WIDTH-1:0] words;
  wire [31:0]            write_place = {{(31 - BITS) {1'b0}}, write_q} & LAST;
  wire [31:0]            place = {{(31 - BITS) {1'b0}}, read_q} & LAST;
  wire [DEPTH*WIDTH-1:0] words_at = words >> (place * WIDTH);
  wire                   unused_words_at = &{1'b0, words_at};
  assign in_ready_o = write_q != (read_q ^ DEPTH[BITS:0]);
  assign out_valid_o = write_q != read_q;
  assign out_data_o = words_at[WIDTH-1:0];

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      write_q <= {(BITS + 1) {1'b0}};
      read_q  <= {(BITS + 1) {1'b0}};
    end else begin
      if (push) write_q <= write_q + ONE;
      if (pop) read_q <= read_q + ONE;
    end
  end
  genvar w;
  generate
    for (w = 0; w < DEPTH; w = w + 1) begin : gen_word
      reg [WIDTH-1:0] word_q;
      always @(posedge clk_i) if (push && write_place == w) word_q <= in_data_i;
      assign words[w*WIDTH+:WIDTH] = word_q;
    end
  endgenerate

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_depth, DEPTH >= 1 && (DEPTH & (DEPTH - 1)) == 0)
  `MSQ_HELD(out_valid_o, out_ready_i, out_data_o, WIDTH, "word not held")
`endif
endmodule
`default_nettype wire
