// msq_output_lane against the contract: FP32 (FORMAT 1) is acc * 2^exponent rounded half to even, MX-INT-8
// (2) and -4 (3) clamp(round_half_even(acc * 2^(exponent - scale))), raw (0) is acc itself; and log2_o =
// floor(log2 |value|).
//
// In two halves. First: the normalised number is the accumulator shifted until the highest one of its
// magnitude is on top, and log2 gives the distance. Second: the output made of a normalised number. Solvers
// do not get through both at once. enable_i low must hold all steps.
`default_nettype none
module formal_output_lane (
    input wire                 clk_i,
    input wire                 enable_i,
    input wire [`ACC_BITS-1:0] acc_i,
    input wire [9:0]           exponent_i,
    input wire [7:0]           scale_i
);
  localparam ACC = `ACC_BITS;
  localparam WIDE = ACC + 26;
  wire [1:0] format = `FORMAT;
  wire zero;
  wire [9:0] log2;
  wire [31:0] result;
  wire [31:0] high;
  wire [9:0] exponent;
  msq_output_lane #(
      .ACC_BITS(ACC)
  ) u_dut (
      .clk_i(clk_i),
      .enable_i(enable_i),
      .acc_i(acc_i),
      .exponent_i(exponent_i),
      .raw_i(format == 2'd0),
      .zero_o(zero),
      .log2_o(log2),
      .scale_i(scale_i),
      .format_i(format),
      .result_o(result),
      .high_o(high),
      .exponent_o(exponent)
  );

  // Operands of the first two steps.
  reg           count_q = 1'b0;
  reg           one_q = 1'b0;
  reg [ACC-1:0] acc1_q, acc_q;
  reg signed [9:0] exponent1_q, exponent_q;
  reg [7:0]     scale_q;
  always @(posedge clk_i) begin
    if (enable_i) begin
      count_q     <= 1'b1;
      acc1_q      <= acc_i;
      exponent1_q <= exponent_i;
      one_q       <= count_q;
      acc_q       <= acc1_q;
      exponent_q  <= exponent1_q;
      scale_q     <= scale_i;
    end
  end
  // Exponents that sums of a legal tensor can have: Iref + Xref - F - t.
  always @* assume ($signed(exponent_i) >= -264 && $signed(exponent_i) <= 254);

  // First half.
  (* keep *) wire [ACC-2:0] dut_normal;
  (* keep *) wire [9:0] dut_log2;
  (* keep *) wire dut_negative;
  (* keep *) wire dut_zero;
  wire [ACC-1:0] size_q = acc_q[ACC-1] ? -acc_q : acc_q;
  wire [ACC-1:0] dut_size = dut_negative ? -{dut_normal, 1'b0} : {dut_normal, 1'b0};
  reg signed [11:0] top;  // place of the highest one
  reg signed [9:0] log2_q;
  always @(posedge clk_i) if (enable_i) log2_q <= log2;
  reg zero_q;
  always @(posedge clk_i) if (enable_i) zero_q <= zero;
  integer k;
  always @* begin
    top = 12'sd0;
    for (k = 0; k < ACC; k = k + 1) if (size_q[k]) top = k;
  end
  wire [11:0] up_by = ACC - 1 - top;
  wire [ACC-1:0] on_top = size_q << up_by[5:0];
  always @* begin
    if (one_q) begin
      assert (dut_zero == (size_q == 0) && zero_q == dut_zero);
      assert (dut_negative == acc_q[ACC-1]);
      if (format == 2'd0) assert ({dut_negative, dut_normal} == acc_q && dut_log2 == exponent_q);
      else assert (dut_size == on_top);
      if (!dut_zero && format != 2'd0) assert ($signed(dut_log2) == top + exponent_q && log2_q == dut_log2);
      if (!dut_zero && format != 2'd0) assert (dut_size[ACC-1]);
    end
  end

  // Second half: the value is size * 2^(log2 - (ACC - 1)).
  wire negative = dut_negative & one_q;
  wire [ACC-1:0] size = dut_size & {ACC{one_q}};
  wire signed [11:0] log2_value = $signed(dut_log2 & {10{one_q}});

  // Places below `last` go; the value of the lowest place that is kept is 2^last.
  wire signed [11:0] scale = $signed(scale_q);
  wire signed [11:0] last = (log2_value - 12'sd23 > -12'sd149) ? log2_value - 12'sd23 : -12'sd149;
  wire signed [11:0] drop = last - log2_value + (ACC - 1);
  wire [5:0] right = (drop > ACC + 1) ? ACC + 1 : drop[5:0];
  wire [5:0] left = (-drop > 12'sd25) ? 6'd25 : -drop[5:0];
  wire [WIDE-1:0] wide = size;
  wire [WIDE-1:0] floor_ = wide >> right;
  wire [WIDE-1:0] rest = wide - (floor_ << right);
  wire [WIDE-1:0] half = {{(WIDE - 1) {1'b0}}, 1'b1} << (right - 6'd1);
  wire up = rest > half || (rest == half && floor_[0]);
  wire [WIDE-1:0] rounded = (drop <= 0) ? wide << left : floor_ + up;

  // MX: the K highest bits are kept if the highest one is worth 2^(K-1) units; half to even by the bits
  // below; then clamped.
  localparam [7:0] LIMIT = (`FORMAT == 2) ? 8'd127 : 8'd7;
  wire signed [11:0] places = log2_value - scale + 12'sd1;
  reg [7:0] mx_size;
  reg sticky;
  integer p, j;
  always @* begin
    mx_size = (places > 12'sd7) ? LIMIT : 8'd0;
    sticky = 1'b0;
    for (p = 0; p < 8; p = p + 1) begin
      sticky = 1'b0;
      for (j = 0; j < ACC - 1 - p; j = j + 1) sticky = sticky | size[j];
      if (places == p) begin
        mx_size = (size >> (ACC - p)) + (size[ACC-1-p] & (sticky | (size[(ACC-p)%ACC] & (p != 0))));
        if (mx_size > LIMIT) mx_size = LIMIT;
      end
    end
    if (size == 0) mx_size = 8'd0;
  end
  wire [31:0] mx = {24'd0, negative ? -mx_size : mx_size};

  // FP32: significand in units of 2^last; 2^24 is the next binade.
  wire signed [11:0] binade = last + (rounded[24] ? 12'sd1 : 12'sd0);
  wire normal = rounded[24] || rounded[23];
  wire [7:0] field = normal ? binade + 12'sd150 : 12'sd0;
  wire infinite = normal && binade + 12'sd150 > 254;
  wire [31:0] fp = (size == 0) ? 32'd0 : infinite ? {negative, 31'h7f800000}
      : {negative, field, rounded[22:0]};
  wire [ACC+63:0] raw = {{64{negative}}, negative, dut_normal};
  wire [31:0] wanted = (`FORMAT == 0) ? raw[31:0] : (`FORMAT == 1) ? fp : mx;

  reg        three_q = 1'b0;
  reg        two_q = 1'b0;
  reg [73:0] wanted3_q, wanted_q;
  always @(posedge clk_i) begin
    if (enable_i) begin
      three_q   <= one_q;
      two_q     <= three_q;
      wanted3_q <= {raw[63:32], dut_log2, wanted};
      wanted_q  <= wanted3_q;
    end
  end
  always @* begin
    // A scale is that of a block, so no value is 2^(bits - 1) of its units or more; beyond, the value is
    // clamped.
    if (two_q) begin
      assert (one_q);
      assert (result == wanted_q[31:0]);
      if (`FORMAT == 0) assert ({high, exponent} == wanted_q[73:32]);
      cover (result[31:0] == 32'h00000001 + 6 * (`FORMAT != 1));
      cover (`FORMAT == 1 ? result == 32'hff800000 : result[7:0] == -LIMIT);
      cover (`FORMAT == 1 ? result == 32'h3f800000 : result == 0);
    end
  end
endmodule
`default_nettype wire
