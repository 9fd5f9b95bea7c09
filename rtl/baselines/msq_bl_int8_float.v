// SPDX-License-Identifier: Apache-2.0
// Baseline gobo: an activation as sign, significand with its leading one on top, and exponent, for all
// multipliers of a row.
// Area block: multipliers of the rows
`default_nettype none
module msq_bl_int8_float (
    input  wire [7:0]  x_i,     // two's complement
    output wire [11:0] float_o  // {sign, exponent (3), significand (8)}; of 0 the significand is 0
);
  wire [7:0] magnitude = (x_i ^ {8{x_i[7]}}) + {7'b0, x_i[7]};
  wire zeros2 = ~|magnitude[7:4];
  wire [7:0] norm2 = zeros2 ? {magnitude[3:0], 4'b0} : magnitude;
  wire zeros1 = ~|norm2[7:6];
  wire [7:0] norm1 = zeros1 ? {norm2[5:0], 2'b0} : norm2;
  wire zeros0 = ~norm1[7];
  assign float_o = {x_i[7], ~zeros2, ~zeros1, ~zeros0, zeros0 ? {norm1[6:0], 1'b0} : norm1};
endmodule
`default_nettype wire
