// msq_align against the formula: sum * 2^(weight shift + token shift), rounded half to even to the right.
`default_nettype none
module formal_align (
    input wire                 clk_i,
    input wire [`SUM_BITS-1:0] sum_i,
    input wire [7:0]           weight_shift_i,
    input wire [8:0]           token_right_i
);
  localparam OUT = `SUM_BITS + 11;
  wire [OUT-1:0] down;
  wire           up_by;
  wire [OUT-1:0] aligned = down + up_by;
  msq_align #(
      .SUM_BITS(`SUM_BITS)
  ) u_dut (
      .clk_i(clk_i),
      .sum_i(sum_i),
      .weight_shift_i(weight_shift_i),
      .token_right_i(token_right_i),
      .down_o(down),
      .up_o(up_by)
  );
  always @* begin
    assume ($signed(weight_shift_i) >= -64 && $signed(weight_shift_i) <= 4);
    assume (token_right_i >= 4);
  end

  // Inputs of the cycle before.
  reg                        there_q = 1'b0;
  reg signed [`SUM_BITS-1:0] sum_q;
  reg signed [10:0]          left_q;
  always @(posedge clk_i) begin
    there_q <= 1'b1;
    sum_q   <= sum_i;
    left_q  <= $signed({{3{weight_shift_i[7]}}, weight_shift_i}) + 11'sd11 - $signed({2'b00, token_right_i});
  end

  // Floor and remainder decide: more than a half, or a half above an odd floor, rounds up.
  wire signed [10:0] left = left_q;
  wire signed [OUT-1:0] sum = sum_q;
  wire signed [10:0] wanted = -left;
  // Beyond SUM_BITS + 1 nothing changes any more.
  wire [6:0] right = (wanted > `SUM_BITS + 1) ? `SUM_BITS + 1 : wanted[6:0];
  wire signed [OUT-1:0] floor_ = sum >>> right;
  wire [OUT-1:0] rest = sum - (floor_ <<< right);
  wire [OUT-1:0] half = {{(OUT - 1) {1'b0}}, 1'b1} << (right - 7'd1);
  wire up = rest > half || (rest == half && floor_[0]);
  wire signed [OUT-1:0] rounded = floor_ + $signed({1'b0, up});
  wire signed [OUT-1:0] result = (left >= 0) ? sum <<< left[3:0] : rounded;
  reg           two_q = 1'b0;
  reg [OUT-1:0] result_q;
  always @(posedge clk_i) begin
    two_q    <= there_q;
    result_q <= result;
  end
  always @* begin
    if (two_q) begin
      assert (aligned == result_q);
      cover (left == 11 && aligned != 0 && sum < 0);
      cover (left < 0 && rest == half && floor_[0] && sum < -1);
      cover (left < 0 && rest == half && !floor_[0] && sum > 1);
      cover (left == -564 && sum != 0);
    end
  end
endmodule
`default_nettype wire
