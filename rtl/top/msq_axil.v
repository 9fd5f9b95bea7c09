// SPDX-License-Identifier: Apache-2.0
// AXI4-Lite subordinate in front of a register file: one access at a time, writes before reads, all answered with OKAY.
// A write takes effect, and a read is answered from, the cycle in which write_o or read_o is high.
// Area block: top: control
`default_nettype none
module msq_axil #(
    parameter ADDRESS_BITS = 8  // byte addresses
) (
    input  wire                    clk_i,
    input  wire                    rst_ni,
    input  wire                    awvalid_i,
    output wire                    awready_o,
    input  wire [ADDRESS_BITS-1:0] awaddr_i,
    input  wire                    wvalid_i,
    output wire                    wready_o,
    input  wire [31:0]             wdata_i,
    input  wire [3:0]              wstrb_i,
    output wire                    bvalid_o,
    input  wire                    bready_i,
    output wire [1:0]              bresp_o,
    input  wire                    arvalid_i,
    output wire                    arready_o,
    input  wire [ADDRESS_BITS-1:0] araddr_i,
    output wire                    rvalid_o,
    input  wire                    rready_i,
    output wire [31:0]             rdata_o,
    output wire [1:0]              rresp_o,
    // Register file.
    output wire                    write_o,
    output wire [ADDRESS_BITS-3:0] write_word_o,
    output wire [31:0]             write_data_o,
    output wire [31:0]             write_mask_o,  // bits of the bytes that are written
    output wire                    read_o,
    output wire [ADDRESS_BITS-3:0] read_word_o,
    input  wire [31:0]             read_data_i
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
endmodule
`default_nettype wire
