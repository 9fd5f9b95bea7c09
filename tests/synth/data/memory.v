module mem #(parameter DEPTH=4, parameter W=4) (input wire clk_i, input wire we_i, input wire [$clog2(DEPTH)-1:0] addr_i, input wire [W-1:0] d_i, output reg [W-1:0] q_o);
reg [W-1:0] m[0:DEPTH-1];
always @(posedge clk_i) begin if (we_i) m[addr_i] <= d_i; q_o <= m[addr_i]; end
endmodule
