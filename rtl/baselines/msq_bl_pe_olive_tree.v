// SPDX-License-Identifier: Apache-2.0
// Baseline olive: processing elements of one column in a band of rows. The pipeline is that of msq_pe_band,
// and the rows of a pair share a shifter: where one is an outlier the other one's weight is zero.
//
//   small products -> sums of pairs -> register -> shift by the pair's exponent, tree -> register -> sum ->
//         register
// Area block: PEs
`default_nettype none
module msq_bl_pe_olive_tree #(
    parameter ACT_BITS = 8,   // activation width
    parameter ROWS = 2,       // rows of the band, a power of two, 2 at least
    parameter SUM_BITS = 17,  // width of a partial sum
    // Derived, do not set.
    parameter PAIRS = ROWS / 2
) (
    input  wire                     clk_i,
    input  wire [PAIRS-1:0]         load_i,    // writes the shadow weights of a pair
    input  wire [9:0]               weight_i,  // {odd row, even row}: {outlier, s, c} each
    input  wire                     commit_i,  // copies the shadow weights to the active ones
    input  wire [ROWS*ACT_BITS-1:0] x_i,       // activation of each row
    input  wire [SUM_BITS-1:0]      sum_i,     // from the band above, one cycle before sum_o
    output reg  [SUM_BITS-1:0]      sum_o      // three cycles after x_i
);
  localparam M_BITS = ACT_BITS + 3;  // times a small integer
  localparam P_BITS = ACT_BITS + 7;  // of a pair, shifted: 3 * 2^5 at most
  localparam TREE_BITS = P_BITS + $clog2(PAIRS);

  wire [PAIRS*P_BITS-1:0] shifted;  // pair n: p, with value p + s_q[n]
  wire [PAIRS-1:0] s;
  genvar n;
  genvar r;
  generate
    for (n = 0; n < PAIRS; n = n + 1) begin : gen_pair
      reg [9:0] shadow_q;
      reg [9:0] active_q;
      always @(posedge clk_i) begin
        if (load_i[n]) shadow_q <= weight_i;
        if (commit_i) active_q <= shadow_q;
      end

      wire [2*M_BITS-1:0] multiple;
      for (r = 0; r < 2; r = r + 1) begin : gen_row
        wire [4:0] w = active_q[5*r+:5];
        wire [ACT_BITS-1:0] x = x_i[(2*n+r)*ACT_BITS+:ACT_BITS];
        wire [2:0] m = w[4] ? {2'b01, w[0]} : w[2:0];
        wire [M_BITS-1:0] row0 = {{3{x[ACT_BITS-1]}}, x} & {M_BITS{m[0]}};
        wire [M_BITS-1:0] row1 = {{2{x[ACT_BITS-1]}}, x, 1'b0} & {M_BITS{m[1]}};
        wire [M_BITS-1:0] row2 = {x[ACT_BITS-1], x, 2'b00} & {M_BITS{m[2]}};
        assign multiple[r*M_BITS+:M_BITS] = (row0 + row1 + row2) ^ {M_BITS{w[3]}};
      end

      // The pair takes the s of its odd row and leaves that of the even one. The exponent stays with its
      // products when the weights change behind them.
      wire [M_BITS+1:0] pair = {multiple[M_BITS-1], multiple[M_BITS-1:0], 1'b1}
                               + {multiple[2*M_BITS-1], multiple[2*M_BITS-1:M_BITS], active_q[8]};
      reg [M_BITS:0] pair_q;
      reg s_q;
      reg outlier_q;
      reg [1:0] e_q;
      always @(posedge clk_i) begin
        pair_q <= pair[M_BITS+1:1];
        s_q <= active_q[3];
        outlier_q <= active_q[4] | active_q[9];
        e_q <= (active_q[2:1] & {2{active_q[4]}}) | (active_q[7:6] & {2{active_q[9]}});
      end
      wire unused_carry = &{1'b0, pair[0]};

      // (p + s) * 2^k = {p, s, s, ..} + s
      wire [P_BITS-1:0] shift0 = {{3{pair_q[M_BITS]}}, pair_q};
      wire [P_BITS-1:0] shift1 = e_q[0] ? {shift0[P_BITS-2:0], s_q} : shift0;
      wire [P_BITS-1:0] shift2 = e_q[1] ? {shift1[P_BITS-3:0], {2{s_q}}} : shift1;
      assign shifted[n*P_BITS+:P_BITS] = outlier_q ? {shift2[P_BITS-3:0], {2{s_q}}} : shift2;
      assign s[n] = s_q;
    end
  endgenerate

  // As in msq_sum_tree: node n in heap order has the children 2n and 2n + 1, and takes the s of pair n as its
  // carry.
  reg [2*PAIRS*TREE_BITS-1:0] nodes;
  reg [TREE_BITS:0] node;
  integer i;
  always @* begin
    nodes = {(2 * PAIRS * TREE_BITS) {1'b0}};
    node = {(TREE_BITS + 1) {1'b0}};
    for (i = 0; i < PAIRS; i = i + 1) begin
      nodes[(PAIRS+i)*TREE_BITS+:TREE_BITS] = {{(TREE_BITS - P_BITS + 1) {shifted[i*P_BITS+P_BITS-1]}},
          shifted[i*P_BITS+:P_BITS-1]};
    end
    for (i = PAIRS - 1; i > 0; i = i - 1) begin
      node = {nodes[2*i*TREE_BITS+:TREE_BITS], 1'b1} + {nodes[(2*i+1)*TREE_BITS+:TREE_BITS], s[i]};
      nodes[i*TREE_BITS+:TREE_BITS] = node[TREE_BITS:1];
    end
  end
  wire [TREE_BITS-1:0] tree = nodes[TREE_BITS+:TREE_BITS];
  wire unused_nodes = &{1'b0, node, nodes};  // the lowest bit of node only feeds the carry chain

  localparam BAND_BITS = (TREE_BITS < SUM_BITS) ? TREE_BITS : SUM_BITS;
  reg [BAND_BITS-1:0] band_q;
  reg carry_q;
  always @(posedge clk_i) begin
    band_q  <= tree[BAND_BITS-1:0];
    carry_q <= s[0];
  end
  wire [SUM_BITS-1:0] band;
  generate
    if (SUM_BITS > BAND_BITS) begin : gen_extend
      assign band = {{(SUM_BITS - BAND_BITS) {band_q[BAND_BITS-1]}}, band_q};
    end else begin : gen_exact
      assign band = band_q;
    end
    if (TREE_BITS > BAND_BITS) begin : gen_cut
      wire unused_high = &{1'b0, tree[TREE_BITS-1:BAND_BITS]};
    end
  endgenerate

  wire [SUM_BITS:0] total = {sum_i, 1'b1} + {band, carry_q};
  always @(posedge clk_i) sum_o <= total[SUM_BITS:1];
  wire unused_carry = &{1'b0, total[0]};  // only feeds the carry chain

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_rows, ROWS >= 2 && (ROWS & (ROWS - 1)) == 0)
`endif
endmodule
`default_nettype wire
