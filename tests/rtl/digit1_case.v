// Operand of digit 1 of a PE: four times the activation of place 0 in mode 4, the activation of place 1
// in mode 2, nothing without mode 2.
`default_nettype none
module digit1_case #(
    parameter ACT_BITS = 8,
    parameter MODE2 = 1,
    parameter MODE4 = 1,
    localparam X1_BITS = (MODE2 == 0) ? 1 : ACT_BITS + ((MODE4 != 0) ? 2 : 0)
) (
    input  wire               mode4_i,
    input  wire [7:0]         x0_i,     // cut to ACT_BITS
    input  wire [7:0]         x1_i,     // cut to ACT_BITS
    output wire [X1_BITS-1:0] x1_o
);
  generate
    if (MODE2 == 0) begin : gen_mode4
      assign x1_o = 1'b0;
    end else if (MODE4 == 0) begin : gen_mode2
      assign x1_o = x1_i[ACT_BITS-1:0];
    end else begin : gen_both
      assign x1_o = mode4_i ? {x0_i[ACT_BITS-1:0], 2'b00} : {{2{x1_i[ACT_BITS-1]}}, x1_i[ACT_BITS-1:0]};
    end
  endgenerate
  wire unused = &{1'b0, mode4_i, x0_i, x1_i};
endmodule
`default_nettype wire
