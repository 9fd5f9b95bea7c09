// msq_outlier_group of one parameter set, with ports of one size for all sets. Shifts beyond SHIFT_MAX become
// SHIFT_MAX.
`default_nettype none
module outlier_group_case #(
    parameter ACT_BITS = 8,
    parameter MICRO_BLOCK = 8,
    parameter MODE2 = 1,
    parameter MODE4 = 1,
    parameter ROWS = 1,
    parameter UNITS = 1,
    parameter SKEW_COLUMNS = 8,
    parameter SHIFT_MAX = 7,
    localparam SHIFT_BITS = (SHIFT_MAX == 0) ? 1 : $clog2(SHIFT_MAX + 1),
    localparam FIELDS = (MODE2 != 0 && MODE4 != 0) ? 2 : 1,
    localparam PE_LANES = (MODE2 != 0) ? 2 : 1,
    localparam LANES = FIELDS * MICRO_BLOCK,
    localparam ROW_BITS = $clog2(ROWS),
    localparam SIG0_BITS = (MODE4 != 0) ? 6 : 4,
    localparam WORD0_BITS = SIG0_BITS + ROW_BITS + $clog2(LANES) + SHIFT_BITS,
    localparam WORD1_BITS = 4 + ROW_BITS + $clog2(MICRO_BLOCK) + SHIFT_BITS,
    localparam WORDS_BITS = UNITS * (WORD0_BITS + ((FIELDS == 2) ? WORD1_BITS : 0)),
    localparam V0_BITS = ACT_BITS + SIG0_BITS + SHIFT_MAX,
    localparam V1_BITS = ACT_BITS + 4 + SHIFT_MAX,
    localparam VALUE_BITS = V0_BITS + ((MODE2 != 0) ? V1_BITS : 0)
) (
    input  wire          clk_i,
    input  wire [7:0]    write_i,        // unit u of field f at 4 * f + u
    // its word at [32*(4*f + u) +: 32] = {shift, lane, row, significand}, 8 bits each
    input  wire [255:0]  words_i,
    input  wire          commit_i,
    input  wire          commit_late_i,
    input  wire [63:0]   x_i,
    output wire [1023:0] lanes_o         // {v, s} of lane l at [32*l +: 32], zero-extended
);
  wire [FIELDS*UNITS-1:0] write;
  wire [WORDS_BITS-1:0] words;
  wire [ROWS*ACT_BITS-1:0] x;
  wire [LANES/PE_LANES*VALUE_BITS-1:0] values;
  genvar f, u, r, l;
  generate
    for (f = 0; f < FIELDS; f = f + 1) begin : gen_field
      localparam SIG = (f == 0) ? SIG0_BITS : 4;
      localparam LANE = (f == 0) ? $clog2(LANES) : $clog2(MICRO_BLOCK);
      localparam WORD = (f == 0) ? WORD0_BITS : WORD1_BITS;
      for (u = 0; u < UNITS; u = u + 1) begin : gen_unit
        wire [31:0] given = words_i[32*(4*f+u)+:32];
        wire [7:0] clamped = (given[31:24] > SHIFT_MAX[7:0]) ? SHIFT_MAX[7:0] : given[31:24];
        wire [WORD-1:0] word;
        assign word[SIG-1:0] = given[SIG-1:0];
        assign word[WORD-1-:SHIFT_BITS+LANE] = {clamped[SHIFT_BITS-1:0], given[16+:LANE]};
        if (ROWS > 1) begin : gen_row
          assign word[SIG+:ROW_BITS] = given[8+:ROW_BITS];
        end
        assign words[((f==0)?0:UNITS*WORD0_BITS)+u*WORD+:WORD] = word;
        assign write[f*UNITS+u] = write_i[4*f+u];
        wire unused = &{1'b0, given, clamped};
      end
    end
    for (r = 0; r < ROWS; r = r + 1) begin : gen_x
      assign x[r*ACT_BITS+:ACT_BITS] = x_i[8*r+:ACT_BITS];
    end
    for (l = 0; l < 32; l = l + 1) begin : gen_lane
      localparam V = (l % PE_LANES == 0) ? V0_BITS : V1_BITS;
      if (l < LANES) begin : gen_used
        assign lanes_o[32*l+:32] = {{(32 - V) {1'b0}},
            values[(l/PE_LANES)*VALUE_BITS+((l%PE_LANES==0)?0:V0_BITS)+:V]};
      end else begin : gen_unused
        assign lanes_o[32*l+:32] = 32'd0;
      end
    end
  endgenerate
  msq_outlier_group #(
      .ACT_BITS(ACT_BITS),
      .MICRO_BLOCK(MICRO_BLOCK),
      .MODE2(MODE2),
      .MODE4(MODE4),
      .ROWS(ROWS),
      .UNITS(UNITS),
      .SKEW_COLUMNS(SKEW_COLUMNS),
      .SHIFT_MAX(SHIFT_MAX),
      .SHIFT_BITS(SHIFT_BITS)
  ) u_group (
      .clk_i(clk_i),
      .write_i(write),
      .words_i(words),
      .commit_i(commit_i),
      .commit_late_i(commit_late_i),
      .x_i(x),
      .values_o(values)
  );
  wire unused_inputs = &{1'b0, write_i, words_i, x_i};
endmodule
`default_nettype wire
