// msq_axil: every accepted write gets one response and takes effect once, every accepted read is answered
// once, with the word that the register file showed when it was accepted; what is offered stays until it is
// taken.
`default_nettype none
module formal_axil (
    input wire        clk_i,
    input wire        rst_ni,
    input wire        awvalid_i,
    input wire [7:0]  awaddr_i,
    input wire        wvalid_i,
    input wire [31:0] wdata_i,
    input wire [3:0]  wstrb_i,
    input wire        bready_i,
    input wire        arvalid_i,
    input wire [7:0]  araddr_i,
    input wire        rready_i,
    input wire [31:0] read_data_i
);
  wire awready, wready, bvalid, arready, rvalid, write, read;
  wire [1:0] bresp, rresp;
  wire [31:0] rdata, write_data, write_mask;
  wire [5:0] write_word, read_word;
  msq_axil u_dut (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .awvalid_i(awvalid_i),
      .awready_o(awready),
      .awaddr_i(awaddr_i),
      .wvalid_i(wvalid_i),
      .wready_o(wready),
      .wdata_i(wdata_i),
      .wstrb_i(wstrb_i),
      .bvalid_o(bvalid),
      .bready_i(bready_i),
      .bresp_o(bresp),
      .arvalid_i(arvalid_i),
      .arready_o(arready),
      .araddr_i(araddr_i),
      .rvalid_o(rvalid),
      .rready_i(rready_i),
      .rdata_o(rdata),
      .rresp_o(rresp),
      .write_o(write),
      .write_word_o(write_word),
      .write_data_o(write_data),
      .write_mask_o(write_mask),
      .read_o(read),
      .read_word_o(read_word),
      .read_data_i(read_data_i)
  );
  reg started_q = 1'b0;
  always @(posedge clk_i) started_q <= 1'b1;
  always @* if (!started_q) assume (!rst_ni);

  // Accepted and not yet answered.
  reg [3:0]  addresses_q, datas_q, effects_q, reads_q;  // less the responses that were taken
  reg [31:0] answer_q;
  reg        was_bvalid_q, was_rvalid_q;
  reg [31:0] was_rdata_q;
  reg        patient_q;  // both address and data have waited a cycle
  reg        asked_q;
  wire b = bvalid && bready_i;
  wire r = rvalid && rready_i;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      addresses_q  <= 0;
      datas_q      <= 0;
      effects_q    <= 0;
      reads_q      <= 0;
      was_bvalid_q <= 1'b0;
      was_rvalid_q <= 1'b0;
      patient_q    <= 1'b0;
      asked_q      <= 1'b0;
    end else begin
      addresses_q  <= addresses_q + (awvalid_i && awready) - b;
      datas_q      <= datas_q + (wvalid_i && wready) - b;
      effects_q    <= effects_q + write - b;
      reads_q      <= reads_q + (arvalid_i && arready) - r;
      was_bvalid_q <= bvalid && !bready_i;
      was_rvalid_q <= rvalid && !rready_i;
      patient_q    <= awvalid_i && wvalid_i && !awready;
      asked_q      <= arvalid_i && !arready;
      if (arvalid_i && arready) answer_q <= read_data_i;
    end
    was_rdata_q <= rdata;
  end
  always @* begin
    if (started_q && rst_ni) begin
      // One response for each, which cannot come before both address and data.
      assert (addresses_q == bvalid && datas_q == bvalid && effects_q == bvalid);
      assert (reads_q == rvalid);
      if (was_bvalid_q) assert (bvalid);
      if (was_rvalid_q) assert (rvalid && rdata == was_rdata_q);
      if (rvalid) assert (rdata == answer_q);
      assert (bresp == 0 && rresp == 0);
      // The effect is that of the beats that are accepted.
      assert (write == (awvalid_i && awready) && write == (wvalid_i && wready));
      assert (read == (arvalid_i && arready));
      if (write) begin
        assert (write_word == awaddr_i[7:2] && write_data == wdata_i);
        assert (write_mask[0] == wstrb_i[0] && write_mask[15:8] == {8{wstrb_i[1]}}
            && write_mask[31] == wstrb_i[3]);
        assert (write_mask[7:1] == {7{wstrb_i[0]}} && write_mask[30:16] == {{7{wstrb_i[3]}},
            {8{wstrb_i[2]}}});
      end
      if (read) assert (read_word == araddr_i[7:2]);
      // Nobody waits longer than for the response before.
      if (patient_q && awvalid_i && wvalid_i && (!bvalid || bready_i)) assert (awready && wready);
      if (asked_q && arvalid_i && (!rvalid || rready_i)) assert (arready);
      cover (b && write);
      cover (r && read && rdata == 32'h12345678);
      cover (was_bvalid_q && was_rvalid_q && b && r);
    end
  end
endmodule
`default_nettype wire
