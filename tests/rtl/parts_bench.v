// Bench of the small leaves, each at several widths. Unused bits of an output word are zero.
`default_nettype none
module parts_bench (
    input  wire         clk_i,
    input  wire         rst_ni,
    // msq_switch and msq_bus_driver: widths 1, 2, 11, 64.
    input  wire         select_i,
    input  wire [63:0]  a_i,
    input  wire [63:0]  b_i,
    output wire [4*64-1:0] switch_a_o,
    output wire [4*64-1:0] switch_b_o,
    output wire [4*64-1:0] driver_o,
    // msq_onehot_encoder: widths 2, 3, 8, 64.
    input  wire [63:0]  onehot_i,
    output wire [4*64-1:0] index_o,
    // msq_column_bus: {ROWS, WIDTH} = {1, 1}, {2, 2}, {8, 7}, {3, 21}.
    input  wire [63:0]  rows_i,
    output wire [4*64-1:0] bus_o,
    // msq_counters: KINDS 1, 4.
    input  wire         clear_i,
    input  wire         token_i,
    input  wire         tile_i,
    input  wire [3:0]   errors_i,
    output wire [2*64-1:0] cycles_tokens_o,  // {tokens, cycles}
    output wire [2*64-1:0] tiles_errors_o,   // {errors, tiles}
    output wire [2*64-1:0] sticky_o,
    // msq_recon_counters: UNITS 1, 3, 16.
    input  wire [15:0]  fired_i,
    input  wire [15:0]  waited_i,
    output wire [3*64-1:0] accesses_waits_o,  // {waits, accesses}
    // msq_event_counter: AMOUNT_BITS 1, 4, 8, 2, 5; cleared by clear_i.
    input  wire [7:0]   amount_i,
    output wire [5*64-1:0] event_sum_o,
    // msq_ram_1r1w: {WIDTH, DEPTH} = {1, 2}, {40, 16}.
    input  wire         write_i,
    input  wire [3:0]   write_address_i,
    input  wire [39:0]  write_data_i,
    input  wire         read_i,
    input  wire [3:0]   read_address_i,
    output wire [2*64-1:0] read_data_o,
    // msq_tile_queue: {WIDTH, DEPTH} = {34, 4}, {5, 2}.
    input  wire [1:0]   push_i,
    input  wire [33:0]  entry_i,
    input  wire [1:0]   begin_i,
    input  wire [1:0]   launch_next_i,
    input  wire [1:0]   collect_next_i,
    output wire [1:0]   full_o,
    output wire [1:0]   launch_valid_o,
    output wire [2*64-1:0] launch_entry_o,
    output wire [1:0]   launched_o,
    output wire [2*64-1:0] collect_entry_o,
    output wire [2*64-1:0] collect_after_o
);
  genvar i;
  generate
    for (i = 0; i < 4; i = i + 1) begin : gen_width
      localparam WIDTH = (i == 0) ? 1 : (i == 1) ? 2 : (i == 2) ? 11 : 64;
      wire [63:0] a;
      wire [63:0] b;
      wire [63:0] driven;
      if (WIDTH < 64) begin : gen_rest
        assign a[63:WIDTH] = {(64 - WIDTH) {1'b0}};
        assign b[63:WIDTH] = {(64 - WIDTH) {1'b0}};
        assign driven[63:WIDTH] = {(64 - WIDTH) {1'b0}};
      end
      assign switch_a_o[64*i+:64] = a;
      assign switch_b_o[64*i+:64] = b;
      assign driver_o[64*i+:64] = driven;
      msq_switch #(
          .WIDTH(WIDTH)
      ) u_switch (
          .swap_i(select_i),
          .a_i(a_i[WIDTH-1:0]),
          .b_i(b_i[WIDTH-1:0]),
          .a_o(a[WIDTH-1:0]),
          .b_o(b[WIDTH-1:0])
      );
      msq_bus_driver #(
          .WIDTH(WIDTH)
      ) u_driver (
          .drive_i(select_i),
          .d_i(a_i[WIDTH-1:0]),
          .bus_o(driven[WIDTH-1:0])
      );
    end
    for (i = 0; i < 4; i = i + 1) begin : gen_encoder
      localparam WIDTH = (i == 0) ? 2 : (i == 1) ? 3 : (i == 2) ? 8 : 64;
      assign index_o[64*i+$clog2(WIDTH)+:64-$clog2(WIDTH)] = {(64 - $clog2(WIDTH)) {1'b0}};
      msq_onehot_encoder #(
          .WIDTH(WIDTH)
      ) u_encoder (
          .onehot_i(onehot_i[WIDTH-1:0]),
          .index_o(index_o[64*i+:$clog2(WIDTH)])
      );
    end
    for (i = 0; i < 4; i = i + 1) begin : gen_bus
      localparam ROWS = (i == 0) ? 1 : (i == 1) ? 2 : (i == 2) ? 8 : 3;
      localparam WIDTH = (i == 0) ? 1 : (i == 1) ? 2 : (i == 2) ? 7 : 21;
      assign bus_o[64*i+WIDTH+:64-WIDTH] = {(64 - WIDTH) {1'b0}};
      msq_column_bus #(
          .ROWS(ROWS),
          .WIDTH(WIDTH)
      ) u_bus (
          .rows_i(rows_i[ROWS*WIDTH-1:0]),
          .bus_o(bus_o[64*i+:WIDTH])
      );
    end
    for (i = 0; i < 2; i = i + 1) begin : gen_counters
      localparam KINDS = (i == 0) ? 1 : 4;
      assign sticky_o[64*i+KINDS+:64-KINDS] = {(64 - KINDS) {1'b0}};
      msq_counters #(
          .KINDS(KINDS)
      ) u_counters (
          .clk_i(clk_i),
          .rst_ni(rst_ni),
          .clear_i(clear_i),
          .token_i(token_i),
          .tile_i(tile_i),
          .errors_i(errors_i[KINDS-1:0]),
          .cycles_o(cycles_tokens_o[64*i+:32]),
          .tokens_o(cycles_tokens_o[64*i+32+:32]),
          .tiles_o(tiles_errors_o[64*i+:32]),
          .errors_o(tiles_errors_o[64*i+32+:32]),
          .sticky_o(sticky_o[64*i+:KINDS])
      );
    end
    for (i = 0; i < 3; i = i + 1) begin : gen_recon_counters
      localparam UNITS = (i == 0) ? 1 : (i == 1) ? 3 : 16;
      msq_recon_counters #(
          .UNITS(UNITS)
      ) u_counters (
          .clk_i(clk_i),
          .rst_ni(rst_ni),
          .clear_i(clear_i),
          .fired_i(fired_i[UNITS-1:0]),
          .waited_i(waited_i[UNITS-1:0]),
          .accesses_o(accesses_waits_o[64*i+:32]),
          .waits_o(accesses_waits_o[64*i+32+:32])
      );
    end
    for (i = 0; i < 5; i = i + 1) begin : gen_event_counter
      localparam AMOUNT_BITS = (i == 0) ? 1 : (i == 1) ? 4 : (i == 2) ? 8 : (i == 3) ? 2 : 5;
      assign event_sum_o[64*i+32+:32] = 32'd0;
      msq_event_counter #(
          .AMOUNT_BITS(AMOUNT_BITS)
      ) u_event_counter (
          .clk_i(clk_i),
          .clear_i(clear_i),
          .amount_i(amount_i[AMOUNT_BITS-1:0]),
          .sum_o(event_sum_o[64*i+:32])
      );
    end
    for (i = 0; i < 2; i = i + 1) begin : gen_tile_queue
      localparam WIDTH = (i == 0) ? 34 : 5;
      localparam DEPTH = (i == 0) ? 4 : 2;
      assign launch_entry_o[64*i+WIDTH+:64-WIDTH] = {(64 - WIDTH) {1'b0}};
      assign collect_entry_o[64*i+WIDTH+:64-WIDTH] = {(64 - WIDTH) {1'b0}};
      assign collect_after_o[64*i+WIDTH+:64-WIDTH] = {(64 - WIDTH) {1'b0}};
      msq_tile_queue #(
          .WIDTH(WIDTH),
          .DEPTH(DEPTH)
      ) u_tile_queue (
          .clk_i(clk_i),
          .rst_ni(rst_ni),
          .push_i(push_i[i]),
          .full_o(full_o[i]),
          .entry_i(entry_i[WIDTH-1:0]),
          .launch_valid_o(launch_valid_o[i]),
          .launch_entry_o(launch_entry_o[64*i+:WIDTH]),
          .begin_i(begin_i[i]),
          .launch_next_i(launch_next_i[i]),
          .launched_o(launched_o[i]),
          .collect_entry_o(collect_entry_o[64*i+:WIDTH]),
          .collect_after_o(collect_after_o[64*i+:WIDTH]),
          .collect_next_i(collect_next_i[i])
      );
    end
    for (i = 0; i < 2; i = i + 1) begin : gen_ram
      localparam WIDTH = (i == 0) ? 1 : 40;
      localparam DEPTH = (i == 0) ? 2 : 16;
      assign read_data_o[64*i+WIDTH+:64-WIDTH] = {(64 - WIDTH) {1'b0}};
      msq_ram_1r1w #(
          .WIDTH(WIDTH),
          .DEPTH(DEPTH)
      ) u_ram (
          .clk_i(clk_i),
          .write_i(write_i),
          .write_address_i(write_address_i[$clog2(DEPTH)-1:0]),
          .write_data_i(write_data_i[WIDTH-1:0]),
          .read_i(read_i),
          .read_address_i(read_address_i[$clog2(DEPTH)-1:0]),
          .read_data_o(read_data_o[64*i+:WIDTH])
      );
    end
  endgenerate
  wire unused = &{1'b0, rows_i[63]};
endmodule
`default_nettype wire
