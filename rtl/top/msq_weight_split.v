// SPDX-License-Identifier: Apache-2.0
// Takes the weight stream apart. A packet, the weights of a pass, is a sequence of blocks; each has
//   section beats:  its header, then descriptions, references, scales, factors, orders and row shifts of its
//                   tiles (msq_tile_reader)
//   entry beats:    its outliers (msq_row_reader)
//   code beats:     the rows of its tiles, LOAD_ROWS in a beat
// Sections and entries go into buffers of their own, which hold those of a whole block, so that beats
// behind them in the stream never wait for the readers.
//
// The counts and the hash of the configuration are in the first 64 bits of a block; msq_tile_reader looks
// at the other bits. After the last packet of a job, or an error, no beat is taken until restart_i.
// Area block: top: readers
`default_nettype none
module msq_weight_split #(
    parameter ROWS = 8,       // PE rows
    parameter LOAD_ROWS = 1,  // of them in a beat of codes
    parameter BEAT = 32,      // bits of a beat
    parameter OUTLIERS = 1,   // there are outliers
    parameter SECTIONS = 64,  // beats of sections that their buffer holds, at most 32768
    parameter ENTRIES = 64,   // beats of entries that theirs holds, at most 32768
    parameter TOKENS = 128,   // maximum tokens of a pass, a power of two
    parameter HASH = 0,       // low 16 bits of the hash of the configuration
    // Derived, do not set.
    parameter TOKEN_BITS = $clog2(TOKENS),
    parameter SECTION_BITS = $clog2(SECTIONS + 1),
    parameter ENTRY_BITS = $clog2(ENTRIES + 1)
) (
    input  wire                  clk_i,
    input  wire                  rst_ni,
    // Job: M is read in the cycle of restart_i, T from the cycle after on.
    input  wire                  restart_i,       // pulse: begin the next job; only while read_o
    input  wire [23:0]           tokens_total_i,  // M
    input  wire [TOKEN_BITS:0]   tokens_pass_i,   // T of every pass except the last
    // Stream.
    input  wire                  valid_i,  // beat offered
    output wire                  ready_o,  // beat accepted if offered
    input  wire [BEAT-1:0]       data_i,   // beat
    input  wire                  last_i,   // last beat of the packet
    // Parts; each takes data_i.
    output wire                  section_valid_o,  // beat of sections offered
    input  wire                  section_ready_i,  // accepted if offered
    output wire                  entry_valid_o,    // beat of entries offered
    input  wire                  entry_ready_i,    // accepted if offered
    output wire                  code_valid_o,     // beat of codes offered
    input  wire                  code_ready_i,     // accepted if offered
    // Block.
    output wire                  begin_o,    // it begins: its number of beats is known
    output wire                  end_o,      // its last beat of codes is taken
    output wire                  mode4_o,    // mode of the block: 1 is mode 4
    output wire [ENTRY_BITS-1:0] entries_o,  // with begin_o: its beats of entries
    output wire                  done_o,     // last packet of the job, or an error, read
    // Errors, one cycle each.
    output wire                  short_o,  // packet ended early
    output wire                  long_o,   // packet continues beyond its end
    output wire                  header_o,  // no tiles, or more beats than the buffers hold
    output wire                  array_o   // a block for another configuration, or no header
);
  localparam [2:0] HEADER = 3'd0, COUNTS = 3'd1, IN_SECTIONS = 3'd2, IN_ENTRIES = 3'd3, CODES = 3'd4,
      DONE = 3'd5;
  localparam STEPS = ROWS / LOAD_ROWS;  // beats of codes of a tile
  localparam CODE_BITS = 8 + $clog2(STEPS);

  reg [2:0]              state_q;
  reg [CODE_BITS-1:0]    codes_q;         // beats that follow
  reg [SECTION_BITS-1:0] sections_q;
  reg [ENTRY_BITS-1:0]   entries_left_q;
  reg [ENTRY_BITS-1:0]   entries_q;       // of the block
  reg                    mode4_q;
  reg                    end_q;           // the block ends its packet
  reg [23:0]             tokens_q;        // tokens of this and later passes

  wire at_header = state_q == HEADER;
  wire at_counts = (BEAT >= 64) ? at_header : state_q == COUNTS;
  wire in_sections = at_header || state_q == COUNTS || state_q == IN_SECTIONS;
  wire at_codes = state_q == CODES;
  assign section_valid_o = valid_i && in_sections;
  assign entry_valid_o = valid_i && state_q == IN_ENTRIES;
  assign code_valid_o = valid_i && at_codes;
  assign ready_o = in_sections ? section_ready_i : (state_q == IN_ENTRIES) ? entry_ready_i
      : at_codes && code_ready_i;
  wire take = valid_i && ready_o;

  // Header: hash, tiles, mode, end of the packet; counts of beats of sections and of entries.
  wire [7:0] tiles = data_i[15:8];
  wire [31:0] counts;
  generate
    if (BEAT >= 64) begin : gen_counts
      assign counts = data_i[63:32];
    end else begin : gen_narrow
      assign counts = data_i[31:0];
    end
  endgenerate
  localparam [15:0] HEADER_BEATS = (BEAT >= 64) ? 16'd1 : 16'd2;
  wire other_array = at_header && {data_i[31:24], data_i[7:0]} != HASH[15:0];
  wire bad_counts = counts[15:0] < HEADER_BEATS || counts[15:0] > SECTIONS[15:0]
      || counts[31:16] > (OUTLIERS != 0 ? ENTRIES[15:0] : 16'd0);
  assign array_o = take && other_array;
  assign header_o = take && !other_array && ((at_header && tiles == 8'd0) || (at_counts && bad_counts));

  wire [15:0] sections_more = counts[15:0] - HEADER_BEATS;  // behind the header
  wire no_sections = sections_more == 16'd0;
  wire no_entries = counts[31:16] == 16'd0;
  wire section_last = sections_q == {{(SECTION_BITS - 1) {1'b0}}, 1'b1};
  wire entry_last = entries_left_q == {{(ENTRY_BITS - 1) {1'b0}}, 1'b1};
  wire code_last = codes_q == {{(CODE_BITS - 1) {1'b0}}, 1'b1};
  wire block_end = take && at_codes && code_last;
  wire packet_end = block_end && end_q;
  wire last_pass = tokens_q <= {{(23 - TOKEN_BITS) {1'b0}}, tokens_pass_i};
  assign short_o = take && last_i && !(at_codes && code_last && end_q);
  assign long_o = packet_end && !last_i;
  assign begin_o = take && at_counts;
  assign end_o = block_end;
  assign mode4_o = mode4_q;
  assign entries_o = counts[16+:ENTRY_BITS];
  assign done_o = state_q == DONE;
  wire unused_data = &{1'b0, data_i};  // the header has more

  always @(posedge clk_i) begin
    if (!rst_ni || restart_i) begin
      state_q  <= HEADER;
      tokens_q <= tokens_total_i;
    end else begin
      if (take) begin
        case (state_q)
          HEADER:
          state_q <= (BEAT < 64) ? COUNTS : !no_sections ? IN_SECTIONS : !no_entries ? IN_ENTRIES : CODES;
          COUNTS: state_q <= !no_sections ? IN_SECTIONS : !no_entries ? IN_ENTRIES : CODES;
          IN_SECTIONS:
          if (section_last) state_q <= (entries_q != {ENTRY_BITS{1'b0}}) ? IN_ENTRIES : CODES;
          IN_ENTRIES: if (entry_last) state_q <= CODES;
          default: if (code_last) state_q <= (end_q && last_pass) ? DONE : HEADER;
        endcase
      end
      if (packet_end) tokens_q <= tokens_q - {{(23 - TOKEN_BITS) {1'b0}}, tokens_pass_i};
      if (short_o || long_o || header_o || array_o) state_q <= DONE;
    end
  end

  always @(posedge clk_i) begin
    if (take && at_header) begin
      mode4_q <= data_i[16];
      end_q   <= data_i[19];
      codes_q <= {{(CODE_BITS - 8) {1'b0}}, tiles} << $clog2(STEPS);
    end else if (take && at_codes) begin
      codes_q <= codes_q - 1'b1;
    end
    if (take && at_counts) begin
      sections_q     <= sections_more[SECTION_BITS-1:0];
      entries_q      <= counts[16+:ENTRY_BITS];
      entries_left_q <= counts[16+:ENTRY_BITS];
    end else if (take) begin
      if (state_q == IN_SECTIONS) sections_q <= sections_q - 1'b1;
      if (state_q == IN_ENTRIES) entries_left_q <= entries_left_q - 1'b1;
    end
  end

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_load_rows, LOAD_ROWS >= 1 && ROWS % LOAD_ROWS == 0 && ROWS > LOAD_ROWS)
  `MSQ_PARAMETER(msq_illegal_beat, BEAT >= 32 && (BEAT & (BEAT - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_tokens, TOKENS >= 2 && (TOKENS & (TOKENS - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_hash, HASH >= 0 && HASH < 65536)
  `MSQ_INPUT(rst_ni && restart_i, done_o, "restart before the last packet is read")
  `MSQ_INPUT_HELD(valid_i, ready_o, {last_i, data_i}, BEAT + 1, "beat not held")
`endif
endmodule
`default_nettype wire
