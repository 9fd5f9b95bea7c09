// SPDX-License-Identifier: Apache-2.0
// Clock and reset of the SoC. Prints what its UART sends; two bytes end the simulation (board.c).
`timescale 1ns / 1ps
module bench;
  localparam LIMIT = 50000000;  // cycles
  reg clk = 0, rst = 1;
  wire valid;
  wire [7:0] data;
  soc dut (
      .sys_clk(clk),
      .sys_rst(rst),
      .sim_trace(1'b0),
      .serial_source_valid(valid),
      .serial_source_ready(1'b1),
      .serial_source_data(data),
      .serial_sink_valid(1'b0),
      .serial_sink_ready(),
      .serial_sink_data(8'd0)
  );
  always #5 clk = !clk;

  integer cycles = 0;
  always @(posedge clk) begin
    cycles <= cycles + 1;
    rst <= cycles < 8;
    if (valid && !rst)
      case (data)
        4: begin
          $display("simulated: %0d cycles", cycles);
          $finish;
        end
        21: $fatal(1, "the program failed");
        default: $write("%c", data);
      endcase
    if (cycles == LIMIT) $fatal(1, "no end after %0d cycles", cycles);
  end
endmodule
