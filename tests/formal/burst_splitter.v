// msq_burst_splitter: the bursts of a transfer follow each other without a gap from its address on, cover
// exactly its words, are at most BURST beats long, cross no boundary of 4 KiB, and stay until they are
// accepted; the last one is marked. A burst is offered two cycles after the transfer or the burst before.
`default_nettype none
module formal_burst_splitter (
    input wire        clk_i,
    input wire        rst_ni,
    input wire        valid_i,
    input wire [17:0] address_i,
    input wire [11:0] words_i,
    input wire        burst_ready_i
);
  localparam BYTE_BITS = $clog2(`WORD_BYTES);
  wire ready, burst_valid, burst_last;
  wire [17:0] burst_address;
  wire [7:0] burst_length;
  msq_burst_splitter #(
      .ADDRESS_BITS(18),
      .WORD_BYTES(`WORD_BYTES),
      .BURST(`BURST),
      .COUNT_BITS(12)
  ) u_dut (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .valid_i(valid_i),
      .ready_o(ready),
      .address_i(address_i),
      .words_i(words_i),
      .burst_valid_o(burst_valid),
      .burst_ready_i(burst_ready_i),
      .burst_address_o(burst_address),
      .burst_length_o(burst_length),
      .burst_last_o(burst_last)
  );
  reg started_q = 1'b0;
  reg waits_q;
  reg [29:0] offer_q;
  always @(posedge clk_i) begin
    started_q <= 1'b1;
    waits_q   <= rst_ni && valid_i && !ready;
    offer_q   <= {address_i, words_i};
  end
  always @* begin
    if (!started_q) assume (!rst_ni);
    // A transfer does not wrap around the end of memory.
    if (valid_i) assume ({1'b0, address_i} + ({7'd0, words_i} << BYTE_BITS) <= 19'h40000);
    if (waits_q) assume (valid_i && {address_i, words_i} == offer_q);
  end

  // The rest of the transfer.
  reg        busy_q;
  reg [17:0] next_q;
  reg [11:0] left_q;
  reg [1:0]  idle_q;  // cycles without a burst
  wire [8:0] beats = {1'b0, burst_length} + 9'd1;
  wire move = burst_valid && burst_ready_i;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      busy_q <= 1'b0;
      idle_q <= 2'd0;
    end else begin
      idle_q <= (busy_q && !burst_valid) ? idle_q + 2'd1 : 2'd0;
      if (valid_i && ready) begin
        busy_q <= 1'b1;
        next_q <= address_i;
        left_q <= words_i;
      end else if (move) begin
        next_q <= next_q + ({9'd0, beats} << BYTE_BITS);
        left_q <= left_q - {3'd0, beats};
        busy_q <= left_q != {3'd0, beats};
      end
    end
  end
  wire [12:0] end_in_page = {1'b0, burst_address[11:0]} + ({4'd0, beats} << BYTE_BITS);

  // State of the leaf.
  (* keep *) wire dut_busy;
  (* keep *) wire [8:0] dut_length;
  (* keep *) wire [11:0] dut_left;
  (* keep *) wire [17-BYTE_BITS:0] dut_word;
  always @* begin
    if (started_q) begin
      assert (ready == !busy_q && dut_busy == busy_q);
      if (busy_q) begin
        assert (left_q != 0 && dut_left == left_q && {dut_word, {BYTE_BITS{1'b0}}} == next_q);
        assert (idle_q <= 2'd1);
      end else assert (!burst_valid);
      if (burst_valid) begin
        assert (busy_q && burst_address == next_q && dut_length == beats);
        assert ({3'd0, beats} <= left_q && beats <= `BURST);
        assert (burst_last == ({3'd0, beats} == left_q));
        assert (end_in_page <= 13'd4096);
        // As long as it can be.
        assert (burst_last || beats == `BURST || end_in_page == 13'd4096);
      end
      cover (move && !burst_last && end_in_page == 13'd4096 && beats < `BURST);
      cover (move && burst_last && beats == `BURST);
      cover (move && burst_last && left_q == 1);
    end
  end
endmodule
`default_nettype wire
