// msq_output_port: every group leaves once, in order and whole, in the beats of its format; a beat stays
// until accepted; of the jobs that are aborted each leaves with a closing beat of zeros, except the one
// whose last beat waits.
//
// The environment is as msq_drain: a group stays until accepted, the format is that of the group.
`default_nettype none
module formal_output_port (
    input wire         clk_i,
    input wire         rst_ni,
    input wire         run_i,
    input wire         abort_i,
    input wire [1:0]   abort_jobs_i,
    input wire [1:0]   format_i,
    input wire         group_valid_i,
    input wire         group_scale_i,
    input wire         group_flush_i,
    input wire         group_last_i,
    input wire         group_job_last_i,
    input wire [32*`LANES-1:0] group_values_i,
    input wire [64*`LANES-1:0] group_raw_i,
    input wire [10*`LANES-1:0] group_exponents_i,
    input wire         ready_i
);
  localparam WORDS = 32 * `LANES;
  wire group_ready, valid, last, job_end, idle, closing_full;
  wire [WORDS-1:0] data;
  msq_output_port #(
      .LANES(`LANES)
  ) u_dut (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .run_i(run_i),
      .abort_i(abort_i),
      .abort_jobs_i(abort_jobs_i),
      .group_format_i(format_i),
      .group_valid_i(group_valid_i),
      .group_ready_o(group_ready),
      .group_scale_i(group_scale_i),
      .group_flush_i(group_flush_i),
      .group_last_i(group_last_i),
      .group_job_last_i(group_job_last_i),
      .group_values_i(group_values_i),
      .group_raw_i(group_raw_i),
      .group_exponents_i(group_exponents_i),
      .valid_o(valid),
      .ready_i(ready_i),
      .data_o(data),
      .last_o(last),
      .job_end_o(job_end),
      .idle_o(idle),
      .full_o(closing_full)
  );

  // Environment.
  reg         started_q = 1'b0;
  reg         stay_q = 1'b0;
  reg         ran_q = 1'b0;
  reg [2:0]   closing_q;
  reg [106*`LANES+5:0] group_q;
  wire [106*`LANES+5:0] group = {format_i, group_job_last_i, group_scale_i, group_flush_i, group_last_i,
      group_values_i, group_raw_i,
      group_exponents_i};
  wire take = run_i && group_valid_i && group_ready;
  always @(posedge clk_i) begin
    started_q <= 1'b1;
    stay_q    <= rst_ni && run_i && group_valid_i && !group_ready;
    ran_q     <= rst_ni && run_i;
    group_q   <= group;
  end
  always @* begin
    if (!started_q) assume (!rst_ni);
    if (stay_q && run_i) assume (group_valid_i && group == group_q);
    // An abort comes in the cycle after a run, or drops a job that waits for the port to be idle. A run ends
    // with an abort or when nothing is left of its jobs.
    if (abort_i) assume (!run_i && abort_jobs_i != 0 && closing_q + abort_jobs_i <= 7);
    if (ran_q && !run_i && !abort_i) assume (!expect_q);
    // The format is that of the group, and a beat has groups of one format.
    if (groups_q != 0 || beat_q != 0) assume (format_i == format_q);
    if (group_job_last_i) assume (group_last_i);
    // Values that do not fill a beat are flushed before a scale comes, and with the last group.
    if (run_i && group_valid_i && mx) begin
      if (group_scale_i) assume (groups_q == 0);
      if (group_last_i) assume (full && !group_scale_i);
    end
    // A job begins with nothing waiting.
    if (run_i && !ran_q) assume (idle);
  end

  // Outputs that were accepted and must still leave, as the words of the beat in the making and of the beat
  // that waits.
  wire raw = format_i == 2'd0;
  wire mx = format_i[1];
  wire [WORDS-1:0] low, high, exponents, mx8, mx4;
  genvar l;
  generate
    for (l = 0; l < `LANES; l = l + 1) begin : gen_lane
      wire signed [31:0] exponent = $signed(group_exponents_i[10*l+:10]);
      assign low[32*l+:32] = group_raw_i[64*l+:32];
      assign high[32*l+:32] = group_raw_i[64*l+32+:32];
      assign exponents[32*l+:32] = exponent;
      assign mx8[8*l+:8] = group_values_i[32*l+:8];
      assign mx4[4*l+:4] = group_values_i[32*l+:4];
    end
  endgenerate
  assign mx8[WORDS-1:8*`LANES] = 0;
  assign mx4[WORDS-1:4*`LANES] = 0;
  reg [WORDS-1:0] part_q;  // MX: values of the groups so far
  reg [2:0]  groups_q;
  reg [1:0]  beat_q;  // raw: beats of the group that have been made
  reg        expect_q;
  reg [WORDS-1:0] expect_data_q;
  reg        expect_last_q;
  reg        expect_job_q;   // the beat is the last one of its job
  reg [1:0]  format_q;
  wire [WORDS-1:0] so_far = part_q | (format_i[0] ? mx4 << (4 * `LANES * groups_q)
      : mx8 << (8 * `LANES * groups_q));
  wire full = group_scale_i || group_flush_i || groups_q == (format_i[0] ? 3'd7 : 3'd3);
  wire room = !expect_q || ready_i;
  wire step = run_i && group_valid_i && room;
  wire makes = step && (!mx || full);
  wire closes = closing_q != 0 && room;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      part_q    <= 0;
      groups_q  <= 0;
      beat_q    <= 0;
      expect_q  <= 1'b0;
      closing_q <= 0;
    end else begin
      closing_q <= closing_q + (abort_i ? abort_jobs_i - (expect_q && expect_job_q) : 0) - closes;
      if (room) expect_q <= makes || closes;
      if (!run_i) begin
        part_q   <= 0;
        groups_q <= 0;
        beat_q   <= 0;
      end else if (step) begin
        beat_q   <= (raw && beat_q != 2) ? beat_q + 1'b1 : 0;
        part_q   <= (mx && !full) ? so_far : 0;
        groups_q <= (mx && !full) ? groups_q + 1'b1 : 0;
      end
      if (closes) begin
        expect_data_q <= 0;
        expect_last_q <= 1'b1;
        expect_job_q  <= 1'b0;
      end else if (makes) begin
        expect_data_q <= raw ? ((beat_q == 0) ? low : (beat_q == 1) ? high : exponents)
                       : (!mx || group_scale_i) ? group_values_i : so_far;
        expect_last_q <= group_last_i && (!raw || beat_q == 2);
        expect_job_q  <= group_job_last_i && (!raw || beat_q == 2);
      end
      if (abort_i) expect_job_q <= 1'b0;
    end
  end

  reg         held_q = 1'b0;
  reg [WORDS:0] held_beat_q;
  always @(posedge clk_i) begin
    held_q      <= rst_ni && valid && !ready_i;
    held_beat_q <= {last, data};
    format_q    <= format_i;
  end

  // State of the leaf, for induction.
  (* keep *) wire [2:0] dut_part;
  (* keep *) wire [2:0] dut_close;
  (* keep *) wire dut_job_last;
  (* keep *) wire [WORDS-1:0] dut_data;
  always @* begin
    if (started_q) begin
      assert (valid == expect_q);
      if (valid) assert (data == expect_data_q && last == expect_last_q);
      if (held_q) assert (valid && {last, data} == held_beat_q);
      if (run_i) assert (group_ready == (room && (!raw || beat_q == 2)));
      assert (idle == (!valid && closing_q == 0));
      assert (closing_full == (closing_q == 7));
      assert (job_end == (valid && ready_i && expect_job_q));
      if (valid) assert (dut_job_last == expect_job_q);
      assert (dut_close == closing_q);
      if (ran_q) assert (closing_q == 0);
      assert (dut_part == groups_q + beat_q && (groups_q == 0 || beat_q == 0) && beat_q <= 2);
      if (groups_q != 0) assert (dut_data == part_q && !valid);
      else assert (part_q == 0);
      if (!format_i[0]) assert (groups_q <= 3);
      if (!(ran_q && mx)) assert (groups_q == 0);
      if (!(ran_q && raw)) assert (beat_q == 0);
      cover (valid && last && raw && ready_i && closing_q == 0 && data[31:0] == 32'hffffff80);
      cover (valid && last && format_i == 3 && groups_q == 0 && data[WORDS-1-:8] == 8'h5a && expect_last_q);
      cover (valid && last && !run_i && data == 0 && !idle && closing_q == 0);
      cover (take && group_scale_i && mx);
    end
  end
endmodule
`default_nettype wire
