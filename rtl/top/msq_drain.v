// SPDX-License-Identifier: Apache-2.0
// Sends blocks of outputs: walks the tokens of a block and the columns of a token in groups of LANES,
// converts a group a cycle, and passes it on. For MX outputs each 128 columns of a token are read twice: for
// the largest exponent, which gives their scale, then for the values.
//
// Pipeline: 0 address | 1 memories' word, selection | 2 to 5 steps of msq_output_lane | 6 converted. All of
// it moves when `step` allows; else the address of the cycle before is repeated, so the memories show the
// same word again. Exponents of a scanned group are known in step 3 and its run's scale, with few lanes, two
// cycles later: as the scale has a step of its own, this is when the run's first values need it.
// Area block: top: outputs
`default_nettype none
module msq_drain #(
    parameter UNIT = 8,           // columns of a bank
    parameter BANKS = 2,          // banks of accumulators, 1 or 2
    parameter BLOCK = 128,        // columns of a block of outputs
    parameter LANES = 2,          // columns converted in a cycle, a power of two, at most UNIT
    parameter ACC_BITS = 44,      // width of an accumulator
    parameter FRACTION_BITS = 2,  // an accumulator counts in 2^-FRACTION_BITS of a step
    parameter TOKENS = 128,       // maximum tokens of a pass, a power of two
    parameter LATE = 4,           // cycles from the end of a block to its last sum in the memories, 4 or 5
    // Derived, do not set.
    parameter TOKEN_BITS = $clog2(TOKENS),
    parameter UNITS = BLOCK / UNIT,
    parameter UNIT_BITS = (UNITS > 1) ? $clog2(UNITS) : 1
) (
    input  wire                         clk_i,
    input  wire                         rst_ni,
    // A complete block; two can wait.
    input  wire                         push_i,                 // complete block offered; at most two wait
    input  wire                         push_half_acc_i,        // half of the accumulators
    input  wire                         push_half_i,            // half of the activation buffer
    input  wire [TOKEN_BITS:0]          push_tokens_i,          // tokens of the block
    input  wire [8:0]                   push_columns_i,         // columns of the block
    input  wire [1:0]                   push_reference_slot_i,  // slot of the references
    input  wire                         push_pass_last_i,       // last block of its pass
    input  wire                         push_job_last_i,        // last block of its job
    input  wire [1:0]                   push_format_i,          // 0 raw, 1 FP32, 2 MX-INT-8, 3 MX-INT-4
    output wire                         drained_o,              // a block has left
    output wire                         release_o,             // the block that left was the last of its pass
    // Memories; data belong to the address of the cycle before.
    output wire [UNIT_BITS+TOKEN_BITS-1:0] address_o,    // {unit, token}; with two banks {0, unit / 2, token}
    input  wire [2*BANKS*UNIT*ACC_BITS-1:0] accumulators_i,   // of the address before: by banks, both halves
    output wire [1:0]                   reference_slot_o,     // slot of the references
    output wire [UNIT_BITS-1:0]         reference_unit_o,     // unit; with two banks unit / 2
    input  wire [BANKS*UNIT*8-1:0]      weight_references_i,  // Iref of each column
    output wire                         half_o,               // half of the activation buffer
    output wire [TOKEN_BITS-1:0]        token_o,              // token whose Xref is read
    input  wire [7:0]                   token_reference_i,    // Xref of the token
    // Groups of outputs.
    output wire                         group_valid_o,     // group of outputs offered
    input  wire                         group_ready_i,     // group accepted if offered
    output wire                         group_scale_o,     // no group: the scale is in group_values_o[7:0]
    output wire                         group_flush_o,     // last group of a token, block or 128 columns
    output wire                         group_last_o,      // last group of its pass
    output wire                         group_job_last_o,  // last group of its job
    output wire [1:0]                   group_format_o,    // format of its block
    output wire [LANES*32-1:0]          group_values_o,    // converted outputs
    output wire [LANES*64-1:0]          group_raw_o,       // accumulators, sign extended
    output wire [LANES*10-1:0]          group_exponents_o  // value = accumulator * 2^exponent
);
  localparam GROUPS = BLOCK / LANES;
  localparam GROUP_BITS = $clog2(GROUPS);
  localparam PER_UNIT = UNIT / LANES;
  localparam PICKS = 2 * PER_UNIT;  // groups in a word of both halves
  localparam SUB_BITS = (PER_UNIT > 1) ? $clog2(PER_UNIT) : 0;
  localparam SCALED = 128 / LANES;       // groups that share a scale
  localparam SCALED_BITS = $clog2(SCALED);
  localparam COLUMN_BITS = $clog2(BLOCK);
  localparam ENTRY = TOKEN_BITS + COLUMN_BITS + 8;
  localparam LANE_BITS = $clog2(LANES);
  // Cycles that a scale comes later with many lanes.
  localparam WAIT = (LANES > 1) ? $clog2(LANES / 2) / 2 : 0;

  // Queue of two blocks, in turn in either place. A block counts when its last sum has been written.
  reg [ENTRY-1:0] entry0_q;
  reg [ENTRY-1:0] entry1_q;
  reg             write_q;  // place of the next block
  reg             read_q;   // place of the first block
  reg [1:0]       count_q;
  reg [LATE-1:0]  late_q;   // push_i, 1 to LATE cycles ago
  wire            done;
  // Kept as the places of the last token and column, so that the walk only compares.
  wire [TOKEN_BITS-1:0] push_end_token = push_tokens_i[TOKEN_BITS-1:0] - 1'b1;
  wire [COLUMN_BITS-1:0] push_end_column = push_columns_i[COLUMN_BITS-1:0] - 1'b1;
  wire unused_high = &{1'b0, push_tokens_i[TOKEN_BITS], push_columns_i[8:COLUMN_BITS]};
  wire [ENTRY-1:0] entry = {push_end_token, push_end_column, push_half_acc_i, push_half_i,
      push_reference_slot_i, push_pass_last_i, push_job_last_i, push_format_i};
  wire [ENTRY-1:0] head = read_q ? entry1_q : entry0_q;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      write_q <= 1'b0;
      read_q  <= 1'b0;
      late_q  <= {LATE{1'b0}};
      count_q <= 2'd0;
    end else begin
      write_q <= write_q ^ push_i;
      read_q  <= read_q ^ done;
      late_q  <= {late_q[LATE-2:0], push_i};
      count_q <= count_q + {1'b0, late_q[LATE-1]} - {1'b0, done};
    end
  end
  always @(posedge clk_i) begin
    if (push_i && !write_q) entry0_q <= entry;
    if (push_i && write_q) entry1_q <= entry;
  end
  wire [TOKEN_BITS-1:0] end_token;
  wire [COLUMN_BITS-1:0] end_column;
  wire half_acc, half, pass_last, job_last;
  wire [1:0] reference_slot, format;
  assign {end_token, end_column, half_acc, half, reference_slot, pass_last, job_last, format} = head;

  // Walk: a run is what shares a scale, 128 columns of a token. For MX outputs it is scanned, then its scale
  // is sent, then its values; for others there is no more than the last part, and a run is the whole block.
  // With many lanes the scale is found WAIT cycles later, and so is sent.
  localparam [1:0] SCAN = 2'd0, SCALE = 2'd1, EMIT = 2'd2;
  reg [1:0]            kind_q;   // read only if the format is an MX format
  reg [TOKEN_BITS-1:0] token_q;
  reg [GROUP_BITS-1:0] group_q;
  reg [1:0]            wait_q;   // cycles waited for a scale
  wire mx = format[1];
  wire [1:0] kind = mx ? kind_q : EMIT;
  wire last_group = group_q == end_column[COLUMN_BITS-1:LANE_BITS];
  wire last_of_run = last_group || (mx && &group_q[SCALED_BITS-1:0]);
  wire last_token = token_q == end_token;
  wire [GROUP_BITS-1:0] run_first;
  generate
    if (GROUP_BITS > SCALED_BITS) begin : gen_runs
      assign run_first = {group_q[GROUP_BITS-1:SCALED_BITS], {SCALED_BITS{1'b0}}};
    end else begin : gen_run
      assign run_first = {GROUP_BITS{1'b0}};
    end
  endgenerate

  wire step;
  wire there = count_q != 2'd0;
  wire issue = there && step;
  wire waits = kind == SCALE && wait_q != WAIT[1:0];
  assign done = issue && kind == EMIT && last_group && last_token;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      kind_q  <= SCAN;
      token_q <= {TOKEN_BITS{1'b0}};
      group_q <= {GROUP_BITS{1'b0}};
      wait_q  <= 2'd0;
    end else if (issue) begin
      wait_q <= waits ? wait_q + 2'd1 : 2'd0;
      case (kind)
        SCAN: begin
          group_q <= last_of_run ? run_first : group_q + 1'b1;
          if (last_of_run) kind_q <= SCALE;
        end
        SCALE: if (!waits) kind_q <= EMIT;
        default: begin
          group_q <= last_group ? {GROUP_BITS{1'b0}} : group_q + 1'b1;
          if (last_of_run) kind_q <= SCAN;
          if (last_group) token_q <= last_token ? {TOKEN_BITS{1'b0}} : token_q + 1'b1;
        end
      endcase
    end
  end

  // 0: address. A group is in one unit of columns.
  localparam ADDRESS = UNIT_BITS + TOKEN_BITS + 3;
  wire [UNIT_BITS-1:0] unit;
  generate
    if (UNITS > 1) begin : gen_unit
      assign unit = group_q[GROUP_BITS-1:SUB_BITS];
    end else begin : gen_one_unit
      assign unit = 1'b0;
    end
  endgenerate
  // A unit of one bit can be shifted by none.
  wire [UNIT_BITS:0] wide_unit = {1'b0, unit};
  wire unused_wide_unit = &{1'b0, wide_unit[0]};
  wire [UNIT_BITS-1:0] word = (BANKS == 2) ? wide_unit[UNIT_BITS:1] : unit;
  wire [ADDRESS-1:0] address = {word, token_q, half, reference_slot};
  reg  [ADDRESS-1:0] address_q;
  wire [ADDRESS-1:0] address_d = step ? address : address_q;
  assign address_o = address_d[ADDRESS-1:3];
  assign reference_unit_o = address_d[ADDRESS-1-:UNIT_BITS];
  assign token_o = address_d[3+:TOKEN_BITS];
  assign half_o = address_d[2];
  assign reference_slot_o = address_d[1:0];
  always @(posedge clk_i) address_q <= address_d;

  // 1: selection. Beyond N there is zero.
  localparam TAGS = 7;
  reg [6:1]            valid_q;               // by steps
  reg [GROUP_BITS-1:0] group1_q;
  reg [PICKS-1:0]      pick1_q;               // the group, in a word of both halves
  wire [31:0] in_unit = {{(32 - GROUP_BITS) {1'b0}}, group_q} & (PER_UNIT - 1);
  reg [LANES-1:0]      exists1_q, exists2_q;
  reg                  first1_q, first2_q, first3_q;  // of a scan
  reg                  end1_q;                // of its block
  reg                  pass_last1_q;
  reg                  job_last1_q;
  reg                  flush1_q;
  reg [1:0]            kind1_q;
  reg [1:0]            format1_q;
  reg [TAGS-1:0]       tags2_q, tags3_q, tags4_q, tags5_q;
  reg                  scale6_q;
  reg [7:0]            scale6_value_q;
  reg                  flush6_q;
  reg                  last6_q;
  reg                  job_last6_q;
  reg [1:0]            format6_q;
  // {kind, flush, last, job_last, format}
  wire [TAGS-1:0] tags1 = {kind1_q, flush1_q, end1_q && pass_last1_q, end1_q && job_last1_q, format1_q};
  wire [1:0] kind3 = tags3_q[6:5];
  wire [1:0] kind5 = tags5_q[6:5];
  // Group in a word of all banks. Accumulators come late from their memories: of each bank a group of a half
  // is taken by one of pick1_q, and of banks one a cycle later.
  wire [31:0] place = {{(32 - GROUP_BITS) {1'b0}}, group1_q} & (BANKS * PER_UNIT - 1);
  wire [BANKS*LANES*ACC_BITS-1:0] bank_groups;
  wire [LANES*8-1:0] group_references;
  genvar b;
  generate
    if (BANKS * PER_UNIT > 1) begin : gen_select
      // Written out: a shift by a multiple of this place takes a multiplier block on FPGAs.
      reg [LANES*8-1:0] references_at;
      integer i;
      always @* begin
        references_at = weight_references_i[LANES*8-1:0];
        for (i = 1; i < BANKS * PER_UNIT; i = i + 1)
          if (place == i) references_at = weight_references_i[i*LANES*8+:LANES*8];
      end
      assign group_references = references_at;
    end else begin : gen_all
      wire unused_place = &{1'b0, place};
      assign group_references = weight_references_i;
    end
    for (b = 0; b < BANKS; b = b + 1) begin : gen_bank
      reg [LANES*ACC_BITS-1:0] words_at;
      integer i;
      always @* begin
        words_at = {(LANES * ACC_BITS) {1'b0}};
        for (i = 0; i < PICKS; i = i + 1) begin
          words_at = words_at | (accumulators_i[(b*PICKS+i)*LANES*ACC_BITS+:LANES*ACC_BITS]
              & {(LANES * ACC_BITS) {pick1_q[i]}});
        end
      end
      assign bank_groups[b*LANES*ACC_BITS+:LANES*ACC_BITS] = words_at;
    end
  endgenerate

  wire [LANES-1:0] zero;
  wire [LANES*10-1:0] log2;
  wire [7:0] scale;
  msq_scale #(
      .LANES(LANES)
  ) u_scale (
      .clk_i(clk_i),
      .enable_i(step),
      .scan_i(valid_q[3] && kind3 == SCAN),
      .first_i(first3_q),
      .four_i(tags3_q[0]),
      .zero_i(zero),
      .log2_i(log2),
      .scale_o(scale)
  );

  wire [LANES*32-1:0] values;
  wire [LANES-1:0] exists;
  genvar l;
  generate
    if (LANES > 1) begin : gen_exists
      assign exists = {LANES{!last_group}}
          | ~({{(LANES - 1) {1'b1}}, 1'b0} << end_column[LANE_BITS-1:0]);
    end else begin : gen_exists_always
      assign exists = 1'b1;
    end
    for (l = 0; l < LANES; l = l + 1) begin : gen_lane
      wire [7:0] reference = group_references[8*l+:8];
      wire [9:0] exponent = {{2{reference[7]}}, reference}
          + {{2{token_reference_i[7]}}, token_reference_i};
      reg [ACC_BITS-1:0] acc2_q;  // of bank 0
      reg [9:0] exponent2_q;
      always @(posedge clk_i) begin
        if (step) begin
          acc2_q      <= bank_groups[l*ACC_BITS+:ACC_BITS];
          exponent2_q <= exists1_q[l] ? exponent : FRACTION_BITS[9:0];  // with the lane's offset 0
        end
      end
      wire [ACC_BITS-1:0] acc;
      if (BANKS == 2) begin : gen_two
        reg [ACC_BITS-1:0] other2_q;
        reg                bank2_q;
        always @(posedge clk_i) begin
          if (step) begin
            other2_q <= bank_groups[(LANES+l)*ACC_BITS+:ACC_BITS];
            bank2_q  <= place[SUB_BITS];
          end
        end
        assign acc = bank2_q ? other2_q : acc2_q;
      end else begin : gen_one
        assign acc = acc2_q;
      end
      wire [31:0] high;
      msq_output_lane #(
          .ACC_BITS(ACC_BITS),
          .FRACTION_BITS(FRACTION_BITS)
      ) u_lane (
          .clk_i(clk_i),
          .enable_i(step),
          .acc_i(acc & {ACC_BITS{exists2_q[l]}}),
          .exponent_i(exponent2_q),
          .raw_i(tags2_q[1:0] == 2'd0),
          .zero_o(zero[l]),
          .log2_o(log2[10*l+:10]),
          .scale_i(scale),
          .format_i(tags3_q[1:0]),
          .result_o(values[32*l+:32]),
          .high_o(high),
          .exponent_o(group_exponents_o[10*l+:10])
      );
      assign group_raw_o[64*l+:64] = {high, values[32*l+:32]};
      if (l == 0) begin : gen_first
        assign group_values_o[31:0] = scale6_q ? {24'd0, scale6_value_q} : values[31:0];
      end else begin : gen_other
        assign group_values_o[32*l+:32] = scale6_q ? 32'd0 : values[32*l+:32];
      end
    end
  endgenerate

  assign step = !valid_q[6] || group_ready_i;
  assign drained_o = step && valid_q[1] && end1_q;
  assign release_o = drained_o && pass_last1_q;
  always @(posedge clk_i) begin
    if (!rst_ni) valid_q <= 6'd0;
    else if (step) valid_q <= {valid_q[5] && kind5 != SCAN, valid_q[4:1], there && !waits};
  end
  always @(posedge clk_i) begin
    if (step) begin
      kind1_q      <= kind;
      group1_q     <= group_q;
      pick1_q      <= {{(PICKS - 1) {1'b0}}, 1'b1} << (half_acc ? in_unit + PER_UNIT : in_unit);
      exists1_q    <= exists;
      first1_q     <= group_q == run_first;
      flush1_q     <= last_of_run || kind == SCALE;
      end1_q       <= kind == EMIT && last_group && last_token;
      pass_last1_q <= pass_last;
      job_last1_q  <= job_last;
      format1_q    <= format;

      exists2_q <= exists1_q;
      first2_q  <= first1_q;
      first3_q  <= first2_q;
      tags2_q   <= tags1;
      tags3_q   <= tags2_q;
      tags4_q   <= tags3_q;
      tags5_q   <= tags4_q;

      scale6_q       <= kind5 == SCALE;
      scale6_value_q <= scale;
      {flush6_q, last6_q, job_last6_q, format6_q} <= tags5_q[4:0];
    end
  end
  assign group_valid_o = valid_q[6];
  assign group_scale_o = scale6_q;
  assign group_flush_o = flush6_q;
  assign group_last_o = last6_q;
  assign group_job_last_o = job_last6_q;
  assign group_format_o = format6_q;

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_banks, BANKS == 1 || BANKS == 2)
  `MSQ_PARAMETER(msq_illegal_lanes, LANES >= 1 && (LANES & (LANES - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_unit, UNIT % LANES == 0)
  `MSQ_PARAMETER(msq_illegal_late, LATE == 4 || LATE == 5)
  wire [2:0] waiting = {1'b0, count_q} + {2'd0, late_q[0]} + {2'd0, late_q[1]} + {2'd0, late_q[2]}
      + {2'd0, late_q[3]} + {2'd0, LATE == 5 && late_q[LATE-1]};
  `MSQ_INPUT(rst_ni && push_i, waiting < 3'd2 || done, "third block waits")
  wire scans = valid_q[3] && kind3 == SCAN;
  reg  four_q;  // of the run that is scanned
  always @(posedge clk_i) if (scans && first3_q) four_q <= tags3_q[0];
  `MSQ_CHECK(rst_ni && scans && !first3_q, tags3_q[0] == four_q, "two formats in a run")
  `MSQ_HELD(group_valid_o, group_ready_i, {group_scale_o, group_flush_o, group_last_o, group_values_o},
            LANES * 32 + 3, "group not held")
`endif
endmodule
`default_nettype wire
