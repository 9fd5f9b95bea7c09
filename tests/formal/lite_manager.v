// msq_lite_manager with any subordinate that answers its requests: every access that a requester asks
// for and holds is made once, with its own address and data, and ends with its answer; one at a time; offers
// stay until they are accepted; while it is held nothing is offered and nothing ends.
`default_nettype none
module formal_lite_manager (
    input wire        clk_i,
    input wire        rst_ni,
    input wire        hold_i,
    input wire [1:0]  access_i,
    input wire [1:0]  write_i,
    input wire [7:0]  address_i,
    input wire [63:0] data_i,
    input wire [7:0]  strobe_i,
    input wire        awready_i,
    input wire        wready_i,
    input wire        arready_i,
    input wire        answer_i,
    input wire [31:0] rdata_i
);
  wire held, awvalid, wvalid, bready, arvalid, rready;
  wire [1:0] ends;
  wire [3:0] awaddr, araddr, wstrb;
  wire [31:0] wdata, data;
  wire bvalid, rvalid;
  msq_lite_manager #(
      .PORTS(2),
      .ADDRESS_BITS(4)
  ) u_dut (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .hold_i(hold_i),
      .held_o(held),
      .access_i(access_i),
      .write_i(write_i),
      .address_i(address_i),
      .data_i(data_i),
      .strobe_i(strobe_i),
      .end_o(ends),
      .data_o(data),
      .awvalid_o(awvalid),
      .awready_i(awready_i),
      .awaddr_o(awaddr),
      .wvalid_o(wvalid),
      .wready_i(wready_i),
      .wdata_o(wdata),
      .wstrb_o(wstrb),
      .bvalid_i(bvalid),
      .bready_o(bready),
      .arvalid_o(arvalid),
      .arready_i(arready_i),
      .araddr_o(araddr),
      .rvalid_i(rvalid),
      .rready_o(rready),
      .rdata_i(rdata_i)
  );
  reg        started_q = 1'b0;
  reg [1:0]  open_q;     // asked for and not ended
  reg [1:0]  write_q;
  reg [7:0]  address_q;
  reg [63:0] data_q;
  reg [7:0]  strobe_q;
  always @(posedge clk_i) begin
    started_q <= 1'b1;
    open_q    <= rst_ni ? access_i & ~ends : 2'd0;
    write_q   <= write_i;
    address_q <= address_i;
    data_q    <= data_i;
    strobe_q  <= strobe_i;
  end

  // Accepted by the subordinate and not answered.
  reg  aw_q, w_q, ar_q;
  assign bvalid = answer_i && aw_q && w_q;
  assign rvalid = answer_i && ar_q;
  wire b = bvalid && bready;
  wire r = rvalid && rready;
  always @(posedge clk_i) begin
    aw_q <= rst_ni && ((aw_q && !b) || (awvalid && awready_i));
    w_q  <= rst_ni && ((w_q && !b) || (wvalid && wready_i));
    ar_q <= rst_ni && ((ar_q && !r) || (arvalid && arready_i));
  end
  // State of the leaf.
  (* keep *) wire dut_busy;
  (* keep *) wire [1:0] dut_grant;
  (* keep *) wire [3:0] dut_address;
  (* keep *) wire [31:0] dut_data;
  (* keep *) wire [3:0] dut_strobe;
  wire busy = started_q && dut_busy;
  wire mine = |(dut_grant & 2'd2);  // number of the requester
  wire writes = (started_q && mine) ? write_i[1] : write_i[0];
  reg  was_busy_q;
  reg  was_held_q;
  always @(posedge clk_i) was_busy_q <= rst_ni && dut_busy && !(b || r);
  always @(posedge clk_i) was_held_q <= rst_ni && held && hold_i;
  always @* begin
    if (!started_q) assume (!rst_ni);
    if (open_q[0]) assume (access_i[0] && write_i[0] == write_q[0] && address_i[3:0] == address_q[3:0]
        && data_i[31:0] == data_q[31:0] && strobe_i[3:0] == strobe_q[3:0]);
    if (open_q[1]) assume (access_i[1] && write_i[1] == write_q[1] && address_i[7:4] == address_q[7:4]
        && data_i[63:32] == data_q[63:32] && strobe_i[7:4] == strobe_q[7:4]);
    if (started_q && rst_ni) begin
      if (busy) begin
        assert (dut_grant == 2'd1 || dut_grant == 2'd2);
        assert (|(dut_grant & access_i) && |(dut_grant & open_q));
        assert (dut_address == (mine ? address_i[7:4] : address_i[3:0]));
        if (writes) assert (dut_data == (mine ? data_i[63:32] : data_i[31:0])
            && dut_strobe == (mine ? strobe_i[7:4] : strobe_i[3:0]));
        // Each half of a write, or the read, is offered or accepted, never both.
        assert (writes ? (awvalid ^ aw_q) && (wvalid ^ w_q) && !arvalid && !ar_q
            : (arvalid ^ ar_q) && !awvalid && !wvalid && !aw_q && !w_q);
      end else begin
        assert (!awvalid && !wvalid && !arvalid && !aw_q && !w_q && !ar_q);
      end
      assert (ends == ((b || r) ? dut_grant : 2'd0));
      assert (bready == dut_busy && rready == dut_busy);
      if (r) assert (data == rdata_i);
      if (awvalid) assert (awaddr == dut_address);
      if (wvalid) assert (wdata == dut_data && wstrb == dut_strobe);
      if (arvalid) assert (araddr == dut_address);
      if (held) assert (hold_i && !dut_busy && ends == 2'd0);
      if (was_held_q) assert (!dut_busy);
      cover (ends == 2'd2 && b && hold_i);
      cover (ends == 2'd1 && r && access_i[1] && was_busy_q);
    end
  end
endmodule
`default_nettype wire
