// SPDX-License-Identifier: Apache-2.0
// First-in first-out buffer of a stream around a memory with a synchronous read. The word at the head is
// on the memory's output: its address is presented one cycle ahead, so there is no output register and no
// bubble.
// Area block: top: readers
`default_nettype none
module msq_stream_fifo #(
    parameter WIDTH = 33,  // bits of a word
    parameter DEPTH = 64   // words, a power of two, at least 2
) (
    input  wire             clk_i,
    input  wire             rst_ni,
    input  wire             in_valid_i,   // word offered
    output wire             in_ready_o,   // word accepted if offered
    input  wire [WIDTH-1:0] in_data_i,    // word in
    output wire             out_valid_o,  // word offered
    input  wire             out_ready_i,  // word accepted if offered
    output wire [WIDTH-1:0] out_data_o,   // word out
    output wire [$clog2(DEPTH):0] stored_o  // words stored; the head may come a cycle later
);
  localparam BITS = $clog2(DEPTH);

  // One bit more than an address, so that full and empty differ.
  reg [BITS:0] write_q;
  reg [BITS:0] read_q;
  reg          valid_q;  // the memory's output is the word at read_q

  wire push = in_valid_i && in_ready_o;
  wire pop = valid_q && out_ready_i;
`ifdef MSQ_DSP
  // Both outcomes are known before pop, which comes late: no carry chain behind it.
  wire [BITS:0] behind = read_q + 1'b1;
  wire [BITS:0] read_d = pop ? behind : read_q;
  wire valid_d = pop ? behind != write_q : read_q != write_q;
`else
  wire [BITS:0] read_d = read_q + {{BITS{1'b0}}, pop};
  wire valid_d = read_d != write_q;
`endif
  assign in_ready_o  = write_q != {!read_q[BITS], read_q[BITS-1:0]};
  assign out_valid_o = valid_q;
  assign stored_o = write_q - read_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      write_q <= {(BITS + 1) {1'b0}};
      read_q  <= {(BITS + 1) {1'b0}};
      valid_q <= 1'b0;
    end else begin
      write_q <= write_q + {{BITS{1'b0}}, push};
      read_q  <= read_d;
      valid_q <= valid_d;
    end
  end

`ifdef MSQ_DSP
  generate
    if (DEPTH <= 64) begin : gen_small
      // In look-up tables, with the word at the head in a register. The word behind it follows a pop.
      (* ram_style = "distributed" *)
      reg [WIDTH-1:0] words[0:DEPTH-1];
      reg [WIDTH-1:0] head_q;
      wire [BITS-1:0] address = valid_q ? behind[BITS-1:0] : read_q[BITS-1:0];
      always @(posedge clk_i) begin
        if (push) words[write_q[BITS-1:0]] <= in_data_i;
        if (pop || !valid_q) head_q <= words[address];
      end
      assign out_data_o = head_q;
    end else begin : gen_large
      msq_ram_1r1w #(
          .WIDTH(WIDTH),
          .DEPTH(DEPTH)
      ) u_ram (
          .clk_i(clk_i),
          .write_i(push),
          .write_address_i(write_q[BITS-1:0]),
          .write_data_i(in_data_i),
          .read_address_i(read_d[BITS-1:0]),
          .read_data_o(out_data_o)
      );
    end
  endgenerate
`else
  msq_ram_1r1w #(
      .WIDTH(WIDTH),
      .DEPTH(DEPTH)
  ) u_ram (
      .clk_i(clk_i),
      .write_i(push),
      .write_address_i(write_q[BITS-1:0]),
      .write_data_i(in_data_i),
      .read_address_i(read_d[BITS-1:0]),
      .read_data_o(out_data_o)
  );
`endif

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_depth, DEPTH >= 2 && (DEPTH & (DEPTH - 1)) == 0)
  `MSQ_HELD(out_valid_o, out_ready_i, out_data_o, WIDTH, "word not held")
  `MSQ_INPUT_HELD(in_valid_i, in_ready_o, in_data_i, WIDTH, "word to store not held")
  `MSQ_CHECK(rst_ni, stored_o <= DEPTH, "more words than the memory has")
`endif
endmodule
`default_nettype wire
