// msq_sequencer with EARLY and msq_wavefront, as the cores of paths inline and none connect them: bands of
// TREE rows, GROUPS column groups, whose commits are delayed as the array delays them. The environment keeps
// the promise of load_follow_i, rows that follow without a pause. For any other behaviour:
//   * every tile takes its own weights in every row, band and column group, and no shadow weights are
//     overwritten before all have taken them; with UNITS also those of outlier units, which get their words a
//     cycle after the row is loaded, all of a band anew with its first row, and take the last of them a cycle
//     after the PEs;
//   * a token whose slot it is does not wait; the first one of a tile neither if the rest of the tile is
//     promised and its place is free;
//   * first tokens of two tiles are at least GROUPS + ROWS - EARLY cycles apart;
//   * with rows and tokens offered all the time and one token per tile, a tile begins at most PERIOD cycles
//     after the one before, and after SETTLED cycles a row is loaded in each cycle.
`default_nettype none
module formal_early (
    input wire                    clk_i,
    input wire                    rst_ni,
    input wire                    load_valid_i,
    input wire                    load_mode4_i,
    input wire [7:0]              load_interval_i,
    input wire [7:0]              load_gap_i,
    input wire [`FOLLOW_BITS-1:0] load_follow_i,
    input wire                    act_valid_i,
    input wire                    act_last_i
);
  localparam ROWS = `ROWS;
  localparam TREE = `TREE;
  localparam BANDS = ROWS / TREE;
  localparam GROUPS = `GROUPS;
  localparam EARLY = `EARLY;
  wire load_ready, load_parity, act_ready, launch, launch_first, launch_mode4, launch_parity, error;
  wire [ROWS-1:0] next_row, load_row;
  wire [BANDS-1:0] commit;
  wire out_valid;
  reg [ROWS-1:0] rows_committed;
  msq_sequencer #(
      .ROWS(ROWS),
      .EARLY(EARLY),
      .BAND(TREE)
  ) u_sequencer (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .load_valid_i(load_valid_i),
      .load_ready_o(load_ready),
      .load_mode4_i(load_mode4_i),
      .load_interval_i(load_interval_i),
      .load_gap_i(load_gap_i),
      .load_follow_i(load_follow_i),
      .next_row_o(next_row),
      .load_row_o(load_row),
      .load_parity_o(load_parity),
      .committed_i(rows_committed),
      .act_valid_i(act_valid_i),
      .act_ready_o(act_ready),
      .act_last_i(act_last_i),
      .launch_o(launch),
      .launch_first_o(launch_first),
      .launch_mode4_o(launch_mode4),
      .launch_parity_o(launch_parity),
      .launch_waited_o(),
      .error_o(error)
  );
  msq_wavefront #(
      .ROWS(BANDS)
  ) u_wavefront (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .launch_i(launch),
      .launch_first_i(launch_first),
      .launch_last_i(act_last_i),
      .launch_mode4_i(launch_mode4),
      .commit_o(commit),
      .mode4_o(),
      .out_valid_o(out_valid),
      .out_last_o()
  );
  reg started_q = 1'b0;
  always @(posedge clk_i) started_q <= 1'b1;
  wire load = load_valid_i && load_ready;

  // Tiles, by numbers modulo four: the one being loaded, of which rows_q rows are, or the loaded one that has
  // not begun; and the running or last one.
  reg [1:0] loading_q, running_q;
  reg [3:0] rows_q;
  reg       in_tile_q;  // more tokens of the running tile to come
  reg       mode4_q, next_mode4_q;
  reg [7:0] interval_q, next_interval_q, next_gap_q;
  reg [7:0] since_q;  // cycles since the last launch
  reg [7:0] age_q;    // cycles since the first launch of the tile, modulo its interval
  wire starts = launch && !in_tile_q;
  wire loaded = rows_q == ROWS;
  wire begun = running_q == loading_q;  // the tile being loaded
  wire [7:0] slots = starts ? next_interval_q : interval_q;
  wire [7:0] age = starts ? 8'd0 : age_q;
  wire all_there = rows_q + load == ROWS;
  wire turns = all_there && (begun || starts);
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      loading_q <= 2'd0;
      running_q <= 2'd3;
      rows_q    <= 0;
      in_tile_q <= 1'b0;
      since_q   <= 8'hff;
      age_q     <= 0;
    end else begin
      if (load && rows_q == 0) begin
        next_mode4_q    <= load_mode4_i;
        next_interval_q <= load_interval_i;
        next_gap_q      <= load_gap_i;
      end
      rows_q <= turns ? 0 : rows_q + load;
      if (turns) loading_q <= loading_q + 2'd1;
      if (starts) begin
        running_q  <= running_q + 2'd1;
        interval_q <= next_interval_q;
        mode4_q    <= next_mode4_q;
      end
      if (launch) in_tile_q <= !act_last_i;
      since_q <= launch ? 8'd1 : (since_q == 8'hff) ? 8'hff : since_q + 8'd1;
      age_q   <= (age + 8'd1 == slots) ? 8'd0 : age + 8'd1;
    end
  end

  // Rows that were promised and are not loaded, with the one of this cycle.
  reg [`FOLLOW_BITS-1:0] promised_q;
  wire [`FOLLOW_BITS-1:0] promised = (load_follow_i > promised_q) ? load_follow_i : promised_q;
  always @(posedge clk_i) promised_q <= !rst_ni ? 0 : (promised == 0) ? 0 : promised - load;
  always @* begin
    if (!started_q) assume (!rst_ni);
    assume (load_follow_i <= EARLY + 1);
    if (promised != 0) assume (load_valid_i);
    assume (load_interval_i >= 1 && load_interval_i <= `SLOTS && load_gap_i >= 1 && load_gap_i <= `SLOTS);
    if (rows_q != 0 && !loaded) assume (load_interval_i == next_interval_q && load_gap_i == next_gap_q
        && load_mode4_i == next_mode4_q);
  end

  // The array: commits of each band by column groups, and one more for the units; which tile each belongs to.
  // Group g of band b is at [BANDS*g+b]; the words of a row, of a band's first and last row for the units.
  localparam STAGES = GROUPS + 1;
  reg [BANDS*(STAGES-1)-1:0] commits_q;
  wire [BANDS*STAGES-1:0] commits = {commits_q, commit};
  reg [2*(BANDS+STAGES)-1:0] travels_q;  // tile of the token launched so many cycles ago, less one
  reg [2*ROWS-1:0] shadow_q, units_q;
  reg [ROWS-1:0] written_q, load_row_q;
  reg [1:0] tile_q;  // that load_row_q belongs to
  reg [ROWS-1:0] full_q;  // a tile waits in the row
  integer r, g;
  always @* begin
    for (r = 0; r < ROWS; r = r + 1) rows_committed[r] = commits[BANDS*(GROUPS-1)+r/TREE];
  end
  always @(posedge clk_i) begin
    commits_q <= rst_ni ? commits : 0;
    travels_q <= {travels_q, running_q + {1'b0, starts}};
    full_q    <= rst_ni ? (full_q & ~rows_committed) | load_row : 0;
    written_q <= rst_ni ? written_q | load_row : 0;
    load_row_q <= rst_ni ? load_row : 0;
    tile_q    <= loading_q;
    for (r = 0; r < ROWS; r = r + 1) begin
      if (load_row[r]) shadow_q[2*r+:2] <= loading_q;
      if (load_row_q[r]) units_q[2*r+:2] <= tile_q;
    end
  end

  // Rows and tokens have been offered all the time for so many cycles; and since the last tile began.
  reg [5:0] calm_q, wait_q;
  wire calm = load_valid_i && load_follow_i == EARLY + 1 && act_valid_i && act_last_i && load_interval_i == 1
      && load_gap_i == 1;
  always @(posedge clk_i) begin
    calm_q <= (rst_ni && calm) ? ((calm_q == 6'h3f) ? 6'h3f : calm_q + 6'd1) : 6'd0;
    wait_q <= (rst_ni && calm && !starts) ? wait_q + 6'd1 : 6'd0;
  end

  // Cycles since a tile began.
  reg [4:0] apart_q;
  always @(posedge clk_i) begin
    apart_q <= !rst_ni ? 5'h1f : starts ? 5'd1 : (apart_q == 5'h1f) ? 5'h1f : apart_q + 5'd1;
  end

  // The cycle before: the first token could have come with this one.
  reg soon_q;
  reg [ROWS-1:0] later;  // rows that are not loaded
  always @* for (r = 0; r < ROWS; r = r + 1) later[r] = r >= rows_q + load;
  always @(posedge clk_i) begin
    soon_q <= rst_ni && !starts && !begun && !loaded && ROWS - (rows_q + load) <= EARLY
        && load_follow_i >= ROWS - rows_q && (later & full_q & ~rows_committed) == 0;
  end

  always @* begin
    if (started_q && rst_ni) begin
      // Launching.
      assert (!error);
      if (launch && in_tile_q) assert (age_q == 0 && !launch_first && launch_mode4 == mode4_q);
      if (starts) assert (since_q >= next_gap_q && rows_q != 0 && launch_first
          && launch_mode4 == next_mode4_q);
      if (starts) assert (apart_q >= GROUPS + ROWS - EARLY);
      if (act_valid_i && in_tile_q && age_q == 0) assert (launch);
      if (act_valid_i && !in_tile_q && (loaded || soon_q) && since_q >= next_gap_q) assert (launch);
      if (launch) assert (launch_parity == !(running_q[0] ^ starts));
      // Loading: of a tile that has begun a row in each cycle.
      assert (load_row == ({ROWS{load}} & ({{(ROWS - 1) {1'b0}}, 1'b1} << rows_q)));
      assert (next_row == ({{(ROWS - 1) {1'b0}}, 1'b1} << (loaded ? 0 : rows_q)));
      if (load) assert (load_parity == !loading_q[0]);
      if (begun) assert (load);
      // Weights.
      assert ((load_row & full_q & ~rows_committed) == 0);
      assert ((rows_committed & ~full_q) == 0);
      for (g = 0; g < STAGES; g = g + 1) begin
        for (r = 0; r < ROWS; r = r + 1) begin
          if (commits[BANDS*g+r/TREE]) begin
            assert (written_q[r]);
            if (g < GROUPS) assert (shadow_q[2*r+:2] == travels_q[2*(r/TREE+g)+:2]);
            if (`UNITS != 0) assert (units_q[2*r+:2] == travels_q[2*(r/TREE+g)+:2]);
          end
        end
      end
      // Throughput.
      if (`PERIOD != 0 && calm) assert (wait_q < `PERIOD);
      if (`SETTLED != 0 && calm && calm_q >= `SETTLED) assert (load);
      cover (starts && !loaded && load && running_q == 2'd0);
      cover (starts && loaded && since_q == 1);
      cover ((`PERIOD != 0) ? calm && starts && wait_q == `PERIOD - 1 && calm_q > 2 * `PERIOD
          : starts && soon_q && next_gap_q == `SLOTS && since_q == `SLOTS);
      cover (EARLY == 1 || (begun && launch && in_tile_q && promised == 1 && !act_last_i));
      cover (|(load_row & rows_committed));
    end
  end
endmodule
`default_nettype wire
