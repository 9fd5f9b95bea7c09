// The whole core, 4 x 4 PEs with micro-blocks of four, against a behavioural model of the contract: a tile of
// any weights and any legal metadata and a token with any activation at one place and zeros at the others,
// loaded and launched after reset; the partial sums come LATENCY cycles after the launch, are those of the
// model, and no protocol error is shown. With FOLLOW_BITS the token is offered from the start, and launched
// as early as the core takes it: before its last rows.
//
// PLACES is how many places of K a row has in mode 2, of one column each; with 1 it has two columns. ENTRY
// is the list of row ALONE % 4, or 16 if it is any. TILE_MODE4 is the tile's mode; MODE2 and MODE4 say what
// the array supports. Lists hold one entry, sums count quarters.
`default_nettype none
module formal_core (
    input wire clk_i
);
  localparam ROWS = 4;
  localparam ACT = 4;
  localparam FIELDS = (`MODE2 != 0) ? 2 : 1;
  localparam LANES = (`MODE2 != 0 && `PLACES == 1) ? 8 : 4;
  localparam WAYS = ROWS * `PLACES;
  localparam COLUMNS = (`TILE_MODE4 != 0) ? 4 : LANES;
  localparam SUM = `SUM_BITS;
  localparam MOST = 24;  // cycles that are counted

  // The tile and the token.
  (* anyconst *) wire [16*ROWS-1:0] weights;
  (* anyconst *) wire [FIELDS*ROWS-1:0] has_outliers;
  (* anyconst *) wire [8*FIELDS*ROWS-1:0] scales;
  (* anyconst *) wire [4*FIELDS*ROWS-1:0] lists;
  (* anyconst *) wire [ACT-1:0] activation;  // of place ALONE; those of the others are zero
  wire [ACT*WAYS-1:0] token = {{(ACT * (WAYS - 1)) {1'b0}}, activation} << (ACT * `ALONE);

  // Reset in the first cycle, then the rows, then the token.
  reg [4:0] cycle_q = 5'd0;
  reg [2:0] row_q = 3'd0;
  reg launched_q = 1'b0;
  wire load_ready, act_ready, psum_valid, psum_last;
  wire rst_n = cycle_q != 5'd0;
  wire load_valid = rst_n && row_q != 3'd4;
