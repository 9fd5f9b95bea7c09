// SPDX-License-Identifier: Apache-2.0
// Activation feeder: delays row r of a token by r cycles (the sums move down one row per cycle) plus LEAD. A
// row that ReCoN serves gets its activation LEAD cycles earlier, so that ReCoN's result is back in time for
// the sum.
//
// Stage 0 holds its token until the next one, so an idle array does not toggle.
// Area block: feeder and skew
`default_nettype none
module msq_feeder #(
    parameter ROWS = 8,      // PE rows
    parameter ACT_BITS = 8,  // activation width
    parameter LEAD = 0       // latency of ReCoN in cycles; 0 without ReCoN
) (
    input  wire                     clk_i,
    input  wire                     launch_i,      // a token enters
    input  wire [ROWS*ACT_BITS-1:0] token_i,       // row r at [r*ACT_BITS +: ACT_BITS]
    input  wire [ROWS-1:0]          early_i,       // per row: select the activation LEAD cycles early
    output wire [ROWS*ACT_BITS-1:0] activations_o  // row r: launched r + 1 (early) or r + 1 + LEAD cycles ago
);
  genvar r;
  generate
    for (r = 0; r < ROWS; r = r + 1) begin : gen_row
      reg [(r+1+LEAD)*ACT_BITS-1:0] line_q;  // stage s at [s*ACT_BITS +: ACT_BITS]
      wire [ACT_BITS-1:0] head = launch_i ? token_i[r*ACT_BITS+:ACT_BITS] : line_q[ACT_BITS-1:0];
      if (r + LEAD == 0) begin : gen_first
        always @(posedge clk_i) line_q <= head;
      end else begin : gen_line
        always @(posedge clk_i) line_q <= {line_q[(r+LEAD)*ACT_BITS-1:0], head};
      end
      if (LEAD != 0) begin : gen_select
        assign activations_o[r*ACT_BITS+:ACT_BITS] =
            early_i[r] ? line_q[r*ACT_BITS+:ACT_BITS] : line_q[(r+LEAD)*ACT_BITS+:ACT_BITS];
      end else begin : gen_fixed
        assign activations_o[r*ACT_BITS+:ACT_BITS] = line_q[r*ACT_BITS+:ACT_BITS];
      end
    end
    if (LEAD == 0) begin : gen_no_lead
      wire unused_early = &{1'b0, early_i};
    end
  endgenerate

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_rows, ROWS >= 1)
  `MSQ_PARAMETER(msq_illegal_act_bits, ACT_BITS >= 1)
  `MSQ_PARAMETER(msq_illegal_lead, LEAD >= 0)
`endif
endmodule
`default_nettype wire
