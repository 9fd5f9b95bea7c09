"""The LiteX module in a small SoC: LiteX writes its Verilog, Verilator reads it with the design, and the
processor of the SoC runs a list of layers on it. Skipped where packages or the compiler are missing."""

import importlib.util
import json
import shutil
import subprocess
import sys
import unittest

from package import EXAMPLES, PROGRAM, WithDesign, main, run

IMAGE_PROGRAM = PROGRAM.parents[1] / "examples" / "soc" / "soc_image"


def missing(*packages, programs=()):
    """What is not installed, as text of a skip."""
    absent = [name for name in packages if not importlib.util.find_spec(name.replace("-", "_"))]
    return ", ".join([*absent, *(name for name in programs if not shutil.which(name))])


NO_SOC = missing("litex", "pythondata-cpu-vexriscv")
NO_PROGRAM = NO_SOC or missing("pythondata-software-picolibc", programs=["riscv64-unknown-elf-gcc"])


class Litex(WithDesign):
    @unittest.skipIf(NO_SOC, f"missing: {NO_SOC}")
    def test_soc(self):
        for name, options in (("top-inline-4x4", []), ("none-8x8", ["--prefix", "npu_1"])):
            directory, manifest = self.generate(name, *options)
            run(sys.executable, "-B", EXAMPLES / "litex" / "soc.py", directory, self.path)
            text = (self.path / "soc.v").read_text(encoding="utf-8")
            self.assertIn(f"{manifest['top']} {manifest['top']}", text)
            # Warnings of LiteX's own text do not stop it; ports that are missing or left open would.
            errors = ["-Werror-PINMISSING", "-Werror-PINNOTFOUND", "-Werror-IMPLICIT"]
            argv = ["verilator", "--lint-only", "-Wno-fatal", *errors, "--top-module", "soc", "-f", "soc.f"]
            run(*argv, cwd=self.path)

    def image(self, design):
        """An image of memory with two layers."""
        layers = [self.path / "0.safetensors", self.path / "1.safetensors"]
        for layer, bits, shape in zip(layers, ("4", "2"), ("16x12", "12x8"), strict=True):
            options = ["--synthetic", shape, "--bits", bits, "--micro-block", "4", "--layer", layer.stem]
            run(PROGRAM, "quantize", *options, "-o", layer)
        image = self.path / "image.bin"
        run(IMAGE_PROGRAM, "--config", design, "--tokens", "3", "-o", image, "--layers", *layers)
        return image

    @unittest.skipIf(NO_PROGRAM, f"missing: {NO_PROGRAM}")
    def test_program(self):
        settings = {"rows": 4, "cols": 4, "micro_block": 4, "shell": {"data_bits": 32, "address_bits": 32}}
        design, directory, output = (self.path / name for name in ("design.json", "rtl", "out"))
        design.write_text(json.dumps(settings), encoding="utf-8")
        run(PROGRAM, "generate", "--config", design, "--shell", "-o", directory)
        image = self.image(design)
        text = run(sys.executable, "-B", EXAMPLES / "litex" / "simulate.py", directory, image, output)
        self.assertRegex(text, r"list: 2 jobs, \d+ cycles\n24 outputs: as expected\n")
        # A program that fails is an error of the simulation.
        memory = output / "soc_main_ram.init"
        words = memory.read_text(encoding="utf-8").split()
        memory.write_text("\n".join(["0", *words[1:]]) + "\n", encoding="utf-8")
        done = subprocess.run([output / "obj" / "Vbench"], cwd=output, capture_output=True, text=True)
        self.assertIn("no image in memory", done.stdout)
        self.assertNotEqual(done.returncode, 0)


if __name__ == "__main__":
    main()