`ifdef EARLY
  localparam [2:0] FIRST = 3'd4 - `EARLY;  // rows loaded when the token is launched
  wire [2:0] left = load_valid ? 3'd4 - row_q : 3'd0;
  wire [1:0] follow = (left > `EARLY + 1) ? `EARLY + 1 : left[1:0];
  wire act_valid = rst_n && !launched_q;
`else
  localparam [2:0] FIRST = 3'd4;
  wire act_valid = rst_n && row_q == 3'd4 && !launched_q;
`endif
  wire launch = act_valid && act_ready;
  reg [`LATENCY-1:0] way_q = 0;
  always @(posedge clk_i) begin
    if (cycle_q != MOST) cycle_q <= cycle_q + 5'd1;
    if (load_valid && load_ready) row_q <= row_q + 3'd1;
    if (launch) launched_q <= 1'b1;
    way_q <= {way_q[`LATENCY-2:0], launch};
  end
  wire [1:0] row = row_q[1:0];
  wire [LANES*SUM-1:0] psum;
  wire [3:0] errors;
  msq_core u_dut (
      .clk_i(clk_i),
      .rst_ni(rst_n),
      .clear_counters_i(1'b0),
      .load_valid_i(load_valid),
      .load_ready_o(load_ready),
      .load_mode4_i(`TILE_MODE4 != 0),
      .load_interval_i(8'd1),
      .load_gap_i(8'd1),
`ifdef EARLY
      .load_follow_i(follow),
`endif
      .load_weights_i(weights[16*row+:16]),
      .load_has_outliers_i(has_outliers[FIELDS*row+:FIELDS]),
      .load_mx_scale_i(scales[8*FIELDS*row+:8*FIELDS]),
      .load_list_i(lists[4*FIELDS*row+:4*FIELDS]),
      .act_valid_i(act_valid),
      .act_ready_o(act_ready),
      .act_last_i(1'b1),
      .act_data_i(token),
      .psum_valid_o(psum_valid),
      .psum_last_o(psum_last),
      .psum_o(psum),
      .protocol_error_o(errors)
  );

  // The model. Row k adds to a column what its position in the micro-block is to add.
  wire [ROWS-1:0] flagged;
  genvar k, n;
  generate
    for (k = 0; k < ROWS; k = k + 1) begin : gen_row
      assign flagged[k] = |has_outliers[FIELDS*k+:FIELDS];
      if (FIELDS == 2 && `TILE_MODE4 != 0) begin : gen_one_field
        always @* assume (!has_outliers[FIELDS*k+FIELDS-1]);
      end
      for (n = 0; n < FIELDS; n = n + 1) begin : gen_field
        always @* if (has_outliers[FIELDS*k+n]) assume (scales[8*(FIELDS*k+n)+:8] <= `SHIFT_MAX);
      end
      // Both places of a row share its unit.
      if (`PLACES == 2) begin : gen_unit
        wire used0 = has_outliers[FIELDS*k] && lists[4*FIELDS*k+:2] != lists[4*FIELDS*k+2+:2];
        wire used1 = has_outliers[FIELDS*k+1] && lists[4*FIELDS*k+4+:2] != lists[4*FIELDS*k+6+:2];
        always @* assume (!(used0 && used1));
      end
      for (n = 0; n < COLUMNS * `PLACES; n = n + 1) begin : gen_column
        // Columns of place 0, then those of place 1.
        localparam FIELD = n / 4;
        localparam PLACE = (`PLACES == 2) ? FIELD : 0;
        localparam CODE = 16 * k + ((`PLACES == 2) ? 4 * (n % 4) + 2 * PLACE : 2 * n);  // in mode 2
        wire signed [SUM-1:0] x = $signed(token[ACT*(ROWS*PLACE+k)+:ACT]);
        always @* assume (token[ACT*(ROWS*PLACE+k)+:ACT] != {1'b1, {(ACT - 1) {1'b0}}});
        wire [3:0] entry = lists[4*(FIELDS*k+FIELD)+:4];
        if (k == `ALONE % 4 && `ENTRY < 16) begin : gen_one_entry
          always @* assume (entry == `ENTRY);
        end
        wire outlier = has_outliers[FIELDS*k+FIELD] && entry[3:2] != entry[1:0];
        wire upper_here = outlier && entry[3:2] == n % 4;
        wire lower_here = outlier && entry[1:0] == n % 4;
        wire [1:0] partner = entry[1:0];
        wire [7:0] shift = scales[8*(FIELDS*k+FIELD)+:8];
        wire signed [SUM-1:0] inlier_times, outlier_times;
        if (`TILE_MODE4 != 0) begin : gen_mode4
          wire [3:0] code = weights[16*k+4*n+:4];
          wire [3:0] low = weights[16*k+4*partner+:4];
          wire signed [SUM-1:0] size = $signed({1'b0, code[2:0]});
          wire signed [SUM-1:0] high_size = $signed({2'b01, code[1:0], 2'b00});
          wire signed [SUM-1:0] low_size = $signed({1'b0, low[1:0]});
          assign inlier_times = code[3] ? -size : size;
          assign outlier_times = (code[3] ? -high_size : high_size) + (low[3] ? -low_size : low_size);
          // Magnitudes of halves have two bits.
          always @* if (upper_here) assume (!code[2] && !low[2]);
        end else begin : gen_mode2
          wire [1:0] code = weights[CODE+:2];
          wire [1:0] low = (`PLACES == 2) ? weights[16*k+4*partner+2*PLACE+:2]
              : weights[16*k+8*FIELD+2*partner+:2];
          wire signed [SUM-1:0] size = $signed({1'b0, code[0]});
          wire signed [SUM-1:0] high_size = $signed({2'b01, code[0], 1'b0});
          wire signed [SUM-1:0] low_size = $signed({1'b0, low[0]});
          assign inlier_times = code[1] ? -size : size;
          assign outlier_times = (code[1] ? -high_size : high_size) + (low[1] ? -low_size : low_size);
        end
        wire signed [SUM-1:0] value = lower_here ? 0 : upper_here ? (x * outlier_times) <<< shift[1:0]
            : (x * inlier_times) <<< 2;
      end
    end
    for (n = 0; n < COLUMNS; n = n + 1) begin : gen_sum
      localparam LANE = (`TILE_MODE4 != 0 && `MODE2 != 0 && `PLACES == 1) ? 2 * n : n;
      localparam SECOND = n + 4 * (`PLACES - 1);  // of place 1, if there is one
      wire signed [SUM-1:0] first = ((gen_row[0].gen_column[n].value + gen_row[1].gen_column[n].value)
                                     + gen_row[2].gen_column[n].value) + gen_row[3].gen_column[n].value;
      wire signed [SUM-1:0] second = ((gen_row[0].gen_column[SECOND].value
                                       + gen_row[1].gen_column[SECOND].value)
                                      + gen_row[2].gen_column[SECOND].value)
          + gen_row[3].gen_column[SECOND].value;
      wire signed [SUM-1:0] sum = (`PLACES == 2) ? first + second : first;
      always @* if (rst_n && psum_valid) assert (psum[SUM*LANE+:SUM] == sum);
      if (LANE != n) begin : gen_odd
        always @* if (rst_n && psum_valid) assert (psum[SUM*(2*n+1)+:SUM] == 0);
      end
    end
  endgenerate
  always @* begin
    if (rst_n) begin
      assert (psum_valid == way_q[`LATENCY-1]);
      if (psum_valid) assert (psum_last);
      assert (errors == 0);
      if (launch) assert (row_q == FIRST);
      cover (psum_valid && &flagged && $signed(psum[SUM-1:0]) == ((`TILE_MODE4 != 0) ? -21 : -5)
          && launched_q);
      cover (psum_valid && flagged == 0 && psum[SUM*LANES-1-:SUM] == ((`TILE_MODE4 != 0 && `MODE2 != 0) ? 0
          : 12));
    end
  end
endmodule
`default_nettype wire
