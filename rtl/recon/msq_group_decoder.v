// SPDX-License-Identifier: Apache-2.0
// Decodes the metadata of one routing group of a row: the lanes that share ReCoN switches, MICRO_BLOCK PE
// columns if mode 4 is supported (then one micro-block in mode 4, two in mode 2), else MICRO_BLOCK/2 PE
// columns (one micro-block in mode 2).
//
// With both modes a PE has two lanes. Mode 4 uses the even lanes only, so its stage b is hardware stage b + 1
// and hardware stage 0, which joins the two lanes of a PE, passes. Mode 2 uses stages 0 .. log2(MICRO_BLOCK)
// - 1. Metadata field 0 belongs to the first micro-block, in mode 4 to the only one; field 1 must then be
// empty.
// Area block: decoder
`default_nettype none
module msq_group_decoder #(
    parameter MICRO_BLOCK = 8,            // B_mu
    parameter MODE2 = 1,                  // mode 2 is supported
    parameter MODE4 = 1,                  // mode 4 is supported
    parameter ENTRIES = MICRO_BLOCK / 2,  // entries of a list
    parameter SHIFT_MAX = 7,              // largest r
    parameter SHIFT_BITS = 3,             // width of one r, at least 1
    // Derived, do not set.
    parameter LOC = $clog2(MICRO_BLOCK),
    parameter PAIRS = MICRO_BLOCK / 2,
    parameter FIELDS = (MODE2 != 0 && MODE4 != 0) ? 2 : 1,
    parameter LANES = FIELDS * MICRO_BLOCK,
    parameter STAGES = LOC + FIELDS - 1,
    parameter LIST_BITS = ENTRIES * 2 * LOC
) (
    input  wire                         mode4_i,         // mode of the tile: 1 is mode 4
    input  wire [FIELDS-1:0]            has_outliers_i,  // identifier bit of each field
    input  wire [FIELDS*8-1:0]          mx_scale_i,      // r of each field
    input  wire [FIELDS*LIST_BITS-1:0]  list_i,          // permutation list of each field
    output wire                         flagged_o,       // a micro-block of the group holds an outlier
    output wire [2*LANES-1:0]           roles_o,         // lane l at [2*l +: 2] = {pruned, outlier}
    output wire [STAGES*LANES/2-1:0]    swaps_o,         // stage h, switch i at [h*LANES/2 + i]
    output wire [FIELDS*SHIFT_BITS-1:0] shifts_o,        // lane l uses field l / MICRO_BLOCK
    output wire                         error_o          // a list is not legal; see msq_list_decoder
);
  wire [FIELDS*2*MICRO_BLOCK-1:0] roles;
  wire [FIELDS*LOC*PAIRS-1:0] swaps;
  wire [FIELDS*SHIFT_BITS-1:0] shifts;
  wire [FIELDS-1:0] errors;

  genvar f, l, h, i;
  generate
    for (f = 0; f < FIELDS; f = f + 1) begin : gen_field
      msq_list_decoder #(
          .MICRO_BLOCK(MICRO_BLOCK),
          .ENTRIES(ENTRIES),
          .SHIFT_MAX(SHIFT_MAX),
          .SHIFT_BITS(SHIFT_BITS)
      ) u_list (
          .has_outliers_i(has_outliers_i[f]),
          .mx_scale_i(mx_scale_i[f*8+:8]),
          .list_i(list_i[f*LIST_BITS+:LIST_BITS]),
          .roles_o(roles[f*2*MICRO_BLOCK+:2*MICRO_BLOCK]),
          .swaps_o(swaps[f*LOC*PAIRS+:LOC*PAIRS]),
          .shift_o(shifts[f*SHIFT_BITS+:SHIFT_BITS]),
          .error_o(errors[f])
      );
    end

    if (FIELDS == 2) begin : gen_both_modes
      for (l = 0; l < LANES; l = l + 1) begin : gen_lane
        wire [1:0] in_mode4;
        if (l % 2 == 0) begin : gen_even
          assign in_mode4 = roles[l+:2];  // lane l is position l / 2 of field 0
        end else begin : gen_odd
          assign in_mode4 = 2'b00;
        end
        assign roles_o[2*l+:2] = mode4_i ? in_mode4 : roles[2*l+:2];
      end
      for (h = 0; h < STAGES; h = h + 1) begin : gen_stage
        for (i = 0; i < LANES / 2; i = i + 1) begin : gen_switch
          wire in_mode2;
          wire in_mode4;
          if (h < LOC) begin : gen_mode2
            assign in_mode2 = swaps[(i/PAIRS)*LOC*PAIRS+h*PAIRS+(i%PAIRS)];
          end else begin : gen_not_mode2
            assign in_mode2 = 1'b0;
          end
          if (h > 0 && i % 2 == 0) begin : gen_mode4
            assign in_mode4 = swaps[(h-1)*PAIRS+i/2];
          end else begin : gen_not_mode4
            assign in_mode4 = 1'b0;
          end
          assign swaps_o[h*LANES/2+i] = mode4_i ? in_mode4 : in_mode2;
        end
      end
      assign shifts_o = {mode4_i ? shifts[SHIFT_BITS-1:0] : shifts[2*SHIFT_BITS-1:SHIFT_BITS],
          shifts[SHIFT_BITS-1:0]};
      assign flagged_o = has_outliers_i[0] || has_outliers_i[1];
      assign error_o = (|errors) || (mode4_i && has_outliers_i[1]);
    end else begin : gen_one_mode
      assign roles_o   = roles;
      assign swaps_o   = swaps;
      assign shifts_o  = shifts;
      assign flagged_o = has_outliers_i[0];
      assign error_o   = errors[0];
      wire unused_mode = &{1'b0, mode4_i};
    end
  endgenerate

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_micro_block, MICRO_BLOCK >= 4 && (MICRO_BLOCK & (MICRO_BLOCK - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_modes, MODE2 != 0 || MODE4 != 0)
  `MSQ_PARAMETER(msq_illegal_shift_bits, SHIFT_MAX >= 0 && SHIFT_MAX < (1 << SHIFT_BITS))
  `MSQ_PARAMETER(msq_illegal_entries, ENTRIES >= 1 && ENTRIES <= MICRO_BLOCK / 2)
`endif
endmodule
`default_nettype wire
