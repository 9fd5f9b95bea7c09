// SPDX-License-Identifier: Apache-2.0
// Control that travels with the tokens of an array with ReCoN. A token passes row r twice: at its early
// point, r + 1 cycles after its launch, and LEAD cycles later at its late point. A plain row takes the
// activation at the late point. A flagged row (one with outliers in the token's tile) takes it at the early
// point, offers its products to ReCoN, and two cycles after the late point adds ReCoN's result.
//
// Two tiles can be on the way at once; each token carries the parity of its tile, and each row knows both
// flags.
// Area block: control
`default_nettype none
module msq_wavefront_recon #(
    parameter ROWS = 8,  // PE rows
    parameter LEAD = 2   // latency of ReCoN from a row's products to the addend
) (
    input  wire            clk_i,
    input  wire            rst_ni,
    // Flags of the tile being loaded.
    input  wire [ROWS-1:0] load_row_i,      // write enables of the rows, one-hot or zero
    input  wire            load_parity_i,   // parity of the tile being loaded
    input  wire            load_flagged_i,  // the row being loaded holds an outlier
    // A token enters.
    input  wire            launch_i,         // a token enters
    input  wire            launch_first_i,   // first token of its tile
    input  wire            launch_last_i,    // last token of its tile
    input  wire            launch_mode4_i,   // mode of the token: 1 is mode 4
    input  wire            launch_parity_i,  // parity of the token's tile
    input  wire            launch_waited_i,  // the schedule held the token back
    // Control of the next activation of each row.
    output wire [ROWS-1:0] early_o,        // select the activation at the early point
    output wire [ROWS-1:0] commit_o,       // next activation is the first of its tile
    output wire [ROWS-1:0] mode4_o,        // mode of the next activation
    output wire [ROWS-1:0] fire_o,         // products of the next activation go to ReCoN
    output wire [ROWS-1:0] fire_waited_o,  // fire_o of a token that the schedule held back
    output wire [ROWS-1:0] fire_parity_o,  // parity of the tile at the early point
    output wire [ROWS-1:0] use_addend_o,   // late point of a token sent to ReCoN
    output wire            out_valid_o,    // late point of the last row
    output wire            out_last_o,     // last token of its tile, with out_valid_o
    output wire            error_o         // launch gap too short: a plain row loses an activation
);
  localparam DEPTH = ROWS + LEAD;
  reg [DEPTH-1:0] valid_q;
  reg [DEPTH-1:0] first_q;
  reg [DEPTH-1:0] last_q;
  reg [DEPTH-1:0] mode4_q;
  reg [DEPTH-1:0] parity_q;
  reg [ROWS-1:0]  waited_q;
  always @(posedge clk_i) begin
    if (!rst_ni) valid_q <= {DEPTH{1'b0}};
    else valid_q <= {valid_q[DEPTH-2:0], launch_i};
    first_q  <= {first_q[DEPTH-2:0], launch_first_i};
    last_q   <= {last_q[DEPTH-2:0], launch_last_i};
    // Mode and parity stay with the last token, so that an idle row keeps its settings.
    mode4_q  <= {mode4_q[DEPTH-2:0], launch_i ? launch_mode4_i : mode4_q[0]};
    parity_q <= {parity_q[DEPTH-2:0], launch_i ? launch_parity_i : parity_q[0]};
    waited_q <= {waited_q[ROWS-2:0], launch_waited_i};
  end

  reg [ROWS-1:0] flag0_q;  // flags of the tiles of parity 0 and 1
  reg [ROWS-1:0] flag1_q;
  always @(posedge clk_i) begin
    if (!load_parity_i) flag0_q <= (flag0_q & ~load_row_i) | (load_row_i & {ROWS{load_flagged_i}});
    if (load_parity_i) flag1_q <= (flag1_q & ~load_row_i) | (load_row_i & {ROWS{load_flagged_i}});
  end

  wire [ROWS-1:0] early_valid = valid_q[ROWS-1:0];
  wire [ROWS-1:0] late_valid = valid_q[DEPTH-1:LEAD];
  wire [ROWS-1:0] early_flag = (parity_q[ROWS-1:0] & flag1_q) | (~parity_q[ROWS-1:0] & flag0_q);
  wire [ROWS-1:0] late_flag = (parity_q[DEPTH-1:LEAD] & flag1_q) | (~parity_q[DEPTH-1:LEAD] & flag0_q);
  wire [ROWS-1:0] late_take = late_valid & ~late_flag;

  assign early_o       = early_flag;
  assign fire_o        = early_valid & early_flag;
  assign fire_waited_o = fire_o & waited_q;
  assign fire_parity_o = parity_q[ROWS-1:0];
  assign use_addend_o  = late_valid & late_flag;
  assign commit_o      = (fire_o & first_q[ROWS-1:0]) | (late_take & ~early_flag & first_q[DEPTH-1:LEAD]);
  assign mode4_o       = (early_flag & mode4_q[ROWS-1:0]) | (~early_flag & mode4_q[DEPTH-1:LEAD]);
  assign out_valid_o   = valid_q[DEPTH-1];
  assign out_last_o    = last_q[DEPTH-1];
  assign error_o       = |(late_take & early_flag);

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_rows, ROWS >= 2)
  `MSQ_PARAMETER(msq_illegal_lead, LEAD >= 1)
  `MSQ_INPUT(rst_ni, (load_row_i & (load_row_i - 1'b1)) == 0, "load_row_i not one-hot")
`endif
endmodule
`default_nettype wire
