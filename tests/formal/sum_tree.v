// msq_sum_tree against sum + 2^F * (all products) + value, in a width that nothing overflows; a lane keeps
// the lowest SUM_BITS.
`default_nettype none
`ifndef REGISTERED
`define REGISTERED 0
`endif
module formal_sum_tree (
    input wire                            clk_i,
    input wire [`TERMS*(`P_BITS+1)-1:0]   products_i,
    input wire [`VALUE_BITS:0]            value_i,
    input wire [`SUM_BITS-1:0]            sum_i
);
  localparam P = `P_BITS;
  localparam WIDE = `SUM_BITS + P + `VALUE_BITS + 8;
  wire [`SUM_BITS-1:0] sum;
  msq_sum_tree #(
      .TERMS(`TERMS),
      .REGISTERED(`REGISTERED),
      .ALONE(`ALONE),
      .P_BITS(P),
      .VALUE_BITS(`VALUE_BITS),
      .FRACTION_BITS(`FRACTION_BITS),
      .SUM_BITS(`SUM_BITS)
  ) u_dut (
      .clk_i(clk_i),
      .products_i(products_i),
      .value_i(value_i),
      .sum_i(sum_i),
      .sum_o(sum)
  );

  // {p, s} stands for p + s, which fits the width of p.
  reg signed [WIDE-1:0] products;
  reg fits;
  integer k;
  always @* begin
    products = 0;
    fits = 1'b1;
    for (k = 0; k < `TERMS; k = k + 1) begin
      products = products + $signed(products_i[k*(P+1)+1+:P]) + $signed({1'b0, products_i[k*(P+1)]});
      if (products_i[k*(P+1)+:P+1] == {1'b0, {P{1'b1}}}) fits = 1'b0;
    end
  end
  always @* assume (fits);
  wire signed [WIDE-1:0] value;
  generate
    if (`VALUE_BITS == 0) begin : gen_no_value
      assign value = 0;
    end else begin : gen_value
      assign value = $signed(value_i[`VALUE_BITS:1]) + $signed({1'b0, value_i[0]});
      always @* begin
        assume (value_i != {1'b0, {`VALUE_BITS{1'b1}}});
        // The product of a row with an outlier is zero, as its slot is cleared, if it has no other weight.
        if (`TERMS == 1 && `ALONE != 0) assume (value_i == 0 || products_i == 0);
      end
    end
  endgenerate
  wire signed [WIDE-1:0] sum_in = $signed(sum_i);

  // With several rows products come a cycle before the value, unless they are registered, and the sum a
  // cycle after it.
  wire signed [WIDE-1:0] steps = products <<< `FRACTION_BITS;
  reg [2:0] age_q = 3'd0;
  reg signed [WIDE-1:0] products_q, band_q, wanted_q;
  always @(posedge clk_i) begin
    if (age_q != 3'd7) age_q <= age_q + 3'd1;
    products_q <= steps;
    band_q     <= ((`REGISTERED != 0) ? steps : products_q) + value;
    wanted_q   <= sum_in + ((`TERMS == 1) ? steps + value : band_q);
  end
  wire signed [WIDE-1:0] before = (`REGISTERED != 0) ? band_q : products_q;
  wire there = age_q >= ((`TERMS == 1) ? 3'd1 : 3'd3);
  always @* begin
    if (there) begin
      assert (sum == wanted_q[`SUM_BITS-1:0]);
      cover (wanted_q == -77 * (1 << `FRACTION_BITS) && sum[`SUM_BITS-1]);
      cover (wanted_q == ((`VALUE_BITS == 0) ? 34 : 33) && before < 0 && sum_in < 0);
    end
  end
endmodule
`default_nettype wire
