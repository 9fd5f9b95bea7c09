// msq_group_decoder with the routing network of its group, as emitted for both modes and micro-blocks of
// four: whatever the lists say, if no error is shown then the value of every Lower half's lane comes out at
// its Upper half's lane; roles, shifts and the flag are those of the lists.
`default_nettype none
module formal_group_decoder (
    input wire        mode4_i,
    input wire [1:0]  has_outliers_i,
    input wire [15:0] mx_scale_i,
    input wire [15:0] list_i,
    input wire [63:0] payloads_i
);
  localparam LANES = 8;
  wire flagged, error;
  wire [15:0] roles;
  wire [11:0] swaps;
  wire [5:0] shifts;
  msq_group_decoder #(
      .MICRO_BLOCK(4),
      .SHIFT_MAX(7),
      .SHIFT_BITS(3)
  ) u_dut (
      .mode4_i(mode4_i),
      .has_outliers_i(has_outliers_i),
      .mx_scale_i(mx_scale_i),
      .list_i(list_i),
      .flagged_o(flagged),
      .roles_o(roles),
      .swaps_o(swaps),
      .shifts_o(shifts),
      .error_o(error)
  );
  wire [87:0] in;
  wire [87:0] out;
  msq_network u_network (
      .moving_i(in),
      .swaps_i(swaps),
      .moving_o(out)
  );

  // Entry e of field f at [2*f + e]: lanes of its halves. Mode 4: position p of field 0 is lane 2p; mode 2:
  // of field f 4f + p.
  wire [3:0] used;
  wire [11:0] upper_lane, lower_lane;
  genvar e, f, l;
  generate
    for (l = 0; l < LANES; l = l + 1) begin : gen_in
      assign in[11*l+:11] = {payloads_i[8*l+:8], l[2:0]};
    end
    for (e = 0; e < 4; e = e + 1) begin : gen_entry
      localparam FIELD = e / 2;
      wire [1:0] upper = list_i[4*e+2+:2];
      wire [1:0] lower = list_i[4*e+:2];
      assign used[e] = has_outliers_i[FIELD] && upper != lower;
      assign upper_lane[3*e+:3] = mode4_i ? {upper, 1'b0} : {FIELD[0], upper};
      assign lower_lane[3*e+:3] = mode4_i ? {lower, 1'b0} : {FIELD[0], lower};
      wire [2:0] from = lower_lane[3*e+:3];
      reg [10:0] arrived;
      reg [7:0] payload;
      integer k;
      always @* begin
        arrived = 11'd0;
        payload = 8'd0;
        for (k = 0; k < LANES; k = k + 1) begin
          if (upper_lane[3*e+:3] == k) arrived = out[11*k+:11];
          if (from == k) payload = payloads_i[8*k+:8];
        end
      end
      always @* if (used[e] && !error) assert (arrived == {payload, from});
    end
    for (l = 0; l < LANES; l = l + 1) begin : gen_lane
      wire [3:0] is_upper, is_lower;
      for (e = 0; e < 4; e = e + 1) begin : gen_claim
        assign is_upper[e] = used[e] && upper_lane[3*e+:3] == l && !(mode4_i && e >= 2);
        assign is_lower[e] = used[e] && lower_lane[3*e+:3] == l && !(mode4_i && e >= 2);
      end
      always @* if (!error) assert (roles[2*l+:2] == {|is_lower, |is_upper});
      // The shift of a lane is that of its micro-block, in mode 4 the first field's for all.
      wire [2:0] shift = shifts[(l/4)*3+:3];
      always @* if (!error && |is_upper) assert (shift == ((mode4_i || l < 4) ? mx_scale_i[2:0]
          : mx_scale_i[10:8]));
    end
  endgenerate

  // An error is shown exactly for: r too large, a position named twice, or a second field in mode 4. Any two
  // entries with four different positions of a micro-block of four route.
  wire [1:0] twice;
  generate
    for (f = 0; f < 2; f = f + 1) begin : gen_twice
      wire [1:0] u0 = list_i[8*f+2+:2];
      wire [1:0] l0 = list_i[8*f+:2];
      wire [1:0] u1 = list_i[8*f+6+:2];
      wire [1:0] l1 = list_i[8*f+4+:2];
      assign twice[f] = used[2*f] && used[2*f+1] && (u0 == u1 || u0 == l1 || l0 == u1 || l0 == l1);
    end
  endgenerate
  wire [1:0] large = {mx_scale_i[15:8] > 8'd7, mx_scale_i[7:0] > 8'd7};
  always @* begin
    assert (flagged == |has_outliers_i);
    assert (error == (|(has_outliers_i & (large | twice)) || (mode4_i && has_outliers_i[1])));
    cover (!error && &used && !mode4_i && swaps[7:4] == 4'hf);
    cover (!error && used == 4'b0011 && mode4_i && shifts == 6'o55);
    cover (error && used == 4'b0100 && mode4_i);
  end
endmodule
`default_nettype wire
