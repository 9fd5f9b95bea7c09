// Bench of msq_tile_queue and msq_row_shifter.
`default_nettype none
module queue_bench (
    input  wire            clk_i,
    input  wire            rst_ni,
    // msq_tile_queue: {WIDTH, DEPTH} = {34, 4}, {5, 2}, {64, 8}.
    input  wire [2:0]      push_i,          // bit q of queue q
    input  wire [63:0]     entry_i,
    input  wire [2:0]      launch_next_i,
    input  wire [2:0]      collect_next_i,
    output wire [2:0]      full_o,
    output wire [2:0]      launch_valid_o,
    output wire [3*64-1:0] launch_entry_o,
    output wire [3*64-1:0] collect_entry_o,
    output wire [3*64-1:0] collect_after_o,
    // msq_row_shifter: {ROWS, ACT_BITS, SHIFT_MAX} = {4, 8, 7}, {4, 4, 1}, {2, 8, 3}.
    input  wire [31:0]     word_i,
    input  wire [15:0]     shifts_i,
    output wire [3*64-1:0] word_o,
    output wire [2:0]      error_o
);
  genvar i;
  generate
    for (i = 0; i < 3; i = i + 1) begin : gen_queue
      localparam WIDTH = (i == 0) ? 34 : (i == 1) ? 5 : 64;
      localparam DEPTH = (i == 0) ? 4 : (i == 1) ? 2 : 8;
      if (WIDTH < 64) begin : gen_rest
        assign launch_entry_o[64*i+WIDTH+:64-WIDTH] = {(64 - WIDTH) {1'b0}};
        assign collect_entry_o[64*i+WIDTH+:64-WIDTH] = {(64 - WIDTH) {1'b0}};
        assign collect_after_o[64*i+WIDTH+:64-WIDTH] = {(64 - WIDTH) {1'b0}};
      end
      msq_tile_queue #(
          .WIDTH(WIDTH),
          .DEPTH(DEPTH)
      ) u_queue (
          .clk_i(clk_i),
          .rst_ni(rst_ni),
          .push_i(push_i[i]),
          .full_o(full_o[i]),
          .entry_i(entry_i[WIDTH-1:0]),
          .launch_valid_o(launch_valid_o[i]),
          .launch_entry_o(launch_entry_o[64*i+:WIDTH]),
          .launch_next_i(launch_next_i[i]),
          .collect_entry_o(collect_entry_o[64*i+:WIDTH]),
          .collect_after_o(collect_after_o[64*i+:WIDTH]),
          .collect_next_i(collect_next_i[i])
      );
    end
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
