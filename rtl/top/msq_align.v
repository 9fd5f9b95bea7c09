// SPDX-License-Identifier: Apache-2.0
// Aligns a partial sum to its output accumulator: sum * 2^(weight shift + token shift), rounded half to even
// where the shift is to the right. Combinational.
//
// One shifter: the sum is put 11 bits up, as far as it can go to the left, and shifted right from there. A
// two's complement number shifted right is rounded down, so that half to even is one increment for either
// sign.
// Area block: top: accumulators
`default_nettype none
module msq_align #(
    parameter SUM_BITS = 23,  // partial sum, at most 48
    // Derived, do not set.
    parameter OUT_BITS = SUM_BITS + 11
) (
    input  wire [SUM_BITS-1:0] sum_i,           // two's complement
    input  wire [7:0]          weight_shift_i,  // Isf - Iref, -64..4
    input  wire [7:0]          token_shift_i,   // Xsf - Xref, -64..7
    output wire [OUT_BITS-1:0] aligned_o        // two's complement
);
  localparam WIDTH = OUT_BITS + 1;  // with the bit that is worth a half

  wire signed [8:0] left = {weight_shift_i[7], weight_shift_i} + {token_shift_i[7], token_shift_i};
  wire [8:0] right = 9'd11 - left;
  wire unused_right = &{1'b0, right[8]};  // a shift to the left beyond 11 does not occur

  reg [WIDTH-1:0] shifted;
  reg             sticky;  // a one has been shifted out
  integer k;
  always @* begin
    shifted = {sum_i, 12'd0};
    sticky  = 1'b0;
    for (k = 0; k < 8; k = k + 1) begin
      if (right[k]) begin
        sticky  = sticky | (|(shifted & ~({WIDTH{1'b1}} << (1 << k))));
        shifted = $signed(shifted) >>> (1 << k);
      end
    end
  end
  wire up = shifted[0] & (sticky | shifted[1]);
  assign aligned_o = shifted[WIDTH-1:1] + {{(OUT_BITS - 1) {1'b0}}, up};

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_sum_bits, SUM_BITS >= 2 && SUM_BITS <= 48)
`endif
endmodule
`default_nettype wire
