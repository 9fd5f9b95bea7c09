// Event counters, 32 bits each, wrapping, and sticky error flags. clear_i zeroes all; events of that cycle are not counted.
`default_nettype none
module msq_counters #(
    parameter KINDS = 4  // kinds of protocol errors
) (
    input  wire             clk_i,
    input  wire             rst_ni,
    input  wire             clear_i,
    input  wire             token_i,   // a token was launched
    input  wire             tile_i,    // it was the first of its tile
    input  wire [KINDS-1:0] errors_i,  // protocol errors in this cycle
    output reg  [31:0]      cycles_o,
    output reg  [31:0]      tokens_o,
    output reg  [31:0]      tiles_o,
    output reg  [31:0]      errors_o,  // cycles with a protocol error
    output reg  [KINDS-1:0] sticky_o   // kinds of errors seen
);
  always @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      cycles_o <= 32'd0;
      tokens_o <= 32'd0;
      tiles_o  <= 32'd0;
      errors_o <= 32'd0;
      sticky_o <= {KINDS{1'b0}};
    end else begin
      cycles_o <= cycles_o + 32'd1;
      tokens_o <= tokens_o + {31'd0, token_i};
      tiles_o  <= tiles_o + {31'd0, tile_i};
      errors_o <= errors_o + {31'd0, |errors_i};
      sticky_o <= sticky_o | errors_i;
    end
  end
endmodule
`default_nettype wire
