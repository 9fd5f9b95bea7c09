// SPDX-License-Identifier: Apache-2.0
// Control that travels with the tokens of the plain array: one row per cycle, like the sums.
// Area block: control
`default_nettype none
module msq_wavefront #(
    parameter ROWS = 8  // PE rows
) (
    input  wire            clk_i,
    input  wire            rst_ni,
    input  wire            launch_i,        // a token enters
    input  wire            launch_first_i,  // first token of its tile
    input  wire            launch_last_i,   // last token of its tile
    input  wire            launch_mode4_i,  // mode of the token: 1 is mode 4
    output wire [ROWS-1:0] commit_o,        // next activation of the row is the first of a tile
    output wire [ROWS-1:0] mode4_o,         // mode of the next activation of the row
    output wire            out_valid_o,     // next activation of the last row belongs to a token
    output wire            out_last_o       // last token of its tile, with out_valid_o
);
  reg [ROWS-1:0] valid_q;
  reg [ROWS-1:0] first_q;
  reg [ROWS-1:0] last_q;
  reg [ROWS-1:0] mode4_q;
  always @(posedge clk_i) begin
    if (!rst_ni) valid_q <= {ROWS{1'b0}};
    else valid_q <= {valid_q[ROWS-2:0], launch_i};
    first_q <= {first_q[ROWS-2:0], launch_first_i};
    last_q  <= {last_q[ROWS-2:0], launch_last_i};
    mode4_q <= {mode4_q[ROWS-2:0], launch_i ? launch_mode4_i : mode4_q[0]};
  end

  assign commit_o    = valid_q & first_q;
  assign mode4_o     = mode4_q;
  assign out_valid_o = valid_q[ROWS-1];
  assign out_last_o  = last_q[ROWS-1];

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_rows, ROWS >= 2)
`endif
endmodule
`default_nettype wire
