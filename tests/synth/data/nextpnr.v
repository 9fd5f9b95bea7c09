module leaf(input clk_i, input [7:0] a_i, input [7:0] b_i, output reg [15:0] p_o);
 reg [7:0] a_q, b_q; always @(posedge clk_i) begin a_q<=a_i; b_q<=b_i; p_o <= a_q*b_q + p_o; end endmodule
module top(input clk_i, input s_i, output s_o);
 reg [15:0] in_q; always @(posedge clk_i) in_q <= {in_q[14:0], s_i};
 wire [15:0] p; leaf u_leaf(.clk_i(clk_i), .a_i(in_q[7:0]), .b_i(in_q[15:8]), .p_o(p));
 reg [15:0] out_q; always @(posedge clk_i) out_q <= p ^ {out_q[14:0], 1'b0}; assign s_o = out_q[15];
endmodule
