// SPDX-License-Identifier: Apache-2.0
// Column bus of one ReCoN unit: the OR of its rows, of which the schedule lets only one drive at a time.
// Area block: column buses and arbitration
`default_nettype none
module msq_column_bus #(
    parameter ROWS = 8,   // rows of the unit's band
    parameter WIDTH = 21  // bits
) (
    input  wire [ROWS*WIDTH-1:0] rows_i,  // row r at [r*WIDTH +: WIDTH]
    output wire [WIDTH-1:0]      bus_o    // value of the driving row, 0 if none drives
);
  reg [WIDTH-1:0] any;
  integer r;
  always @* begin
    any = {WIDTH{1'b0}};
    for (r = 0; r < ROWS; r = r + 1) any = any | rows_i[r*WIDTH+:WIDTH];
  end
  assign bus_o = any;

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_rows, ROWS >= 1)
`endif
endmodule
`default_nettype wire
