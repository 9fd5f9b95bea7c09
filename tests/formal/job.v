// msq_job with msq_output_port: every start that is accepted ends on the output stream, with the last beat of
// its job or with one closing beat, never both and never another; jobs that have ended well are counted; a
// queued start becomes the next job; without a job nothing is left.
//
// The environment is the datapath between them: groups leave in the order of the jobs, a job ends with one
// group that says so; the readers have read a job some time after it was begun, before its last group.
`default_nettype none
module formal_job (
    input wire        clk_i,
    input wire        rst_ni,
    input wire        start_i,
    input wire        clear_i,
    input wire        acknowledge_i,
    input wire        bad_i,             // the shape of the settings does not fit
    input wire        weights_read_i,
    input wire        activations_read_i,
    input wire [1:0]  errors_i,
    input wire        spoils_i,
    input wire        group_valid_i,
    input wire        group_last_i,
    input wire        group_job_last_i,
    input wire [31:0] value_i,
    input wire        ready_i
);
  wire busy, queued, done, error, interrupt, run, restart, flush, discard, abort, idle, closing_full;
  wire [3:0] code;
  wire [31:0] ended;
  wire [1:0] abort_jobs, format;
  wire job_end, group_ready, valid, last;
  wire [31:0] data;
  msq_job #(
      .ROWS(4),
      .WORDS(4),
      .TOKENS(2),
      .KINDS(2)
  ) u_dut (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .start_i(start_i),
      .clear_i(clear_i),
      .tokens_i(24'd1),
      .depth_i(bad_i ? 24'd0 : 24'd4),
      .columns_i(24'd1),
      .tokens_pass_i(16'd1),
      .log2_tile_rows_i(4'd2),
      .log2_block_i(4'd5),
      .format_i(2'd1),
      .busy_o(busy),
      .queued_o(queued),
      .done_o(done),
      .error_o(error),
      .code_o(code),
      .ended_o(ended),
      .acknowledge_i(acknowledge_i),
      .interrupt_o(interrupt),
      .run_o(run),
      .restart_o(restart),
      .flush_o(flush),
      .discard_o(discard),
      .abort_o(abort),
      .abort_jobs_o(abort_jobs),
      .job_tokens_o(),
      .job_columns_o(),
      .job_format_o(format),
      .job_tokens_pass_o(),
      .job_tiles_k_o(),
      .job_blocks_k_o(),
      .job_log2_block_tiles_o(),
      .weights_read_i(weights_read_i),
      .activations_read_i(activations_read_i),
      .job_end_i(job_end),
      .port_idle_i(idle),
      .port_full_i(closing_full),
      .errors_i(errors_i),
      .spoils_i(spoils_i),
      .launch_i(1'b0),
      .tile_i(1'b0),
      .wait_output_i(1'b0),
      .wait_activation_i(1'b0),
      .wait_weight_i(1'b0),
      .wait_schedule_i(1'b0),
      .recon_accesses_i(32'd0),
      .recon_waits_i(32'd0),
      .count_cycles_o(),
      .count_tokens_o(),
      .count_tiles_o(),
      .count_wait_output_o(),
      .count_wait_activation_o(),
      .count_wait_weight_o(),
      .count_wait_schedule_o(),
      .count_recon_accesses_o(),
      .count_recon_waits_o()
  );
  msq_output_port #(
      .LANES(1)
  ) u_port (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .run_i(run),
      .abort_i(abort),
      .abort_jobs_i(abort_jobs),
      .group_valid_i(group_valid_i),
      .group_ready_o(group_ready),
      .group_scale_i(1'b0),
      .group_flush_i(1'b0),
      .group_last_i(group_last_i),
      .group_job_last_i(group_job_last_i),
      .group_format_i(2'd1),
      .group_values_i(value_i),
      .group_raw_i(64'd0),
      .group_exponents_i(10'd0),
      .valid_o(valid),
      .ready_i(ready_i),
      .data_o(data),
      .last_o(last),
      .job_end_o(job_end),
      .idle_o(idle),
      .full_o(closing_full)
  );

  // By the documentation a start is accepted unless a job waits, after an error, or with a clear. A refusal
  // because of an error of the same cycle is known in the next one.
  reg  started_q = 1'b0;
  reg  written_q, offered_q, ended_q, was_error_q;
  always @(posedge clk_i) started_q <= 1'b1;
  wire failed = error && !was_error_q;
  wire accept = offered_q && !failed;
  wire well = ended_q && !failed;

  // Jobs that were started and have not ended on the output stream; jobs in the datapath; those of them whose
  // last group has not been taken; the last job begun has been read.
  reg [4:0]  open_q;
  reg [1:0]  inside_q, unsent_q;
  reg        read_q, bad_q, stay_q;
  reg [31:0] well_q;
  reg [33:0] group_q;
  wire take = run && group_valid_i && group_ready;
  // The beat that is offered is a group's, and the last one of its job; else it is a closing beat.
  reg        from_group_q, last_beat_q;
  wire       end_beat = valid && ready_i && (last_beat_q || !from_group_q);
  wire [4:0] open = open_q + {4'd0, accept};
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      open_q       <= 0;
      inside_q     <= 0;
      unsent_q     <= 0;
      well_q       <= 0;
      stay_q       <= 1'b0;
      written_q    <= 1'b0;
      offered_q    <= 1'b0;
      ended_q      <= 1'b0;
      read_q       <= 1'b0;
      from_group_q <= 1'b0;
      last_beat_q  <= 1'b0;
    end else begin
      written_q <= start_i || clear_i || acknowledge_i;
      offered_q <= start_i && !clear_i && !queued && !error && !closing_full;
      ended_q   <= run && job_end;
      open_q    <= open - {4'd0, end_beat};
      well_q    <= well_q + well;
      inside_q  <= run ? inside_q + restart - job_end : {1'b0, restart};
      unsent_q  <= run ? unsent_q + restart - (take && group_job_last_i) : {1'b0, restart};
      read_q    <= run && !restart && weights_read_i && activations_read_i;
      stay_q    <= run && group_valid_i && !group_ready;
      if (!valid || ready_i) begin
        from_group_q <= take;
        last_beat_q  <= take && group_job_last_i;
      end
    end
    group_q     <= {group_last_i, group_job_last_i, value_i};
    was_error_q <= error && rst_ni;
    if (start_i) bad_q <= bad_i;
  end
  always @* begin
    if (!started_q) assume (!rst_ni);
    // A write takes effect two cycles after the one before at the earliest; the settings hold for a cycle.
    if (written_q) assume (!start_i && !clear_i && !acknowledge_i && bad_i == bad_q);
    if (!run) assume (!group_valid_i && errors_i == 0 && !weights_read_i && !activations_read_i);
    if (stay_q && run) assume (group_valid_i && {group_last_i, group_job_last_i, value_i} == group_q);
    if (group_job_last_i) assume (group_last_i);
    if (group_valid_i) assume (unsent_q != 0);
    // A job has been read before its last group leaves; once read it stays so until the next one begins.
    if (read_q) assume (weights_read_i && activations_read_i);
    if (group_valid_i && group_job_last_i && unsent_q == 1) assume (read_q);
    if (spoils_i) assume (errors_i != 0);
    assume (value_i != 0);
  end
  always @* begin
    if (started_q && rst_ni) begin
      // No more and no fewer ends than starts.
      assert (open <= 10);
      if (!busy && idle && !abort) assert (open == 0);
      if (open == 0) assert (!valid && !busy);
      if (valid && !from_group_q) assert (last && data == 0);
      if (valid && from_group_q) assert (data != 0);
      assert (ended == well_q);
      assert (busy == (queued || run) && !(busy && error));
      if (run) assert (inside_q != 0 && inside_q <= 2);
      if (error) assert (code != 0 && discard && flush && !run);
      cover (run && inside_q == 2 && queued && ready_i);
      cover (error && code == 1 && well_q == 1);
      cover (error && code == 3 && well_q == 1 && open == 2);
      cover (abort && last_beat_q && valid && abort_jobs == 2);
    end
  end
endmodule
`default_nettype wire
