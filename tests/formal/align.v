// msq_align against the formula: sum * 2^(weight shift + token shift), rounded half to even to the right.
`default_nettype none
module formal_align (
    input wire [`SUM_BITS-1:0] sum_i,
    input wire [7:0]           weight_shift_i,
    input wire [7:0]           token_shift_i
);
  localparam OUT = `SUM_BITS + 11;
  wire [OUT-1:0] aligned;
  msq_align #(
      .SUM_BITS(`SUM_BITS)
  ) u_dut (
      .sum_i(sum_i),
      .weight_shift_i(weight_shift_i),
      .token_shift_i(token_shift_i),
      .aligned_o(aligned)
  );
  always @* begin
    assume ($signed(weight_shift_i) >= -64 && $signed(weight_shift_i) <= 4);
    assume ($signed(token_shift_i) >= -64 && $signed(token_shift_i) <= 7);
  end

  // Floor and what it leaves decide: more than a half, or a half above an odd floor, rounds up.
  wire signed [9:0] left = $signed(weight_shift_i) + $signed(token_shift_i);
  wire signed [OUT-1:0] sum = $signed(sum_i);
  wire signed [9:0] wanted = -left;
  // Beyond SUM_BITS + 1 nothing changes any more.
  wire [6:0] right = (wanted > `SUM_BITS + 1) ? `SUM_BITS + 1 : wanted[6:0];
  wire signed [OUT-1:0] floor_ = sum >>> right;
  wire [OUT-1:0] rest = sum - (floor_ <<< right);
  wire [OUT-1:0] half = {{(OUT - 1) {1'b0}}, 1'b1} << (right - 7'd1);
  wire up = rest > half || (rest == half && floor_[0]);
  wire signed [OUT-1:0] rounded = floor_ + $signed({1'b0, up});
  wire signed [OUT-1:0] result = (left >= 0) ? sum <<< left[3:0] : rounded;
  always @* begin
    assert (aligned == result);
    cover (left == 11 && aligned != 0 && sum < 0);
    cover (left < 0 && rest == half && floor_[0] && sum < -1);
    cover (left < 0 && rest == half && !floor_[0] && sum > 1);
    cover (left == -128 && sum != 0);
  end
endmodule
`default_nettype wire
