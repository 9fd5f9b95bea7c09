#!/usr/bin/env python3
"""Writes docs/results/data/token-time.csv: the predicted time of a token of SmolLM2-135M at each width of
docs/results/data/smollm2.csv, on a 64x64 array (decode, linear layers, `microscopiq model`).

usage: eval/llm/token_time.py [--runs build/eval/llm/smollm2] [--program PROGRAM] [--data DIRECTORY]

With --runs the layers, their bits and their outliers are those of the finished methods of run.py. Without it
layers have the model's shapes and random outliers as often as smollm2.csv says, and of mixed widths only the
average is known: cycles_min and cycles_max are of the cheapest and of the dearest choice of layers with that
average."""

from __future__ import annotations

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "eval"))

import model_tables  # noqa: E402
import tables  # noqa: E402

LABELS = json.loads((pathlib.Path(__file__).parent / "labels.json").read_text())
MODEL = "smollm2-135m"
WEIGHT_ROWS = 2  # a beat: 64 bytes a cycle
PLAIN = {"bb = 2": 2, "bb = 4": 4}


def bounds(layers: list[tuple[float, float, float]], share: float) -> tuple[float, float]:
    """Smallest and largest sum of cycles when layers with `share` of the weights have 4 bits.

    `layers`: weights, cycles at 2 bits and at 4 of each group of equal layers, which may be cut anywhere.
    """
    found = []
    by_price = sorted(layers, key=lambda layer: (layer[2] - layer[1]) / layer[0])
    for order in (by_price, by_price[::-1]):
        left = share * sum(weights for weights, _, _ in layers)
        cycles = 0.0
        for weights, narrow, wide in order:
            part = min(left / weights, 1.0)
            left -= part * weights
            cycles += narrow + part * (wide - narrow)
        found.append(cycles)
    return found[0], found[1]


def groups(program: model_tables.Program, rates: dict[int, float]) -> list[tuple[float, float, float]]:
    """Arguments of bounds(), from the model's shapes."""
    reports = {
        mode: program.inline(
            WEIGHT_ROWS,
            *("--model", MODEL, "--phase", "decode", "--tokens", "1", "--mode", str(mode)),
            *("--outlier-rate", f"{rates[mode]:.6f}"),
        )["layers"]
        for mode in (2, 4)
    }
    return [
        (two["count"] * two["k"] * two["n"], two["count"] * two["cycles"], four["count"] * four["cycles"])
        for two, four in zip(reports[2], reports[4], strict=True)
    ]


def of_runs(program: model_tables.Program, runs: pathlib.Path, rows: dict[str, dict]) -> list[dict]:
    """Cycles of the layers that run.py wrote."""
    found = []
    for name, label in LABELS.items():
        if label in rows and (runs / name).is_dir():
            report = program.inline(
                WEIGHT_ROWS, "--quantized", str(runs / name), "--phase", "decode", "--tokens", "1"
            )
            cycles = f"{report['total']['cycles']:.0f}"
            found.append(entry(label, rows[label], cycles, cycles))
    return found


def of_shapes(program: model_tables.Program, rows: dict[str, dict]) -> list[dict]:
    plain = {bits: rows[f"full_range, {which}"] for which, bits in PLAIN.items()}
    rates = {bits: float(row["micro_blocks_with_outliers_percent"]) / 100 for bits, row in plain.items()}
    stored = {bits: float(row[tables.BITS]) for bits, row in plain.items()}
    layers = groups(program, rates)
    found = []
    for label, row in rows.items():
        share = (float(row[tables.BITS]) - stored[2]) / (stored[4] - stored[2])
        least, most = bounds(layers, min(max(share, 0.0), 1.0))
        found.append(entry(label, row, f"{least:.0f}", f"{most:.0f}"))
    return found


def entry(label: str, row: dict, least: str, most: str) -> dict:
    return {"method": label, tables.BITS: row[tables.BITS], "cycles_min": least, "cycles_max": most}


def full_range(data: pathlib.Path) -> dict[str, dict]:
    """Rows of smollm2.csv with this encoding and inputs as they are."""
    return {
        row["method"]: row
        for row in tables.read_csv(data / "smollm2.csv")
        if row["model"] == tables.PUBLISHED
        and row["method"].startswith("full_range")
        and "inputs" not in row["method"]
    }


def write(options: argparse.Namespace) -> None:
    rows = full_range(options.data)
    with tempfile.TemporaryDirectory() as directory:
        program = model_tables.Program(options.program, pathlib.Path(directory))
        found = of_runs(program, options.runs, rows) if options.runs else of_shapes(program, rows)
    if not found:
        sys.exit(f"token_time.py: found no finished method in {options.runs}; allowed: {', '.join(LABELS)}")
    tables.write_csv(options.data / "token-time.csv", found)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=pathlib.Path, help="directory of run.py with finished methods")
    parser.add_argument("--program", default=str(ROOT / "build/release/cli/microscopiq"))
    parser.add_argument("--data", type=pathlib.Path, default=tables.RESULTS / "data")
    options = parser.parse_args()
    try:
        write(options)
    except OSError as error:
        sys.exit(f"token_time.py: {error}")
    except subprocess.CalledProcessError as error:
        sys.exit(error.stderr)


if __name__ == "__main__":
    main()
