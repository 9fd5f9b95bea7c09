// Adder of a PE that ReCoN can serve: adds four times the product, or the addend.
`default_nettype none
module formal_sum_lane (
    input wire                    clk_i,
    input wire [`P_BITS:0]        product_i,
    input wire                    use_addend_i,
    input wire [`ADDEND_BITS-1:0] addend_i,
    input wire [`SUM_BITS-1:0]    sum_i
);
  wire [`SUM_BITS-1:0] recon;
  msq_sum_lane_recon #(
      .SUM_BITS(`SUM_BITS),
      .P_BITS(`P_BITS),
      .ADDEND_BITS(`ADDEND_BITS)
  ) u_recon (
      .clk_i(clk_i),
      .product_i(product_i),
      .use_addend_i(use_addend_i),
      .addend_i(addend_i),
      .sum_i(sum_i),
      .sum_o(recon)
  );

  // Exact values in a width that nothing overflows; a lane keeps the lowest SUM_BITS of them. A product is
  // never all ones and s: p is inverted if s is set, and p + s must fit the width of p
  // (docs/reference/architecture.md).
  wire signed [39:0] value = $signed(product_i[`P_BITS:1]) + $signed({1'b0, product_i[0]});
  wire signed [39:0] sum = $signed(sum_i);
  wire signed [39:0] addend = $signed(addend_i);
  reg there_q = 1'b0;
  reg [`SUM_BITS-1:0] recon_q;
  reg signed [39:0] value_q, sum_q;
  reg use_q;
  always @(posedge clk_i) begin
    there_q <= 1'b1;
    recon_q <= sum + (use_addend_i ? addend : 40'sd4 * value);
    value_q <= value;
    sum_q <= sum;
    use_q <= use_addend_i;
  end
  always @* begin
    if (there_q) begin
      assert (recon == recon_q);
      cover (value_q < 0 && sum_q > 0 && use_q);
      cover (value_q < 0 && sum_q > 0 && !use_q && $signed(recon) < 0);
    end
  end
endmodule
`default_nettype wire
