"""examples/soc: the chain of layers gives the golden outputs; errors of memory and outputs are reported."""

import argparse
import re
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

OPTIONS = argparse.Namespace()


def output_place(image):
    """Offset of the expected outputs (examples/soc/image.h)."""
    return struct.unpack_from("<8I", image)[6]


class Example(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.out = Path(cls.directory.name)
        cls.first = subprocess.run(
            [OPTIONS.source / "examples/soc/run.sh", OPTIONS.build, cls.out], capture_output=True, text=True
        )

    @classmethod
    def tearDownClass(cls):
        cls.directory.cleanup()

    def soc(self, *options, image=None):
        command = [OPTIONS.build / "examples/soc/soc", "--image", image or self.out / "image.bin"]
        return subprocess.run([*command, *map(str, options)], capture_output=True, text=True)

    def numbers(self, pattern):
        found = re.search(pattern, self.first.stdout)
        self.assertTrue(found, self.first.stdout + self.first.stderr)
        return [int(text, 0) for text in found.groups()]

    def test_runs_the_chain(self):
        self.assertEqual(self.first.returncode, 0, self.first.stdout + self.first.stderr)
        self.assertEqual(self.numbers(r"(\d+) outputs: as expected"), [20 * 40])
        jobs, cycles = self.numbers(r"list: (\d+) jobs, (\d+) cycles")
        self.assertEqual(jobs, 6)
        layers = [self.numbers(rf"layer {i}: (\d+) cycles")[0] for i in range(3)]
        self.assertTrue(all(layers), layers)
        self.assertLessEqual(sum(layers), cycles)
        self.assertTrue((self.out / "rtl" / "msq_shell.v").exists())

    def test_memory_decides_cycles_alone(self):
        cycles = {}
        for latency in (1, 200):
            run = self.soc("--latency", latency, "--stall", 0.5 if latency > 1 else 0, "--seed", latency)
            self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
            self.assertIn("800 outputs: as expected", run.stdout)
            cycles[latency] = int(re.search(r"list: 6 jobs, (\d+) cycles", run.stdout).group(1))
        self.assertLess(cycles[1], cycles[200])

    def library(self, name, text):
        """A shared library of a C program."""
        source, library = self.out / f"{name}.c", self.out / f"{name}.so"
        source.write_text(text)
        include = f"-I{OPTIONS.source / 'examples/soc'}"
        subprocess.run(["cc", "-shared", "-fPIC", include, source, "-o", library], check=True)
        return library

    def test_runs_another_program(self):
        read = self.library(
            "read",
            '#include "board.h"\n'
            "int program(void) { return board_read32(BOARD_ACCELERATOR + 0x1000) == 0x4d535153 ? 7 : 1; }\n",
        )
        run = self.soc("--program", read)
        self.assertEqual(run.returncode, 7, run.stdout + run.stderr)
        self.assertRegex(run.stdout, r"^simulated: \d+ cycles")
        run = self.soc("--program", self.library("other", "int main_program(void) { return 0; }\n"))
        self.assertEqual(run.returncode, 2)
        self.assertIn("soc: --program: ", run.stderr)
        self.assertIn("undefined symbol: program", run.stderr)

    def test_an_error_of_the_memory_ends_the_list(self):
        address = self.numbers(r"layer 1: K 160.* at (0x[0-9a-f]+)")[0]
        run = self.soc("--bad-read", address)
        self.assertEqual(run.returncode, 1, run.stdout + run.stderr)
        self.assertIn("job 2: error 20, weight_read", run.stdout)
        self.assertIn("layer 0: ", run.stdout.split("at 0x")[-1])
        self.assertNotIn("as expected", run.stdout)

    def test_finds_a_wrong_output(self):
        image = bytearray((self.out / "image.bin").read_bytes())
        image[output_place(image) + 4 * 123] ^= 1
        wrong = self.out / "wrong.bin"
        wrong.write_bytes(image)
        run = self.soc(image=wrong)
        self.assertEqual(run.returncode, 1)
        self.assertIn("output 123 of 800: wrong", run.stdout)

    def test_refuses_layers_of_another_array(self):
        image = bytearray((self.out / "image.bin").read_bytes())
        struct.pack_into("<I", image, 32 + 4 * 2, 3)  # bits of the first layer
        wrong = self.out / "bits.bin"
        wrong.write_bytes(image)
        run = self.soc(image=wrong)
        self.assertEqual(run.returncode, 1)
        self.assertIn("list: MSQ_E_MODE", run.stdout)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("source", type=Path)
    parser.add_argument("build", type=Path)
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])
