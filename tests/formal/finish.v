// msq_finish with any accelerator, readers, layout and writer: a list begins once, behind a reset in which
// nothing was under way. A job is judged once: by the first cause that the contract names, by a failed write
// or an overflow when its outputs are written, or by the registers of msq_top. A job with an error is
// completed behind a reset in which nothing was under way, any other when its outputs are written. Each word
// of a completion is written once, at its place behind the descriptor, and is answered before the job ends;
// without a job there is none. A list ends with its last job or its first error, and nowhere else; registers
// and interrupt say so. Registers of msq_top are read one after the other, never while they are held.
`default_nettype none
module formal_finish (
    input wire        clk_i,
    input wire        rst_ni,
    input wire        start_i,
    input wire        stop_i,
    input wire        acknowledge_i,
    input wire        idle_i,
    input wire        fetch_error_i,
    input wire [7:0]  fetch_code_i,
    input wire [17:0] fetch_address_i,
    input wire        weight_error_i,
    input wire        weight_end_i,
    input wire        act_error_i,
    input wire        act_end_i,
    input wire        job_valid_i,
    input wire [17:0] job_address_i,
    input wire        job_last_i,
    input wire        job_interrupt_i,
    input wire        end_i,
    input wire        overflow_i,
    input wire        written_i,
    input wire        write_error_i,
    input wire        held_i,
    input wire        answer_i,
    input wire [31:0] access_data_i,
    input wire        word_ready_i
);
  localparam WORD_BYTES = `WORD_BYTES;
  localparam WIDTH = WORD_BYTES * 8;
  localparam PARTS = WORD_BYTES < 16 ? 16 / WORD_BYTES : 1;
  wire busy, done, error, interrupt, reset, go, job_ready, end_ready, close, hold, access, word_valid;
  wire [7:0] code, access_address;
  wire [31:0] finished, cycles;
  wire [17:0] address, word_address;
  wire [WIDTH-1:0] word;
  wire [WORD_BYTES-1:0] word_strobe;
  wire access_end = access && answer_i;
  msq_finish #(
      .ADDRESS_BITS(18),
      .WORD_BYTES(WORD_BYTES),
      .STATUS(20),
      .JOBS(48)
  ) u_dut (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .start_i(start_i),
      .stop_i(stop_i),
      .acknowledge_i(acknowledge_i),
      .busy_o(busy),
      .done_o(done),
      .error_o(error),
      .interrupt_o(interrupt),
      .code_o(code),
      .finished_o(finished),
      .cycles_o(cycles),
      .address_o(address),
      .reset_o(reset),
      .idle_i(idle_i),
      .go_o(go),
      .fetch_error_i(fetch_error_i),
      .fetch_code_i(fetch_code_i),
      .fetch_address_i(fetch_address_i),
      .weight_error_i(weight_error_i),
      .weight_end_i(weight_end_i),
      .act_error_i(act_error_i),
      .act_end_i(act_end_i),
      .job_valid_i(job_valid_i),
      .job_ready_o(job_ready),
      .job_address_i(job_address_i),
      .job_last_i(job_last_i),
      .job_interrupt_i(job_interrupt_i),
      .end_i(end_i),
      .end_ready_o(end_ready),
      .overflow_i(overflow_i),
      .close_o(close),
      .written_i(written_i),
      .write_error_i(write_error_i),
      .hold_o(hold),
      .held_i(held_i),
      .access_o(access),
      .access_address_o(access_address),
      .access_end_i(access_end),
      .access_data_i(access_data_i),
      .word_valid_o(word_valid),
      .word_ready_i(word_ready_i),
      .word_address_o(word_address),
      .word_o(word),
      .word_strobe_o(word_strobe)
  );
  reg        started_q = 1'b0;
  // The list.
  reg        run_q, begun_q, stop_q, done_q, error_q, interrupt_q;
  reg [2:0]  calm_q;     // cycles of reset in which nothing was under way, up to 7
  reg        clean_q;    // there were 7
  reg [31:0] finished_q;
  reg [7:0]  weights_q, acts_q;  // packets read
  // Its oldest job.
  reg        ended_q;    // its outputs have come
  reg        closed_q;   // and are written
  reg        counted_q;  // msq_top has not counted it
  reg        judged_q;
  reg [7:0]  verdict_q;
  reg        there_q;    // it is a job, not a descriptor
  reg [17:0] place_q;
  reg        last_q, wanted_q;
  reg [2:0]  parts_q;    // words of the completion that were accepted
  reg        settled_q;  // all are written
  reg        bad_q;      // a write failed: one of the outputs, after the verdict one of the completion
  reg        pending_q;  // a word of the completion waits for its answer

  wire running = run_q && begun_q && !judged_q && !ended_q;
  wire no_descriptor = fetch_error_i && !job_valid_i;
  wire no_weights = job_valid_i && weight_error_i && weights_q == finished_q[7:0];
  wire no_acts = job_valid_i && act_error_i && acts_q == finished_q[7:0];
  wire [7:0] cause = stop_q ? 8'd24 : no_descriptor ? fetch_code_i : no_weights ? 8'd20
      : no_acts ? 8'd21 : 8'd0;
  wire [7:0] written = bad_q || write_error_i ? 8'd22 : overflow_i ? 8'd23 : 8'd0;
  wire completes = judged_q && there_q && (verdict_q == 0 || clean_q) && parts_q != PARTS;
  wire over = judged_q && (settled_q || (verdict_q != 0 && clean_q && !there_q));
  wire fine = verdict_q == 0 && !bad_q;
  wire judge_running = running && !end_i && cause != 0;
  wire judge_written = ended_q && !closed_q && written_i && written != 0;
  wire judge_good = access_end && closed_q && !counted_q && access_data_i[7:0] == finished_q[7:0] + 8'd1;
  wire judge_status = access_end && counted_q;
  always @(posedge clk_i) begin
    started_q <= 1'b1;
    if (!rst_ni) begin
      {run_q, begun_q, stop_q, done_q, error_q, interrupt_q, calm_q, clean_q, pending_q} <= 0;
      {ended_q, closed_q, counted_q, judged_q, verdict_q, parts_q, settled_q} <= 0;
    end else begin
      calm_q <= reset && idle_i && written_i ? (calm_q == 7 ? 7 : calm_q + 1) : 0;
      stop_q <= run_q && (stop_q || stop_i);
      pending_q <= (word_valid && word_ready_i) || (pending_q && !written_i);
      weights_q <= go ? 8'd0 : weights_q + weight_end_i;
      acts_q    <= go ? 8'd0 : acts_q + act_end_i;
      bad_q <= run_q && !go && (write_error_i || (bad_q && !(hold && judged_q && there_q)));
      if (acknowledge_i) interrupt_q <= 1'b0;
      if (!run_q && start_i) begin
        {begun_q, done_q, error_q, interrupt_q, clean_q, verdict_q} <= 0;
        {ended_q, closed_q, counted_q, judged_q, parts_q, settled_q} <= 0;
        run_q <= 1'b1;
        finished_q <= 0;
      end else if (run_q) begin
        if (calm_q == 7 && hold) clean_q <= 1'b1;
        if (go) {begun_q, clean_q} <= 2'b10;
        if (running) begin
          there_q  <= job_valid_i;
          place_q  <= job_valid_i ? job_address_i : fetch_address_i;
          last_q   <= job_last_i;
          wanted_q <= job_interrupt_i;
          if (end_i) ended_q <= 1'b1;
        end
        if (ended_q && written_i) closed_q <= 1'b1;
        if (access_end && !counted_q && !judge_good) counted_q <= 1'b1;
        if (judge_running || judge_written || judge_good || judge_status) begin
          judged_q  <= 1'b1;
          verdict_q <= judge_running ? cause : judge_written ? written : judge_good ? 8'd0
              : access_data_i[7:4] == 0 ? 8'd24 : {4'd0, access_data_i[7:4]};
        end
        if (completes && word_ready_i) parts_q <= parts_q + 1;
        if (judged_q && parts_q == PARTS && written_i) settled_q <= 1'b1;
        if (over) begin
          {ended_q, closed_q, counted_q, judged_q, clean_q, parts_q, settled_q} <= 0;
          if (fine) finished_q <= finished_q + 1;
          if (!fine || last_q) run_q <= 1'b0;
          if (!fine || last_q || wanted_q) interrupt_q <= 1'b1;
          done_q  <= fine && last_q;
          error_q <= !fine;
          verdict_q <= verdict_q == 0 && bad_q ? 8'd22 : verdict_q;
        end
      end
    end
  end
  // What the job's offers were.
  reg        job_open_q, end_open_q, held_q;
  reg [19:0] job_q;
  always @(posedge clk_i) begin
    job_open_q <= rst_ni && job_valid_i && !job_ready && !reset;
    end_open_q <= rst_ni && end_i && !end_ready && !reset;
    job_q      <= {job_interrupt_i, job_last_i, job_address_i};
    held_q     <= rst_ni && hold && held_i;
  end
  wire [127:0] completion = {32'd0, cycles, finished_q, 24'h800000, verdict_q};
  wire [127:0] part = completion >> (parts_q * WIDTH);
  (* keep *) wire [3:0] dut_state;
  (* keep *) wire [2:0] dut_quiet;
  (* keep *) wire [1:0] dut_part;
  (* keep *) wire dut_report, dut_write_error, dut_stop, dut_last, dut_wanted;
  (* keep *) wire [7:0] dut_weights, dut_acts;
  always @* begin
    if (!started_q) assume (!rst_ni);
    if (job_open_q) assume (job_valid_i && {job_interrupt_i, job_last_i, job_address_i} == job_q);
    if (end_open_q) assume (end_i);
    if (held_q && hold) assume (held_i);
    if (!hold) assume (!held_i);
    if (end_i && !hold) assume (job_valid_i);
    if (pending_q || write_error_i) assume (!written_i || (pending_q && !word_valid && !write_error_i));
    // Behind the last output, and behind a reset, the completion alone is written.
    if ((closed_q || clean_q) && !pending_q) assume (!write_error_i);
    if (fetch_error_i) assume (fetch_code_i != 0);
    if (started_q && rst_ni) begin
      assert (busy == run_q);
      if (busy || done || error) assert (finished == finished_q);
      assert (done == done_q && error == error_q && interrupt == interrupt_q && busy + done + error <= 1);
      // Reset and begin.
      if (reset) assert (held_i && hold && !access && !word_valid && !job_ready);
      if (go) assert (run_q && !begun_q && clean_q);
      if (hold) assert (run_q && (!begun_q || (judged_q && verdict_q != 0)));
      // Completion.
      assert (word_valid == (run_q && completes));
      if (word_valid) begin
        assert (begun_q && (verdict_q == 0 ? closed_q : clean_q));
        assert (word_address[17:7] == place_q[17:7] && word_address[6:0] == 64 + parts_q * WORD_BYTES);
        assert (WORD_BYTES > 16 ? word == completion && word_strobe == 16'hffff
            : word == part[WIDTH-1:0] && (&word_strobe));
      end
      // End.
      assert (job_ready == (run_q && over) && end_ready == job_ready);
      if (job_ready && there_q) assert (parts_q == PARTS && settled_q && !pending_q);
      if (run_q) assert (code == verdict_q);
      if (ended_q || judged_q) assert (address == place_q);
      if (!run_q && (done || error)) assert (code == verdict_q);
      // Registers of msq_top.
      assert (access == (run_q && closed_q && !judged_q));
      if (access) assert (access_address == (counted_q ? 20 : 48));
      if (ended_q && !closed_q) assert (close);
      if (judged_q && parts_q == PARTS && !settled_q) assert (close);
      // Invariants.
      if (!run_q) assert (!ended_q && !judged_q && !closed_q && !counted_q && !settled_q && parts_q == 0);
      if (!begun_q) assert (!ended_q && !judged_q && !closed_q && !counted_q && !settled_q && parts_q == 0);
      if (run_q && !begun_q) assert (verdict_q == 0 && !dut_report && finished_q == 0);
      if (run_q && begun_q && !judged_q) assert (verdict_q == 0);
      if (ended_q) assert (there_q);
      if (closed_q) assert (ended_q);
      if (judged_q && ended_q) assert (closed_q);
      if (counted_q) assert (closed_q);
      if (judged_q && verdict_q == 0) assert (closed_q);
      if (run_q && begun_q && clean_q) assert (judged_q && verdict_q != 0);
      if (parts_q != 0) assert (judged_q && there_q && (verdict_q == 0 || clean_q) && parts_q <= PARTS);
      if (settled_q) assert (parts_q == PARTS && !pending_q);
      if (pending_q) assert (parts_q != 0);
      if (ended_q && !judged_q) assert (job_valid_i);
      if (ended_q && !judged_q) assert (end_i);
      if (run_q && judged_q) assert (dut_report == there_q);
      if (ended_q) assert (dut_report);
      if (run_q && begun_q) assert (dut_weights == weights_q && dut_acts == acts_q);
      if (run_q && begun_q && (!judged_q || verdict_q == 0 || (clean_q && there_q)))
        assert (dut_write_error == bad_q);
      if (run_q && begun_q && closed_q && !judged_q) assert (!bad_q);
      if (ended_q || judged_q) assert (dut_last == last_q && dut_wanted == wanted_q);
      assert (dut_stop == stop_q && dut_quiet == calm_q);
      if (completes) assert (dut_part == parts_q);
      if (run_q && !completes && (judged_q ? verdict_q == 0 || clean_q : begun_q)) assert (dut_part == 0);
      assert (dut_state == (!run_q ? 0 : !begun_q ? (clean_q ? 2 : 1)
          : !judged_q ? (!ended_q ? 3 : !closed_q ? 4 : !counted_q ? 5 : 6)
          : verdict_q != 0 && !clean_q ? 1 : completes ? 7 : over ? 9 : 8));
      cover (done && finished == 1);
      cover (error && code == 21 && !there_q);
      cover (error && code == 22 && closed_q == 0 && finished == 0);
      cover (access && counted_q && word_ready_i);
    end
  end
endmodule
`default_nettype wire
