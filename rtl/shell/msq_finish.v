// SPDX-License-Identifier: Apache-2.0
// Runs lists of jobs: begins each with the accelerator in reset, sees every job end, writes its completion,
// and ends the list with its last job, with the first error, or when it is stopped.
//
// A job has ended when the last beat of its outputs has come and all of them are written. msq_top then counts
// one job more, unless it found an error. A packet that cannot be read is the error of its own job: jobs
// before it end first. Jobs behind one with an error are dropped; msq_top is reset for that, once the
// memory has answered all requests.
//
// A completion is 16 bytes at byte 64 of the descriptor: {0, cycles of the list, number of the job in the
// list, 1 << 31 | code}. The interrupt comes when it is written.
// Area block: shell: control
`default_nettype none
module msq_finish #(
    parameter ADDRESS_BITS = 40,  // bits of a byte address
    parameter WORD_BYTES = 16,    // bytes of a word of the memory, a power of two from 4 to 64
    parameter STATUS = 20,        // byte address of the register status of msq_top
    parameter JOBS = 48           // byte address of its register jobs
) (
    input  wire                    clk_i,
    input  wire                    rst_ni,
    // Registers.
    input  wire                    start_i,        // pulse: begin a list; ignored while one runs
    input  wire                    stop_i,         // pulse: end the list
    input  wire                    acknowledge_i,  // pulse: drop the interrupt
    output wire                    busy_o,         // a list runs
    output wire                    done_o,         // the list ended without an error
    output wire                    error_o,        // the list ended with an error
    output wire                    interrupt_o,    // a job with an interrupt, or the list, has ended
    output wire [7:0]              code_o,         // error code
    output wire [31:0]             finished_o,     // jobs of the list that have ended without an error
    output wire [31:0]             cycles_o,       // cycles of the list
    output wire [ADDRESS_BITS-1:0] address_o,      // descriptor of the oldest job, also after the end
    // The other parts.
    output wire                    reset_o,          // msq_top and what feeds it in reset, readers flush
    input  wire                    idle_i,           // nothing of them is under way in the memory
    output wire                    go_o,             // pulse: read the first descriptor
    input  wire                    fetch_error_i,    // no more jobs: a descriptor is wrong
    input  wire [7:0]              fetch_code_i,     // its error
    input  wire [ADDRESS_BITS-1:0] fetch_address_i,  // address of the next descriptor, right or wrong
    input  wire                    weight_error_i,   // the next weights cannot be read
    input  wire                    weight_end_i,     // pulse: end of a weight packet
    input  wire                    act_error_i,      // the next activations cannot be read
    input  wire                    act_end_i,        // pulse: end of an activation packet
    // The oldest job.
    input  wire                    job_valid_i,      // there is one
    output wire                    job_ready_o,      // it has ended
    input  wire [ADDRESS_BITS-1:0] job_address_i,    // its descriptor
    input  wire                    job_last_i,       // last one of the list
    input  wire                    job_interrupt_i,  // interrupt with its end
    // Its outputs.
    input  wire                    end_i,            // they have come; stays until end_ready_o
    output wire                    end_ready_o,      // on to the next job
    input  wire                    overflow_i,       // there were more than its descriptor says
    output wire                    close_o,          // no word follows for now
    input  wire                    written_i,        // all words are written
    input  wire                    write_error_i,    // pulse: the memory answered a write with an error
    // Registers of msq_top: an access stays until its end.
    output wire                    hold_o,           // others get no access
    input  wire                    held_i,           // and have none
    output wire                    access_o,         // access asked for, a read
    output wire [7:0]              access_address_o, // byte address
    input  wire                    access_end_i,     // access ends
    input  wire [31:0]             access_data_i,    // data read
    // Words of the completion.
    output wire                    word_valid_o,     // word offered
    input  wire                    word_ready_i,     // word accepted if offered
    output wire [ADDRESS_BITS-1:0] word_address_o,   // byte address
    output wire [WORD_BYTES*8-1:0] word_o,           // word
    output wire [WORD_BYTES-1:0]   word_strobe_o     // bytes to write
);
  localparam [7:0] ERROR_WEIGHT_READ = 8'd20, ERROR_ACTIVATION_READ = 8'd21, ERROR_WRITE = 8'd22,
      ERROR_OVERFLOW = 8'd23, ERROR_STOPPED = 8'd24;
  localparam PARTS = (WORD_BYTES >= 16) ? 1 : 16 / WORD_BYTES;
  localparam [31:0] LAST_PART = PARTS - 1;
  localparam [3:0] IDLE = 4'd0, RESET = 4'd1, GO = 4'd2, RUN = 4'd3, CLOSE = 4'd4, COUNT = 4'd5, CAUSE = 4'd6,
      COMPLETE = 4'd7, CLOSE_COMPLETE = 4'd8, FINISH = 4'd9;
  reg [3:0]              state_q;
  reg [2:0]              quiet_q;     // cycles in which nothing was under way
  reg                    stop_q;
  reg                    done_q, error_q, interrupt_q;
  reg                    report_q;    // the job has a completion
  reg [7:0]              code_q;      // of the job
  reg                    write_error_q;
  reg [31:0]             finished_q;
  reg [7:0]              weights_q, acts_q;  // packets read, modulo 256
  reg [ADDRESS_BITS-1:0] address_q;
  reg                    last_q;
  reg                    wanted_q;    // interrupt with the job
  reg [1:0]              part_q;

  wire quiet = &quiet_q;
  wire weight_fails = weight_error_i && weights_q == finished_q[7:0];
  wire act_fails = act_error_i && acts_q == finished_q[7:0];
  wire fetch_fails = fetch_error_i && !job_valid_i;
  wire [7:0] run_code = stop_q ? ERROR_STOPPED : fetch_fails ? fetch_code_i : weight_fails ? ERROR_WEIGHT_READ
      : ERROR_ACTIVATION_READ;
  wire fails = stop_q || fetch_fails || (job_valid_i && (weight_fails || act_fails));
  wire [7:0] write_code = write_error_q || write_error_i ? ERROR_WRITE : overflow_i ? ERROR_OVERFLOW : 8'd0;
  wire good = code_q == 8'd0;

  assign busy_o = state_q != IDLE;
  assign done_o = done_q;
  assign error_o = error_q;
  assign interrupt_o = interrupt_q;
  assign code_o = code_q;
  assign finished_o = finished_q;
  assign address_o = address_q;
  assign reset_o = state_q == RESET && held_i;
  assign hold_o = state_q == RESET;
  assign go_o = state_q == GO;
  assign close_o = state_q == CLOSE || state_q == CLOSE_COMPLETE || state_q == RESET;
  assign job_ready_o = state_q == FINISH;
  assign end_ready_o = state_q == FINISH;
  assign access_o = state_q == COUNT || state_q == CAUSE;
  assign access_address_o = state_q == COUNT ? JOBS[7:0] : STATUS[7:0];
  wire unused_read = &{1'b0, access_data_i};

  // Completion.
  wire [127:0] completion = {32'd0, cycles_o, finished_q, 1'b1, 23'd0, code_q};
  wire [127:0] at_part = completion >> ({30'd0, part_q} * (WORD_BYTES * 8));
  wire unused_at_part = &{1'b0, at_part};
  wire part_last = part_q == LAST_PART[1:0];
  assign word_valid_o = state_q == COMPLETE;
  generate
    if (WORD_BYTES > 16) begin : gen_wide
      assign word_o = {{(WORD_BYTES * 8 - 128) {1'b0}}, completion};
      assign word_strobe_o = {{(WORD_BYTES - 16) {1'b0}}, 16'hffff};
      assign word_address_o = {address_q[ADDRESS_BITS-1:7], 7'd64};
    end else begin : gen_narrow
      assign word_o = at_part[WORD_BYTES*8-1:0];
      assign word_strobe_o = {WORD_BYTES{1'b1}};
      assign word_address_o = {address_q[ADDRESS_BITS-1:7], 7'd64 + {5'd0, part_q} * WORD_BYTES[6:0]};
    end
  endgenerate

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= IDLE;
    end else begin
      case (state_q)
        IDLE: if (start_i) state_q <= RESET;
        RESET: if (quiet) state_q <= good ? GO : report_q ? COMPLETE : FINISH;
        GO: state_q <= RUN;
        RUN: if (end_i) state_q <= CLOSE; else if (fails) state_q <= RESET;
        CLOSE: if (written_i) state_q <= write_code != 8'd0 ? RESET : COUNT;
        COUNT:
        if (access_end_i) state_q <= access_data_i[7:0] == finished_q[7:0] + 8'd1 ? COMPLETE : CAUSE;
        CAUSE: if (access_end_i) state_q <= RESET;
        COMPLETE: if (word_ready_i && part_last) state_q <= CLOSE_COMPLETE;
        CLOSE_COMPLETE: if (written_i) state_q <= FINISH;
        default: state_q <= (!good || write_error_q || last_q) ? IDLE : RUN;  // FINISH
      endcase
    end
  end
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      done_q      <= 1'b0;
      error_q     <= 1'b0;
      interrupt_q <= 1'b0;
      stop_q      <= 1'b0;
      code_q      <= 8'd0;
      quiet_q     <= 3'd0;
    end else begin
      quiet_q <= reset_o && idle_i && written_i ? quiet_q + {2'd0, !quiet} : 3'd0;
      stop_q  <= state_q != IDLE && (stop_q || stop_i);
      if (acknowledge_i) interrupt_q <= 1'b0;
      case (state_q)
        IDLE:
        if (start_i) begin
          done_q      <= 1'b0;
          error_q     <= 1'b0;
          interrupt_q <= 1'b0;
          code_q      <= 8'd0;
        end
        RUN: if (!end_i && fails) code_q <= run_code;
        CLOSE: if (written_i) code_q <= write_code;
        // An end without a cause: somebody else has cleared the accelerator.
        CAUSE:
        if (access_end_i)
          code_q <= access_data_i[7:4] == 4'd0 ? ERROR_STOPPED : {4'd0, access_data_i[7:4]};
        FINISH: begin
          if (good && write_error_q) code_q <= ERROR_WRITE;
          done_q  <= good && !write_error_q && last_q;
          error_q <= !good || write_error_q;
          if (!good || write_error_q || last_q || wanted_q) interrupt_q <= 1'b1;
        end
        default: ;
      endcase
    end
  end
  always @(posedge clk_i) begin
    if (state_q == IDLE || state_q == GO) write_error_q <= 1'b0;
    else if (write_error_i) write_error_q <= 1'b1;
    else if (state_q == RESET && report_q) write_error_q <= 1'b0;  // known; now that of the completion counts
    if (state_q == IDLE) report_q <= 1'b0;
    if (state_q == RUN) begin
      report_q  <= job_valid_i;
      address_q <= job_valid_i ? job_address_i : fetch_address_i;
      last_q    <= job_last_i;
      wanted_q  <= job_interrupt_i;
    end
    if (state_q == RESET) part_q <= 2'd0;
    else if (state_q == COMPLETE && word_ready_i) part_q <= part_last ? 2'd0 : part_q + 2'd1;
    if (state_q == IDLE && start_i) finished_q <= 32'd0;
    else if (state_q == FINISH && good && !write_error_q) finished_q <= finished_q + 32'd1;
    if (state_q == GO) begin
      weights_q <= 8'd0;
      acts_q    <= 8'd0;
    end else begin
      weights_q <= weights_q + {7'd0, weight_end_i};
      acts_q    <= acts_q + {7'd0, act_end_i};
    end
  end
  msq_event_counter u_cycles (
      .clk_i(clk_i),
      .clear_i(!rst_ni || (state_q == IDLE && start_i)),
      .amount_i(busy_o),
      .sum_o(cycles_o)
  );

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_address_bits, ADDRESS_BITS >= 8)
  `MSQ_PARAMETER(msq_illegal_word,
                 WORD_BYTES >= 4 && WORD_BYTES <= 64 && (WORD_BYTES & (WORD_BYTES - 1)) == 0)
  `MSQ_INPUT(rst_ni && end_i, job_valid_i || state_q == RESET, "outputs of no job")
`endif
endmodule
`default_nettype wire
