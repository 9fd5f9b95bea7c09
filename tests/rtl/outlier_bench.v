// Bench of the outlier units, alone and in groups: every parameter set fed with the same inputs.
//
// Unit case c: SIG_BITS 4, 6, 8 as c % 3; ROWS 1, 2, 4, 8, 16 as c / 3; SHIFT_MAX 7, 15, 0, 5, 7 as c / 3;
// activations of 8 bits but of 4 for c % 4 == 3. Group cases: see GROUPS, activations of 8 bits but of 4 for
// c % 3 == 2.
`default_nettype none
module outlier_bench (
    input  wire               clk_i,
    input  wire               load_i,         // of the lone units
    input  wire [7:0]         write_i,        // of the groups, by units
    // word u at [32*u +: 32] = {shift, lane, input, significand}, 8 bits each
    input  wire [255:0]       words_i,
    input  wire               commit_i,
    input  wire               commit_late_i,
    input  wire [127:0]       x_i,            // input i at [8*i +: 8]
    output wire [15*64-1:0]   unit_o,         // {lane, 8 bits, value}
    output wire [12*512-1:0]  group_o         // of group c, lane l at [512*c + 32*l +: 32]
);
  // Hexadecimal digits of a case: MICRO_BLOCK (two), log2 of INPUTS, SIG_BITS, UNITS, log2 of SKEW_COLUMNS,
  // SHIFT_MAX, 0.
  localparam [12*32-1:0] GROUPS = {
    32'h08488270, 32'h10046150, 32'h10348350, 32'h100442f0, 32'h10182150, 32'h080640f0, 32'h04242100,
        32'h081411f0,
    32'h04462000, 32'h08388070, 32'h08241470, 32'h08264370
  };
  genvar c;
  generate
    for (c = 0; c < 15; c = c + 1) begin : gen_unit
      outlier_unit_case #(
          .ACT_BITS((c % 4 == 3) ? 4 : 8),
          .ROWS(1 << (c / 3)),
          .SIG_BITS(4 + 2 * (c % 3)),
          .SHIFT_MAX((c / 3 == 1) ? 15 : (c / 3 == 2) ? 0 : (c / 3 == 3) ? 5 : 7),
          .SHIFT_BITS((c / 3 == 1) ? 4 : (c / 3 == 2) ? 1 : 3)
      ) u_case (
          .clk_i(clk_i),
          .load_i(load_i),
          .word_i(words_i[31:0]),
          .commit_i(commit_i),
          .commit_late_i(commit_late_i),
          .x_i(x_i),
          .result_o(unit_o[64*c+:64])
      );
    end
    for (c = 0; c < 12; c = c + 1) begin : gen_group
      localparam [31:0] SET = GROUPS[32*c+:32];
      outlier_group_case #(
          .ACT_BITS((c % 3 == 2) ? 4 : 8),
          .MICRO_BLOCK({24'd0, SET[31:24]}),
          .INPUTS(1 << SET[23:20]),
          .SIG_BITS({28'd0, SET[19:16]}),
          .UNITS({28'd0, SET[15:12]}),
          .SKEW_COLUMNS(1 << SET[11:8]),
          .SHIFT_MAX({28'd0, SET[7:4]})
      ) u_case (
          .clk_i(clk_i),
          .write_i(write_i),
          .words_i(words_i),
          .commit_i(commit_i),
          .commit_late_i(commit_late_i),
          .x_i(x_i),
          .lanes_o(group_o[512*c+:512])
      );
    end
  endgenerate
endmodule
`default_nettype wire
