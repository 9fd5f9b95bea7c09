// SPDX-License-Identifier: Apache-2.0
// Outlier units of one band of rows for one routing group of PE columns, and the way of their values to the
// lanes.
//
// With both modes a group has two metadata fields: the units of field 0 serve the group's only micro-block in
// mode 4 (even lanes) and the first one in mode 2, the units of field 1 the second one in mode 2. A lane gets
// the values of all units that point at it or-ed; the mapper gives two units of a field different lanes.
//
// The PE columns of a group may be further apart in time than one cycle (SKEW_COLUMNS fewer than the group
// has): the values for later columns wait in registers.
// Area block: outlier units
`default_nettype none
module msq_outlier_group #(
    parameter ACT_BITS = 8,      // activation width
    parameter MICRO_BLOCK = 8,   // B_mu
    parameter MODE2 = 1,         // mode 2 is supported
    parameter MODE4 = 1,         // mode 4 is supported
    parameter FULL_RANGE = 0,    // encoding
    parameter ROWS = 1,          // rows of the band, a power of two
    parameter UNITS = 1,         // units of a field
    parameter SKEW_COLUMNS = 8,  // PE columns that share an activation register
    parameter SHIFT_MAX = 7,     // largest r
    parameter SHIFT_BITS = 3,    // width of r, at least 1
    // Derived, do not set.
    parameter FIELDS = (MODE2 != 0 && MODE4 != 0) ? 2 : 1,
    parameter PE_LANES = (MODE2 != 0) ? 2 : 1,
    parameter LANES = FIELDS * MICRO_BLOCK,
    parameter COLUMNS = LANES / PE_LANES,
    parameter SIG0_BITS = (MODE4 == 0) ? 4 : (FULL_RANGE != 0) ? 8 : 6,
    parameter SIG1_BITS = 4,
    parameter LANE0_BITS = $clog2(LANES),
    parameter LANE1_BITS = $clog2(MICRO_BLOCK),
    parameter WORD0_BITS = SIG0_BITS + $clog2(ROWS) + LANE0_BITS + SHIFT_BITS,
    parameter WORD1_BITS = SIG1_BITS + $clog2(ROWS) + LANE1_BITS + SHIFT_BITS,
    parameter WORDS_BITS = UNITS * (WORD0_BITS + ((FIELDS == 2) ? WORD1_BITS : 0)),
    parameter V0_BITS = ACT_BITS + SIG0_BITS + SHIFT_MAX,  // value of lane 0 of a PE, with s
    parameter V1_BITS = ACT_BITS + SIG1_BITS + SHIFT_MAX,  // value of lane 1 of a PE, with s
    parameter VALUE_BITS = V0_BITS + ((MODE2 != 0) ? V1_BITS : 0)
) (
    input  wire                          clk_i,
    input  wire [FIELDS*UNITS-1:0]       write_i,        // shadow write; unit u of field f at [f*UNITS + u]
    input  wire [WORDS_BITS-1:0]         words_i,        // words of the units of field 0, then of field 1
    input  wire                          commit_i,       // x_i is the first of its tile
    input  wire                          commit_late_i,  // commit_i one cycle later
    input  wire [ROWS*ACT_BITS-1:0]      x_i,     // activations of the band for the first column of the group
    output wire [COLUMNS*VALUE_BITS-1:0] values_o     // column c at [c*VALUE_BITS +: VALUE_BITS], {lane 1, 0}
);
  localparam STEP_COLUMNS = (SKEW_COLUMNS < COLUMNS) ? SKEW_COLUMNS : COLUMNS;
  localparam STEPS = COLUMNS / STEP_COLUMNS;
  localparam ALL = FIELDS * UNITS;

  // Values of all units, as wide as lane 0's, and the lanes they point at, one-hot; at each step.
  wire [STEPS*ALL*V0_BITS-1:0] values;
  wire [STEPS*ALL*LANES-1:0] hits;
  genvar u, t, c, l;
  generate
    for (u = 0; u < ALL; u = u + 1) begin : gen_unit
      localparam SECOND = u / UNITS;
      localparam SIG = (SECOND != 0) ? SIG1_BITS : SIG0_BITS;
      localparam LANE = (SECOND != 0) ? LANE1_BITS : LANE0_BITS;
      localparam WORD = (SECOND != 0) ? WORD1_BITS : WORD0_BITS;
      localparam BASE = (SECOND != 0) ? UNITS * WORD0_BITS + (u - UNITS) * WORD1_BITS : u * WORD0_BITS;
      localparam V = ACT_BITS + SIG + SHIFT_MAX;
      wire [LANE-1:0] lane;
      wire [V-1:0] value;
      msq_outlier_unit #(
          .ACT_BITS(ACT_BITS),
          .ROWS(ROWS),
          .LANE_BITS(LANE),
          .SIG_BITS(SIG),
          .SHIFT_MAX(SHIFT_MAX),
          .SHIFT_BITS(SHIFT_BITS)
      ) u_unit (
          .clk_i(clk_i),
          .load_i(write_i[u]),
          .word_i(words_i[BASE+:WORD]),
          .commit_i(commit_i),
          .commit_late_i(commit_late_i),
          .x_i(x_i),
          .lane_o(lane),
          .value_o(value)
      );
      // A step has what the step before had a cycle earlier.
      wire [STEPS*(LANE+V)-1:0] line;
      assign line[LANE+V-1:0] = {lane, value};
      if (STEPS > 1) begin : gen_line
        reg [(STEPS-1)*(LANE+V)-1:0] line_q;
        always @(posedge clk_i) line_q <= line[(STEPS-1)*(LANE+V)-1:0];
        assign line[STEPS*(LANE+V)-1:LANE+V] = line_q;
      end
      for (t = 0; t < STEPS; t = t + 1) begin : gen_step
        wire [LANE-1:0] lane_now = line[t*(LANE+V)+V+:LANE];
        wire [V-1:0] value_now = line[t*(LANE+V)+:V];
        assign values[(t*ALL+u)*V0_BITS+:V0_BITS] = {{(V0_BITS - V + 1) {value_now[V-1]}}, value_now[V-2:0]};
        for (l = 0; l < LANES; l = l + 1) begin : gen_hit
          if (SECOND != 0 && l < MICRO_BLOCK) begin : gen_never
            assign hits[(t*ALL+u)*LANES+l] = 1'b0;
          end else begin : gen_compare
            assign hits[(t*ALL+u)*LANES+l] = lane_now == l[LANE-1:0];
          end
        end
      end
    end

    for (l = 0; l < LANES; l = l + 1) begin : gen_lane
      localparam STEP = l / PE_LANES / STEP_COLUMNS;
      localparam WIDTH = (l % PE_LANES == 0) ? V0_BITS : V1_BITS;
      wire [ALL*WIDTH-1:0] gated;
      reg [WIDTH-1:0] value;
      integer i;
      for (c = 0; c < ALL; c = c + 1) begin : gen_gate
        assign gated[c*WIDTH+:WIDTH] = values[(STEP*ALL+c)*V0_BITS+:WIDTH] &
            {WIDTH{hits[(STEP*ALL+c)*LANES+l]}};
      end
      always @* begin
        value = {WIDTH{1'b0}};
        for (i = 0; i < ALL; i = i + 1) value = value | gated[i*WIDTH+:WIDTH];
      end
      assign values_o[(l/PE_LANES)*VALUE_BITS+((l%PE_LANES==0)?0:V0_BITS)+:WIDTH] = value;
    end
  endgenerate
  wire unused = &{1'b0, values, hits};  // steps see only their own columns, lane 1 has narrow values

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_micro_block, MICRO_BLOCK >= 4 && (MICRO_BLOCK & (MICRO_BLOCK - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_modes, MODE2 != 0 || MODE4 != 0)
  `MSQ_PARAMETER(msq_illegal_shift_bits, SHIFT_MAX >= 0 && SHIFT_MAX < (1 << SHIFT_BITS))
  `MSQ_PARAMETER(msq_illegal_rows, ROWS >= 1 && (ROWS & (ROWS - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_units, UNITS >= 1)
`endif
endmodule
`default_nettype wire
