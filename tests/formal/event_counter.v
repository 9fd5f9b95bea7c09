// msq_event_counter: the sum grows by the amount in every cycle, from any sum, and is zero after a clear. It
// starts in any state whose flags fit their segments, as after two cycles of clear.
`default_nettype none
module formal_event_counter (
    input wire                    clk_i,
    input wire                    clear_i,
    input wire [`AMOUNT_BITS-1:0] amount_i
);
  wire [31:0] sum;
  msq_event_counter #(
      .AMOUNT_BITS(`AMOUNT_BITS)
  ) u_dut (
      .clk_i(clk_i),
      .clear_i(clear_i),
      .amount_i(amount_i),
      .sum_o(sum)
  );
  (* keep *) wire dut_second_full;
  (* keep *) wire dut_third_full;
  wire [8:0] amount = amount_i;
  always @* assume (amount <= 9'd128);

  reg started_q = 1'b0;
  reg carried_q = 1'b0, moved_q = 1'b0;  // carries out of the first, into the last segment
  reg [31:0] expected_q;
  wire [31:0] next = clear_i ? 32'd0 : sum + {23'd0, amount};
  always @(posedge clk_i) begin
    started_q  <= 1'b1;
    expected_q <= next;
    carried_q  <= sum[8] != next[8];
    moved_q    <= sum[24] != next[24];
  end
  always @* begin
    if (!started_q) begin
      assume (dut_second_full == &sum[15:8]);
      assume (dut_third_full == &sum[23:16]);
    end else begin
      assert (sum == expected_q);
    end
    cover (started_q && moved_q && sum[31:24] == 8'd0 && !clear_i);
    cover (started_q && carried_q && !moved_q && sum != 32'd0);
  end
endmodule
`default_nettype wire
