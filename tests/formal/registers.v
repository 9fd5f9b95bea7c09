// msq_registers of a 4x4 array: every word reads as the map in docs/reference/registers.md says, from any
// counters, and settings are written bit by bit.
`default_nettype none
module formal_registers (
    input wire        clk_i,
    input wire        rst_ni,
    input wire        write_i,
    input wire [ 5:0] write_word_i,
    input wire [31:0] write_data_i,
    input wire [31:0] write_mask_i,
    input wire [ 5:0] read_word_i,
    input wire [ 3:0] flags_i,       // status: busy, done, error, interrupt
    input wire        queued_i,
    input wire [ 3:0] code_i,
    input wire [31:0] jobs_i,
    input wire [287:0] counts_i      // nine counters, the first one lowest
);
  wire [31:0] read_data;
  wire start, clear, acknowledge, interrupt_enable;
  wire [23:0] tokens, depth, columns;
  wire [15:0] pass_tokens;
  wire [ 3:0] log2_rows, log2_block;
  wire [ 1:0] format;
  msq_registers u_dut (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .write_i(write_i),
      .write_word_i(write_word_i),
      .write_data_i(write_data_i),
      .write_mask_i(write_mask_i),
      .read_word_i(read_word_i),
      .read_data_o(read_data),
      .control_start_o(start),
      .control_clear_o(clear),
      .control_acknowledge_o(acknowledge),
      .control_interrupt_enable_o(interrupt_enable),
      .status_busy_i(flags_i[0]),
      .status_done_i(flags_i[1]),
      .status_error_i(flags_i[2]),
      .status_interrupt_i(flags_i[3]),
      .status_code_i(code_i),
      .status_queued_i(queued_i),
      .jobs_value_i(jobs_i),
      .tokens_value_o(tokens),
      .depth_value_o(depth),
      .columns_value_o(columns),
      .pass_tokens_o(pass_tokens),
      .tiling_log2_rows_o(log2_rows),
      .tiling_log2_block_o(log2_block),
      .format_value_o(format),
      .count_cycles_value_i(counts_i[31:0]),
      .count_tokens_value_i(counts_i[63:32]),
      .count_tiles_value_i(counts_i[95:64]),
      .count_wait_output_value_i(counts_i[127:96]),
      .count_wait_activation_value_i(counts_i[159:128]),
      .count_wait_weight_value_i(counts_i[191:160]),
      .count_wait_schedule_value_i(counts_i[223:192]),
      .count_recon_accesses_value_i(counts_i[255:224]),
      .count_recon_waits_value_i(counts_i[287:256])
  );

  // Words 4 and 6 to 11: which bits are settings, and their values after a reset.
  function [31:0] writable(input integer word);
    case (word)
      4: writable = 32'h0000_0100;
      6, 7, 8: writable = 32'h00ff_ffff;
      9: writable = 32'h0000_ffff;
      10: writable = 32'h0000_0f0f;
      11: writable = 32'h0000_0003;
      default: writable = 32'h0000_0000;
    endcase
  endfunction
  function [31:0] initial_value(input integer word);
    case (word)
      9: initial_value = 32'd16;  // buffers.tokens
      10: initial_value = 32'h0000_0702;
      11: initial_value = 32'd1;
      default: initial_value = 32'd0;
    endcase
  endfunction

  reg  [383:0] settings_q;  // words 0 to 11
  reg          known_q = 1'b0;  // there has been a reset
  integer w;
  always @(posedge clk_i) begin
    if (!rst_ni) known_q <= 1'b1;
    for (w = 0; w < 12; w = w + 1) begin
      if (!rst_ni) settings_q[32*w+:32] <= initial_value(w);
      else if (write_i && write_word_i == w)
        settings_q[32*w+:32] <= (settings_q[32*w+:32] & ~(write_mask_i & writable(w)))
            | (write_data_i & write_mask_i & writable(w));
    end
  end

  reg [31:0] expected;
  always @* begin
    expected = 32'd0;
    if (read_word_i == 6'd0) expected = 32'h4d53_5131;
    if (read_word_i == 6'd2) expected = {2'd2, 1'b0, 5'd4, 1'b0, 3'd0, 1'b0, 3'b111, 8'd4, 8'd4};
    if (read_word_i == 6'd3) expected = {2'd0, 6'd2, 3'd0, 5'd12, 5'd0, 11'd16};
    if (read_word_i == 6'd4 || (read_word_i >= 6'd6 && read_word_i <= 6'd11))
      expected = settings_q[32*read_word_i+:32] & writable(read_word_i);
    if (read_word_i == 6'd5) expected = {23'd0, queued_i, code_i, flags_i};
    if (read_word_i == 6'd12) expected = jobs_i;
    if (read_word_i >= 6'd16 && read_word_i <= 6'd24) expected = counts_i[32*(read_word_i-6'd16)+:32];
    if (read_word_i == 6'd32) expected[31:24] = 8'd2;
    if (read_word_i == 6'd33)  // recon, 1 place, bands of 4 rows, 1 unit, 1 row of weights, lead, permuter
      expected = {7'd0, 1'b1, 8'd2, 4'd0, 4'd0, 4'd2, 2'd0, 2'd1};
    if (read_word_i == 6'd34) expected = {4'd0, 8'd22, 4'd7, 4'd2, 4'd0, 4'd2, 3'd0, 1'b0};
    if (read_word_i == 6'd35) expected = {16'd4, 16'd4};
    if (read_word_i == 6'd36) expected = {16'd64, 16'd64};
    if (read_word_i == 6'd37) expected = 32'h0000_3ffe;
    if (read_word_i == 6'd38) expected = 32'd43;
    if (known_q) begin
      // Word 1 is the hash of the configuration, the lower bits of word 32 the version of the generator: one
      // constant each.
      if (read_word_i == 6'd32) assert (read_data[31:24] == expected[31:24]);
      else if (read_word_i != 6'd1) assert (read_data == expected);
      assert (interrupt_enable == settings_q[32*4+8]);
      assert (tokens == settings_q[32*6+:24]);
      assert (depth == settings_q[32*7+:24]);
      assert (columns == settings_q[32*8+:24]);
      assert (pass_tokens == settings_q[32*9+:16]);
      assert (log2_rows == settings_q[32*10+:4]);
      assert (log2_block == settings_q[32*10+8+:4]);
      assert (format == settings_q[32*11+:2]);
    end
    assert ({acknowledge, clear, start} == (write_data_i[2:0] & write_mask_i[2:0] & {3{write_i
        && write_word_i == 6'd4}}));
    cover (known_q && read_word_i == 6'd6 && read_data == 32'h00a5_0000 && queued_i);
    cover (known_q && read_word_i == 6'd24 && read_data == 32'hffff_ffff);
  end
endmodule
`default_nettype wire
