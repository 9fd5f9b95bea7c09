// SPDX-License-Identifier: Apache-2.0
// AXI4-Lite subordinate in front of a register file. Every output is a flip-flop or a constant: no path leads
// from an input to an output, and all of ready and valid are low in reset. Write address and write data are
// accepted in any order, each into a register of its own; reads and writes do not wait for each other. All
// responses are OKAY. A write takes effect, and a read is answered from, the cycle in which write_o or read_o
// is high.
// Area block: top: control
`default_nettype none
module msq_axil #(
    parameter ADDRESS_BITS = 8  // byte addresses
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
    // Register file.
    output wire                    write_o,       // a write takes effect in this cycle
    output wire [ADDRESS_BITS-3:0] write_word_o,  // register to write
    output wire [31:0]             write_data_o,  // data to write
    output wire [31:0]             write_mask_o,  // bits of the written bytes
    output wire                    read_o,        // a read is answered from this cycle
    output wire [ADDRESS_BITS-3:0] read_word_o,   // register to read
    input  wire [31:0]             read_data_i    // value of the register, in the cycle of read_o
);
  // Accepted, without effect so far; a ready is the negation, except in reset.
  reg                    aw_q;
  reg                    w_q;
  reg                    ar_q;
  reg                    awready_q;
  reg                    wready_q;
  reg                    arready_q;
  reg                    bvalid_q;
  reg                    rvalid_q;
  reg [ADDRESS_BITS-3:0] write_word_q;
  reg [31:0]             write_data_q;
  reg [3:0]              write_strobe_q;
  reg [ADDRESS_BITS-3:0] read_word_q;
  reg [31:0]             rdata_q;

  // Both wait for the response before, so that a response is never lost.
  wire write = aw_q && w_q && !bvalid_q;
  wire read = ar_q && !rvalid_q;
  wire aw_d = (aw_q && !write) || (awvalid_i && awready_q);
  wire w_d = (w_q && !write) || (wvalid_i && wready_q);
  wire ar_d = (ar_q && !read) || (arvalid_i && arready_q);

  assign awready_o = awready_q;
  assign wready_o = wready_q;
  assign bvalid_o = bvalid_q;
  assign bresp_o = 2'b00;
  assign arready_o = arready_q;
  assign rvalid_o = rvalid_q;
  assign rdata_o = rdata_q;
  assign rresp_o = 2'b00;
  assign write_o = write;
  assign write_word_o = write_word_q;
  assign write_data_o = write_data_q;
  assign write_mask_o = {{8{write_strobe_q[3]}}, {8{write_strobe_q[2]}}, {8{write_strobe_q[1]}},
      {8{write_strobe_q[0]}}};
  assign read_o = read;
  assign read_word_o = read_word_q;
  wire unused_low = &{1'b0, awaddr_i[1:0], araddr_i[1:0]};

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      aw_q      <= 1'b0;
      w_q       <= 1'b0;
      ar_q      <= 1'b0;
      awready_q <= 1'b0;
      wready_q  <= 1'b0;
      arready_q <= 1'b0;
      bvalid_q  <= 1'b0;
      rvalid_q  <= 1'b0;
    end else begin
      aw_q      <= aw_d;
      w_q       <= w_d;
      ar_q      <= ar_d;
      awready_q <= !aw_d;
      wready_q  <= !w_d;
      arready_q <= !ar_d;
      bvalid_q  <= write || (bvalid_q && !bready_i);
      rvalid_q  <= read || (rvalid_q && !rready_i);
    end
  end
  always @(posedge clk_i) begin
    if (awvalid_i && awready_q) write_word_q <= awaddr_i[ADDRESS_BITS-1:2];
    if (wvalid_i && wready_q) begin
      write_data_q   <= wdata_i;
      write_strobe_q <= wstrb_i;
    end
    if (arvalid_i && arready_q) read_word_q <= araddr_i[ADDRESS_BITS-1:2];
    if (read) rdata_q <= read_data_i;
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
