"""Packets made from the pages alone against those of `microscopiq accelerate --packets`, byte for byte."""

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from array_sizes import log2, read_array
from beats import file_bytes
from expected import quantize_activations
from layer import QuantizedFile
from packer import WeightPacker, beats_of, packets
from permuter import apply_settings, benes_settings, pass_settings
from plan import Job

sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))
from configs import config_file

FORMATS = ["raw", "fp32", "mx8", "mx4"]


@dataclass
class Case:
    config: str
    bits: int
    shape: tuple  # M, K, N
    form: str
    options: str = ""  # of quantize
    macro: int = 128
    pass_tokens: int = 0
    kind: str = "heavy"  # of the weights


CASES = [
    Case("top-inline-4x4", 4, (5, 70, 18), "raw", macro=32),
    Case("top-inline-4x4", 2, (20, 33, 40), "fp32", "--identifier-group 4", macro=64),
    Case("top-inline-8x8-one-unit", 4, (9, 200, 50), "fp32", kind="dense"),
    Case("top-inline-8x8-one-unit", 2, (4, 150, 70), "mx8", kind="dense", pass_tokens=3),
    Case("top-inline-8x8", 4, (3, 131, 300), "mx4", kind="dense"),
    Case("top-inline-8x8-full-range", 4, (6, 140, 30), "raw", "--outliers-per-block 4", kind="dense"),
    Case("top-inline-8x8-full-range", 2, (2, 64, 25), "fp32", "--shift-bits 4", macro=32),
    Case(
        "top-inline-16x16-row-shifts",
        4,
        (3, 90, 40),
        "fp32",
        "--axis output --row-align-bits 3",
        32,
        kind="dense",
    ),
    Case(
        "top-inline-4x4-row-shifts",
        2,
        (5, 75, 21),
        "raw",
        "--axis output --row-align-bits 3",
        32,
        kind="dense",
    ),
    Case(
        "top-inline-4x4-row-shifts",
        4,
        (3, 50, 9),
        "fp32",
        "--axis output --row-align-bits 3",
        32,
        kind="uneven",
    ),
    # Blocks of 32 have one tile along K: no pairs, but two places for the rows of each tile.
    Case("top-inline-32x4", 2, (3, 100, 13), "raw", macro=32, kind="dense"),
    # Shifts beyond the largest of the array, and columns beyond the sums.
    Case("top-inline-4x4", 4, (3, 60, 12), "raw", kind="super"),
    Case("top-inline-8x8-full-range", 2, (3, 90, 20), "fp32", kind="super"),
    Case("top-recon-4x4", 4, (7, 40, 22), "fp32", macro=32),
    Case("top-recon-4x4", 2, (1, 100, 9), "mx4"),
    Case("top-recon-8x8", 4, (35, 140, 19), "mx8", kind="dense", pass_tokens=17),
    Case("top-recon-8x8", 2, (33, 160, 40), "raw", "--identifier-group 16", pass_tokens=16),
    Case(
        "top-recon-8x8-row-shifts", 4, (5, 70, 20), "raw", "--axis output --row-align-bits 5", kind="uneven"
    ),
    Case("top-recon-16x16-block-16", 4, (4, 260, 40), "fp32", "--outlier-shift-max 15", kind="dense"),
    Case("top-recon-16x16-block-16", 2, (2, 100, 40), "mx8", "--outlier-shift-max 15", kind="dense"),
    Case("top-recon-4x8-mode2", 2, (8, 50, 21), "fp32", macro=32),
    Case("top-recon-4x8-act4", 4, (4, 60, 13), "raw", kind="dense"),
    Case("top-recon-8x4-full-range-mode4", 4, (6, 40, 11), "fp32", "--outliers-per-block 1", macro=32),
    Case(
        "top-recon-8x8-full-range-one-outlier",
        2,
        (12, 130, 33),
        "mx8",
        "--outliers-per-block 1",
        pass_tokens=11,
    ),
    Case("top-recon-8x8-two-outliers", 4, (12, 130, 33), "fp32", "--outliers-per-block 2", kind="dense"),
    # Few outliers: rows that two switches bring into place, blocks without descriptions, long ways to skip.
    Case("top-inline-32x4", 2, (2, 900, 9), "raw", kind="sparse"),
    Case("top-inline-32x4", 4, (1, 700, 9), "fp32", macro=64, kind="sparse"),
    Case("top-inline-8x8", 4, (3, 512, 40), "mx8", kind="rare"),
    Case("top-inline-8x8", 2, (3, 900, 70), "raw", macro=64, kind="rare"),
    # FIFOs of a few beats: blocks end where entries or sections no longer fit.
    Case("top-recon-4x4-smallest", 4, (2, 60, 14), "raw", "--sigma 1", 64),
    Case("top-recon-4x4-smallest", 2, (2, 60, 30), "raw", macro=64, kind="sparse"),
    Case("top-recon-8x4-mode4", 4, (2, 140, 30), "raw", "--sigma 0.7"),
    Case("top-recon-8x16-mode2-32-lanes", 2, (1, 260, 70), "raw", "--sigma 0.5"),
    Case("top-recon-4x64", 4, (3, 140, 200), "fp32", kind="rare"),
    Case("top-recon-8x16-mode2-32-lanes", 2, (3, 260, 100), "mx4", kind="rare"),
    Case("top-recon-8x8-many-words", 2, (2, 300, 33), "raw"),
    Case("top-none-4x4", 4, (2, 1050, 9), "raw", "--outliers-per-block 0"),
    Case("top-none-4x128", 4, (2, 100, 300), "raw", "--outliers-per-block 0", macro=32),
    Case("top-none-4x4", 4, (3, 45, 10), "raw", "--outliers-per-block 0", macro=32),
    Case("top-none-8x8-full-range", 2, (17, 90, 50), "mx4", "--outliers-per-block 0"),
    # Several rows in a beat of weights, and several words of sections.
    Case("top-none-8x4-two-rows", 2, (3, 200, 30), "raw", "--outliers-per-block 0", macro=32),
    Case("top-none-8x4-two-rows", 4, (4, 100, 13), "mx8", "--outliers-per-block 0"),
    Case(
        "top-inline-8x8-two-rows",
        2,
        (5, 150, 40),
        "raw",
        "--outliers-per-block 1",
        kind="dense",
        pass_tokens=3,
    ),
    Case("top-inline-8x8-two-rows", 4, (2, 512, 40), "fp32", "--outliers-per-block 1", kind="rare"),
    Case("top-inline-16x4-eight-rows", 4, (2, 140, 14), "raw", macro=32),
    Case("top-inline-16x4-eight-rows", 2, (2, 300, 14), "fp32", kind="sparse"),
    Case(
        "top-inline-16x16-four-rows-row-shifts",
        2,
        (3, 200, 50),
        "mx4",
        "--axis output --row-align-bits 3",
        64,
        kind="uneven",
    ),
    # One output per beat.
    Case("hx8k", 4, (11, 140, 130), "mx4", "--outliers-per-block 0"),
    Case("hx8k", 4, (3, 45, 10), "raw", "--outliers-per-block 0", macro=32),
    Case("top-recon-4x4-one-lane", 2, (9, 60, 140), "mx8"),
]


