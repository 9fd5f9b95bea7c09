// SPDX-License-Identifier: Apache-2.0
// AXI4-Lite subordinate in front of a register file: one access at a time, writes before reads, all answered
// with OKAY. A write takes effect, and a read is answered from, the cycle in which write_o or read_o is high.
// Area block: top: control
`default_nettype none
module msq_axil #(
    parameter ADDRESS_BITS = 8  // byte addresses
) (
    input  wire                    clk_i,
    input  wire                    rst_ni,
    input  wire                    awvalid_i,  // write address offered
    output wire                    awready_o,  // write address accepted
    input  wire [ADDRESS_BITS-1:0] awaddr_i,   // write address in bytes
    input  wire                    wvalid_i,   // write data offered
    output wire                    wready_o,   // write data accepted
    input  wire [31:0]             wdata_i,    // write data
    input  wire [3:0]              wstrb_i,    // bytes to write
    output wire                    bvalid_o,   // write response offered
    input  wire                    bready_i,   // write response accepted
    output wire [1:0]              bresp_o,    // always OKAY
    input  wire                    arvalid_i,  // read address offered
    output wire                    arready_o,  // read address accepted
    input  wire [ADDRESS_BITS-1:0] araddr_i,   // read address in bytes
    output wire                    rvalid_o,   // read data offered
    input  wire                    rready_i,   // read data accepted
    output wire [31:0]             rdata_o,    // read data
    output wire [1:0]              rresp_o,    // always OKAY
    // Register file.
    output wire                    write_o,       // a write takes effect in this cycle
    output wire [ADDRESS_BITS-3:0] write_word_o,  // register to write
    output wire [31:0]             write_data_o,  // data to write
    output wire [31:0]             write_mask_o,  // bits of the written bytes
    output wire                    read_o,        // a read is answered from this cycle
    output wire [ADDRESS_BITS-3:0] read_word_o,   // register to read
    input  wire [31:0]             read_data_i    // value of the register, in the cycle of read_o
);
  reg        bvalid_q;
  reg        rvalid_q;
  reg [31:0] rdata_q;

  wire write = awvalid_i && wvalid_i && (!bvalid_q || bready_i);
  wire read = arvalid_i && (!rvalid_q || rready_i);
  assign awready_o = write;
  assign wready_o = write;
  assign bvalid_o = bvalid_q;
  assign bresp_o = 2'b00;
  assign arready_o = read;
  assign rvalid_o = rvalid_q;
  assign rdata_o = rdata_q;
  assign rresp_o = 2'b00;
  assign write_o = write;
  assign write_word_o = awaddr_i[ADDRESS_BITS-1:2];
  assign write_data_o = wdata_i;
  assign write_mask_o = {{8{wstrb_i[3]}}, {8{wstrb_i[2]}}, {8{wstrb_i[1]}}, {8{wstrb_i[0]}}};
  assign read_o = read;
  assign read_word_o = araddr_i[ADDRESS_BITS-1:2];
  wire unused_low = &{1'b0, awaddr_i[1:0], araddr_i[1:0]};

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      bvalid_q <= 1'b0;
      rvalid_q <= 1'b0;
    end else begin
      if (write) bvalid_q <= 1'b1;
      else if (bready_i) bvalid_q <= 1'b0;
      if (read) rvalid_q <= 1'b1;
      else if (rready_i) rvalid_q <= 1'b0;
    end
  end
  always @(posedge clk_i) if (read) rdata_q <= read_data_i;

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
