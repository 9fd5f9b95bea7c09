// msq_counters: from any sums, each grows by one a cycle after its event, and all are zero after a clear. The
// states that it starts in are those of msq_event_counter's own proof.
`default_nettype none
module formal_counters (
    input wire              clk_i,
    input wire              rst_ni,
    input wire              clear_i,
    input wire              token_i,
    input wire              tile_i,
    input wire [`KINDS-1:0] errors_i
);
  wire [31:0] cycles, tokens, tiles, errors;
  wire [`KINDS-1:0] sticky;
  msq_counters #(
      .KINDS(`KINDS)
  ) u_dut (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .clear_i(clear_i),
      .token_i(token_i),
      .tile_i(tile_i),
      .errors_i(errors_i),
      .cycles_o(cycles),
      .tokens_o(tokens),
      .tiles_o(tiles),
      .errors_o(errors),
      .sticky_o(sticky)
  );
  (* keep *) wire dut_cycles_second, dut_cycles_third, dut_tokens_second, dut_tokens_third;
  (* keep *) wire dut_tiles_second, dut_tiles_third, dut_errors_second, dut_errors_third;

  wire clear = clear_i || !rst_ni;
  reg [1:0] age_q = 2'd0;
  reg was_clear_q, token_q, tile_q;
  reg [`KINDS-1:0] errors_q, sticky_q, seen_q;
  reg [31:0] cycles_q, tokens_q, tiles_q, error_cycles_q;
  reg moved_q;
  always @(posedge clk_i) begin
    if (age_q != 2'd2) age_q <= age_q + 2'd1;
    was_clear_q    <= clear;
    token_q        <= token_i && !clear;
    tile_q         <= tile_i && !clear;
    errors_q       <= clear ? {`KINDS{1'b0}} : errors_i;
    seen_q         <= errors_q;
    sticky_q       <= sticky;
    cycles_q       <= cycles + 32'd1;
    tokens_q       <= tokens + {31'd0, token_q};
    tiles_q        <= tiles + {31'd0, tile_q};
    error_cycles_q <= errors + {31'd0, |errors_q};
    moved_q        <= tokens[26];
  end
  always @* begin
    if (age_q == 2'd0) begin
      assume (dut_cycles_second == &cycles[15:8] && dut_cycles_third == &cycles[23:16]);
      assume (dut_tokens_second == &tokens[15:8] && dut_tokens_third == &tokens[23:16]);
      assume (dut_tiles_second == &tiles[15:8] && dut_tiles_third == &tiles[23:16]);
      assume (dut_errors_second == &errors[15:8] && dut_errors_third == &errors[23:16]);
    end
    if (age_q == 2'd2) begin
      assert (cycles == (was_clear_q ? 32'd0 : cycles_q));
      assert (tokens == (was_clear_q ? 32'd0 : tokens_q));
      assert (tiles == (was_clear_q ? 32'd0 : tiles_q));
      assert (errors == (was_clear_q ? 32'd0 : error_cycles_q));
      assert (sticky == (was_clear_q ? {`KINDS{1'b0}} : sticky_q | seen_q));
    end
    cover (age_q == 2'd2 && !was_clear_q && moved_q != tokens[26]);
    cover (age_q == 2'd2 && errors == 32'd2 && &sticky);
  end
endmodule
`default_nettype wire
