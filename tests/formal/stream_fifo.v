// msq_stream_fifo: the word that is accepted as number k leaves as number k, for any k; an offer stays
// until accepted. A word is offered three (without HEAD two) cycles after it was accepted, or when those
// before it have left. There is room for DEPTH words, with HEAD behind the one that is offered. From any
// cycle on as many words as follow_o says can leave without a pause.
`default_nettype none
module formal_stream_fifo (
    input wire       clk_i,
    input wire       rst_ni,
    input wire       in_valid_i,
    input wire [7:0] in_data_i,
    input wire       out_ready_i
);
  localparam BITS = $clog2(`DEPTH);
  wire in_ready, out_valid;
  wire [7:0] out_data;
  wire empty;
  localparam FOLLOW = 3;
  wire [1:0] follow;
  msq_stream_fifo #(
      .WIDTH(8),
      .DEPTH(`DEPTH),
      .HEAD(`HEAD),
      .FOLLOW(FOLLOW)
  ) u_dut (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .in_valid_i(in_valid_i),
      .in_ready_o(in_ready),
      .in_data_i(in_data_i),
      .out_valid_o(out_valid),
      .out_ready_i(out_ready_i),
      .out_data_o(out_data),
      .empty_o(empty),
      .follow_o(follow)
  );
  reg started_q = 1'b0;
  always @(posedge clk_i) started_q <= 1'b1;
  always @* if (!started_q) assume (!rst_ni);

  // Words inside, and the tagged one: how many are before it, once it is in. Any accepted word may become the
  // tagged one.
  (* anyseq *) wire tag;
  reg [BITS:0] inside_q;
  reg          tagged_q;
  reg [7:0]    word_q;
  reg [BITS:0] before_q;
  wire push = in_valid_i && in_ready;
  wire pop = out_valid && out_ready_i;
  wire leaves = tagged_q && before_q == 0 && pop;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      inside_q <= 0;
      tagged_q <= 1'b0;
    end else begin
      inside_q <= inside_q + push - pop;
      if (push && tag && !tagged_q) begin
        tagged_q <= 1'b1;
        word_q   <= in_data_i;
        before_q <= inside_q - pop;
      end else if (leaves) tagged_q <= 1'b0;
      else if (tagged_q && pop) before_q <= before_q - 1'b1;
    end
  end

  reg       held_q = 1'b0;
  reg [7:0] held_data_q;
  always @(posedge clk_i) begin
    held_q      <= rst_ni && out_valid && !out_ready_i;
    held_data_q <= out_data;
  end

  // Words that could follow in an earlier cycle, and have not left.
  reg [1:0] promised_q;
  wire [1:0] promised = follow > promised_q ? follow : promised_q;
  always @(posedge clk_i) promised_q <= (rst_ni && `HEAD) ? promised - pop : 0;
  // Words accepted in the cycle before and in the one before that.
  reg push_1_q, push_2_q;
  always @(posedge clk_i) begin
    push_1_q <= rst_ni && push;
    push_2_q <= rst_ni && push_1_q;
  end

  // State of the leaf.
  (* keep *) wire [BITS:0] count;
  (* keep *) wire [BITS-1:0] dut_write;
  (* keep *) wire [BITS-1:0] dut_read;
  (* keep *) wire dut_behind;
  // The word behind the head must have been stored for two cycles.
  wire [BITS:0] words = (inside_q - push_1_q <= 1) ? 1 : inside_q;
  always @* begin
    if (started_q) begin
      assert (count + (`HEAD && out_valid) == inside_q);
      assert (dut_write - dut_read == count[BITS-1:0]);
      assert (dut_behind == (count != push_1_q));
      assert (in_ready == (inside_q - (`HEAD && out_valid) != `DEPTH));
      assert (inside_q <= `DEPTH + `HEAD);
      assert (empty == (inside_q == 0));
      assert (out_valid == (inside_q - push_1_q - (`HEAD && push_2_q) != 0));
      if (`HEAD) assert (follow == (!out_valid ? 0 : words > FOLLOW ? FOLLOW : words));
      if (promised_q != 0) assert (out_valid);
      assert (promised_q <= follow || promised_q <= 1);
      if (tagged_q) assert (before_q < inside_q);
      if (held_q) assert (out_valid && out_data == held_data_q);
      if (leaves) assert (out_data == word_q);
      if (tagged_q && before_q == 0 && out_valid) assert (out_data == word_q);
      cover (inside_q == `DEPTH + `HEAD && tagged_q && before_q == `DEPTH + `HEAD - 1);
      cover (leaves && push && inside_q == 1);
      cover ((promised_q == (`DEPTH > 2 ? FOLLOW : 2) || !`HEAD) && push);
      cover (leaves && word_q == 8'h5a && inside_q > 1);
    end
  end
endmodule
`default_nettype wire
