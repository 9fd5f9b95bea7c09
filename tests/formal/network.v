// The routing network of eight lanes as the generator writes it: PART 0 set by msq_list_decoder, PART 1
// freely.
`default_nettype none
module formal_network (
    input wire [2:0]  from_i,
    input wire [2:0]  to_i,
    input wire [10:0] value_i,
    input wire [11:0] swaps_i,
    input wire [63:0] payloads_i,
    input wire [2:0]  chosen_i
);
  genvar d, l;
  generate
    if (`PART == 0) begin : gen_lone
      // A lone value goes where its list entry sends it; from == to is an empty entry, all switches pass.
      wire [11:0] swaps;
      wire error;
      msq_list_decoder #(
          .MICRO_BLOCK(8),
          .SHIFT_MAX(7),
          .SHIFT_BITS(3)
      ) u_decoder (
          .has_outliers_i(1'b1),
          .mx_scale_i(8'd0),
          .list_i({18'd0, to_i, from_i}),
          .roles_o(),
          .swaps_o(swaps),
          .shift_o(),
          .error_o(error)
      );
      wire [87:0] lone = {77'd0, value_i} << (11 * from_i);
      wire [87:0] moved;
      msq_network u_lone (
          .moving_i(lone),
          .swaps_i(swaps),
          .moving_o(moved)
      );
      always @* begin
        assert (!error);
        assert (moved == ({77'd0, value_i} << (11 * to_i)));
      end
      // Nothing is assumed, so all 64 destinations are in the proof; some of them as examples.
      for (d = 0; d < 8; d = d + 1) begin : gen_destination
        always @* cover (from_i == d && to_i == (3 * d + 1) % 8 && moved[11*((3*d+1)%8)+:11] == 11'h5a3);
      end
    end else begin : gen_any
      // For any setting: lane l holds the label l and a free payload, and every label comes out at
      // exactly one lane, with its payload. So the network permutes its lanes: nothing is lost, nothing
      // doubled, nothing mixed.
      wire [87:0] in;
      wire [87:0] out;
      msq_network u_any (
          .moving_i(in),
          .swaps_i(swaps_i),
          .moving_o(out)
      );
      wire [7:0] found;
      for (l = 0; l < 8; l = l + 1) begin : gen_lane
        assign in[11*l+:11] = {payloads_i[8*l+:8], l[2:0]};
        assign found[l] = out[11*l+:3] == chosen_i;
        always @* if (found[l]) assert (out[11*l+3+:8] == payloads_i[8*chosen_i+:8]);
        always @* cover (found[l] && chosen_i == 3'd7 - l[2:0]);
      end
      always @* assert (found != 8'd0 && (found & (found - 8'd1)) == 8'd0);
    end
  endgenerate
endmodule
`default_nettype wire
