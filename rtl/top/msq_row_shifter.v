// SPDX-License-Identifier: Apache-2.0
// Shifts each row's activation left before it enters the array, for macro-blocks along the outputs: rows of a
// tile have scales of their own, and the row with the smallest one is shifted by 0.
// Area block: top: readers
`default_nettype none
module msq_row_shifter #(
    parameter ROWS = 8,       // PE rows
    parameter ACT_BITS = 8,   // activation as stored
    parameter SHIFT_MAX = 7,  // largest legal shift, 1..7
    // Derived, do not set.
    parameter OUT_BITS = ACT_BITS + SHIFT_MAX
) (
    input  wire [ROWS*ACT_BITS-1:0] word_i,    // activations
    input  wire [4*ROWS-1:0]        shifts_i,  // shift of each row, 4 bits each
    output wire [ROWS*OUT_BITS-1:0] word_o,    // shifted activations
    output wire                     error_o    // a shift is larger than SHIFT_MAX
);
  wire [ROWS-1:0] beyond;
  genvar r;
  generate
    for (r = 0; r < ROWS; r = r + 1) begin : gen_row
      wire [ACT_BITS-1:0] x = word_i[r*ACT_BITS+:ACT_BITS];
      wire [3:0] shift = shifts_i[4*r+:4];
      assign word_o[r*OUT_BITS+:OUT_BITS] = {{SHIFT_MAX{x[ACT_BITS-1]}}, x} << shift;
      assign beyond[r] = shift > SHIFT_MAX[3:0];
    end
  endgenerate
  assign error_o = |beyond;

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_shift_max, SHIFT_MAX >= 1 && SHIFT_MAX <= 7)
`endif
endmodule
`default_nettype wire
