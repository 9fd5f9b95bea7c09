// msq_adder is an adder.
`default_nettype none
module formal_adder (
    input wire [`WIDTH-1:0] a_i,
    input wire [`WIDTH-1:0] b_i,
    input wire              carry_i
);
  wire [`WIDTH-1:0] sum;
  msq_adder #(
      .WIDTH(`WIDTH),
      .BLOCK(`BLOCK)
  ) u_dut (
      .a_i(a_i),
      .b_i(b_i),
      .carry_i(carry_i),
      .sum_o(sum)
  );
  always @* begin
    assert (sum == a_i + b_i + carry_i);
    // A carry through every block.
    cover (sum == 0 && carry_i && a_i == {`WIDTH{1'b1}});
  end
endmodule
`default_nettype wire
