// Counts the accesses to the ReCoN units: rows times tokens that went through one. 32 bits, wrapping.
`default_nettype none
module msq_recon_counters #(
    parameter UNITS = 1,  // ReCoN units
    // Derived, do not set.
    parameter COUNT_BITS = $clog2(UNITS + 1)
) (
    input  wire             clk_i,
    input  wire             rst_ni,
    input  wire             clear_i,
    input  wire [UNITS-1:0] fired_i,    // the unit takes a row's products
    input  wire [UNITS-1:0] waited_i,   // and the schedule had held the token back
    output reg  [31:0]      accesses_o,
    output reg  [31:0]      waits_o
);
  function [COUNT_BITS-1:0] ones(input [UNITS-1:0] bits);
    integer i;
    begin
      ones = {COUNT_BITS{1'b0}};
      for (i = 0; i < UNITS; i = i + 1) if (bits[i]) ones = ones + 1'b1;
    end
  endfunction

  always @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      accesses_o <= 32'd0;
      waits_o    <= 32'd0;
    end else begin
      accesses_o <= accesses_o + {{(32 - COUNT_BITS) {1'b0}}, ones(fired_i)};
      waits_o    <= waits_o + {{(32 - COUNT_BITS) {1'b0}}, ones(waited_i)};
    end
  end
endmodule
`default_nettype wire
