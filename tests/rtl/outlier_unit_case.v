// msq_outlier_unit of one parameter set, with ports of one size for all sets. Shifts beyond SHIFT_MAX become
// SHIFT_MAX.
`default_nettype none
module outlier_unit_case #(
    parameter ACT_BITS = 8,
    parameter ROWS = 1,
    parameter SIG_BITS = 6,
    parameter SHIFT_MAX = 7,
    parameter SHIFT_BITS = 3,
    localparam LANE_BITS = 5,
    localparam ROW_BITS = $clog2(ROWS),
    localparam WORD_BITS = SIG_BITS + ROW_BITS + LANE_BITS + SHIFT_BITS,
    localparam VALUE_BITS = ACT_BITS + SIG_BITS - 1 + SHIFT_MAX
) (
    input  wire        clk_i,
    input  wire        load_i,
    input  wire [31:0] word_i,         // {shift, lane, row, significand}, 8 bits each
    input  wire        commit_i,
    input  wire        commit_late_i,
    input  wire [127:0] x_i,
    output wire [63:0] result_o        // {lane (8 bits), value (56 bits)}
);
  wire [7:0] clamped = (word_i[31:24] > SHIFT_MAX[7:0]) ? SHIFT_MAX[7:0] : word_i[31:24];
  wire [WORD_BITS-1:0] word;
  assign word[SIG_BITS-1:0] = word_i[SIG_BITS-1:0];
  assign word[WORD_BITS-1-:SHIFT_BITS+LANE_BITS] = {clamped[SHIFT_BITS-1:0], word_i[16+:LANE_BITS]};
  wire [ROWS*ACT_BITS-1:0] x;
  genvar r;
  generate
    if (ROWS > 1) begin : gen_row
      assign word[SIG_BITS+:ROW_BITS] = word_i[8+:ROW_BITS];
    end
    for (r = 0; r < ROWS; r = r + 1) begin : gen_x
      assign x[r*ACT_BITS+:ACT_BITS] = x_i[8*r+:ACT_BITS];
    end
  endgenerate
  wire [LANE_BITS-1:0] lane;
  wire [VALUE_BITS:0] value;
  msq_outlier_unit #(
      .ACT_BITS(ACT_BITS),
      .ROWS(ROWS),
      .LANE_BITS(LANE_BITS),
      .SIG_BITS(SIG_BITS),
      .SHIFT_MAX(SHIFT_MAX),
      .SHIFT_BITS(SHIFT_BITS)
  ) u_unit (
      .clk_i(clk_i),
      .load_i(load_i),
      .word_i(word),
      .commit_i(commit_i),
      .commit_late_i(commit_late_i),
      .x_i(x),
      .lane_o(lane),
      .value_o(value)
  );
  assign result_o = {3'd0, lane, {(55 - VALUE_BITS) {1'b0}}, value};
  wire unused = &{1'b0, word_i, x_i, clamped};
endmodule
`default_nettype wire
