#!/usr/bin/env python3
"""Bits of the weight stream beside those that the tensor stores (docs/reference/streams.md).

usage: eval/stream_bits.py [--layers NAME,..] [--arrays "NAME;.."] [--modes 2,4] [--csv FILE]

Layers of all-MiniLM-L6-v2 (`./setup.sh --weights`) and random ones of the sizes of LLaMA-2-7B, with outliers
in 2.9 % of the micro-blocks, quantized as the language models of docs/results/accuracy.md, but without
calibration. The driver's library packs them; each bit of a packet is counted where the header of its block
says it belongs. Needs numpy and the driver (`cmake --build --preset release`). Quantized layers are kept in
build/stream-bits (or --work). Prints a table as Markdown."""

from __future__ import annotations

import argparse
import dataclasses
import json
import pathlib
import re
import sys

try:
    import numpy as np
except ModuleNotFoundError:
    sys.exit("NumPy is missing: pip install numpy, or build/eval-venv/bin/python (eval/setup.sh)")

import kept_runs
from model_tables import inline_config, table

sys.path.insert(0, str(kept_runs.ROOT / "python"))
from microscopiq import driver, load  # noqa: E402

FORMAT = {"encoding": "full_range", "outliers_per_block": 1, "fraction_bits": 1}
ARRAYS = {
    "8x8": {"rows": 8, "cols": 8, **FORMAT},
    **{f"64x64, {rows} rows per beat": inline_config(rows) for rows in (1, 2, 8)},
}
MINILM = {
    "384x384": "encoder.layer.0.attention.self.query.weight",
    "384x1536": "encoder.layer.0.intermediate.dense.weight",
    "1536x384": "encoder.layer.0.output.dense.weight",
}
RANDOM = ("4096x4096", "4096x11008")
# Threshold, in standard deviations, at which 2.9 % of the micro-blocks of random weights have an outlier.
RANDOM_SIGMA = 3.86
ENTRY_BITS = 16

# Parts of a stream, in the order of the table.
PARTS = (
    "codes",
    "codes_beyond_the_matrix",
    "codes_of_second_parts",
    "scales",
    "factors",
    "references",
    "orders",
    "headers",
    "section_fill",
    "entries",
    "entries_passing",
    "entry_fill",
)


