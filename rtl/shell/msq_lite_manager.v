// SPDX-License-Identifier: Apache-2.0
// AXI4-Lite manager for several requesters, of which the lowest number comes first. One access at a time.
// Area block: shell: control
`default_nettype none
module msq_lite_manager #(
    parameter PORTS = 3,        // requesters
    parameter ADDRESS_BITS = 8  // bits of a byte address
) (
    input  wire                          clk_i,
    input  wire                          rst_ni,
    input  wire                          hold_i,     // begin no access
    output wire                          held_o,     // and none is under way
    // Accesses: each stays until its end.
    input  wire [PORTS-1:0]              access_i,   // access asked for
    input  wire [PORTS-1:0]              write_i,    // it is a write
    input  wire [PORTS*ADDRESS_BITS-1:0] address_i,  // byte addresses
    input  wire [PORTS*32-1:0]           data_i,     // data to write
    input  wire [PORTS*4-1:0]            strobe_i,   // bytes to write
    output wire [PORTS-1:0]              end_o,      // access ends in this cycle
    output wire [31:0]                   data_o,     // data read, with its end
    // Subordinate.
    output wire                          awvalid_o,  // write address offered
    input  wire                          awready_i,  // write address accepted
    output wire [ADDRESS_BITS-1:0]       awaddr_o,   // write address in bytes
    output wire                          wvalid_o,   // write data offered
    input  wire                          wready_i,   // write data accepted
    output wire [31:0]                   wdata_o,    // write data
    output wire [3:0]                    wstrb_o,    // bytes to write
    input  wire                          bvalid_i,   // write response offered
    output wire                          bready_o,   // write response accepted
    output wire                          arvalid_o,  // read address offered
    input  wire                          arready_i,  // read address accepted
    output wire [ADDRESS_BITS-1:0]       araddr_o,   // read address in bytes
    input  wire                          rvalid_i,   // read data offered
    output wire                          rready_o,   // read data accepted
    input  wire [31:0]                   rdata_i     // read data
);
  reg                    busy_q;
  reg [PORTS-1:0]        grant_q;
  reg                    awvalid_q, wvalid_q, arvalid_q;
  reg [ADDRESS_BITS-1:0] address_q;
  reg [31:0]             data_q;
  reg [3:0]              strobe_q;

  reg [PORTS-1:0]        grant;
  reg                    write;
  reg [ADDRESS_BITS-1:0] address;
  reg [31:0]             data;
  reg [3:0]              strobe;
  integer i;
  always @* begin
    grant = {PORTS{1'b0}};
    write = 1'b0;
    address = {ADDRESS_BITS{1'b0}};
    data = 32'd0;
    strobe = 4'd0;
    for (i = PORTS - 1; i >= 0; i = i - 1) begin
      if (access_i[i]) begin
        grant = {PORTS{1'b0}};
        grant[i] = 1'b1;
        write = write_i[i];
        address = address_i[i*ADDRESS_BITS+:ADDRESS_BITS];
        data = data_i[i*32+:32];
        strobe = strobe_i[i*4+:4];
      end
    end
  end
  wire ends = busy_q && (bvalid_i || rvalid_i);
  wire begins = !busy_q && !hold_i && |access_i;
  assign held_o = hold_i && !busy_q;
  assign end_o = grant_q & {PORTS{ends}};
  assign data_o = rdata_i;
  assign awvalid_o = awvalid_q;
  assign awaddr_o = address_q;
  assign wvalid_o = wvalid_q;
  assign wdata_o = data_q;
  assign wstrb_o = strobe_q;
  assign bready_o = busy_q;
  assign arvalid_o = arvalid_q;
  assign araddr_o = address_q;
  assign rready_o = busy_q;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      busy_q    <= 1'b0;
      awvalid_q <= 1'b0;
      wvalid_q  <= 1'b0;
      arvalid_q <= 1'b0;
    end else begin
      busy_q    <= begins || (busy_q && !ends);
      awvalid_q <= (begins && write) || (awvalid_q && !awready_i);
      wvalid_q  <= (begins && write) || (wvalid_q && !wready_i);
      arvalid_q <= (begins && !write) || (arvalid_q && !arready_i);
    end
  end
  always @(posedge clk_i) begin
    if (begins) begin
      grant_q   <= grant;
      address_q <= address;
      data_q    <= data;
      strobe_q  <= strobe;
    end
  end

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_ports, PORTS >= 2)
  `MSQ_HELD(awvalid_o, awready_i, awaddr_o, ADDRESS_BITS, "write address not held")
  `MSQ_HELD(wvalid_o, wready_i, {wdata_o, wstrb_o}, 36, "write data not held")
  `MSQ_HELD(arvalid_o, arready_i, araddr_o, ADDRESS_BITS, "read address not held")
  `MSQ_INPUT(rst_ni && (bvalid_i || rvalid_i), busy_q, "response without an access")
`endif
endmodule
`default_nettype wire
