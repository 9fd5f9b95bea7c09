// SPDX-License-Identifier: Apache-2.0
// Multiplies the partial sums of a token with the factors of their columns' scales, in a stage before the
// accumulators of one bank (encoding full_range). A factor is +-(2^t + f); what else belongs to the token is
// a cycle late, too.
//
// 2^t + f is recoded to Booth digits of -2..2, so a product is the sum of (t + 3) / 2 multiples of the
// partial sum; the sign of the factor turns that of every digit.
// Area block: top: accumulators
`default_nettype none
module msq_factor #(
    parameter UNIT = 8,           // columns
    parameter SUM_BITS = 25,      // partial sum; its smallest value never occurs
    parameter MANTISSA = 3,       // t, 0..3
    parameter ADDRESS_BITS = 10,  // width of an address
    // Derived, do not set.
    parameter OUT_BITS = SUM_BITS + MANTISSA + 1
) (
    input  wire                     clk_i,
    input  wire                     rst_ni,
    input  wire                     valid_i,          // partial sums of a token
    input  wire                     first_i,          // starts a new sum instead of adding
    input  wire                     half_i,           // half of the accumulators
    input  wire [ADDRESS_BITS-1:0]  address_i,        // word in the half
    input  wire [UNIT*SUM_BITS-1:0] sums_i,           // column c at [c*SUM_BITS +: SUM_BITS]
    input  wire [UNIT*4-1:0]        factors_i,        // {negative, f} of each column
    input  wire [UNIT*8-1:0]        weight_shifts_i,  // Isf - Iref of each column
    input  wire [8:0]               token_right_i,    // 11 - (Xsf - Xref)
    // A cycle later.
    output reg                      valid_o,          // valid_i, one cycle later
    output reg                      first_o,          // first_i, one cycle later
    output reg                      half_o,           // half_i, one cycle later
    output reg  [ADDRESS_BITS-1:0]  address_o,        // address_i, one cycle later
    output reg  [UNIT*OUT_BITS-1:0] products_o,       // partial sums times factors
    output reg  [UNIT*8-1:0]        weight_shifts_o,  // weight_shifts_i, one cycle later
    output reg  [8:0]               token_right_o     // token_right_i, one cycle later
);
  localparam DIGITS = (MANTISSA + 3) / 2;
  localparam [5:0] ONE = 6'd1 << MANTISSA;
  localparam [5:0] MASK = ONE - 6'd1;

  wire [UNIT*OUT_BITS-1:0] products;
  genvar c;
  generate
    for (c = 0; c < UNIT; c = c + 1) begin : gen_column
      wire [3:0] code = factors_i[4*c+:4];
      wire [6:0] recoded = {ONE | ({3'd0, code[2:0]} & MASK), 1'b0};
      wire unused_recoded = &{1'b0, recoded};
      wire [OUT_BITS-1:0] single = {{(MANTISSA + 1) {sums_i[c*SUM_BITS+SUM_BITS-1]}},
          sums_i[c*SUM_BITS+:SUM_BITS]};
      reg [OUT_BITS-1:0] multiple;
      reg [OUT_BITS-1:0] carries;
      reg [OUT_BITS-1:0] product;
      integer d;
      always @* begin
        product = {OUT_BITS{1'b0}};
        carries = {OUT_BITS{1'b0}};
        for (d = 0; d < DIGITS; d = d + 1) begin
          multiple = (single & {OUT_BITS{recoded[2*d] ^ recoded[2*d+1]}})
                     | ({single[OUT_BITS-2:0], 1'b0}
                        & {OUT_BITS{recoded[2*d] == recoded[2*d+1] && recoded[2*d] != recoded[2*d+2]}});
          multiple = multiple ^ {OUT_BITS{recoded[2*d+2] ^ code[3]}};
          product = product + (multiple << (2 * d));
          carries[2*d] = recoded[2*d+2] ^ code[3];
        end
        product = product + carries;
      end
      assign products[c*OUT_BITS+:OUT_BITS] = product;
    end
  endgenerate

  always @(posedge clk_i) begin
    if (!rst_ni) valid_o <= 1'b0;
    else valid_o <= valid_i;
  end
  always @(posedge clk_i) begin
    if (valid_i) begin
      first_o         <= first_i;
      half_o          <= half_i;
      address_o       <= address_i;
      products_o      <= products;
      weight_shifts_o <= weight_shifts_i;
      token_right_o   <= token_right_i;
    end
  end

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_mantissa, MANTISSA >= 0 && MANTISSA <= 3)
`endif
endmodule
`default_nettype wire
