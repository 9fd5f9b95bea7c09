// SPDX-License-Identifier: Apache-2.0
// One bank of output accumulators: UNIT columns, two halves. The tiles of a block of outputs are added in one
// half while the block before leaves from the other.
//
// A partial sum is aligned in two cycles, while the old sum is read; in the next one the new sum is written.
// The old sum has a register between the memory and the adder: neither waits for the other. Tokens of one
// address are at least three cycles apart.
// Area block: top: accumulators
`default_nettype none
module msq_accumulators #(
    parameter UNIT = 8,       // columns
    parameter SUM_BITS = 23,  // partial sum
    parameter ACC_BITS = 44,  // accumulator, at least SUM_BITS + 11
    parameter DEPTH = 1024    // words in a half
) (
    input  wire                     clk_i,
    input  wire                     rst_ni,
    // Partial sums of a token.
    input  wire                     valid_i,          // partial sums of a token
    input  wire                     first_i,          // starts a new sum instead of adding
    input  wire                     half_i,           // half to add in
    input  wire [$clog2(DEPTH)-1:0] address_i,        // word of the token in the half
    input  wire [UNIT*SUM_BITS-1:0] sums_i,           // column c at [c*SUM_BITS +: SUM_BITS]
    input  wire [UNIT*8-1:0]        weight_shifts_i,  // Isf - Iref of each column
    input  wire [8:0]               token_right_i,    // 11 - (Xsf - Xref)
    // Reading the half that is complete.
    input  wire [$clog2(DEPTH)-1:0] read_address_i,  // word to read
    output wire [2*UNIT*ACC_BITS-1:0] read_o         // words of both halves, one cycle after their address
);
  localparam ALIGNED = SUM_BITS + 11;

  localparam ADDRESS = $clog2(DEPTH);

  reg               valid1_q, valid2_q;  // by steps of the alignment
  reg               half1_q, half2_q;
  reg [ADDRESS-1:0] address1_q, address2_q;
  reg               add0_q;              // the old sum is that of half 0
  reg               add1_q;              // or that of half 1; neither where a sum starts
  reg  [UNIT*ACC_BITS-1:0] old_q;
  wire [UNIT*ACC_BITS-1:0] word0;
  wire [UNIT*ACC_BITS-1:0] word1;
  wire [UNIT*ACC_BITS-1:0] sum;

  genvar c;
  generate
    for (c = 0; c < UNIT; c = c + 1) begin : gen_column
      wire [ALIGNED-1:0] down;
      wire               up;
      msq_align #(
          .SUM_BITS(SUM_BITS)
      ) u_align (
          .clk_i(clk_i),
          .sum_i(sums_i[c*SUM_BITS+:SUM_BITS]),
          .weight_shift_i(weight_shifts_i[8*c+:8]),
          .token_right_i(token_right_i),
          .down_o(down),
          .up_o(up)
      );
      msq_adder #(
`ifdef MSQ_DSP
          .BLOCK(ACC_BITS),  // FPGAs have fast carries
`endif
          .WIDTH(ACC_BITS)
      ) u_adder (
          .a_i(old_q[c*ACC_BITS+:ACC_BITS]),
          .b_i({{(ACC_BITS - ALIGNED) {down[ALIGNED-1]}}, down}),
          .carry_i(up),
          .sum_o(sum[c*ACC_BITS+:ACC_BITS])
      );
    end
  endgenerate

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      valid1_q <= 1'b0;
      valid2_q <= 1'b0;
    end else begin
      valid1_q <= valid_i;
      valid2_q <= valid1_q;
    end
  end
  always @(posedge clk_i) begin
    half1_q    <= half_i;
    address1_q <= address_i;
    half2_q    <= half1_q;
    address2_q <= address1_q;
    add0_q     <= !first_i && !half_i;
    add1_q     <= !first_i && half_i;
    old_q <= (word0 & {(UNIT * ACC_BITS) {add0_q}}) | (word1 & {(UNIT * ACC_BITS) {add1_q}});
  end

  msq_ram_1r1w #(
      .WIDTH(UNIT * ACC_BITS),
      .DEPTH(DEPTH)
  ) u_half0 (
      .clk_i(clk_i),
      .write_i(valid2_q && !half2_q),
      .write_address_i(address2_q),
      .write_data_i(sum),
      .read_i(1'b1),
      .read_address_i((valid_i && !half_i) ? address_i : read_address_i),
      .read_data_o(word0)
  );
  msq_ram_1r1w #(
      .WIDTH(UNIT * ACC_BITS),
      .DEPTH(DEPTH)
  ) u_half1 (
      .clk_i(clk_i),
      .write_i(valid2_q && half2_q),
      .write_address_i(address2_q),
      .write_data_i(sum),
      .read_i(1'b1),
      .read_address_i((valid_i && half_i) ? address_i : read_address_i),
      .read_data_o(word1)
  );
  assign read_o = {word1, word0};

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_acc_bits, ACC_BITS >= SUM_BITS + 11)
  `MSQ_PARAMETER(msq_illegal_depth, DEPTH >= 2 && (DEPTH & (DEPTH - 1)) == 0)
  `MSQ_INPUT(rst_ni && valid_i && valid1_q, half_i != half1_q || address_i != address1_q,
             "tokens of one address in successive cycles")
  `MSQ_INPUT(rst_ni && valid_i && valid2_q, half_i != half2_q || address_i != address2_q,
             "tokens of one address two cycles apart")
`endif
endmodule
`default_nettype wire
