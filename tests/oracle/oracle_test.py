"""Compares the golden programs with the oracle and the Python package, bit for bit,
on random and corner matrices.

usage: oracle_test.py MICROSCOPIQ GOLDEN_OUTPUTS [--only NAME]; MSQ_FULL=1 in the environment: more and larger
ones."""

import argparse
import itertools
import os
import subprocess
import sys
import tempfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import microscopiq
import oracle

FULL = os.environ.get("MSQ_FULL") == "1"


@dataclass
class Case:
    name: str
    weights: np.ndarray  # [K][N]
    activations: np.ndarray  # [M][K]
    options: oracle.Options
    act_bits: int = 8
    rows: int = 16  # of the array


def student(rng, rows, columns):
    return rng.standard_t(3, size=(rows, columns)).astype(np.float32)


def wide_columns(rng, rows, columns):
    """Blocks of a column far apart, so that alignment rounds; some blocks of zeros."""
    w = student(rng, rows, columns)
    for first in range(0, rows, 32):
        w[first : first + 32] *= np.exp2(rng.integers(-12, 3, size=columns)).astype(np.float32)
        w[first : first + 32, rng.random(columns) < 0.1] = 0
    return w


def dense_outliers(rng, rows, columns):
    """Three sizes far apart: micro-blocks with more outliers than they may have, and such as cannot be
    routed."""
    w = (rng.standard_normal((rows, columns)) * 0.1).astype(np.float32)
    hot = np.repeat(rng.random((rows, -(-columns // 8))) < 0.04, 8, axis=1)[:, :columns]
    return np.where(hot & (rng.random(w.shape) < 0.6), student(rng, rows, columns) * 3 + 4, w).astype(
        np.float32
    )


def grid(rng, rows, columns):
    """Multiples of a quarter: ties of roundings, of scales, of pruned positions."""
    w = rng.integers(-6, 7, size=(rows, columns)) / 4
    w[rng.random(w.shape) < 0.02] *= 8
    return w.astype(np.float32)


def equal_outliers(rng, rows, columns):
    """Zeros and a few equal values: ties everywhere, blocks of outliers and zeros only."""
    return np.where(
        rng.random((rows, columns)) < 0.05, rng.choice([-2.0, 2.0, 4.0], size=(rows, columns)), 0
    ).astype(np.float32)


def no_zero_blocks(rng, rows, columns):
    return np.where(
        rng.random((rows, columns)) < 0.05, 8.0, 0.5 * rng.integers(1, 3, size=(rows, columns))
    ).astype(np.float32)


def tiny(rng, rows, columns):
    return (student(rng, rows, columns) * np.float32(2.0**-126)).astype(np.float32)


def subnormal(rng, rows, columns):
    """Far below the least scale, or about it: outliers that no scale is small enough for."""
    low = np.exp2(rng.integers(-147, -124, size=(1, columns)))
    return (student(rng, rows, columns) * low).astype(np.float32)


def huge(rng, rows, columns):
    return np.clip(student(rng, rows, columns).astype(np.float64) * 2.0**124, -3.4e38, 3.4e38).astype(
        np.float32
    )


def offset(rng, rows, columns):
    """A mean far from zero: small weights, even zeros, are the outliers."""
    w = (5 + 0.25 * rng.standard_normal((rows, columns))).astype(np.float32)
    w[rng.random(w.shape) < 0.02] = 0
    w[rng.random(w.shape) < 0.02] = np.float32(-0.0)
    return w


WEIGHTS = [
    student,
    wide_columns,
    dense_outliers,
    grid,
    equal_outliers,
    no_zero_blocks,
    tiny,
    subnormal,
    huge,
    offset,
]


def activations_for(rng, tokens, length):
    x = rng.standard_normal((tokens, length)) * np.exp2(rng.integers(-4, 5, size=(tokens, 1)))
    for m, first in itertools.product(range(tokens), range(0, length, 32)):
        # Blocks further apart than the accumulator's spread, exact halves, and zeros.
        kind = rng.integers(0, 8)
        part = x[m, first : first + 32]
        part *= 2.0 ** rng.integers(-14, 3)
        if kind == 0:
            part[:] = 0
        if kind == 1:
            part[:] = rng.integers(-127, 128, size=part.shape) / 2 + 0.0
    return x.astype(np.float32)


def random_options(rng, kind):
    encoding = "full_range" if rng.random() < 0.35 else "paper"
    micro = int(rng.choice([4, 8, 8, 8, 16]))
    options = oracle.Options(
        bits=int(rng.choice([2, 4])),
        encoding=encoding,
        micro=micro,
        macro=int(rng.choice([32, 64, 128])),
        scale_rule=str(rng.choice(["mse", "mse", "ocp"])),
        shift_rule=str(rng.choice(["mse", "max"])),
        shift_max=int(rng.choice([7, 7, 3, 0, 15])),
    )
    if encoding == "full_range":
        options.max_outliers = int(rng.choice([n for n in (1, 2, 4) if n <= micro // 2]))
        options.shift_bits = int(rng.choice([4, 8]))
        options.fraction_bits = int(rng.choice([1, 2]))
        options.mantissa_bits = int(rng.integers(0, 4))
    else:
        options.max_outliers = int(rng.integers(1, micro // 2 + 1))
        if rng.random() < 0.4:
            options.axis = "output"
            options.row_align_bits = int(rng.integers(0, 8))
    options.identifier_group = int(rng.choice([1, 1, 4, 8, 16]))
    return options


def random_case(seed, kind):
    rng = np.random.default_rng([seed, zlib.crc32(kind.__name__.encode())])
    options = random_options(rng, kind)
    largest = 300 if FULL else 140
    length, columns = int(rng.integers(1, largest)), int(rng.integers(1, 60 if FULL else 40))
    x = activations_for(rng, int(rng.integers(1, 6)), length)
    rows = int(rng.choice([4, 8, 16, 32]))
    weights = kind(rng, length, columns)
    if not options.paper and kind in (tiny, huge):
        # Scales of full_range end at 2^63: far beyond, two scales differ by less than a double of their error
        # can show.
        weights *= np.float32(2.0**60 if kind is tiny else 2.0**-62)
    return Case(f"{kind.__name__}-{seed}", weights, x, options, int(rng.choice([8, 4])), rows)


def corner_cases():
    """Shapes and values that no random draw is sure to hit."""
    rng = np.random.default_rng(7)
    paper = oracle.Options
    ones = np.ones((3, 20), np.float32)
    yield Case(
        "worked-example",
        np.float32([[1, -1.5, 0.2, 1, -1, 0, 1, -1]]),
        np.float32([[32]]),
        paper(axis="output"),
    )
    yield Case("one-element", np.float32([[-3]]), np.float32([[5]]), paper(bits=4))
    yield Case(
        "zeros", np.zeros((40, 9), np.float32), rng.standard_normal((2, 40)).astype(np.float32), paper()
    )
    yield Case("no-activation", student(rng, 20, 9), np.zeros((2, 20), np.float32), paper())
    for bits in (2, 4):
        # n values of which one is not zero: sigma * 3 is exactly the distance if n = 10.
        for n in (9, 10, 11):
            w = np.zeros((n, 8), np.float32)
            w[0] = 1 + np.arange(8) / 3
            yield Case(f"three-sigma-{n}-{bits}", w, np.ones((1, n), np.float32), paper(bits=bits))
        least, most = np.float32(2.0**-149), np.float32(3.4028235e38)
        for name, value in (("least", least), ("most", most)):
            w = np.where(rng.random((30, 11)) < 0.5, -value, value).astype(np.float32)
            yield Case(f"{name}-weight-{bits}", w, np.ones((1, 30), np.float32), paper(bits=bits))
            yield Case(
                f"{name}-activation-{bits}",
                ones,
                np.full((2, 3), value),
                paper(bits=bits, macro=32),
                8 if bits == 2 else 4,
            )
            both = np.float32([[1, value, 0.5, -value, 0.25]] * 40)
            yield Case(f"{name}-mixed-{bits}", both.T.copy(), np.full((2, 5), value), paper(bits=bits))
        # Results beyond FP32, subnormal ones, and everything between: scales from end to end.
        w = (rng.integers(-3, 4, size=(64, 40)) * np.exp2(np.linspace(-126, 120, 40))).astype(np.float32)
        x = (rng.standard_normal((40, 64)) * np.exp2(np.linspace(-126, 120, 40))[:, None]).astype(np.float32)
        yield Case(f"end-to-end-{bits}", w, x, paper(bits=bits, macro=32))
        # Outliers around half the least outlier of the least scale, beside zeros and beside each other.
        half = 2.0 ** (bits - 130)
        w = np.zeros((40, 8), np.float32)
        w[3] = half * np.float32([1, 1 - 2.0**-10, 1 + 2.0**-10, 0.5, 2, 3, -1, 2.0**-10])
        w[20, :4] = 0.75 * half
        for axis in ("reduction", "output"):
            yield Case(
                f"too-small-{axis}-{bits}", w, np.ones((1, 40), np.float32), paper(bits=bits, axis=axis)
            )
    for axis in ("reduction", "output"):
        # Several macro-blocks and several blocks of outputs, the last of each not whole.
        options = paper(axis=axis, row_align_bits=7, identifier_group=8)
        yield Case(
            f"two-by-three-blocks-{axis}",
            wide_columns(rng, 150, 300),
            activations_for(rng, 2, 150),
            options,
            8,
            64,
        )
    w = student(rng, 128, 24)
    w[rng.random(w.shape) < 0.02] *= 500
    yield Case("large-shifts", w, activations_for(rng, 8, 128), paper(bits=4, shift_max=15, shift_rule="max"))


def cases():
    yield from corner_cases()
    for seed, kind in itertools.product(range(100 if FULL else 25), WEIGHTS):
        yield random_case(seed, kind)


def quantize_arguments(case):
    o = case.options
    arguments = [
        "--layout",
        "k_by_n",
        "--threads",
        1,
        "--bits",
        o.bits,
        "--encoding",
        o.encoding,
        "--axis",
        o.axis,
    ]
    arguments += [
        "--micro-block",
        o.micro,
        "--macro-block",
        o.macro,
        "--identifier-group",
        o.identifier_group,
    ]
    arguments += ["--inlier-rule", o.scale_rule, "--shift-rule", o.shift_rule]
    arguments += ["--outlier-shift-max", o.shift_max]
    if o.axis == "output":
        arguments += ["--row-align-bits", o.row_align_bits]
    if o.max_outliers:
        arguments += ["--outliers-per-block", o.max_outliers]
    if not o.paper:
        arguments += [
            "--shift-bits",
            o.shift_bits,
            "--fraction-bits",
            o.fraction_bits,
            "--scale-mantissa-bits",
            o.mantissa_bits,
        ]
    return [str(a) for a in arguments]


def differences(name, ours, golden):
    """Text on the first place where two arrays differ, or nothing."""
    ours, golden = np.asarray(ours), np.asarray(golden)
    if ours.shape != golden.shape:
        return [f"{name}: shape {golden.shape}, oracle {ours.shape}"]
    bad = np.argwhere(ours != golden)
    if not len(bad):
        return []
    place = tuple(int(i) for i in bad[0])
    return [f"{name} {list(place)}: {golden[place]}, oracle {ours[place]} ({len(bad)} differ)"]


def compare_quantized(case, golden):
    found = []
    ours = oracle.quantize(case.weights, case.options)
    for field in ("flagged", "isf", "factor", "shift", "codes"):
        found += differences(field, getattr(ours, field), getattr(golden, field))
    if ours.lists != golden.lists:
        place = min(p for p in {*ours.lists, *golden.lists} if ours.lists.get(p) != golden.lists.get(p))
        found.append(f"list of {place}: {golden.lists.get(place)}, oracle {ours.lists.get(place)}")
    return found


class Parts:
    """The arrays of a file of golden_outputs, one after the other."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, kind, *shape):
        size = np.dtype(kind).itemsize * int(np.prod(shape))
        part = np.frombuffer(self.data[self.at : self.at + size], kind).reshape(shape)
        self.at += size
        return part


def compare_outputs(case, layer, data):
    (tokens, length), columns = case.activations.shape, layer.format.n
    parts = Parts(data)
    groups = -(-length // case.options.macro)
    with np.errstate(over="ignore"):
        weights = parts.take("<f8", length, columns).astype(np.float32)
    found = differences("weights", microscopiq.dequantize(layer), weights)
    x = microscopiq.quantize_activations(case.activations, case.act_bits, case.options.macro)
    found += differences("x", x.values, parts.take("i1", tokens, length))
    found += differences("Xsf", x.scales, parts.take("i1", tokens, groups))
    outputs = microscopiq.gemm(x, layer, case.rows)
    found += differences("acc", outputs.acc, parts.take("<i8", tokens, columns))
    found += differences("exponent", outputs.exponent, parts.take("<i4", tokens, columns))
    bits = outputs.to_float32().view(np.uint32)
    found += differences("FP32", bits, parts.take("<u4", tokens, columns))
    for mx in (8, 4):
        outputs_mx = outputs.to_mx(mx)
        found += differences(f"MX-INT-{mx} values", outputs_mx.values, parts.take("i1", tokens, columns))
        blocks = parts.take("i1", tokens, -(-columns // 128))
        found += differences(f"MX-INT-{mx} Ysf", outputs_mx.scales, blocks)
    if parts.at != len(data):
        found.append("golden_outputs wrote more than that")
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("microscopiq")
    parser.add_argument("golden_outputs")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    chosen = [case for case in cases() if options.only in case.name]
    with tempfile.TemporaryDirectory() as name:
        return run(options, chosen, Path(name))


def run(options, chosen, directory):
    def golden_quantize(case):
        np.save(directory / f"{case.name}.w.npy", case.weights)
        np.save(directory / f"{case.name}.x.npy", case.activations)
        command = [
            options.microscopiq,
            "quantize",
            "--weights",
            directory / f"{case.name}.w.npy",
            "--layer",
            "w",
        ]
        command += ["--output", directory / f"{case.name}.safetensors", *quantize_arguments(case)]
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    failures = outliers = 0
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(golden_quantize, chosen))
    lines = []
    for case, done in zip(chosen, runs, strict=True):
        if done.returncode:
            print(f"{case.name}: microscopiq quantize failed: {done.stderr.strip()}")
            return 1
        weights, inputs, outputs = (
            directory / f"{case.name}{end}" for end in (".safetensors", ".x.npy", ".out")
        )
        lines.append(
            " ".join(str(word) for word in (weights, "w", inputs, case.act_bits, case.rows, outputs))
        )
    (directory / "jobs").write_text("\n".join(lines) + "\n")
    subprocess.run([options.golden_outputs, directory / "jobs"], check=True)
    for case in chosen:
        layer = microscopiq.load(directory / f"{case.name}.safetensors")["w"]
        golden = oracle.read_layer(layer, case.options)
        outliers += sum(len(pairs) for pairs in golden.lists.values())
        found = compare_quantized(case, golden)
        found += compare_outputs(case, layer, (directory / f"{case.name}.out").read_bytes())
        for text in found:
            print(f"{case.name} {case.weights.shape}: {text}")
        if found:
            print(f"  {case.options}, {case.act_bits}-bit activations, {case.rows} rows")
            failures += 1
    print(f"{len(chosen)} matrices with {outliers} outliers, {failures} differ")
    return 1 if failures or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
