// Included by the checkers of a PE and of its multiplier: copies of its weight registers, which those of the
// leaf (dut_shadow, dut_active, connected by the driver) must equal, and what the weights of the two lanes
// are as signed numbers.

  // The registers of the leaf, so that the properties can be proved by induction.
  (* keep *) wire [3:0] dut_shadow;
  (* keep *) wire [3:0] dut_active;

  // Shadow and active weight, known from the first load and the first commit after it.
  reg       loaded_q = 1'b0;
  reg       ready_q = 1'b0;
  reg [3:0] shadow_q;
  reg [3:0] active_q;
  always @(posedge clk_i) begin
    if (load_i) begin
      loaded_q <= 1'b1;
      shadow_q <= weight_i;
    end
    if (commit_i && loaded_q) begin
      ready_q  <= 1'b1;
      active_q <= shadow_q;
    end
  end
  always @* begin
    if (loaded_q) assert (dut_shadow == shadow_q);
    if (ready_q) assert (loaded_q && dut_active == active_q);
  end

  // Codes are two's complement with encoding full_range, else sign and magnitude.
  wire wide = (`MODE2 == 0) || ((`MODE4 != 0) && mode4_i);
  wire negative0 = wide ? active_q[3] : active_q[1];
  wire negative1 = !wide && active_q[3];
  wire signed [4:0] magnitude0 = $signed({2'b00, wide ? active_q[2:0] : {2'b00, active_q[0]}});
  wire signed [4:0] magnitude1 = $signed({4'b0000, active_q[2] && !wide});
  wire signed [4:0] twos0 = wide ? $signed(active_q) : $signed(active_q[1:0]);
  wire signed [4:0] twos1 = wide ? 5'sd0 : $signed(active_q[3:2]);
  wire signed [4:0] q0 = (`FULL_RANGE != 0) ? twos0 : negative0 ? -magnitude0 : magnitude0;
  wire signed [4:0] q1 = (`FULL_RANGE != 0) ? twos1 : negative1 ? -magnitude1 : magnitude1;
