// msq_stream_fifo: the word that is accepted as number k leaves as number k, for any k; an offer stays
// until accepted. stored_o is the number of words inside, and from a word that is offered on as many as
// are stored follow each other without a pause.
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
  wire [BITS:0] stored;
  msq_stream_fifo #(
      .WIDTH(8),
      .DEPTH(`DEPTH)
  ) u_dut (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .in_valid_i(in_valid_i),
      .in_ready_o(in_ready),
      .in_data_i(in_data_i),
      .out_valid_o(out_valid),
      .out_ready_i(out_ready_i),
      .out_data_o(out_data),
      .stored_o(stored)
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

  // Words that were stored when one was offered, and have not left.
  reg [BITS:0] promised_q;
  wire [BITS:0] promised = out_valid ? stored : promised_q;
  always @(posedge clk_i) promised_q <= rst_ni ? promised - pop : 0;

  // State of the leaf.
  (* keep *) wire [BITS:0] dut_write;
  (* keep *) wire [BITS:0] dut_read;
  wire [BITS:0] count = dut_write - dut_read;
  always @* begin
    if (started_q) begin
      assert (inside_q <= `DEPTH);
      assert (count == inside_q && stored == inside_q);
      if (promised_q != 0) assert (out_valid);
      if (out_valid) assert (promised_q <= stored);
      assert (in_ready == (inside_q != `DEPTH));
      if (out_valid) assert (inside_q != 0);
      if (tagged_q) assert (before_q < inside_q);
      if (held_q) assert (out_valid && out_data == held_data_q);
      if (leaves) assert (out_data == word_q);
      if (tagged_q && before_q == 0 && out_valid) assert (out_data == word_q);
      cover (inside_q == `DEPTH && tagged_q && before_q == `DEPTH - 1);
      cover (leaves && push && inside_q == 1);
      cover (promised_q == `DEPTH - 1 && push);
      cover (leaves && word_q == 8'h5a && inside_q > 1);
    end
  end
  // A word that has been accepted is offered a cycle later at the latest.
  reg waiting_q = 1'b0;
  always @(posedge clk_i) waiting_q <= rst_ni && inside_q != 0 && !pop;
  always @* if (started_q && waiting_q) assert (out_valid);
endmodule
`default_nettype wire
