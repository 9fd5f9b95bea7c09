// SPDX-License-Identifier: Apache-2.0
// Baseline gobo: FP32 product of a weight and an activation, rounded half to even. The weight is a normal
// number or zero (subnormals count as zero), small enough for the product to be finite.
// Area block: multipliers of the rows
`default_nettype none
module msq_bl_fp32_scale (
    input  wire [11:0] x_i,       // activation as msq_bl_int8_float gives it
    input  wire [31:0] weight_i,  // FP32
    output wire [31:0] product_o  // FP32
);
  wire [7:0] m = x_i[7:0];
  wire nonzero = m[7] & (|weight_i[30:23]);
  wire [23:0] significand = {1'b1, weight_i[22:0]};

  // Four digits 0..3 of m. (With Booth digits, or bit by bit, it is larger.)
  wire [25:0] three = {1'b0, significand, 1'b0} + {2'b00, significand};
  wire [4*26-1:0] parts;
  genvar i;
  generate
    for (i = 0; i < 4; i = i + 1) begin : gen_digit
      assign parts[26*i+:26] = m[2*i+1] ? (m[2*i] ? three : {1'b0, significand, 1'b0})
                                        : {2'b00, significand} & {26{m[2*i]}};
    end
  endgenerate
  wire [27:0] lower = {2'b00, parts[0+:26]} + {parts[26+:26], 2'b00};
  wire [27:0] upper = {2'b00, parts[52+:26]} + {parts[78+:26], 2'b00};
  wire [31:0] product = {4'b0000, lower} + {upper, 4'b0000};  // 2^30 .. 2^32 - 1, or m is 0

  wire top = product[31];
  wire [22:0] fraction = top ? product[30:8] : product[29:7];
  wire guard = top ? product[7] : product[6];
  wire sticky = (|product[5:0]) | (top & product[6]);
  wire [7:0] exponent = weight_i[30:23] + {5'b0, x_i[10:8]} + {7'b0, top};
  // A carry out of the fraction leaves it zero and goes on into the exponent.
  wire [30:0] magnitude = {exponent, fraction} + {30'b0, guard & (sticky | fraction[0])};
  assign product_o = {x_i[11] ^ weight_i[31], magnitude & {31{nonzero}}};
endmodule
`default_nettype wire
