// msq_pe_band of one parameter set, with ports of one size for all sets. Digit 1 gets what the row of an
// array gives it: four times the activation of place 0 in mode 4, the activation of place 1 in mode 2.
`default_nettype none
module pe_band_case #(
    parameter ACT_BITS = 8,
    parameter MODE2 = 1,
    parameter MODE4 = 1,
    parameter ROWS = 1,
    parameter SUM_BITS = 23,
    parameter FRACTION_BITS = 2,
    parameter VALUE_BITS = 20,
    localparam X1_BITS = (MODE2 == 0) ? 1 : ACT_BITS + ((MODE4 != 0) ? 2 : 0),
    localparam V_BITS = (VALUE_BITS == 0) ? 1 : VALUE_BITS + 1
) (
    input  wire         clk_i,
    input  wire [15:0]  load_i,
    input  wire [3:0]   weight_i,
    input  wire         commit_i,
    input  wire         mode4_i,
    input  wire [127:0] x0_i,      // of row r at [8*r +: 8]
    input  wire [127:0] x1_i,
    input  wire [31:0]  value_i,   // {p, s}
    input  wire [31:0]  sum_i,
    output wire [31:0]  sum_o      // zero-extended
);
  wire [ROWS*ACT_BITS-1:0] x0;
  wire [ROWS*X1_BITS-1:0] x1;
  wire [SUM_BITS-1:0] sum;
  genvar r;
  generate
    for (r = 0; r < ROWS; r = r + 1) begin : gen_row
      digit1_case #(
          .ACT_BITS(ACT_BITS),
          .MODE2(MODE2),
          .MODE4(MODE4)
      ) u_digit1 (
          .mode4_i(mode4_i),
          .x0_i(x0_i[8*r+:8]),
          .x1_i(x1_i[8*r+:8]),
          .x1_o(x1[r*X1_BITS+:X1_BITS])
      );
      assign x0[r*ACT_BITS+:ACT_BITS] = x0_i[8*r+:ACT_BITS];
    end
  endgenerate
  msq_pe_band #(
      .ACT_BITS(ACT_BITS),
      .MODE2(MODE2),
      .MODE4(MODE4),
      .ROWS(ROWS),
      .SUM_BITS(SUM_BITS),
      .FRACTION_BITS(FRACTION_BITS),
      .VALUE_BITS(VALUE_BITS)
  ) u_band (
      .clk_i(clk_i),
      .load_i(load_i[ROWS-1:0]),
      .weight_i(weight_i),
      .commit_i(commit_i),
      .mode4_i(mode4_i),
      .x0_i(x0),
      .x1_i(x1),
      .load_mode4_i(1'b0),  // for MSQ_DSP, as those below
      .next_mode4_i(1'b0),
      .next_x0_i({ROWS*ACT_BITS{1'b0}}),
      .next_x1_i({ROWS*X1_BITS{1'b0}}),
      .value_i(value_i[V_BITS-1:0]),
      .sum_i(sum_i[SUM_BITS-1:0]),
      .sum_o(sum)
  );
  assign sum_o = {{(32 - SUM_BITS) {1'b0}}, sum};
  wire unused = &{1'b0, load_i, x0_i, x1_i, value_i, sum_i};
endmodule
`default_nettype wire
