// SPDX-License-Identifier: Apache-2.0
// Puts groups of outputs into beats of LANES words of 32 bits:
//   raw     three beats per group: low halves of the accumulators, high halves, exponents
//   FP32    one beat per group
//   MX      a beat with the scale in its lowest byte, then values packed densely, 8 or 4 bits each
// The last beat of a pass carries `last`. When jobs are aborted each of them ends with a closing beat, zeros
// with `last`, except the one whose last beat waits here already.
// Area block: top: outputs
`default_nettype none
module msq_output_port #(
    parameter LANES = 2  // outputs of a group, a power of two
) (
    input  wire                clk_i,
    input  wire                rst_ni,
    input  wire                run_i,              // a job runs
    input  wire                abort_i,            // pulse, in the cycle after a run: jobs were aborted
    input  wire [1:0]          abort_jobs_i,       // jobs that were aborted, 1 to 3
    input  wire                group_valid_i,      // group of outputs offered
    output wire                group_ready_o,      // group accepted if offered
    input  wire                group_scale_i,      // the scale is in group_values_i[7:0]
    input  wire                group_flush_i,      // last group of a beat
    input  wire                group_last_i,       // last group of its pass
    input  wire                group_job_last_i,   // last group of its job
    input  wire [1:0]          group_format_i,     // 0 raw, 1 FP32, 2 MX-INT-8, 3 MX-INT-4
    input  wire [LANES*32-1:0] group_values_i,     // converted outputs
    input  wire [LANES*64-1:0] group_raw_i,        // accumulators, sign extended
    input  wire [LANES*10-1:0] group_exponents_i,  // exponent of each accumulator
    output wire                valid_o,            // beat offered
    input  wire                ready_i,            // beat accepted if offered
    output wire [LANES*32-1:0] data_o,             // beat
    output wire                last_o,             // last beat of the packet
    output wire                job_end_o,          // last beat of a job accepted
    output wire                idle_o,             // no beat waits
    output wire                full_o              // no further closing beat can wait
);
  reg                valid_q;
  reg                last_q;
  reg                job_last_q;
  reg [LANES*32-1:0] data_q;
  reg [2:0]          close_q;  // closing beats still to come
  reg [2:0]          part_q;   // raw: beat of the group; MX: group of the beat

  wire raw = group_format_i == 2'd0;
  wire mx = group_format_i[1];
  wire room = !valid_q || ready_i;
  wire closing = close_q != 3'd0;
  // The job whose last beat waits is complete.
  wire complete = valid_q && job_last_q;
  wire [2:0] aborted = abort_i ? {1'b0, abort_jobs_i} - {2'd0, complete} : 3'd0;
  wire [2:0] most = group_format_i[0] ? 3'd7 : 3'd3;
  wire part_last = raw ? part_q == 3'd2 : (!mx || group_scale_i || group_flush_i || part_q == most);
  wire move = run_i && group_valid_i && room;
  assign group_ready_o = room && (!raw || part_last);

  wire [LANES*32-1:0] low, high, exponents, bytes, nibbles;
  genvar l;
  generate
    for (l = 0; l < LANES; l = l + 1) begin : gen_lane
      wire [9:0] exponent = group_exponents_i[10*l+:10];
      assign low[32*l+:32] = group_raw_i[64*l+:32];
      assign high[32*l+:32] = group_raw_i[64*l+32+:32];
      assign exponents[32*l+:32] = {{22{exponent[9]}}, exponent};
    end
    // The values of a group follow those of the groups before in the beat.
    wire [LANES*8-1:0] group_bytes;
    wire [LANES*4-1:0] group_nibbles;
    for (l = 0; l < LANES; l = l + 1) begin : gen_pack
      assign group_bytes[8*l+:8] = group_values_i[32*l+:8];
      assign group_nibbles[4*l+:4] = group_values_i[32*l+:4];
    end
  endgenerate
  assign bytes = {{(LANES * 24) {1'b0}}, group_bytes} << ({29'd0, part_q} * (LANES * 8));
  assign nibbles = {{(LANES * 28) {1'b0}}, group_nibbles} << ({29'd0, part_q} * (LANES * 4));
  wire [LANES*32-1:0] so_far = (part_q == 3'd0) ? {(LANES * 32) {1'b0}} : data_q;
  wire [LANES*32-1:0] packed_values = so_far | (group_format_i[0] ? nibbles : bytes);
  wire [LANES*32-1:0] in_raw = (part_q == 3'd0) ? low : (part_q == 3'd1) ? high : exponents;
  wire [LANES*32-1:0] in_mx = group_scale_i ? group_values_i : packed_values;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      close_q <= 3'd0;
      part_q  <= 3'd0;
    end else begin
      close_q <= close_q + aborted - {2'd0, closing && room};
      if (!run_i) part_q <= 3'd0;
      else if (move) part_q <= part_last ? 3'd0 : part_q + 3'd1;
      if (room) valid_q <= (move && (raw || part_last)) || closing;
    end
  end
  always @(posedge clk_i) begin
    if (room && closing) begin
      data_q     <= {(LANES * 32) {1'b0}};
      last_q     <= 1'b1;
      job_last_q <= 1'b0;
    end else if (move) begin
      data_q     <= raw ? in_raw : mx ? in_mx : group_values_i;
      last_q     <= group_last_i && part_last;
      job_last_q <= group_job_last_i && part_last;
    end
    if (abort_i) job_last_q <= 1'b0;  // counted once
  end
  assign valid_o = valid_q;
  assign data_o = data_q;
  assign last_o = last_q;
  assign job_end_o = valid_q && ready_i && job_last_q;
  assign idle_o = !valid_q && !closing;
  assign full_o = &close_q;

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_lanes, LANES >= 1 && (LANES & (LANES - 1)) == 0)
  `MSQ_HELD(valid_o, ready_i, {last_o, data_o}, LANES * 32 + 1, "beat not held")
`endif
endmodule
`default_nettype wire
