// SPDX-License-Identifier: Apache-2.0
// A row's connection to the column bus of its ReCoN unit: drives its products in its own cycle, else zero.
// Without a net of its own Verilator repeats the gating of every row inside the OR of the bus, word by word.
// Area block: column buses and arbitration
// Kept by Verilator: bus_o
`default_nettype none
module msq_bus_driver #(
    parameter WIDTH = 21  // bits
) (
    input  wire             drive_i,  // the row drives the bus
    input  wire [WIDTH-1:0] d_i,      // products of the row
    output wire [WIDTH-1:0] bus_o
);
  assign bus_o = d_i & {WIDTH{drive_i}};

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_width, WIDTH >= 1)
`endif
endmodule
`default_nettype wire
