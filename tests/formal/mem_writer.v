// msq_mem_writer with any memory: the words leave in the order in which they came, each at its own address,
// with its strobes; bursts cross no boundary of 4 KiB and are at most BURST long; WLAST is right; requests
// and beats stay; a request is made only when its data are inside; at most OUTSTANDING bursts have no
// response; idle means that every word was written and answered. A full burst does not wait for the word
// behind it.
`default_nettype none
module formal_mem_writer (
    input wire        clk_i,
    input wire        rst_ni,
    input wire        close_i,
    input wire        valid_i,
    input wire [17:0] address_i,
    input wire [31:0] data_i,
    input wire [3:0]  strobe_i,
    input wire        awready_i,
    input wire        wready_i,
    input wire        answer_i,
    input wire [1:0]  bresp_i
);
  wire idle, error, ready, awvalid, wvalid, wlast, bready;
  wire [17:0] awaddr;
  wire [7:0] awlen;
  wire [31:0] wdata;
  wire [3:0] wstrb;
  wire bvalid;
  msq_mem_writer #(
      .ADDRESS_BITS(18),
      .WORD_BYTES(4),
      .BURST(2),
      .DEPTH(4),
      .OUTSTANDING(2)
  ) u_dut (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .close_i(close_i),
      .idle_o(idle),
      .error_o(error),
      .valid_i(valid_i),
      .ready_o(ready),
      .address_i({address_i[17:2], 2'b00}),
      .data_i(data_i),
      .strobe_i(strobe_i),
      .awvalid_o(awvalid),
      .awready_i(awready_i),
      .awaddr_o(awaddr),
      .awlen_o(awlen),
      .wvalid_o(wvalid),
      .wready_i(wready_i),
      .wdata_o(wdata),
      .wstrb_o(wstrb),
      .wlast_o(wlast),
      .bvalid_i(bvalid),
      .bready_o(bready),
      .bresp_i(bresp_i)
  );
  reg started_q = 1'b0;
  always @(posedge clk_i) started_q <= 1'b1;
  always @* if (!started_q) assume (!rst_ni);

  // Requests and beats on the bus, each in its order. The tagged word of those that came: its number among
  // them, and that of the bursts and beats that left.
  (* anyseq *) wire tag;
  reg [3:0]  words_q;    // words inside
  reg        tagged_q;
  reg [35:0] word_q;
  reg [15:0] place_q;
  reg [3:0]  before_q;   // words inside that leave before it
  reg [1:0]  lasts_q;    // bursts that have left whole
  reg [1:0]  asked_q;    // requests without a response
  wire take = valid_i && ready;
  wire request = awvalid && awready_i;
  wire beat = wvalid && wready_i;
  wire leaves = tagged_q && before_q == 0 && beat;
  assign bvalid = answer_i && lasts_q != 0 && asked_q != 0;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      words_q  <= 0;
      tagged_q <= 1'b0;
      lasts_q  <= 0;
      asked_q  <= 0;
    end else begin
      words_q <= words_q + take - beat;
      lasts_q <= lasts_q + (beat && wlast) - bvalid;
      asked_q <= asked_q + request - bvalid;
      if (take && tag && !tagged_q) begin
        tagged_q <= 1'b1;
        word_q   <= {strobe_i, data_i};
        place_q  <= address_i[17:2];
        before_q <= words_q - beat;
      end else if (leaves) tagged_q <= 1'b0;
      else if (tagged_q && beat) before_q <= before_q - 1'b1;
    end
  end
  reg        aw_held_q, w_held_q;
  reg [25:0] aw_offer_q;
  reg [36:0] w_offer_q;
  always @(posedge clk_i) begin
    aw_held_q  <= rst_ni && awvalid && !awready_i;
    aw_offer_q <= {awaddr, awlen};
    w_held_q   <= rst_ni && wvalid && !wready_i;
    w_offer_q  <= {wlast, wstrb, wdata};
  end
  // The burst whose beats leave: it is the one whose request was offered last.
  reg [15:0] burst_place_q;
  reg [7:0]  burst_length_q;
  reg [7:0]  at_q;          // beats of it that have left
  reg        begun_q;       // its request has been offered
  reg        aw_before_q;   // a request was offered in the cycle before and not accepted
  wire       fresh = awvalid && !aw_before_q;  // a request is offered for the first time
  wire [15:0] burst_place = fresh ? awaddr[17:2] : burst_place_q;
  wire [7:0] burst_length = fresh ? awlen : burst_length_q;
  wire [7:0] at = fresh ? 8'd0 : at_q;
  always @(posedge clk_i) begin
    aw_before_q    <= rst_ni && awvalid && !awready_i;
    burst_place_q  <= burst_place;
    burst_length_q <= burst_length;
    at_q           <= beat ? at + 8'd1 : at;
    begun_q        <= rst_ni && (begun_q || fresh);
  end
  // Two words in two cycles, the first into an idle writer: a full burst. Its request comes within three
  // cycles.
  reg        first_q;
  reg [15:0] first_place_q;
  reg [2:0]  full_q;
  wire       full = first_q && take && !close_i && address_i[17:2] == first_place_q + 16'd1
      && address_i[11:2] != 10'd0;
  always @(posedge clk_i) begin
    first_q       <= rst_ni && idle && take;
    first_place_q <= address_i[17:2];
    full_q        <= rst_ni ? {full_q[1:0], full} : 3'd0;
  end
  always @* begin
    if (started_q) begin
      if (full_q[2]) assert (awvalid && awlen == 1);
      assert (bready);
      if (aw_held_q) assert (awvalid && {awaddr, awlen} == aw_offer_q);
      if (w_held_q) assert (wvalid && {wlast, wstrb, wdata} == w_offer_q);
      if (awvalid) begin
        assert (awlen <= 1);
        assert (!(awlen == 1 && awaddr[11:2] == 10'h3ff));
      end
      if (wvalid) begin
        assert (begun_q || fresh);
        assert (at <= burst_length && wlast == (at == burst_length));
        if (tagged_q && before_q == 0) begin
          assert ({wstrb, wdata} == word_q);
          assert (burst_place + {8'd0, at} == place_q);
        end
      end
      if (fresh) assert ({1'b0, awlen[2:0]} < words_q);
      assert (asked_q <= 2 && lasts_q <= 2);
      if (idle) assert (words_q == 0 && asked_q == 0 && lasts_q == 0 && !awvalid && !wvalid);
      assert (error == (bvalid && bresp_i[1]));
      cover (request && awlen == 1);
      cover (leaves && wlast && at == 1);
      cover (awvalid && !awready_i && beat && wlast);
      cover (asked_q == 2 && words_q == 4);
      cover (idle && close_i && begun_q);
      cover (full_q[2]);
    end
  end
endmodule
`default_nettype wire
