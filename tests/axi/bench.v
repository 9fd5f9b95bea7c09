// Plays AXI4-Lite and AXI4-Stream transactions from files against msq_top, and watches every port.
// Written from the AXI specification and the project's pages alone; script.py writes the files.
//
//   +script=FILE   commands, one per line: OP A B C D E F G H in hexadecimal
//   +weights=FILE  +acts=FILE   beats for $readmemh, {last, data}
//   +log=FILE      accepted output beats, read data, marks
//   +scramble      change all inputs in the middle of each cycle: outputs must not move
`timescale 1ns / 1ps
`default_nettype none

// A master of a stream: beats of a memory in order, with pauses. Payloads are X while valid is low.
module axis_source #(
    parameter BITS  = 32,
    parameter DEPTH = 1024
) (
    input  wire            clk_i,
    input  wire            rst_ni,
    output reg             tvalid_o,
    input  wire            tready_i,
    output reg  [BITS-1:0] tdata_o,
    output reg             tlast_o
);
  reg [BITS:0] mem[0:DEPTH-1];
  integer      position = 0;  // next beat that has not been accepted
  integer      limit    = 0;  // beats up to here may be offered
  integer      pauses   = 0;  // of 256 cycles
  integer      seed     = 1;
  reg          withdraw = 0;  // a DMA channel that is reset: the beat on offer goes
  initial tvalid_o = 0;

  always @(posedge clk_i) begin
    if (tvalid_o && tready_i && rst_ni) position = position + 1;
    if (!rst_ni || withdraw) begin
      withdraw = 0;
      tvalid_o <= #1 1'b0;
      tdata_o  <= #1 {BITS{1'bx}};
      tlast_o  <= #1 1'bx;
    end else if (!tvalid_o || tready_i) begin
      if (position < limit && {$random(seed)} % 256 >= pauses) begin
        tvalid_o <= #1 1'b1;
        {tlast_o, tdata_o} <= #1 mem[position];
      end else begin
        tvalid_o <= #1 1'b0;
        tdata_o  <= #1 {BITS{1'bx}};
        tlast_o  <= #1 1'bx;
      end
    end
  end
endmodule

// A source of transactions on one AXI4-Lite channel with a payload (AW, W, AR).
module axil_source #(
    parameter BITS = 8
) (
    input  wire            clk_i,
    input  wire            rst_ni,
    output reg             valid_o,
    input  wire            ready_i,
    output reg  [BITS-1:0] payload_o
);
  reg            pending = 0;
  integer        delay   = 0;
  reg [BITS-1:0] payload;
  integer        done    = 0;  // handshakes since the reset
  initial valid_o = 0;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      pending = 0;
      done = 0;
      valid_o   <= #1 1'b0;
      payload_o <= #1 {BITS{1'bx}};
    end else begin
      if (valid_o && ready_i) begin
        done = done + 1;
        pending = 0;
        valid_o   <= #1 1'b0;
        payload_o <= #1 {BITS{1'bx}};
      end
      if (pending && (!valid_o || ready_i)) begin
        if (delay > 0) delay = delay - 1;
        else begin
          valid_o   <= #1 1'b1;
          payload_o <= #1 payload;
        end
      end
    end
  end
endmodule

// A sink of responses (B, R): ready before valid, or so many cycles after it.
module axil_sink #(
    parameter BITS = 2
) (
    input  wire            clk_i,
    input  wire            rst_ni,
    input  wire            valid_i,
    output reg             ready_o,
    input  wire [BITS-1:0] payload_i
);
  integer        late = 0;   // 0: ready waits for valid; n: it comes n cycles after valid
  integer        seen = 0;
  integer        done = 0;
  reg [BITS-1:0] payload;
  initial ready_o = 0;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      done = 0;
      seen = 0;
      ready_o <= #1 1'b0;
    end else begin
      if (valid_i && ready_o) begin
        payload = payload_i;
        done = done + 1;
        seen = 0;
      end else if (valid_i) seen = seen + 1;
      ready_o <= #1 late == 0 || (seen >= late && !(valid_i && ready_o));
    end
  end
