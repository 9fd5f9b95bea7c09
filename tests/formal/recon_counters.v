// msq_recon_counters: from any sums, each grows by the units that fired or waited in the cycle before, and
// both are zero after a clear. The states that it starts in are those of msq_event_counter's own proof.
`default_nettype none
module formal_recon_counters (
    input wire              clk_i,
    input wire              rst_ni,
    input wire              clear_i,
    input wire [`UNITS-1:0] fired_i,
    input wire [`UNITS-1:0] waited_i
);
  wire [31:0] accesses, waits;
  msq_recon_counters #(
      .UNITS(`UNITS)
  ) u_dut (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .clear_i(clear_i),
      .fired_i(fired_i),
      .waited_i(waited_i),
      .accesses_o(accesses),
      .waits_o(waits)
  );
  (* keep *) wire dut_accesses_second, dut_accesses_third, dut_waits_second, dut_waits_third;

  reg [31:0] fired, waited;  // how many
  integer i;
  always @* begin
    fired  = 32'd0;
    waited = 32'd0;
    for (i = 0; i < `UNITS; i = i + 1) begin
      fired  = fired + {31'd0, fired_i[i]};
      waited = waited + {31'd0, waited_i[i]};
    end
  end
  wire clear = clear_i || !rst_ni;
  reg [1:0] age_q = 2'd0;
  reg was_clear_q, moved_q;
  reg [31:0] fired_q, waited_q, accesses_q, waits_q;
  always @(posedge clk_i) begin
    if (age_q != 2'd2) age_q <= age_q + 2'd1;
    was_clear_q <= clear;
    fired_q     <= clear ? 32'd0 : fired;
    waited_q    <= clear ? 32'd0 : waited;
    accesses_q  <= accesses + fired_q;
    waits_q     <= waits + waited_q;
    moved_q     <= accesses[26];
  end
  always @* begin
    if (age_q == 2'd0) begin
      assume (dut_accesses_second == &accesses[15:8] && dut_accesses_third == &accesses[23:16]);
      assume (dut_waits_second == &waits[15:8] && dut_waits_third == &waits[23:16]);
    end
    if (age_q == 2'd2) begin
      assert (accesses == (was_clear_q ? 32'd0 : accesses_q));
      assert (waits == (was_clear_q ? 32'd0 : waits_q));
    end
    cover (age_q == 2'd2 && !was_clear_q && moved_q != accesses[26]);
    cover (age_q == 2'd2 && waits == 32'd`UNITS && fired_q == 32'd0);
  end
endmodule
`default_nettype wire
