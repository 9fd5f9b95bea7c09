// msq_scale against its rule: the scale of the largest exponent of all groups since the first of the run.
`default_nettype none
module formal_scale (
    input wire                 clk_i,
    input wire                 enable_i,
    input wire                 scan_i,
    input wire                 first_i,
    input wire                 four_i,
    input wire [`LANES-1:0]    zero_i,
    input wire [`LANES*10-1:0] log2_i
);
  localparam PAIRS = (`LANES > 1) ? `LANES / 2 : 1;
  localparam STEPS = $clog2(PAIRS) / 2 + 1;  // registers before the largest so far
  wire [7:0] scale;
  msq_scale #(
      .LANES(`LANES)
  ) u_dut (
      .clk_i(clk_i),
      .enable_i(enable_i),
      .scan_i(scan_i),
      .first_i(first_i),
      .four_i(four_i),
      .zero_i(zero_i),
      .log2_i(log2_i),
      .scale_o(scale)
  );

  // Scale of this group, lane by lane.
  reg signed [7:0] group, one;
  reg signed [10:0] wanted;
  integer l;
  always @* begin
    group = -8'sd128;
    for (l = 0; l < `LANES; l = l + 1) begin
      wanted = $signed({log2_i[10*l+9], log2_i[10*l+:10]}) - (four_i ? 11'sd2 : 11'sd6);
      one = (wanted > 11'sd127) ? 8'sd127 : (wanted < -11'sd127) ? -8'sd127 : wanted[7:0];
      if (!zero_i[l] && one > group) group = one;
    end
  end
  // Exponents of accumulators of 44 bits and shifts of a byte are far from the ends of ten bits.
  reg legal;
  always @* begin
    legal = 1'b1;
    for (l = 0; l < `LANES; l = l + 1)
      if ($signed(log2_i[10*l+:10]) < -10'sd400 || $signed(log2_i[10*l+:10]) > 10'sd400) legal = 1'b0;
    assume (legal);
  end

  // A run has one format.
  reg four_q;
  always @(posedge clk_i) if (enable_i && scan_i && first_i) four_q <= four_i;
  always @* if (scan_i && !first_i) assume (four_i == four_q);

  // The group moves as the steps of the tree do.
  reg  [10*STEPS-1:0] line_q;  // {scan, first, group}, the newest lowest
  wire [10*STEPS-1:0] line_d = line_q << 10 | {scan_i, first_i, group};
  wire scan = line_q[10*STEPS-1];
  wire first = line_q[10*STEPS-2];
  wire signed [7:0] came = line_q[10*STEPS-3-:8];
  reg signed [7:0] largest_q;
  reg [2:0] age_q = 3'd0;  // enabled cycles, saturating
  reg begun_q = 1'b0;      // a first group has arrived
  wire moved = age_q >= STEPS;
  always @(posedge clk_i) begin
    if (enable_i) begin
      line_q <= line_d;
      if (age_q != 3'd7) age_q <= age_q + 3'd1;
      if (scan) largest_q <= (first || came > largest_q) ? came : largest_q;
      if (scan && first && moved) begun_q <= 1'b1;
    end
  end
  always @* begin
    if (begun_q) begin
      assert (scale == largest_q);
      cover (!first && scan && came > largest_q && largest_q > -8'sd127);
      cover (largest_q == 8'sd127);
      cover (largest_q == -8'sd128);
    end
  end
endmodule
`default_nettype wire