endmodule

// Rules of a channel that the device drives: an offer stays until accepted, is known, and is
// never made in reset.
module channel_checker #(
    parameter BITS = 32,
    parameter [8*8-1:0] NAME = "?"
) (
    input wire            clk_i,
    input wire            rst_ni,
    input wire            valid_i,
    input wire            ready_i,
    input wire [BITS-1:0] payload_i
);
  reg            was_reset = 0;  // one edge with reset low has passed
  reg            alive     = 0;
  reg            offered   = 0;
  reg [BITS-1:0] held;
  always @(posedge clk_i) begin
    if (alive || was_reset) begin
      if (valid_i !== 1'b0 && valid_i !== 1'b1) bench.fail({NAME, ": valid is X"});
      if (valid_i === 1'b1 && ^payload_i === 1'bx) bench.fail({NAME, ": payload is X"});
    end
    if (was_reset && !rst_ni && valid_i !== 1'b0) bench.fail({NAME, ": valid in reset"});
    if (offered && valid_i !== 1'b1) bench.fail({NAME, ": valid withdrawn"});
    if (offered && valid_i === 1'b1 && payload_i !== held) bench.fail({NAME, ": payload changed"});
    offered = rst_ni && alive && valid_i === 1'b1 && ready_i === 1'b0;
    held = payload_i;
    if (!rst_ni) alive = 1;
    was_reset = !rst_ni;
  end
endmodule

module bench;
  parameter WEIGHT_BEAT = 32;
  parameter ACT_BEAT = 32;
  parameter OUT_BEAT = 64;
  parameter DEPTH = 1024;
  localparam TIMEOUT = 50000, POLLS = 10000;

  localparam END = 0, WRITE = 1, READ = 2, WAIT = 3, IRQ = 4, POLL = 5, RESET = 6, LIMIT = 7, ABORT = 8;
  localparam LASTS = 9, MARK = 10, STALL = 11, BOTH = 12, POST = 13, OFFERED = 14;

  reg clk = 0;
  reg rst_n = 0;
  reg rst_n_next = 0;
  always #5 clk = !clk;
  always @(posedge clk) rst_n <= #1 rst_n_next;

  integer errors = 0;
  integer line = 0;
  integer cycle = 0;
  integer log = 0;
  always @(posedge clk) cycle = cycle + 1;

  task fail(input [8*64-1:0] what);
    begin
      errors = errors + 1;
      if (errors <= 20) $display("ERROR line %0d, cycle %0d: %0s", line, cycle, what);
    end
  endtask

  // ------------------------------------------------------------------------------------------ the device
  wire awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready, irq;
  wire [7:0] awaddr, araddr;
  wire [31:0] wdata, rdata;
  wire [3:0] wstrb;
  wire [1:0] bresp, rresp;
  wire wt_valid, wt_ready, wt_last, at_valid, at_ready, at_last, ot_valid, ot_last;
  reg ot_ready = 0;
  wire [WEIGHT_BEAT-1:0] wt_data;
  wire [ACT_BEAT-1:0] at_data;
  wire [OUT_BEAT-1:0] ot_data;

  // All inputs but clock and reset, and the same changed in the middle of a cycle.
  localparam INPUTS = 1 + 8 + 1 + 32 + 4 + 1 + 1 + 8 + 1 + 1 + WEIGHT_BEAT + 1 + 1 + ACT_BEAT + 1 + 1;
  reg scrambled = 0;
  reg [INPUTS-1:0] noise;
  wire [INPUTS-1:0] inputs = {
    awvalid, awaddr, wvalid, wdata, wstrb, bready, arvalid, araddr, rready,
    wt_valid, wt_data, wt_last, at_valid, at_data, at_last, ot_ready
  };
  wire i_awvalid, i_wvalid, i_bready, i_arvalid, i_rready, i_wt_valid, i_wt_last, i_at_valid, i_at_last;
  wire i_ot_ready;
  wire [7:0] i_awaddr, i_araddr;
  wire [31:0] i_wdata;
  wire [3:0] i_wstrb;
  wire [WEIGHT_BEAT-1:0] i_wt_data;
  wire [ACT_BEAT-1:0] i_at_data;
  assign {
    i_awvalid, i_awaddr, i_wvalid, i_wdata, i_wstrb, i_bready, i_arvalid, i_araddr, i_rready,
    i_wt_valid, i_wt_data, i_wt_last, i_at_valid, i_at_data, i_at_last, i_ot_ready
  } = scrambled ? noise : inputs;

  msq_top dut (
      .clk_i(clk),
      .rst_ni(rst_n),
      .irq_o(irq),
      .s_axil_awvalid_i(i_awvalid),
      .s_axil_awready_o(awready),
      .s_axil_awaddr_i(i_awaddr),
      .s_axil_wvalid_i(i_wvalid),
      .s_axil_wready_o(wready),
      .s_axil_wdata_i(i_wdata),
      .s_axil_wstrb_i(i_wstrb),
      .s_axil_bvalid_o(bvalid),
      .s_axil_bready_i(i_bready),
      .s_axil_bresp_o(bresp),
      .s_axil_arvalid_i(i_arvalid),
      .s_axil_arready_o(arready),
      .s_axil_araddr_i(i_araddr),
      .s_axil_rvalid_o(rvalid),
      .s_axil_rready_i(i_rready),
      .s_axil_rdata_o(rdata),
      .s_axil_rresp_o(rresp),
      .s_axis_weight_tvalid_i(i_wt_valid),
      .s_axis_weight_tready_o(wt_ready),
      .s_axis_weight_tdata_i(i_wt_data),
      .s_axis_weight_tlast_i(i_wt_last),
      .s_axis_act_tvalid_i(i_at_valid),
      .s_axis_act_tready_o(at_ready),
      .s_axis_act_tdata_i(i_at_data),
      .s_axis_act_tlast_i(i_at_last),
      .m_axis_out_tvalid_o(ot_valid),
      .m_axis_out_tready_i(i_ot_ready),
      .m_axis_out_tdata_o(ot_data),
      .m_axis_out_tlast_o(ot_last)
  );

  axil_source #(.BITS(8)) aw (clk, rst_n, awvalid, awready, awaddr);
  axil_source #(.BITS(36)) w (clk, rst_n, wvalid, wready, {wstrb, wdata});
  axil_source #(.BITS(8)) ar (clk, rst_n, arvalid, arready, araddr);
  axil_sink #(.BITS(2)) b (clk, rst_n, bvalid, bready, bresp);
  axil_sink #(.BITS(34)) r (clk, rst_n, rvalid, rready, {rresp, rdata});
  axis_source #(.BITS(WEIGHT_BEAT), .DEPTH(DEPTH)) weights (clk, rst_n, wt_valid, wt_ready, wt_data, wt_last);
  axis_source #(.BITS(ACT_BEAT), .DEPTH(DEPTH)) acts (clk, rst_n, at_valid, at_ready, at_data, at_last);

  // ------------------------------------------------------------------------------------------- the rules
  channel_checker #(.BITS(2), .NAME("B")) check_b (clk, rst_n, bvalid, bready, bresp);
  channel_checker #(.BITS(34), .NAME("R")) check_r (clk, rst_n, rvalid, rready, {rresp, rdata});
  channel_checker #(.BITS(OUT_BEAT + 1), .NAME("OUT"))
      check_out (clk, rst_n, ot_valid, ot_ready, {ot_last, ot_data});

  reg in_reset = 0, after_reset = 0;
  always @(posedge clk) begin
    if (in_reset && !rst_n && {awready, wready, arready} !== 3'b000) fail("a ready of AXI4-Lite in reset");
    if (after_reset && ^{awready, wready, arready, wt_ready, at_ready, irq} === 1'bx)
      fail("X on a ready or irq");
    if (bvalid === 1'b1 && bresp !== 2'b00) fail("bresp");
    if (rvalid === 1'b1 && rresp !== 2'b00) fail("rresp");
    in_reset = !rst_n;
    if (!rst_n) after_reset = 1;
  end

  // A response comes once, and after its request.
  always @(negedge clk)
    if (rst_n) begin
      if (bvalid === 1'b1 && (b.done >= aw.done || b.done >= w.done)) fail("B before AW and W");
      if (rvalid === 1'b1 && r.done >= ar.done) fail("R before AR");
    end

  // Outputs must not follow inputs inside a cycle.
  wire [9:0] controls = {
    awready, wready, bvalid, arready, rvalid, wt_ready, at_ready, ot_valid, ot_last, irq};
  wire [OUT_BEAT+33:0] payloads = {
    ot_valid ? ot_data : {OUT_BEAT{1'b0}}, rvalid ? {rresp, rdata} : 34'd0
  };
  reg [9:0] controls_before;
  reg [OUT_BEAT+33:0] payloads_before;
  integer chunk;
  initial
    if ($test$plusargs("scramble"))
      forever begin
        @(posedge clk) #3;
        controls_before = controls;
        payloads_before = payloads;
        for (chunk = 0; chunk < INPUTS; chunk = chunk + 32) noise = noise << 32 | {$random};
        scrambled = 1;
        #1 if (controls !== controls_before) fail("a ready, valid or last follows an input");
        if (payloads !== payloads_before) fail("a payload follows an input");
        noise = ~noise;
        #1 if (controls !== controls_before) fail("a ready, valid or last follows an input");
        scrambled = 0;
        #1 if (controls !== controls_before) fail("outputs do not come back");
      end

  // ------------------------------------------------------------------------------------------- the sink
  always @(irq) if (log != 0) $fdisplay(log, "i %b", irq);
  integer out_pauses = 0, out_seed = 7, lasts = 0;
  always @(posedge clk) begin
    if (rst_n && ot_valid === 1'b1 && ot_ready) begin
      $fdisplay(log, "o %h %b", ot_data, ot_last);
      if (ot_last === 1'b1) lasts = lasts + 1;
    end
    // Ready may come before valid and go again.
    ot_ready <= #1 rst_n && {$random(out_seed)} % 256 >= out_pauses;
  end

  // ----------------------------------------------------------------------------------------- the script
  integer script, got, op, waited;
  reg [31:0] a, c, d, e, f, g, h, i;
  integer writes = 0, reads = 0;

  task start_write(input [7:0] address, input [31:0] data, input [3:0] strobes, input integer delay_a,
                   input integer delay_w, input integer late);
    begin
      aw.payload = address;
      w.payload = {strobes, data};
      aw.delay = delay_a;
      w.delay = delay_w;
      b.late = late;
      aw.pending = 1;
      w.pending = 1;
      writes = writes + 1;
    end
  endtask

  task start_read(input [7:0] address, input integer delay, input integer late);
    begin
      ar.payload = address;
      ar.delay = delay;
      r.late = late;
      ar.pending = 1;
      reads = reads + 1;
    end
  endtask

  task finish;
    begin
      waited = 0;
      while ((b.done < writes || r.done < reads) && waited < TIMEOUT) begin
        @(negedge clk);
        waited = waited + 1;
      end
      if (waited >= TIMEOUT) begin
        fail("no response");
        $finish;
      end
    end
  endtask

  task check_read(input [7:0] address, input [31:0] mask, input [31:0] value);
    begin
      $fdisplay(log, "r %h %h", address, r.payload[31:0]);
      if ((r.payload[31:0] & mask) !== value) begin
        fail("read data");
        if (errors <= 20) $display("  %h: %h, not %h under %h", address, r.payload[31:0], value, mask);
      end
    end
  endtask

  task time_out(input [8*64-1:0] what);
    begin
      fail(what);
      $display("stopped");
      $fclose(log);
      $finish;
    end
  endtask

  reg [8*256-1:0] file;
  initial begin
    if (!$value$plusargs("log=%s", file)) $finish;
    log = $fopen(file, "w");
    if ($value$plusargs("weights=%s", file)) $readmemh(file, weights.mem);
    if ($value$plusargs("acts=%s", file)) $readmemh(file, acts.mem);
    if (!$value$plusargs("script=%s", file)) $finish;
    script = $fopen(file, "r");
    op = 1;
    while (op != END) begin
      got = $fscanf(script, "%h %h %h %h %h %h %h %h %h\n", op, a, c, d, e, f, g, h, i);
      if (got != 9) op = END;
      line = line + 1;
      case (op)
        // address, data, strobes, delays of AW and W, bready this late
        WRITE: begin
          start_write(a, c, d, e, f, g);
          @(negedge clk) finish;
        end
        POST: start_write(a, c, d, e, f, g);  // and go on
        // address, mask, value, delay of AR, rready this late
        READ: begin
          start_read(a, e, f);
          @(negedge clk) finish;
          check_read(a, c, d);
        end
        // both at once
        BOTH: begin
          start_write(a, c, 4'hf, d & 15, d >> 4 & 15, d >> 8 & 15);
          start_read(e, h & 15, h >> 4 & 15);
          @(negedge clk) finish;
          check_read(e, f, g);
        end
        POLL: begin
          got = 0;
          while (got < POLLS && (got == 0 || (r.payload[31:0] & c) !== d)) begin
            start_read(a, 0, 0);
            @(negedge clk) finish;
            got = got + 1;
          end
          if (got == POLLS) time_out("register never has this value");
        end
        WAIT: repeat (a) @(negedge clk);
        // level, cycles it may take
        IRQ: begin
          waited = 0;
          while (irq !== a[0] && waited < c) begin
            @(negedge clk);
            waited = waited + 1;
          end
          if (irq !== a[0]) time_out("irq");
        end
        RESET: begin
          rst_n_next = 0;
          repeat (a + 1) @(negedge clk);
          writes = 0;
          reads = 0;
          rst_n_next = 1;
          @(negedge clk);
        end
        // channel, beats
        LIMIT: if (a[0]) acts.limit = c; else weights.limit = c;
        // both channels withdraw their offer, and continue elsewhere
        ABORT: begin
          weights.limit = 0;
          acts.limit = 0;
          weights.withdraw = 1;
          acts.withdraw = 1;
          @(negedge clk);
          weights.position = a;
          acts.position = c;
        end
        // output packets since the last mark
        LASTS: begin
          waited = 0;
          while (lasts < a && waited < TIMEOUT) begin
            @(negedge clk);
            waited = waited + 1;
          end
          if (lasts < a) time_out("output packets do not come");
        end
        OFFERED: begin
          waited = 0;
          while (ot_valid !== 1'b1 && waited < TIMEOUT) begin
            @(negedge clk);
            waited = waited + 1;
          end
          if (ot_valid !== 1'b1) time_out("no output");
        end
        MARK: begin
          $fdisplay(log, "m %0d", a);
          lasts = 0;
        end
        // pauses of weights, activations, outputs
        STALL: begin
          weights.pauses = a;
          acts.pauses = c;
          out_pauses = d;
        end
        default: ;
      endcase
    end
    $fdisplay(log, "end %0d", cycle);
    $fclose(log);
    $display("%0d errors in %0d cycles", errors, cycle);
    $finish;
  end
endmodule
`default_nettype wire
