// msq_sequencer with msq_wavefront_recon, as the core connects them for one column group. For any loads and
// tokens:
//   * the tokens of a tile are launched at multiples of its interval, its first one not before its gap, all
//     rows loaded;
//   * a row's shadow weights are not overwritten before their tile has taken them, and every tile takes its
//     own;
//   * if the flagged rows of a tile are distinct modulo its interval, and the gap is that required by the
//     rows of two neighbours, two
//     rows never fire in one cycle, and no plain row loses an activation.
// Intervals and gaps are small, so that many tiles fit into a bounded time.
`default_nettype none
module formal_sequencer (
    input wire       clk_i,
    input wire       rst_ni,
    input wire       load_valid_i,
    input wire       load_mode4_i,
    input wire [7:0] load_interval_i,
    input wire [7:0] load_gap_i,
    input wire [`ROWS-1:0] flags_i,  // of the tile being loaded
    input wire       act_valid_i,
    input wire       act_last_i
);
  localparam ROWS = `ROWS;
  localparam LEAD = 2;
  wire load_ready, load_parity, act_ready, launch, launch_first, launch_mode4, launch_parity, launch_waited,
      error;
  wire [ROWS-1:0] next_row, load_row, commit, early, mode4, fire, use_addend, fire_waited, fire_parity;
  wire out_valid, out_last, gap_error;
  msq_sequencer #(
      .ROWS(ROWS)
  ) u_sequencer (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .load_valid_i(load_valid_i),
      .load_ready_o(load_ready),
      .load_mode4_i(load_mode4_i),
      .load_interval_i(load_interval_i),
      .load_gap_i(load_gap_i),
      .load_follow_i(1'b0),
      .next_row_o(next_row),
      .load_row_o(load_row),
      .load_parity_o(load_parity),
      .committed_i(commit),
      .act_valid_i(act_valid_i),
      .act_ready_o(act_ready),
      .act_last_i(act_last_i),
      .launch_o(launch),
      .launch_first_o(launch_first),
      .launch_mode4_o(launch_mode4),
      .launch_parity_o(launch_parity),
      .launch_waited_o(launch_waited),
      .error_o(error)
  );
  msq_wavefront_recon #(
      .ROWS(ROWS),
      .LEAD(LEAD)
  ) u_wavefront (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .load_row_i(load_row),
      .load_parity_i(load_parity),
      .load_flagged_i(|(load_row & flags_i)),
      .launch_i(launch),
      .launch_first_i(launch_first),
      .launch_last_i(act_last_i),
      .launch_mode4_i(launch_mode4),
      .launch_parity_i(launch_parity),
      .launch_waited_i(launch_waited),
      .early_o(early),
      .commit_o(commit),
      .mode4_o(mode4),
      .fire_o(fire),
      .fire_waited_o(fire_waited),
      .fire_parity_o(fire_parity),
      .use_addend_o(use_addend),
      .out_valid_o(out_valid),
      .out_last_o(out_last),
      .error_o(gap_error)
  );

  reg started_q = 1'b0;
  always @(posedge clk_i) started_q <= 1'b1;
  wire load = load_valid_i && load_ready;

  // The tile being loaded, waiting, or loaded last, and the running one: headers as they were given.
  reg [7:0] next_interval_q, next_gap_q, interval_q;
  reg [ROWS-1:0] next_flags_q, flags_q;
  reg next_mode4_q;
  reg [2:0] rows_q;  // rows of the next tile that are loaded
  reg running_q;     // more tokens of the running tile to come
  reg any_q;         // there has been a tile
  reg [7:0] since_q;  // cycles since the last launch
  reg [7:0] age_q;    // cycles since the first launch of the tile, modulo its interval
  wire starts = launch && !running_q;
  wire [7:0] slots = starts ? next_interval_q : interval_q;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      rows_q    <= 0;
      running_q <= 1'b0;
      any_q     <= 1'b0;
      since_q   <= 8'hff;
      age_q     <= 0;
      flags_q   <= 0;
    end else begin
      if (load && rows_q == 0) begin
        next_interval_q <= load_interval_i;
        next_gap_q      <= load_gap_i;
        next_flags_q    <= flags_i;
        next_mode4_q    <= load_mode4_i;
      end
      rows_q <= (starts ? 0 : rows_q) + load;
      if (starts) begin
        interval_q <= next_interval_q;
        flags_q    <= next_flags_q;
        any_q      <= 1'b1;
      end
      if (launch) running_q <= !act_last_i;
      since_q <= launch ? 8'd1 : (since_q == 8'hff) ? 8'hff : since_q + 8'd1;
      age_q   <= ((starts ? 8'd0 : age_q) + 8'd1 == slots) ? 8'd0 : (starts ? 8'd0 : age_q) + 8'd1;
    end
  end

  // The mapper's promise about intervals and gaps (architecture.md): values given with the first row
  // hold for all.
  integer i, j;
  always @* begin
    if (!started_q) assume (!rst_ni);
    assume (load_interval_i >= 1 && load_interval_i <= 3 && load_gap_i >= 1 && load_gap_i <= ROWS + 1);
    if (rows_q != 0) assume (load_interval_i == next_interval_q && load_gap_i == next_gap_q
        && flags_i == next_flags_q);
    for (i = 0; i < ROWS; i = i + 1) begin
      for (j = 0; j < i; j = j + 1) begin
        if (flags_i[i] && flags_i[j]) assume (!(load_interval_i == 1 || (i - j) == load_interval_i ||
                                                (i - j) == 2 * load_interval_i
                                                    || (i - j) == 3 * load_interval_i));
      end
    end
  end
  // The tile before the one being loaded: the running or last one. Row i of it fires i cycles after a launch,
  // row j of the next one j cycles after its own, which is at least the gap later: i - j must be less than
  // the gap. A row that turns from plain to flagged takes its activation LEAD cycles early.
  always @* begin
    for (i = 0; i < ROWS; i = i + 1) begin
      for (j = 0; j < i; j = j + 1) begin
        if (starts && any_q && flags_q[i] && next_flags_q[j]) assume (next_gap_q > i - j);
      end
      if (starts && any_q && !flags_q[i] && next_flags_q[i]) assume (next_gap_q >= LEAD + 1);
    end
  end

  // Which tile a row's shadow and active weights belong to: numbers modulo 8, more than can be on the way.
  reg [2:0] loading_q;   // number of the tile being loaded
  reg [2:0] launching_q; // of the running one
  reg [3*ROWS-1:0] shadow_q;
  reg [ROWS-1:0] full_q;
  reg [3*(ROWS+LEAD)-1:0] travels_q;  // number of the tile of the token at each early and late point
  reg [ROWS*(ROWS+LEAD)-1:0] marks_q;  // flags of its tile
  reg [ROWS+LEAD-1:0] there_q;         // there is a token
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      loading_q   <= 0;
      launching_q <= 3'd7;
      full_q      <= 0;
    end else begin
      if (load && rows_q == ROWS - 1) loading_q <= loading_q + 3'd1;
      if (starts) launching_q <= launching_q + 3'd1;
      full_q <= (full_q & ~commit) | load_row;
    end
    for (i = 0; i < ROWS; i = i + 1) if (load_row[i]) shadow_q[3*i+:3] <= loading_q;
    there_q   <= rst_ni ? {there_q[ROWS+LEAD-2:0], launch} : 0;
    marks_q   <= {marks_q[ROWS*(ROWS+LEAD-1)-1:0], starts ? next_flags_q : flags_q};
    travels_q <= {travels_q[3*(ROWS+LEAD-1)-1:0], launching_q + {2'b00, starts}};
  end

  always @* begin
    if (started_q && rst_ni) begin
      // Launching.
      if (launch && running_q) assert (age_q == 0);
      if (starts) assert (since_q >= next_gap_q && rows_q == ROWS && launch_first
          && launch_mode4 == next_mode4_q);
      assert (!error);
      if (load) assert (rows_q < ROWS);
      assert (next_row == ({{(ROWS - 1) {1'b0}}, 1'b1} << ((rows_q == ROWS) ? 0 : rows_q)));
      assert (load_row == ({ROWS{load}} & ({{(ROWS - 1) {1'b0}}, 1'b1} << rows_q)));
      // A token whose slot it is does not wait.
      if (act_valid_i && running_q && age_q == 0) assert (launch);
      if (act_valid_i && !running_q && rows_q == ROWS && since_q >= next_gap_q) assert (launch);
      // Weights.
      assert ((load_row & full_q) == 0);
      assert ((commit & ~full_q) == 0);
      for (i = 0; i < ROWS; i = i + 1) begin
        if (commit[i]) assert (shadow_q[3*i+:3] == (early[i] ? travels_q[3*i+:3] : travels_q[3*(i+LEAD)+:3]));
      end
      // A token goes to ReCoN in the rows that its own tile flags, and gets the addends LEAD cycles later.
      for (i = 0; i < ROWS; i = i + 1) begin
        assert (fire[i] == (there_q[i] && marks_q[ROWS*i+i]));
        assert (use_addend[i] == (there_q[i+LEAD] && marks_q[ROWS*(i+LEAD)+i]));
      end
      // One row at a time.
      assert ((fire & (fire - 1'b1)) == 0);
      assert (!gap_error);
      cover (launching_q == 3'd1 && |fire && |use_addend);
      cover (launch && running_q && interval_q == 2 && flags_q[1:0] == 2'b11 && fire[1]);
      cover (starts && any_q && since_q == 1 && |flags_q && |next_flags_q);
      cover (starts && any_q && !flags_q[1] && next_flags_q[1] && fire == 0 && |there_q);
    end
  end
endmodule
`default_nettype wire
