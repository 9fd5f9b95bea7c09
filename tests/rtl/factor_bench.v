// Bench of msq_factor with two columns: t = 0..3 as c % 4, partial sums of 11 bits for c < 4, else 40.
`default_nettype none
module factor_bench (
    input  wire         clk_i,
    input  wire         rst_ni,
    input  wire         valid_i,
    input  wire         first_i,
    input  wire         half_i,
    input  wire [9:0]   address_i,
    input  wire [127:0] sums_i,           // column c at [64*c +: 64]
    input  wire [7:0]   factors_i,
    input  wire [15:0]  weight_shifts_i,
    input  wire [8:0]   token_right_i,
    output wire [8*128-1:0] products_o,   // sign extended
    output wire [8*64-1:0]  others_o      // {weight shifts, token, address, half, first, valid}
);
  genvar c;
  generate
    for (c = 0; c < 8; c = c + 1) begin : gen_case
      localparam SUM = (c < 4) ? 11 : 40;
      localparam OUT = SUM + (c % 4) + 1;
      wire [2*OUT-1:0] products;
      assign products_o[128*c+:64] = {{(64 - OUT) {products[OUT-1]}}, products[OUT-1:0]};
      assign products_o[128*c+64+:64] = {{(64 - OUT) {products[2*OUT-1]}}, products[2*OUT-1:OUT]};
      assign others_o[64*c+38+:26] = 26'd0;
      msq_factor #(
          .UNIT(2),
          .SUM_BITS(SUM),
          .MANTISSA(c % 4),
          .ADDRESS_BITS(10)
      ) u_factor (
          .clk_i(clk_i),
          .rst_ni(rst_ni),
          .valid_i(valid_i),
          .first_i(first_i),
          .half_i(half_i),
          .address_i(address_i),
          .sums_i({sums_i[64+:SUM], sums_i[0+:SUM]}),
          .factors_i(factors_i),
          .weight_shifts_i(weight_shifts_i),
          .token_right_i(token_right_i),
          .valid_o(others_o[64*c]),
          .first_o(others_o[64*c+1]),
          .half_o(others_o[64*c+2]),
          .address_o(others_o[64*c+3+:10]),
          .products_o(products),
          .weight_shifts_o(others_o[64*c+22+:16]),
          .token_right_o(others_o[64*c+13+:9])
      );
    end
  endgenerate
  wire unused = &{1'b0, sums_i};
endmodule
`default_nettype wire
