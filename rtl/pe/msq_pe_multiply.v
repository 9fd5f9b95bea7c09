// SPDX-License-Identifier: Apache-2.0
// Weights and multiplier of one processing element (docs/reference/architecture.md, "A tile, a token").
//
// Two weight registers: the shadow is written while the other one computes, and commit_i copies it on the
// very clock edge that brings the first activation of the new tile, so a tile switch costs no cycle.
//
//   mode 4: one weight  {s, m2 m1 m0}              lane 0: x * m, sign s        lane 1: 0
//   mode 2: two weights {s1, m1, s0, m0}           lane 0: x * m0, sign s0      lane 1: x * m1, sign s1
//
// A product leaves in the form {p, s} with value p + s: p is the product with all bits inverted when s is
// set, so the negation's increment becomes the carry of the adder that follows. s is the sign of the code
// even where the magnitude is zero: "minus zero", which the merge needs for the hidden one of a negative
// outlier.
//
// Encoding full_range: the same words hold two's complement numbers. Both modes share two Booth digits of
// -2..2, each a multiple of x with its negation as an inversion: mode 2 has one digit per lane, mode 4 adds 4
// times the upper one to the lower one on lane 0. s is again the sign bit of the code.
// Area block: PEs
`default_nettype none
module msq_pe_multiply #(
    parameter ACT_BITS = 8,    // activation width
    parameter MODE2 = 1,       // mode 2 is supported
    parameter MODE4 = 1,       // mode 4 is supported
    parameter REGISTER = 1,    // 0: product in the cycle of x_i, 1: registered
    parameter FULL_RANGE = 0,  // encoding
    // Derived, do not set: width of lane 1's and lane 0's p, and of {lane 1, lane 0} with both signs.
    parameter P1_BITS = ACT_BITS + ((FULL_RANGE != 0) ? 1 : 0),
    parameter P0_BITS = (MODE4 != 0) ? ACT_BITS + 3 : P1_BITS,
    parameter PRODUCT_BITS = P0_BITS + 1 + ((MODE2 != 0) ? P1_BITS + 1 : 0)
) (
    input  wire                    clk_i,
    input  wire                    load_i,    // writes the shadow weight
    input  wire [3:0]              weight_i,  // code word for the shadow weight
    input  wire                    commit_i,  // copies the shadow weight to the active one
    input  wire                    mode4_i,   // mode of x_i
    input  wire [ACT_BITS-1:0]     x_i,       // activation, two's complement
    output wire [PRODUCT_BITS-1:0] product_o  // {p1, s1, p0, s0}, REGISTER cycles after x_i
);
  reg [3:0] shadow_q;
  reg [3:0] active_q;
  always @(posedge clk_i) begin
    if (load_i) shadow_q <= weight_i;
    if (commit_i) active_q <= shadow_q;
  end

  // {p, s} of the lanes; in mode 4 lane 1 rests at {0, 0} and does not toggle.
  wire wide = (MODE4 != 0) && ((MODE2 == 0) || mode4_i);
  wire [P0_BITS-1:0] p0;
  wire               s0;
  wire [P1_BITS-1:0] p1;
  wire               s1;
  wire [PRODUCT_BITS-1:0] product;
  assign product[P0_BITS:0] = {p0, s0};

  generate
    if (FULL_RANGE == 0) begin : gen_paper
      if (MODE4 != 0) begin : gen_lane0_wide
        // In mode 2 only the lowest bit of the magnitude is live.
        wire [2:0] m = active_q[2:0] & {wide, wide, 1'b1};
`ifdef MSQ_DSP
        // For FPGAs with multipliers.
        wire [P0_BITS-1:0] sum = $signed(x_i) * $signed({1'b0, m});
`else
        wire [P0_BITS-1:0] row0 = {{3{x_i[ACT_BITS-1]}}, x_i} & {P0_BITS{m[0]}};
        wire [P0_BITS-1:0] row1 = {{2{x_i[ACT_BITS-1]}}, x_i, 1'b0} & {P0_BITS{m[1]}};
        wire [P0_BITS-1:0] row2 = {x_i[ACT_BITS-1], x_i, 2'b00} & {P0_BITS{m[2]}};
        wire [P0_BITS-1:0] sum = row0 + row1 + row2;
`endif
        assign s0 = wide ? active_q[3] : active_q[1];
        assign p0 = sum ^ {P0_BITS{s0}};
      end else begin : gen_lane0_narrow
        assign s0 = active_q[1];
        assign p0 = (x_i & {ACT_BITS{active_q[0]}}) ^ {ACT_BITS{s0}};
      end
      assign s1 = active_q[3] & ~wide;
      assign p1 = (x_i & {ACT_BITS{active_q[2] & ~wide}}) ^ {ACT_BITS{s1}};
    end else begin : gen_full_range
      // Digit 0 is that of code bits 1:0. Digit 1 is that of bits 3:2; in mode 4 bit 1 counts for it, too.
      wire below = active_q[1] & wide;
      wire one0 = active_q[0];
      wire two0 = active_q[1] & ~active_q[0];
      wire one1 = active_q[2] ^ below;
      wire two1 = active_q[3] ? ~(active_q[2] | below) : active_q[2] & below;
      wire [ACT_BITS:0] single = {x_i[ACT_BITS-1], x_i};
      wire [ACT_BITS:0] twice = {x_i, 1'b0};
      wire [ACT_BITS:0] part0 = ((single & {(ACT_BITS + 1) {one0}}) | (twice & {(ACT_BITS + 1) {two0}}))
                                ^ {(ACT_BITS + 1) {active_q[1]}};
      wire [ACT_BITS:0] part1 = ((single & {(ACT_BITS + 1) {one1}}) | (twice & {(ACT_BITS + 1) {two1}}))
                                ^ {(ACT_BITS + 1) {active_q[3]}};
      if (MODE4 != 0) begin : gen_lane0_wide
        // part0 + s(part0) + 4 * (part1 + s(part1)) = part0 + {part1, s, s} + s(part0), and s is left to the
        // next adder.
        wire [P0_BITS-1:0] row1 = {part1, {2{active_q[3]}}} & {P0_BITS{wide}};
        wire [P0_BITS:0] total = {{2{part0[ACT_BITS]}}, part0, 1'b1} + {row1, active_q[1] & wide};
        wire unused_carry = &{1'b0, total[0]};  // only feeds the carry chain
        assign p0 = total[P0_BITS:1];
        assign s0 = wide ? active_q[3] : active_q[1];
      end else begin : gen_lane0_narrow
        assign p0 = part0;
        assign s0 = active_q[1];
      end
      assign p1 = part1 & {P1_BITS{~wide}};
      assign s1 = active_q[3] & ~wide;
    end

    if (MODE2 != 0) begin : gen_lane1
      assign product[PRODUCT_BITS-1-:P1_BITS+1] = {p1, s1};
    end else begin : gen_no_lane1
      wire unused_lane1 = &{1'b0, p1, s1};
    end

    if (REGISTER != 0) begin : gen_register
      reg [PRODUCT_BITS-1:0] product_q;
      always @(posedge clk_i) product_q <= product;
      assign product_o = product_q;
    end else begin : gen_no_register
      assign product_o = product;
    end

    if (MODE2 == 0 || MODE4 == 0) begin : gen_one_mode
      wire unused_mode = &{1'b0, mode4_i};  // one mode only: nothing to select
    end
  endgenerate

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_modes, MODE2 != 0 || MODE4 != 0)
  `MSQ_PARAMETER(msq_illegal_act_bits, ACT_BITS >= 1)
  `MSQ_PARAMETER(msq_illegal_full_range, FULL_RANGE == 0 || FULL_RANGE == 1)
`endif
endmodule
`default_nettype wire
