// SPDX-License-Identifier: Apache-2.0
// Product of two registers, itself registered: what a multiplier block of an FPGA has inside. Tools that pack
// registers into such blocks do it here; for others this one file is replaced by a block of the family.
// Used where MSQ_DSP is defined.
// Area block: PEs
`default_nettype none
module msq_dsp_product #(
    parameter A_BITS = 18,  // width of the first operand
    parameter B_BITS = 13   // width of the second operand
) (
    input  wire                     clk_i,
    input  wire                     commit_i,  // writes the register of the second operand
    input  wire [A_BITS-1:0]        a_i,       // first operand, two's complement
    input  wire [B_BITS-1:0]        b_i,       // second operand, two's complement
    output wire [A_BITS+B_BITS-1:0] product_o  // product, two cycles after a_i, b_i
);
  reg signed [A_BITS-1:0] a_q;
  reg signed [B_BITS-1:0] b_q;
  reg signed [A_BITS+B_BITS-1:0] product_q;
  always @(posedge clk_i) begin
    a_q <= a_i;
    if (commit_i) b_q <= b_i;
    product_q <= a_q * b_q;
  end
  assign product_o = product_q;

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_widths, A_BITS >= 1 && B_BITS >= 1)
`endif
endmodule
`default_nettype wire
