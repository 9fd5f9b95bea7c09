// msq_fetch with any memory, readers, writer and registers: one burst of 64 bytes per descriptor, from the
// head or from the field `next`, never a second one under way; requests and announcements stay. A job is
// announced, its weights, its six settings, its start behind a poll that found the queue free, and its
// activations follow, each once and in this order, with the fields of the descriptor; activations with `wait`
// only when all jobs before have ended. The error of a bad descriptor is the first that the contract names,
// its job is not announced, nothing follows. Nothing waits without a cause. `idle_o` means that no request is
// under way.
`default_nettype none
module formal_fetch (
    input wire                      clk_i,
    input wire                      rst_ni,
    input wire                      halt_i,
    input wire                      go_i,
    input wire [63:0]               head_i,
    input wire [7:0]                finished_i,
    input wire                      arready_i,
    input wire                      answer_i,
    input wire [`WORD_BYTES*8-1:0]  rdata_i,
    input wire [1:0]                rresp_i,
    input wire                      end_i,
    input wire [31:0]               access_data_i,
    input wire                      job_ready_i,
    input wire                      weight_ready_i,
    input wire                      act_ready_i
);
  localparam WORD_BYTES = `WORD_BYTES;
  localparam ACT_BITS = `ACT_BITS;
  localparam WIDTH = WORD_BYTES * 8;
  localparam BEATS = 64 / WORD_BYTES;
  localparam WORD_BITS = $clog2(WORD_BYTES);
  wire idle, error, arvalid, rvalid, rlast, access, access_write, access_end;
  wire job_valid, job_last, job_interrupt, output_activations, weight_valid, act_valid;
  wire [7:0] code, arlen, access_address;
  wire [39:0] address, araddr, output_address, weight_address, act_address;
  wire [31:0] access_data, output_bytes, output_values, weight_bytes, act_bytes;
  wire [3:0] access_strobe;
  wire [4:0] output_tokens;
  wire [23:0] output_columns;
  msq_fetch #(
      .ADDRESS_BITS(40),
      .WORD_BYTES(WORD_BYTES),
      .WEIGHT_BYTES(32),
      .ACT_BYTES(8),
      .ACT_BITS(ACT_BITS),
      .TOKEN_BITS(5),
      .SETTINGS(24),
      .STATUS(20),
      .CONTROL(16)
  ) u_dut (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .halt_i(halt_i),
      .idle_o(idle),
      .go_i(go_i),
      .head_i(head_i),
      .error_o(error),
      .code_o(code),
      .address_o(address),
      .finished_i(finished_i),
      .arvalid_o(arvalid),
      .arready_i(arready_i),
      .araddr_o(araddr),
      .arlen_o(arlen),
      .rvalid_i(rvalid),
      .rdata_i(rdata_i),
      .rresp_i(rresp_i),
      .rlast_i(rlast),
      .access_o(access),
      .access_write_o(access_write),
      .access_address_o(access_address),
      .access_data_o(access_data),
      .access_strobe_o(access_strobe),
      .access_end_i(access_end),
      .access_data_i(access_data_i),
      .job_valid_o(job_valid),
      .job_ready_i(job_ready_i),
      .job_last_o(job_last),
      .job_interrupt_o(job_interrupt),
      .output_address_o(output_address),
      .output_bytes_o(output_bytes),
      .output_activations_o(output_activations),
      .output_values_o(output_values),
      .output_tokens_o(output_tokens),
      .output_columns_o(output_columns),
      .weight_valid_o(weight_valid),
      .weight_ready_i(weight_ready_i),
      .weight_address_o(weight_address),
      .weight_bytes_o(weight_bytes),
      .act_valid_o(act_valid),
      .act_ready_i(act_ready_i),
      .act_address_o(act_address),
      .act_bytes_o(act_bytes)
  );
  // What has happened to the descriptor at place_q.
  reg         started_q = 1'b0;
  reg         list_q;      // a list runs
  reg [63:0]  place_q;
  reg [7:0]   jobs_q;      // jobs of the list before it
  reg         under_q;     // its burst is under way
  reg [4:0]   beats_q;     // beats of it that have come
  reg         bad_q;       // one of them with an error
  reg         checked_q;   // a cycle has passed since its last beat
  reg         told_q;      // its job is announced
  reg         weights_q;   // so are its weights
  reg [2:0]   settings_q;  // settings written
  reg         free_q;      // the queue of msq_top was found free
  reg         begun_q;     // the job is started
  reg         passed_q;    // its activations are announced
  reg         failed_q;    // it is wrong
  reg         halted_q;    // halt_i was there and has not been dropped
  wire [511:0] text;  // the descriptor
  wire whole = beats_q == BEATS;

  // The contract: docs/reference/soc.md.
  wire last = text[8];
  wire waits = text[10];
  wire chained = text[11];
  wire [31:0] tokens = text[32+:32], depth = text[64+:32], columns = text[96+:32];
  wire [31:0] weight_size = text[128+:32], act_size = text[160+:32], values = text[224+:32];
  wire misplaced = |text[256+40+:24] || |text[256+:WORD_BITS]
      || |text[320+40+:24] || |text[320+:WORD_BITS]
      || |text[384+40+:24] || |text[384+:WORD_BITS]
      || (!last && (|text[448+40+:24] || |text[448+:7]));
  wire lost = |place_q[63:40] || |place_q[6:0];
  wire [7:0] wrong = lost ? 8'd18 : bad_q ? 8'd16
      : text[7:0] != 8'hd5 || text[15:14] != 0 || text[31:24] != 0 || tokens == 0 || tokens >= 32
          || depth >= 32'h1000000 || columns == 0 || columns >= 32'h1000000 ? 8'd17
      : misplaced || weight_size == 0 || |weight_size[4:0] || act_size == 0 || |act_size[2:0] ? 8'd18
      : chained && (text[13:12] != (ACT_BITS == 8 ? 2 : 3) || |values[2:0]) ? 8'd19 : 8'd0;
  wire good = whole && checked_q && !failed_q;
  wire request = arvalid && arready_i;
  wire job_told = job_valid && job_ready_i;
  wire weight_told = weight_valid && weight_ready_i;
  wire act_told = act_valid && act_ready_i;
  assign rvalid = under_q && answer_i;
  assign rlast = beats_q == BEATS - 1;
  // msq_finish halts with the registers' port held.
  assign access_end = access && end_i && !halt_i;
  wire next = list_q && passed_q && !halt_i && !last;
  wire over = list_q && ((passed_q && (last || halt_i)) || (halt_i && failed_q)
      || (halt_i && rvalid && rlast) || (halt_i && good) || (halt_i && whole && !checked_q));
  always @(posedge clk_i) begin
    started_q <= 1'b1;
    if (!rst_ni) begin
      list_q   <= 1'b0;
      under_q  <= 1'b0;
      beats_q  <= 0;
      halted_q <= 1'b0;
      {checked_q, told_q, weights_q, settings_q, free_q, begun_q, passed_q, failed_q, bad_q} <= 0;
    end else begin
      halted_q <= halt_i && !idle;
      if (go_i || next) begin
        list_q  <= 1'b1;
        place_q <= go_i ? head_i : text[448+:64];
        jobs_q  <= go_i ? 8'd0 : jobs_q + 8'd1;
        beats_q <= 0;
        {checked_q, told_q, weights_q, settings_q, free_q, begun_q, passed_q, failed_q, bad_q} <= 0;
      end else begin
        if (over) list_q <= 1'b0;
        if (request) under_q <= 1'b1;
        if (rvalid) begin
          beats_q <= beats_q + 1;
          bad_q   <= bad_q || rresp_i[1];
          if (rlast) under_q <= 1'b0;
        end
        if (list_q && whole) checked_q <= 1'b1;
        if (list_q && (lost || (whole && !checked_q && wrong != 0)) && !over) failed_q <= 1'b1;
        if (job_told) told_q <= 1'b1;
        if (weight_told) weights_q <= 1'b1;
        if (access_end && access_address >= 24) settings_q <= settings_q + 1;
        if (access_end && !access_write && !access_data_i[8]) free_q <= 1'b1;
        if (access_end && access_address == 16) begun_q <= 1'b1;
        if (act_told) passed_q <= 1'b1;
      end
    end
  end
  (* keep *) wire [511:0] dut_words;
  // Beat n of the descriptor, and whether the module holds it where beats_q puts it.
  wire [BEATS-1:0] held;
  genvar n, b;
  generate
    for (n = 0; n < BEATS; n = n + 1) begin : gen_beat
      reg [WIDTH-1:0] beat_q;
      wire [BEATS-1:n] at;
      always @(posedge clk_i) if (rvalid && beats_q == n) beat_q <= rdata_i;
      assign text[n*WIDTH+:WIDTH] = beat_q;
      for (b = n; b < BEATS; b = b + 1) begin : gen_at
        assign at[b] = beats_q != b + 1 || dut_words[(BEATS+n-b-1)*WIDTH+:WIDTH] == beat_q;
      end
      assign held[n] = &at;
    end
  endgenerate
  wire at_job = list_q && good && !told_q;
  wire at_weights = list_q && told_q && !weights_q;
  wire at_settings = list_q && weights_q && settings_q != 6;
  wire at_poll = list_q && settings_q == 6 && !free_q;
  wire at_start = list_q && free_q && !begun_q;
  wire at_acts = list_q && begun_q && !passed_q;
  reg [31:0] setting;
  always @* begin
    case (settings_q)
      0, 3: setting = tokens;
      1: setting = depth;
      2: setting = columns;
      4: setting = {20'd0, text[23:20], 4'd0, text[19:16]};
      default: setting = {30'd0, text[13:12]};
    endcase
  end
  (* keep *) wire [3:0] dut_state;
  (* keep *) wire dut_bad;
  (* keep *) wire [2:0] dut_setting;
  (* keep *) wire [63:0] dut_address;
  (* keep *) wire [7:0] dut_jobs;
  always @* begin
    if (!started_q) assume (!rst_ni);
    assume (!(go_i && (!idle || halt_i)));
    if (halted_q) assume (halt_i);
    if (started_q && rst_ni) begin
      assert (idle == !list_q && error == (list_q && failed_q));
      if (idle) assert (!under_q);
      // Request: once per descriptor, also while a halt waits for its end.
      assert (arvalid == (list_q && !under_q && !whole && !lost && !failed_q));
      if (arvalid) assert (araddr == place_q && araddr[5:0] == 0 && (arlen + 1) * WORD_BYTES == 64);
      if (list_q) assert (address == place_q[39:0]);
      if (error) assert (code == wrong && wrong != 0 && !told_q);
      // Offers, and no other at the time.
      assert (job_valid == (at_job && !halt_i) && weight_valid == (at_weights && !halt_i));
      assert (act_valid == (at_acts && !halt_i && (!waits || jobs_q == finished_i)));
      assert (access == (at_settings || at_poll || at_start));
      if (at_job || told_q) assert (wrong == 0);
      if (job_valid) begin
        assert ({job_interrupt, job_last, output_activations} == {text[9], last, chained});
        assert (output_address == text[384+:64] && output_bytes == text[192+:32]);
        assert (output_values == values && output_tokens == tokens && output_columns == columns);
      end
      if (weight_valid) assert (weight_address == text[256+:64] && weight_bytes == weight_size);
      if (act_valid) assert (act_address == text[320+:64] && act_bytes == act_size);
      if (at_settings) begin
        assert (access_write && access_address == 24 + 4 * settings_q);
        assert (access_data == setting && (&access_strobe));
      end
      if (at_poll) assert (!access_write && access_address == 20);
      if (at_start) assert (access_write && access_address == 16 && access_data == 1 && access_strobe == 1);
      // Invariants.
      if (list_q && told_q) assert (whole && checked_q);
      if (list_q && weights_q) assert (told_q);
      if (list_q && settings_q != 0) assert (weights_q && settings_q <= 6);
      if (list_q && free_q) assert (settings_q == 6);
      if (list_q && begun_q) assert (free_q);
      if (list_q && passed_q) assert (begun_q);
      if (list_q && failed_q) assert (!told_q && (lost || (whole && checked_q)));
      if (list_q && lost) assert (!under_q && beats_q == 0);
      if (under_q) assert (list_q && beats_q < BEATS && !checked_q && !told_q);
      assert (beats_q <= BEATS);
      if (list_q && beats_q != 0 && !whole) assert (under_q);
      if (list_q && whole && !checked_q) assert (!told_q);
      if (list_q && !whole) assert (!checked_q && !told_q);
      if (list_q && beats_q == 0) assert (!bad_q);
      assert (dut_state == (!list_q ? 0 : failed_q ? 11 : passed_q ? 10 : begun_q ? 9 : free_q ? 8
          : settings_q == 6 ? 7 : weights_q ? 6 : told_q ? 5 : checked_q ? 4 : whole ? 3 : under_q ? 2 : 1));
      if (list_q) assert (dut_address == place_q && dut_jobs == jobs_q);
      if (list_q && (whole || under_q)) assert (dut_bad == bad_q);
      if (list_q && weights_q) assert (dut_setting == settings_q);
      if (list_q) assert (&held);
      cover (at_settings && halt_i);
      cover (arvalid && jobs_q == 1);
      cover (error && code == 19);
      cover (error && code == 18 && lost);
      cover (error && code == 16);
      cover (halt_i && under_q && rlast);
      cover (arvalid && halt_i);
    end
  end
endmodule
`default_nettype wire
