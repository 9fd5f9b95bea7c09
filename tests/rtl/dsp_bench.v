// Bench of the leaves that have another form with MSQ_DSP, which this bench is compiled with. What multiplies
// comes a cycle early, as in the rows of an array, whose registers are here.
//
// Multiplier case c: modes [2, 4], [2], [4] as c % 3; encoding full_range for c / 3 odd; activations of 4
// bits for c >= 6. Band: four rows, modes [2, 4], outlier values of 20 bits.
`default_nettype none
module dsp_bench (
    input  wire             clk_i,
    input  wire             load_i,
    input  wire             load_mode4_i,
    input  wire [3:0]       weight_i,
    input  wire             commit_i,
    input  wire             mode4_i,
    input  wire [7:0]       x0_i,
    input  wire [7:0]       x1_i,
    output wire [12*16-1:0] product_o,   // {p, s} of each multiplier, zero-extended
    // PE of baseline int8 alone in its band, and multiplier of path recon.
    input  wire [7:0]       weight8_i,
    output wire [17:0]      int8_o,
    output wire [20:0]      recon_o,     // {p1, s1, p0, s0}
    // Band.
    input  wire [15:0]      words_i,
    input  wire [31:0]      xs0_i,
    input  wire [31:0]      xs1_i,
    input  wire [20:0]      value_i,
    input  wire [22:0]      sum_i,
    output wire [22:0]      sum_o
);
  reg mode4_q;
  reg [7:0] x0_q;
  always @(posedge clk_i) begin
    mode4_q <= mode4_i;
    x0_q <= x0_i;
  end

  genvar c;
  generate
    for (c = 0; c < 12; c = c + 1) begin : gen_multiplier
      localparam ACT_BITS = (c < 6) ? 8 : 4;
      localparam MODE2 = (c % 3 == 2) ? 0 : 1;
      localparam MODE4 = (c % 3 == 1) ? 0 : 1;
      localparam X1_BITS = (MODE2 == 0) ? 1 : ACT_BITS + ((MODE4 != 0) ? 2 : 0);
      localparam P_BITS = ACT_BITS + ((MODE4 != 0) ? 3 : 2);
      wire [X1_BITS-1:0] x1;
      digit1_case #(
          .ACT_BITS(ACT_BITS),
          .MODE2(MODE2),
          .MODE4(MODE4)
      ) u_digit1 (
          .mode4_i(mode4_i),
          .x0_i(x0_i),
          .x1_i(x1_i),
          .x1_o(x1)
      );
      reg [X1_BITS-1:0] x1_q;
      always @(posedge clk_i) x1_q <= x1;
      msq_multiplier #(
          .ACT_BITS(ACT_BITS),
          .MODE2(MODE2),
          .MODE4(MODE4),
          .REGISTER(0),
          .FULL_RANGE(c / 3 % 2)
      ) u_multiplier (
          .clk_i(clk_i),
          .load_i(load_i),
          .weight_i(weight_i),
          .commit_i(commit_i),
          .mode4_i(mode4_q),
          .x0_i(x0_q[ACT_BITS-1:0]),
          .x1_i(x1_q),
          .load_mode4_i(load_mode4_i),
          .next_mode4_i(mode4_i),
          .next_x0_i(x0_i[ACT_BITS-1:0]),
          .next_x1_i(x1),
          .product_o(product_o[16*c+:P_BITS+1])
      );
      assign product_o[16*c+P_BITS+1+:15-P_BITS] = {(15 - P_BITS) {1'b0}};
    end

    wire [39:0] xs1;
    for (c = 0; c < 4; c = c + 1) begin : gen_row
      digit1_case #(
          .ACT_BITS(8),
          .MODE2(1),
          .MODE4(1)
      ) u_digit1 (
          .mode4_i(mode4_i),
          .x0_i(xs0_i[8*c+:8]),
          .x1_i(xs1_i[8*c+:8]),
          .x1_o(xs1[10*c+:10])
      );
    end
  endgenerate

  msq_bl_pe_int8 u_int8 (
      .clk_i(clk_i),
      .load_i(load_i),
      .weight_i(weight8_i),
      .commit_i(commit_i),
      .x_i(x0_q),
      .next_x_i(x0_i),
      .sum_i(18'd0),
      .sum_o(int8_o)
  );

  msq_pe_multiply #(
      .REGISTER(0)
  ) u_recon (
      .clk_i(clk_i),
      .load_i(load_i),
      .weight_i(weight_i),
      .commit_i(commit_i),
      .mode4_i(mode4_i),
      .x_i(x0_i),
      .product_o(recon_o)
  );

  reg [31:0] xs0_q;
  reg [39:0] xs1_q;
  always @(posedge clk_i) begin
    xs0_q <= xs0_i;
    xs1_q <= xs1;
  end
  msq_pe_band #(
      .ROWS(4),
      .LOAD_ROWS(4)
  ) u_band (
      .clk_i(clk_i),
      .load_i({4{load_i}}),
      .weight_i(words_i),
      .commit_i(commit_i),
      .mode4_i(mode4_q),
      .x0_i(xs0_q),
      .x1_i(xs1_q),
      .load_mode4_i(load_mode4_i),
      .next_mode4_i(mode4_i),
      .next_x0_i(xs0_i),
      .next_x1_i(xs1),
      .value_i(value_i),
      .sum_i(sum_i),
      .sum_o(sum_o)
  );
endmodule
`default_nettype wire
