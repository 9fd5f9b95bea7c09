// SPDX-License-Identifier: Apache-2.0
// Shifts each row's activation left before it enters the array, for macro-blocks along the outputs: rows of a tile have
// scales of their own, and the row with the smallest one is shifted by 0.
// Area block: top: readers
`default_nettype none
module msq_row_shifter #(
    parameter ROWS = 8,
    parameter ACT_BITS = 8,    // activation as it is stored
    parameter SHIFT_MAX = 7,   // 1..7; larger shifts are not legal
    // Derived, do not set.
    parameter OUT_BITS = ACT_BITS + SHIFT_MAX
) (
    input  wire [ROWS*ACT_BITS-1:0] word_i,
    input  wire [4*ROWS-1:0]        shifts_i,
    output wire [ROWS*OUT_BITS-1:0] word_o,
    output wire                     error_o  // a shift is larger than SHIFT_MAX
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
endmodule
`default_nettype wire
