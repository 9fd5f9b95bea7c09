// SPDX-License-Identifier: Apache-2.0
// Runs jobs: checks the settings of each, hands them to the datapath, ends it with its last output or with
// the first error, and counts what every cycle was used for.
//
// Up to three jobs are under way. `start` copies the settings, in the cycle after it, to the waiting job. It
// enters the datapath at once if that is empty, else when both readers have read the last packet of the job
// before (`restart_o`), whose outputs still leave; a third one can then wait. Two jobs at most are in the
// datapath: the older one, whose outputs leave, and the younger one, whose packets are read.
//
// Error codes are those of the register map: 1 for the shape, 2 + i for bit i of errors_i, which is looked at
// a cycle later: no job enters so soon after the last packet of its predecessor. An error found in the
// packets of the younger job is held until the older job has ended, except one that may spoil the older job
// as well. After an error the input streams are accepted and dropped until the engine is cleared, so that
// upstream producers cannot deadlock.
//
// Every job that was started ends on the output stream, with its last beat or with a closing beat: abort_o
// asks for as many closing beats as jobs were under way.
// Area block: top: control
`default_nettype none
module msq_job #(
    parameter ROWS = 8,      // PE rows, a power of two
    parameter WORDS = 4096,  // words in a half of the activation buffer, a power of two
    parameter BANKS = 1,     // banks of these words, 1 or 2
    parameter TOKENS = 128,  // maximum tokens of a pass, a power of two
    parameter KINDS = 12,    // bits of errors_i
    // Derived, do not set.
    parameter TOKEN_BITS = $clog2(TOKENS)
) (
    input  wire                clk_i,
    input  wire                rst_ni,
    // Registers. The settings hold from the cycle before start_i to the one after.
    input  wire                start_i,           // pulse: start; ignored while a job waits or after an error
    input  wire                clear_i,           // pulse: return to idle, drops all jobs
    input  wire [23:0]         tokens_i,          // M
    input  wire [23:0]         depth_i,           // K
    input  wire [23:0]         columns_i,         // N
    input  wire [15:0]         tokens_pass_i,     // T
    input  wire [3:0]          log2_tile_rows_i,  // log2 of the rows of a tile along K
    input  wire [3:0]          log2_block_i,      // log2 of the activations of a block: 5, 6 or 7
    input  wire [1:0]          format_i,          // format of the outputs
    output wire                busy_o,            // a job runs or waits
    output wire                queued_o,          // a job waits
    output wire                done_o,            // a job ended without an error
    output wire                error_o,           // a job ended with an error
    output wire [3:0]          code_o,            // error code; 0 without an error
    output wire [31:0]         ended_o,           // jobs ended without an error since reset
    input  wire                acknowledge_i,     // pulse: drop the interrupt
    output wire                interrupt_o,       // job ended, not acknowledged
    // Datapath.
    output wire                run_o,                   // datapath out of reset
    output wire                restart_o,               // pulse: the readers begin the next job
    output wire                flush_o,                 // queued input dropped
    output wire                discard_o,               // input streams accepted and dropped
    output wire                abort_o,                 // pulse: an error or clear_i ended all jobs
    output wire [1:0]          abort_jobs_o,            // jobs that ended so, 1 to 3; one may be complete
    output wire [23:0]         job_tokens_o,            // M; with restart_o and before a job that of the next
    output wire [23:0]         job_columns_o,           // N; likewise
    output wire [1:0]          job_format_o,            // format of the outputs
    output wire [TOKEN_BITS:0] job_tokens_pass_o,       // tokens of a pass
    output wire [10:0]         job_tiles_k_o,           // tiles along K
    output wire [10:0]         job_blocks_k_o,          // activation blocks along K
    output wire [2:0]          job_log2_block_tiles_o,  // log2 of the tiles along K of a block
    input  wire                weights_read_i,          // last weight packet of the job read
    input  wire                activations_read_i,      // last activation packet of the job read
    input  wire                job_end_i,               // last beat of a job accepted by the sink
    input  wire                port_idle_i,             // no beat waits at the output
    input  wire                port_full_i,             // no further closing beat can wait at the output
    input  wire [KINDS-1:0]    errors_i,                // errors of the datapath, one bit a kind
    input  wire                spoils_i,                // the error may spoil the older job as well
    // Use of a cycle.
    input  wire                launch_i,                 // token launched
    input  wire                tile_i,                   // first token of a tile launched
    input  wire                wait_output_i,            // cycle waits for the accumulators
    input  wire                wait_activation_i,        // cycle waits for activations
    input  wire                wait_weight_i,            // cycle waits for weights
    input  wire                wait_schedule_i,          // cycle waits for the schedule
    input  wire [31:0]         recon_accesses_i,        // count of the core, which is reset with the datapath
    input  wire [31:0]         recon_waits_i,            // count of the core
    output wire [31:0]         count_cycles_o,           // cycles in which a job ran
    output wire [31:0]         count_tokens_o,           // tokens launched
    output wire [31:0]         count_tiles_o,            // tiles launched
    output wire [31:0]         count_wait_output_o,      // cycles that waited for the accumulators
    output wire [31:0]         count_wait_activation_o,  // cycles that waited for activations
    output wire [31:0]         count_wait_weight_o,      // cycles that waited for weights
    output wire [31:0]         count_wait_schedule_o,    // cycles that waited for the schedule
    output reg  [31:0]         count_recon_accesses_o,   // rows times tokens through ReCoN
    output reg  [31:0]         count_recon_waits_o       // accesses held back by the schedule
);
  localparam [1:0] IDLE = 2'd0, RUN = 2'd1, FAILED = 2'd2;
  localparam LOG2_ROWS = $clog2(ROWS);
  localparam LOG2_MOST_TILES = 10;
  localparam LOG2_WORDS = $clog2(WORDS);
  localparam [31:0] LOW_WORDS = WORDS - 1;

  reg [1:0]            state_q;
  reg                  two_q;       // two jobs are in the datapath
  reg                  queued_q;
  reg                  rounded_q;   // tiles, blocks and pass of the waiting job are known
  reg                  checked_q;   // so is whether its shape fits
  reg                  read_q;      // all packets of the jobs in the datapath are read
  reg                  held_q;
  (* fsm_encoding = "none" *)  // not a state machine, for which Yosys takes it
  reg [3:0]            held_code_q;
  reg                  done_q;
  reg                  error_q;
  reg [3:0]            code_q;
  reg                  abort_q;
  reg [1:0]            abort_jobs_q;
  reg                  interrupt_q;
  // The waiting job.
  reg [23:0]           next_tokens_q;
  reg [23:0]           next_columns_q;
  reg [1:0]            next_format_q;
  reg [TOKEN_BITS:0]   next_pass_q;
  reg [10:0]           next_tiles_q;
  reg [10:0]           next_blocks_q;
  reg [2:0]            next_log2_block_tiles_q;
  reg                  bad_q;
  // The job whose packets are read.
  reg [23:0]           tokens_q;
  reg [23:0]           columns_q;
  reg [1:0]            format_q;
  reg [TOKEN_BITS:0]   pass_q;
  reg [10:0]           tiles_q;
  reg [10:0]           blocks_q;
  reg [2:0]            log2_block_tiles_q;

  // Shape: the first cycle rounds up, the second looks at what does not fit.
  wire block_ok = log2_block_i == 4'd5 || log2_block_i == 4'd6 || log2_block_i == 4'd7;
  wire rows_ok = log2_tile_rows_i >= 4'd2 && log2_tile_rows_i <= LOG2_ROWS[3:0]
      && log2_tile_rows_i <= log2_block_i;
  wire [14:0] in_tile = (15'd1 << log2_tile_rows_i) - 15'd1;
  wire [14:0] in_block = (15'd1 << log2_block_i) - 15'd1;
  // Found a cycle ahead, which leaves a shift and an addition.
  reg part_tile_q;   // K does not fill its last tile
  reg part_block_q;  // K does not fill its last block
  reg over_q;        // more whole tiles than the most
  reg at_most_q;     // as many
  reg none_q;        // a size is 0
  wire [23:0] whole_tiles = depth_i >> log2_tile_rows_i;
  wire rest = |whole_tiles[LOG2_MOST_TILES-1:0];
  always @(posedge clk_i) begin
    part_tile_q  <= |(depth_i[14:0] & in_tile);
    part_block_q <= |(depth_i[14:0] & in_block);
    over_q       <= |(whole_tiles >> (LOG2_MOST_TILES + 1)) || (whole_tiles[LOG2_MOST_TILES] && rest);
    at_most_q    <= whole_tiles[LOG2_MOST_TILES] && !rest;
    none_q       <= tokens_i == 24'd0 || depth_i == 24'd0 || columns_i == 24'd0 || tokens_pass_i == 16'd0;
  end
  wire [23:0] tiles = whole_tiles + {23'd0, part_tile_q};
  wire [23:0] blocks = (depth_i >> log2_block_i) + {23'd0, part_block_q};
  wire too_many = {16'd0, tokens_pass_i} > TOKENS || over_q || (at_most_q && part_tile_q);
  wire fewer = tokens_i < {8'd0, tokens_pass_i};
  wire [TOKEN_BITS:0] pass = fewer ? tokens_i[TOKEN_BITS:0] : tokens_pass_i[TOKEN_BITS:0];
  wire [10:0] filled;
  generate
    if (BANKS == 2) begin : gen_filled
      // Banks are filled alike. Tiles are known a cycle ahead, so the product does not wait for this sum.
      reg [9:0] pairs_q;
      always @(posedge clk_i) pairs_q <= next_tiles_q[10:1] + {9'd0, next_tiles_q[0]};
      assign filled = {pairs_q, 1'b0};
    end else begin : gen_alone
      assign filled = next_tiles_q;
    end
  endgenerate
  wire [TOKEN_BITS+11:0] words = {11'd0, next_pass_q} * {{(TOKEN_BITS + 1) {1'b0}}, filled};
  // More than WORDS, a power of two: no carry chain behind the product.
  wire too_large = |(words >> (LOG2_WORDS + 1))
      || (|(words >> LOG2_WORDS) && |(words & LOW_WORDS[TOKEN_BITS+11:0]));
  wire [3:0] log2_block_tiles = log2_block_i - log2_tile_rows_i;
  wire unused_high = &{1'b0, log2_block_tiles[3], blocks[23:11], tiles[23:11]};
  always @(posedge clk_i) begin
    if (!rounded_q) begin
      bad_q                   <= none_q || too_many || !block_ok || !rows_ok;
      next_tokens_q           <= tokens_i;
      next_columns_q          <= columns_i;
      next_format_q           <= format_i;
      next_pass_q             <= pass;
      next_tiles_q            <= tiles[10:0];
      next_blocks_q           <= blocks[10:0];
      next_log2_block_tiles_q <= log2_block_tiles[2:0];
    end else if (!checked_q) begin
      bad_q <= bad_q || too_large;
    end
  end

  // First error of the cycle before.
  reg [KINDS-1:0] errors_q;
  reg             any_q;  // of errors_q
  reg             spoils_q;
  always @(posedge clk_i) begin
    errors_q <= (state_q == RUN) ? errors_i : {KINDS{1'b0}};
    any_q    <= state_q == RUN && |errors_i;
    spoils_q <= spoils_i;
  end
  reg [3:0] code;
  integer i;
  always @* begin
    code = 4'd0;
    for (i = KINDS - 1; i >= 0; i = i - 1) if (errors_q[i]) code = i[3:0] + 4'd2;
  end
  wire error = state_q == RUN && any_q;
  wire later = two_q && !spoils_q;  // the error is the younger job's

  // Ends and beginnings in this cycle.
  wire bad_shape = state_q == IDLE && checked_q && bad_q && port_idle_i;
  wire fail_now = (error && !later) || (state_q == RUN && held_q && !two_q);
  wire fail = (bad_shape || fail_now) && !clear_i;
  wire end_job = state_q == RUN && job_end_i;
  wire room = (state_q == IDLE && port_idle_i) || (state_q == RUN && !two_q && read_q && !error);
  wire enter = room && checked_q && !bad_q && !fail && !clear_i;
  wire accept = start_i && !clear_i && !queued_q && state_q != FAILED && !fail && !port_full_i;
  wire [1:0] jobs = {1'b0, state_q == RUN} + {1'b0, two_q} + {1'b0, queued_q} - {1'b0, end_job};

  assign busy_o = queued_q || state_q == RUN;
  assign queued_o = queued_q;
  assign done_o = done_q;
  assign error_o = error_q;
  assign code_o = code_q;
  assign interrupt_o = interrupt_q;
  assign run_o = state_q == RUN;
  assign restart_o = enter;
  assign flush_o = clear_i || state_q == FAILED;
  assign discard_o = state_q == FAILED;
  assign abort_o = abort_q;
  assign abort_jobs_o = abort_jobs_q;
  assign job_tokens_o = enter ? next_tokens_q : tokens_q;
  assign job_columns_o = enter ? next_columns_q : columns_q;
  assign job_format_o = format_q;
  assign job_tokens_pass_o = pass_q;
  assign job_tiles_k_o = tiles_q;
  assign job_blocks_k_o = blocks_q;
  assign job_log2_block_tiles_o = log2_block_tiles_q;

  always @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      state_q   <= IDLE;
      two_q     <= 1'b0;
      queued_q  <= 1'b0;
      rounded_q <= 1'b0;
      checked_q <= 1'b0;
      read_q    <= 1'b0;
      held_q    <= 1'b0;
    end else if (fail) begin
      state_q   <= FAILED;
      two_q     <= 1'b0;
      queued_q  <= 1'b0;
      rounded_q <= 1'b0;
      checked_q <= 1'b0;
      read_q    <= 1'b0;
      held_q    <= 1'b0;
    end else begin
      if (enter) state_q <= RUN;
      else if (end_job && !two_q) state_q <= IDLE;
      if (state_q == RUN) two_q <= enter ? !end_job : two_q && !end_job;
      queued_q  <= accept || (queued_q && !enter);
      rounded_q <= queued_q && !enter;
      checked_q <= rounded_q && !enter;
      read_q    <= weights_read_i && activations_read_i && !enter;
      held_q    <= held_q || (error && later);
    end
  end
  always @(posedge clk_i) if (!held_q) held_code_q <= code;

  always @(posedge clk_i) begin
    if (enter) begin
      tokens_q           <= next_tokens_q;
      columns_q          <= next_columns_q;
      format_q           <= next_format_q;
      pass_q             <= next_pass_q;
      tiles_q            <= next_tiles_q;
      blocks_q           <= next_blocks_q;
      log2_block_tiles_q <= next_log2_block_tiles_q;
    end
  end

  // Status. The end of a job in the cycle of an acknowledge is not lost.
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      done_q       <= 1'b0;
      error_q      <= 1'b0;
      code_q       <= 4'd0;
      abort_q      <= 1'b0;
      abort_jobs_q <= 2'd0;
      interrupt_q  <= 1'b0;
    end else begin
      abort_q      <= (clear_i || fail) && jobs != 2'd0;
      abort_jobs_q <= jobs;
      if (clear_i) begin
        done_q      <= 1'b0;
        error_q     <= 1'b0;
        code_q      <= 4'd0;
        interrupt_q <= 1'b0;
      end else if (fail) begin
        error_q     <= 1'b1;
        code_q      <= bad_shape ? 4'd1 : held_q ? held_code_q : code;
        interrupt_q <= 1'b1;
      end else begin
        done_q      <= end_job || (done_q && !(accept && state_q == IDLE));
        interrupt_q <= end_job || (interrupt_q && !acknowledge_i && !(accept && state_q == IDLE));
      end
    end
  end

  reg ended_q;
  always @(posedge clk_i) ended_q <= rst_ni && end_job && !fail;
  msq_event_counter u_ended (
      .clk_i(clk_i),
      .clear_i(!rst_ni),
      .amount_i(ended_q),
      .sum_o(ended_o)
  );

  // Counters, from the begin of a job in an empty datapath; they stay until the next such begin. A count
  // shows a cycle late.
  localparam EVENTS = 7;
  wire run = state_q == RUN;
  wire restart = !rst_ni || (enter && state_q == IDLE);
  reg [EVENTS-1:0] events_q;
  always @(posedge clk_i) begin
    events_q <= {wait_schedule_i, wait_weight_i, wait_activation_i, wait_output_i, tile_i, launch_i, 1'b1}
        & {EVENTS{run && rst_ni}};
    if (restart) begin
      count_recon_accesses_o <= 32'd0;
      count_recon_waits_o    <= 32'd0;
    end else if (run) begin
      count_recon_accesses_o <= recon_accesses_i;
      count_recon_waits_o    <= recon_waits_i;
    end
  end
  wire [32*EVENTS-1:0] counts;
  assign {count_wait_schedule_o, count_wait_weight_o, count_wait_activation_o, count_wait_output_o,
      count_tiles_o, count_tokens_o, count_cycles_o} = counts;
  genvar e;
  generate
    for (e = 0; e < EVENTS; e = e + 1) begin : gen_count
      msq_event_counter u_count (
          .clk_i(clk_i),
          .clear_i(restart),
          .amount_i(events_q[e]),
          .sum_o(counts[32*e+:32])
      );
    end
  endgenerate

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_rows, ROWS >= 2 && (ROWS & (ROWS - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_words, WORDS >= 2 && (WORDS & (WORDS - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_banks, BANKS == 1 || BANKS == 2)
  `MSQ_PARAMETER(msq_illegal_tokens, TOKENS >= 2 && (TOKENS & (TOKENS - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_kinds, KINDS >= 1 && KINDS <= 14)
`endif
endmodule
`default_nettype wire
