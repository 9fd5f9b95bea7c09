// SPDX-License-Identifier: Apache-2.0
// AXI4-Lite subordinate that hands out one access at a time and waits for its end, so that accesses may go
// to a place that takes its time. Address and data of a write come in any order. A write comes before a read
// that waits with it, and the read before the next write. All responses are OKAY.
// Area block: shell: control
`default_nettype none
module msq_lite_subordinate #(
    parameter ADDRESS_BITS = 13  // bits of a byte address
) (
    input  wire                    clk_i,
    input  wire                    rst_ni,
    input  wire                    awvalid_i,  // write address offered
    output wire                    awready_o,  // write address accepted if offered
    input  wire [ADDRESS_BITS-1:0] awaddr_i,   // write address in bytes
    input  wire                    wvalid_i,   // write data offered
    output wire                    wready_o,   // write data accepted if offered
    input  wire [31:0]             wdata_i,    // write data
    input  wire [3:0]              wstrb_i,    // bytes to write
    output wire                    bvalid_o,   // write response offered
    input  wire                    bready_i,   // write response accepted
    output wire [1:0]              bresp_o,    // always OKAY
    input  wire                    arvalid_i,  // read address offered
    output wire                    arready_o,  // read address accepted if offered
    input  wire [ADDRESS_BITS-1:0] araddr_i,   // read address in bytes
    output wire                    rvalid_o,   // read data offered
    input  wire                    rready_i,   // read data accepted
    output wire [31:0]             rdata_o,    // read data
    output wire [1:0]              rresp_o,    // always OKAY
    // Accesses.
    output wire                    access_o,   // access, until its end
    output wire                    write_o,    // it is a write
    output wire [ADDRESS_BITS-1:0] address_o,  // byte address, a multiple of 4
    output wire [31:0]             data_o,     // data to write
    output wire [3:0]              strobe_o,   // bytes to write
    input  wire                    end_i,      // access ends in this cycle
    input  wire [31:0]             data_i      // data read, with its end
);
  reg                    aw_q, w_q, ar_q;     // accepted and not ended
  reg                    ready_q;              // out of reset
  reg                    bvalid_q, rvalid_q;
  reg                    access_q;
  reg                    write_q;             // the access, or the one before, is a write
  reg [ADDRESS_BITS-3:0] awword_q, arword_q;
  reg [31:0]             wdata_q, rdata_q;
  reg [3:0]              wstrb_q;
  wire write_waits = aw_q && w_q && !bvalid_q;
  wire read_waits = ar_q && !rvalid_q;
  wire write_ends = access_q && write_q && end_i;
  wire read_ends = access_q && !write_q && end_i;
  assign awready_o = ready_q && !aw_q;
  assign wready_o = ready_q && !w_q;
  assign arready_o = ready_q && !ar_q;
  assign bvalid_o = bvalid_q;
  assign bresp_o = 2'b00;
  assign rvalid_o = rvalid_q;
  assign rdata_o = rdata_q;
  assign rresp_o = 2'b00;
  assign access_o = access_q;
  assign write_o = write_q;
  assign address_o = {write_q ? awword_q : arword_q, 2'b00};
  assign data_o = wdata_q;
  assign strobe_o = wstrb_q;
  wire unused_low = &{1'b0, awaddr_i[1:0], araddr_i[1:0]};

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      ready_q   <= 1'b0;
      aw_q     <= 1'b0;
      w_q      <= 1'b0;
      ar_q     <= 1'b0;
      bvalid_q <= 1'b0;
      rvalid_q <= 1'b0;
      access_q <= 1'b0;
      write_q  <= 1'b0;
    end else begin
      ready_q   <= 1'b1;
      aw_q     <= (aw_q && !write_ends) || (awvalid_i && awready_o);
      w_q      <= (w_q && !write_ends) || (wvalid_i && wready_o);
      ar_q     <= (ar_q && !read_ends) || (arvalid_i && arready_o);
      bvalid_q <= write_ends || (bvalid_q && !bready_i);
      rvalid_q <= read_ends || (rvalid_q && !rready_i);
      if (access_q) begin
        access_q <= !end_i;
      end else begin
        access_q <= write_waits || read_waits;
        if (write_waits || read_waits) write_q <= write_waits;
      end
    end
  end
  always @(posedge clk_i) begin
    if (awvalid_i && awready_o) awword_q <= awaddr_i[ADDRESS_BITS-1:2];
    if (wvalid_i && wready_o) begin
      wdata_q <= wdata_i;
      wstrb_q <= wstrb_i;
    end
    if (arvalid_i && arready_o) arword_q <= araddr_i[ADDRESS_BITS-1:2];
    if (read_ends) rdata_q <= data_i;
  end

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_address_bits, ADDRESS_BITS >= 3)
  `MSQ_HELD(bvalid_o, bready_i, bresp_o, 2, "write response not held")
  `MSQ_HELD(rvalid_o, rready_i, rdata_o, 32, "read data not held")
  `MSQ_INPUT_HELD(awvalid_i, awready_o, awaddr_i, ADDRESS_BITS, "write address not held")
  `MSQ_INPUT_HELD(wvalid_i, wready_o, {wdata_i, wstrb_i}, 36, "write data not held")
  `MSQ_INPUT_HELD(arvalid_i, arready_o, araddr_i, ADDRESS_BITS, "read address not held")
`endif
endmodule
`default_nettype wire
