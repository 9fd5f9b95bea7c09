// SPDX-License-Identifier: Apache-2.0
// Sum of two numbers and a carry, modulo 2^WIDTH. Combinational.
//
// Cut into blocks. The carry into a block does not ripple through the block below it: that carries if it
// does without a carry in, or if it is all ones and has a carry in.
// Area block: top: accumulators
`default_nettype none
module msq_adder #(
    parameter WIDTH = 44,  // at least 2
    parameter BLOCK = 11   // bits of a block, at least 2; the last one has 2 to BLOCK + 1
) (
    input  wire [WIDTH-1:0] a_i,
    input  wire [WIDTH-1:0] b_i,
    input  wire             carry_i,  // added to the sum
    output wire [WIDTH-1:0] sum_o     // a_i + b_i + carry_i
);
  localparam BLOCKS = (WIDTH + BLOCK - 2) / BLOCK;
  genvar b;
  generate
    for (b = 0; b < BLOCKS; b = b + 1) begin : gen_block
      localparam LOW = b * BLOCK;
      localparam SIZE = (b == BLOCKS - 1) ? WIDTH - LOW : BLOCK;
      wire [SIZE-1:0] x = a_i[LOW+:SIZE];
      wire [SIZE-1:0] y = b_i[LOW+:SIZE];
      wire carry;  // into the block
      if (b == 0) begin : gen_first
        assign carry = carry_i;
      end else begin : gen_next
        wire [BLOCK-1:0] below_x = a_i[LOW-1-:BLOCK];
        wire [BLOCK-1:0] below_y = b_i[LOW-1-:BLOCK];
        wire [BLOCK:0] alone = {1'b0, below_x} + {1'b0, below_y};
        wire unused_alone = &{1'b0, alone[BLOCK-1:0]};
        assign carry = alone[BLOCK] || (&(below_x ^ below_y) && gen_block[b-1].carry);
      end
      assign sum_o[LOW+:SIZE] = x + y + {{(SIZE - 1) {1'b0}}, carry};
    end
  endgenerate

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_width, WIDTH >= 2)
  `MSQ_PARAMETER(msq_illegal_block, BLOCK >= 2)
`endif
endmodule
`default_nettype wire
