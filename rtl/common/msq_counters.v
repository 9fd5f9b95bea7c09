// SPDX-License-Identifier: Apache-2.0
// Event counters, 32 bits each, wrapping, and sticky error flags. clear_i zeroes all; events of that cycle
// are not counted. Events show a cycle late: they come at the end of long paths, and a register keeps the
// counters out of these.
// Area block: control
`default_nettype none
module msq_counters #(
    parameter KINDS = 4  // kinds of protocol errors
) (
    input  wire             clk_i,
    input  wire             rst_ni,
    input  wire             clear_i,   // zeroes counters and flags
    input  wire             token_i,   // a token was launched
    input  wire             tile_i,    // the launched token is the first of its tile
    input  wire [KINDS-1:0] errors_i,  // protocol errors of this cycle
    output wire [31:0]      cycles_o,  // cycles since the last clear
    output wire [31:0]      tokens_o,  // tokens launched
    output wire [31:0]      tiles_o,   // tiles launched
    output wire [31:0]      errors_o,  // cycles with a protocol error
    output reg  [KINDS-1:0] sticky_o   // kinds of errors seen since the last clear
);
  wire clear = !rst_ni || clear_i;
  reg token_q, tile_q;
  reg [KINDS-1:0] errors_q;

  always @(posedge clk_i) begin
    token_q  <= token_i && !clear;
    tile_q   <= tile_i && !clear;
    errors_q <= clear ? {KINDS{1'b0}} : errors_i;
    sticky_o <= clear ? {KINDS{1'b0}} : sticky_o | errors_q;
  end

  msq_event_counter #(
      .AMOUNT_BITS(1)
  ) u_cycles (
      .clk_i(clk_i),
      .clear_i(clear),
      .amount_i(1'b1),
      .sum_o(cycles_o)
  );
  msq_event_counter #(
      .AMOUNT_BITS(1)
  ) u_tokens (
      .clk_i(clk_i),
      .clear_i(clear),
      .amount_i(token_q),
      .sum_o(tokens_o)
  );
  msq_event_counter #(
      .AMOUNT_BITS(1)
  ) u_tiles (
      .clk_i(clk_i),
      .clear_i(clear),
      .amount_i(tile_q),
      .sum_o(tiles_o)
  );
  msq_event_counter #(
      .AMOUNT_BITS(1)
  ) u_errors (
      .clk_i(clk_i),
      .clear_i(clear),
      .amount_i(|errors_q),
      .sum_o(errors_o)
  );

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_kinds, KINDS >= 1)
`endif
endmodule
`default_nettype wire