def weights_of(case, rng):
    _, k, n = case.shape
    w = rng.standard_t(3, size=(k, n)).astype(np.float32)
    if case.kind == "dense":
        hot = rng.random((k, -(-n // 8))) < 0.3
        w = rng.standard_normal((k, n)) * 0.1
        w = np.where(
            np.repeat(hot, 8, axis=1)[:, :n] & (rng.random((k, n)) < 0.3),
            rng.standard_t(3, size=(k, n)) * 3,
            w,
        )
    if case.kind in ("sparse", "rare"):
        few = rng.random((k, n)) < (0.02 if case.kind == "sparse" else 0.0005)
        w = np.where(few, 6, 1) * np.clip(rng.standard_normal((k, n)), -2, 2)
    if case.kind == "super":
        w = np.where(rng.random((k, n)) < 0.01, w * np.exp2(rng.integers(3, 9, size=(k, n))), w)
    if case.kind == "uneven":
        w *= np.exp2(rng.integers(-4, 3, size=(k, 1)))
    # Columns and blocks of zeros, and blocks far below the others of a column.
    w[:, rng.random(n) < 0.05] = 0
    for first in range(0, k, case.macro):
        w[first : first + case.macro, rng.random(n) < 0.1] *= 2.0**-9
        w[first : first + case.macro, rng.random(n) < 0.1] = 0
    return w.astype(np.float32)


def activations_of(case, rng):
    m, k, _ = case.shape
    x = rng.standard_normal((m, k)) * np.exp2(rng.integers(-3, 4, size=(m, 1)))
    for first in range(0, k, case.macro):
        x[rng.random(m) < 0.15, first : first + case.macro] = 0
        x[rng.random(m) < 0.15, first : first + case.macro] *= 2.0**-11
    x[m // 2] *= rng.random() < 0.7
    return x.astype(np.float32)


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stderr.strip() or done.stdout.strip()}")


def encoding_options(array):
    if not array.full_range:
        return []
    options = ["--encoding", "full_range", "--scale-mantissa-bits", array.mantissa_bits]
    return [*options, "--fraction-bits", array.fraction_bits]


def program_packets(options, case, directory, array, x, w):
    np.save(directory / "w.npy", w)
    np.save(directory / "x.npy", x)
    config = config_file(case.config)
    command = [options.microscopiq, "quantize", "-w", directory / "w.npy", "-o", directory / "q.safetensors"]
    command += ["--layer", "l", "-b", case.bits, "--micro-block", array.micro, "--macro-block", case.macro]
    run(*command, "--threads", 1, *encoding_options(array), *case.options.split())
    command = [options.microscopiq, "accelerate", "-c", config, "-q", directory / "q.safetensors", "-a"]
    command += [directory / "x.npy", "--format", case.form, "--packets", directory / "packets"]
    if case.pass_tokens:
        command += ["--pass", case.pass_tokens]
    run(*command)


def weight_beats(job, tiles):
    """docs/reference/streams.md, "Lengths"."""
    a, packer, total = job.array, WeightPacker(job), 0
    contents = [packer.contents(tile) for tile in tiles]
    for first, count in packer.blocks(contents):
        of_block = contents[first : first + count]
        entries = len(packer.entries(of_block))
        words = beats_of(64, a.word)
        if packer.described(of_block):
            words += beats_of(count, a.word // a.description_bits)
        for tile, content in zip(tiles[first : first + count], of_block, strict=True):
            words += (tile.k_tile == 0 and tile.first) * beats_of(8 * job.columns, a.word)
            if content.scales:
                words += beats_of(8 * job.columns, a.word)
                words += a.full_range * beats_of(4 * job.columns, a.word)
            words += tile.ordered * beats_of(a.switches, a.word)
            words += any(packer.shifts(tile)) * beats_of(4 * a.ways, a.word)
        total += beats_of(words, a.weight_beat // a.word) + beats_of(16 * entries, a.weight_beat)
        total += a.rows // a.weight_rows * count
    return total


def check_lengths(job, made):
    found = []
    a, sizes = job.array, [min(job.columns, job.n - n) for n in range(0, job.n, job.columns)]
    groups = sum(beats_of(size, a.lanes_out) for size in sizes)
    if job.form > 1:
        bits = 8 if job.form == 2 else 4
        sizes = [min(128, job.n - n) for n in range(0, job.n, 128)]
        groups = sum(1 + beats_of(bits * size, a.out_beat) for size in sizes)
    for p, (_, tokens) in enumerate(job.passes):
        lengths = {
            "weights": weight_beats(job, job.tiles[p]),
            "activations": beats_of(8 * job.scales.shape[1] * tokens, a.act_beat) + job.k_tiles * tokens,
            "outputs": groups * tokens * (3 if job.form == 0 else 1),
        }
        for name, length in lengths.items():
            if len(made[name][p]) != length:
                found.append(f"{name}-{p}: {len(made[name][p])} beats, by the formula {length}")
    return found


def compare(case, job, directory):
    made = packets(job)
    found = check_lengths(job, made)
    array = job.array
    beats = {"weights": array.weight_beat, "activations": array.act_beat, "outputs": array.out_beat}
    files = {}
    for name, of_passes in made.items():
        for p, packet in enumerate(of_passes):
            files[f"{name}-{p}.bin"] = file_bytes(packet, beats[name])
    names = {file.name for file in directory.iterdir()}
    if names != {*files, "registers.json", "packets.json"}:
        found.append(f"files {sorted(names)}, from the pages {sorted(files)}")
    for name in sorted(names & files.keys()):
        theirs = (directory / name).read_bytes()
        if theirs != files[name]:
            pairs = enumerate(zip(theirs, files[name], strict=False))
            same = next((i for i, (byte, own) in pairs if byte != own), None)
            found.append(
                f"{name}: {len(theirs)} bytes, from the pages {len(files[name])}; first difference {same}"
            )
    registers = json.loads((directory / "registers.json").read_text())
    if registers != job.registers:
        found.append(f"registers.json: {registers}, from the pages {job.registers}")
    return found


def check_case(options, number, case):
    rng = np.random.default_rng([23, number])
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        run(
            options.microscopiq,
            "generate",
            "-c",
            config_file(case.config),
            "-o",
            directory / "rtl",
        )
        array = read_array(directory / "rtl")
        x, w = activations_of(case, rng), weights_of(case, rng)
        program_packets(options, case, directory, array, x, w)
        layer = QuantizedFile(directory / "q.safetensors").layer("l")
        values, scales = quantize_activations(x, array.act_bits, case.macro)
        job = Job(array, layer, values, scales, FORMATS.index(case.form), case.macro, case.pass_tokens)
        return compare(case, job, directory / "packets"), job


def check_permuter():
    """Settings against the page's description of the networks."""
    rng = np.random.default_rng(1)
    for rows in (4, 8, 16, 32, 64, 128):
        levels = log2(rows)
        stage_bits = [s if s < levels else 2 * levels - 2 - s for s in range(2 * levels - 1)]
        for _ in range(20):
            order = [int(row) for row in rng.permutation(rows)]
            settings = benes_settings(order)
            if apply_settings(settings, rows, stage_bits) != order:
                raise ValueError(f"settings of {order}")
            if len(settings) != (2 * levels - 1) * rows // 2:
                raise ValueError(f"{len(settings)} settings of {rows} rows")
        if any(benes_settings(list(range(rows)))):
            raise ValueError("settings of rows that stay")
        for first in range(1, levels):
            # One pass: each order that it has comes from one set of settings.
            stage_bits = list(range(first, levels))
            settings = [int(s) for s in rng.integers(0, 2, size=len(stage_bits) * rows // 2)]
            if pass_settings(apply_settings(settings, rows, stage_bits), stage_bits) != settings:
                raise ValueError(f"settings of one pass through {rows} rows")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("microscopiq", type=Path)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    check_permuter()
    failures = ordered = split = 0
    for number, case in enumerate(CASES):
        if options.only not in case.config:
            continue
        found, job = check_case(options, number, case)
        ordered += sum(tile.ordered for tiles in job.tiles for tile in tiles)
        split += sum(tile.more for tiles in job.tiles for tile in tiles)
        failures += bool(found)
        for text in found:
            print(f"{case}: {text}")
    print(
        f"{len(CASES)} layers, {ordered} tiles with an order, {split} with further parts; {failures} differ"
    )
    return 1 if failures or not options.only and not (ordered and split) else 0


if __name__ == "__main__":
    sys.exit(main())
