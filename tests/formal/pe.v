// msq_pe_recon against what a processing element is to compute, from weight load to sums.
`default_nettype none
module formal_pe (
    input wire                            clk_i,
    input wire                            load_i,
    input wire [3:0]                      weight_i,
    input wire                            commit_i,
    input wire                            mode4_i,
    input wire [`ACT_BITS-1:0]            x_i,
    input wire                            use_addend_i,
    input wire [`ACT_BITS+11:0]           addend0_i,
    input wire [`ACT_BITS+9:0]            addend1_i,
    input wire [(1+`MODE2)*`SUM_BITS-1:0] sum_i
);
  localparam ACT = `ACT_BITS;
  localparam SUM = `SUM_BITS;
  localparam LANES = 1 + `MODE2;

  wire [LANES*SUM-1:0] sum_o;
  localparam ADDEND_BITS = ACT + 12 + ((`MODE2 != 0) ? ACT + 10 : 0);
  wire [2*ACT+21:0] addends = {addend1_i, addend0_i};
  msq_pe_recon #(
      .ACT_BITS(ACT),
      .MODE2(`MODE2),
      .MODE4(`MODE4),
      .FULL_RANGE(`FULL_RANGE),
      .FRACTION_BITS(`FRACTION_BITS),
      .SUM_BITS(SUM),
      .ADDEND0_BITS(ACT + 12),
      .ADDEND1_BITS(ACT + 10)
  ) u_dut (
      .clk_i(clk_i),
      .load_i(load_i),
      .weight_i(weight_i),
      .commit_i(commit_i),
      .mode4_i(mode4_i),
      .x_i(x_i),
      .product_o(),
      .use_addend_i(use_addend_i),
      .addend_i(addends[ADDEND_BITS-1:0]),
      .sum_i(sum_i),
      .sum_o(sum_o)
  );

  // Registers of weights: ready_q; and q0, q1.
  `include "weights.vh"

  // The product a cycle later; the sum another one.
  wire signed [SUM-1:0] x = $signed(x_i);
  wire signed [SUM-1:0] unit = 1 << `FRACTION_BITS;
  reg                  there_q = 1'b0;
  reg                  there2_q = 1'b0;
  reg signed [SUM-1:0] product0_q, product1_q;
  reg signed [SUM-1:0] sum0_q, sum1_q;
  reg use_q;
  always @(posedge clk_i) begin
    there_q    <= ready_q;
    there2_q   <= there_q;
    product0_q <= x * q0;
    product1_q <= x * q1;
    use_q      <= use_addend_i;
    sum0_q <= $signed(sum_i[SUM-1:0]) + (use_addend_i ? $signed(addend0_i) : unit * product0_q);
    sum1_q <= $signed(sum_i[LANES*SUM-1-:SUM]) + (use_addend_i ? $signed(addend1_i) : unit * product1_q);
  end
  always @* begin
    if (there2_q) begin
      assert (sum_o[SUM-1:0] == sum0_q);
      if (`MODE2 != 0) assert (sum_o[LANES*SUM-1-:SUM] == sum1_q);
      cover (use_q && sum0_q == -77);
      cover (!use_q && sum0_q == 33);
      cover (load_i && commit_i && x_i == 5);
    end
  end
endmodule
`default_nettype wire
