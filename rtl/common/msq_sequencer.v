// SPDX-License-Identifier: Apache-2.0
// Admits weight rows and tokens. The static schedule comes with the tile: `interval` cycles between two
// tokens, and at least `gap` cycles between the last token of the tile before and the first of this one
// (docs/reference/architecture.md, "The schedule").
//
// Loading: one row per cycle, row 0 first. A row's shadow weights are free again when the tile they belong to
// has reached the row (committed_i), so the load of a tile follows the first token of the tile before down
// the array. Launching: the first token of a tile when all its rows are loaded and the gap has passed, every
// further one on a multiple of the interval, so that two rows never need one ReCoN unit in the same cycle
// whatever the input does. A row here is a step of loading: the port may take several PE rows at a time.
//
// With EARLY the first token does not wait for the last rows if these are sure to come, one per cycle, before
// the token reaches them: they are offered, and the first of them finds its shadow weights free. So do the
// others: the first token of the tile before has left them, one band per cycle. EARLY is at most the number
// of bands, since a band is reached a cycle after the one above. So with one token per tile the load of the
// next tile follows without a pause.
// Area block: control
`default_nettype none
module msq_sequencer #(
    parameter ROWS = 8,   // PE rows
    parameter MODE2 = 1,  // mode 2 is supported
    parameter MODE4 = 1,  // mode 4 is supported
    parameter EARLY = 0,  // rows that may still come when a tile begins, fewer than ROWS
    parameter BAND = 1,   // rows that a token reaches at a time
    // Derived, do not set.
    parameter FOLLOW_BITS = (EARLY > 0) ? $clog2(EARLY + 2) : 1
) (
    input  wire            clk_i,
    input  wire            rst_ni,
    // Weight rows; mode, interval and gap belong to the tile and are equal for all its rows.
    input  wire            load_valid_i,     // weight row offered
    output wire            load_ready_o,     // weight row accepted if offered
    input  wire            load_mode4_i,     // mode of the tile: 1 is mode 4
    input  wire [7:0]      load_interval_i,  // cycles between tokens, 1..255
    input  wire [7:0]      load_gap_i,       // cycles after the tile before, 1..255
    input  wire [FOLLOW_BITS-1:0] load_follow_i,  // rows offered from now on without a pause, or EARLY + 1
    output wire [ROWS-1:0] next_row_o,       // row that the next load writes, one-hot
    output wire [ROWS-1:0] load_row_o,       // write enables of the rows, one-hot or zero
    output wire            load_parity_o,    // parity of the tile being loaded; alternates
    input  wire [ROWS-1:0] committed_i,      // rows whose columns all use their shadow weights now
    // Tokens.
    input  wire            act_valid_i,      // token offered
    output wire            act_ready_o,      // token accepted if offered
    input  wire            act_last_i,       // last token of the tile
    output wire            launch_o,         // token launched
    output wire            launch_first_o,   // first token of its tile
    output wire            launch_mode4_o,   // mode of the token: 1 is mode 4
    output wire            launch_parity_o,  // parity of the token's tile
    output wire            launch_waited_o,  // the schedule held this token back
    output wire            error_o           // illegal tile header: mode, interval or gap
);
  // Loading.
  reg [ROWS-1:0] next_row_q;    // one-hot
  reg [ROWS-1:0] full_q;        // shadow weights wait for their tile
  reg            loaded_q;      // a whole tile waits
  wire           begun;         // the tile being loaded has begun
  wire           soon;          // it can begin, as the rest of it is sure to come in time
  reg            next_mode4_q;  // header of the tile being loaded or waiting
  reg [7:0]      next_interval_q;
  reg [7:0]      next_gap_q;

  // Launching.
  reg       in_tile_q;   // more tokens of the running tile to come
  reg       mode4_q;
  reg       parity_q;
  reg [7:0] interval_q;
  reg [7:0] phase_q;     // cycles since a launch slot; 0 is a launch slot
  reg [7:0] since_q;     // cycles since the last launch, saturating
  reg       waited_q;

  wire load = load_valid_i && load_ready_o;
  wire first_row = next_row_q[0];
  wire last_row = next_row_q[ROWS-1];
  // With EARLY also in the cycle in which the tile before leaves it.
  wire [ROWS-1:0] occupied = (EARLY > 0) ? full_q & ~committed_i : full_q;
  assign load_ready_o  = !loaded_q && !(|(next_row_q & occupied));
  assign next_row_o    = next_row_q;
  assign load_row_o    = next_row_q & {ROWS{load}};
  assign load_parity_o = parity_q ^ !begun;

  // On FPGAs 1 is tested first, so that a gap and an interval of constants 1 remove the counters.
  wire gap_passed =
`ifdef MSQ_DSP
      next_gap_q <= 8'd1 ||
