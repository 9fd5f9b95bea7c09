// Weights and multiplier of one processing element (docs/architecture.md, "PE").
//
// Two weight registers: the shadow is written while the other one computes, and commit_i copies it on the very
// clock edge that brings the first activation of the new tile, so a tile switch costs no cycle.
//
//   mode 4: one weight  {s, m2 m1 m0}              lane 0: x * m, sign s        lane 1: 0
//   mode 2: two weights {s1, m1, s0, m0}           lane 0: x * m0, sign s0      lane 1: x * m1, sign s1
//
// A product leaves in the form {p, s} with value p + s: p is the product with all bits inverted when s is set, so
// the negation's increment becomes the carry of the adder that follows. s is the sign of the code even where the
// magnitude is zero: "minus zero", which the merge needs for the hidden one of a negative outlier.
`default_nettype none
module msq_pe_multiply #(
    parameter ACT_BITS = 8,  // activation width
    parameter MODE2 = 1,     // mode 2 is supported
    parameter MODE4 = 1,     // mode 4 is supported
    parameter REGISTER = 1,  // 0: the product leaves in the cycle of x_i
    // Derived, do not set: width of lane 0's p, and of {lane 1, lane 0} with both signs.
    parameter P0_BITS = ACT_BITS + ((MODE4 != 0) ? 3 : 0),
    parameter PRODUCT_BITS = P0_BITS + 1 + ((MODE2 != 0) ? ACT_BITS + 1 : 0)
) (
    input  wire                    clk_i,
    input  wire                    load_i,     // write the shadow register
    input  wire [3:0]              weight_i,   // code word for the shadow register
    input  wire                    commit_i,   // shadow -> active; the next activation uses it
    input  wire                    mode4_i,    // mode of the activation in x_i
    input  wire [ACT_BITS-1:0]     x_i,        // activation, two's complement
    output wire [PRODUCT_BITS-1:0] product_o   // {p1, s1, p0, s0}, REGISTER cycles after x_i
);
  reg [3:0] shadow_q;
  reg [3:0] active_q;
  always @(posedge clk_i) begin
    if (load_i) shadow_q <= weight_i;
    if (commit_i) active_q <= shadow_q;
  end

  wire [P0_BITS-1:0] p0;
  wire               s0;
  wire [PRODUCT_BITS-1:0] product;
  assign product[P0_BITS:0] = {p0 ^ {P0_BITS{s0}}, s0};

  generate
    if (MODE4 != 0) begin : gen_lane0_wide
      // Rows of the product; in mode 2 only the first one is live.
      wire wide = (MODE2 == 0) || mode4_i;
      wire [2:0] m = active_q[2:0] & {wide, wide, 1'b1};
      wire [P0_BITS-1:0] row0 = {{3{x_i[ACT_BITS-1]}}, x_i} & {P0_BITS{m[0]}};
      wire [P0_BITS-1:0] row1 = {{2{x_i[ACT_BITS-1]}}, x_i, 1'b0} & {P0_BITS{m[1]}};
      wire [P0_BITS-1:0] row2 = {x_i[ACT_BITS-1], x_i, 2'b00} & {P0_BITS{m[2]}};
      assign p0 = row0 + row1 + row2;
      assign s0 = wide ? active_q[3] : active_q[1];
    end else begin : gen_lane0_narrow
      assign p0 = x_i & {ACT_BITS{active_q[0]}};
      assign s0 = active_q[1];
    end

    if (MODE2 != 0) begin : gen_lane1
      // In mode 4 the lane stays at {0, 0} and does not toggle.
      wire live = (MODE4 == 0) || !mode4_i;
      wire s1 = active_q[3] & live;
      wire [ACT_BITS-1:0] p1 = x_i & {ACT_BITS{active_q[2] & live}};
      assign product[PRODUCT_BITS-1-:ACT_BITS+1] = {p1 ^ {ACT_BITS{s1}}, s1};
    end

    if (REGISTER != 0) begin : gen_register
      reg [PRODUCT_BITS-1:0] product_q;
      always @(posedge clk_i) product_q <= product;
      assign product_o = product_q;
    end else begin : gen_no_register
      assign product_o = product;
    end

    if (MODE2 == 0 || MODE4 == 0) begin : gen_one_mode
      wire unused_mode = &{1'b0, mode4_i};  // one mode only: nothing to select
    end
  endgenerate
endmodule
`default_nettype wire
