// msq_weight_split: beat n of a block of s beats of sections, e of entries and t tiles is one of sections if
// n < s, of entries if n < s + e, of codes if n < s + e + t * STEPS, and is offered to that part only; so
// each part is handed exactly its beats, in their order. begin_o, end_o, mode4_o and entries_o say what the
// header does. The errors come in the cycle of the beat that breaks the contract and in no other one: another
// hash; no tiles, counts beyond the buffers or without the header itself; the end of the packet before or
// behind the last beat of its last block. Nothing is offered or taken after an error, or after the last
// packet, until the restart.
`default_nettype none
module formal_weight_split (
    input wire             clk_i,
    input wire             rst_ni,
    input wire             restart_i,
    input wire [23:0]      tokens_total_i,
    input wire             valid_i,
    input wire [`BEAT-1:0] data_i,
    input wire             last_i,
    input wire             section_ready_i,
    input wire             entry_ready_i,
    input wire             code_ready_i
);
  localparam STEPS = 2;
  localparam SECTIONS = 5;
  localparam ENTRIES = 3;
  localparam [11:0] HEADER = (`BEAT >= 64) ? 1 : 2;  // its beats
  (* anyconst *) wire [2:0] tokens_pass;
  wire ready, section, entry, code, first, last, mode4, done, short_packet, long_packet, header, array;
  wire [1:0] entries;
  msq_weight_split #(
      .ROWS(STEPS * `LOAD_ROWS),
      .LOAD_ROWS(`LOAD_ROWS),
      .BEAT(`BEAT),
      .OUTLIERS(`OUTLIERS),
      .SECTIONS(SECTIONS),
      .ENTRIES(ENTRIES),
      .TOKENS(4),
      .HASH(46057)
  ) u_dut (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .restart_i(restart_i),
      .tokens_total_i(tokens_total_i),
      .tokens_pass_i(tokens_pass),
      .valid_i(valid_i),
      .ready_o(ready),
      .data_i(data_i),
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
  reg started_q = 1'b0;
  always @(posedge clk_i) started_q <= 1'b1;

  // The block: beats taken, those of its parts, as its header says. And beats that its parts were handed.
  reg [11:0] beat_q, sections_q, entries_q, codes_q;
  reg [11:0] had_sections_q, had_entries_q, had_codes_q;
  reg mode4_q, end_q;
  reg stopped_q;         // after an error or the last packet
  reg [23:0] total_q;    // tokens of the job
  reg [24:0] passed_q;   // tokens of the passes before
  wire take = valid_i && ready;
  wire in_header = beat_q < HEADER;
  wire at_section = in_header || beat_q < sections_q;
  wire at_entry = !at_section && beat_q < sections_q + entries_q;
  wire at_code = !at_section && !at_entry;
  wire block_end = at_code && beat_q + 12'd1 == sections_q + entries_q + codes_q;
  wire packet_end = block_end && end_q;
  wire last_pass = passed_q + tokens_pass >= total_q;
  wire [31:0] counts = data_i[`BEAT-1-:32];  // where its beats have 32 bits, of the second one
  wire counted = beat_q + 12'd1 == HEADER;
  wire foreign = beat_q == 0 && (data_i[7:0] != 8'he9 || data_i[31:24] != 8'hb3);
  wire broken = (beat_q == 0 && data_i[15:8] == 0)
      || (counted && (counts[15:0] < HEADER || counts[15:0] > SECTIONS
                      || counts[31:16] > ((`OUTLIERS != 0) ? ENTRIES : 0)));
  wire early = last_i && !packet_end;
  wire late = packet_end && !last_i;
  always @(posedge clk_i) begin
    if (!rst_ni || restart_i) begin
      beat_q    <= 0;
      stopped_q <= 1'b0;
      total_q   <= tokens_total_i;
      passed_q  <= 0;
    end else if (take) begin
      beat_q <= block_end ? 0 : beat_q + 12'd1;
      if (packet_end) passed_q <= passed_q + tokens_pass;
      stopped_q <= foreign || broken || early || late || (packet_end && last_pass);
    end
    if (take) begin
      if (beat_q == 0) begin
        codes_q <= STEPS * data_i[15:8];
        mode4_q <= data_i[16];
        end_q   <= data_i[19];
      end
      if (counted) begin
        sections_q <= counts[15:0];
        entries_q  <= counts[31:16];
      end
      had_sections_q <= ((beat_q == 0) ? 0 : had_sections_q) + (section && section_ready_i);
      had_entries_q  <= ((beat_q == 0) ? 0 : had_entries_q) + (entry && entry_ready_i);
      had_codes_q    <= ((beat_q == 0) ? 0 : had_codes_q) + (code && code_ready_i);
    end
  end
  always @* begin
    if (!started_q) assume (!rst_ni);
    if (!stopped_q) assume (!restart_i);
    assume (tokens_pass >= 1 && tokens_pass <= 4);
  end

  // State of the leaf.
  (* keep *) wire [2:0] dut_state;
  (* keep *) wire [8:0] dut_codes;
  (* keep *) wire [2:0] dut_sections;
  (* keep *) wire [1:0] dut_entries_left;
  (* keep *) wire [1:0] dut_entries;
  (* keep *) wire dut_end;
  (* keep *) wire [23:0] dut_tokens;
  reg blocks_q, passes_q;  // not the first one of its packet, or job
  always @(posedge clk_i) begin
    if (!rst_ni || restart_i) blocks_q <= 1'b0;
    else if (take && block_end) blocks_q <= !end_q;
    if (!rst_ni || restart_i) passes_q <= 1'b0;
    else if (take && packet_end) passes_q <= 1'b1;
  end
  always @* begin
    if (started_q && rst_ni) begin
      assert (done == stopped_q);
      assert (section == (valid_i && !stopped_q && at_section));
      assert (entry == (valid_i && !stopped_q && at_entry));
      assert (code == (valid_i && !stopped_q && at_code));
      assert (ready == (!stopped_q
          && (at_section ? section_ready_i : at_entry ? entry_ready_i : code_ready_i)));
      assert (first == (take && counted));
      if (first && !header && !array) assert (entries == counts[31:16]);
      assert (last == (take && block_end));
      if (beat_q != 0) assert (mode4 == mode4_q);
      assert (array == (take && foreign) && header == (take && broken && !foreign));
      assert (short_packet == (take && early) && long_packet == (take && late));
      if (last) assert (had_sections_q == sections_q && had_entries_q == entries_q
          && had_codes_q + (code && code_ready_i) == codes_q && codes_q != 0);
      // For the induction.
      if (!stopped_q && beat_q != 0) begin
        assert (codes_q != 0 && codes_q <= STEPS * 255 && !codes_q[0] && dut_end == end_q);
        assert (beat_q == had_sections_q + had_entries_q + had_codes_q);
        assert (had_sections_q <= SECTIONS && had_entries_q <= ENTRIES && had_codes_q < STEPS * 255);
        assert (dut_codes == codes_q - had_codes_q);
        if (in_header) assert (beat_q == had_sections_q);
        else begin
          assert (sections_q >= HEADER && sections_q <= SECTIONS && entries_q <= ENTRIES);
          assert (had_sections_q == (at_section ? beat_q : sections_q));
          assert (had_entries_q == (at_section ? 0 : at_entry ? beat_q - sections_q : entries_q));
          assert (beat_q < sections_q + entries_q + codes_q);
          assert (dut_entries == entries_q && dut_state == (at_section ? 2 : at_entry ? 3 : 4));
          if (at_section) assert (dut_sections == sections_q - beat_q);
          if (!at_code) assert (dut_entries_left == entries_q - had_entries_q);
        end
      end
      if (!stopped_q && in_header) assert (dut_state == beat_q);
      assert (stopped_q == (dut_state == 5));
      if (!stopped_q) assert (passed_q <= total_q && dut_tokens + passed_q == total_q);
      cover (last && last_i && blocks_q && passes_q && sections_q == HEADER && entries_q == 0 && last_pass);
      cover (last && blocks_q && sections_q == HEADER + 1 && had_entries_q == ((`OUTLIERS != 0) ? 1 : 0));
      cover (header && counted && counts[15:0] == SECTIONS && counts[31:16] != 0);
      cover (long_packet && passes_q);
      cover (short_packet && at_code && block_end);
      cover (restart_i && passes_q);
      cover (array && blocks_q);
    end
  end
endmodule
`default_nettype wire
