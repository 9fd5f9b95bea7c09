// Way of activations from the stream to the core: msq_activation_reader and msq_launcher as an accelerator
// connects them, the buffer between them belongs to the test. With one bank of 16 words in a half, or with
// two of 8.
`default_nettype none
module launch_bench (
    input  wire        clk_i,
    input  wire        rst_ni,
    input  wire        select_i,            // 1: two banks; the other pair stays in reset
    // Reader.
    input  wire        restart_i,
    input  wire [23:0] tokens_total_i,
    input  wire [2:0]  tokens_pass_i,
    input  wire [10:0] tiles_k_i,
    input  wire [10:0] blocks_k_i,
    input  wire        valid_i,
    output wire        ready_o,
    input  wire [15:0] data_i,
    input  wire        last_i,
    output wire        half_o,
    output wire [1:0]  word_write_o,
    output wire [3:0]  word_address_o,
    output wire        scale_write_o,
    output wire [3:0]  scale_address_o,
    output wire [7:0]  scale_o,
    output wire        reference_write_o,
    output wire [1:0]  reference_address_o,
    output wire [7:0]  reference_o,
    output wire        read_o,
    output wire        short_o,
    output wire        long_o,
    output wire        value_o,
    // Launcher.
    input  wire        tile_valid_i,
    input  wire [2:0]  tile_tokens_i,
    input  wire        tile_first_k_i,
    input  wire        tile_last_k_i,
    input  wire        tile_more_i,
    input  wire        tile_pair_i,
    input  wire        tile_block_first_i,
    input  wire        tile_pass_last_i,
    input  wire        tile_hold_i,
    output wire        tile_next_o,
    output wire        tile_start_o,
    output wire        act_read_o,
    output wire        launch_half_o,
    output wire [3:0]  address_o,
    output wire        bank_o,
    output wire        act_valid_o,
    output wire        act_last_o,
    input  wire        act_ready_i,
    input  wire        drained_i,
    input  wire        release_i,
    input  wire        loaded_i,
    input  wire        weights_read_i,
    output wire        launch_o,
    output wire [3:0]  wait_o               // {schedule, weight, activation, output}
);
  localparam BITS = 55;
  wire [2*BITS-1:0] all;
  genvar i;
  generate
    for (i = 0; i < 2; i = i + 1) begin : gen_pair
      localparam BANKS = i + 1;
      localparam WORDS = 16 / BANKS;
      localparam WORD_BITS = $clog2(WORDS);
      wire reset_n = rst_ni && select_i == (i == 1);
      wire ready, half, scale_write, reference_write, read, short_packet, long_packet, value;
      wire next, start, act_read, launch_half, bank, valid, last, launch;
      wire wait_output, wait_activation, wait_weight, wait_schedule;
      wire [BANKS-1:0] word_write;
      wire [WORD_BITS-1:0] word_address, address;
      wire [3:0] scale_address;
      wire [7:0] scale, reference_scale;
      wire [1:0] reference_address;
      wire [BANKS*(WORD_BITS+1)-1:0] count0, count1;
      msq_activation_reader #(
          .ROWS(2),
          .ACT_BITS(8),
          .WORDS(WORDS),
          .SCALES(16),
          .BANKS(BANKS),
          .TOKENS(4)
      ) u_reader (
          .clk_i(clk_i),
          .rst_ni(reset_n),
          .restart_i(restart_i && select_i == (i == 1)),
          .tokens_total_i(tokens_total_i),
          .tokens_pass_i(tokens_pass_i),
          .tiles_k_i(tiles_k_i),
          .blocks_k_i(blocks_k_i),
          .valid_i(valid_i),
          .ready_o(ready),
          .data_i(data_i),
          .last_i(last_i),
          .half_o(half),
          .word_write_o(word_write),
          .word_address_o(word_address),
          .scale_write_o(scale_write),
          .scale_address_o(scale_address),
          .scale_o(scale),
          .reference_write_o(reference_write),
          .reference_address_o(reference_address),
          .reference_o(reference_scale),
          .read_o(read),
          .count0_o(count0),
          .count1_o(count1),
          .release_i(release_i),
          .short_o(short_packet),
          .long_o(long_packet),
          .value_o(value)
      );
      msq_launcher #(
          .WORDS(WORDS),
          .BANKS(BANKS),
          .TOKENS(4),
          .SCHEDULE(1)
      ) u_launcher (
          .clk_i(clk_i),
          .rst_ni(reset_n),
          .tile_valid_i(tile_valid_i),
          .tile_tokens_i(tile_tokens_i),
          .tile_single_i(tile_tokens_i == 3'd1),
          .tile_first_k_i(tile_first_k_i),
          .tile_last_k_i(tile_last_k_i),
          .tile_more_i(tile_more_i),
          .tile_pair_i(tile_pair_i),
          .tile_block_first_i(tile_block_first_i),
          .tile_pass_last_i(tile_pass_last_i),
          .tile_hold_i(tile_hold_i),
          .tile_next_o(next),
          .tile_start_o(start),
          .count0_i(count0),
          .count1_i(count1),
          .act_read_o(act_read),
          .half_o(launch_half),
          .address_o(address),
          .bank_o(bank),
          .act_valid_o(valid),
          .act_last_o(last),
          .act_ready_i(act_ready_i),
          .drained_i(drained_i),
          .release_i(release_i),
          .loaded_i(loaded_i),
          .read_i(weights_read_i),
          .launch_o(launch),
          .wait_output_o(wait_output),
          .wait_activation_o(wait_activation),
          .wait_weight_o(wait_weight),
          .wait_schedule_o(wait_schedule)
      );
      assign all[BITS*i+:BITS] = {
        ready, half, {(2 - BANKS) {1'b0}}, word_write, {(4 - WORD_BITS) {1'b0}}, word_address, scale_write,
        scale_address, scale, reference_write, reference_address, reference_scale, read, short_packet,
        long_packet, value, next, start, act_read, launch_half, {(4 - WORD_BITS) {1'b0}}, address, bank,
        valid, last, launch, wait_schedule, wait_weight, wait_activation, wait_output, 3'd0
      };
    end
  endgenerate
  wire [2:0] unused;
  assign {
    ready_o, half_o, word_write_o, word_address_o, scale_write_o, scale_address_o, scale_o,
    reference_write_o, reference_address_o, reference_o, read_o, short_o, long_o, value_o, tile_next_o,
    tile_start_o, act_read_o, launch_half_o, address_o, bank_o, act_valid_o, act_last_o, launch_o, wait_o,
    unused
  } = select_i ? all[2*BITS-1:BITS] : all[BITS-1:0];
endmodule
`default_nettype wire
