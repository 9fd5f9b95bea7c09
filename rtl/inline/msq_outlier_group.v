// SPDX-License-Identifier: Apache-2.0
// Outlier units of one band of rows for one routing group, the PE columns of a micro-block, and the way of
// their values to the columns. A column gets the values of all units that point at it or-ed; the mapper gives
// two units different columns.
//
// The PE columns of a group may be further apart in time than one cycle (SKEW_COLUMNS fewer than the group
// has): the values for later columns wait in registers.
// Area block: outlier units
`default_nettype none
module msq_outlier_group #(
    parameter ACT_BITS = 8,      // activation width
    parameter MICRO_BLOCK = 8,   // B_mu
    parameter INPUTS = 1,        // activations of a band, a power of two: its rows, in mode 2 twice as many
    parameter SIG_BITS = 6,      // significand
    parameter UNITS = 1,         // units
    parameter SKEW_COLUMNS = 8,  // PE columns that share an activation register
    parameter SHIFT_MAX = 7,     // largest r
    parameter SHIFT_BITS = 3,    // width of r, at least 1
    // Derived, do not set.
    parameter LANE_BITS = $clog2(MICRO_BLOCK),
    parameter WORD_BITS = SIG_BITS + $clog2(INPUTS) + LANE_BITS + SHIFT_BITS,
    parameter V_BITS = ACT_BITS + SIG_BITS + SHIFT_MAX  // value with s
) (
    input  wire                          clk_i,
    input  wire [UNITS-1:0]              write_i,        // shadow write of each unit
    input  wire [UNITS*WORD_BITS-1:0]    words_i,        // words of the units
    input  wire                          commit_i,       // x_i is the first of its tile
    input  wire                          commit_late_i,  // commit_i one cycle later
    input  wire [INPUTS*ACT_BITS-1:0]    x_i,     // activations of the band for the first column of the group
    output wire [MICRO_BLOCK*V_BITS-1:0] values_o  // {p, s} of column c at [c*V_BITS +: V_BITS]
);
  localparam STEP_COLUMNS = (SKEW_COLUMNS < MICRO_BLOCK) ? SKEW_COLUMNS : MICRO_BLOCK;
  localparam STEPS = MICRO_BLOCK / STEP_COLUMNS;

  // Values of all units, and the columns they point at, one-hot; at each step.
  wire [STEPS*UNITS*V_BITS-1:0] values;
  wire [STEPS*UNITS*MICRO_BLOCK-1:0] hits;
  genvar u, t, c;
  generate
    for (u = 0; u < UNITS; u = u + 1) begin : gen_unit
      wire [LANE_BITS-1:0] lane;
      wire [V_BITS-1:0] value;
      msq_outlier_unit #(
          .ACT_BITS(ACT_BITS),
          .ROWS(INPUTS),
          .LANE_BITS(LANE_BITS),
          .SIG_BITS(SIG_BITS),
          .SHIFT_MAX(SHIFT_MAX),
          .SHIFT_BITS(SHIFT_BITS)
      ) u_unit (
          .clk_i(clk_i),
          .load_i(write_i[u]),
          .word_i(words_i[u*WORD_BITS+:WORD_BITS]),
          .commit_i(commit_i),
          .commit_late_i(commit_late_i),
          .x_i(x_i),
          .lane_o(lane),
          .value_o(value)
      );
      // A step has what the step before had a cycle earlier.
      wire [STEPS*(LANE_BITS+V_BITS)-1:0] line;
      assign line[LANE_BITS+V_BITS-1:0] = {lane, value};
      if (STEPS > 1) begin : gen_line
        reg [(STEPS-1)*(LANE_BITS+V_BITS)-1:0] line_q;
        always @(posedge clk_i) line_q <= line[(STEPS-1)*(LANE_BITS+V_BITS)-1:0];
        assign line[STEPS*(LANE_BITS+V_BITS)-1:LANE_BITS+V_BITS] = line_q;
      end
      for (t = 0; t < STEPS; t = t + 1) begin : gen_step
        wire [LANE_BITS-1:0] lane_now = line[t*(LANE_BITS+V_BITS)+V_BITS+:LANE_BITS];
        assign values[(t*UNITS+u)*V_BITS+:V_BITS] = line[t*(LANE_BITS+V_BITS)+:V_BITS];
        for (c = 0; c < MICRO_BLOCK; c = c + 1) begin : gen_hit
          assign hits[(t*UNITS+u)*MICRO_BLOCK+c] = lane_now == c[LANE_BITS-1:0];
        end
      end
    end

    for (c = 0; c < MICRO_BLOCK; c = c + 1) begin : gen_column
      localparam STEP = c / STEP_COLUMNS;
      reg [V_BITS-1:0] value;
      integer i;
      always @* begin
        value = {V_BITS{1'b0}};
        for (i = 0; i < UNITS; i = i + 1) begin
          value = value | (values[(STEP*UNITS+i)*V_BITS+:V_BITS]
                           & {V_BITS{hits[(STEP*UNITS+i)*MICRO_BLOCK+c]}});
        end
      end
      assign values_o[c*V_BITS+:V_BITS] = value;
    end
  endgenerate
  wire unused = &{1'b0, values, hits};  // steps see only their own columns

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_micro_block, MICRO_BLOCK >= 4 && (MICRO_BLOCK & (MICRO_BLOCK - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_shift_bits, SHIFT_MAX >= 0 && SHIFT_MAX < (1 << SHIFT_BITS))
  `MSQ_PARAMETER(msq_illegal_inputs, INPUTS >= 1 && (INPUTS & (INPUTS - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_units, UNITS >= 1)
`endif
endmodule
`default_nettype wire
