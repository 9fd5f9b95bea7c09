// Bench of what moves with time: sequencers, wavefronts and feeders. The tests connect them.
`default_nettype none
module control_bench (
    input  wire        clk_i,
    input  wire        rst_ni,
    // Leaves under test; the others stay in reset.
    input  wire [4:0]  sequencer_i,
    input  wire [2:0]  recon_i,
    // msq_sequencer: {ROWS, modes, EARLY} = {4, {2,4}, 0}, {2, {2}, 0}, {8, {4}, 0}, {4, {2,4}, 1},
    // {8, {2}, 3}.
    input  wire        load_valid_i,
    input  wire        load_mode4_i,
    input  wire [7:0]  load_interval_i,
    input  wire [7:0]  load_gap_i,
    input  wire [2:0]  load_follow_i,
    input  wire [7:0]  committed_i,  // row r
    input  wire        act_valid_i,
    input  wire        act_last_i,
    // bit 0 load_ready, 1 load_parity, 2 act_ready, 3 launch, 4 first, 5 mode4, 6 parity, 7 waited, 8 error;
    // load_row 16 + r, next_row 48 + r
    output wire [5*64-1:0] sequencer_o,
    // msq_wavefront: ROWS 2, 8. msq_wavefront_recon: {ROWS, LEAD} = {2, 2}, {8, 3}, {4, 9}.
    input  wire        launch_i,
    input  wire        launch_first_i,
    input  wire        launch_last_i,
    input  wire        launch_mode4_i,
    input  wire        launch_parity_i,
    input  wire        launch_waited_i,
    input  wire [7:0]  load_row_i,
    input  wire        load_parity_i,
    input  wire        load_flagged_i,
    output wire [2*64-1:0] plain_o,  // {out_last, out_valid, mode4, commit}: 8 bits each
    // {{out_last, out_valid, error}, use_addend, fire_parity, fire_waited, fire, mode4, commit, early}: 8
    // bits each
    output wire [3*64-1:0] recon_o,
    // msq_feeder: {ROWS, ACT_BITS, LEAD} = {8, 8, 0}, {8, 8, 2}, {4, 4, 9}, {1, 1, 0}, {2, 8, 1}.
    input  wire [63:0] token_i,
    input  wire [7:0]  early_i,
    output wire [5*64-1:0] activations_o
);
  genvar i;
  generate
    for (i = 0; i < 5; i = i + 1) begin : gen_sequencer
      localparam ROWS = (i == 0 || i == 3) ? 4 : (i == 1) ? 2 : 8;
      localparam EARLY = (i == 3) ? 1 : (i == 4) ? 3 : 0;
      localparam FOLLOW_BITS = (EARLY > 0) ? $clog2(EARLY + 2) : 1;
      assign sequencer_o[64*i+9+:7] = 7'd0;
      assign sequencer_o[64*i+16+ROWS+:32-ROWS] = {(32 - ROWS) {1'b0}};
      assign sequencer_o[64*i+48+ROWS+:16-ROWS] = {(16 - ROWS) {1'b0}};
      msq_sequencer #(
          .ROWS(ROWS),
          .MODE2((i != 2) ? 1 : 0),
          .MODE4((i != 1 && i != 4) ? 1 : 0),
          .EARLY(EARLY),
          .BAND((EARLY > 0) ? ROWS / (EARLY + 1) : 1)
      ) u_sequencer (
          .clk_i(clk_i),
          .rst_ni(rst_ni && sequencer_i[i]),
          .load_valid_i(load_valid_i),
          .load_ready_o(sequencer_o[64*i]),
          .load_mode4_i(load_mode4_i),
          .load_interval_i(load_interval_i),
          .load_gap_i(load_gap_i),
          .load_follow_i(load_follow_i[FOLLOW_BITS-1:0]),
          .next_row_o(sequencer_o[64*i+48+:ROWS]),
          .load_row_o(sequencer_o[64*i+16+:ROWS]),
          .load_parity_o(sequencer_o[64*i+1]),
          .committed_i(committed_i[ROWS-1:0]),
          .act_valid_i(act_valid_i),
          .act_ready_o(sequencer_o[64*i+2]),
          .act_last_i(act_last_i),
          .launch_o(sequencer_o[64*i+3]),
          .launch_first_o(sequencer_o[64*i+4]),
          .launch_mode4_o(sequencer_o[64*i+5]),
          .launch_parity_o(sequencer_o[64*i+6]),
          .launch_waited_o(sequencer_o[64*i+7]),
          .error_o(sequencer_o[64*i+8])
      );
    end
    for (i = 0; i < 2; i = i + 1) begin : gen_plain
      localparam ROWS = (i == 0) ? 2 : 8;
      wire [15:0] rows;  // {mode4, commit}
      if (ROWS < 8) begin : gen_rest
        assign rows[7:ROWS] = {(8 - ROWS) {1'b0}};
        assign rows[15:8+ROWS] = {(8 - ROWS) {1'b0}};
      end
      wire out_valid;
      wire out_last;
      assign plain_o[64*i+:64] = {39'd0, out_last, 7'd0, out_valid, rows};
      msq_wavefront #(
          .ROWS(ROWS)
      ) u_wavefront (
          .clk_i(clk_i),
          .rst_ni(rst_ni),
          .launch_i(launch_i),
          .launch_first_i(launch_first_i),
          .launch_last_i(launch_last_i),
          .launch_mode4_i(launch_mode4_i),
          .commit_o(rows[ROWS-1:0]),
          .mode4_o(rows[8+:ROWS]),
          .out_valid_o(out_valid),
          .out_last_o(out_last)
      );
    end
    for (i = 0; i < 3; i = i + 1) begin : gen_recon
      localparam ROWS = (i == 0) ? 2 : (i == 1) ? 8 : 4;
      localparam LEAD = (i == 0) ? 2 : (i == 1) ? 3 : 9;
      genvar f;
      wire [55:0] rows;  // {use_addend, fire_parity, fire_waited, fire, mode4, commit, early}
      if (ROWS < 8) begin : gen_rest
        for (f = 0; f < 7; f = f + 1) begin : gen_field
          assign rows[8*f+ROWS+:8-ROWS] = {(8 - ROWS) {1'b0}};
        end
      end
      wire out_valid;
      wire out_last;
      wire error;
      assign recon_o[64*i+:64] = {5'd0, out_last, out_valid, error, rows};
      msq_wavefront_recon #(
          .ROWS(ROWS),
          .LEAD(LEAD)
      ) u_wavefront (
          .clk_i(clk_i),
          .rst_ni(rst_ni && recon_i[i]),
          .load_row_i(load_row_i[ROWS-1:0]),
          .load_parity_i(load_parity_i),
          .load_flagged_i(load_flagged_i),
          .launch_i(launch_i),
          .launch_first_i(launch_first_i),
          .launch_last_i(launch_last_i),
          .launch_mode4_i(launch_mode4_i),
          .launch_parity_i(launch_parity_i),
          .launch_waited_i(launch_waited_i),
          .early_o(rows[ROWS-1:0]),
          .commit_o(rows[8+:ROWS]),
          .mode4_o(rows[16+:ROWS]),
          .fire_o(rows[24+:ROWS]),
          .fire_waited_o(rows[32+:ROWS]),
          .fire_parity_o(rows[40+:ROWS]),
          .use_addend_o(rows[48+:ROWS]),
          .out_valid_o(out_valid),
          .out_last_o(out_last),
          .error_o(error)
      );
    end
    for (i = 0; i < 5; i = i + 1) begin : gen_feeder
      localparam ROWS = (i < 2) ? 8 : (i == 2) ? 4 : (i == 3) ? 1 : 2;
      localparam ACT_BITS = (i == 2) ? 4 : (i == 3) ? 1 : 8;
      localparam LEAD = (i == 1) ? 2 : (i == 2) ? 9 : (i == 4) ? 1 : 0;
      wire [63:0] activations;
      assign activations_o[64*i+:64] = activations;
      if (ROWS * ACT_BITS < 64) begin : gen_rest
        assign activations[63:ROWS*ACT_BITS] = {(64 - ROWS * ACT_BITS) {1'b0}};
      end
      msq_feeder #(
          .ROWS(ROWS),
          .ACT_BITS(ACT_BITS),
          .LEAD(LEAD)
      ) u_feeder (
          .clk_i(clk_i),
          .launch_i(launch_i),
          .token_i(token_i[ROWS*ACT_BITS-1:0]),
          .early_i(early_i[ROWS-1:0]),
          .activations_o(activations[ROWS*ACT_BITS-1:0])
      );
    end
  endgenerate
endmodule
`default_nettype wire
