// SPDX-License-Identifier: Apache-2.0
// Tiles on their way: pushed when the weight reader has read a tile's header, looked at by the launcher, then
// by the collector of partial sums, which frees the entry.
// Area block: top: readers
`default_nettype none
module msq_tile_queue #(
    parameter WIDTH = 32,  // bits of an entry
    parameter DEPTH = 4    // entries, a power of two, at least 2
) (
    input  wire             clk_i,
    input  wire             rst_ni,
    input  wire             push_i,           // writes an entry; never while full_o
    output wire             full_o,           // no entry is free, or two tiles have not begun
    input  wire [WIDTH-1:0] entry_i,          // entry to write
    output wire             launch_valid_o,   // the launcher has an entry
    output wire [WIDTH-1:0] launch_entry_o,   // oldest entry not launched
    input  wire             begin_i,          // first token of a tile launched
    input  wire             launch_next_i,    // launcher finished with its entry
    output wire             launched_o,       // a tile is launched and not collected
    output wire [WIDTH-1:0] collect_entry_o,  // oldest entry not collected
    output wire [WIDTH-1:0] collect_after_o,  // entry after collect_entry_o, once written
    input  wire             collect_next_i    // collector finished with its entry
);
  localparam BITS = $clog2(DEPTH);
  reg [WIDTH-1:0] entries[0:DEPTH-1];
  reg [BITS:0] write_q;
  reg [BITS:0] launch_q;
  reg [1:0]    waiting_q;  // tiles that have not begun
  reg [BITS:0] collect_q;
  wire [BITS-1:0] after = collect_q[BITS-1:0] + 1'b1;

  // The launcher's entry is in a register, as many paths start there. Without an entry behind it the next
  // one is the entry pushed in this cycle.
  reg [WIDTH-1:0] launch_entry_q;
  reg             launch_valid_q;
  wire [BITS:0] launch_after = launch_q + 1'b1;
  wire behind = launch_valid_q && launch_after != write_q;
  always @(posedge clk_i) begin
    launch_valid_q <= rst_ni && (push_i || (launch_next_i ? behind : launch_valid_q));
    if (launch_next_i || !launch_valid_q)
      launch_entry_q <= behind ? entries[launch_after[BITS-1:0]] : entry_i;
  end

  // References are kept of four blocks of outputs, and a tile may be a block: two that leave, two that have
  // not begun.
  assign full_o = write_q == {!collect_q[BITS], collect_q[BITS-1:0]} || waiting_q[1];
  assign launch_valid_o = launch_valid_q;
  assign launched_o = launch_q != collect_q;
  assign launch_entry_o = launch_entry_q;
  assign collect_entry_o = entries[collect_q[BITS-1:0]];
  assign collect_after_o = entries[after];

  always @(posedge clk_i) begin
    if (push_i) entries[write_q[BITS-1:0]] <= entry_i;
    if (!rst_ni) begin
      write_q   <= {(BITS + 1) {1'b0}};
      launch_q  <= {(BITS + 1) {1'b0}};
      waiting_q <= 2'd0;
      collect_q <= {(BITS + 1) {1'b0}};
    end else begin
      write_q   <= write_q + {{BITS{1'b0}}, push_i};
      if (launch_next_i) launch_q <= launch_after;
      waiting_q <= waiting_q + {1'b0, push_i} - {1'b0, begin_i};
      collect_q <= collect_q + {{BITS{1'b0}}, collect_next_i};
    end
  end

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_depth, DEPTH >= 2 && (DEPTH & (DEPTH - 1)) == 0)
  `MSQ_INPUT(rst_ni && push_i, !full_o, "push into a full queue")
  `MSQ_INPUT(rst_ni && begin_i, waiting_q != 2'd0, "more tiles begun than pushed")
  `MSQ_INPUT(rst_ni && launch_next_i, launch_valid_o, "launch from an empty queue")
  `MSQ_INPUT(rst_ni && collect_next_i, collect_q != launch_q, "collection of a tile that is not launched")
`endif
endmodule
`default_nettype wire
