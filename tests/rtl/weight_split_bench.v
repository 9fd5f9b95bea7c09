// msq_weight_split with beats of 32 bits, whose header takes two, and of 64, with two rows in a beat of
// codes and no outliers.
`default_nettype none
module weight_split_bench (
    input  wire        clk_i,
    input  wire        rst_ni,
    input  wire        select_i,  // whose outputs are seen; the other one stays in reset
    input  wire        restart_i,
    input  wire [23:0] tokens_total_i,
    input  wire [4:0]  tokens_pass_i,
    input  wire        valid_i,
    output wire        ready_o,
    input  wire [63:0] data_i,
    input  wire        last_i,
    output wire        section_valid_o,
    input  wire        section_ready_i,
    output wire        entry_valid_o,
    input  wire        entry_ready_i,
    output wire        code_valid_o,
    input  wire        code_ready_i,
    output wire        begin_o,
    output wire        end_o,
    output wire        mode4_o,
    output wire [4:0]  entries_o,
    output wire        done_o,
    output wire        short_o,
    output wire        long_o,
    output wire        header_o,
    output wire        array_o
);
  localparam BITS = 17;
  wire [2*BITS-1:0] all;
  genvar i;
  generate
    for (i = 0; i < 2; i = i + 1) begin : gen_split
      localparam BEAT = (i == 0) ? 32 : 64;
      wire ready, section, entry, code, first, last, mode4, done, short_packet, long_packet, header, array;
      wire [4:0] entries;
      assign all[BITS*i+:BITS] = {
        ready, section, entry, code, first, last, mode4, done, short_packet, long_packet, header, array,
        entries
      };
      msq_weight_split #(
          .ROWS(8),
          .LOAD_ROWS(i + 1),
          .OUTLIERS((i == 0) ? 1 : 0),
          .BEAT(BEAT),
          .SECTIONS(20),
          .ENTRIES(16),
          .TOKENS(16),
          .HASH((i == 0) ? 39621 : 15200)  // 9ac5, 3b60
      ) u_split (
          .clk_i(clk_i),
          .rst_ni(rst_ni && select_i == i[0]),
          .restart_i(restart_i && select_i == i[0]),
          .tokens_total_i(tokens_total_i),
          .tokens_pass_i(tokens_pass_i),
          .valid_i(valid_i && select_i == i[0]),
          .ready_o(ready),
          .data_i(data_i[BEAT-1:0]),
          .last_i(last_i),
          .section_valid_o(section),
          .section_ready_i(section_ready_i),
          .entry_valid_o(entry),
          .entry_ready_i(entry_ready_i),
          .code_valid_o(code),
          .code_ready_i(code_ready_i),
          .begin_o(first),
          .end_o(last),
          .mode4_o(mode4),
          .entries_o(entries),
          .done_o(done),
          .short_o(short_packet),
          .long_o(long_packet),
          .header_o(header),
          .array_o(array)
      );
    end
  endgenerate
  assign {ready_o, section_valid_o, entry_valid_o, code_valid_o, begin_o, end_o, mode4_o, done_o, short_o,
          long_o, header_o, array_o, entries_o} = select_i ? all[2*BITS-1:BITS] : all[BITS-1:0];
endmodule
`default_nettype wire
