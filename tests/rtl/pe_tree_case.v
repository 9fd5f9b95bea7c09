// msq_pe_tree of one parameter set, with ports of one size for all sets: lane l at [32*l +: 32],
// zero-extended.
`default_nettype none
module pe_tree_case #(
    parameter ACT_BITS = 8,
    parameter MODE2 = 1,
    parameter MODE4 = 1,
    parameter FULL_RANGE = 0,
    parameter ROWS = 1,
    parameter SUM_BITS = 23,
    parameter FRACTION_BITS = 2,
    parameter VALUE0_BITS = 20,
    parameter VALUE1_BITS = 18,
    localparam LANES = (MODE2 != 0) ? 2 : 1,
    localparam V0_BITS = (VALUE0_BITS == 0) ? 1 : VALUE0_BITS + 1,
    localparam V1_BITS = (VALUE0_BITS == 0 || MODE2 == 0) ? 0 : VALUE1_BITS + 1
) (
    input  wire        clk_i,
    input  wire [7:0]  load_i,
    input  wire [3:0]  weight_i,
    input  wire        commit_i,
    input  wire        mode4_i,
    input  wire [63:0] x_i,       // of row r at [8*r +: 8]
    input  wire [63:0] value_i,   // {p, s} of lane l at [32*l +: 32]
    input  wire [63:0] sum_i,
    output wire [63:0] sum_o
);
  wire [ROWS*ACT_BITS-1:0] x;
  wire [V0_BITS+V1_BITS-1:0] value;
  wire [LANES*SUM_BITS-1:0] above;
  wire [LANES*SUM_BITS-1:0] sum;
  genvar r, l;
  generate
    for (r = 0; r < ROWS; r = r + 1) begin : gen_x
      assign x[r*ACT_BITS+:ACT_BITS] = x_i[8*r+:ACT_BITS];
    end
    assign value[V0_BITS-1:0] = value_i[V0_BITS-1:0];
    if (V1_BITS > 0) begin : gen_value1
      assign value[V0_BITS+:V1_BITS] = value_i[32+:V1_BITS];
    end
    for (l = 0; l < 2; l = l + 1) begin : gen_lane
      if (l < LANES) begin : gen_used
        assign above[l*SUM_BITS+:SUM_BITS] = sum_i[32*l+:SUM_BITS];
        assign sum_o[32*l+:32] = {{(32 - SUM_BITS) {1'b0}}, sum[l*SUM_BITS+:SUM_BITS]};
      end else begin : gen_unused
        assign sum_o[32*l+:32] = 32'd0;
      end
    end
  endgenerate
  msq_pe_tree #(
      .ACT_BITS(ACT_BITS),
      .MODE2(MODE2),
      .MODE4(MODE4),
      .FULL_RANGE(FULL_RANGE),
      .ROWS(ROWS),
      .SUM_BITS(SUM_BITS),
      .FRACTION_BITS(FRACTION_BITS),
      .VALUE0_BITS(VALUE0_BITS),
      .VALUE1_BITS(VALUE1_BITS)
  ) u_pe (
      .clk_i(clk_i),
      .load_i(load_i[ROWS-1:0]),
      .weight_i(weight_i),
      .commit_i(commit_i),
      .mode4_i(mode4_i),
      .x_i(x),
      .value_i(value),
      .sum_i(above),
      .sum_o(sum)
  );
  wire unused = &{1'b0, load_i, x_i, value_i, sum_i};
endmodule
`default_nettype wire
