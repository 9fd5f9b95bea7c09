`default_nettype none
module leaf #(parameter W = 4) (input wire clk_i, input wire [W-1:0] a_i, input wire [W-1:0] b_i, output reg [W-1:0] y_o);
  always @(posedge clk_i) y_o <= ~(a_i & b_i);
endmodule
module pair #(parameter W = 4, parameter signed [7:0] VERY_LONG_PARAMETER_NAME_FOR_HASHING = 3) (input wire clk_i, input wire [W-1:0] a_i, input wire [W-1:0] b_i, output wire [W-1:0] y_o);
  wire [W-1:0] t;
  leaf #(.W(W)) u_a (.clk_i(clk_i), .a_i(a_i), .b_i(b_i), .y_o(t));
  leaf #(.W(W)) u_b (.clk_i(clk_i), .a_i(a_i), .b_i(t ^ {W{1'b1}}), .y_o(y_o));
endmodule
module top (input wire clk_i, input wire [3:0] a_i, input wire [3:0] b_i, output wire [3:0] y_o, output wire [1:0] z_o, input wire we_i, output wire [7:0] m_o);
  wire [3:0] t;
  pair #(.W(4)) u_p0 (.clk_i(clk_i), .a_i(a_i), .b_i(b_i), .y_o(t));
  pair #(.W(4), .VERY_LONG_PARAMETER_NAME_FOR_HASHING(3)) u_p1 (.clk_i(clk_i), .a_i(t), .b_i(b_i), .y_o(y_o));
  pair #(.W(2), .VERY_LONG_PARAMETER_NAME_FOR_HASHING(-5)) u_p2 (.clk_i(clk_i), .a_i(a_i[1:0]), .b_i(b_i[1:0]), .y_o(z_o));
  mem #(.DEPTH(16), .W(8)) u_m (.clk_i(clk_i), .we_i(we_i), .addr_i(t), .d_i({a_i,b_i}), .q_o(m_o));
endmodule
