// SPDX-License-Identifier: Apache-2.0
// Codes of encoding `paper`, sign and magnitude, as the two's complement numbers that msq_multiplier takes.
// Minus zero becomes zero.
// Area block: decoder
`default_nettype none
module msq_twos_complement #(
    parameter WORDS = 8,  // code words
    parameter MODE2 = 1,  // mode 2 is supported: two codes {s, m} in a word
    parameter MODE4 = 1   // mode 4 is supported: one code {s, m2 m1 m0} in a word
) (
    input  wire               mode4_i,  // mode of the words
    input  wire [4*WORDS-1:0] words_i,
    output wire [4*WORDS-1:0] words_o
);
  wire wide = (MODE2 == 0) || (MODE4 != 0 && mode4_i);
  genvar i;
  generate
    for (i = 0; i < WORDS; i = i + 1) begin : gen_word
      wire [3:0] w = words_i[4*i+:4];
      wire [2:0] negated = (w[2:0] ^ {3{w[3]}}) + {2'd0, w[3]};
      wire [3:0] one = {w[3] & |w[2:0], negated};
      wire [3:0] two = {w[3] & w[2], w[2], w[1] & w[0], w[0]};
      assign words_o[4*i+:4] = wide ? one : two;
    end
    if (MODE2 == 0 || MODE4 == 0) begin : gen_one_mode
      wire unused_mode = &{1'b0, mode4_i};
    end
  endgenerate
endmodule
`default_nettype wire
