// SPDX-License-Identifier: Apache-2.0
// Sum of the amounts, 32 bits, wrapping.
//
// The sum is cut into segments of eight bits, so that no carry ripples through 32. A carry out of the first
// segment reaches a later one if all segments between are full of ones, which a flag per segment records. The
// flag comes a cycle after its segment; a segment changes only with the first segment's carry, and these are
// at least two cycles apart for amounts up to 128.
// Area block: control
`default_nettype none
module msq_event_counter #(
    parameter AMOUNT_BITS = 1  // 1 to 8; an amount is 128 at most
) (
    input  wire                   clk_i,
    input  wire                   clear_i,   // zeroes the sum; wins over the amount
    input  wire [AMOUNT_BITS-1:0] amount_i,  // amount to add, 0..128
    output wire [31:0]            sum_o      // sum, modulo 2^32
);
  reg [7:0] first_q, second_q, third_q, fourth_q;
  reg second_full_q, third_full_q;

  wire [8:0] first = {1'b0, first_q} + {{(9 - AMOUNT_BITS) {1'b0}}, amount_i};
  wire carry = first[8];
  wire third_carry = carry && second_full_q;
  wire fourth_carry = third_carry && third_full_q;

  always @(posedge clk_i) begin
    second_full_q <= &second_q;
    third_full_q  <= &third_q;
    if (clear_i) begin
      first_q  <= 8'd0;
      second_q <= 8'd0;
      third_q  <= 8'd0;
      fourth_q <= 8'd0;
    end else begin
      first_q  <= first[7:0];
      second_q <= second_q + {7'd0, carry};
      third_q  <= third_q + {7'd0, third_carry};
      fourth_q <= fourth_q + {7'd0, fourth_carry};
    end
  end

  assign sum_o = {fourth_q, third_q, second_q, first_q};

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_amount_bits, AMOUNT_BITS >= 1 && AMOUNT_BITS <= 8)
  `MSQ_INPUT(!clear_i, {{(32 - AMOUNT_BITS) {1'b0}}, amount_i} <= 128, "amount_i above 128")
`endif
endmodule
`default_nettype wire
