// SPDX-License-Identifier: Apache-2.0
// Aligns a partial sum to its output accumulator: sum * 2^(weight shift + token shift), rounded half to even
// where the shift is to the right. Two registered steps: the distance, the shift.
//
// One shifter: the sum is put 11 bits up, as far as it can go to the left, and shifted right from there. A
// two's complement number shifted right is rounded down, so that half to even is one increment for either
// sign, which is left to the carry of the accumulator's adder.
// Area block: top: accumulators
`default_nettype none
module msq_align #(
    parameter SUM_BITS = 23,  // partial sum, at most 48
    // Derived, do not set.
    parameter OUT_BITS = SUM_BITS + 11
) (
    input  wire                clk_i,
    input  wire [SUM_BITS-1:0] sum_i,           // two's complement
    input  wire [7:0]          weight_shift_i,  // Isf - Iref, -64..4
    input  wire [8:0]          token_right_i,   // 11 - (Xsf - Xref), at least 4
    // Two cycles later.
    output wire [OUT_BITS-1:0] down_o,  // rounded down, two's complement
    output wire                up_o     // to be added to it
);
  localparam WIDTH = OUT_BITS + 1;  // with the bit that is worth a half

  // First step. A shift by 63 leaves nothing of a sum, as any longer one.
  wire [9:0] distance = {1'b0, token_right_i} - {{2{weight_shift_i[7]}}, weight_shift_i};
  reg [SUM_BITS-1:0] sum_q;
  reg [5:0]          right_q;
  always @(posedge clk_i) begin
    sum_q   <= sum_i;
    right_q <= distance[5:0] | {6{|distance[9:6]}};
  end

  // Second step, the longest shift first: what the others drop is little.
  reg [WIDTH-1:0] shifted;
  reg             sticky;  // a one has been shifted out
  integer k;
  always @* begin
    shifted = {sum_q, 12'd0};
    sticky  = 1'b0;
    for (k = 5; k >= 0; k = k - 1) begin
      if (right_q[k]) begin
        sticky  = sticky | (|(shifted & ~({WIDTH{1'b1}} << (1 << k))));
        shifted = $signed(shifted) >>> (1 << k);
      end
    end
  end
  reg [OUT_BITS-1:0] down_q;
  reg                up_q;
  always @(posedge clk_i) begin
    down_q <= shifted[WIDTH-1:1];
    up_q   <= shifted[0] & (sticky | shifted[1]);
  end
  assign down_o = down_q;
  assign up_o = up_q;

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_sum_bits, SUM_BITS >= 2 && SUM_BITS <= 48)
`endif
endmodule
`default_nettype wire
