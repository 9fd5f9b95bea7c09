// SPDX-License-Identifier: Apache-2.0
// Index of the one bit that is set; 0 if none is. With several set, the OR of their indices.
// Area block: column buses and arbitration
`default_nettype none
module msq_onehot_encoder #(
    parameter WIDTH = 8  // inputs, at least 2
) (
    input  wire [WIDTH-1:0]         onehot_i,  // at most one bit set
    output wire [$clog2(WIDTH)-1:0] index_o    // index of the set bit
);
  genvar b, i;
  generate
    for (b = 0; b < $clog2(WIDTH); b = b + 1) begin : gen_bit
      wire [WIDTH-1:0] members;
      for (i = 0; i < WIDTH; i = i + 1) begin : gen_input
        if ((i >> b) % 2 == 1) begin : gen_member
          assign members[i] = onehot_i[i];
        end else begin : gen_other
          assign members[i] = 1'b0;
        end
      end
      assign index_o[b] = |members;
    end
  endgenerate
  wire unused_zero = &{1'b0, onehot_i[0]};

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_width, WIDTH >= 2)
`endif
endmodule
`default_nettype wire
