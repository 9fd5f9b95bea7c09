// SPDX-License-Identifier: Apache-2.0
// Converts an output accumulator, value = acc * 2^(exponent - FRACTION_BITS), in four registered steps:
// 1 count the leading bits that repeat the sign | 2 shift them out; log2 = floor(log2 |value|) gives the
// places to drop | 3 drop them | 4 round and pack.
//
// FP32 and MX differ only in how many of the highest bits are kept: 24 for a normal FP32 number, fewer for a
// subnormal one, log2 - scale + 1 for MX. One shifter serves both. A raw accumulator passes unchanged.
//
// Numbers stay in two's complement: rounded down, one increment makes them half to even for either sign. The
// magnitude of a negative FP32 number is ~down + 1 - increment, by the same adder. So nothing is negated, and
// a carry out of the rounding of a significand runs into the exponent field, where it belongs.
// Area block: top: outputs
`default_nettype none
module msq_output_lane #(
    parameter ACC_BITS = 44,     // 28..64
    parameter FRACTION_BITS = 0  // accumulators count in 2^-FRACTION_BITS of a step
) (
    input  wire                clk_i,
    input  wire                enable_i,    // advances all steps
    input  wire [ACC_BITS-1:0] acc_i,       // two's complement
    input  wire [9:0]          exponent_i,  // two's complement
    input  wire                raw_i,       // format 0 follows
    // A cycle later.
    output wire                zero_o,    // the accumulator is 0
    output wire [9:0]          log2_o,    // floor(log2 |value|), two's complement; void if zero_o
    input  wire [7:0]          scale_i,   // Ysf, two's complement
    input  wire [1:0]          format_i,  // 0 raw, 1 FP32, 2 MX-INT-8, 3 MX-INT-4
    // Three more cycles later.
    output wire [31:0]         result_o,   // FP32, MX in two's complement in the lowest bits, or acc_i[31:0]
    output wire [31:0]         high_o,     // raw: the rest of acc_i, sign extended
    output wire [9:0]          exponent_o  // raw: exponent_i - FRACTION_BITS
);
  localparam COUNT_BITS = $clog2(ACC_BITS);
  localparam LEAVES = 1 << COUNT_BITS;
  // Exponents of the lowest and the highest bit, + 1, over exponent_i.
  localparam [9:0] LOWEST = 10'd1 - FRACTION_BITS[9:0];
  localparam [9:0] HIGHEST = ACC_BITS[9:0] - 10'd1 - FRACTION_BITS[9:0];
  localparam HIGH = (ACC_BITS > 32) ? ACC_BITS - 32 : 1;  // bits above the lowest 32, or the sign
  localparam LOW = ACC_BITS - 26;  // bits below the sign, the significand and the bit worth a half

  // First step: zeros above the first change of a bit, counted by a tree: twice as many bits a level.
  wire [ACC_BITS:0] extended = {acc_i, 1'b0};
  wire [ACC_BITS-1:0] turns = extended[ACC_BITS:1] ^ extended[ACC_BITS-1:0];
  wire [ACC_BITS-1:0] rises = ~extended[ACC_BITS:1] & extended[ACC_BITS-1:0];
  reg [LEAVES-1:0] zeros;              // group i, from the top, has no change
  reg [LEAVES*COUNT_BITS-1:0] counts;  // zeros above the first change of group i
  integer i, level;
  always @* begin
    counts = {(LEAVES * COUNT_BITS) {1'b0}};
    for (i = 0; i < LEAVES; i = i + 1) zeros[i] = (i < ACC_BITS) ? !turns[(ACC_BITS-1-i)%ACC_BITS] : 1'b0;
    for (level = 0; level < COUNT_BITS; level = level + 1) begin
      for (i = 0; i < (LEAVES >> (level + 1)); i = i + 1) begin
        counts[i*COUNT_BITS+:COUNT_BITS] = zeros[2*i] ? counts[(2*i+1)*COUNT_BITS+:COUNT_BITS]
            : counts[2*i*COUNT_BITS+:COUNT_BITS];
        counts[i*COUNT_BITS+level] = zeros[2*i];
        zeros[i] = zeros[2*i] && zeros[2*i+1];
      end
    end
  end
  wire negative = acc_i[ACC_BITS-1];

  reg [ACC_BITS-1:0]   acc1_q;
  reg [COUNT_BITS-1:0] count1_q;
  reg                  power1_q;  // a negative power of two
  reg                  zero1_q;
  reg [9:0]            top1_q;    // exponent of the highest bit, + 1; raw: of the lowest one, + 1
  reg [10:0]           deep1_q;   // -126 - top1_q
  always @(posedge clk_i) begin
    if (enable_i) begin
      acc1_q   <= acc_i;
      count1_q <= raw_i ? {COUNT_BITS{1'b0}} : counts[COUNT_BITS-1:0];
      power1_q <= negative && !(|rises) && !raw_i;
      zero1_q  <= !(|turns);
      top1_q   <= exponent_i + (raw_i ? LOWEST : HIGHEST);
      deep1_q  <= ~{exponent_i[9], exponent_i} - 11'd125 - {1'b0, HIGHEST};  // not read if raw
    end
  end

  // Second step: {sign, normal, 0} is the accumulator, whose magnitude has the highest one of ACC_BITS bits.
  // Of a negative power of two one bit too much was counted. The lowest bits of two summands are a carry.
  wire [ACC_BITS-2:0] shifted_out = acc1_q[ACC_BITS-2:0] << count1_q;
  wire [9:0] count = {{(10 - COUNT_BITS) {1'b0}}, count1_q};
  wire [10:0] log2_sum = {top1_q, 1'b1} + {~count, power1_q};
  wire signed [9:0] log2 = log2_sum[10:1];
  assign zero_o = zero1_q;
  assign log2_o = log2;

  // Places to drop of the 24 of a significand, without a wait for log2: -126 - log2 where that is positive,
  // and scale - log2 + 23.
  wire [11:0] deep_sum = {deep1_q, 1'b1} + {1'b0, count, !power1_q};
  wire [10:0] deep = deep_sum[11:1];
  wire unused_sums = &{1'b0, log2_sum[0], deep_sum[0]};
  wire fp = format_i == 2'd1 && !deep[10];
  wire subnormal = fp && |deep;
  wire signed [10:0] drop_fp = deep & {11{fp}};
  wire signed [10:0] drop_mx = {{3{scale_i[7]}}, scale_i} + 11'd149 + deep;
  reg                negative2_q;
  reg                zero2_q;
  reg                subnormal2_q;
  reg signed [9:0]   log2_q;
  reg [ACC_BITS-2:0] normal_q;
  reg signed [10:0]  drop_q;
  reg [1:0]          format2_q;
  always @(posedge clk_i) begin
    if (enable_i) begin
      negative2_q  <= acc1_q[ACC_BITS-1];
      zero2_q      <= zero1_q;
      subnormal2_q <= subnormal;
      log2_q       <= log2;
      normal_q     <= shifted_out | {power1_q, {(ACC_BITS - 2) {1'b0}}};
      drop_q       <= format_i[1] ? drop_mx : drop_fp;
      format2_q    <= format_i;
    end
  end

  // Third step: {sign, kept} rounded down, and what decides how it is rounded.
  wire [24:0] kept = normal_q[ACC_BITS-2-:25];
  wire signed [25:0] kept_signed = {negative2_q, kept};
  wire signed [25:0] shifted = kept_signed >>> drop_q[4:0];
  wire unused_sign = &{1'b0, shifted[25]};
  wire [24:0] dropped = ~(25'h1ffffff << drop_q[4:0]);
  wire signed [10:0] least = format2_q[0] ? 11'sd21 : 11'sd17;  // of places dropped for an MX format
  // Exponent field without the hidden one, which adds to it. That of a power of two can be a carry.
  wire [9:0] field = log2_q + 10'd126 + {9'd0, kept[24] ^ negative2_q};
  wire unused_field = &{1'b0, field[9:8]};
  reg [24:0]    kept3_q;
  reg [LOW-1:0] low3_q;      // the rest of a raw accumulator
  reg           negative3_q;
  reg           sticky3_q;
  reg           none3_q;      // below half of the last place
  reg           most3_q;      // beyond the largest value
  reg [7:0]     field3_q;
  reg [9:0]     exponent3_q;
  reg [1:0]     format3_q;
  always @(posedge clk_i) begin
    if (enable_i) begin
      kept3_q     <= shifted[24:0];
      low3_q      <= normal_q[LOW-1:0];
      negative3_q <= negative2_q;
      sticky3_q   <= |normal_q[LOW-1:0] || |(kept & dropped);
      none3_q     <= zero2_q || drop_q > 11'sd24;
      most3_q     <= format2_q[1] ? drop_q < least : log2_q > 10'sd127;
      field3_q    <= subnormal2_q ? 8'd0 : field[7:0];
      exponent3_q <= log2_q;
      format3_q   <= format2_q;
    end
  end

  // Fourth step.
  wire up = kept3_q[0] && (sticky3_q || kept3_q[1]);
  wire [30:0] size = {field3_q, kept3_q[23:1] ^ {23{negative3_q}}};
  wire add = up ^ negative3_q;
  wire [30:0] number;
  assign number[10:0] = size[10:0] + {10'd0, add};
  assign number[22:11] = size[22:11] + {11'd0, add && &size[10:0]};
  assign number[30:23] = size[30:23] + {7'd0, add && &size[22:0]};
  wire [30:0] magnitude = none3_q ? 31'd0 : most3_q ? 31'h7f800000 : number;

  // MX: neither -2^7 nor 2^7, neither -2^3 nor 2^3 is reached.
  wire four = format3_q[0];
  wire [6:0] places = kept3_q[7:1];
  wire at_most = negative3_q ? !(|places[2:0]) && (four || !(|places[6:3]))
      : &places[2:0] && (four || &places[6:3]);
  wire [7:0] integer_value = {negative3_q, places} + {7'd0, at_most ? negative3_q : up};
  wire [7:0] limit = {negative3_q, {4{four == negative3_q}}, {2{!negative3_q}}, 1'b1};
  wire [7:0] element = none3_q ? 8'd0 : most3_q ? limit : integer_value;
  wire [ACC_BITS+63:0] acc = {{64{negative3_q}}, negative3_q, kept3_q, low3_q};
  wire unused_acc = &{1'b0, acc[ACC_BITS+63:32+HIGH]};

  reg [31:0]     result_q;
  reg [HIGH-1:0] high_q;
  reg [9:0]      exponent_q;
  always @(posedge clk_i) begin
    if (enable_i) begin
      case (format3_q)
        2'd0: result_q <= acc[31:0];
        2'd1: result_q <= {negative3_q, magnitude};
        default: result_q <= {24'd0, element};
      endcase
      high_q     <= acc[32+:HIGH];
      exponent_q <= exponent3_q;
    end
  end
  assign result_o = result_q;
  wire [HIGH+31:0] high = {{32{high_q[HIGH-1]}}, high_q};
  wire unused_high = &{1'b0, high[HIGH+31:32]};
  assign high_o = high[31:0];
  assign exponent_o = exponent_q;

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_acc_bits, ACC_BITS >= 28 && ACC_BITS <= 64)
`endif
endmodule
`default_nettype wire
