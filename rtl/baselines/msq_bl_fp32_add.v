// SPDX-License-Identifier: Apache-2.0
// Baseline gobo: FP32 adder, rounding half to even. Takes and gives normal numbers and zeros, as IEEE 754 has
// them; a subnormal operand counts as zero, a subnormal result is zero with its sign. Infinities and NaN are
// not handled: operands must be small enough for the sum to be finite.
// Area block: PEs
`default_nettype none
module msq_bl_fp32_add (
    input  wire [31:0] a_i,   // FP32
    input  wire [31:0] b_i,   // FP32
    output wire [31:0] sum_o  // FP32
);
  wire a_larger = a_i[30:0] >= b_i[30:0];
  wire [31:0] big = a_larger ? a_i : b_i;
  wire [30:0] low = a_larger ? b_i[30:0] : a_i[30:0];
  wire big_normal = |big[30:23];
  wire low_normal = |low[30:23];
  wire [23:0] big_significand = {big_normal, big[22:0] & {23{big_normal}}};
  wire [23:0] low_significand = {low_normal, low[22:0] & {23{low_normal}}};

  // Smaller operand aligned, with guard, round and sticky bit.
  wire [7:0] distance = big[30:23] - low[30:23];
  wire [26:0] shift0 = {low_significand, 3'b000};
  wire [26:0] shift1 = distance[0] ? {1'b0, shift0[26:2], |shift0[1:0]} : shift0;
  wire [26:0] shift2 = distance[1] ? {2'b00, shift1[26:3], |shift1[2:0]} : shift1;
  wire [26:0] shift4 = distance[2] ? {4'b0000, shift2[26:5], |shift2[4:0]} : shift2;
  wire [26:0] shift8 = distance[3] ? {8'b0, shift4[26:9], |shift4[8:0]} : shift4;
  wire [26:0] shift16 = distance[4] ? {16'b0, shift8[26:17], |shift8[16:0]} : shift8;
  wire [26:0] aligned = (|distance[7:5]) ? {26'b0, low_normal} : shift16;

  wire subtract = a_i[31] ^ b_i[31];
  wire [28:0] raw = {1'b0, big_significand, 3'b000, 1'b1} + {{28{subtract}} ^ {1'b0, aligned}, subtract};
  wire unused_carry = &{1'b0, raw[0]};  // only feeds the carry chain

  // Leading one to bit 27.
  wire [27:0] norm16 = raw[28:1];
  wire zeros4 = ~|norm16[27:12];
  wire [27:0] norm8 = zeros4 ? {norm16[11:0], 16'b0} : norm16;
  wire zeros3 = ~|norm8[27:20];
  wire [27:0] norm4 = zeros3 ? {norm8[19:0], 8'b0} : norm8;
  wire zeros2 = ~|norm4[27:24];
  wire [27:0] norm2 = zeros2 ? {norm4[23:0], 4'b0} : norm4;
  wire zeros1 = ~|norm2[27:26];
  wire [27:0] norm1 = zeros1 ? {norm2[25:0], 2'b0} : norm2;
  wire zeros0 = ~norm1[27];
  wire [27:0] norm = zeros0 ? {norm1[26:0], 1'b0} : norm1;

  wire [9:0] exponent = {2'b00, big[30:23]} + 10'd1 - {5'b00000, zeros4, zeros3, zeros2, zeros1, zeros0};
  wire round_up = norm[3] & (norm[4] | (|norm[2:0]));
  // A carry out of the fraction leaves it zero and goes on into the exponent.
  wire [30:0] packed_sum = {exponent[7:0], norm[26:4]} + {30'b0, round_up};
  wire cancelled = ~norm[27];
  wire underflow = exponent[9] | ~(|exponent);
  assign sum_o = cancelled ? {big[31] & ~subtract, 31'b0} : underflow ? {big[31], 31'b0}
      : {big[31], packed_sum};
  wire unused_exponent = &{1'b0, exponent[8]};  // sums are finite
endmodule
`default_nettype wire
