// SPDX-License-Identifier: Apache-2.0
// One bank of output accumulators: UNIT columns, two halves. The tiles of a block of outputs are added in one
// half while the block before leaves from the other.
//
// A partial sum is aligned in the cycle it comes; in the next one the old sum is there, and the new one is
// written. Tokens of one address are at least three cycles apart (a tile takes ROWS + 2).
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
    input  wire [7:0]               token_shift_i,    // Xsf - Xref
    // Reading the half that is complete.
    input  wire [$clog2(DEPTH)-1:0] read_address_i,  // word to read
    input  wire                     read_half_i,  // half shown on read_o, for the address of the cycle before
    output wire [UNIT*ACC_BITS-1:0] read_o           // word of one half, one cycle after its address
);
  localparam ALIGNED = SUM_BITS + 11;

  wire [UNIT*ALIGNED-1:0]    aligned;
  reg  [UNIT*ALIGNED-1:0]    aligned_q;
  reg                        valid_q;
  reg                        first_q;
  reg                        half_q;
  reg  [$clog2(DEPTH)-1:0]   address_q;
  wire [UNIT*ACC_BITS-1:0]   word0;
  wire [UNIT*ACC_BITS-1:0]   word1;
  wire [UNIT*ACC_BITS-1:0]   old = half_q ? word1 : word0;
  wire [UNIT*ACC_BITS-1:0]   sum;

  genvar c;
  generate
    for (c = 0; c < UNIT; c = c + 1) begin : gen_column
      msq_align #(
          .SUM_BITS(SUM_BITS)
      ) u_align (
          .sum_i(sums_i[c*SUM_BITS+:SUM_BITS]),
          .weight_shift_i(weight_shifts_i[8*c+:8]),
          .token_shift_i(token_shift_i),
          .aligned_o(aligned[c*ALIGNED+:ALIGNED])
      );
      wire [ALIGNED-1:0]  term = aligned_q[c*ALIGNED+:ALIGNED];
      wire [ACC_BITS-1:0] base = first_q ? {ACC_BITS{1'b0}} : old[c*ACC_BITS+:ACC_BITS];
      assign sum[c*ACC_BITS+:ACC_BITS] = base + {{(ACC_BITS - ALIGNED) {term[ALIGNED-1]}}, term};
    end
  endgenerate

  always @(posedge clk_i) begin
    if (!rst_ni) valid_q <= 1'b0;
    else valid_q <= valid_i;
  end
  always @(posedge clk_i) begin
    if (valid_i) begin
      aligned_q <= aligned;
      first_q   <= first_i;
      half_q    <= half_i;
      address_q <= address_i;
    end
  end

  msq_ram_1r1w #(
      .WIDTH(UNIT * ACC_BITS),
      .DEPTH(DEPTH)
  ) u_half0 (
      .clk_i(clk_i),
      .write_i(valid_q && !half_q),
      .write_address_i(address_q),
      .write_data_i(sum),
      .read_address_i((valid_i && !half_i) ? address_i : read_address_i),
      .read_data_o(word0)
  );
  msq_ram_1r1w #(
      .WIDTH(UNIT * ACC_BITS),
      .DEPTH(DEPTH)
  ) u_half1 (
      .clk_i(clk_i),
      .write_i(valid_q && half_q),
      .write_address_i(address_q),
      .write_data_i(sum),
      .read_address_i((valid_i && half_i) ? address_i : read_address_i),
      .read_data_o(word1)
  );
  assign read_o = read_half_i ? word1 : word0;

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_acc_bits, ACC_BITS >= SUM_BITS + 11)
  `MSQ_PARAMETER(msq_illegal_depth, DEPTH >= 2 && (DEPTH & (DEPTH - 1)) == 0)
  `MSQ_INPUT(rst_ni && valid_i && valid_q, half_i != half_q || address_i != address_q,
             "tokens of one address in successive cycles")
`endif
endmodule
`default_nettype wire
