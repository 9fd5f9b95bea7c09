// msq_merge_full against the formula of encoding full_range: 2^F q x for an inlier, 0 for a pruned position,
// and 2^r M x for an outlier whose halves {Upper, Lower} are the two's complement number M.
//
// Products come as the multiplier gives them, {p, s} with value p + s, s the highest bit of the code, each
// code taken as signed. WHOLE splits the proof, as that of merge.v: 0: the products are any values, and the
// formula in them holds at every r; 1: they are products, and the result at r = 0 is 2^F q x or M x. Both
// together say that it is M x 2^r.
`default_nettype none
module formal_merge_full (
    input wire                   mode4_i,
    input wire [1:0]             role_i,
    input wire [`SHIFT_BITS-1:0] shift_i,
    input wire [`ACT_BITS-1:0]   x_i,
    input wire [3:0]             upper_i,
    input wire [3:0]             lower_i,
    input wire [`ACT_BITS+3:0]   upper_product_i,
    input wire [`ACT_BITS+3:0]   lower_product_i
);
  localparam ACT = `ACT_BITS;
  localparam P_BITS = ACT + ((`MODE4 != 0) ? 3 : 1);
  localparam VALUE_BITS = ACT + ((`MODE4 != 0) ? 7 : 3);
  localparam ADDEND_BITS = VALUE_BITS + `SHIFT_MAX;
  localparam WIDE = ADDEND_BITS + 2;

  wire mode4 = (`MODE4 != 0) && ((`MODE2 == 0) || mode4_i);
  wire outlier = role_i == 2'b01;
  wire signed [3:0] upper = mode4 ? upper_i : {{2{upper_i[1]}}, upper_i[1:0]};
  wire signed [3:0] lower = mode4 ? lower_i : {{2{lower_i[1]}}, lower_i[1:0]};
  wire signed [P_BITS:0] x = $signed(x_i);
  wire signed [P_BITS:0] upper_times = x * upper;
  wire signed [P_BITS:0] lower_times = x * lower;
  wire signed [P_BITS-1:0] upper_product = (`WHOLE != 0) ? upper_times[P_BITS-1:0]
      : upper_product_i[P_BITS-1:0];
  wire signed [P_BITS-1:0] lower_product = (`WHOLE != 0) ? lower_times[P_BITS-1:0]
      : lower_product_i[P_BITS-1:0];
  wire [P_BITS-1:0] upper_p = upper_product - $signed({1'b0, upper[3]});
  wire [P_BITS-1:0] lower_p = lower_product - $signed({1'b0, lower[3]});
  wire [ADDEND_BITS-1:0] addend;
  msq_merge_full #(
      .ACT_BITS(ACT),
      .MODE2(`MODE2),
      .MODE4(`MODE4),
      .FRACTION_BITS(`FRACTION_BITS),
      .SHIFT_MAX(`SHIFT_MAX),
      .SHIFT_BITS(`SHIFT_BITS)
  ) u_dut (
      .mode4_i(mode4_i),
      .role_i(role_i),
      .shift_i(shift_i),
      .x_i(x_i),
      .straight_i({upper_p, upper[3]}),
      .moving_i({lower_p, lower[3]}),
      .addend_o(addend)
  );
  always @* begin
    assume (shift_i <= `SHIFT_MAX);
    assume (role_i != 2'b11);
    assume (x_i != {1'b1, {(ACT - 1) {1'b0}}});
    if (`WHOLE != 0) assume (shift_i == 0);
  end

  wire signed [WIDE-1:0] wide_x = $signed(x_i);
  wire signed [WIDE-1:0] result = $signed(addend);
  always @* if (role_i == 2'b10) assert (result == 0);
  // The Lower half's product lacks 2^bb x if its highest bit is set. The bounds of the products are assumed
  // of any, and true of real ones.
  wire signed [P_BITS-1:0] high = (outlier && lower[3]) ? $signed(x_i) : 0;
  wire signed [P_BITS:0] upper_exact = upper_product + high;
  wire bounds = upper_exact[P_BITS] == upper_exact[P_BITS-1]
      && lower_product != {1'b1, {(P_BITS - 1) {1'b0}}};
  generate
    if (`WHOLE == 0) begin : gen_formula
      wire signed [VALUE_BITS-1:0] upper_value = upper_exact;
      wire signed [VALUE_BITS-1:0] value = (mode4 ? upper_value <<< 4 : upper_value <<< 2) + lower_product;
      wire signed [WIDE-1:0] outlier_value = value;
      wire signed [WIDE-1:0] inlier_value = upper_product;
      always @* begin
        assume (bounds);
        if (role_i == 2'b00) assert (result == (inlier_value <<< `FRACTION_BITS));
        if (outlier) assert (result == (outlier_value <<< shift_i));
        cover (outlier && lower[3] && !upper[3] && shift_i == `SHIFT_MAX && x_i == 5 && result < -10);
        cover (role_i == 2'b00 && result == -(3 << `FRACTION_BITS) && shift_i == `SHIFT_MAX);
      end
    end else begin : gen_products
      wire signed [7:0] whole = mode4 ? {upper_i, lower_i} : {{4{upper_i[1]}}, upper_i[1:0], lower_i[1:0]};
      wire signed [WIDE-1:0] inlier = wide_x * upper;
      wire signed [WIDE-1:0] product = wide_x * whole;
      always @* begin
        assert (bounds);
        if (role_i == 2'b00) assert (result == (inlier <<< `FRACTION_BITS));
        if (outlier) assert (result == product);
        cover (outlier && lower[3] && !upper[3] && result == 5 * whole);
        cover (outlier && upper[3] && x_i == 3 && result < -1);
        cover (role_i == 2'b00 && result == -(3 << `FRACTION_BITS));
        cover (role_i == 2'b10 && x_i == 1 && upper_i == 1 && lower[3]);
      end
    end
  endgenerate
endmodule
`default_nettype wire
