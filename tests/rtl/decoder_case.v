// msq_group_decoder of one parameter set, with ports of one size for all sets.
`default_nettype none
module decoder_case #(
    parameter MICRO_BLOCK = 8,
    parameter MODE2 = 1,
    parameter MODE4 = 1,
    parameter ENTRIES = MICRO_BLOCK / 2,
    parameter SHIFT_MAX = 7,
    parameter SHIFT_BITS = 3,
    localparam LOC = $clog2(MICRO_BLOCK),
    localparam FIELDS = (MODE2 != 0 && MODE4 != 0) ? 2 : 1,
    localparam LANES = FIELDS * MICRO_BLOCK,
    localparam STAGES = LOC + FIELDS - 1,
    localparam LIST_BITS = ENTRIES * 2 * LOC
) (
    input  wire         mode4_i,
    input  wire [1:0]   has_outliers_i,
    input  wire [15:0]  mx_scale_i,
    input  wire [127:0] list_i,     // field f at [64*f +: LIST_BITS]
    output wire [63:0]  roles_o,
    output wire [127:0] swaps_o,    // stage h at [16*h +: LANES/2]
    output wire [63:0]  status_o    // {shift of field 1, of field 0 (8 bits each), flagged, error}
);
  wire [FIELDS*LIST_BITS-1:0] list;
  wire [2*LANES-1:0] roles;
  wire [STAGES*LANES/2-1:0] swaps;
  wire [FIELDS*SHIFT_BITS-1:0] shifts;
  wire flagged;
  wire error;
  genvar f, h;
  generate
    for (f = 0; f < FIELDS; f = f + 1) begin : gen_field
      assign list[f*LIST_BITS+:LIST_BITS] = list_i[64*f+:LIST_BITS];
    end
    for (h = 0; h < 8; h = h + 1) begin : gen_stage
      if (h < STAGES) begin : gen_used
        wire [LANES/2-1:0] stage = swaps[h*LANES/2+:LANES/2];
        if (LANES < 32) begin : gen_narrow
          assign swaps_o[16*h+:16] = {{(16 - LANES / 2) {1'b0}}, stage};
        end else begin : gen_wide
          assign swaps_o[16*h+:16] = stage;
        end
      end else begin : gen_unused
        assign swaps_o[16*h+:16] = 16'd0;
      end
    end
    if (LANES < 32) begin : gen_narrow_roles
      assign roles_o = {{(64 - 2 * LANES) {1'b0}}, roles};
    end else begin : gen_wide_roles
      assign roles_o = roles;
    end
    if (FIELDS == 2) begin : gen_two
      assign status_o[17:10] = {{(8 - SHIFT_BITS) {1'b0}}, shifts[2*SHIFT_BITS-1:SHIFT_BITS]};
    end else begin : gen_one
      assign status_o[17:10] = 8'd0;
    end
  endgenerate
  assign status_o[63:18] = 46'd0;
  assign status_o[9:0] = {{(8 - SHIFT_BITS) {1'b0}}, shifts[SHIFT_BITS-1:0], flagged, error};

  msq_group_decoder #(
      .MICRO_BLOCK(MICRO_BLOCK),
      .MODE2(MODE2),
      .MODE4(MODE4),
      .ENTRIES(ENTRIES),
      .SHIFT_MAX(SHIFT_MAX),
      .SHIFT_BITS(SHIFT_BITS)
  ) u_group (
      .mode4_i(mode4_i),
      .has_outliers_i(has_outliers_i[FIELDS-1:0]),
      .mx_scale_i(mx_scale_i[FIELDS*8-1:0]),
      .list_i(list),
      .flagged_o(flagged),
      .roles_o(roles),
      .swaps_o(swaps),
      .shifts_o(shifts),
      .error_o(error)
  );
  wire unused = &{1'b0, has_outliers_i, mx_scale_i, list_i};
endmodule
`default_nettype wire