@dataclasses.dataclass
class Array:
    """Sizes that a walk needs."""

    cols: int
    beat: int  # bits
    steps: int  # beats of codes of a tile
    factors: bool
    switches: int
    location_bits: int

    @property
    def word(self) -> int:
        return max(32, 4 * self.cols)

    def words(self, bits: int) -> int:
        """Bits of the words that hold this many bits."""
        return -(-bits // self.word) * self.word


@dataclasses.dataclass
class Matrix:
    """A layer and the division of its K."""

    k: int
    n: int
    bits: int
    tile_rows: int  # positions of a tile along K


def field(bits: np.ndarray, at: int, width: int) -> int:
    """A number of this width, lowest bit first."""
    return int(np.packbits(bits[at : at + width], bitorder="little").tobytes()[::-1].hex() or "0", 16)


def count_entries(entries: np.ndarray, location_bits: int) -> dict[str, int]:
    """Bits of the entries of a block by their kind: a skip of all ones with zeros below is no outlier."""
    low = 4 + 2 * location_bits
    outlier = entries != ((1 << ENTRY_BITS) - (1 << low))
    last = int(np.flatnonzero(outlier)[-1]) + 1 if outlier.any() else 0
    found = int(outlier.sum())
    return {
        "entries": found * ENTRY_BITS,
        "entries_passing": (last - found) * ENTRY_BITS,
        "entry_fill": (len(entries) - last) * ENTRY_BITS,
    }


def count(packet: bytes, array: Array, matrix: Matrix) -> dict[str, int]:
    """Bits of each part of a weight packet (docs/reference/streams.md) of path inline.

    ValueError unless the blocks end with the packet and walk all tiles of the matrix."""
    bits = np.unpackbits(np.frombuffer(packet, np.uint8), bitorder="little")
    sums = dict.fromkeys(PARTS, 0)
    at, position, repeated, column, first_codes = 0, 0, False, 0, 0
    while at < len(bits):
        header = field(bits, at, 64)
        tiles, mode4, pairs, described = (
            header >> 8 & 255,
            header >> 16 & 1,
            header >> 17 & 1,
            header >> 18 & 1,
        )
        period, periodic = header >> 20 & 7, header >> 23 & 1
        end = at + (header >> 32 & 0xFFFF) * array.beat
        entries_end = end + (header >> 48) * array.beat
        codes_end = entries_end + tiles * array.steps * array.beat
        if mode4 != (matrix.bits == 4) or codes_end > len(bits):
            raise ValueError(f"block at bit {at}: found header {header:016x}")
        used = array.words(64)
        at += used
        sums["headers"] += used
        per_word = array.word // 8
        descriptions = 0
        for tile in range(tiles):
            if described and tile % per_word == 0:
                descriptions = field(bits, at, array.word)
                at += array.word
                sums["headers"] += array.word
            own = descriptions >> 8 * (tile % per_word) & 255
            scales = own & 1 if described else periodic and tile % (1 << period) == 0
            order, more = own >> 1 & 1, own >> 3 & 1
            parts = {
                "references": array.words(8 * array.cols) * (position == 0 and not repeated),
                "scales": array.words(8 * array.cols) * scales,
                "factors": array.words(4 * array.cols) * (scales and array.factors),
                "orders": array.words(array.switches) * order,
            }
            for name, size in parts.items():
                sums[name] += int(size)
                at += int(size)
            codes = array.steps * array.beat
            if repeated:
                sums["codes_of_second_parts"] += codes
            else:
                first_codes += codes
            repeated = bool(more)
            if not more:
                position += matrix.tile_rows * (2 if pairs else 1)
                if position >= matrix.k:
                    position, column = 0, column + array.cols
        if at > end:
            raise ValueError(f"block before bit {end}: sections are longer than the header says")
        sums["section_fill"] += end - at
        entries = np.packbits(bits[end:entries_end], bitorder="little").view("<u2")
        for name, size in count_entries(entries, array.location_bits).items():
            sums[name] += size
        at = codes_end
    if column < matrix.n or position or sum(sums.values()) + first_codes != len(bits):
        raise ValueError(f"found {column} columns, position {position}; allowed {matrix.n} and 0")
    sums["codes"] = matrix.k * matrix.n * matrix.bits
    sums["codes_beyond_the_matrix"] = first_codes - sums["codes"]
    return sums


class Registers:
    """The constants of a design's register file."""

    def __init__(self, page: pathlib.Path):
        self.words: dict[int, int] = {}
        offset = 0
        for line in page.read_text(encoding="utf-8").splitlines():
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if cells[0].startswith("0x"):
                offset = int(cells[0], 16)
                self.words[offset] = 0
            elif len(cells) > 5 and cells[4] == "constant":
                self.words[offset] |= int(cells[5], 16) << int(re.search(r"\d+$", cells[2]).group())

    def read(self, offset: int) -> int:
        return self.words[offset]


class Packer:
    """A generated accelerator and its packets."""

    def __init__(self, name: str, library: driver.Library, options: argparse.Namespace):
        directory = options.work / re.sub(r"\W+", "-", name)
        directory.mkdir(parents=True, exist_ok=True)
        config = directory / "config.json"
        config.write_text(json.dumps(ARRAYS[name]), encoding="utf-8")
        kept_runs.must([options.program, "generate", "--config", config, "-o", directory / "rtl"])
        manifest = json.loads((directory / "rtl" / "manifest.json").read_text(encoding="utf-8"))
        registers = Registers(directory / "rtl" / "registers.md")
        self.library = library
        self.capabilities = library.open(registers.read, lambda offset, value: None).capabilities
        self.shift_max = manifest["config"]["outlier_shift_max"]
        c = self.capabilities
        bands = c.rows // c.band_rows
        self.array = Array(
            c.cols,
            8 * c.weight_beat,
            c.rows // c.weight_rows,
            bool(c.full_range),
            (bands.bit_length() - 1) * c.places * c.rows // 2,
            c.micro_block.bit_length() - 1,
        )

    def count(self, layer) -> dict[str, int]:
        with self.library.pack(self.capabilities, layer, 1) as packets:
            rows = 1 << packets.job().log2_rows
            matrix = Matrix(layer.format.k, layer.format.n, layer.format.bits, rows)
            return count(packets.weights(0).tobytes(), self.array, matrix)


def quantized(name: str, mode: int, shift_max: int, options: argparse.Namespace):
    """The report of `quantize`, and the file that it wrote."""
    source = ["--synthetic", name, "--sigma", str(RANDOM_SIGMA)]
    if name in MINILM:
        source = ["--weights", str(options.weights), "--tensor", MINILM[name]]
    label = f"{name}-{mode}-shifts-{shift_max}"
    file = options.work / f"{label}.safetensors"
    rules = ["--encoding", "full_range", "--outliers-per-block", "1", "--shift-bits", "4"]
    rules += ["--fraction-bits", "1", "--identifier-group", "8", "--outlier-shift-max", str(shift_max)]
    command = ["quantize", *source, "--bits", str(mode), *rules, "--layer", "l", "-o", str(file)]
    return kept_runs.run(label, command, options), file


def row_of(name: str, array: str, mode: int, report: dict, sums: dict[str, int]) -> dict[str, str]:
    """Figures of a layer on an array: bits per weight."""
    weights = report["weights"]
    stream = sum(sums.values()) / weights
    row = {"layer": name, "array": array, "mode": str(mode)}
    row["outlier_blocks_percent"] = f"{100 * report['flagged_share']:.2f}"
    row |= {"stored_bits": f"{report['ebw_stored']:.4f}", "stream_bits": f"{stream:.4f}"}
    row["more_percent"] = f"{100 * (stream / report['ebw_stored'] - 1):.2f}"
    return row | {part: f"{sums[part] / weights:.4f}" for part in PARTS}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    kept_runs.add_options(parser, "stream-bits")
    parser.add_argument("--layers", default=",".join([*MINILM, *RANDOM]), help="default: %(default)s")
    parser.add_argument("--arrays", default=";".join(ARRAYS), help="default: %(default)s")
    parser.add_argument("--modes", default="2,4", help="default: %(default)s")
    parser.add_argument(
        "--library",
        type=pathlib.Path,
        default=kept_runs.ROOT / "build/release/driver/libmicroscopiq_driver.so",
    )
    parser.add_argument(
        "--weights", type=pathlib.Path, default=kept_runs.ROOT / "build/weights/model.safetensors"
    )
    options = parser.parse_args()
    library = driver.Library(options.library)
    packers = {name: Packer(name, library, options) for name in options.arrays.split(";")}
    rows = []
    for mode in map(int, options.modes.split(",")):
        for name in options.layers.split(","):
            for array, packer in packers.items():
                report, file = quantized(name, mode, packer.shift_max, options)
                rows.append(row_of(name, array, mode, report, packer.count(load(file)["l"])))
                print(rows[-1], file=sys.stderr, flush=True)
    print(table(rows))
    if options.csv:
        kept_runs.write_csv(options.csv, rows)


if __name__ == "__main__":
    main()
