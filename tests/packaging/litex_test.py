"""The LiteX module in a small SoC: LiteX writes its Verilog, Verilator reads it with the design, and a read
of the SoC's bus gives the register `id`. Skipped where LiteX is not installed."""

import importlib.util
import shutil
import sys
import unittest

from package import EXAMPLES, WithDesign, main, registers, run

BENCH = """
`timescale 1ns / 1ps
module bench;
  reg clock = 0, reset = 1;
  always #5 clock = !clock;
  reg [31:0] address = 32'h90000000;
  reg arvalid = 0;
  wire arready, rvalid;
  wire [31:0] data;
  soc u_soc (.sys_clk(clock), .sys_rst(reset), .host_arvalid(arvalid), .host_arready(arready),
             .host_araddr(address), .host_rvalid(rvalid), .host_rready(1'b1), .host_rdata(data),
             .host_awvalid(1'b0), .host_wvalid(1'b0), .host_bready(1'b1));
  initial begin
    repeat (4) @(posedge clock);
    reset <= 0;
    repeat (4) @(posedge clock);
    arvalid <= 1;
    @(posedge clock);
    while (!arready) @(posedge clock);
    arvalid <= 0;
    while (!rvalid) @(posedge clock);
    $display("id %h", data);
    $finish;
  end
  initial #100000 $finish;
endmodule
"""


@unittest.skipUnless(importlib.util.find_spec("litex"), "litex is missing")
class Litex(WithDesign):
    def test_soc(self):
        for name, options in (("top-inline-4x4", []), ("none-8x8", ["--prefix", "npu_1"])):
            directory, manifest = self.generate(name, *options)
            run(sys.executable, "-B", EXAMPLES / "litex" / "soc.py", directory, self.path, cwd=self.path)
            soc = self.path / "soc.v"
            self.assertIn(f"{manifest['top']} {manifest['top']}", soc.read_text(encoding="utf-8"))
            sources = sorted(directory.glob("*.v"))
            # Warnings of LiteX's own text do not stop it; ports that are missing or left open would.
            errors = ["-Werror-PINMISSING", "-Werror-PINNOTFOUND", "-Werror-IMPLICIT"]
            argv = [
                "verilator",
                "--lint-only",
                "-Wno-fatal",
                *errors,
                "--top-module",
                "soc",
                f"-I{directory}",
            ]
            run(*argv, soc, *sources)
            if not shutil.which("iverilog"):
                continue
            bench = self.path / "bench.v"
            bench.write_text(BENCH, encoding="utf-8")
            program = self.path / "soc.vvp"
            run("iverilog", "-g2012", "-s", "bench", "-I", directory, "-o", program, bench, soc, *sources)
            identity = registers(directory)["id"][1]["value"][3]
            self.assertIn(f"id {identity:08x}\n", run("vvp", "-n", program, cwd=self.path))


if __name__ == "__main__":
    main()
