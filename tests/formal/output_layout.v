// msq_output_layout with any stream and any memory: a byte, whichever, is written only if the layout has it,
// once, with its value, and not behind the limit; it is written when the packet ends, unless the packet was
// given up or is longer than the limit, which is reported exactly. Dense packets are their beats; as
// activations scales come as [token], values as [tile along K][token] with zeros beyond N. The end comes
// behind the last beat, with no word left.
`default_nettype none
module formal_output_layout (
    input wire                      clk_i,
    input wire                      rst_ni,
    input wire                      valid_i,
    input wire [17:0]               address_i,
    input wire [6:0]                limit_i,
    input wire                      activations_i,
    input wire [4:0]                values_i,
    input wire [1:0]                tokens_i,
    input wire [4:0]                columns_i,
    input wire                      end_ready_i,
    input wire                      beat_valid_i,
    input wire [`BEAT_BYTES*8-1:0]  beat_i,
    input wire                      beat_last_i,
    input wire                      word_ready_i
);
  localparam WORD_BYTES = `WORD_BYTES;
  localparam BEAT_BYTES = `BEAT_BYTES;
  localparam ACT_BITS = `ACT_BITS;
  localparam TILE_BYTES = `ROWS * ACT_BITS / 8;
  // Powers of two; Yosys keeps divisions by them.
  localparam WORD_BITS = $clog2(WORD_BYTES);
  localparam BEAT_BITS = $clog2(BEAT_BYTES);
  localparam TILE_BITS = $clog2(TILE_BYTES);
  wire ready, overflow, ends, beat_ready, word_valid;
  wire [17:0] word_address;
  wire [WORD_BYTES*8-1:0] word;
  wire [WORD_BYTES-1:0] strobe;
  msq_output_layout #(
      .ADDRESS_BITS(18),
      .WORD_BYTES(WORD_BYTES),
      .BEAT_BYTES(BEAT_BYTES),
      .ROWS(`ROWS),
      .ACT_BITS(ACT_BITS),
      .BLOCK(128),
      .TOKEN_BITS(3)
  ) u_dut (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .valid_i(valid_i),
      .ready_o(ready),
      .address_i(address_i),
      .limit_i({25'd0, limit_i}),
      .activations_i(activations_i),
      .values_i({27'd0, values_i}),
      .tokens_i({1'b0, tokens_i}),
      .columns_i({19'd0, columns_i}),
      .overflow_o(overflow),
      .end_o(ends),
      .end_ready_i(end_ready_i),
      .beat_valid_i(beat_valid_i),
      .beat_ready_o(beat_ready),
      .beat_i(beat_i),
      .beat_last_i(beat_last_i),
      .word_valid_o(word_valid),
      .word_ready_i(word_ready_i),
      .word_address_o(word_address),
      .word_o(word),
      .word_strobe_o(strobe)
  );
  reg started_q = 1'b0;
  always @(posedge clk_i) started_q <= 1'b1;

  // The packet.
  reg        packet_q;       // one has begun and not ended
  reg [17:0] base_q;
  reg [6:0]  limit_q;
  reg        activations_q;
  reg [6:0]  values_q;
  reg [1:0]  tokens_q;
  reg [4:0]  columns_q;
  reg [6:0]  beats_q;        // dense: beats that have come
  reg [1:0]  token_q;        // activations: token of the next beat
  reg [4:0]  run_q;          // beats of it that have come: the scale, values
  reg        over_q;         // the last beat has come
  reg        short_q;        // it came early
  wire [6:0] bytes = ACT_BITS == 8 ? columns_q : (columns_q + 1) >> 1;
  wire [4:0] run_beats = 1 + ((bytes + BEAT_BYTES - 7'd1) >> BEAT_BITS);
  wire [6:0] tiles = (bytes + TILE_BYTES - 7'd1) >> TILE_BITS;
  wire whole = run_q == run_beats - 1 && token_q + 1 == tokens_q;  // last beat of whole outputs
  wire take = beat_valid_i && beat_ready;

  // The byte at `offset`: what part of the layout it is.
  (* anyconst *) wire [6:0] offset;
  wire [6:0] behind = offset - values_q;
  wire [6:0] chunk = behind >> TILE_BITS;              // tile * tokens + token
  wire [6:0] its_tile = tokens_q == 2 ? chunk >> 1 : chunk;
  wire       its_token = tokens_q == 2 && chunk[0];
  wire [6:0] its_value = {its_tile, {TILE_BITS{1'b0}}} + behind[TILE_BITS-1:0];  // byte of the token's values
  wire is_scale = activations_q && offset < tokens_q;
  wire is_value = activations_q && offset >= values_q && its_tile < tiles;
  wire is_filled = is_value && its_value >= ((run_beats - 7'd1) << BEAT_BITS);
  // Whether the offered beat has it, and its value there.
  wire [6:0] here = activations_q ? its_value - ((run_q - 7'd1) << BEAT_BITS)
      : offset - (beats_q << BEAT_BITS);
  wire [BEAT_BYTES*8-1:0] at_here = beat_i >> {here, 3'b000};
  wire from_here = activations_q ? its_value >= ((run_q - 7'd1) << BEAT_BITS)
      : offset >= (beats_q << BEAT_BITS);
  wire in_beat = from_here && here < BEAT_BYTES;
  wire offered = beat_valid_i && packet_q && !over_q && (!activations_q ? in_beat
      : run_q == 0 ? is_scale && offset == token_q
      : is_value && !is_filled && its_token == token_q && in_beat);
  wire [7:0] offered_value = activations_q && run_q == 0 ? beat_i[7:0] : at_here[7:0];
  reg        came_q;
  reg [7:0]  value_q;
  reg        written_q;
  wire [17:0] place = base_q + offset;
  wire [WORD_BYTES-1:0] strobe_here = strobe >> offset[WORD_BITS-1:0];
  wire [WORD_BYTES*8-1:0] word_here = word >> {offset[WORD_BITS-1:0], 3'b000};
  wire write = packet_q && word_valid && word_address[17:WORD_BITS] == place[17:WORD_BITS] && strobe_here[0];
  // Bytes of the whole packet, once that is known.
  wire [7:0] dense_bytes = {beats_q, {BEAT_BITS{1'b0}}};
  wire [7:0] all_bytes = values_q + ((tokens_q == 2 ? {tiles, 1'b0} : tiles) << TILE_BITS);
  always @(posedge clk_i) begin
    if (!rst_ni) packet_q <= 1'b0;
    else packet_q <= (valid_i && ready) || (packet_q && !(ends && end_ready_i));
    if (ready) begin
      base_q        <= address_i;
      limit_q       <= limit_i;
      activations_q <= activations_i;
      values_q      <= values_i;
      tokens_q      <= tokens_i;
      columns_q     <= columns_i;
      beats_q       <= 0;
      token_q       <= 0;
      run_q         <= 0;
      {over_q, short_q, came_q, written_q} <= 0;
    end else begin
      if (take) begin
        beats_q <= beats_q + 1;
        run_q   <= run_q == run_beats - 1 ? 0 : run_q + 1;
        if (run_q == run_beats - 1) token_q <= token_q + 1;
        over_q  <= beat_last_i;
        short_q <= activations_q && beat_last_i && !whole;
      end
      if (offered) {came_q, value_q} <= {1'b1, offered_value};
      if (write && word_ready_i) written_q <= 1'b1;
    end
  end
  reg                    open_q;
  reg [BEAT_BYTES*8:0]   beat_q;
  always @(posedge clk_i) begin
    open_q <= rst_ni && beat_valid_i && !beat_ready;
    beat_q <= {beat_last_i, beat_i};
  end
  // Bytes of a beat behind the values are zero.
  wire [7:0] kept = bytes - ((run_q - 8'd1) << BEAT_BITS);
  wire [BEAT_BYTES*8-1:0] rest = kept < BEAT_BYTES ? beat_i >> {kept, 3'b000} : 0;
  always @* begin
    if (!started_q) assume (!rst_ni);
    assume (address_i[WORD_BITS-1:0] == 0 && !address_i[17]);
    assume (tokens_i != 0 && tokens_i <= 2 && columns_i != 0 && columns_i <= `COLUMNS && limit_i <= 64);
    assume (values_i >= tokens_i && values_i[TILE_BITS-1:0] == 0);
    if (open_q) assume (beat_valid_i && {beat_last_i, beat_i} == beat_q);
    if (!packet_q || over_q) assume (!beat_valid_i);
    if (activations_q && whole) assume (beat_last_i);
    if (activations_q && run_q != 0 && beat_valid_i) assume (rest == 0);
    if (!activations_q && beats_q >= 4) assume (beat_last_i);
    if (started_q && rst_ni) begin
      assert (ready == !packet_q);
      if (word_valid) begin
        assert (packet_q && word_address[17:WORD_BITS] - base_q[17:WORD_BITS] < (64 >> WORD_BITS));
      end
      if (write) begin
        assert (!written_q && offset < limit_q);
        assert (is_filled || offered || came_q);
        assert (word_here[7:0] == (is_filled ? 0 : offered ? offered_value : value_q));
      end
      if (ends) begin
        assert (packet_q && over_q && !word_valid);
        if (!overflow && !short_q) assert (written_q || !(is_filled || came_q));
        if (!overflow && !short_q && (is_scale || is_value)) assert (is_filled || came_q);
        if (!short_q) assert (overflow == ((activations_q ? all_bytes : dense_bytes) > limit_q));
      end
      cover (ends && activations_q && tokens_q == 2 && written_q && its_token && its_value != 0 && !short_q);
      cover (ends && !activations_q && beats_q == 2 && written_q && offset > BEAT_BYTES);
      cover (ends && short_q && written_q);
      cover (ends && overflow && written_q);
    end
  end
endmodule
`default_nettype wire
