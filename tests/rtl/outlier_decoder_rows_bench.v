// msq_outlier_decoder with several rows at a time beside one with one row at a time, which gets the same rows
// one after the other: four parameter sets, micro-blocks of 8.
`default_nettype none
module outlier_decoder_rows_bench (
    input  wire          clk_i,
    input  wire          load_wide_i,    // the rows below are loaded together
    input  wire          load_narrow_i,  // row row_i of them is loaded
    input  wire [2:0]    row_i,
    input  wire [3:0]    step_i,         // of the band; cut to its steps
    input  wire          mode4_i,
    input  wire [15:0]   has_outliers_i,  // of row w, field f at 2*w + f
    input  wire [127:0]  mx_scale_i,
    input  wire [383:0]  list_i,          // 24 bits a field; sets with fewer entries take the lowest
    input  wire [255:0]  codes_i,
    output wire [1023:0] wide_codes_o,    // of set c at [256*c +: 256]
    output wire [127:0]  narrow_codes_o,
    output wire [511:0]  wide_words_o,     // word of set c and unit u at [32*(4*c+u) +: 32]
    output wire [511:0]  narrow_words_o,
    output wire [15:0]   wide_write_o,    // of set c and unit u at 4*c + u
    output wire [15:0]   narrow_write_o,
    output wire [7:0]    wide_errors_o,   // of set c {unit error, list error}
    output wire [7:0]    narrow_errors_o
);
  // Hexadecimal digits of a set: ROWS (two), LOAD_ROWS, UNITS, ENTRIES, FULL_RANGE.
  localparam [4*24-1:0] SETS = {24'h104140, 24'h088421, 24'h082411, 24'h022240};
  genvar c, w, u;
  generate
    for (c = 0; c < 4; c = c + 1) begin : gen_set
      localparam [23:0] SET = SETS[24*c+:24];
      localparam ROWS = {24'd0, SET[23:16]};
      localparam LOAD = {28'd0, SET[15:12]};
      localparam UNITS = {28'd0, SET[11:8]};
      localparam ENTRIES = {28'd0, SET[7:4]};
      localparam LIST = 6 * ENTRIES;
      localparam FULL_RANGE = {28'd0, SET[3:0]};
      localparam WORD = ((FULL_RANGE != 0) ? 8 : 6) + 1 + $clog2(ROWS) + 3 + 3;
      localparam STEPS = ROWS / LOAD;
      localparam STEP_BITS = $clog2(STEPS + 1);
      localparam ROW_BITS = $clog2(ROWS + 1);
      wire [2*LOAD*LIST-1:0] lists;
      for (w = 0; w < 2 * LOAD; w = w + 1) begin : gen_list
        assign lists[LIST*w+:LIST] = list_i[24*w+:LIST];
      end
      wire [31:0] step = {28'd0, step_i} % STEPS;
      wire [31:0] row = step * LOAD + {29'd0, row_i};
      wire [UNITS*WORD-1:0] wide_words, narrow_words;
      wire [UNITS-1:0] wide_write, narrow_write;
      wire [32*LOAD-1:0] wide_codes;
      wire [31:0] narrow_codes;
      msq_outlier_decoder #(
          .ENTRIES(ENTRIES),
          .FULL_RANGE(FULL_RANGE),
          .ROWS(ROWS),
          .LOAD_ROWS(LOAD),
          .UNITS(UNITS)
      ) u_wide (
          .clk_i(clk_i),
          .load_i(load_wide_i),
          .first_i(step == 0),
          .step_i(step[STEP_BITS-1:0]),
          .mode4_i(mode4_i),
          .has_outliers_i(has_outliers_i[2*LOAD-1:0]),
          .mx_scale_i(mx_scale_i[16*LOAD-1:0]),
          .list_i(lists),
          .codes_i(codes_i[32*LOAD-1:0]),
          .codes_o(wide_codes),
          .write_o(wide_write),
          .words_o(wide_words),
          .list_error_o(wide_errors_o[2*c]),
          .unit_error_o(wide_errors_o[2*c+1])
      );
      msq_outlier_decoder #(
          .ENTRIES(ENTRIES),
          .FULL_RANGE(FULL_RANGE),
          .ROWS(ROWS),
          .UNITS(UNITS)
      ) u_narrow (
          .clk_i(clk_i),
          .load_i(load_narrow_i && {29'd0, row_i} < LOAD),
          .first_i(row == 0),
          .step_i(row[ROW_BITS-1:0]),
          .mode4_i(mode4_i),
          .has_outliers_i(has_outliers_i[2*row_i+:2]),
          .mx_scale_i(mx_scale_i[16*row_i+:16]),
          .list_i({list_i[48*row_i+24+:LIST], list_i[48*row_i+:LIST]}),
          .codes_i(codes_i[32*row_i+:32]),
          .codes_o(narrow_codes),
          .write_o(narrow_write),
          .words_o(narrow_words),
          .list_error_o(narrow_errors_o[2*c]),
          .unit_error_o(narrow_errors_o[2*c+1])
      );
      assign narrow_codes_o[32*c+:32] = narrow_codes;
      for (w = 0; w < 8; w = w + 1) begin : gen_codes
        if (w < LOAD) begin : gen_row
          assign wide_codes_o[256*c+32*w+:32] = wide_codes[32*w+:32];
        end else begin : gen_none
          assign wide_codes_o[256*c+32*w+:32] = 32'd0;
        end
      end
      for (u = 0; u < 4; u = u + 1) begin : gen_unit
        if (u < UNITS) begin : gen_used
          assign wide_words_o[32*(4*c+u)+:32] = {{(32 - WORD) {1'b0}}, wide_words[WORD*u+:WORD]};
          assign narrow_words_o[32*(4*c+u)+:32] = {{(32 - WORD) {1'b0}}, narrow_words[WORD*u+:WORD]};
          assign wide_write_o[4*c+u] = wide_write[u];
          assign narrow_write_o[4*c+u] = narrow_write[u];
        end else begin : gen_none
          assign wide_words_o[32*(4*c+u)+:32] = 32'd0;
          assign narrow_words_o[32*(4*c+u)+:32] = 32'd0;
          assign wide_write_o[4*c+u] = 1'b0;
          assign narrow_write_o[4*c+u] = 1'b0;
        end
      end
    end
  endgenerate
endmodule
`default_nettype wire
