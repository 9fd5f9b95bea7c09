// SPDX-License-Identifier: Apache-2.0
// 2x2 switch of ReCoN's routing network: pass or swap two moving values.
// Area block: ReCoN routing
`default_nettype none
module msq_switch #(
    parameter WIDTH = 11  // width of a moving value
) (
    input  wire             swap_i,  // exchanges the values
    input  wire [WIDTH-1:0] a_i,     // value from the lower position
    input  wire [WIDTH-1:0] b_i,     // value from the upper position
    output wire [WIDTH-1:0] a_o,     // swap_i ? b_i : a_i
    output wire [WIDTH-1:0] b_o      // swap_i ? a_i : b_i
);
  assign a_o = swap_i ? b_i : a_i;
  assign b_o = swap_i ? a_i : b_i;

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_width, WIDTH >= 1)
`endif
endmodule
`default_nettype wire
