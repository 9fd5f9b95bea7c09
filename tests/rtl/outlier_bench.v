// Bench of the outlier units, alone and in groups: every parameter set fed with the same inputs.
//
// Unit case c: SIG_BITS 4, 6, 8 as c % 3; ROWS 1, 2, 4, 8 as c / 3; SHIFT_MAX 7, 15, 0, 5 as c / 3;
// activations of 8 bits but of 4 for c % 4 == 3. Group cases: see GROUPS, activations of 8 bits but of 4 for
// c % 3 == 2.
`default_nettype none
module outlier_bench (
    input  wire               clk_i,
    input  wire               load_i,         // of the lone units
    input  wire [7:0]         write_i,        // of the groups: unit u of field f at 4 * f + u
    // word u at [32*u +: 32] = {shift, lane, row, significand}, 8 bits each
    input  wire [255:0]       words_i,
    input  wire               commit_i,
    input  wire               commit_late_i,
    input  wire [63:0]        x_i,            // of row r at [8*r +: 8]
    output wire [12*64-1:0]   unit_o,         // {lane, 8 bits, value}
    output wire [10*1024-1:0] group_o         // of group c, lane l at [1024*c + 32*l +: 32]
);
  // Hexadecimal digits of a case: MICRO_BLOCK (two), MODE2, MODE4, ROWS, UNITS, SKEW_COLUMNS, SHIFT_MAX.
  localparam [10*32-1:0] GROUPS = {
    32'h10108485, 32'h10014445, 32'h1011821f, 32'h08018447, 32'h04102220, 32'h08104217, 32'h04112120,
        32'h08118427, 32'h08111187, 32'h08114287
  };
  genvar c;
  generate
    for (c = 0; c < 12; c = c + 1) begin : gen_unit
      outlier_unit_case #(
          .ACT_BITS((c % 4 == 3) ? 4 : 8),
          .ROWS(1 << (c / 3)),
          .SIG_BITS(4 + 2 * (c % 3)),
          .SHIFT_MAX((c / 3 == 0) ? 7 : (c / 3 == 1) ? 15 : (c / 3 == 2) ? 0 : 5),
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
    for (c = 0; c < 10; c = c + 1) begin : gen_group
      localparam [31:0] SET = GROUPS[32*c+:32];
      outlier_group_case #(
          .ACT_BITS((c % 3 == 2) ? 4 : 8),
          .MICRO_BLOCK({24'd0, SET[31:24]}),
          .MODE2({28'd0, SET[23:20]}),
          .MODE4({28'd0, SET[19:16]}),
          .ROWS({28'd0, SET[15:12]}),
          .UNITS({28'd0, SET[11:8]}),
          .SKEW_COLUMNS({28'd0, SET[7:4]}),
          .SHIFT_MAX({28'd0, SET[3:0]})
      ) u_case (
          .clk_i(clk_i),
          .write_i(write_i),
          .words_i(words_i),
          .commit_i(commit_i),
          .commit_late_i(commit_late_i),
          .x_i(x_i),
          .lanes_o(group_o[1024*c+:1024])
      );
    end
  endgenerate
endmodule
`default_nettype wire
