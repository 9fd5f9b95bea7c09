"""The LiteX module in a small SoC: LiteX writes its Verilog, and Verilator reads it with the design. Skipped
where LiteX is not installed."""

import importlib.util
import sys
import unittest

from package import EXAMPLES, WithDesign, main, run


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


if __name__ == "__main__":
    main()
