// Bench of msq_group_decoder, which holds one or two msq_list_decoder: every parameter set fed with the same
// inputs. Case c: MICRO_BLOCK 4, 8, 16 as c % 3; modes {2,4}, {2}, {4}, {2}, {2,4}, {2,4} and SHIFT_MAX 7,
// 15, 7, 0, 15, 7 as c / 3. Lists have MICRO_BLOCK / 2 entries, but one for c / 3 = 4 and two for 5.
`default_nettype none
module decoder_bench (
    input  wire           mode4_i,
    input  wire [1:0]     has_outliers_i,
    input  wire [15:0]    mx_scale_i,
    input  wire [127:0]   list_i,
    output wire [18*64-1:0] roles_o,
    output wire [18*128-1:0] swaps_o,
    output wire [18*64-1:0] status_o
);
  genvar c;
  generate
    for (c = 0; c < 18; c = c + 1) begin : gen_case
      decoder_case #(
          .MICRO_BLOCK(4 << (c % 3)),
          .MODE2((c / 3 != 2) ? 1 : 0),
          .MODE4((c / 3 == 1 || c / 3 == 3) ? 0 : 1),
          .ENTRIES((c / 3 == 4) ? 1 : (c / 3 == 5) ? 2 : (2 << (c % 3))),
          .SHIFT_MAX((c / 3 == 1 || c / 3 == 4) ? 15 : (c / 3 == 3) ? 0 : 7),
          .SHIFT_BITS((c / 3 == 1 || c / 3 == 4) ? 4 : (c / 3 == 3) ? 1 : 3)
      ) u_case (
          .mode4_i(mode4_i),
          .has_outliers_i(has_outliers_i),
          .mx_scale_i(mx_scale_i),
          .list_i(list_i),
          .roles_o(roles_o[64*c+:64]),
          .swaps_o(swaps_o[128*c+:128]),
          .status_o(status_o[64*c+:64])
      );
    end
  endgenerate
endmodule
`default_nettype wire
