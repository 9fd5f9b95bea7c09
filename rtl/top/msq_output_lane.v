// SPDX-License-Identifier: Apache-2.0
// Converts an output accumulator, value = acc * 2^exponent, in two registered steps.
//
// First the magnitude is normalised, its highest one on top, so log2 = floor(log2 |value|) is known. Then
// FP32 and MX differ only in how many of the highest bits are kept: 24 for a normal FP32 number, fewer for a
// subnormal one, log2 - scale + 1 for MX. One shifter and one rounding serve both; a carry out of the
// rounding of an FP32 significand runs into its exponent field, where it belongs.
// Area block: top: outputs
`default_nettype none
module msq_output_lane #(
    parameter ACC_BITS = 44  // 28..64
) (
    input  wire                clk_i,
    input  wire                enable_i,    // advances both steps
    input  wire [ACC_BITS-1:0] acc_i,       // two's complement
    input  wire [9:0]          exponent_i,  // two's complement
    // A cycle later.
    output wire                zero_o,    // the accumulator is 0
    output wire [9:0]          log2_o,    // floor(log2 |value|), two's complement; void if zero_o
    input  wire [7:0]          scale_i,   // Ysf, two's complement
    input  wire [1:0]          format_i,  // 1 FP32, 2 MX-INT-8, 3 MX-INT-4
    // Another cycle later.
    output wire [31:0]         result_o  // FP32, or MX in two's complement in the lowest bits
);
  localparam STAGES = $clog2(ACC_BITS);
  localparam REST = ACC_BITS - 25;  // bits below the significand and the bit worth a half

  // First step: count leading zeros and shift them out.
  wire negative = acc_i[ACC_BITS-1];
  wire [ACC_BITS-1:0] magnitude = negative ? -acc_i : acc_i;
  reg [ACC_BITS-1:0] normal;
  reg [STAGES-1:0] zeros;
  integer k;
  always @* begin
    normal = magnitude;
    for (k = STAGES - 1; k >= 0; k = k - 1) begin
      zeros[k] = !(|(normal & ~({ACC_BITS{1'b1}} >> (1 << k))));
      if (zeros[k]) normal = normal << (1 << k);
    end
  end

  reg                negative_q;
  reg                zero_q;
  reg [9:0]          log2_q;
  reg [ACC_BITS-1:0] normal_q;
  always @(posedge clk_i) begin
    if (enable_i) begin
      negative_q <= negative;
      zero_q     <= acc_i == {ACC_BITS{1'b0}};
      log2_q     <= exponent_i + ACC_BITS[9:0] - 10'd1 - {{(10 - STAGES) {1'b0}}, zeros};
      normal_q   <= normal;
    end
  end
  assign zero_o = zero_q;
  assign log2_o = log2_q;

  // Second step.
  wire fp = !format_i[1];
  wire signed [9:0] log2 = log2_q;
  wire signed [10:0] log2_wide = {log2_q[9], log2_q};
  wire subnormal = log2 < -10'sd126;
  wire signed [10:0] keep_fp = subnormal ? log2_wide + 11'sd150 : 11'sd24;
  wire signed [10:0] keep_mx = log2_wide - {{3{scale_i[7]}}, scale_i} + 11'sd1;
  wire signed [10:0] keep = fp ? keep_fp : keep_mx;
  wire none = keep < 11'sd0 || zero_q;  // below half of the last place
  wire signed [10:0] most = format_i[0] ? 11'sd3 : 11'sd7;
  wire clamp = keep > most;             // for MX; more than the limit before any rounding
  wire [10:0] drop = 11'd24 - keep;
  wire unused_drop = &{1'b0, drop[10:5]};

  wire [24:0] kept = normal_q[ACC_BITS-1-:25];
  wire [24:0] shifted = kept >> drop[4:0];
  wire [24:0] dropped = ~(25'h1ffffff << drop[4:0]);
  wire sticky = |normal_q[REST-1:0] | (|(kept & dropped));
  wire [23:0] rounded = shifted[24:1] + {23'd0, shifted[0] & (sticky | shifted[1])};
  wire carry = &shifted[24:1] && shifted[0];  // 2^24: rounded is 0

  // FP32: the hidden one of a normal number, and the carry, add to the exponent field.
  wire [9:0] field = subnormal ? 10'd0 : log2_q + 10'd126;
  wire [30:0] number = {field[7:0], 23'd0} + {7'd0, rounded} + {7'd0, carry, 23'd0} + {7'd0, carry, 23'd0};
  wire infinite = log2 > 10'sd127;
  wire unused_field = &{1'b0, field[9:8]};
  wire [31:0] float = zero_q ? 32'd0 : {negative_q, infinite ? 31'h7f800000 : none ? 31'd0 : number};

  // MX.
  wire [7:0] limit = format_i[0] ? 8'd7 : 8'd127;
  wire [7:0] size = none ? 8'd0 : (clamp || rounded[7:0] > limit) ? limit : rounded[7:0];
  wire [7:0] integer_value = negative_q ? -size : size;

  reg [31:0] result_q;
  always @(posedge clk_i) if (enable_i) result_q <= fp ? float : {24'd0, integer_value};
  assign result_o = result_q;

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_acc_bits, ACC_BITS >= 28 && ACC_BITS <= 64)
`endif
endmodule
`default_nettype wire
