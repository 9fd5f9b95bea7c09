"""A job on the SoC of soc.py, simulated by Verilator: the host writes packets and a descriptor to the memory
of the SoC, starts the shell, waits for the interrupt, and reads completion and outputs.

simulate.py DESIGN PACKETS OUTPUT

DESIGN: `microscopiq generate --shell`, with shell.data_bits 32, the width of the bus. PACKETS: a directory of
`accelerate --packets` for the same configuration, with one pass. OUTPUT: directory for Verilog and logs.
"""

import json
import re
import struct
import subprocess
import sys
from pathlib import Path

from soc import MEMORY, MEMORY_BYTES, REGISTERS, build

BENCH = Path(__file__).resolve().parent / "bench.v"
SHELL = 0x1000  # registers of the shell in the window
WRITE, EXPECT, POLL, INTERRUPT, END = range(5)
DESCRIPTOR, WEIGHTS = MEMORY, MEMORY + 0x100
PAGE = 256  # packets begin at its multiples


def shell_registers(directory):
    """{name: address} of the C header beside the Verilog."""
    (header,) = directory.glob("*_shell_registers.h")
    prefix = header.name.removesuffix("registers.h").upper()
    found = re.findall(rf"^#define {prefix}(\w+) (0x\w+)$", header.read_text(encoding="utf-8"), re.M)
    return {name.lower(): REGISTERS + SHELL + int(offset, 16) for name, offset in found}


def words(data):
    return [word for (word,) in struct.iter_unpack("<I", data)]


def descriptor(settings, places, sizes):
    """Words of the only job of a list, with an interrupt (docs/reference/soc.md)."""
    log2_rows, log2_block = settings["tiling"] & 15, settings["tiling"] >> 8 & 15
    control = 0xD5 | 1 << 8 | 1 << 9 | settings["format"] << 12 | log2_rows << 16 | log2_block << 20
    addresses = [part for place in places for part in (place, 0)]
    return [control, settings["tokens"], settings["depth"], settings["columns"], *sizes, 0, *addresses, 0, 0]


def accesses(design, packets):
    """Lines of the script: (what, address, data, mask)."""
    settings = json.loads((packets / "registers.json").read_text(encoding="utf-8"))
    if settings["tokens"] > settings["pass"]:
        raise ValueError(f"{packets}: more than one pass")
    data = [(packets / f"{name}-0.bin").read_bytes() for name in ("weights", "activations", "outputs")]
    places, end = [], WEIGHTS
    for packet in data:
        places.append(end)
        end += -(-len(packet) // PAGE) * PAGE
    if end > MEMORY + MEMORY_BYTES:
        raise ValueError(f"{packets}: {end - MEMORY} bytes; allowed: {MEMORY_BYTES}")
    for place, packet in zip(places[:2], data[:2], strict=True):
        yield from ((WRITE, place + 4 * i, word, 0) for i, word in enumerate(words(packet)))
    for i, word in enumerate(descriptor(settings, places, [len(packet) for packet in data])):
        yield WRITE, DESCRIPTOR + 4 * i, word, 0
    at = shell_registers(design)
    yield EXPECT, at["id"], 0x4D535153, 0xFFFFFFFF
    yield WRITE, at["head_low"], DESCRIPTOR, 0
    yield WRITE, at["head_high"], 0, 0
    yield WRITE, at["control"], 0x101, 0  # start, interrupt enabled
    yield INTERRUPT, 0, 0, 0
    yield WRITE, at["control"], 0x104, 0  # acknowledge
    yield POLL, at["status"], 0x2, 0xFFFF  # done, neither busy nor an error
    yield EXPECT, DESCRIPTOR + 64, 1 << 31, 0xFFFFFFFF
    yield from ((EXPECT, places[2] + 4 * i, word, 0xFFFFFFFF) for i, word in enumerate(words(data[2])))
    yield END, 0, 0, 0


def compile_bench(design, output):
    """Makes the program obj/Vbench, which plays script.hex of its directory. Not by Icarus: combinational
    always blocks of LiteX assign a signal twice, and where they feed each other its events never end."""
    # Warnings are off: those of the SoC are of LiteX; the tests lint the accelerator with -Wall.
    argv = ["verilator", "--binary", "-j", "0", "-Wno-fatal", "-Wno-lint", "-Wno-style", "--Mdir", "obj"]
    argv += ["--timescale", "1ns/1ps", "--top-module", "bench", f"-I{design}", "soc.v", BENCH]
    with (output / "verilator.log").open("w", encoding="utf-8") as log:
        done = subprocess.run([*argv, *sorted(design.glob("*.v"))], cwd=output, stdout=log, stderr=log)
    if done.returncode:
        raise RuntimeError(f"verilator failed: {log.name}")


def main():
    design, packets, output = (Path(argument).resolve() for argument in sys.argv[1:])
    build(design, output)
    lines = ["".join(f"{word:08x}" for word in line) for line in accesses(design, packets)]
    (output / "script.hex").write_text("\n".join(lines) + "\n", encoding="utf-8")
    compile_bench(design, output)
    sys.exit(subprocess.run(["obj/Vbench"], cwd=output).returncode)


if __name__ == "__main__":
    main()
