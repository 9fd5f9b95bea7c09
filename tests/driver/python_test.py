"""python/microscopiq/driver.py: the program's packets byte for byte, registers and refusals."""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import unittest
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import microscopiq
from microscopiq.driver import FORMATS, DriverError, Library

OPTIONS = argparse.Namespace()


@dataclass
class Case:
    config: str
    bits: int
    shape: tuple  # M, K, N
    output: str
    quantize: str = ""  # options
    macro: int = 128
    pass_tokens: int = 0


FULL_RANGE = "--encoding full_range --scale-mantissa-bits 3"
CASES = [
    Case("top-inline-4x4", 4, (5, 70, 18), "raw", "--micro-block 4 --sigma 1.5", 32),
    Case("top-inline-4x4", 2, (20, 33, 40), "fp32", "--micro-block 4 --identifier-group 4", 64, 7),
    Case("top-inline-8x8-two-rows", 2, (9, 150, 50), "mx8", f"{FULL_RANGE} --outliers-per-block 1"),
    Case("top-inline-8x8-full-range", 4, (6, 140, 30), "raw", f"{FULL_RANGE} --outliers-per-block 4"),
    Case("top-inline-8x8-full-range", 2, (2, 64, 25), "fp32", f"{FULL_RANGE} --shift-bits 4", 32),
    Case("top-recon-8x8-row-shifts", 4, (5, 70, 20), "raw", "--axis output --row-align-bits 5"),
    Case("top-recon-8x8-row-shifts", 2, (33, 160, 40), "mx4", "--sigma 1.5", 128, 16),
    Case("top-none-4x4", 4, (3, 45, 10), "raw", "--outliers-per-block 0 --micro-block 4", 32),
]


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stderr.strip() or done.stdout.strip()}")


class Registers:
    """A register file with the constants of a design's registers.md."""

    def __init__(self, page):
        self.words, self.offsets, name = {}, {}, None
        for line in page.read_text().splitlines():
            cells = [cell.strip(" `") for cell in line.strip("|").split("|")]
            if len(cells) != 7:
                continue
            if cells[0].startswith("0x"):
                name, offset = cells[1], int(cells[0], 16)
                self.offsets[name], self.words[offset] = offset, 0
            elif cells[4] == "constant":
                low = int(re.search(r"\d+$", cells[2]).group())
                self.words[self.offsets[name]] |= int(cells[5], 16) << low

    def read(self, offset):
        return self.words[offset]

    def write(self, offset, value):
        self.words[offset] = value

    def __getitem__(self, name):
        return self.words[self.offsets[name]]

    def __setitem__(self, name, value):
        self.words[self.offsets[name]] = value


class Design:
    """A generated accelerator, and a device on its registers."""

    def __init__(self, library, config, directory):
        self.file = OPTIONS.configs / f"{config}.json"
        run(OPTIONS.microscopiq, "generate", "-c", self.file, "-o", directory / "rtl")
        self.registers = Registers(directory / "rtl" / "registers.md")
        self.device = library.open(self.registers.read, self.registers.write)


