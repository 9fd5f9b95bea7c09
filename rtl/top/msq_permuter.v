// SPDX-License-Identifier: Apache-2.0
// Network of switches that exchanges words. Combinational.
//
// Stage s joins the places that differ in one bit of their numbers: BITS bits from FIRST on, ascending, and
// with BENES back again to FIRST. Switch i of a stage joins the two places that are i without that bit.
// Settings of zero leave everything where it is. A Benes network over all bits brings any word to any
// place; one that goes through the bits of a band's number once brings rows to other bands, each at its own
// place there.
// Area block: top: readers
`default_nettype none
module msq_permuter #(
    parameter WAYS = 8,   // a power of two, at least 2
    parameter WIDTH = 8,  // bits of a word
    parameter FIRST = 0,  // lowest bit that a stage joins
    parameter BITS = $clog2(WAYS),  // bits that stages join, at least 1
    parameter BENES = 1,  // the stages go through them forth and back
    // Derived, do not set.
    parameter STAGES = (BENES != 0) ? 2 * BITS - 1 : BITS,
    parameter SETTINGS = STAGES * WAYS / 2
) (
    input  wire [WAYS*WIDTH-1:0] data_i,      // words in
    input  wire [SETTINGS-1:0]   settings_i,  // stage s, switch i at [s*WAYS/2 + i]: 1 exchanges
    output wire [WAYS*WIDTH-1:0] data_o       // words in their new places
);
  genvar s, i;
  generate
    for (s = 0; s < STAGES; s = s + 1) begin : gen_stage
      localparam BIT = FIRST + ((s < BITS) ? s : 2 * BITS - 2 - s);
      wire [WAYS*WIDTH-1:0] in;
      wire [WAYS*WIDTH-1:0] out;
      if (s == 0) begin : gen_first
        assign in = data_i;
      end else begin : gen_next
        assign in = gen_stage[s-1].out;
      end
      for (i = 0; i < WAYS / 2; i = i + 1) begin : gen_switch
        localparam LOW = ((i >> BIT) << (BIT + 1)) | (i & ((1 << BIT) - 1));
        localparam HIGH = LOW | (1 << BIT);
        wire [WIDTH-1:0] low = in[LOW*WIDTH+:WIDTH];
        wire [WIDTH-1:0] high = in[HIGH*WIDTH+:WIDTH];
        assign out[LOW*WIDTH+:WIDTH] = settings_i[s*WAYS/2+i] ? high : low;
        assign out[HIGH*WIDTH+:WIDTH] = settings_i[s*WAYS/2+i] ? low : high;
      end
    end
  endgenerate
  assign data_o = gen_stage[STAGES-1].out;

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_ways, WAYS >= 2 && (WAYS & (WAYS - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_bits, BITS >= 1 && (1 << (FIRST + BITS)) <= WAYS)
`endif
endmodule
`default_nettype wire
