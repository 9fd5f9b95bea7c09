// msq_mem_reader with any memory that answers in order, at any time: it never requests more words than its
// FIFO has room for, nor more bursts than OUTSTANDING; requests stay; every word is handed out once and in
// order, with its error. After a flush nothing of before is handed out.
`default_nettype none
module formal_mem_reader (
    input wire        clk_i,
    input wire        rst_ni,
    input wire        flush_i,
    input wire        valid_i,
    input wire [17:0] address_i,
    input wire [11:0] words_i,
    input wire        arready_i,
    input wire        answer_i,
    input wire [31:0] rdata_i,
    input wire [1:0]  rresp_i,
    input wire        out_ready_i
);
  wire idle, ready, arvalid, rready, out_valid, out_error;
  wire [17:0] araddr;
  wire [7:0] arlen;
  wire [31:0] out_data;
  wire rvalid, rlast;
  msq_mem_reader #(
      .ADDRESS_BITS(18),
      .WORD_BYTES(4),
      .BURST(2),
      .COUNT_BITS(12),
      .DEPTH(4),
      .OUTSTANDING(`OUTSTANDING)
  ) u_dut (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .flush_i(flush_i),
      .idle_o(idle),
      .valid_i(valid_i),
      .ready_o(ready),
      .address_i(address_i),
      .words_i(words_i),
      .arvalid_o(arvalid),
      .arready_i(arready_i),
      .araddr_o(araddr),
      .arlen_o(arlen),
      .rvalid_i(rvalid),
      .rready_o(rready),
      .rdata_i(rdata_i),
      .rresp_i(rresp_i),
      .rlast_i(rlast),
      .out_valid_o(out_valid),
      .out_ready_i(out_ready_i),
      .out_data_o(out_data),
      .out_error_o(out_error)
  );

  // Bursts that were accepted: their beats, oldest lowest, at most four.
  reg [1:0] bursts0_q, bursts1_q, bursts2_q, bursts3_q;  // beats left, 0: none
  reg       started_q = 1'b0;
  reg       flushed_q;  // in the cycle before
  reg       waits_q;
  reg [29:0] offer_q;
  assign rvalid = answer_i && bursts0_q != 0;
  assign rlast = bursts0_q == 1;
  wire request = arvalid && arready_i;
  wire shift = rvalid && rlast;
  wire [1:0] b0 = rvalid ? bursts0_q - 2'd1 : bursts0_q;
  wire [1:0] a0 = shift ? bursts1_q : b0;
  wire [1:0] a1 = shift ? bursts2_q : bursts1_q;
  wire [1:0] a2 = shift ? bursts3_q : bursts2_q;
  wire [1:0] a3 = shift ? 2'd0 : bursts3_q;
  wire [1:0] beats = arlen[1:0] + 2'd1;
  always @(posedge clk_i) begin
    started_q <= 1'b1;
    flushed_q <= flush_i && !idle;
    waits_q   <= rst_ni && !flush_i && valid_i && !ready;
    offer_q   <= {address_i, words_i};
    if (!rst_ni) begin
      bursts0_q <= 0;
      bursts1_q <= 0;
      bursts2_q <= 0;
      bursts3_q <= 0;
    end else begin
      bursts0_q <= (request && a0 == 0) ? beats : a0;
      bursts1_q <= (request && a0 != 0 && a1 == 0) ? beats : a1;
      bursts2_q <= (request && a0 != 0 && a1 != 0 && a2 == 0) ? beats : a2;
      bursts3_q <= (request && a0 != 0 && a1 != 0 && a2 != 0 && a3 == 0) ? beats : a3;
    end
  end
  always @* begin
    if (!started_q) assume (!rst_ni);
    assume (address_i[1:0] == 0);
    if (valid_i) assume (words_i != 0 && {1'b0, address_i} + {5'd0, words_i, 2'b00} <= 19'h40000);
    if (waits_q) assume (valid_i && {address_i, words_i} == offer_q);
    if (flushed_q) assume (flush_i);
  end

  // Words asked for and not handed out; the tagged answer, and how many go out before it.
  (* anyseq *) wire tag;
  reg [3:0]  asked_q;
  reg [3:0]  stored_q;
  reg        tagged_q;
  reg [32:0] word_q;
  reg [3:0]  before_q;
  wire keep = rvalid && !flush_i;
  wire pop = out_valid && out_ready_i;
  wire leaves = tagged_q && before_q == 0 && pop;
  wire [3:0] total = {2'd0, bursts0_q} + {2'd0, bursts1_q} + {2'd0, bursts2_q} + {2'd0, bursts3_q};
  always @(posedge clk_i) begin
    if (!rst_ni || flush_i) begin
      stored_q <= 0;
      tagged_q <= 1'b0;
    end else begin
      stored_q <= stored_q + keep - pop;
      if (keep && tag && !tagged_q) begin
        tagged_q <= 1'b1;
        word_q   <= {rresp_i[1], rdata_i};
        before_q <= stored_q - pop;
      end else if (leaves) tagged_q <= 1'b0;
      else if (tagged_q && pop) before_q <= before_q - 1'b1;
    end
  end
  reg        held_q;
  reg [25:0] held_request_q;
  always @(posedge clk_i) begin
    held_q         <= rst_ni && arvalid && !arready_i;
    held_request_q <= {araddr, arlen};
  end
  wire [3:0] offered = arvalid ? {2'd0, beats} : 4'd0;
  wire [2:0] count = (bursts0_q != 0) + (bursts1_q != 0) + (bursts2_q != 0) + (bursts3_q != 0);
  always @* begin
    if (started_q) begin
      assert (rready);
      if (arvalid) assert (arlen <= 1);
      // Requested words have room, in flight and stored.
      if (!flush_i && !flushed_q) assert (total + offered + stored_q <= 4);
      assert (count + arvalid <= `OUTSTANDING);
      assert (idle == (count == 0 && !arvalid));
      if (held_q) assert (arvalid && {araddr, arlen} == held_request_q);
      if (out_valid && !flush_i && !flushed_q) assert (stored_q != 0);
      if (leaves && !flush_i) assert ({out_error, out_data} == word_q);
      cover (stored_q == 4);
      cover (leaves && word_q == 33'h1_12345678 && stored_q > 1);
      cover (count == `OUTSTANDING && !arvalid);
      cover (flush_i && arvalid && count != 0);
    end
  end
endmodule
`default_nettype wire
