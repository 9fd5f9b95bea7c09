// msq_lite_subordinate with any place that ends its accesses: address and data of a write are accepted in any
// order; every pair of them, and every read, becomes one access with its own address and data, which stays
// until its end, and gets one response after it; a read gets the data of its end; responses stay until they
// are accepted; neither reads nor writes starve the other.
`default_nettype none
module formal_lite_subordinate (
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
    input wire        answer_i,
    input wire [31:0] data_i
);
  wire awready, wready, bvalid, arready, rvalid, access, write;
  wire [1:0] bresp, rresp;
  wire [31:0] rdata, data;
  wire [7:0] address;
  wire [3:0] strobe;
  wire ends = answer_i && access;
  msq_lite_subordinate #(
      .ADDRESS_BITS(8)
  ) u_dut (
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
      .access_o(access),
      .write_o(write),
      .address_o(address),
      .data_o(data),
      .strobe_o(strobe),
      .end_i(ends),
      .data_i(data_i)
  );
  reg started_q = 1'b0;
  always @(posedge clk_i) started_q <= 1'b1;
  always @* if (!started_q) assume (!rst_ni);

  // Accepted and without a response that was accepted; responses that are due.
  reg [1:0]  addresses_q, datas_q, reads_q;
  reg        b_due_q, r_due_q;
  reg [7:0]  awaddr_q, araddr_q;
  reg [31:0] wdata_q, answer_q;
  reg [3:0]  wstrb_q;
  reg        open_q, open_write_q;  // an access of the cycle before did not end
  reg        was_bvalid_q, was_rvalid_q;
  reg [1:0]  read_passed_q;         // writes that have ended while a read waits
  reg [1:0]  write_passed_q;        // reads that have ended while a write waits
  reg        reset_q = 1'b0;
  wire b = bvalid && bready_i;
  wire r = rvalid && rready_i;
  wire write_waits = addresses_q != 0 && datas_q != 0 && !b_due_q;
  wire read_waits = reads_q != 0 && !r_due_q;
  always @(posedge clk_i) begin
    reset_q <= !rst_ni;
    if (!rst_ni) begin
      addresses_q  <= 0;
      datas_q      <= 0;
      reads_q      <= 0;
      b_due_q      <= 1'b0;
      r_due_q      <= 1'b0;
      open_q       <= 1'b0;
      was_bvalid_q <= 1'b0;
      was_rvalid_q <= 1'b0;
      read_passed_q  <= 0;
      write_passed_q <= 0;
    end else begin
      addresses_q  <= addresses_q + (awvalid_i && awready) - b;
      datas_q      <= datas_q + (wvalid_i && wready) - b;
      reads_q      <= reads_q + (arvalid_i && arready) - r;
      b_due_q      <= (b_due_q && !b) || (ends && write);
      r_due_q      <= (r_due_q && !r) || (ends && !write);
      open_q       <= access && !ends;
      open_write_q <= write;
      was_bvalid_q <= bvalid && !bready_i;
      was_rvalid_q <= rvalid && !rready_i;
      read_passed_q  <= (read_waits && !(ends && !write)) ? read_passed_q + ends : 0;
      write_passed_q <= (write_waits && !(ends && write)) ? write_passed_q + ends : 0;
      if (awvalid_i && awready) awaddr_q <= awaddr_i;
      if (wvalid_i && wready) {wdata_q, wstrb_q} <= {wdata_i, wstrb_i};
      if (arvalid_i && arready) araddr_q <= araddr_i;
      if (ends && !write) answer_q <= data_i;
    end
  end
  // State of the leaf.
  (* keep *) wire dut_aw, dut_w, dut_ar;
  (* keep *) wire [5:0] dut_awword, dut_arword;
  always @* begin
    if (started_q) begin
      if (reset_q) assert (!awready && !wready && !arready && !bvalid && !rvalid && !access);
      if (rst_ni && !reset_q) begin
        assert (bvalid == b_due_q && rvalid == r_due_q);
        assert (addresses_q == dut_aw + b_due_q && datas_q == dut_w + b_due_q && reads_q == dut_ar + r_due_q);
        assert (addresses_q <= 2 && datas_q <= 2 && reads_q <= 2);
        assert (awready == !dut_aw && wready == !dut_w && arready == !dut_ar);
        assert (!dut_aw || dut_awword == awaddr_q[7:2]);
        assert (!dut_ar || dut_arword == araddr_q[7:2]);
        assert (!dut_w || (data == wdata_q && strobe == wstrb_q));
        if (open_q) assert (access && write == open_write_q);
        if (access) assert (write ? dut_aw && dut_w && !b_due_q : dut_ar && !r_due_q);
        if (access && write) begin
          assert (address == {awaddr_q[7:2], 2'b00} && data == wdata_q && strobe == wstrb_q);
        end
        if (access && !write) assert (address == {araddr_q[7:2], 2'b00});
        if (was_bvalid_q) assert (bvalid);
        if (was_rvalid_q) assert (rvalid);
        if (rvalid) assert (rdata == answer_q);
        assert (bresp == 0 && rresp == 0);
        if (read_passed_q != 0) assert (read_passed_q == 1 && access == !write);
        if (write_passed_q != 0) assert (write_passed_q == 1 && access == write);
        cover (b && was_bvalid_q && rvalid);
        cover (ends && write && read_waits);
        cover (ends && !write && write_waits);
        cover (r && rdata == 32'h12345678 && dut_ar);
      end
    end
  end
endmodule
`default_nettype wire
