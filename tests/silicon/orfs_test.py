"""config.mk for OpenROAD-flow-scripts as make reads it: every variable is a published one, every file is
there, from any directory; io.tcl names every port once."""

import re

from design import WithFlow, main, published, run

# make expands a configuration, then prints what it would export.
PROBE = """
include $(DESIGN_CONFIG)
show:
\t@env
"""


class Orfs(WithFlow):
    def variables(self, path, cwd):
        """{name: value} that make exports for a configuration."""
        probe = self.path / "probe.mk"
        probe.write_text(PROBE, encoding="utf-8")
        clean = [
            "env",
            "-i",
            "PATH=/usr/bin:/bin",
            "make",
            "-s",
            "-f",
            probe,
            f"DESIGN_CONFIG={path}",
            "show",
        ]
        return dict(line.split("=", 1) for line in run(*clean, cwd=cwd).splitlines())

    def exported(self, directory):
        text = (directory / "config.mk").read_text(encoding="utf-8")
        return set(re.findall(r"^export (\w+)", text, re.M))

    def check(self, directory, manifest):
        variables = self.variables("./config.mk", directory)
        names = self.exported(directory)
        self.assertLessEqual(names, published("orfs"))
        self.assertLessEqual(names, set(variables))
        self.assertEqual(variables["DESIGN_NAME"], manifest["top"])
        files = ["SDC_FILE", "IO_CONSTRAINTS", "VERILOG_FILES", "ADDITIONAL_LEFS", "ADDITIONAL_LIBS"]
        for name in [*files, "LEC_AUX_VERILOG_FILES"]:
            for file in variables.get(name, "").split():
                self.assertTrue((directory / file).is_file(), f"{name}: {file}")
        return variables

    def test_top(self):
        directory, manifest = self.generate("top-inline-4x4", "--flow", "orfs", "--period", "8")
        found = self.check(directory, manifest)
        self.assertEqual(found["PLATFORM"], "sky130hd")
        self.assertEqual(found["ABC_CLOCK_PERIOD_IN_PS"], "8000")
        self.assertEqual(found["DESIGN_NICKNAME"], "msq_top_top-inline-4x4")
        sources = [file.removeprefix("./") for file in found["VERILOG_FILES"].split()]
        expected = [file for file in manifest["files"] if file.endswith(".v")]
        expected[expected.index("msq_ram_1r1w.v")] = "msq_memories.sv"
        self.assertEqual(sources, expected)
        self.assertEqual(len(found["ADDITIONAL_LEFS"].split()), len(found["ADDITIONAL_LIBS"].split()))
        for lef in found["ADDITIONAL_LEFS"].split():
            self.assertRegex(lef.removeprefix("./"), f"^{found['GDS_ALLOW_EMPTY']}$")
        # From the directory of the flow.
        elsewhere = self.variables(f"{directory.name}/config.mk", self.path)
        self.assertEqual(elsewhere["SDC_FILE"], f"{directory.name}/constraint.sdc")

    def test_registers(self):
        directory, manifest = self.generate("top-inline-4x4", "--flow", "orfs", "--memory-registers")
        found = self.check(directory, manifest)
        self.assertNotIn("ADDITIONAL_LEFS", found)
        self.assertIn("./msq_ram_1r1w.v", found["VERILOG_FILES"].split())
        largest = max(m["width"] * m["depth"] for m in manifest["memories"])
        self.assertGreaterEqual(int(found["SYNTH_MEMORY_MAX_BITS"]), largest)

    def test_platforms(self):
        for platform in ("nangate45", "asap7"):
            directory, manifest = self.generate(
                "none-16x4", "--core-only", "--flow", "orfs", "--platform", platform, "--utilization", "60"
            )
            found = self.check(directory, manifest)
            self.assertEqual(found["PLATFORM"], platform)
            self.assertEqual(found["CORE_UTILIZATION"], "60")
            self.assertEqual(found["CORE_ASPECT_RATIO"], "2")

    def test_shell_with_packaging(self):
        directory, manifest = self.generate(
            "top-inline-4x4", "--shell", "--packaging", "--prefix", "npu", "--flow", "orfs"
        )
        self.check(directory, manifest)
        self.assertIn("npu_shell.sdc", manifest["other_files"])
        self.assertIn("constraint.sdc", manifest["other_files"])
        text = (directory / "config.mk").read_text(encoding="utf-8")
        self.assertNotIn("msq_", text)
        ports = re.findall(
            r"^    (\w+)(?:\[\*\])?$", (directory / "io.tcl").read_text(encoding="utf-8"), re.M
        )
        self.assertEqual(sorted(ports), sorted(port["name"] for port in manifest["ports"]))


if __name__ == "__main__":
    main()
