// One partial-sum lane of a band of rows: sum_o <= sum_i + 2^FRACTION_BITS * (all products) + value.
//
// Products and value come as {p, s} with value p + s (see msq_pe_multiply). The products of the band's TERMS rows are
// added first, in narrow adders; each adder takes one s as its carry, so no increment costs anything. The value of the
// lane's outlier joins last: its fraction bits meet zeros, so they pass beside that adder.
//
// With one row no adder is needed for the value: the slots of an outlier are cleared when it is decoded, so where there
// is a value the product is zero and both are simply or-ed.
`default_nettype none
module msq_sum_tree #(
    parameter TERMS = 1,          // products: rows of the band, a power of two
    parameter P_BITS = 11,        // width of a product's p
    parameter VALUE_BITS = 20,    // width of the value's p; 0: no outliers
    parameter FRACTION_BITS = 2,  // of the sum; 0 without outliers
    parameter SUM_BITS = 23,      // width of the sum
    // Derived, do not set.
    parameter V_BITS = (VALUE_BITS == 0) ? 1 : VALUE_BITS + 1
) (
    input  wire                        clk_i,
    input  wire [TERMS*(P_BITS+1)-1:0] products_i,  // {p, s} of each row
    input  wire [V_BITS-1:0]           value_i,     // {p, s}; 0: no outlier. Not read without outliers
    input  wire [SUM_BITS-1:0]         sum_i,       // from the band above
    output reg  [SUM_BITS-1:0]         sum_o        // one cycle later
);
  localparam LEVELS = $clog2(TERMS);
  localparam TREE_BITS = P_BITS + LEVELS;  // sum of all p and of all s but the last one
  localparam STEP_BITS = SUM_BITS - FRACTION_BITS;

  // Node n of the tree in heap order has the children 2n and 2n + 1; leaves are TERMS .. 2*TERMS - 1. All nodes are as wide
  // as the root; synthesis drops what only repeats the sign. Node n takes the s of row n as its carry.
  reg [2*TERMS*TREE_BITS-1:0] nodes;
  reg [TERMS-1:0] s;
  reg [TREE_BITS:0] node;
  integer n;
  always @* begin
    nodes = {(2 * TERMS * TREE_BITS) {1'b0}};
    node = {(TREE_BITS + 1) {1'b0}};
    for (n = 0; n < TERMS; n = n + 1) begin
      s[n] = products_i[n*(P_BITS+1)];
      nodes[(TERMS+n)*TREE_BITS+:TREE_BITS] = {{(TREE_BITS-P_BITS+1) {products_i[n*(P_BITS+1)+P_BITS]}}, products_i[n*(P_BITS+1)+1+:P_BITS-1]};
    end
    for (n = TERMS - 1; n > 0; n = n - 1) begin
      node = {nodes[2*n*TREE_BITS+:TREE_BITS], 1'b1} + {nodes[(2*n+1)*TREE_BITS+:TREE_BITS], s[n]};
      nodes[n*TREE_BITS+:TREE_BITS] = node[TREE_BITS:1];
    end
  end
  wire [TREE_BITS-1:0] tree = nodes[TREE_BITS+:TREE_BITS];
  wire unused_node = &{1'b0, node};  // its lowest bit only feeds the carry chain

  wire [STEP_BITS-1:0] steps;
  generate
    if (STEP_BITS > TREE_BITS) begin : gen_extend
      assign steps = {{(STEP_BITS - TREE_BITS) {tree[TREE_BITS-1]}}, tree};
    end else begin : gen_cut
      // Narrow sums: what lies above is a repeated sign or was proven not to matter.
      assign steps = tree[STEP_BITS-1:0];
      wire unused_high = &{1'b0, tree};
    end
  endgenerate

  wire [SUM_BITS-1:0] operand;
  wire carry;
  generate
    if (VALUE_BITS == 0) begin : gen_plain
      assign operand = steps;
      assign carry = s[0];
      wire unused_value = &{1'b0, value_i};
    end else begin : gen_outlier
      wire sv = value_i[0];
      wire [SUM_BITS-1:0] value;
      if (SUM_BITS > VALUE_BITS) begin : gen_value
        assign value = {{(SUM_BITS - VALUE_BITS) {value_i[VALUE_BITS]}}, value_i[VALUE_BITS:1]};
      end else begin : gen_value_cut
        assign value = value_i[SUM_BITS:1];
        wire unused_value = &{1'b0, value_i};
      end
      if (TERMS == 1) begin : gen_or
        assign operand = {steps, {FRACTION_BITS{s[0]}}} | value;
        assign carry = s[0] | sv;
      end else begin : gen_add
        wire [STEP_BITS:0] joined = {steps, 1'b1} + {value[SUM_BITS-1:FRACTION_BITS], s[0]};
        assign operand = {joined[STEP_BITS:1], value[FRACTION_BITS-1:0]};
        assign carry = sv;
        wire unused_carry = &{1'b0, joined[0]};
      end
    end
  endgenerate

  wire [SUM_BITS:0] total = {sum_i, 1'b1} + {operand, carry};
  always @(posedge clk_i) sum_o <= total[SUM_BITS:1];
  wire unused_carry = &{1'b0, total[0]};  // only feeds the carry chain
endmodule
`default_nettype wire
