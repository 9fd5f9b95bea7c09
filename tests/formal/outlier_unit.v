// msq_outlier_unit against (significand * x) << r, from the load of its word to its value, and its registers
// against copies.
`default_nettype none
module formal_outlier_unit (
    input wire                                                      clk_i,
    input wire                                                      load_i,
    input wire [`SIG_BITS+$clog2(`ROWS)+`LANE_BITS+`SHIFT_BITS-1:0] word_i,
    input wire                                                      commit_i,
    input wire                                                      commit_late_i,
    input wire [`ROWS*`ACT_BITS-1:0]                                x_i
);
  localparam ACT = `ACT_BITS;
  localparam SIG = `SIG_BITS;
  localparam ROW_BITS = $clog2(`ROWS);
  localparam EARLY = SIG + ROW_BITS;
  localparam LATE = `LANE_BITS + `SHIFT_BITS;
  localparam VALUE_BITS = ACT + SIG - 1 + `SHIFT_MAX;
  wire [`LANE_BITS-1:0] lane;
  wire [VALUE_BITS:0] value;
  msq_outlier_unit #(
      .ACT_BITS(ACT),
      .ROWS(`ROWS),
      .LANE_BITS(`LANE_BITS),
      .SIG_BITS(SIG),
      .SHIFT_MAX(`SHIFT_MAX),
      .SHIFT_BITS(`SHIFT_BITS)
  ) u_dut (
      .clk_i(clk_i),
      .load_i(load_i),
      .word_i(word_i),
      .commit_i(commit_i),
      .commit_late_i(commit_late_i),
      .x_i(x_i),
      .lane_o(lane),
      .value_o(value)
  );

  // The registers of the leaf, so that the properties can be proved by induction.
  (* keep *) wire [EARLY+LATE-1:0] dut_shadow;
  (* keep *) wire [EARLY-1:0] dut_early;
  (* keep *) wire [LATE-1:0] dut_late;
  reg loaded_q = 1'b0;
  reg early_ready_q = 1'b0;
  reg late_ready_q = 1'b0;
  reg [EARLY+LATE-1:0] shadow_q;
  reg [EARLY-1:0] early_q;
  reg [LATE-1:0] late_q;
  always @(posedge clk_i) begin
    if (load_i) begin
      loaded_q <= 1'b1;
      shadow_q <= word_i;
    end
    if (commit_i && loaded_q) begin
      early_ready_q <= 1'b1;
      early_q       <= shadow_q[EARLY-1:0];
    end
    if (commit_late_i && loaded_q) begin
      late_ready_q <= 1'b1;
      late_q       <= shadow_q[EARLY+LATE-1:EARLY];
    end
  end
  always @* begin
    if (loaded_q) assert (dut_shadow == shadow_q);
    if (early_ready_q) assert (loaded_q && dut_early == early_q);
    if (late_ready_q) assert (loaded_q && dut_late == late_q);
  end

  wire [ACT-1:0] x;
  generate
    if (`ROWS == 1) begin : gen_one_row
      assign x = x_i;
    end else begin : gen_rows
      wire [`ROWS*ACT-1:0] from = x_i >> (early_q[EARLY-1:SIG] * ACT);
      assign x = from[ACT-1:0];
    end
  endgenerate

  // Activations are at least -(2^(ACT - 1) - 1), and r at most SHIFT_MAX.
  wire [`SHIFT_BITS-1:0] shift = late_q[LATE-1:`LANE_BITS];
  always @* begin
    assume (x != {1'b1, {(ACT - 1) {1'b0}}});
    if (late_ready_q) assume (shift <= `SHIFT_MAX);
  end

  wire signed [SIG-1:0] significand = early_q[SIG-1:0];
  wire signed [VALUE_BITS+1:0] wide_x = $signed(x);
  reg there_q = 1'b0;
  reg signed [VALUE_BITS+1:0] product_q;
  reg signed [ACT-1:0] x_q;
  always @(posedge clk_i) begin
    there_q   <= early_ready_q;
    product_q <= wide_x * significand;
    x_q       <= x;
  end
  wire signed [VALUE_BITS+1:0] v = $signed(value[VALUE_BITS:1]);
  wire signed [VALUE_BITS+1:0] s = $signed({1'b0, value[0]});
  always @* begin
    if (there_q && late_ready_q) begin
      assert (lane == late_q[`LANE_BITS-1:0]);
      assert (v + s == (product_q <<< shift));
      cover (shift == `SHIFT_MAX && product_q == -7 * x_q && x_q == 3 && &lane);
      cover (product_q == 5 * x_q && x_q == -2 && shift == 0);
    end
  end
endmodule
`default_nettype wire
