// SPDX-License-Identifier: Apache-2.0
// Output stage of ReCoN for one lane: the addend that the row adds to its partial sum, in quarters of an
// inlier step.
//
//   role_i   addend_o
//   inlier   4 * P                                            P = straight product
//   outlier  (+-2^mb x + 2^(mb/2) ResUpper + ResLower) << r   ResUpper = P, ResLower = the product that
//                                                             arrived here,
//                                                             sign of the hidden one = sign of the Upper half
//   pruned   0
//
// with mb = 4 in mode 4 and 2 in mode 2. Products come as {p, s} with value p + s (see msq_pe_multiply), so
// every negation is an inversion here and one carry at the end.
// Area block: merge
`default_nettype none
module msq_merge #(
    parameter ACT_BITS = 8,    // activation width
    parameter MODE2 = 1,       // mode 2 is supported
    parameter MODE4 = 1,       // mode 4 is supported (for a lane that only mode 2 uses: 0)
    parameter SHIFT_MAX = 7,   // largest r
    parameter SHIFT_BITS = 3,  // width of shift_i, at least 1
    // Derived, do not set: p of the straight and of the moving value, and the result.
    parameter P_BITS = ACT_BITS + ((MODE4 != 0) ? 3 : 0),
    parameter M_BITS = ACT_BITS + ((MODE4 != 0) ? 2 : 0),
    parameter VALUE_BITS = ACT_BITS + ((MODE4 != 0) ? 5 : 3),
    parameter ADDEND_BITS = VALUE_BITS + SHIFT_MAX
) (
    input  wire                   mode4_i,     // mode of the products: 1 is mode 4
    input  wire [1:0]             role_i,      // {pruned, outlier}; 00 is an inlier
    input  wire [SHIFT_BITS-1:0]  shift_i,     // r, at most SHIFT_MAX
    input  wire [ACT_BITS-1:0]    x_i,         // activation of the row
    input  wire [P_BITS:0]        straight_i,  // {p, s} of this lane
    input  wire [M_BITS:0]        moving_i,    // {p, s} of the Lower half from the network
    output wire [ADDEND_BITS-1:0] addend_o     // two's complement
);
  wire outlier = role_i[0];
  wire keep = ~role_i[1];
  wire s = straight_i[0];
  wire [P_BITS-1:0] p = straight_i[P_BITS:1];
  wire [ACT_BITS-1:0] x = x_i ^ {ACT_BITS{s}};

  // Operands of the sum, each with its fill of sign bits below the binary point of its weight.
  wire [VALUE_BITS-1:0] hidden2 = {{(VALUE_BITS - ACT_BITS - 2) {x[ACT_BITS-1]}}, x, {2{s}}};
  wire [VALUE_BITS-1:0] upper2;  // mode 2: 4p for an inlier, 2p for an Upper half
  wire [VALUE_BITS-1:0] hidden;
  wire [VALUE_BITS-1:0] upper;
  wire [VALUE_BITS-1:0] lower = {{(VALUE_BITS - M_BITS) {moving_i[M_BITS]}}, moving_i[M_BITS:1]};
  generate
    if (MODE4 != 0) begin : gen_mode4
      // Mode 4: inlier and Upper half both weigh 4. The Upper half of mode 4 and any product fit P_BITS.
      wire [VALUE_BITS-1:0] hidden4 = {x[ACT_BITS-1], x, {4{s}}};
      wire [VALUE_BITS-1:0] upper4 = {p, {2{s}}};
      wire mode4 = (MODE2 == 0) || mode4_i;
      assign upper2 = outlier ? {p[P_BITS-1], p, s} : {p, {2{s}}};
      assign hidden = mode4 ? hidden4 : hidden2;
      assign upper  = mode4 ? upper4 : upper2;
    end else begin : gen_mode2
      assign upper2 = outlier ? {{2{p[P_BITS-1]}}, p, s} : {p[P_BITS-1], p, {2{s}}};
      assign hidden = hidden2;
      assign upper  = upper2;
    end
    if (MODE2 == 0 || MODE4 == 0) begin : gen_one_mode
      wire unused_mode = &{1'b0, mode4_i};
    end
    if (MODE2 == 0) begin : gen_no_mode2
      wire unused_mode2 = &{1'b0, hidden2, upper2};
    end
  endgenerate

  // Inverted operands lack one unit each: hidden + Upper + Lower need 2 s + s(Lower), an inlier needs s.
  wire [VALUE_BITS-1:0] carry = {
    {(VALUE_BITS - 2) {1'b0}}, s & keep & outlier, keep & (outlier ? moving_i[0] : s)
  };
  wire [VALUE_BITS-1:0] value = (hidden & {VALUE_BITS{outlier & keep}}) + (upper & {VALUE_BITS{keep}})
                              + (lower & {VALUE_BITS{outlier & keep}}) + carry;

  generate
    if (SHIFT_MAX == 0) begin : gen_no_shift
      assign addend_o = value;
      wire unused_shift = &{1'b0, shift_i};
    end else begin : gen_shift
      wire [ADDEND_BITS-1:0] extended = {{SHIFT_MAX{value[VALUE_BITS-1]}}, value};
      assign addend_o = extended << (shift_i & {SHIFT_BITS{outlier}});
    end
  endgenerate

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_modes, MODE2 != 0 || MODE4 != 0)
  `MSQ_PARAMETER(msq_illegal_shift_bits, SHIFT_MAX >= 0 && SHIFT_MAX < (1 << SHIFT_BITS))
`endif
endmodule
`default_nettype wire
