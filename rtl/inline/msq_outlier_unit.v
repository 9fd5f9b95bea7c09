// SPDX-License-Identifier: Apache-2.0
// Outlier unit of the inline path: (significand * x) << r for one outlier of a band of rows, as {v, s} with
// value v + s.
//
// The decoder has joined the two halves of the outlier to one signed significand. It is recoded to radix-4
// digits of -2..2 (Booth), so a significand of 2D bits costs D - 1 additions. The negation of the lowest
// digit leaves as s: it becomes the carry of the lane's adder, and the shift fills up with s, since ((v + s)
// << r) = {v, s .. s} + s.
//
// A word of zeros is no outlier: its value is zero. Row and significand change with commit_i, on the clock
// edge that brings the first activation of the new tile; lane and shift, which the product register's output
// needs, one cycle later.
// Area block: outlier units
`default_nettype none
module msq_outlier_unit #(
    parameter ACT_BITS = 8,    // activation width
    parameter ROWS = 1,        // rows of the band, a power of two
    parameter LANE_BITS = 3,   // log2 of the lanes in reach
    parameter SIG_BITS = 6,    // significand, two's complement, even
    parameter SHIFT_MAX = 7,   // largest r
    parameter SHIFT_BITS = 3,  // width of r, at least 1
    // Derived, do not set.
    parameter ROW_BITS = $clog2(ROWS),
    parameter WORD_BITS = SIG_BITS + ROW_BITS + LANE_BITS + SHIFT_BITS,
    parameter PRODUCT_BITS = ACT_BITS + SIG_BITS - 1,
    parameter VALUE_BITS = PRODUCT_BITS + SHIFT_MAX
) (
    input  wire                     clk_i,
    input  wire                     load_i,         // writes the shadow word
    input  wire [WORD_BITS-1:0]     word_i,         // {shift, lane, row, significand}
    input  wire                     commit_i,       // copies row and significand to the active word
    input  wire                     commit_late_i,  // copies lane and shift; commit_i one cycle later
    input  wire [ROWS*ACT_BITS-1:0] x_i,            // activations of the rows of the band
    output wire [LANE_BITS-1:0]     lane_o,         // lane that the value belongs to
    output wire [VALUE_BITS:0]      value_o         // {v, s}, one cycle after x_i
);
  localparam DIGITS = SIG_BITS / 2;
  localparam EARLY = SIG_BITS + ROW_BITS;

  reg [WORD_BITS-1:0] shadow_q;
  reg [EARLY-1:0] early_q;
  reg [WORD_BITS-EARLY-1:0] late_q;
  always @(posedge clk_i) begin
    if (load_i) shadow_q <= word_i;
    if (commit_i) early_q <= shadow_q[EARLY-1:0];
    if (commit_late_i) late_q <= shadow_q[WORD_BITS-1:EARLY];
  end

  wire [ACT_BITS-1:0] x;
  generate
    if (ROWS == 1) begin : gen_one_row
      assign x = x_i;
    end else begin : gen_select
      assign x = x_i[early_q[EARLY-1:SIG_BITS]*ACT_BITS+:ACT_BITS];
    end
  endgenerate

  // Digit d is worth 4^d. rest is the sum from digit d on without its negation, in units of 4^d.
  wire [SIG_BITS:0] recoded = {early_q[SIG_BITS-1:0], 1'b0};
  wire [DIGITS*(ACT_BITS+1)-1:0] terms;
  wire [DIGITS-1:0] negative;
  genvar d;
  generate
    for (d = 0; d < DIGITS; d = d + 1) begin : gen_digit
      wire [2:0] code = recoded[2*d+:3];
      wire one = code[1] ^ code[0];
      wire two = (code == 3'b011) || (code == 3'b100);
      assign negative[d] = code[2] && (code != 3'b111);
      wire [ACT_BITS:0] magnitude = ({x[ACT_BITS-1], x} & {(ACT_BITS + 1) {one}})
          | ({x, 1'b0} & {(ACT_BITS + 1) {two}});
      assign terms[d*(ACT_BITS+1)+:ACT_BITS+1] = magnitude ^ {(ACT_BITS + 1) {negative[d]}};
    end
  endgenerate

  // From the highest digit down: partial[d] = sum of digits d and above, in units of 4^d, without the
  // negation of digit d.
  generate
    for (d = 0; d < DIGITS; d = d + 1) begin : gen_sum
      localparam WIDTH = ACT_BITS + 2 * (DIGITS - d) - 1;
      wire [WIDTH-1:0] partial;
      if (d == DIGITS - 1) begin : gen_top
        assign partial = terms[d*(ACT_BITS+1)+:ACT_BITS+1];
      end else begin : gen_add
        // The digit above is due four times with its negation as the carry.
        localparam UPPER = WIDTH - 2;
        wire [ACT_BITS:0] term = terms[d*(ACT_BITS+1)+:ACT_BITS+1];
        wire [UPPER:0] total = {gen_sum[d+1].partial, 1'b1}
            + {{(UPPER - ACT_BITS + 1) {term[ACT_BITS]}}, term[ACT_BITS:2], negative[d+1]};
        assign partial = {total[UPPER:1], term[1:0]};
        wire unused_carry = &{1'b0, total[0]};
      end
    end
  endgenerate

  reg [PRODUCT_BITS-1:0] product_q;
  reg s_q;
  always @(posedge clk_i) begin
    product_q <= gen_sum[0].partial;
    s_q       <= negative[0];
  end

  assign lane_o = late_q[LANE_BITS-1:0];
  generate
    if (SHIFT_MAX == 0) begin : gen_no_shift
      assign value_o = {product_q, s_q};
      wire unused_shift = &{1'b0, late_q[LANE_BITS+:SHIFT_BITS]};
    end else begin : gen_shift
      wire [SHIFT_BITS-1:0] shift = late_q[LANE_BITS+:SHIFT_BITS];
      wire [VALUE_BITS-1:0] wide = {{SHIFT_MAX{product_q[PRODUCT_BITS-1]}}, product_q};
      wire [SHIFT_MAX-1:0] emptied = ~({SHIFT_MAX{1'b1}} << shift);
      assign value_o = {(wide << shift) | {{PRODUCT_BITS{1'b0}}, emptied & {SHIFT_MAX{s_q}}}, s_q};
    end
  endgenerate

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_rows, ROWS >= 1 && (ROWS & (ROWS - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_shift_bits, SHIFT_MAX >= 0 && SHIFT_MAX < (1 << SHIFT_BITS))
  `MSQ_PARAMETER(msq_illegal_sig_bits, SIG_BITS >= 2 && SIG_BITS % 2 == 0)
`endif
endmodule
`default_nettype wire
