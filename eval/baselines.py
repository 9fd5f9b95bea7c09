#!/usr/bin/env python3
"""Area, f_max and energy of our arrays, INT8, INT4, OliVe-like and GOBO-like ones (docs/results/area.md).

usage: eval/baselines.py [--sizes 8,16] [--power] [--liberty FILE] [--csv FILE]

Every design is one run of `microscopiq synth`, with --timing at 8x8; arrays of one size add in trees of as
many rows, or are systolic. With --power the 8x8 arrays also compute 64 tiles of 16 tokens of a layer of
MiniLM, each with weights quantized in its own way. A run is kept in build/baselines (or --work), so the
script resumes after an interruption; --again makes it anew. Prints a table as Markdown. Weights: `./setup.sh
--weights`."""

from __future__ import annotations

import argparse
import json
import pathlib

import kept_runs

TENSOR = "encoder.layer.0.intermediate.dense.weight"
TREES = {8: 4, 16: 8}  # rows of an array -> rows of a tree, as in the presets
FULL_RANGE = {"encoding": "full_range", "outliers_per_block": 1, "fraction_bits": 1}
TIMED = 8  # rows of the arrays whose f_max, and power, are measured
OWN = {  # design -> keys beside the size, and the widths of weights that it computes
    "ours, paper": ({}, (2, 4)),
    "ours, full_range": (FULL_RANGE, (2, 4)),
    "ours, full_range, mode 2": (FULL_RANGE | {"modes": [2]}, (2,)),
    "ours, full_range, mode 4": (FULL_RANGE | {"modes": [4]}, (4,)),
}
BASELINES = {"int4": 4, "int8": 8, "olive": 4, "gobo": 3}  # bits of a weight
COLUMNS = {
    "area_um2": "um^2",
    "macs_per_cycle_and_mm2": "MACs/cycle/mm^2",
    "f_max_mhz": "MHz",
    "pj_per_mac": "pJ/MAC",
}


def timing(size: int) -> list[str]:
    return ["--timing"] if size == TIMED else []


def layer(options: argparse.Namespace) -> list[str]:
    return [
        "--power",
        "--tiles",
        "64",
        "--tokens",
        "16",
        "--weights",
        str(options.weights),
        "--tensor",
        TENSOR,
    ]


def row(name: str, size: int, bits: int, tree: int, report: dict, power: dict | None) -> dict:
    """Figures of one array that computes weights of so many bits."""
    area = report.get("configuration", report)["area_um2"]  # a baseline's keys have no object of their own
    macs = size * size * (2 if bits == 2 else 1)
    return {
        "array": f"{size}x{size}",
        "design": name,
        "weight_bits": bits,
        "tree_rows": tree,
        "area_um2": f"{area:.0f}",
        "macs_per_cycle": macs,
        "macs_per_cycle_and_mm2": f"{macs / area * 1e6:.1f}",
        "f_max_mhz": f"{report['timing']['fmax_mhz']:.1f}" if "timing" in report else "",
        "power_mw_at_100_mhz": f"{power['total_w'] * 1e3:.1f}" if power else "",
        "pj_per_mac": f"{power['energy_per_mac_j'] * 1e12:.2f}" if power else "",
    }


def own_rows(name: str, size: int, options: argparse.Namespace) -> list[dict]:
    keys, widths = OWN[name]
    options.work.mkdir(parents=True, exist_ok=True)
    file = options.work / f"{name.replace(', ', '-').replace(' ', '-')}-{size}.config"
    file.write_text(json.dumps({"rows": size, "cols": size, **keys}), encoding="utf-8")
    arguments = ["--config", str(file), "--no-twin"]
    report = kept_runs.synthesize(file.stem, [*arguments, *timing(size)], options)
    rows = []
    for bits in widths:
        power = None
        if options.power and size == TIMED:
            run = [*arguments, "--bits", str(bits), *layer(options)]
            power = kept_runs.synthesize(f"{file.stem}-power-{bits}", run, options)["power"]
        rows.append(row(name, size, bits, TREES[size], report, power))
    return rows


def baseline_row(array: str, size: int, tree: int, options: argparse.Namespace) -> dict:
    name = f"{array}-{size}-{tree}"
    arguments = ["--baseline", array, "--rows", str(size), "--cols", str(size), "--tree-rows", str(tree)]
    report = kept_runs.synthesize(name, [*arguments, *timing(size)], options)
    power = None
    if options.power and size == TIMED:
        power = kept_runs.synthesize(f"{name}-power", [*arguments, *layer(options)], options)["power"]
    kind = "systolic" if tree == 1 else "trees"
    return row(f"{array}, {kind}", size, BASELINES[array], tree, report, power)


def measure(size: int, options: argparse.Namespace) -> list[dict]:
    rows = [found for name in OWN for found in own_rows(name, size, options)]
    for array in BASELINES:
        for tree in (TREES[size], 1):
            if array != "gobo" or tree == 1:  # floating-point sums have an order
                rows.append(baseline_row(array, size, tree, options))
    return rows


def table(rows: list[dict]) -> str:
    lines = [["array", "design", "bits", *COLUMNS.values()], ["---"] * (3 + len(COLUMNS))]
    for found in rows:
        lines.append(
            [found["array"], found["design"], str(found["weight_bits"]), *(found[key] for key in COLUMNS)]
        )
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", default="8,16", help="8 or 16, separated by commas")
    parser.add_argument("--power", action="store_true", help="also power of the 8x8 arrays")
    weights = kept_runs.ROOT / "build/weights/model.safetensors"
    parser.add_argument("--weights", type=pathlib.Path, default=weights, help="MiniLM's, for --power")
    kept_runs.add_options(parser, "baselines")
    options = parser.parse_args()
    rows = [found for size in map(int, options.sizes.split(",")) for found in measure(size, options)]
    print(table(rows))
    if options.csv:
        kept_runs.write_csv(options.csv, rows)


if __name__ == "__main__":
    main()
