"""OpenSTA reads the constraints with a mapped 4x4 design: every port is constrained, and slack follows the
clock. The core in short; with MSQ_FULL the accelerator, too."""

import os
import re
import shutil
import sys
from pathlib import Path

from package import SKIPPED, WithDesign, main, run

LIBERTY = Path("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")
CHECKS = """
read_liberty {liberty}
read_verilog {netlist}
link_design {top}
read_sdc {sdc}
foreach {{name args}} {{constraints {{}} \
    inputs {{-from [all_inputs]}} outputs {{-to [all_outputs]}} \
    registers {{-from [all_registers -clock_pins] -to [all_registers -data_pins]}}}} {{
  puts "begin $name"
  if {{$name eq "constraints"}} {{
    check_setup -verbose -no_input_delay -no_output_delay -no_clock -multiple_clock -loops
  }} else {{ eval report_checks $args }}
  puts "end $name"
}}
"""


class Constraints(WithDesign):
    def check(self, *options):
        directory, manifest = self.generate("netlist-none-4x4", *options)
        top = manifest["top"]
        sources = " ".join(str(directory / name) for name in manifest["files"] if name.endswith(".v"))
        memories = " ".join({memory["module"] for memory in manifest["memories"]})
        netlist = self.path / f"{top}.v"
        script = [f"read_verilog {sources}"]
        if memories:
            script += [f"hierarchy -top {top}", f"blackbox {memories}*"]
        script += [f"synth -top {top} -flatten", f"dfflibmap -liberty {LIBERTY}", f"abc -liberty {LIBERTY}"]
        script += ["opt_clean -purge", f"write_verilog -noattr -simple-lhs {netlist}"]
        run("yosys", "-q", "-p", "; ".join(script))
        return directory / f"{top}.sdc", netlist, top

    def sta(self, sdc, netlist, top):
        """{name: what OpenSTA printed}."""
        script = self.path / "check.tcl"
        script.write_text(CHECKS.format(liberty=LIBERTY, netlist=netlist, top=top, sdc=sdc), encoding="utf-8")
        text = run("sta", "-no_splash", "-exit", script)
        self.assertNotIn("Error", text)
        self.assertNotRegex(text.partition("begin constraints")[0], r"(?i)warning.*(sdc|port)")
        return dict(re.findall(r"^begin (\w+)\n(.*?)^end \1$", text, re.M | re.S))

    def slack(self, report):
        return float(re.search(r"(-?[\d.]+)\s+slack", report)[1])

    def expect_all_constrained(self, *options):
        sdc, netlist, top = self.check(*options, "--period", "20")
        reports = self.sta(sdc, netlist, top)
        self.assertEqual(reports["constraints"].strip(), "")
        for name in ("inputs", "outputs", "registers"):
            self.assertGreater(self.slack(reports[name]), 0, name)
        # Twice the clock: half the period is gone, and 0.3 of that no longer belongs to the world outside.
        text = sdc.read_text(encoding="utf-8")
        fast = self.path / "fast.sdc"
        fast.write_text(text.replace("set clk_period 20\n", "set clk_period 10\n"), encoding="utf-8")
        faster = self.sta(fast, netlist, top)
        for name, share in (("inputs", 0.7), ("outputs", 0.7), ("registers", 1.0)):
            self.assertAlmostEqual(
                self.slack(reports[name]) - self.slack(faster[name]), 10 * share, delta=0.02
            )
        # Without one line a port is unconstrained, and the check says so.
        less = self.path / "less.sdc"
        less.write_text(re.sub(r"set_input_delay .*rst_ni.*\n", "", text), encoding="utf-8")
        self.assertIn("rst_ni", self.sta(less, netlist, top)["constraints"])

    def test_core(self):
        self.expect_all_constrained("--core-only")

    def test_accelerator(self):
        if not os.environ.get("MSQ_FULL"):
            self.skipTest("only with MSQ_FULL")
        self.expect_all_constrained()


if __name__ == "__main__":
    missing = [tool for tool in ("yosys", "sta") if not shutil.which(tool)]
    if missing or not LIBERTY.exists():
        print("missing:", *(missing or [LIBERTY]))
        sys.exit(SKIPPED)
    main()
