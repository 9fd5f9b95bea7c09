// SPDX-License-Identifier: Apache-2.0
// Runs one job at a time: checks its registers, lets the datapath out of reset, ends with the last output or
// with the first error, and counts what every cycle was used for.
//
// Error codes are those of the register map: 1 for the shape, 2 + i for bit i of errors_i. After an error the
// input streams are accepted and dropped until the engine is cleared, so that upstream producers cannot
// deadlock.
// Area block: top: control
`default_nettype none
module msq_job #(
    parameter ROWS = 8,      // PE rows, a power of two
    parameter WORDS = 4096,  // words in a half of the activation buffer, a power of two
    parameter TOKENS = 128,  // maximum tokens of a pass, a power of two
    parameter KINDS = 12,    // bits of errors_i
    // Derived, do not set.
    parameter TOKEN_BITS = $clog2(TOKENS)
) (
    input  wire                clk_i,
    input  wire                rst_ni,
    // Registers.
    input  wire                start_i,           // pulse: start; ignored while busy or after an error
    input  wire                clear_i,           // pulse: return to idle, also during a job
    input  wire [23:0]         tokens_i,          // M
    input  wire [23:0]         depth_i,           // K
    input  wire [23:0]         columns_i,         // N
    input  wire [15:0]         tokens_pass_i,     // T
    input  wire [3:0]          log2_tile_rows_i,  // log2 of the rows of a tile along K
    input  wire [3:0]          log2_block_i,      // log2 of the activations of a block: 5, 6 or 7
    output wire                busy_o,            // job in progress
    output wire                done_o,            // job ended without an error
    output wire                error_o,           // job ended with an error
    output wire [3:0]          code_o,            // error code; 0 without an error
    input  wire                acknowledge_i,     // pulse: drop the interrupt
    output wire                interrupt_o,       // job ended, not acknowledged
    // Datapath.
    output wire                run_o,                   // datapath out of reset
    output wire                discard_o,               // input streams accepted and dropped
    output wire                abort_o,                 // pulse: an error or clear_i ended the job
    output wire [TOKEN_BITS:0] job_tokens_pass_o,       // tokens of a pass
    output wire [10:0]         job_tiles_k_o,           // tiles along K
    output wire [10:0]         job_blocks_k_o,          // activation blocks along K
    output wire [2:0]          job_log2_block_tiles_o,  // log2 of the tiles along K of a block
    input  wire                pass_end_i,              // last beat of a pass accepted by the sink
    input  wire                port_idle_i,             // no beat waits at the output
    input  wire [KINDS-1:0]    errors_i,                // errors of the datapath, one bit a kind
    // What a cycle was used for.
    input  wire                launch_i,                 // token launched
    input  wire                tile_i,                   // first token of a tile launched
    input  wire                wait_output_i,            // cycle waits for the accumulators
    input  wire                wait_activation_i,        // cycle waits for activations
    input  wire                wait_weight_i,            // cycle waits for weights
    input  wire                wait_schedule_i,          // cycle waits for the schedule
    input  wire [31:0]         recon_accesses_i,        // count of the core, which is reset with the datapath
    input  wire [31:0]         recon_waits_i,            // count of the core
    output reg  [31:0]         count_cycles_o,           // cycles of the job
    output reg  [31:0]         count_tokens_o,           // tokens launched
    output reg  [31:0]         count_tiles_o,            // tiles launched
    output reg  [31:0]         count_wait_output_o,      // cycles that waited for the accumulators
    output reg  [31:0]         count_wait_activation_o,  // cycles that waited for activations
    output reg  [31:0]         count_wait_weight_o,      // cycles that waited for weights
    output reg  [31:0]         count_wait_schedule_o,    // cycles that waited for the schedule
    output reg  [31:0]         count_recon_accesses_o,   // rows times tokens through ReCoN
    output reg  [31:0]         count_recon_waits_o       // accesses held back by the schedule
);
  localparam [2:0] IDLE = 3'd0, PREPARE = 3'd1, CHECK = 3'd2, RUN = 3'd3, FAILED = 3'd4;
  localparam LOG2_ROWS = $clog2(ROWS);
  localparam [10:0] MOST_TILES = 11'd1024;

  reg [2:0]            state_q;
  reg                  done_q;
  reg                  error_q;
  reg [3:0]            code_q;
  reg                  abort_q;
  reg [23:0]           left_q;      // tokens of passes whose outputs have not left
  reg [TOKEN_BITS:0]   pass_q;
  reg [10:0]           tiles_q;
  reg [10:0]           blocks_q;
  reg [2:0]            log2_block_tiles_q;
  reg                  bad_q;
  reg                  interrupt_q;

  // Shape, once the output of the job before is gone. The first cycle rounds up, the second looks at what
  // does not fit.
  wire block_ok = log2_block_i == 4'd5 || log2_block_i == 4'd6 || log2_block_i == 4'd7;
  wire rows_ok = log2_tile_rows_i >= 4'd2 && log2_tile_rows_i <= LOG2_ROWS[3:0]
      && log2_tile_rows_i <= log2_block_i;
  wire [14:0] in_tile = (15'd1 << log2_tile_rows_i) - 15'd1;
  wire [14:0] in_block = (15'd1 << log2_block_i) - 15'd1;
  wire [23:0] tiles = (depth_i >> log2_tile_rows_i) + {23'd0, |(depth_i[14:0] & in_tile)};
  wire [23:0] blocks = (depth_i >> log2_block_i) + {23'd0, |(depth_i[14:0] & in_block)};
  wire none = tokens_i == 24'd0 || depth_i == 24'd0 || columns_i == 24'd0 || tokens_pass_i == 16'd0;
  wire too_many = {16'd0, tokens_pass_i} > TOKENS || tiles > {13'd0, MOST_TILES};
  wire fewer = tokens_i < {8'd0, tokens_pass_i};
  wire [TOKEN_BITS:0] pass = fewer ? tokens_i[TOKEN_BITS:0] : tokens_pass_i[TOKEN_BITS:0];
  wire [TOKEN_BITS+11:0] words = {11'd0, pass_q} * {{(TOKEN_BITS + 1) {1'b0}}, tiles_q};
  wire [3:0] log2_block_tiles = log2_block_i - log2_tile_rows_i;
  wire unused_high = &{1'b0, log2_block_tiles[3], blocks[23:11]};

  // First error of the cycle.
  reg [3:0] code;
  integer i;
  always @* begin
    code = 4'd0;
    for (i = KINDS - 1; i >= 0; i = i - 1) if (errors_i[i]) code = i[3:0] + 4'd2;
  end
  wire failed = |errors_i;
  wire last_pass = left_q <= {{(23 - TOKEN_BITS) {1'b0}}, pass_q};

  assign busy_o = state_q == PREPARE || state_q == CHECK || state_q == RUN;
  assign done_o = done_q;
  assign error_o = error_q;
  assign code_o = code_q;
  assign interrupt_o = interrupt_q;
  assign run_o = state_q == RUN;
  assign discard_o = state_q == FAILED;
  assign abort_o = abort_q;
  assign job_tokens_pass_o = pass_q;
  assign job_tiles_k_o = tiles_q;
  assign job_blocks_k_o = blocks_q;
  assign job_log2_block_tiles_o = log2_block_tiles_q;

  always @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      state_q <= IDLE;
      done_q  <= 1'b0;
      error_q <= 1'b0;
      code_q  <= 4'd0;
      abort_q <= rst_ni && state_q == RUN;  // a cleared job leaves an open packet, too
      interrupt_q <= 1'b0;
    end else begin
      abort_q <= 1'b0;
      if (acknowledge_i) interrupt_q <= 1'b0;
      case (state_q)
        IDLE:
        if (start_i) begin
          state_q <= PREPARE;
          done_q  <= 1'b0;
        end
        PREPARE: if (port_idle_i) state_q <= CHECK;
        CHECK:
        if (bad_q || {{(20 - TOKEN_BITS) {1'b0}}, words} > WORDS) begin
          state_q <= FAILED;
          error_q <= 1'b1;
          code_q  <= 4'd1;
          abort_q <= 1'b1;
          interrupt_q <= 1'b1;
        end else begin
          state_q <= RUN;
        end
        RUN:
        if (failed) begin
          state_q <= FAILED;
          error_q <= 1'b1;
          code_q  <= code;
          abort_q <= 1'b1;
          interrupt_q <= 1'b1;
        end else if (pass_end_i && last_pass) begin
          state_q <= IDLE;
          done_q  <= 1'b1;
          interrupt_q <= 1'b1;
        end
        default: ;  // FAILED
      endcase
    end
  end

  always @(posedge clk_i) begin
    if (state_q == PREPARE) begin
      bad_q              <= none || too_many || !block_ok || !rows_ok;
      pass_q             <= pass;
      tiles_q            <= tiles[10:0];
      blocks_q           <= blocks[10:0];
      log2_block_tiles_q <= log2_block_tiles[2:0];
      left_q             <= tokens_i;
    end else if (pass_end_i) begin
      left_q <= left_q - {{(23 - TOKEN_BITS) {1'b0}}, pass_q};
    end
  end

  // Counters, from the start of a job to its end; they stay until the next start.
  wire run = state_q == RUN;
  wire restart = !rst_ni || state_q == PREPARE;
  always @(posedge clk_i) begin
    if (restart) begin
      count_cycles_o          <= 32'd0;
      count_tokens_o          <= 32'd0;
      count_tiles_o           <= 32'd0;
      count_wait_output_o     <= 32'd0;
      count_wait_activation_o <= 32'd0;
      count_wait_weight_o     <= 32'd0;
      count_wait_schedule_o   <= 32'd0;
      count_recon_accesses_o  <= 32'd0;
      count_recon_waits_o     <= 32'd0;
    end else if (run) begin
      count_cycles_o          <= count_cycles_o + 32'd1;
      count_tokens_o          <= count_tokens_o + {31'd0, launch_i};
      count_tiles_o           <= count_tiles_o + {31'd0, tile_i};
      count_wait_output_o     <= count_wait_output_o + {31'd0, wait_output_i};
      count_wait_activation_o <= count_wait_activation_o + {31'd0, wait_activation_i};
      count_wait_weight_o     <= count_wait_weight_o + {31'd0, wait_weight_i};
      count_wait_schedule_o   <= count_wait_schedule_o + {31'd0, wait_schedule_i};
      count_recon_accesses_o  <= recon_accesses_i;
      count_recon_waits_o     <= recon_waits_i;
    end
  end

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_rows, ROWS >= 2 && (ROWS & (ROWS - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_words, WORDS >= 2 && (WORDS & (WORDS - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_tokens, TOKENS >= 2 && (TOKENS & (TOKENS - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_kinds, KINDS >= 1 && KINDS <= 14)
`endif
endmodule
`default_nettype wire
