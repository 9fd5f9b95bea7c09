"""The LiteX module in a small SoC: LiteX writes its Verilog, Verilator reads it with the design, and a job
runs on it. Skipped where LiteX is not installed."""

import importlib.util
import json
import subprocess
import sys
import unittest

from package import EXAMPLES, PROGRAM, WithDesign, main, run


@unittest.skipUnless(importlib.util.find_spec("litex"), "litex is missing")
class Litex(WithDesign):
    def test_soc(self):
        for name, options in (("top-inline-4x4", []), ("none-8x8", ["--prefix", "npu_1"])):
            directory, manifest = self.generate(name, *options)
            run(sys.executable, "-B", EXAMPLES / "litex" / "soc.py", directory, self.path)
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

    def test_job(self):
        settings = {"rows": 4, "cols": 4, "micro_block": 4, "shell": {"data_bits": 32, "address_bits": 32}}
        design = self.path / "design.json"
        design.write_text(json.dumps(settings), encoding="utf-8")
        directory, packets, output = (self.path / name for name in ("rtl", "packets", "out"))
        run(PROGRAM, "generate", "--config", design, "--shell", "-o", directory)
        layer = ["--synthetic", "16x8", "--bits", "4", "--tokens", "2"]
        run(PROGRAM, "accelerate", "--config", design, *layer, "--packets", packets)
        simulate = EXAMPLES / "litex" / "simulate.py"
        self.assertRegex(
            run(sys.executable, "-B", simulate, directory, packets, output), r"passed: \d+ accesses"
        )
        # Another output is found.
        script = output / "script.hex"
        lines = script.read_text(encoding="utf-8").splitlines()
        last = int(lines[-2], 16) ^ 1 << 32
        script.write_text("\n".join([*lines[:-2], f"{last:032x}", lines[-1]]) + "\n", encoding="utf-8")
        done = subprocess.run([output / "obj" / "Vbench"], cwd=output, capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("another word", done.stdout)


if __name__ == "__main__":
    main()
