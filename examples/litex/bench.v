// SPDX-License-Identifier: Apache-2.0
// Plays a script of accesses on the port `host` of the SoC. A line of the script has four words of 32 bits:
// what to do, address, data, mask.
//   0  write the data
//   1  read, and compare the bits of the mask with the data
//   2  read until they are equal
//   3  wait for the interrupt
//   4  end
`timescale 1ns / 1ps
module bench;
  localparam LIMIT = 100000;  // cycles of a wait
  reg clk = 0, rst = 1;
  reg awvalid = 0, wvalid = 0, bready = 0, arvalid = 0, rready = 0;
  reg [31:0] address = 0, data = 0;
  wire awready, wready, bvalid, arready, rvalid, irq;
  wire [1:0] bresp, rresp;
  wire [31:0] rdata;
  soc dut (
      .sys_clk(clk),
      .sys_rst(rst),
      .sim_trace(1'b0),
      .irq(irq),
      .host_awvalid(awvalid),
      .host_awready(awready),
      .host_awaddr(address),
      .host_awprot(3'd0),
      .host_wvalid(wvalid),
      .host_wready(wready),
      .host_wdata(data),
      .host_wstrb(4'hf),
      .host_bvalid(bvalid),
      .host_bready(bready),
      .host_bresp(bresp),
      .host_arvalid(arvalid),
      .host_arready(arready),
      .host_araddr(address),
      .host_arprot(3'd0),
      .host_rvalid(rvalid),
      .host_rready(rready),
      .host_rdata(rdata),
      .host_rresp(rresp)
  );
  always #5 clk = !clk;

  integer cycles = 0, waited = 0, accesses = 0;
  always @(posedge clk) cycles <= cycles + 1;

  task fail(input [64*8-1:0] what);
    begin
      $display("%0s: access %0d, address %08x, data %08x, found %08x", what, accesses, address, data, rdata);
      $fatal(1);
    end
  endtask

  // Signals change at the falling edge. A handshake counts at the rising edge before it.
  task write;
    reg aw, w;
    begin
      {awvalid, wvalid, bready} = 3'b111;
      waited = 0;
      while (awvalid || wvalid) begin
        @(posedge clk) {aw, w} = {awvalid && awready, wvalid && wready};
        @(negedge clk) if (aw) awvalid = 0;
        if (w) wvalid = 0;
        waited = waited + 1;
        if (waited > LIMIT) fail("write not accepted");
      end
      while (!bvalid) @(negedge clk) begin
        waited = waited + 1;
        if (waited > LIMIT) fail("write not answered");
      end
      if (bresp != 2'b00) fail("write with an error");
      @(negedge clk) bready = 0;
    end
  endtask

  reg [31:0] word;
  task read;
    reg ar;
    begin
      {arvalid, rready} = 2'b11;
      waited = 0;
      while (arvalid) begin
        @(posedge clk) ar = arready;
        @(negedge clk) if (ar) arvalid = 0;
        waited = waited + 1;
        if (waited > LIMIT) fail("read not accepted");
      end
      while (!rvalid) @(negedge clk) begin
        waited = waited + 1;
        if (waited > LIMIT) fail("read not answered");
      end
      word = rdata;
      if (rresp != 2'b00) fail("read with an error");
      @(negedge clk) rready = 0;
    end
  endtask

  reg [127:0] script[0:65535];
  reg [31:0] what, mask;
  integer polls;
  initial begin
    $readmemh("script.hex", script);
    repeat (4) @(negedge clk);
    rst = 0;
    repeat (4) @(negedge clk);
    what = 0;
    while (what != 4) begin
      {what, address, data, mask} = script[accesses];
      polls = 0;
      case (what)
        0: write;
        1: begin
          read;
          if ((word & mask) !== (data & mask)) fail("another word");
        end
        2: begin
          read;
          while ((word & mask) !== (data & mask)) begin
            polls = polls + 1;
            if (polls > LIMIT) fail("poll without an end");
            read;
          end
        end
        3: while (!irq) @(negedge clk) begin
          polls = polls + 1;
          if (polls > LIMIT) fail("no interrupt");
        end
        4: $display("passed: %0d accesses, %0d cycles", accesses, cycles);
        default: fail("no such line in the script");
      endcase
      accesses = accesses + 1;
    end
    $finish;
  end
endmodule
