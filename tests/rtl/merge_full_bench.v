// Bench of msq_merge_full: every parameter set fed with the same inputs. Case c: SHIFT_MAX 0, 7, 15 as c % 3;
// modes {2,4}, {2}, {4} as (c / 3) % 3; activations of 8 bits for c % 18 < 9, else 4; F = 2 for c < 18, else
// 1. Mode set {2} is also what lane 1 of a PE with both modes has.
`default_nettype none
module merge_full_bench (
    input  wire            mode4_i,
    input  wire [1:0]      role_i,
    input  wire [3:0]      shift_i,
    input  wire [7:0]      x_i,
    input  wire [15:0]     straight_i,  // {p, s}, sign-extended
    input  wire [15:0]     moving_i,
    output wire [36*64-1:0] addend_o    // case c at [64*c +: 64], sign-extended
);
  genvar c;
  generate
    for (c = 0; c < 36; c = c + 1) begin : gen_case
      localparam ACT_BITS = (c % 18 < 9) ? 8 : 4;
      localparam MODE2 = ((c / 3) % 3 != 2) ? 1 : 0;
      localparam MODE4 = ((c / 3) % 3 != 1) ? 1 : 0;
      localparam SHIFT_MAX = (c % 3 == 0) ? 0 : (c % 3 == 1) ? 7 : 15;
      localparam SHIFT_BITS = (c % 3 == 0) ? 1 : (c % 3 == 1) ? 3 : 4;
      localparam P_BITS = ACT_BITS + ((MODE4 != 0) ? 3 : 1);
      localparam ADDEND_BITS = ACT_BITS + ((MODE4 != 0) ? 7 : 3) + SHIFT_MAX;
      wire [ADDEND_BITS-1:0] addend;
      msq_merge_full #(
          .ACT_BITS(ACT_BITS),
          .MODE2(MODE2),
          .MODE4(MODE4),
          .FRACTION_BITS((c < 18) ? 2 : 1),
          .SHIFT_MAX(SHIFT_MAX),
          .SHIFT_BITS(SHIFT_BITS)
      ) u_merge (
          .mode4_i(mode4_i),
          .role_i(role_i),
          .shift_i(shift_i[SHIFT_BITS-1:0]),
          .x_i(x_i[ACT_BITS-1:0]),
          .straight_i(straight_i[P_BITS:0]),
          .moving_i(moving_i[P_BITS:0]),
          .addend_o(addend)
      );
      assign addend_o[64*c+:64] = {{(64 - ADDEND_BITS) {addend[ADDEND_BITS-1]}}, addend};
    end
  endgenerate
  wire unused = &{1'b0, straight_i, moving_i};
endmodule
`default_nettype wire
