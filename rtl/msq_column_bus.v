// Column bus of one ReCoN unit: the OR of its rows, of which the schedule lets only one drive at a time.
`default_nettype none
module msq_column_bus #(
    parameter ROWS = 8,   // rows of the unit's band
    parameter WIDTH = 21  // bits
) (
    input  wire [ROWS*WIDTH-1:0] rows_i,  // row r at [r*WIDTH +: WIDTH]
    output wire [WIDTH-1:0]      bus_o
);
  genvar w, r;
  generate
    for (w = 0; w < WIDTH; w = w + 1) begin : gen_bit
      wire [ROWS-1:0] column;
      for (r = 0; r < ROWS; r = r + 1) begin : gen_row
        assign column[r] = rows_i[r*WIDTH+w];
      end
      assign bus_o[w] = |column;
    end
  endgenerate
endmodule
`default_nettype wire
