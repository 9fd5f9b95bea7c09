// msq_axil: address and data of a write are accepted in any order, every pair of them takes effect once and
// gets one response; every accepted read is answered once, with the word that the register file showed; an
// offer stays until accepted; nothing is offered or accepted in reset.
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

  // Requests accepted whose response is not yet accepted; responses offered and not accepted.
  reg [3:0]  addresses_q, datas_q, effects_q, reads_q;
  reg [5:0]  address_q, read_address_q;
  reg [31:0] data_q, answer_q;
  reg [3:0]  strobe_q;
  reg        was_bvalid_q, was_rvalid_q, answered_q;
  reg [31:0] was_rdata_q;
  reg [2:0]  write_waits_q, read_waits_q;  // cycles in which both halves of a write, a read, wait
  reg        reset_q = 1'b0;               // in the cycle before
  wire b = bvalid && bready_i;
  wire r = rvalid && rready_i;
  always @(posedge clk_i) begin
    reset_q <= !rst_ni;
    if (!rst_ni) begin
      addresses_q   <= 0;
      datas_q       <= 0;
      effects_q     <= 0;
      reads_q       <= 0;
      answered_q    <= 1'b0;
      was_bvalid_q  <= 1'b0;
      was_rvalid_q  <= 1'b0;
      write_waits_q <= 0;
      read_waits_q  <= 0;
    end else begin
      addresses_q   <= addresses_q + (awvalid_i && awready) - b;
      datas_q       <= datas_q + (wvalid_i && wready) - b;
      effects_q     <= effects_q + write - b;
      reads_q       <= reads_q + (arvalid_i && arready) - r;
      answered_q    <= (answered_q || read) && !r;
      was_bvalid_q  <= bvalid && !bready_i;
      was_rvalid_q  <= rvalid && !rready_i;
      write_waits_q <= (awvalid_i && wvalid_i && !(awready && wready) && !(bvalid && !bready_i))
          ? write_waits_q + 1'b1 : 0;
      read_waits_q  <= (arvalid_i && !arready && !(rvalid && !rready_i)) ? read_waits_q + 1'b1 : 0;
      if (awvalid_i && awready) address_q <= awaddr_i[7:2];
      if (arvalid_i && arready) read_address_q <= araddr_i[7:2];
      if (wvalid_i && wready) data_q <= wdata_i;
      if (wvalid_i && wready) strobe_q <= wstrb_i;
      if (read) answer_q <= read_data_i;
    end
    was_rdata_q <= rdata;
  end
  // State of the leaf, for induction.
  (* keep *) wire dut_aw, dut_w, dut_ar;
  always @* begin
    // A master holds its offers; the payload may be anything while it does not.
    if (started_q) begin
      if (reset_q) assert (!awready && !wready && !arready && !bvalid && !rvalid);
      if (rst_ni) begin
        // One effect and one response for each pair of address and data, after both.
        assert (bvalid == effects_q && addresses_q <= 2 && datas_q <= 2);
        assert (addresses_q == dut_aw + bvalid && datas_q == dut_w + bvalid);
        assert (reads_q == dut_ar + rvalid && answered_q == rvalid);
        assert (!(awready && dut_aw) && !(wready && dut_w) && !(arready && dut_ar));
        if (was_bvalid_q) assert (bvalid);
        if (was_rvalid_q) assert (rvalid && rdata == was_rdata_q);
        if (rvalid) assert (rdata == answer_q);
        assert (bresp == 0 && rresp == 0);
        // The effect is that of the beats that were accepted.
        if (write) begin
          assert (dut_aw && dut_w && write_word == address_q && write_data == data_q);
          assert (write_mask[0] == strobe_q[0] && write_mask[15:8] == {8{strobe_q[1]}}
              && write_mask[31] == strobe_q[3]);
          assert (write_mask[7:1] == {7{strobe_q[0]}} && write_mask[30:16] == {{7{strobe_q[3]}},
              {8{strobe_q[2]}}});
        end
        assert (!dut_aw || write_word == address_q);
        assert (!dut_w || (write_data == data_q && write_mask[0] == strobe_q[0]
            && write_mask[8] == strobe_q[1] && write_mask[16] == strobe_q[2]
            && write_mask[24] == strobe_q[3]));
        assert (!dut_ar || read_word == read_address_q);
        if (read) assert (read_word == read_address_q && dut_ar);
        // No request waits long, except for the response before.
        assert (write_waits_q <= 3 && read_waits_q <= 3);
        cover (b && write_data == 32'h12345678 && was_bvalid_q);
        cover (r && reads_q == 2 && rdata == 32'h12345678);
        cover (was_bvalid_q && was_rvalid_q && b && r);
        cover (addresses_q == 2 && datas_q == 1);
        cover (addresses_q == 1 && datas_q == 2);
      end
    end
  end
endmodule
`default_nettype wire
