// Counters of the whole core, at its ports: from any sums, tokens grow by one two cycles after a token is
// accepted, tiles after the first token of a tile, errors after a cycle with one, and all are zero after a
// clear. The sums' states at the start are those of msq_event_counter's own proof, the sequencer is between
// any two rows and tokens; that rows follow without a pause is never promised.
`default_nettype none
module formal_core_counters (
    input wire        clk_i,
    input wire        rst_ni,
    input wire        clear_i,
    input wire        load_valid_i,
    input wire [7:0]  interval_i,
    input wire [7:0]  gap_i,
    input wire [15:0] weights_i,
    input wire [1:0]  has_outliers_i,
    input wire [15:0] scales_i,
    input wire [7:0]  lists_i,
    input wire        act_valid_i,
    input wire        act_last_i,
    input wire [31:0] act_data_i
);
  wire load_ready, act_ready, psum_valid, psum_last, psum_soon_valid, psum_soon_last;
  wire [35:0] psum;
  wire [3:0] error_kinds;
  wire [31:0] cycles, tokens, tiles, errors, accesses, waits;
  msq_core u_dut (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .clear_counters_i(clear_i),
      .load_valid_i(load_valid_i),
      .load_ready_o(load_ready),
      .load_mode4_i(1'b0),
      .load_interval_i(interval_i),
      .load_gap_i(gap_i),
      .load_follow_i(2'd0),
      .load_weights_i(weights_i),
      .load_has_outliers_i(has_outliers_i),
      .load_mx_scale_i(scales_i),
      .load_list_i(lists_i),
      .act_valid_i(act_valid_i),
      .act_ready_o(act_ready),
      .act_last_i(act_last_i),
      .act_data_i(act_data_i),
      .psum_valid_o(psum_valid),
      .psum_last_o(psum_last),
      .psum_soon_valid_o(psum_soon_valid),
      .psum_soon_last_o(psum_soon_last),
      .psum_o(psum),
      .protocol_error_o(error_kinds),
      .count_cycles_o(cycles),
      .count_tokens_o(tokens),
      .count_tiles_o(tiles),
      .count_errors_o(errors),
      .count_recon_accesses_o(accesses),
      .count_recon_waits_o(waits)
  );
  (* keep *) wire dut_cycles_second, dut_cycles_third, dut_tokens_second, dut_tokens_third;
  (* keep *) wire dut_tiles_second, dut_tiles_third, dut_errors_second, dut_errors_third;
  (* keep *) wire dut_in_tile, dut_soon, dut_begun;
  (* keep *) wire [3:0] dut_next_row;
  (* keep *) wire [2:0] dut_left;
  (* keep *) wire [2:0] dut_errors;  // of the cycle, by kind

  wire clear = clear_i || !rst_ni;
  wire launch = act_valid_i && act_ready;
  reg [1:0] age_q = 2'd0;
  reg in_tile_q, was_clear_q, token_q, tile_q, error_q;
  reg [31:0] cycles_q, tokens_q, tiles_q, errors_q;
  always @(posedge clk_i) begin
    if (age_q != 2'd2) age_q <= age_q + 2'd1;
    if (!rst_ni) in_tile_q <= 1'b0;
    else if (age_q == 2'd0) in_tile_q <= launch ? !act_last_i : dut_in_tile;
    else if (launch) in_tile_q <= !act_last_i;
    was_clear_q <= clear;
    token_q     <= launch && !clear;
    tile_q      <= launch && !clear && (age_q == 2'd0 ? !dut_in_tile : !in_tile_q);
    error_q     <= |dut_errors && !clear;
    cycles_q    <= cycles + 32'd1;
    tokens_q    <= tokens + {31'd0, token_q};
    tiles_q     <= tiles + {31'd0, tile_q};
    errors_q    <= errors + {31'd0, error_q};
  end
  // The row that is due, and how many are.
  wire rows = (dut_next_row == 4'd1 && dut_left == 3'd4) || (dut_next_row == 4'd2 && dut_left == 3'd3)
      || (dut_next_row == 4'd4 && dut_left == 3'd2) || (dut_next_row == 4'd8 && dut_left == 3'd1);
  always @* begin
    if (age_q == 2'd0) begin
      assume (rows && !dut_soon && !dut_begun);
      assume (dut_cycles_second == &cycles[15:8] && dut_cycles_third == &cycles[23:16]);
      assume (dut_tokens_second == &tokens[15:8] && dut_tokens_third == &tokens[23:16]);
      assume (dut_tiles_second == &tiles[15:8] && dut_tiles_third == &tiles[23:16]);
      assume (dut_errors_second == &errors[15:8] && dut_errors_third == &errors[23:16]);
    end else begin
      assert (rows && !dut_soon && !dut_begun);
      assert (in_tile_q == dut_in_tile);
    end
    if (age_q == 2'd2) begin
      assert (cycles == (was_clear_q ? 32'd0 : cycles_q));
      assert (tokens == (was_clear_q ? 32'd0 : tokens_q));
      assert (tiles == (was_clear_q ? 32'd0 : tiles_q));
      assert (errors == (was_clear_q ? 32'd0 : errors_q));
    end
    assert (accesses == 32'd0 && waits == 32'd0);
    cover (age_q == 2'd2 && !was_clear_q && tiles_q[25] && tiles == 32'h02000000 && tile_q);
    cover (age_q == 2'd2 && errors == 32'd2 && tiles == 32'd1);
  end
endmodule
`default_nettype wire
