// SPDX-License-Identifier: Apache-2.0
// Memory with one synchronous read and one write port: behavioural model, to be replaced by a macro or a
// register file. Synthesis for area takes it as a black box and reports its bits. A word that is written
// while it is read or held is not used: with MSQ_ASSERT each such write inverts it.
// Area block: memory
`default_nettype none
module msq_ram_1r1w #(
    parameter WIDTH = 72,  // bits of a word
    parameter DEPTH = 16   // words, at least 2
) (
    input  wire                     clk_i,
    input  wire                     write_i,          // write enable
    input  wire [$clog2(DEPTH)-1:0] write_address_i,  // word to write
    input  wire [WIDTH-1:0]         write_data_i,     // data to write
    input  wire                     read_i,           // read enable: without it the output stays
    input  wire [$clog2(DEPTH)-1:0] read_address_i,   // word to read
    output reg  [WIDTH-1:0]         read_data_o       // word read, one cycle after its address
);
`ifdef MSQ_DSP
  // Few words lie in look-up tables, behind a register of the address: a block answers later.
  generate
    if (DEPTH <= 64) begin : gen_small
      (* ram_style = "distributed" *)
      reg [WIDTH-1:0] words[0:DEPTH-1];
      reg [$clog2(DEPTH)-1:0] address_q;
      always @(posedge clk_i) begin
        if (write_i) words[write_address_i] <= write_data_i;
        if (read_i) address_q <= read_address_i;
      end
      always @* read_data_o = words[address_q];
    end else begin : gen_large
      reg [WIDTH-1:0] words[0:DEPTH-1];
      always @(posedge clk_i) begin
        if (write_i) words[write_address_i] <= write_data_i;
        if (read_i) read_data_o <= words[read_address_i];
      end
    end
  endgenerate
`else
  reg [WIDTH-1:0] words[0:DEPTH-1];
`ifdef MSQ_ASSERT
  reg [$clog2(DEPTH)-1:0] address_q;
  wire collision = write_i && write_address_i == (read_i ? read_address_i : address_q);
  always @(posedge clk_i) begin
    if (write_i) words[write_address_i] <= write_data_i;
    if (read_i) address_q <= read_address_i;
    read_data_o <= (read_i ? words[read_address_i] : read_data_o) ^ {WIDTH{collision}};
  end
`else
  always @(posedge clk_i) begin
    if (write_i) words[write_address_i] <= write_data_i;
    if (read_i) read_data_o <= words[read_address_i];
  end
`endif
`endif

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_width, WIDTH >= 1)
  `MSQ_PARAMETER(msq_illegal_depth, DEPTH >= 2)
`endif
endmodule
`default_nettype wire
