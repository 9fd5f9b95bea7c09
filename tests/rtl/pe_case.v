// msq_pe_recon of one parameter set, with ports of one size for all sets: lane l at [32*l +: 32],
// zero-extended.
`default_nettype none
module pe_case #(
    parameter ACT_BITS = 8,
    parameter MODE2 = 1,
    parameter MODE4 = 1,
    parameter TIGHT = 0,  // sums and addends as narrow as the PE allows
    parameter FULL_RANGE = 0,
    localparam LANES = (MODE2 != 0) ? 2 : 1,
    localparam FRACTION_BITS = (FULL_RANGE != 0 && TIGHT != 0) ? 1 : 2,
    localparam P1_BITS = ACT_BITS + ((FULL_RANGE != 0) ? 1 : 0),
    localparam P0_BITS = (MODE4 != 0) ? ACT_BITS + 3 : P1_BITS,
    localparam PRODUCT_BITS = P0_BITS + 1 + ((MODE2 != 0) ? P1_BITS + 1 : 0),
    localparam SUM_BITS = (TIGHT != 0) ? P0_BITS + FRACTION_BITS : 23,
    localparam ADDEND0_BITS = (TIGHT != 0) ? P0_BITS + FRACTION_BITS : 20,
    localparam ADDEND1_BITS = (TIGHT != 0) ? P1_BITS + FRACTION_BITS : 18,
    localparam ADDEND_BITS = ADDEND0_BITS + ((MODE2 != 0) ? ADDEND1_BITS : 0)
) (
    input  wire        clk_i,
    input  wire        load_i,
    input  wire [3:0]  weight_i,
    input  wire        commit_i,
    input  wire        mode4_i,
    input  wire [7:0]  x_i,
    input  wire        use_addend_i,
    input  wire [63:0] addend_i,
    input  wire [63:0] sum_i,
    output wire [63:0] product_o,
    output wire [63:0] sum_o
);
  wire [LANES*SUM_BITS-1:0] sum_in;
  wire [LANES*SUM_BITS-1:0] sum;
  wire [ADDEND_BITS-1:0] addend;
  wire [PRODUCT_BITS-1:0] product;
  assign sum_in[SUM_BITS-1:0] = sum_i[SUM_BITS-1:0];
  assign addend[ADDEND0_BITS-1:0] = addend_i[ADDEND0_BITS-1:0];
  assign sum_o[31:0] = {{(32 - SUM_BITS) {1'b0}}, sum[SUM_BITS-1:0]};
  assign product_o[31:0] = {{(31 - P0_BITS) {1'b0}}, product[P0_BITS:0]};
  generate
    if (MODE2 != 0) begin : gen_lane1
      assign sum_in[2*SUM_BITS-1:SUM_BITS] = sum_i[32+:SUM_BITS];
      assign addend[ADDEND_BITS-1-:ADDEND1_BITS] = addend_i[32+:ADDEND1_BITS];
      assign sum_o[63:32] = {{(32 - SUM_BITS) {1'b0}}, sum[SUM_BITS+:SUM_BITS]};
      assign product_o[63:32] = {{(31 - P1_BITS) {1'b0}}, product[PRODUCT_BITS-1-:P1_BITS+1]};
    end else begin : gen_no_lane1
      assign sum_o[63:32] = 32'd0;
      assign product_o[63:32] = 32'd0;
    end
  endgenerate

  msq_pe_recon #(
      .ACT_BITS(ACT_BITS),
      .MODE2(MODE2),
      .MODE4(MODE4),
      .FULL_RANGE(FULL_RANGE),
      .FRACTION_BITS(FRACTION_BITS),
      .SUM_BITS(SUM_BITS),
      .ADDEND0_BITS(ADDEND0_BITS),
      .ADDEND1_BITS(ADDEND1_BITS)
  ) u_recon (
      .clk_i(clk_i),
      .load_i(load_i),
      .weight_i(weight_i),
      .commit_i(commit_i),
      .mode4_i(mode4_i),
      .x_i(x_i[ACT_BITS-1:0]),
      .product_o(product),
      .use_addend_i(use_addend_i),
      .addend_i(addend),
      .sum_i(sum_in),
      .sum_o(sum)
  );
  wire unused = &{1'b0, x_i, addend_i, sum_i};
endmodule
`default_nettype wire
