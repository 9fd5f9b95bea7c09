// msq_outlier_group of one parameter set, with ports of one size for all sets. Shifts beyond SHIFT_MAX become
// SHIFT_MAX.
`default_nettype none
module outlier_group_case #(
    parameter ACT_BITS = 8,
    parameter MICRO_BLOCK = 8,
    parameter INPUTS = 1,
    parameter SIG_BITS = 6,
    parameter UNITS = 1,
    parameter SKEW_COLUMNS = 8,
    parameter SHIFT_MAX = 7,
    localparam SHIFT_BITS = (SHIFT_MAX == 0) ? 1 : $clog2(SHIFT_MAX + 1),
    localparam LANE_BITS = $clog2(MICRO_BLOCK),
    localparam INPUT_BITS = $clog2(INPUTS),
    localparam WORD_BITS = SIG_BITS + INPUT_BITS + LANE_BITS + SHIFT_BITS,
    localparam V_BITS = ACT_BITS + SIG_BITS + SHIFT_MAX
) (
    input  wire         clk_i,
    input  wire [7:0]   write_i,
    // word of unit u at [32*u +: 32] = {shift, lane, input, significand}, 8 bits each
    input  wire [255:0] words_i,
    input  wire         commit_i,
    input  wire         commit_late_i,
    input  wire [127:0] x_i,
    output wire [511:0] lanes_o         // {v, s} of lane l at [32*l +: 32], zero-extended
);
  wire [UNITS*WORD_BITS-1:0] words;
  wire [INPUTS*ACT_BITS-1:0] x;
  wire [MICRO_BLOCK*V_BITS-1:0] values;
  genvar u, i, l;
  generate
    for (u = 0; u < UNITS; u = u + 1) begin : gen_unit
      wire [31:0] given = words_i[32*u+:32];
      wire [7:0] clamped = (given[31:24] > SHIFT_MAX[7:0]) ? SHIFT_MAX[7:0] : given[31:24];
      wire [WORD_BITS-1:0] word;
      assign word[SIG_BITS-1:0] = given[SIG_BITS-1:0];
      assign word[WORD_BITS-1-:SHIFT_BITS+LANE_BITS] = {clamped[SHIFT_BITS-1:0], given[16+:LANE_BITS]};
      if (INPUTS > 1) begin : gen_input
        assign word[SIG_BITS+:INPUT_BITS] = given[8+:INPUT_BITS];
      end
      assign words[u*WORD_BITS+:WORD_BITS] = word;
      wire unused = &{1'b0, given, clamped};
    end
    for (i = 0; i < INPUTS; i = i + 1) begin : gen_x
      assign x[i*ACT_BITS+:ACT_BITS] = x_i[8*i+:ACT_BITS];
    end
    for (l = 0; l < 16; l = l + 1) begin : gen_lane
      if (l < MICRO_BLOCK) begin : gen_used
        assign lanes_o[32*l+:32] = {{(32 - V_BITS) {1'b0}}, values[l*V_BITS+:V_BITS]};
      end else begin : gen_unused
        assign lanes_o[32*l+:32] = 32'd0;
      end
    end
  endgenerate
  msq_outlier_group #(
      .ACT_BITS(ACT_BITS),
      .MICRO_BLOCK(MICRO_BLOCK),
      .INPUTS(INPUTS),
      .SIG_BITS(SIG_BITS),
      .UNITS(UNITS),
      .SKEW_COLUMNS(SKEW_COLUMNS),
      .SHIFT_MAX(SHIFT_MAX),
      .SHIFT_BITS(SHIFT_BITS)
  ) u_group (
      .clk_i(clk_i),
      .write_i(write_i[UNITS-1:0]),
      .words_i(words),
      .commit_i(commit_i),
      .commit_late_i(commit_late_i),
      .x_i(x),
      .values_o(values)
  );
  wire unused_inputs = &{1'b0, write_i, words_i, x_i};
endmodule
`default_nettype wire
