// msq_job with the words of a pass in one bank (0) or in two (1): what of a job's shape fits.
`default_nettype none
module job_bench (
    input  wire        clk_i,
    input  wire        rst_ni,
    input  wire        start_i,
    input  wire [23:0] tokens_i,
    input  wire [23:0] depth_i,
    input  wire [15:0] tokens_pass_i,
    input  wire [3:0]  log2_tile_rows_i,
    input  wire [3:0]  log2_block_i,
    output wire [1:0]  restart_o,        // the job enters
    output wire [1:0]  error_o,
    output wire [7:0]  code_o,
    output wire [9:0]  tokens_pass_o,
    output wire [21:0] tiles_k_o,
    output wire [21:0] blocks_k_o,
    output wire [5:0]  log2_block_tiles_o
);
  genvar i;
  generate
    for (i = 0; i < 2; i = i + 1) begin : gen_job
      wire busy, queued, done, interrupt, run, flush, discard, abort;
      wire [1:0] abort_jobs, format;
      wire [23:0] tokens, columns;
      wire [31:0] ended, cycles, launched, tiles, wait_output, wait_activation, wait_weight, wait_schedule,
          accesses, waits;
      msq_job #(
          .ROWS(8),
          .WORDS(64),
          .BANKS(i + 1),
          .TOKENS(16),
          .KINDS(12)
      ) u_job (
          .clk_i(clk_i),
          .rst_ni(rst_ni),
          .start_i(start_i),
          .clear_i(1'b0),
          .tokens_i(tokens_i),
          .depth_i(depth_i),
          .columns_i(24'd1),
          .tokens_pass_i(tokens_pass_i),
          .log2_tile_rows_i(log2_tile_rows_i),
          .log2_block_i(log2_block_i),
          .format_i(2'd0),
          .busy_o(busy),
          .queued_o(queued),
          .done_o(done),
          .error_o(error_o[i]),
          .code_o(code_o[4*i+:4]),
          .ended_o(ended),
          .acknowledge_i(1'b0),
          .interrupt_o(interrupt),
          .run_o(run),
          .restart_o(restart_o[i]),
          .flush_o(flush),
          .discard_o(discard),
          .abort_o(abort),
          .abort_jobs_o(abort_jobs),
          .job_tokens_o(tokens),
          .job_columns_o(columns),
          .job_format_o(format),
          .job_tokens_pass_o(tokens_pass_o[5*i+:5]),
          .job_tiles_k_o(tiles_k_o[11*i+:11]),
          .job_blocks_k_o(blocks_k_o[11*i+:11]),
          .job_log2_block_tiles_o(log2_block_tiles_o[3*i+:3]),
          .weights_read_i(1'b0),
          .activations_read_i(1'b0),
          .job_end_i(1'b0),
          .port_idle_i(1'b1),
          .port_full_i(1'b0),
          .errors_i(12'd0),
          .spoils_i(1'b0),
          .launch_i(1'b0),
          .tile_i(1'b0),
          .wait_output_i(1'b0),
          .wait_activation_i(1'b0),
          .wait_weight_i(1'b0),
          .wait_schedule_i(1'b0),
          .recon_accesses_i(32'd0),
          .recon_waits_i(32'd0),
          .count_cycles_o(cycles),
          .count_tokens_o(launched),
          .count_tiles_o(tiles),
          .count_wait_output_o(wait_output),
          .count_wait_activation_o(wait_activation),
          .count_wait_weight_o(wait_weight),
          .count_wait_schedule_o(wait_schedule),
          .count_recon_accesses_o(accesses),
          .count_recon_waits_o(waits)
      );
      wire unused = &{1'b0, busy, queued, done, interrupt, run, flush, discard, abort, abort_jobs, format,
          tokens, columns, ended, cycles, launched, tiles, wait_output, wait_activation, wait_weight,
          wait_schedule, accesses, waits};
    end
  endgenerate
endmodule
`default_nettype wire
