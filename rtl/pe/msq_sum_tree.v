// SPDX-License-Identifier: Apache-2.0
// One partial-sum lane of a band of rows: sum_o <= sum_i + 2^FRACTION_BITS * (all products) + value.
//
// Products and value come as {p, s} with value p + s (see msq_pe_multiply). The products of the band's TERMS
// rows are added in narrow adders before the wide one, so a band has one register and one adder as wide as a
// sum, not one for each row. Each adder takes one s as its carry, so no increment costs anything. The value
// of the lane's outlier joins last: its fraction bits meet zeros, so they pass beside that adder.
//
//   TERMS > 1:  products (combinational) -> sums of pairs -> register -> tree, value -> register -> sum ->
//               register
//   TERMS = 1:  product (registered) and value -> sum -> register. The slots of an outlier are cleared when
//               it is decoded. If the product has no other weight (ALONE), it is zero where there is a value,
//               and both are simply or-ed.
// Area block: PEs
`default_nettype none
module msq_sum_tree #(
    parameter TERMS = 1,          // products: rows of the band, a power of two
    parameter REGISTERED = 0,     // TERMS > 1: products are registered and come with value_i
    parameter ALONE = 1,          // TERMS = 1: where there is a value the product is zero
    parameter P_BITS = 11,        // width of a product's p
    parameter VALUE_BITS = 20,    // width of the value's p; 0: no outliers
    parameter FRACTION_BITS = 2,  // fraction bits of the sum; 0 without outliers
    parameter SUM_BITS = 23,      // width of the sum
    // Derived, do not set.
    parameter V_BITS = (VALUE_BITS == 0) ? 1 : VALUE_BITS + 1
) (
    input  wire                        clk_i,
    input  wire [TERMS*(P_BITS+1)-1:0] products_i,  // {p, s} of each row; TERMS > 1: a cycle before value_i
    input  wire [V_BITS-1:0]           value_i,     // {p, s}; 0: no outlier
    input  wire [SUM_BITS-1:0]         sum_i,     // from the band above; one cycle after value_i if TERMS > 1
    output reg  [SUM_BITS-1:0]         sum_o        // sum, one cycle after sum_i
);
  localparam STEP_BITS = SUM_BITS - FRACTION_BITS;

  wire sv;                      // the value's s
  wire [SUM_BITS-1:0] value;
  generate
    if (VALUE_BITS == 0) begin : gen_no_value
      assign sv = 1'b0;
      assign value = {SUM_BITS{1'b0}};
      wire unused_value = &{1'b0, value_i};
    end else if (SUM_BITS > VALUE_BITS) begin : gen_value
      assign sv = value_i[0];
      assign value = {{(SUM_BITS - VALUE_BITS) {value_i[VALUE_BITS]}}, value_i[VALUE_BITS:1]};
    end else begin : gen_value_cut
      // Narrow sums: bits above repeat the sign or are proven not to matter.
      assign sv = value_i[0];
      assign value = value_i[SUM_BITS:1];
      wire unused_value = &{1'b0, value_i};
    end
  endgenerate

  wire [SUM_BITS-1:0] operand;
  wire carry;
  generate
    if (TERMS == 1) begin : gen_one
      wire s = products_i[0];
      wire [STEP_BITS-1:0] steps;
      if (STEP_BITS > P_BITS) begin : gen_extend
        assign steps = {{(STEP_BITS - P_BITS) {products_i[P_BITS]}}, products_i[P_BITS:1]};
      end else begin : gen_cut
        assign steps = products_i[STEP_BITS:1];
        wire unused_high = &{1'b0, products_i};
      end
      wire [SUM_BITS-1:0] product;  // with fraction bits of s, since 2^F (p + s) = {p, s .. s} + s
      if (FRACTION_BITS == 0) begin : gen_plain
        assign product = steps;
      end else begin : gen_fraction
        assign product = {steps, {FRACTION_BITS{s}}};
      end
      if (ALONE != 0 || VALUE_BITS == 0) begin : gen_either
        assign operand = product | value;
        assign carry = s | sv;
      end else begin : gen_both
        wire [SUM_BITS:0] joined = {product, 1'b1} + {value, sv};
        assign operand = joined[SUM_BITS:1];
        assign carry = s;
        wire unused_joined = &{1'b0, joined[0]};  // only feeds the carry chain
      end
    end else begin : gen_tree
      localparam PAIRS = TERMS / 2;
      localparam TREE_BITS = P_BITS + $clog2(TERMS);  // sum of all p and of all s but the last one

      // Pair i takes the s of row 2i + 1 and leaves that of row 2i.
      wire [PAIRS*(P_BITS+1)-1:0] pairs;
      wire [PAIRS-1:0] pair_s;
      genvar i;
      for (i = 0; i < PAIRS; i = i + 1) begin : gen_pair
        wire [P_BITS:0] a = products_i[2*i*(P_BITS+1)+:P_BITS+1];
        wire [P_BITS:0] b = products_i[(2*i+1)*(P_BITS+1)+:P_BITS+1];
        wire [P_BITS+1:0] pair = {a[P_BITS], a[P_BITS:1], 1'b1} + {b[P_BITS], b};
        wire unused_carry = &{1'b0, pair[0]};
        if (REGISTERED != 0) begin : gen_registered
          assign pairs[i*(P_BITS+1)+:P_BITS+1] = pair[P_BITS+1:1];
          assign pair_s[i] = a[0];
        end else begin : gen_register
          reg [P_BITS:0] pair_q;
          reg s_q;
          always @(posedge clk_i) begin
            pair_q <= pair[P_BITS+1:1];
            s_q <= a[0];
          end
          assign pairs[i*(P_BITS+1)+:P_BITS+1] = pair_q;
          assign pair_s[i] = s_q;
        end
      end

      // Node n of the tree in heap order has the children 2n and 2n + 1; leaves are PAIRS .. 2*PAIRS - 1. All
      // nodes are as wide as the root; synthesis drops what only repeats the sign. Node n takes the s of pair
      // n as its carry.
      reg [2*PAIRS*TREE_BITS-1:0] nodes;
      reg [TREE_BITS:0] node;
      integer n;
      always @* begin
        nodes = {(2 * PAIRS * TREE_BITS) {1'b0}};
        node = {(TREE_BITS + 1) {1'b0}};
        for (n = 0; n < PAIRS; n = n + 1) begin
          nodes[(PAIRS+n)*TREE_BITS+:TREE_BITS] = {
            {(TREE_BITS - P_BITS) {pairs[n*(P_BITS+1)+P_BITS]}}, pairs[n*(P_BITS+1)+:P_BITS]
          };
        end
        for (n = PAIRS - 1; n > 0; n = n - 1) begin
          node = {nodes[2*n*TREE_BITS+:TREE_BITS], 1'b1} + {nodes[(2*n+1)*TREE_BITS+:TREE_BITS], pair_s[n]};
          nodes[n*TREE_BITS+:TREE_BITS] = node[TREE_BITS:1];
        end
      end
      wire [TREE_BITS-1:0] tree = nodes[TREE_BITS+:TREE_BITS];
      wire unused_node = &{1'b0, node, nodes};  // the lowest bit of node only feeds the carry chain

      // The sum of the band, as wide as it can be, and an s that is still to be added.
      localparam VALUE_STEPS = (VALUE_BITS == 0) ? 0 : VALUE_BITS - FRACTION_BITS;
      localparam WIDE = ((VALUE_STEPS > TREE_BITS) ? VALUE_STEPS : TREE_BITS) + ((VALUE_BITS == 0) ? 0 : 1);
      localparam BAND_BITS = (WIDE < STEP_BITS) ? WIDE : STEP_BITS;
      wire [BAND_BITS-1:0] steps;
      if (BAND_BITS > TREE_BITS) begin : gen_extend
        assign steps = {{(BAND_BITS - TREE_BITS) {tree[TREE_BITS-1]}}, tree};
      end else begin : gen_cut
        assign steps = tree[BAND_BITS-1:0];
        wire unused_high = &{1'b0, tree};  // narrow sums
      end
      if (VALUE_BITS == 0) begin : gen_plain
        reg [BAND_BITS-1:0] band_q;
        reg carry_q;
        always @(posedge clk_i) begin
          band_q  <= steps;
          carry_q <= pair_s[0];
        end
        if (SUM_BITS > BAND_BITS) begin : gen_wide
          assign operand = {{(SUM_BITS - BAND_BITS) {band_q[BAND_BITS-1]}}, band_q};
        end else begin : gen_exact
          assign operand = band_q;
        end
        assign carry = carry_q;
        wire unused_value = &{1'b0, sv, value};
      end else begin : gen_value
        // Products and value join before the register; behind it if the products have come registered, for
        // then the tree has no register before it.
        wire [BAND_BITS-1:0] tree_steps;
        wire [SUM_BITS-1:0] tree_value;
        wire [1:0] tree_s;
        wire [BAND_BITS:0] joined = {tree_steps, 1'b1} + {tree_value[FRACTION_BITS+:BAND_BITS], tree_s[0]};
        wire [BAND_BITS+FRACTION_BITS-1:0] band;
        if (REGISTERED != 0) begin : gen_late
          reg [BAND_BITS-1:0] steps_q;
          reg [SUM_BITS-1:0] value_q;
          reg [1:0] s_q;
          always @(posedge clk_i) begin
            steps_q <= steps;
            value_q <= value;
            s_q     <= {sv, pair_s[0]};
          end
          assign tree_steps = steps_q;
          assign tree_value = value_q;
          assign tree_s = s_q;
          assign band = {joined[BAND_BITS:1], value_q[FRACTION_BITS-1:0]};
          assign carry = s_q[1];
        end else begin : gen_early
          reg [BAND_BITS+FRACTION_BITS-1:0] band_q;
          reg carry_q;
          always @(posedge clk_i) begin
            band_q  <= {joined[BAND_BITS:1], value[FRACTION_BITS-1:0]};
            carry_q <= sv;
          end
          assign tree_steps = steps;
          assign tree_value = value;
          assign tree_s = {sv, pair_s[0]};
          assign band = band_q;
          assign carry = carry_q;
        end
        if (STEP_BITS > BAND_BITS) begin : gen_wide
          assign operand = {{(STEP_BITS - BAND_BITS) {band[BAND_BITS+FRACTION_BITS-1]}}, band};
        end else begin : gen_exact
          assign operand = band;
        end
        wire unused_value = &{1'b0, joined[0], tree_value, tree_s};
      end
    end
  endgenerate

  wire [SUM_BITS:0] total = {sum_i, 1'b1} + {operand, carry};
  always @(posedge clk_i) sum_o <= total[SUM_BITS:1];
  wire unused_carry = &{1'b0, total[0]};  // only feeds the carry chain

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_terms, TERMS >= 1 && (TERMS & (TERMS - 1)) == 0)
`endif
endmodule
`default_nettype wire
