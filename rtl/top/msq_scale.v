// SPDX-License-Identifier: Apache-2.0
// Finds the scale of a run of MX outputs: that of its largest exponent, -128 if all outputs are zero.
//
// A tree over the lanes, registered after its first level and then after every two, then the largest so far.
// One lane has the registers of two. In the last step the scales of exponents are formed while these are
// compared, so that neither waits.
// Area block: top: outputs
`default_nettype none
module msq_scale #(
    parameter LANES = 2,  // a power of two
    // Derived, do not set.
    parameter PAIRS = (LANES > 1) ? LANES / 2 : 1,  // results of the tree's first level
    parameter WAIT = $clog2(PAIRS) / 2  // registers of the tree behind its first level
) (
    input  wire                clk_i,
    input  wire                enable_i,  // advances all steps
    input  wire                scan_i,    // a group of outputs is looked at
    input  wire                first_i,   // first group of a run
    input  wire                four_i,    // elements have four bits; the same for all groups of a run
    input  wire [LANES-1:0]    zero_i,    // the output is 0
    input  wire [LANES*10-1:0] log2_i,    // floor(log2 |output|), two's complement; void if zero
    output wire [7:0]          scale_o    // Ysf of the groups so far, two's complement, WAIT + 2 cycles later
);
  // Of two outputs, {zero, exponent}, whether the first is larger, and the larger one. Exponents are compared
  // without a sign, with 512 added: on an FPGA a signed comparison takes two carry chains.
  function exceeds(input [10:0] a, input [10:0] b);
    exceeds = !a[10] && (b[10] || {!a[9], a[8:0]} > {!b[9], b[8:0]});
  endfunction
  function [10:0] larger(input [10:0] a, input [10:0] b);
    larger = exceeds(b, a) ? b : a;
  endfunction

  // Registers of the tree: PAIRS after the first level, then a quarter of those before, at least 1.
  wire [11*PAIRS-1:0] first_level;
  genvar l, w;
  generate
    if (LANES == 1) begin : gen_alone
      assign first_level = {zero_i, log2_i};
    end
    for (l = 0; l < LANES / 2; l = l + 1) begin : gen_pair
      wire [10:0] even = {zero_i[2*l], log2_i[20*l+:10]};
      wire [10:0] odd = {zero_i[2*l+1], log2_i[20*l+10+:10]};
      assign first_level[11*l+:11] = larger(even, odd);
    end
    for (w = 0; w <= WAIT; w = w + 1) begin : gen_step
      localparam COUNT = PAIRS >> (2 * w);
      reg [11*COUNT-1:0] found_q;
      reg [2:0]          scan_q;  // {scan, first, four} of the exponent found
      if (w == 0) begin : gen_first
        always @(posedge clk_i) begin
          if (enable_i) begin
            found_q <= first_level;
            scan_q  <= {scan_i, first_i, four_i};
          end
        end
      end else begin : gen_next
        for (l = 0; l < COUNT; l = l + 1) begin : gen_four
          wire [43:0] four = gen_step[w-1].found_q[44*l+:44];
          wire [10:0] low = larger(four[10:0], four[21:11]);
          wire [10:0] high = larger(four[32:22], four[43:33]);
          always @(posedge clk_i) begin
            if (enable_i) found_q[11*l+:11] <= larger(low, high);
          end
        end
        always @(posedge clk_i) if (enable_i) scan_q <= gen_step[w-1].scan_q;
      end
    end
  endgenerate

  localparam LAST = PAIRS >> (2 * WAIT);  // 1 or 2
  wire scan, first, four;
  assign {scan, first, four} = gen_step[WAIT].scan_q;
  reg  [10:0] largest_q;  // of the run so far
  reg  [7:0]  scale_q;    // its scale
  wire [10:0] so_far = {first || largest_q[10], largest_q[9:0]};
  wire [39:0] candidates;  // twice {larger than so_far, scale, output}
  generate
    for (l = 0; l < 2; l = l + 1) begin : gen_scale
      wire [10:0] found = gen_step[WAIT].found_q[11*(l%LAST)+:11];
      wire signed [9:0] wanted = $signed(found[9:0]) - (four ? 10'sd2 : 10'sd6);
      wire [7:0] scale = (wanted > 10'sd127) ? 8'h7f : (wanted < -10'sd127) ? 8'h81 : wanted[7:0];
      assign candidates[20*l+:20] = {exceeds(found, so_far), scale, found};
    end
  endgenerate
  wire [19:0] best = exceeds(candidates[30:20], candidates[10:0]) ? candidates[39:20] : candidates[19:0];
  always @(posedge clk_i) begin
    if (enable_i && scan) begin
      if (first || best[19]) largest_q <= best[10:0];
      if (first && best[10]) scale_q <= 8'h80;
      else if (best[19]) scale_q <= best[18:11];
    end
  end
  assign scale_o = scale_q;

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_lanes, LANES >= 1 && (LANES & (LANES - 1)) == 0)
`endif
endmodule
`default_nettype wire
