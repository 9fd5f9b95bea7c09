"""The FuseSoC core: its files and the smoke test always, its targets where fusesoc is installed (synthesis
with MSQ_FULL)."""

import importlib.util
import os
import re
import shutil
import sys
import unittest

from package import EXAMPLES, WithDesign, main, run

NAME = "microscopiq:rtl:{}:1.0.0"


def fusesoc(path, roots, *arguments):
    options = [word for root in roots for word in ("--cores-root", root)]
    return run(sys.executable, "-m", "fusesoc.main", *options, "run", *arguments, cwd=path)


class FuseSoc(WithDesign):
    def test_files(self):
        directory, manifest = self.generate("top-recon-4x4", "--prefix", "npu_1")
        text = (directory / "npu_1_top.core").read_text(encoding="utf-8")
        include = manifest["files"][0]
        self.assertIn(f"      - {include}: {{is_include_file: true}}\n", text)
        files = re.findall(r"^      - ([\w.]+)$", text, re.M)
        self.assertEqual([f for f in files if f.endswith(".v")], manifest["files"][1:])
        for file in files:
            self.assertTrue((directory / file).is_file(), file)
        for target in ("default", "lint", "synth", "sim"):
            self.assertIn(f"\n  {target}:\n", text)

    def smoke(self, directory, top):
        """Compiles and runs the smoke test. @return exit code and text."""
        program = self.path / "smoke.vvp"
        sources = sorted(directory.glob("*.v"))
        bench = directory / f"{top}_smoke.sv"
        run("iverilog", "-g2012", "-s", f"{top}_smoke", "-I", directory, "-o", program, *sources, bench)
        return run("sh", "-c", f"vvp -n {program} 2>&1; echo exit $?")

    @unittest.skipUnless(shutil.which("iverilog"), "iverilog is missing")
    def test_smoke(self):
        for name, options in (
            ("top-inline-4x4", []),
            ("top-inline-4x4", ["--shell"]),
            ("top-recon-4x4", ["--prefix", "npu_1"]),
        ):
            directory, manifest = self.generate(name, *options)
            text = self.smoke(directory, manifest["top"])
            self.assertIn(f"passed, {44 if options == ['--shell'] else 31} reads\n", text)
            self.assertIn("exit 0", text)
        # Another reset value is found.
        file = directory / "npu_1_registers.v"
        verilog = file.read_text(encoding="utf-8")
        changed = re.sub(r"(FORMAT_RESET = \d+'[dh])1", r"\g<1>2", verilog)
        self.assertNotEqual(changed, verilog)
        file.write_text(changed, encoding="utf-8")
        text = self.smoke(directory, manifest["top"])
        self.assertIn("register 0x2c: found 0x00000002, expected 0x00000001", text)
        self.assertNotIn("exit 0", text)

    @unittest.skipUnless(importlib.util.find_spec("fusesoc"), "fusesoc is missing")
    def test_targets(self):
        directory, manifest = self.generate("top-inline-4x4")
        name = NAME.format(manifest["top"])
        self.assertNotIn("WARNING", fusesoc(self.path, [directory], name))
        fusesoc(self.path, [directory], "--target=lint", name)
        self.assertIn("passed, 31 reads", fusesoc(self.path, [directory], "--target=sim", name))
        steps = [] if os.environ.get("MSQ_FULL") else ["--setup"]
        fusesoc(self.path, [directory], "--target=synth", *steps, name)

    def two(self):
        """The designs of the example with two accelerators."""
        left, _ = self.generate("tiny", "--prefix", "left")
        right, _ = self.generate("none-8x8", "--prefix", "right")
        return left, right

    @unittest.skipUnless(shutil.which("verilator"), "verilator is missing")
    def test_two_in_one_design(self):
        left, right = self.two()
        sources = [EXAMPLES / "fusesoc" / "two_accelerators.v", *left.glob("*.v"), *right.glob("*.v")]
        argv = [
            "verilator",
            "--lint-only",
            "-Wall",
            "--top-module",
            "two_accelerators",
            f"-I{left}",
            f"-I{right}",
        ]
        self.assertEqual(run(*argv, *sorted(sources)), "")

    @unittest.skipUnless(importlib.util.find_spec("fusesoc"), "fusesoc is missing")
    def test_two_cores(self):
        roots = [*self.two(), EXAMPLES / "fusesoc"]
        fusesoc(self.path, roots, "--target=lint", "microscopiq:examples:two_accelerators")


if __name__ == "__main__":
    main()
