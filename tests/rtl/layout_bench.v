// msq_output_layout at several sizes, one of them at a time.
`default_nettype none
module layout_bench (
    input  wire          clk_i,
    input  wire          rst_ni,
    input  wire [3:0]    select_i,
    input  wire          valid_i,
    output wire          ready_o,
    input  wire [39:0]   address_i,
    input  wire [31:0]   limit_i,
    input  wire          activations_i,
    input  wire [31:0]   values_i,
    input  wire [7:0]    tokens_i,
    input  wire [23:0]   columns_i,
    output wire          overflow_o,
    output wire          end_o,
    input  wire          end_ready_i,
    input  wire          beat_valid_i,
    output wire          beat_ready_o,
    input  wire [1023:0] beat_i,
    input  wire          beat_last_i,
    output wire          word_valid_o,
    input  wire          word_ready_i,
    output wire [39:0]   word_address_o,
    output wire [511:0]  word_o,
    output wire [63:0]   word_strobe_o
);
  localparam SETS = 14;
  // Bytes of a word of the memory, bytes of a beat, rows, bits of an activation, columns of a block.
  localparam [SETS*8-1:0] WORDS = 112'h1004044020084040104040100404;
  localparam [SETS*8-1:0] BEATS = 112'h404800820108080804008080808;
  localparam [SETS*8-1:0] ROWS = 112'h804048004808040802004080804;
  localparam [SETS*8-1:0] ACTS = 112'h804080808040808080804080804;
  localparam [SETS*16-1:0] BLOCKS = 224'h800080010000800100010001000080010000800080008000800080;
  wire [SETS-1:0] ready, overflow, ends, beat_ready, word_valid;
  wire [SETS*40-1:0] addresses;
  wire [SETS*512-1:0] words;
  wire [SETS*64-1:0] strobes;
  genvar s;
  generate
    for (s = 0; s < SETS; s = s + 1) begin : gen_set
      localparam WORD_BYTES = {24'd0, WORDS[8*s+:8]};
      localparam BEAT_BYTES = {24'd0, BEATS[8*s+:8]};
      wire mine = select_i == s[3:0];
      wire [WORD_BYTES*8-1:0] word;
      wire [WORD_BYTES-1:0] strobe;
      wire [512+WORD_BYTES*8-1:0] wide_word = {512'd0, word};
      wire [64+WORD_BYTES-1:0] wide_strobe = {64'd0, strobe};
      wire unused_high = &{1'b0, wide_word, wide_strobe};
      assign words[512*s+:512] = wide_word[511:0];
      assign strobes[64*s+:64] = wide_strobe[63:0];
      msq_output_layout #(
          .WORD_BYTES(WORD_BYTES),
          .BEAT_BYTES(BEAT_BYTES),
          .ROWS({24'd0, ROWS[8*s+:8]}),
          .ACT_BITS({24'd0, ACTS[8*s+:8]}),
          .BLOCK({16'd0, BLOCKS[16*s+:16]}),
          .TOKEN_BITS(8)
      ) u_dut (
          .clk_i(clk_i),
          .rst_ni(rst_ni),
          .valid_i(valid_i && mine),
          .ready_o(ready[s]),
          .address_i(address_i),
          .limit_i(limit_i),
          .activations_i(activations_i),
          .values_i(values_i),
          .tokens_i(tokens_i),
          .columns_i(columns_i),
          .overflow_o(overflow[s]),
          .end_o(ends[s]),
          .end_ready_i(end_ready_i && mine),
          .beat_valid_i(beat_valid_i && mine),
          .beat_ready_o(beat_ready[s]),
          .beat_i(beat_i[BEAT_BYTES*8-1:0]),
          .beat_last_i(beat_last_i),
          .word_valid_o(word_valid[s]),
          .word_ready_i(word_ready_i && mine),
          .word_address_o(addresses[40*s+:40]),
          .word_o(word),
          .word_strobe_o(strobe)
      );
    end
  endgenerate
  assign ready_o = ready[select_i];
  assign overflow_o = overflow[select_i];
  assign end_o = ends[select_i];
  assign beat_ready_o = beat_ready[select_i];
  assign word_valid_o = word_valid[select_i];
  assign word_address_o = addresses[{28'd0, select_i}*40+:40];
  assign word_o = words[{28'd0, select_i}*512+:512];
  assign word_strobe_o = strobes[{28'd0, select_i}*64+:64];
endmodule
`default_nettype wire