class Packets(unittest.TestCase):
    def quantized(self, case, directory, rng):
        m, k, n = case.shape
        w = rng.standard_t(3, size=(k, n)).astype(np.float32)
        w[:, rng.random(n) < 0.1] = 0
        x = (rng.standard_normal((m, k)) * np.exp2(rng.integers(-3, 4, size=(m, 1)))).astype(np.float32)
        x[0, : k // 2] = 0
        np.save(directory / "w.npy", w)
        np.save(directory / "x.npy", x)
        command = [
            OPTIONS.microscopiq,
            "quantize",
            "-w",
            directory / "w.npy",
            "-o",
            directory / "q.safetensors",
        ]
        command += ["--layer", "l", "-b", case.bits, "--macro-block", case.macro, "--threads", 1]
        run(*command, *case.quantize.split())
        return microscopiq.load(directory / "q.safetensors")["l"], x

    def program_packets(self, case, design, directory):
        command = [OPTIONS.microscopiq, "accelerate", "-c", design.file, "-q", directory / "q.safetensors"]
        command += ["-a", directory / "x.npy", "--format", case.output, "--packets", directory / "packets"]
        if case.pass_tokens:
            command += ["--pass", case.pass_tokens]
        run(*command)
        return directory / "packets"

    def check(self, case, number):
        rng = np.random.default_rng([5, number])
        library = Library(OPTIONS.library)
        with tempfile.TemporaryDirectory() as name:
            directory = Path(name)
            design = Design(library, case.config, directory)
            layer, x = self.quantized(case, directory, rng)
            theirs = self.program_packets(case, design, directory)
            capabilities = design.device.capabilities
            x8 = microscopiq.quantize_activations(x, capabilities.act_bits, case.macro)
            with library.pack(
                capabilities, layer, len(x), output=case.output, pass_tokens=case.pass_tokens
            ) as packets:
                for p in range(packets.passes):
                    for kind, own in [
                        ("weights", packets.weights(p)),
                        ("activations", packets.activations(p, x8)),
                    ]:
                        self.assertEqual(own.tobytes(), (theirs / f"{kind}-{p}.bin").read_bytes(), (kind, p))
                    self.assertEqual(packets.output_bytes(p), (theirs / f"outputs-{p}.bin").stat().st_size)
                self.assertFalse((theirs / f"weights-{packets.passes}.bin").exists())
                outputs = [(theirs / f"outputs-{p}.bin").read_bytes() for p in range(packets.passes)]
                self.check_outputs(packets.read(outputs), case, layer, x8, capabilities)
                design.device.start(packets.job())
            for register, value in json.loads((theirs / "registers.json").read_text()).items():
                self.assertEqual(design.registers[register], value, register)

    def check_outputs(self, found, case, layer, x8, capabilities):
        """Against the product of the package, where a tile's height does not matter."""
        rows = capabilities.rows * (capabilities.places if case.bits == 2 else 1)
        expected = microscopiq.gemm(x8, layer, min(rows, case.macro))
        if case.output == "fp32":
            np.testing.assert_array_equal(found, expected.to_float32())
        elif case.output == "raw":
            value = found[0].astype(np.float64) * np.exp2(found[1].astype(np.float64))
            np.testing.assert_array_equal(value, expected.acc * np.exp2(expected.exponent.astype(np.float64)))
        else:
            mx = expected.to_mx(int(case.output[2:]))
            np.testing.assert_array_equal(found.values, mx.values)
            np.testing.assert_array_equal(found.scales, mx.scales)

    def test_of_the_program(self):
        for number, case in enumerate(CASES):
            with self.subTest(case=case):
                self.check(case, number)


class OneDevice(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.library = Library(OPTIONS.library)
        cls.design = Design(cls.library, "top-inline-4x4", Path(cls.directory.name))

    @classmethod
    def tearDownClass(cls):
        cls.directory.cleanup()

    def refuses(self, status, function, *arguments, **options):
        with self.assertRaises(DriverError) as found:
            function(*arguments, **options)
        self.assertEqual(found.exception.status, status)
        return found.exception

    def layer(self, *options):
        path = Path(self.directory.name) / "refused.safetensors"
        run(OPTIONS.microscopiq, "quantize", "--synthetic", "64x24", "--layer", "l", *options, "-o", path)
        return microscopiq.load(path)["l"]

    def test_refusals(self):
        capabilities, device = self.design.device.capabilities, self.design.device
        self.assertEqual((capabilities.rows, capabilities.cols, capabilities.stream_version), (4, 4, 2))
        full_range = self.layer("-b", 2, "--micro-block", 4, "--encoding", "full_range")
        self.refuses("MSQ_E_ENCODING", self.library.pack, capabilities, full_range, 4)
        blocks = self.layer("-b", 2, "--micro-block", 8)
        self.refuses("MSQ_E_MICRO_BLOCK", self.library.pack, capabilities, blocks, 4)
        good = self.layer("-b", 2, "--micro-block", 4)
        self.refuses("MSQ_E_SHAPE", self.library.pack, capabilities, good, 0)
        self.refuses("MSQ_E_ACTIVATION_BITS", self.library.pack, capabilities, good, 4, act_bits=4)
        with self.library.pack(capabilities, good, 4) as packets:
            job = packets.job()
            x = microscopiq.quantize_activations(np.zeros((3, 64)), 8, 128)
            with self.assertRaises(ValueError):
                packets.activations(0, x)
        device.check_job(job)
        job.format = 4
        self.refuses("MSQ_E_FORMAT", device.start, job)
        with self.assertRaises(ValueError):
            self.library.pack(capabilities, good, 4, output="int8")
        self.assertEqual(FORMATS["mx4"], 3)

    def test_no_device(self):
        self.refuses("MSQ_E_NO_DEVICE", self.library.open, lambda _: 0, lambda *_: None)
        self.refuses("MSQ_E_SYSTEM", self.library.open_uio, "/dev/null/uio")

    def test_states(self):
        device, registers = self.design.device, self.design.registers
        registers["status"] = 4 | 13 << 4
        error = self.refuses("MSQ_E_JOB_ERROR", device.wait)
        self.assertEqual((error.code, self.library.error_name(error.code)), (13, "array"))
        self.assertIn("another configuration", str(error))
        registers["status"] = 1
        self.refuses("MSQ_E_TIMEOUT", device.wait, 3)
        registers["status"] = 2
        self.assertEqual(device.wait().done, 1)
        registers["count_tiles"], registers["jobs"] = 9, 4
        self.assertEqual((device.counters().tiles, device.jobs()), (9, 4))
        device.enable_interrupt()
        self.assertEqual(registers["control"], 0x100)
        device.clear()
        self.assertEqual(registers["control"], 0x102)

    def test_linux_memory(self):
        """open_memory on a file in place of /dev/mem, at an address inside a page."""
        path = Path(self.directory.name) / "memory"
        path.write_bytes(bytes(8192))
        words = np.memmap(path, "<u4", "r+")
        for offset, value in self.design.registers.words.items():
            words[(4096 + 256 + offset) // 4] = value
        words[(4096 + 256 + 0x14) // 4] = 2
        device = self.library.open_memory(4096 + 256, str(path))
        self.assertEqual(device.capabilities.config_hash, self.design.registers["config_hash"])
        self.assertEqual(device.state().done, 1)
        device.acknowledge()
        self.assertEqual(words[(4096 + 256 + 0x10) // 4], 4)
        device.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("microscopiq", type=Path)
    parser.add_argument("library", type=Path)
    parser.add_argument("configs", type=Path)
    parser.parse_known_args(namespace=OPTIONS)
    unittest.main(argv=sys.argv[:1] + sys.argv[4:])


if __name__ == "__main__":
    main()
