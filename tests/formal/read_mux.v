// msq_read_mux: a request that is offered stays, with its id, until it is accepted; every accepted request is
// that of the requester of its id, which sees it accepted, and no other does; a beat goes to the requester of
// its id alone. No request waits while none of the other requester is there.
`default_nettype none
module formal_read_mux (
    input wire        clk_i,
    input wire        rst_ni,
    input wire        arvalid0_i,
    input wire [17:0] araddr0_i,
    input wire [7:0]  arlen0_i,
    input wire        arvalid1_i,
    input wire [17:0] araddr1_i,
    input wire [7:0]  arlen1_i,
    input wire        arready_i,
    input wire        rvalid_i,
    input wire        rid_i
);
  wire arready0, arready1, rvalid0, rvalid1, arvalid, arid;
  wire [17:0] araddr;
  wire [7:0] arlen;
  msq_read_mux #(
      .ADDRESS_BITS(18)
  ) u_dut (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .arvalid0_i(arvalid0_i),
      .arready0_o(arready0),
      .araddr0_i(araddr0_i),
      .arlen0_i(arlen0_i),
      .rvalid0_o(rvalid0),
      .arvalid1_i(arvalid1_i),
      .arready1_o(arready1),
      .araddr1_i(araddr1_i),
      .arlen1_i(arlen1_i),
      .rvalid1_o(rvalid1),
      .arvalid_o(arvalid),
      .arready_i(arready_i),
      .arid_o(arid),
      .araddr_o(araddr),
      .arlen_o(arlen),
      .rvalid_i(rvalid_i),
      .rid_i(rid_i)
  );
  reg        started_q = 1'b0;
  reg        open0_q, open1_q, open_q;
  reg [25:0] offer0_q, offer1_q;
  reg [26:0] offer_q;
  always @(posedge clk_i) begin
    started_q <= 1'b1;
    open0_q   <= rst_ni && arvalid0_i && !arready0;
    open1_q   <= rst_ni && arvalid1_i && !arready1;
    open_q    <= rst_ni && arvalid && !arready_i;
    offer0_q  <= {araddr0_i, arlen0_i};
    offer1_q  <= {araddr1_i, arlen1_i};
    offer_q   <= {arid, araddr, arlen};
  end
  (* keep *) wire dut_busy;
  (* keep *) wire dut_pick;
  always @* begin
    if (!started_q) assume (!rst_ni);
    // Requesters hold their offers.
    if (open0_q) assume (arvalid0_i && {araddr0_i, arlen0_i} == offer0_q);
    if (open1_q) assume (arvalid1_i && {araddr1_i, arlen1_i} == offer1_q);
    if (started_q && rst_ni) begin
      if (open_q) assert (arvalid && {arid, araddr, arlen} == offer_q);
      assert (dut_busy == open_q);
      if (open_q) assert (dut_pick == offer_q[26] && (dut_pick ? open1_q : open0_q));
      if (arvalid) assert ({araddr, arlen} == (arid ? {araddr1_i, arlen1_i} : {araddr0_i, arlen0_i}));
      assert (arvalid == (arvalid0_i || arvalid1_i));
      assert ((arvalid0_i && arready0) == (arvalid && arready_i && !arid));
      assert ((arvalid1_i && arready1) == (arvalid && arready_i && arid));
      assert (rvalid0 == (rvalid_i && !rid_i) && rvalid1 == (rvalid_i && rid_i));
      cover (open_q && arvalid1_i && !arid && arready_i);
      cover (open_q && arvalid0_i && arid && arready_i);
    end
  end
endmodule
`default_nettype wire
