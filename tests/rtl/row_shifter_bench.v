// Bench of msq_row_shifter. Unused bits of an output word are zero.
`default_nettype none
module row_shifter_bench (
    // msq_row_shifter: {ROWS, ACT_BITS, SHIFT_MAX} = {4, 8, 7}, {4, 4, 1}, {2, 8, 3}.
    input  wire [31:0]     word_i,
    input  wire [15:0]     shifts_i,
    output wire [3*64-1:0] word_o,
    output wire [2:0]      error_o
);
  genvar i;
  generate
    for (i = 0; i < 3; i = i + 1) begin : gen_shifter
      localparam ROWS = (i == 2) ? 2 : 4;
      localparam ACT_BITS = (i == 1) ? 4 : 8;
      localparam SHIFT_MAX = (i == 0) ? 7 : (i == 1) ? 1 : 3;
      localparam OUT = ROWS * (ACT_BITS + SHIFT_MAX);
      assign word_o[64*i+OUT+:64-OUT] = {(64 - OUT) {1'b0}};
      msq_row_shifter #(
          .ROWS(ROWS),
          .ACT_BITS(ACT_BITS),
          .SHIFT_MAX(SHIFT_MAX)
      ) u_shifter (
          .word_i(word_i[ROWS*ACT_BITS-1:0]),
          .shifts_i(shifts_i[4*ROWS-1:0]),
          .word_o(word_o[64*i+:OUT]),
          .error_o(error_o[i])
      );
    end
  endgenerate
endmodule
`default_nettype wire
