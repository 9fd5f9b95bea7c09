// msq_multiplier against signed multiplications, and its weight registers against a copy.
`default_nettype none
module formal_multiplier (
    input wire                 clk_i,
    input wire                 load_i,
    input wire [3:0]           weight_i,
    input wire                 commit_i,
    input wire                 mode4_i,
    input wire [`ACT_BITS-1:0] x0_i,
    input wire [`ACT_BITS-1:0] x1_i
);
  localparam ACT = `ACT_BITS;
  localparam X1_BITS = (`MODE2 == 0) ? 1 : ACT + 2 * `MODE4;
  localparam P_BITS = ACT + 2 + `MODE4;

  // Digit 1 multiplies four times the activation of place 0 in mode 4, the activation of place 1 in mode 2.
  wire [ACT+1:0] digit1 = (`MODE4 != 0 && mode4_i) ? {x0_i, 2'b00} : {{2{x1_i[ACT-1]}}, x1_i};
  wire [P_BITS:0] product;
  msq_multiplier #(
      .ACT_BITS(ACT),
      .MODE2(`MODE2),
      .MODE4(`MODE4)
  ) u_dut (
      .clk_i(clk_i),
      .load_i(load_i),
      .weight_i(weight_i),
      .commit_i(commit_i),
      .mode4_i(mode4_i),
      .x0_i(x0_i),
      .x1_i(digit1[X1_BITS-1:0]),
      .load_mode4_i(mode4_i),  // for MSQ_DSP, as those below
      .next_mode4_i(mode4_i),
      .next_x0_i(x0_i),
      .next_x1_i(digit1[X1_BITS-1:0]),
      .product_o(product)
  );

  // Registers of weights: ready_q; and q0, q1.
  `include "weights.vh"

  // Expected product of the cycle before: q1 is zero in mode 4. The sign is that of the upper digit.
  wire signed [ACT+4:0] x0 = $signed(x0_i);
  wire signed [ACT+4:0] x1 = $signed(x1_i);
  reg                  there_q = 1'b0;
  reg signed [ACT+4:0] value_q;
  reg                  sign_q;
  always @(posedge clk_i) begin
    there_q <= ready_q;
    value_q <= x0 * q0 + x1 * q1;
    sign_q  <= active_q[3];
  end
  wire signed [ACT+4:0] p = $signed(product[P_BITS:1]);
  wire signed [ACT+4:0] carry = $signed({1'b0, product[0]});
  always @* begin
    if (there_q) begin
      assert (p + carry == value_q);
      assert (product[0] == sign_q);
      cover (value_q == -5 && sign_q);
      cover (value_q == 6);
      // The least value: with mode 2 alone -2 x 127 at both places.
      cover (value_q == -(2 << `ACT_BITS) + 4 * `MODE2);
    end
  end
endmodule
`default_nettype wire
