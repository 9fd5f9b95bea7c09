// Bench of msq_multiplier and msq_twos_complement: every parameter set fed with the same inputs.
//
// Multiplier case c: modes [2, 4], [2], [4] as c % 3; activations of 8 bits, of 4 for c / 3 odd; its product
// registered for c >= 6. Code case c: modes as c % 3, one word for c < 3, eight for the others.
`default_nettype none
module multiplier_bench (
    input  wire             clk_i,
    input  wire             mode4_i,
    // Multipliers.
    input  wire             load_i,
    input  wire [3:0]       weight_i,
    input  wire             commit_i,
    input  wire [7:0]       x0_i,
    input  wire [7:0]       x1_i,
    output wire [12*16-1:0] product_o,  // {p, s} of each, zero-extended
    // Codes.
    input  wire [31:0]      words_i,
    output wire [6*32-1:0]  words_o
);
  genvar c;
  generate
    for (c = 0; c < 12; c = c + 1) begin : gen_multiplier
      localparam ACT_BITS = (c / 3 % 2 == 0) ? 8 : 4;
      localparam MODE2 = (c % 3 == 2) ? 0 : 1;
      localparam MODE4 = (c % 3 == 1) ? 0 : 1;
      localparam X1_BITS = (MODE2 == 0) ? 1 : ACT_BITS + ((MODE4 != 0) ? 2 : 0);
      localparam P_BITS = ACT_BITS + ((MODE4 != 0) ? 3 : 2);
      wire [X1_BITS-1:0] x1;
      digit1_case #(
          .ACT_BITS(ACT_BITS),
          .MODE2(MODE2),
          .MODE4(MODE4)
      ) u_digit1 (
          .mode4_i(mode4_i),
          .x0_i(x0_i),
          .x1_i(x1_i),
          .x1_o(x1)
      );
      msq_multiplier #(
          .ACT_BITS(ACT_BITS),
          .MODE2(MODE2),
          .MODE4(MODE4),
          .REGISTER((c < 6) ? 0 : 1)
      ) u_multiplier (
          .clk_i(clk_i),
          .load_i(load_i),
          .weight_i(weight_i),
          .commit_i(commit_i),
          .mode4_i(mode4_i),
          .x0_i(x0_i[ACT_BITS-1:0]),
          .x1_i(x1),
          .load_mode4_i(1'b0),  // for MSQ_DSP, as those below
          .next_mode4_i(1'b0),
          .next_x0_i({ACT_BITS{1'b0}}),
          .next_x1_i({X1_BITS{1'b0}}),
          .product_o(product_o[16*c+:P_BITS+1])
      );
      assign product_o[16*c+P_BITS+1+:15-P_BITS] = {(15 - P_BITS) {1'b0}};
    end
    for (c = 0; c < 6; c = c + 1) begin : gen_codes
      localparam WORDS = (c < 3) ? 1 : 8;
      msq_twos_complement #(
          .WORDS(WORDS),
          .MODE2((c % 3 == 2) ? 0 : 1),
          .MODE4((c % 3 == 1) ? 0 : 1)
      ) u_codes (
          .mode4_i(mode4_i),
          .words_i(words_i[4*WORDS-1:0]),
          .words_o(words_o[32*c+:4*WORDS])
      );
      if (WORDS < 8) begin : gen_rest
        assign words_o[32*c+4*WORDS+:32-4*WORDS] = {(32 - 4 * WORDS) {1'b0}};
      end
    end
  endgenerate
endmodule
`default_nettype wire
