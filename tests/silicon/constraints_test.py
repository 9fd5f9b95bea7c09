"""OpenSTA reads placeholders, netlist, constraints and sides of the pins of a mapped 4x4 core whose memories
are macros: no warning, every port constrained and on one side, paths through the macros in time."""

import re
import shutil
import sys
from pathlib import Path

from design import SKIPPED, WithFlow, main, run

LIBERTY = Path("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")
STA = """
{environment}
read_liberty {liberty}
{libraries}
read_verilog {netlist}
link_design {top}
puts "begin constraints"
read_sdc {directory}/constraint.sdc
check_setup -verbose -no_input_delay -no_output_delay -no_clock -multiple_clock -loops
puts "end constraints"
puts "begin macros"
report_checks -through [get_pins -hierarchical */read_data_o*] -fields {{net}} -format full
puts "end macros"
{pins}
"""
PINS = """
proc set_io_pin_constraint {{args}} {{ puts "side [lindex $args 1] [lindex $args 3]" }}
source {directory}/io.tcl
"""
CORE = "recon-4x4-mode2-smallest"
# As LibreLane sets them for SKY130, with a cell of this library.
SETTINGS = {
    "MAX_FANOUT_CONSTRAINT": "10",
    "MAX_TRANSITION_CONSTRAINT": "0.75",
    "SYNTH_DRIVING_CELL": "INVX2/Y",
    "OUTPUT_CAP_LOAD": "33.442",
    "CLOCK_UNCERTAINTY_CONSTRAINT": "0.25",
    "CLOCK_TRANSITION_CONSTRAINT": "0.15",
    "TIME_DERATING_CONSTRAINT": "5",
}


class Constraints(WithFlow):
    def netlist(self, directory, manifest):
        """Mapped by Yosys, which reads the macros from the placeholders, as the flows do."""
        files = [f for f in manifest["files"] if f.endswith(".v") and f != "msq_ram_1r1w.v"]
        libraries = sorted(directory.glob("*_placeholder.lib"))
        netlist = self.path / "netlist.v"
        script = [f"read_liberty -lib -ignore_miss_func {library}" for library in libraries]
        script += [
            "read_verilog -sv " + " ".join(str(directory / f) for f in [*files, "msq_memories.sv"]),
            f"hierarchy -check -top {manifest['top']}",
            f"synth -top {manifest['top']} -flatten",
            f"dfflibmap -liberty {LIBERTY}",
            f"abc -fast -liberty {LIBERTY}",
            "opt_clean -purge",
            f"write_verilog -noattr -noexpr -simple-lhs {netlist}",
        ]
        run("yosys", "-q", "-p", "; ".join(script))
        return netlist, libraries

    def sta(self, directory, manifest, netlist, libraries, environment=None, pins=""):
        script = self.path / "check.tcl"
        script.write_text(
            STA.format(
                environment="\n".join(f"set ::env({k}) {v}" for k, v in (environment or {}).items()),
                liberty=LIBERTY,
                libraries="\n".join(f"read_liberty {library}" for library in libraries),
                netlist=netlist,
                top=manifest["top"],
                directory=directory,
                pins=pins,
            ),
            encoding="utf-8",
        )
        text = run("sta", "-no_splash", "-exit", script)
        self.assertNotIn("Error", text)
        for file in ("placeholder.lib", "constraint.sdc", "io.tcl", "netlist.v"):
            self.assertNotRegex(text, f"(?i)warning.*{file}")
        return text, dict(re.findall(r"^begin (\w+)\n(.*?)^end \1$", text, re.M | re.S))

    def test_core_with_macros(self):
        _, manifest = self.generate(CORE, "--core-only")
        memories = self.memories(manifest)
        options = ["--core-only", "--period", "20", "--input-delay", "4", "--io-share", "0.25"]
        directory, manifest = self.generate(CORE, *options, "--flow", "orfs", "--memories", memories)
        netlist, libraries = self.netlist(directory, manifest)
        self.assertEqual(len(libraries), 1)
        text, parts = self.sta(directory, manifest, netlist, libraries, pins=PINS.format(directory=directory))
        self.assertEqual(parts["constraints"].strip(), "")
        self.assertIn("clock clk_i", parts["macros"])
        self.assertRegex(parts["macros"], r"\b0\.75\b.*u_settings.*u_sram/read_data_o")
        # Every bit of every port is on one side.
        sides = re.findall(r"^side (\w+):\* (.*)$", text, re.M)
        self.assertEqual([side for side, _ in sides], ["top", "left", "bottom", "right"])
        pins = [pin.strip("{}") for _, names in sides for pin in names.split()]
        bits = sum(port["width"] for port in manifest["ports"])
        self.assertEqual((len(pins), len(set(pins))), (bits, bits))
        sdc = (directory / "constraint.sdc").read_text(encoding="utf-8")
        self.assertIn("set input_delay 4\n", sdc)
        self.assertIn("set output_delay [expr {0.25 * $clk_period}]\n", sdc)
        # The same core for LibreLane, alone and with the settings of the flow.
        lane, manifest = self.generate(
            CORE, *options, "--flow", "librelane", "--memories", memories, "--cell-area", "90000"
        )
        _, plain = self.sta(lane, manifest, netlist, libraries)
        _, derated = self.sta(lane, manifest, netlist, libraries, SETTINGS)
        for parts in (plain, derated):
            self.assertEqual(parts["constraints"].strip(), "")
        slack = [float(re.search(r"(-?[\d.]+)\s+slack", p["macros"])[1]) for p in (plain, derated)]
        self.assertLess(slack[1], slack[0] - 0.25)

    def test_unit_of_the_process(self):
        options = [
            "--core-only",
            "--flow",
            "orfs",
            "--platform",
            "asap7",
            "--period",
            "0.5",
            "--output-delay",
            "0.1",
        ]
        directory, _ = self.generate("none-4x4", *options)
        sdc = (directory / "constraint.sdc").read_text(encoding="utf-8")
        for line in ("set_units -time ps", "set clk_period 500", "set output_delay 100"):
            self.assertIn(f"\n{line}\n", sdc)


if __name__ == "__main__":
    missing = [tool for tool in ("yosys", "sta") if not shutil.which(tool)]
    if missing or not LIBERTY.exists():
        print("missing:", *(missing or [LIBERTY]))
        sys.exit(SKIPPED)
    main()
