#!/usr/bin/env python3
"""Area against clock of the default arrays and of the arrays to compare with (docs/results/area.md).

usage: eval/clock_curves.py [--sizes 8,16] [--periods 4.6,4.2,..] [--liberty FILE] [--csv FILE]

Each array is one run of `microscopiq synth --period ..`, all with the same recipes and as many trials;
arrays of one size add in trees of as many rows. A run is kept in build/clock (or --work), so the script
resumes after an interruption; --again makes it anew. Prints the tables as Markdown."""

from __future__ import annotations

import argparse

import kept_runs

PERIODS = "4.6,4.2,3.8,3.6,3.4,3.2,3.0,2.9,2.8,2.7,2.6"
BASELINES = ("int4", "int8", "olive")


def arguments(array: str, size: int) -> list[str]:
    if array == "ours":
        return ["--config", f"{size}x{size}", "--no-twin"]
    shape = ["--rows", str(size), "--cols", str(size), "--tree-rows", str(tree_rows(size))]
    return ["--baseline", array, *shape]


def tree_rows(size: int) -> int:
    """Rows of a tree in the presets."""
    return 4 if size == 8 else 8


def measure(array: str, size: int, options: argparse.Namespace) -> dict:
    """The report of one array."""
    run = [*arguments(array, size), "--period", options.periods]
    report = kept_runs.synthesize(f"{array}-{size}", run, options)
    return report.get("configuration", report)


def figures(report: dict) -> list[dict]:
    """Points of a report: period, area in mm^2, whether the clock is met, recipe."""
    trials = report["clock"]["trials"]
    return [
        {
            "period": p["period_ns"],
            "mm2": p["area_um2"] / 1e6,
            "met": p["met"],
            "needed": p["needed_ns"],
            "recipe": trials[p["trial"]]["recipe"],
        }
        for p in report["clock"]["points"]
    ]


def cell(point: dict) -> str:
    return f"{point['mm2']:.3f}" if point["met"] else "-"


def table(curves: dict[str, list[dict]], size: int) -> str:
    """Areas at each clock, and the largest GMAC/s per mm^2 of each array."""
    periods = [p["period"] for p in next(iter(curves.values()))]
    lines = [["ns", "MHz", *curves], ["---"] * (2 + len(curves))]
    for i, period in enumerate(periods):
        lines.append([f"{period:g}", f"{1000 / period:.0f}", *(cell(curve[i]) for curve in curves.values())])
    fastest = [max(1000 / p["needed"] for p in curve) for curve in curves.values()]
    lines.append(["fastest", "", *(f"{f:.0f} MHz" for f in fastest)])
    best = [best_text(curve, size) for curve in curves.values()]
    lines.append(["most GMAC/s per mm^2", "", *best])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def best_text(curve: list[dict], size: int) -> str:
    """The clock at which the array computes most per area; ours in mode 4."""
    met = [p for p in curve if p["met"]]
    density, period = max((size * size / p["period"] / p["mm2"], p["period"]) for p in met)
    return f"{density:.1f} at {period:g} ns"


def rows_of(curves: dict[int, dict[str, list[dict]]]) -> list[dict]:
    """A row per array, design and clock; no area where the clock is not met."""
    return [
        {
            "array": f"{size}x{size}",
            "design": design,
            "period_ns": f"{point['period']:g}",
            "area_mm2": f"{point['mm2']:.6f}" if point["met"] else "",
            "recipe": point["recipe"],
        }
        for size, arrays in curves.items()
        for design, curve in arrays.items()
        for point in curve
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", default="8,16", help="8 or 16, separated by commas")
    parser.add_argument("--periods", default=PERIODS, help="clocks in ns (default: %(default)s)")
    kept_runs.add_options(parser, "clock")
    options = parser.parse_args()
    curves = {}
    for size in map(int, options.sizes.split(",")):
        curves[size] = {a: figures(measure(a, size, options)) for a in ("ours", *BASELINES)}
        print(f"\n{size}x{size}, mm^2 with buffers\n\n{table(curves[size], size)}")
    if options.csv:
        kept_runs.write_csv(options.csv, rows_of(curves))


if __name__ == "__main__":
    main()
