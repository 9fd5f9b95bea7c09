// The multiplier block of the ECP5 as its primitive is documented, with what synth/recipe/ecp5_dsp.v uses of
// it: a product of signed operands with registers of one clock, each with its own clock enable. No cascades.
`default_nettype none
module MULT18X18D #(
    parameter REG_INPUTA_CLK = "NONE",  // "NONE": no register
    parameter REG_INPUTA_CE  = "CE0",
    parameter REG_INPUTB_CLK = "NONE",
    parameter REG_INPUTB_CE  = "CE0",
    parameter REG_OUTPUT_CLK = "NONE",
    parameter REG_OUTPUT_CE  = "CE0"
) (
    input wire CLK0, CE0, CE1, RST0, SIGNEDA, SIGNEDB, SOURCEA, SOURCEB,
    input wire
    A0, A1, A2, A3, A4, A5, A6, A7, A8, A9, A10, A11, A12, A13, A14, A15, A16, A17,
    B0, B1, B2, B3, B4, B5, B6, B7, B8, B9, B10, B11, B12, B13, B14, B15, B16, B17,
    output wire
    P0, P1, P2, P3, P4, P5, P6, P7, P8, P9, P10, P11, P12, P13, P14, P15, P16, P17, P18, P19, P20, P21, P22,
    P23, P24, P25, P26, P27, P28, P29, P30, P31, P32, P33, P34, P35
);
  wire [17:0] a = {
    A17, A16, A15, A14, A13, A12, A11, A10, A9, A8, A7, A6, A5, A4, A3, A2, A1, A0};
  wire [17:0] b = {
    B17, B16, B15, B14, B13, B12, B11, B10, B9, B8, B7, B6, B5, B4, B3, B2, B1, B0};
  reg [17:0] a_q;
  reg [17:0] b_q;
  reg signed [37:0] p_q;
  wire [17:0] a_now = (REG_INPUTA_CLK == "CLK0") ? a_q : a;
  wire [17:0] b_now = (REG_INPUTB_CLK == "CLK0") ? b_q : b;
  // A sign bit of its own makes unsigned operands signed ones.
  wire signed [18:0] a_wide = {SIGNEDA & a_now[17], a_now};
  wire signed [18:0] b_wide = {SIGNEDB & b_now[17], b_now};
  wire signed [37:0] product = a_wide * b_wide;
  wire signed [37:0] p = (REG_OUTPUT_CLK == "CLK0") ? p_q : product;
  always @(posedge CLK0) begin
    if (RST0) begin
      a_q <= 18'd0;
      b_q <= 18'd0;
      p_q <= 38'sd0;
    end else begin
      if ((REG_INPUTA_CE == "CE1") ? CE1 : CE0) a_q <= a;
      if ((REG_INPUTB_CE == "CE1") ? CE1 : CE0) b_q <= b;
      if ((REG_OUTPUT_CE == "CE1") ? CE1 : CE0) p_q <= product;
    end
  end
  assign {
    P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19, P18, P17, P16, P15,
    P14, P13, P12, P11, P10, P9, P8, P7, P6, P5, P4, P3, P2, P1, P0} = p[35:0];
  wire unused = &{1'b0, SOURCEA, SOURCEB, p[37:36]};  // operands come from the ports
endmodule
`default_nettype wire
