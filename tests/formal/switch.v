// msq_switch: passes or exchanges two values, and neither loses nor doubles one.
`default_nettype none
module formal_switch (
    input wire        swap_i,
    input wire [10:0] a_i,
    input wire [10:0] b_i
);
  wire [10:0] a_o, b_o;
  msq_switch #(
      .WIDTH(11)
  ) u_dut (
      .swap_i(swap_i),
      .a_i(a_i),
      .b_i(b_i),
      .a_o(a_o),
      .b_o(b_o)
  );
  always @* begin
    if (swap_i) assert (a_o == b_i && b_o == a_i);
    else assert (a_o == a_i && b_o == b_i);
    cover (swap_i && a_o != b_o);
    cover (!swap_i && a_o != b_o);
  end
endmodule
`default_nettype wire
