// Stand-in for a design of others: the dot product of two vectors of signed numbers, registered at both ends.
module dot_lane #(
    parameter BITS = 8
) (
    input  wire signed [BITS-1:0]   a,
    input  wire signed [BITS-1:0]   b,
    output wire signed [2*BITS-1:0] product
);
  assign product = a * b;
endmodule

module dot #(
    parameter LANES = 2,
    parameter BITS  = 4
) (
    input  wire                  clock,
    input  wire [LANES*BITS-1:0] a,
    input  wire [LANES*BITS-1:0] b,
    output reg  [2*BITS+7:0]     sum
);
  reg  [LANES*BITS-1:0]   a_q, b_q;
  wire [LANES*2*BITS-1:0] products;
  genvar i;
  generate
    for (i = 0; i < LANES; i = i + 1) begin : gen_lane
      dot_lane #(
          .BITS(BITS)
      ) lane (
          .a(a_q[i*BITS+:BITS]),
          .b(b_q[i*BITS+:BITS]),
          .product(products[i*2*BITS+:2*BITS])
      );
    end
  endgenerate

  reg signed [2*BITS+7:0] total;
  integer j;
  always @* begin
    total = 0;
    for (j = 0; j < LANES; j = j + 1) total = total + $signed(products[j*2*BITS+:2*BITS]);
  end
  always @(posedge clock) begin
    a_q <= a;
    b_q <= b;
    sum <= total;
  end
endmodule