`endif
      since_q >= next_gap_q;
  assign act_ready_o = in_tile_q ? (phase_q == 8'd0) : ((loaded_q || soon) && gap_passed);
  assign launch_o = act_valid_i && act_ready_o;
  wire start = launch_o && !in_tile_q;

  assign launch_first_o  = !in_tile_q;
  assign launch_mode4_o  = in_tile_q ? mode4_q : next_mode4_q;
  assign launch_parity_o = parity_q ^ !in_tile_q;
  assign launch_waited_o = waited_q;

  wire [ROWS-1:0] full_d = (full_q & ~committed_i) | load_row_o;
  generate
    if (EARLY > 0) begin : gen_early
      localparam LEFT_BITS = $clog2(ROWS + 1);
      reg [LEFT_BITS-1:0] left_q;  // rows of the tile that are not loaded
      reg few_q;                   // no more than EARLY
      reg soon_q;
      reg begun_q;
      wire few_d = (few_q || load_row_o[ROWS-1-EARLY]) && !(load && last_row);
      wire [LEFT_BITS-1:0] left_d = (load && last_row) ? ROWS[LEFT_BITS-1:0]
          : left_q - {{(LEFT_BITS - 1) {1'b0}}, load};
      wire sure = {{(LEFT_BITS - FOLLOW_BITS) {1'b0}}, load_follow_i} >= left_q;  // the rest comes
      // The next row may be loaded in the next cycle: its band is left then, or has been.
      wire [ROWS-1:0] next_row_d = load ? {next_row_q[ROWS-2:0], next_row_q[ROWS-1]} : next_row_q;
      wire [ROWS-1:0] taken_d = full_d & ~(committed_i << BAND);
      always @(posedge clk_i) begin
        if (!rst_ni) begin
          few_q   <= 1'b0;
          left_q  <= ROWS[LEFT_BITS-1:0];
          soon_q  <= 1'b0;
          begun_q <= 1'b0;
        end else begin
          few_q   <= few_d;
          left_q  <= left_d;
          soon_q  <= few_d && sure && (next_row_d & taken_d) == {ROWS{1'b0}};
          begun_q <= (begun_q || (start && !loaded_q)) && !(load && last_row);
        end
      end
      assign begun = begun_q;
      assign soon = soon_q && !begun_q;
    end else begin : gen_whole
      assign begun = 1'b0;
      assign soon = 1'b0;
      wire unused_follow = &{1'b0, load_follow_i};
    end
  endgenerate

  wire [7:0] interval = in_tile_q ? interval_q : next_interval_q;
  wire       wrap =
`ifdef MSQ_DSP
      interval <= 8'd1 ||
`endif
      phase_q + 8'd1 >= interval;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      next_row_q <= {{(ROWS - 1) {1'b0}}, 1'b1};
      full_q     <= {ROWS{1'b0}};
      loaded_q   <= 1'b0;
      in_tile_q  <= 1'b0;
      parity_q   <= 1'b0;
      phase_q    <= 8'd0;
      since_q    <= 8'hff;
      waited_q   <= 1'b0;
    end else begin
      if (load) next_row_q <= {next_row_q[ROWS-2:0], next_row_q[ROWS-1]};
      full_q <= full_d;
      loaded_q <= (loaded_q || (load && last_row && !begun)) && !start;

      if (launch_o) in_tile_q <= !act_last_i;
      if (start) parity_q <= !parity_q;
      if (in_tile_q || launch_o) phase_q <= wrap ? 8'd0 : phase_q + 8'd1;
      if (launch_o && act_last_i) phase_q <= 8'd0;
      if (launch_o) since_q <= 8'd1;
      else if (since_q != 8'hff) since_q <= since_q + 8'd1;
      waited_q <= !launch_o && (waited_q || (act_valid_i && (in_tile_q || loaded_q)));
    end
  end

  always @(posedge clk_i) begin
    if (load && first_row) begin
      next_mode4_q    <= load_mode4_i;
      next_interval_q <= load_interval_i;
      next_gap_q      <= load_gap_i;
    end
    if (start) begin
      mode4_q    <= next_mode4_q;
      interval_q <= next_interval_q;
    end
  end

  wire bad_mode = load_mode4_i ? (MODE4 == 0) : (MODE2 == 0);
  assign error_o = load && first_row && (bad_mode || load_interval_i == 8'd0 || load_gap_i == 8'd0);

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_rows, ROWS >= 2)
  `MSQ_PARAMETER(msq_illegal_modes, MODE2 != 0 || MODE4 != 0)
  `MSQ_PARAMETER(msq_illegal_early, EARLY >= 0 && EARLY < ROWS)
  `MSQ_PARAMETER(msq_illegal_band, BAND >= 1 && ROWS % BAND == 0)
  `MSQ_CHECK(rst_ni && begun, load, "a row that was sure to come is not loaded")
  `MSQ_CHECK(rst_ni, next_row_o != 0 && (next_row_o & (next_row_o - 1'b1)) == 0, "next_row_o not one-hot")
  `MSQ_INPUT(rst_ni, (committed_i & ~full_q) == 0, "commit of a row without shadow weights")
  `MSQ_INPUT_HELD(load_valid_i, load_ready_o, {load_gap_i, load_interval_i, load_mode4_i}, 17,
                  "weight row not held")
  `MSQ_INPUT_HELD(act_valid_i, act_ready_o, act_last_i, 1, "token not held")
`endif
endmodule
`default_nettype wire
