// msq_pe_multiply against a signed multiplication, and its weight registers against a copy.
`default_nettype none
module formal_pe_multiply (
    input wire                 clk_i,
    input wire                 load_i,
    input wire [3:0]           weight_i,
    input wire                 commit_i,
    input wire                 mode4_i,
    input wire [`ACT_BITS-1:0] x_i
);
  localparam ACT = `ACT_BITS;
  localparam P1_BITS = ACT + `FULL_RANGE;
  localparam P0_BITS = (`MODE4 != 0) ? ACT + 3 : P1_BITS;
  localparam PRODUCT_BITS = P0_BITS + 1 + ((`MODE2 != 0) ? P1_BITS + 1 : 0);

  wire [PRODUCT_BITS-1:0] product;
  msq_pe_multiply #(
      .ACT_BITS(ACT),
      .MODE2(`MODE2),
      .MODE4(`MODE4),
      .FULL_RANGE(`FULL_RANGE)
  ) u_dut (
      .clk_i(clk_i),
      .load_i(load_i),
      .weight_i(weight_i),
      .commit_i(commit_i),
      .mode4_i(mode4_i),
      .x_i(x_i),
      .product_o(product)
  );

  // Registers of weights: ready_q; and q0, q1, negative0, negative1.
  `include "weights.vh"

  // Expected product of the cycle before. The sign is checked apart from the value, as a code may be
  // minus zero.
  wire signed [ACT+4:0] x = $signed(x_i);
  reg                  there_q = 1'b0;
  reg signed [ACT+4:0] value0_q;
  reg signed [ACT+4:0] value1_q;
  reg                  sign0_q;
  reg                  sign1_q;
  always @(posedge clk_i) begin
    there_q  <= ready_q;
    value0_q <= x * q0;
    value1_q <= x * q1;
    sign0_q  <= negative0;
    sign1_q  <= negative1;
  end

  wire signed [ACT+4:0] p0 = $signed(product[P0_BITS:1]);
  wire signed [ACT+4:0] carry0 = $signed({1'b0, product[0]});
  always @* begin
    if (there_q) begin
      assert (p0 + carry0 == value0_q);
      assert (product[0] == sign0_q);
      if (`FULL_RANGE == 0) cover (sign0_q && value0_q == 0 && x_i != 0);
      cover (value0_q == ((`FULL_RANGE != 0) ? -6 : -5));
    end
  end
  generate
    if (`MODE2 != 0) begin : gen_lane1
      wire signed [ACT+4:0] p1 = $signed(product[PRODUCT_BITS-1-:P1_BITS]);
      wire signed [ACT+4:0] carry1 = $signed({1'b0, product[PRODUCT_BITS-P1_BITS-1]});
      always @* begin
        if (there_q) begin
          assert (p1 + carry1 == value1_q);
          assert (product[PRODUCT_BITS-P1_BITS-1] == sign1_q);
          cover (value1_q == ((`FULL_RANGE != 0) ? -6 : -5));
          if (`FULL_RANGE == 0) cover (sign1_q && value1_q == 0 && x_i != 0);
        end
      end
    end
  endgenerate
endmodule
`default_nettype wire
