// msq_merge against the formula of the contract: 4 q x for an inlier, 0 for a pruned position, and (+-2^mb x
// + 2^(mb/2) ResUpper + ResLower) * 2^r for an outlier, which with both halves of one sign is +-S x 2^r.
//
// Products come from the multiplier as {p, s}, p being x * magnitude, inverted if s is set. WHOLE splits the
// proof, since solvers are slow where multiplications and shifts meet: 0: p is any value that a product can
// have, and the formula in ResUpper and ResLower holds at every r; 1: p is the product, and the result at r =
// 0 is q x or S x. Both together say that it is S x 2^r.
`default_nettype none
module formal_merge (
    input wire                   mode4_i,
    input wire [1:0]             role_i,
    input wire [`SHIFT_BITS-1:0] shift_i,
    input wire [`ACT_BITS-1:0]   x_i,
    input wire                   upper_sign_i,
    input wire [2:0]             upper_magnitude_i,
    input wire                   lower_sign_i,
    input wire [1:0]             lower_magnitude_i,
    input wire [`ACT_BITS+2:0]   upper_product_i,
    input wire [`ACT_BITS+1:0]   lower_product_i
);
  localparam ACT = `ACT_BITS;
  localparam P_BITS = ACT + ((`MODE4 != 0) ? 3 : 0);
  localparam M_BITS = ACT + ((`MODE4 != 0) ? 2 : 0);
  localparam VALUE_BITS = ACT + ((`MODE4 != 0) ? 5 : 3);
  localparam ADDEND_BITS = VALUE_BITS + `SHIFT_MAX;
  localparam WIDE = ADDEND_BITS + 2;

  wire mode4 = (`MODE4 != 0) && ((`MODE2 == 0) || mode4_i);
  wire outlier = role_i == 2'b01;
  wire signed [ACT+2:0] x = $signed(x_i);
  wire signed [ACT+2:0] upper_times = x * $signed({1'b0, upper_magnitude_i});
  wire signed [ACT+1:0] lower_times = x * $signed({1'b0, lower_magnitude_i});
  wire signed [ACT+2:0] upper_product = (`WHOLE != 0) ? upper_times : $signed(upper_product_i);
  wire signed [ACT+1:0] lower_product = (`WHOLE != 0) ? lower_times : $signed(lower_product_i);
  wire [P_BITS-1:0] upper_p = upper_product;  // without loss: see the bounds below
  wire [M_BITS-1:0] lower_p = lower_product;
  wire [ADDEND_BITS-1:0] addend;
  msq_merge #(
      .ACT_BITS(ACT),
      .MODE2(`MODE2),
      .MODE4(`MODE4),
      .SHIFT_MAX(`SHIFT_MAX),
      .SHIFT_BITS(`SHIFT_BITS)
  ) u_dut (
      .mode4_i(mode4_i),
      .role_i(role_i),
      .shift_i(shift_i),
      .x_i(x_i),
      .straight_i({upper_p ^ {P_BITS{upper_sign_i}}, upper_sign_i}),
      .moving_i({lower_p ^ {M_BITS{lower_sign_i}}, lower_sign_i}),
      .addend_o(addend)
  );

  // A half of mode 4 has two bits, one of mode 2 one; an inlier of mode 4 three, of mode 2 one.
  wire [2:0] most_upper = !mode4 ? 3'd1 : outlier ? 3'd3 : 3'd7;
  wire [1:0] most_lower = mode4 ? 2'd3 : 2'd1;
  // The largest activation, times these: -2^(ACT-1) and 2^(ACT-1) - 1 are the ends.
  wire signed [ACT+3:0] upper_bound = {1'b0, most_upper, {(ACT - 1) {1'b0}}};
  wire signed [ACT+3:0] lower_bound = {2'b00, most_lower, {(ACT - 1) {1'b0}}};
  always @* begin
    assume (shift_i <= `SHIFT_MAX);
    assume (role_i != 2'b11);
    assume (upper_magnitude_i <= most_upper && lower_magnitude_i <= most_lower);
    assume (upper_product <= upper_bound - $signed({1'b0, most_upper}) && upper_product >= -upper_bound);
    assume (lower_product <= lower_bound - $signed({1'b0, most_lower}) && lower_product >= -lower_bound);
    if (`WHOLE != 0) assume (shift_i == 0);
  end

  wire signed [WIDE-1:0] wide_x = x;
  wire signed [WIDE-1:0] wide_upper = upper_product;
  wire signed [WIDE-1:0] wide_lower = lower_product;
  wire signed [WIDE-1:0] res_upper = upper_sign_i ? -wide_upper : wide_upper;
  wire signed [WIDE-1:0] res_lower = lower_sign_i ? -wide_lower : wide_lower;
  wire signed [WIDE-1:0] hidden = upper_sign_i ? -wide_x : wide_x;
  wire signed [WIDE-1:0] value = mode4 ? (hidden <<< 4) + (res_upper <<< 2) + res_lower
                                       : (hidden <<< 2) + (res_upper <<< 1) + res_lower;
  wire signed [WIDE-1:0] result = $signed(addend);
  always @* begin
    if (role_i == 2'b00) assert (result == (res_upper <<< 2));
    if (role_i == 2'b10) assert (result == 0);
    if (outlier) begin
      assert (result == (value <<< shift_i));
      cover (upper_sign_i && upper_product == 0 && lower_product == 0 && result < -10);
      cover (upper_sign_i && !lower_sign_i && result > 1);
    end
    cover (role_i == 2'b00 && result < 0);
    cover (role_i == 2'b10 && x_i != 0);
  end
  generate
    if (`WHOLE != 0) begin : gen_whole
      // Weights as the numbers that they stand for: q of an inlier, and S of an outlier, whose halves have
      // one sign.
      wire [4:0] significand = mode4 ? {1'b1, upper_magnitude_i[1:0], lower_magnitude_i}
                                     : {2'b00, 1'b1, upper_magnitude_i[0], lower_magnitude_i[0]};
      wire signed [5:0] weight = outlier ? $signed({1'b0, significand})
          : $signed({1'b0, upper_magnitude_i, 2'b00});
      wire signed [ACT+5:0] product = $signed(x_i) * (upper_sign_i ? -weight : weight);
      always @* begin
        if (!role_i[1] && (!outlier || upper_sign_i == lower_sign_i)) assert (result == product);
        cover (outlier && upper_sign_i && lower_sign_i && x_i == 5 && result < -15);
      end
    end else begin : gen_shifts
      always @* cover (outlier && shift_i == `SHIFT_MAX && result > 100 && x_i == 5);
    end
  endgenerate
endmodule
`default_nettype wire
