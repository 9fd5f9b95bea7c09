// SPDX-License-Identifier: Apache-2.0
// Counts the accesses to the ReCoN units: rows times tokens that went through one. 32 bits, wrapping. clear_i
// zeroes both; events of that cycle are not counted. As in msq_counters, events show a cycle late.
// Area block: control
`default_nettype none
module msq_recon_counters #(
    parameter UNITS = 1,  // ReCoN units, 1 to 128
    // Derived, do not set.
    parameter COUNT_BITS = $clog2(UNITS + 1)
) (
    input  wire             clk_i,
    input  wire             rst_ni,
    input  wire             clear_i,     // zeroes both counters
    input  wire [UNITS-1:0] fired_i,     // unit accepts the products of a row
    input  wire [UNITS-1:0] waited_i,    // the schedule held the token of that row back
    output wire [31:0]      accesses_o,  // rows times tokens through ReCoN
    output wire [31:0]      waits_o      // accesses held back by the schedule
);
  function [COUNT_BITS-1:0] ones(input [UNITS-1:0] bits);
    integer i;
    begin
      ones = {COUNT_BITS{1'b0}};
      for (i = 0; i < UNITS; i = i + 1) if (bits[i]) ones = ones + 1'b1;
    end
  endfunction

  wire clear = !rst_ni || clear_i;
  reg [COUNT_BITS-1:0] fired_q, waited_q;
  always @(posedge clk_i) begin
    fired_q  <= clear ? {COUNT_BITS{1'b0}} : ones(fired_i);
    waited_q <= clear ? {COUNT_BITS{1'b0}} : ones(waited_i);
  end

  msq_event_counter #(
      .AMOUNT_BITS(COUNT_BITS)
  ) u_accesses (
      .clk_i(clk_i),
      .clear_i(clear),
      .amount_i(fired_q),
      .sum_o(accesses_o)
  );
  msq_event_counter #(
      .AMOUNT_BITS(COUNT_BITS)
  ) u_waits (
      .clk_i(clk_i),
      .clear_i(clear),
      .amount_i(waited_q),
      .sum_o(waits_o)
  );

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_units, UNITS >= 1 && UNITS <= 128)
  `MSQ_INPUT(rst_ni, (waited_i & ~fired_i) == 0, "a unit waited without an access")
`endif
endmodule
`default_nettype wire
