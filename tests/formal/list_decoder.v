// msq_list_decoder against the rule of the contract, followed value by value: a Lower half starts at
// Lower_loc, and stage b makes bit b of its position equal to bit b of Upper_loc; no two may be at one
// position after any stage.
`default_nettype none
module formal_list_decoder (
    input wire                                             has_outliers_i,
    input wire [7:0]                                       mx_scale_i,
    input wire [`ENTRIES*2*$clog2(`MICRO_BLOCK)-1:0] list_i
);
  localparam BLOCK = `MICRO_BLOCK;
  localparam LOC = $clog2(BLOCK);
  localparam PAIRS = BLOCK / 2;
  localparam ENTRIES = `ENTRIES;
  wire [2*BLOCK-1:0] roles;
  wire [LOC*PAIRS-1:0] swaps;
  wire [`SHIFT_BITS-1:0] shift;
  wire error;
  msq_list_decoder #(
      .MICRO_BLOCK(BLOCK),
      .ENTRIES(ENTRIES),
      .SHIFT_MAX(`SHIFT_MAX),
      .SHIFT_BITS(`SHIFT_BITS)
  ) u_dut (
      .has_outliers_i(has_outliers_i),
      .mx_scale_i(mx_scale_i),
      .list_i(list_i),
      .roles_o(roles),
      .swaps_o(swaps),
      .shift_o(shift),
      .error_o(error)
  );

  // Entry e and its moving value: where it is after each stage by the rule, and where the switches as set
  // bring it.
  wire [ENTRIES-1:0] used;
  wire [ENTRIES-1:0] strayed;
  wire [ENTRIES*ENTRIES-1:0] clash;  // of entries e and f
  wire [ENTRIES*ENTRIES-1:0] twice;
  genvar e, f, b, p;
  generate
    for (e = 0; e < ENTRIES; e = e + 1) begin : gen_entry
      wire [LOC-1:0] upper = list_i[e*2*LOC+LOC+:LOC];
      wire [LOC-1:0] lower = list_i[e*2*LOC+:LOC];
      assign used[e] = has_outliers_i && upper != lower;
      wire [LOC*LOC-1:0] by_rule;  // after stage b at [b*LOC +: LOC]
      wire [(LOC+1)*LOC-1:0] by_switches;
      assign by_switches[LOC-1:0] = lower;
      for (b = 0; b < LOC; b = b + 1) begin : gen_stage
        localparam [LOC-1:0] HIGH = {LOC{1'b1}} << (b + 1);
        assign by_rule[b*LOC+:LOC] = (lower & HIGH) | (upper & ~HIGH);
        wire [LOC-1:0] place = by_switches[b*LOC+:LOC];
        localparam [LOC-1:0] BELOW = ~({LOC{1'b1}} << b);
        wire [LOC-1:0] index = (place & BELOW) | ((place >> 1) & ~BELOW);  // the position without bit b
        wire swap = swaps[b*PAIRS+index];
        assign by_switches[(b+1)*LOC+:LOC] = place ^ ({{(LOC - 1) {1'b0}}, swap} << b);
      end
      assign strayed[e] = by_switches[LOC*LOC+:LOC] != upper;
      for (f = 0; f < ENTRIES; f = f + 1) begin : gen_other
        if (f < e) begin : gen_pair
          wire [LOC-1:0] upper2 = gen_entry[f].upper;
          wire [LOC-1:0] lower2 = gen_entry[f].lower;
          wire [LOC-1:0] same;
          for (b = 0; b < LOC; b = b + 1) begin : gen_same
            assign same[b] = by_rule[b*LOC+:LOC] == gen_entry[f].by_rule[b*LOC+:LOC];
          end
          assign clash[e*ENTRIES+f] = used[e] && used[f] && |same;
          assign twice[e*ENTRIES+f] = used[e] && used[f] &&
                                    (upper == upper2 || upper == lower2 || lower == upper2
                                        || lower == lower2);
        end else begin : gen_none
          assign clash[e*ENTRIES+f] = 1'b0;
          assign twice[e*ENTRIES+f] = 1'b0;
        end
      end
      always @* if (used[e] && !error) assert (!strayed[e]);
    end
    for (p = 0; p < BLOCK; p = p + 1) begin : gen_role
      wire [ENTRIES-1:0] is_upper, is_lower;
      for (e = 0; e < ENTRIES; e = e + 1) begin : gen_claim
        assign is_upper[e] = used[e] && gen_entry[e].upper == p;
        assign is_lower[e] = used[e] && gen_entry[e].lower == p;
      end
      always @* begin
        assert (roles[2*p] == |is_upper);
        assert (roles[2*p+1] == |is_lower);
      end
    end
  endgenerate
  always @* begin
    assert (error == (has_outliers_i && (|clash || |twice || mx_scale_i > `SHIFT_MAX)));
    assert (shift == mx_scale_i[`SHIFT_BITS-1:0]);
    if (!has_outliers_i) assert (swaps == 0 && roles == 0);
    cover (!error && &used);
    if (ENTRIES > 1) cover (error && |twice && !(|clash) && mx_scale_i == 0);
    cover (error && !(|twice) && !(|clash));
  end
  generate
    // Four positions route whatever the list is.
    if (BLOCK > 4 && ENTRIES > 1) begin : gen_unroutable
      always @* cover (error && !(|twice) && mx_scale_i == 0);
    end else begin : gen_routable
      always @* assert (|twice || !(|clash));
    end
  endgenerate
endmodule
`default_nettype wire
