// SPDX-License-Identifier: Apache-2.0
// Decodes the metadata of one micro-block into ReCoN settings, when the row is loaded.
//
// An entry {Upper_loc, Lower_loc} with different locations is an outlier. Its Lower product starts at
// Lower_loc; stage b makes bit b of its position equal to bit b of Upper_loc, so before stage b it is at
// {Lower_loc high bits, Upper_loc low b bits}. Stage b has MICRO_BLOCK/2 switches; switch i joins the two
// positions that differ in bit b only and equal i without bit b. error_o: the list is not routable (two
// moving values want one position), names a position twice, or r is too large. A single entry always routes,
// and its two positions differ.
// Area block: decoder
`default_nettype none
module msq_list_decoder #(
    parameter MICRO_BLOCK = 8,            // B_mu, a power of two
    parameter ENTRIES = MICRO_BLOCK / 2,  // entries of the list
    parameter SHIFT_MAX = 7,              // largest r
    parameter SHIFT_BITS = 3,             // width of shift_o, at least 1
    // Derived, do not set.
    parameter LOC = $clog2(MICRO_BLOCK),
    parameter PAIRS = MICRO_BLOCK / 2
) (
    input  wire                     has_outliers_i,  // identifier bit
    input  wire [7:0]               mx_scale_i,      // r: {level-1, uX} read as one number
    input  wire [ENTRIES*2*LOC-1:0] list_i,          // entry e at [e*2*LOC +: 2*LOC] = {Upper_loc, Lower_loc}
    output wire [2*MICRO_BLOCK-1:0] roles_o,         // position p at [2*p +: 2] = {pruned, outlier}
    output wire [LOC*PAIRS-1:0]     swaps_o,         // stage b, switch i at [b*PAIRS + i]
    output wire [SHIFT_BITS-1:0]    shift_o,         // r
    output wire                     error_o         // list not routable, position named twice, or r too large
);
  wire [ENTRIES-1:0] used;  // entry e holds an outlier
  wire [ENTRIES*MICRO_BLOCK-1:0] at_upper;  // entry e, position p at [e*MICRO_BLOCK + p]
  wire [ENTRIES*MICRO_BLOCK-1:0] at_lower;
  wire [LOC*PAIRS*ENTRIES-1:0] at_switch;  // stage b, switch i, entry e at [(b*PAIRS + i)*ENTRIES + e]
  wire [LOC*ENTRIES-1:0] wants_swap;  // stage b, entry e at [b*ENTRIES + e]

  genvar e, p, b, i;
  generate
    for (e = 0; e < ENTRIES; e = e + 1) begin : gen_entry
      wire [LOC-1:0] upper_loc = list_i[e*2*LOC+LOC+:LOC];
      wire [LOC-1:0] lower_loc = list_i[e*2*LOC+:LOC];
      assign used[e] = has_outliers_i && upper_loc != lower_loc;
      for (p = 0; p < MICRO_BLOCK; p = p + 1) begin : gen_position
        assign at_upper[e*MICRO_BLOCK+p] = used[e] && upper_loc == p;
        assign at_lower[e*MICRO_BLOCK+p] = used[e] && lower_loc == p;
      end
      for (b = 0; b < LOC; b = b + 1) begin : gen_stage
        assign wants_swap[b*ENTRIES+e] = upper_loc[b] ^ lower_loc[b];
        // Index of the switch: the position before stage b without its bit b.
        wire [LOC-2:0] index;
        for (i = 0; i < LOC - 1; i = i + 1) begin : gen_index
          assign index[i] = (i < b) ? upper_loc[i] : lower_loc[i+1];
        end
        for (i = 0; i < PAIRS; i = i + 1) begin : gen_switch
          assign at_switch[(b*PAIRS+i)*ENTRIES+e] = used[e] && index == i;
        end
      end
    end

    wire [MICRO_BLOCK-1:0] twice;
    for (p = 0; p < MICRO_BLOCK; p = p + 1) begin : gen_role
      // Claims of position p: by Upper halves and by Lower halves of all entries.
      wire [2*ENTRIES-1:0] claims;
      for (e = 0; e < ENTRIES; e = e + 1) begin : gen_claim
        assign claims[e] = at_upper[e*MICRO_BLOCK+p];
        assign claims[ENTRIES+e] = at_lower[e*MICRO_BLOCK+p];
      end
      assign roles_o[2*p+:2] = {|claims[2*ENTRIES-1:ENTRIES], |claims[ENTRIES-1:0]};
      assign twice[p] = (ENTRIES > 1) && (|(claims & (claims - 1'b1)));
    end

    wire [LOC*PAIRS-1:0] torn;
    for (b = 0; b < LOC; b = b + 1) begin : gen_setting
      for (i = 0; i < PAIRS; i = i + 1) begin : gen_switch
        wire [ENTRIES-1:0] here = at_switch[(b*PAIRS+i)*ENTRIES+:ENTRIES];
        wire [ENTRIES-1:0] wants = wants_swap[b*ENTRIES+:ENTRIES];
        assign swaps_o[b*PAIRS+i] = |(here & wants);
        // One value wants to cross, the other to stay: both would leave at the same port.
        assign torn[b*PAIRS+i] = (ENTRIES > 1) && (|(here & wants)) && (|(here & ~wants));
      end
    end
  endgenerate

  assign shift_o = mx_scale_i[SHIFT_BITS-1:0];
  assign error_o = has_outliers_i && (mx_scale_i > SHIFT_MAX[7:0] || |twice || |torn);

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_micro_block, MICRO_BLOCK >= 4 && (MICRO_BLOCK & (MICRO_BLOCK - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_shift_bits, SHIFT_MAX >= 0 && SHIFT_MAX < (1 << SHIFT_BITS))
  `MSQ_PARAMETER(msq_illegal_entries, ENTRIES >= 1 && ENTRIES <= MICRO_BLOCK / 2)
`endif
endmodule
`default_nettype wire
