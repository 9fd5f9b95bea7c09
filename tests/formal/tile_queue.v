// msq_tile_queue: the tile that is pushed as number k is launched as number k and collected as number k, for
// any k, with the entry it was pushed with, also seen from one place behind; no tile is pushed while all
// entries are used or two tiles have not begun, so never more than two have not.
//
// The environment: launcher and collector look at an entry until they are finished with it, a tile begins
// once, before the launcher is finished with it or in the same cycle.
`default_nettype none
module formal_tile_queue (
    input wire       clk_i,
    input wire       rst_ni,
    input wire       push_i,
    input wire [3:0] entry_i,
    input wire       begin_i,
    input wire       launch_next_i,
    input wire       collect_next_i
);
  localparam DEPTH = `DEPTH;
  localparam BITS = $clog2(DEPTH) + 1;
  wire full, launch_valid, launched;
  wire [3:0] launch_entry, collect_entry, collect_after;
  msq_tile_queue #(
      .WIDTH(4),
      .DEPTH(DEPTH)
  ) u_dut (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .push_i(push_i),
      .full_o(full),
      .entry_i(entry_i),
      .launch_valid_o(launch_valid),
      .launch_entry_o(launch_entry),
      .begin_i(begin_i),
      .launch_next_i(launch_next_i),
      .launched_o(launched),
      .collect_entry_o(collect_entry),
      .collect_after_o(collect_after),
      .collect_next_i(collect_next_i)
  );
  reg started_q = 1'b0;
  always @(posedge clk_i) started_q <= 1'b1;

  // Tiles that are to be launched, of which the first one may have begun, and launched ones. Any tile may
  // become the tagged one: its entry, and how many are in front of it.
  (* anyseq *) wire tag;
  reg [BITS-1:0] waiting_q, launched_q, front_q;
  reg begun_q, tagged_q;
  reg [3:0] entry_q;
  wire [BITS-1:0] inside = waiting_q + launched_q;
  wire [BITS-1:0] not_begun = waiting_q - begun_q;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      waiting_q  <= 0;
      launched_q <= 0;
      begun_q    <= 1'b0;
      tagged_q   <= 1'b0;
    end else begin
      waiting_q  <= waiting_q + push_i - launch_next_i;
      launched_q <= launched_q + launch_next_i - collect_next_i;
      begun_q    <= (begun_q || begin_i) && !launch_next_i;
      if (push_i && tag && !tagged_q) begin
        tagged_q <= 1'b1;
        entry_q  <= entry_i;
        front_q  <= inside - collect_next_i;
      end else if (tagged_q && collect_next_i) begin
        if (front_q == 0) tagged_q <= 1'b0;
        else front_q <= front_q - 1'b1;
      end
    end
  end
  always @* begin
    if (!started_q) assume (!rst_ni);
    if (inside == DEPTH || not_begun == 2) assume (!push_i);
    if (waiting_q == 0 || begun_q) assume (!begin_i);
    if (!begun_q && !begin_i) assume (!launch_next_i);
    if (launched_q == 0) assume (!collect_next_i);
  end

  // State of the leaf.
  (* keep *) wire [BITS-1:0] dut_write;
  (* keep *) wire [BITS-1:0] dut_launch;
  (* keep *) wire [BITS-1:0] dut_collect;
  always @* begin
    if (started_q && rst_ni) begin
      assert (full == (inside == DEPTH || not_begun == 2));
      assert (not_begun <= 2 && inside <= DEPTH);
      assert (launch_valid == (waiting_q != 0));
      assert (launched == (launched_q != 0));
      if (tagged_q) assert (front_q < inside);
      if (tagged_q && front_q == launched_q) assert (launch_entry == entry_q);
      if (tagged_q && front_q == 0) assert (collect_entry == entry_q);
      if (tagged_q && front_q == 1) assert (collect_after == entry_q);
      assert (dut_write == dut_collect + inside && dut_launch == dut_collect + launched_q);
      cover (full && inside == DEPTH && not_begun < 2);
      cover (full && inside < DEPTH);
      cover (tagged_q && front_q == DEPTH - 1 && entry_q == 4'h5 && collect_next_i);
      cover (push_i && begin_i && launch_next_i && collect_next_i && inside == 2);
    end
  end
endmodule
`default_nettype wire
