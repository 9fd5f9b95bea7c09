// msq_sum_tree of one parameter set, with ports of one size for all sets.
`default_nettype none
module sum_tree_case #(
    parameter TERMS = 1,
    parameter REGISTERED = 0,
    parameter ALONE = 1,
    parameter P_BITS = 11,
    parameter VALUE_BITS = 20,
    parameter FRACTION_BITS = 2,
    parameter SUM_BITS = 23,
    localparam V_BITS = (VALUE_BITS == 0) ? 1 : VALUE_BITS + 1
) (
    input  wire         clk_i,
    input  wire [255:0] products_i,  // {p, s} of row r at [16*r +: P_BITS + 1]
    input  wire [31:0]  value_i,
    input  wire [31:0]  sum_i,
    output wire [31:0]  sum_o        // zero-extended
);
  wire [TERMS*(P_BITS+1)-1:0] products;
  wire [SUM_BITS-1:0] sum;
  genvar r;
  generate
    for (r = 0; r < TERMS; r = r + 1) begin : gen_row
      assign products[r*(P_BITS+1)+:P_BITS+1] = products_i[16*r+:P_BITS+1];
    end
  endgenerate
  msq_sum_tree #(
      .TERMS(TERMS),
      .REGISTERED(REGISTERED),
      .ALONE(ALONE),
      .P_BITS(P_BITS),
      .VALUE_BITS(VALUE_BITS),
      .FRACTION_BITS(FRACTION_BITS),
      .SUM_BITS(SUM_BITS)
  ) u_tree (
      .clk_i(clk_i),
      .products_i(products),
      .value_i(value_i[V_BITS-1:0]),
      .sum_i(sum_i[SUM_BITS-1:0]),
      .sum_o(sum)
  );
  assign sum_o = {{(32 - SUM_BITS) {1'b0}}, sum};
  wire unused = &{1'b0, products_i, value_i, sum_i};
endmodule
`default_nettype wire
