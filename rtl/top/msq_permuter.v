// SPDX-License-Identifier: Apache-2.0
// Benes network: brings any of WAYS words to any place, all different. Combinational.
//
// Stage s joins the places that differ in one bit: 0, 1, .. log2(WAYS) - 1, .. 1, 0. Switch i of a stage
// joins the two places that are i without that bit. Settings of zero leave everything where it is.
// Area block: top: readers
`default_nettype none
module msq_permuter #(
    parameter WAYS = 8,   // a power of two, at least 2
    parameter WIDTH = 8,  // bits of a word
    // Derived, do not set.
    parameter LOG2 = $clog2(WAYS),
    parameter STAGES = 2 * LOG2 - 1,
    parameter SETTINGS = STAGES * WAYS / 2
) (
    input  wire [WAYS*WIDTH-1:0] data_i,      // words in
    input  wire [SETTINGS-1:0]   settings_i,  // stage s, switch i at [s*WAYS/2 + i]: 1 exchanges
    output wire [WAYS*WIDTH-1:0] data_o       // words in their new places
);
  genvar s, i;
  generate
    for (s = 0; s < STAGES; s = s + 1) begin : gen_stage
      localparam BIT = (s < LOG2) ? s : STAGES - 1 - s;
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
`endif
endmodule
`default_nettype wire
