// SPDX-License-Identifier: Apache-2.0
// Baseline olive: decoder of one outlier-victim pair at the border of the array.
//
// A code is an int4 of -7..7, or the identifier 1000: then its place is a victim, weight 0, and the other
// code of the pair is an outlier in abfloat E2M1, {s, e, m} = (-1)^s (2 + m) 2^(e + 2). In a legal pair at
// most one code is the identifier, and no abfloat has e = m = 0; here two identifiers are two zeros, and e =
// m = 0 is what the formula says.
//
// Words {outlier, s, c}: an outlier's c is {e, m}, that of an int4 its magnitude.
// Area block: decoder
`default_nettype none
module msq_bl_olive_decoder (
    input  wire [7:0] codes_i,  // {second, first}
    output wire [9:0] words_o   // {second, first}
);
  wire [1:0] victim = {codes_i[7:4] == 4'b1000, codes_i[3:0] == 4'b1000};
  genvar i;
  generate
    for (i = 0; i < 2; i = i + 1) begin : gen_code
      wire [3:0] code = codes_i[4*i+:4];
      wire outlier = victim[1-i] & ~victim[i];
      wire [2:0] magnitude = (code[2:0] ^ {3{code[3]}}) + {2'b00, code[3]};
      assign words_o[5*i+:5] = victim[i] ? 5'b00000 : {outlier, code[3], outlier ? code[2:0] : magnitude};
    end
  endgenerate
endmodule
`default_nettype wire
