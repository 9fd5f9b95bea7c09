#!/usr/bin/env python3
"""Draws the pictures of docs/results/area.md and docs/results/energy.md from the tables in docs/results/data.

usage: eval/result_plots.py [PICTURE]... [--data docs/results/data] [--images docs/results/images]

Each picture is one SVG file from one CSV file, readable on light and dark ground; the same figures give the
same bytes. Needs matplotlib (eval/requirements.txt)."""

from __future__ import annotations

import argparse
import csv
import pathlib

import picture
from picture import BLUE, GREY, SERIES, WIDTH

ROOT = pathlib.Path(__file__).resolve().parent.parent
MARKERS = "os^Dv"
PARTS = ("off-chip", "buffers", "array", "outliers", "rest")


def read(file: pathlib.Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    """Rows of a table. Raises ValueError if a column is missing or there are no rows."""
    with file.open(newline="", encoding="utf-8") as stream:
        reader = csv.DictReader(stream)
        missing = [name for name in columns if name not in (reader.fieldnames or [])]
        rows = list(reader)
    if missing or not rows:
        raise ValueError(
            f"{file}: found no {', '.join(missing) or 'rows'}; allowed: a table with {', '.join(columns)}"
        )
    return rows


def values(rows: list[dict[str, str]], column: str) -> list[str]:
    """Different entries of a column, in their order."""
    return list(dict.fromkeys(row[column] for row in rows))


def stacked(axis, names: list[str], parts: dict[str, list[float]], colours=SERIES) -> list[float]:
    """Horizontal bars of stacked parts, the first name at the top. Returns the length of each bar."""
    left = [0.0] * len(names)
    for (part, lengths), colour in zip(parts.items(), colours, strict=False):
        axis.barh(range(len(names)), lengths, left=left, color=colour, label=part, height=0.7)
        left = [start + length for start, length in zip(left, lengths, strict=True)]
    axis.set_yticks(range(len(names)), names)
    axis.tick_params(axis="y", length=0)
    axis.invert_yaxis()
    axis.set_xlim(0, 1.12 * max(left))
    return left


def draw_core(plt, rows: list[dict[str, str]]):
    """Area of 8x8 cores by block: plain arrays, path inline, path recon"""
    chosen = [row for row in rows if row["array"] == "8x8"]
    names, blocks = values(chosen, "design"), values(chosen, "block")
    area = {(row["design"], row["block"]): float(row["area_um2"]) / 1e6 for row in chosen}
    figure, axis = plt.subplots(figsize=(WIDTH, 0.9 + 0.42 * len(names)), layout="constrained")
    parts = {block: [area.get((name, block), 0.0) for name in names] for block in blocks}
    parts = {block: areas for block, areas in parts.items() if any(areas)}  # clock pins have no area
    for row, total in enumerate(stacked(axis, names, parts)):
        axis.text(total, row, f" {total:.3f}", va="center")
    axis.set(xlabel="mm², OSU 0.18 µm")
    figure.legend(loc="outside lower center", ncols=4)
    return figure


def draw_baselines(plt, rows: list[dict[str, str]]):
    """Multiplications per cycle and area of arrays of 8x8 and 16x16 PEs"""
    arrays = values(rows, "array")
    figure, axes = plt.subplots(1, len(arrays), figsize=(WIDTH, 4.0), layout="constrained", sharey=True)
    for axis, array in zip(axes, arrays, strict=True):
        chosen = [row for row in rows if row["array"] == array]
        names = [f"{row['design']}, {row['weight_bits']} bits" for row in chosen]
        density = [float(row["macs_per_cycle"]) / float(row["area_um2"]) * 1e6 for row in chosen]
        colours = [BLUE if row["design"].startswith("ours") else GREY for row in chosen]
        axis.barh(range(len(names)), density, color=colours, height=0.7)
        for place, value in enumerate(density):
            axis.text(value, place, f" {value:.0f}", va="center")
        axis.set_yticks(range(len(names)), names)
        axis.tick_params(axis="y", length=0)
        axis.set(title=array, xlabel="MACs per cycle and mm²")
        axis.set_xlim(0, 1.2 * max(density))
    axes[0].invert_yaxis()
    return figure


def draw_clock(plt, rows: list[dict[str, str]]):
    """Area of 8x8 arrays mapped for a clock"""
    figure, axis = plt.subplots(figsize=(WIDTH, 3.4), layout="constrained")
    chosen = [row for row in rows if row["array"] == "8x8" and row["area_mm2"]]
    for design, colour, marker in zip(values(chosen, "design"), SERIES, MARKERS, strict=False):
        points = [
            (1e3 / float(r["period_ns"]), float(r["area_mm2"])) for r in chosen if r["design"] == design
        ]
        axis.plot(*zip(*sorted(points), strict=True), color=colour, marker=marker, markersize=4, label=design)
    axis.set(xlabel="clock, MHz", ylabel="area, mm²")
    axis.set_ylim(bottom=0)
    axis.grid()
    axis.legend(loc="lower left", ncols=4)
    return figure


def draw_accelerator(plt, rows: list[dict[str, str]]):
    """Share of each part of the accelerator's area"""
    names = values(rows, "preset")
    parts = {}
    totals = [sum(float(row[column]) for column in row if column.endswith(" mm2")) for row in rows]
    for column in rows[0]:
        if column.endswith(" mm2"):
            part = column.removesuffix(" mm2")
            parts[part] = [100 * float(row[column]) / total for row, total in zip(rows, totals, strict=True)]
    figure, axis = plt.subplots(figsize=(WIDTH, 1.2 + 0.42 * len(names)), layout="constrained")
    for row, length in enumerate(stacked(axis, names, parts)):
        axis.text(length, row, f" {totals[row]:.1f} mm²", va="center")
    axis.set(xlim=(0, 100), xlabel="share of the area, %")
    figure.legend(loc="outside lower center", ncols=3)
    return figure


GROWTH = {
    "build the model, s of processor": "build_cpu_s",
    "simulate, million PE-cycles/s": "simulate_million_PE_cycles_per_s",
    "synthesize, s of processor": "synth_cpu_s",
}


def draw_growth(plt, rows: list[dict[str, str]]):
    """Time to build, simulate and synthesize arrays of 4x4 to 128x128 PEs"""
    from matplotlib import ticker

    figure, axes = plt.subplots(1, len(GROWTH), figsize=(WIDTH, 2.8), layout="constrained")
    sizes = [int(array.split("x")[0]) for array in values(rows, "array")]
    for axis, (title, column) in zip(axes, GROWTH.items(), strict=True):
        for path, colour, marker in zip(values(rows, "path"), SERIES, MARKERS, strict=False):
            found = [r for r in rows if r["path"] == path and r[column]]
            points = [(int(r["array"].split("x")[0]), float(r[column])) for r in found]
            axis.plot(*zip(*points, strict=True), color=colour, marker=marker, markersize=4, label=path)
        axis.set(xscale="log", yscale="log", title=title, xlabel="rows")
        axis.set_xticks(sizes, list(map(str, sizes)))
        axis.minorticks_off()
        axis.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        axis.yaxis.set_major_formatter(ticker.StrMethodFormatter("{x:,g}"))
        axis.grid()
    axes[0].legend()
    return figure


MODEL = "llama-2-7b"


def draw_token_energy(plt, rows: list[dict[str, str]]):
    """Energy of a token of LLaMA-2-7B by part, in decode and prefill"""
    phases = values(rows, "phase")
    figure, axes = plt.subplots(1, len(phases), figsize=(WIDTH, 3.1), layout="constrained", sharey=True)
    for axis, phase in zip(axes, phases, strict=True):
        chosen = [row for row in rows if row["phase"] == phase and row["model"] == MODEL]
        parts = {part: [float(row[f"{part}_uJ"]) / 1e3 for row in chosen] for part in PARTS}
        names = [row["machine"].removesuffix(" outliers").removesuffix(", real") for row in chosen]
        for place, total in enumerate(stacked(axis, names, parts)):
            axis.text(total, place, f" {total:.3g}", va="center")
        axis.set(title=phase, xlabel="mJ per token")
    axes[0].invert_yaxis()  # shared, so that the second panel turned it back
    handles = axes[0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=len(PARTS))
    return figure


ENERGY_COLUMNS = ("phase", "model", "machine", *(f"{part}_uJ" for part in PARTS))
PICTURES = {
    "core": (draw_core, "core-blocks.csv", ("array", "design", "block", "area_um2")),
    "baselines": (
        draw_baselines,
        "baselines.csv",
        ("array", "design", "weight_bits", "macs_per_cycle", "area_um2"),
    ),
    "clock": (draw_clock, "clock.csv", ("array", "design", "period_ns", "area_mm2")),
    "accelerator": (draw_accelerator, "accelerator.csv", ("preset",)),
    "growth": (draw_growth, "growth.csv", ("array", "path", *GROWTH.values())),
    "token-energy": (draw_token_energy, "token-energy.csv", ENERGY_COLUMNS),
}


def draw(name: str, data: pathlib.Path, images: pathlib.Path) -> None:
    function, table, columns = PICTURES[name]
    figure = function(picture.pyplot("results"), read(data / table, columns))
    picture.save(figure, images / f"{name}.svg", function.__doc__)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    results = ROOT / "docs/results"
    parser.add_argument("pictures", nargs="*", metavar="PICTURE", help=f"{', '.join(PICTURES)}; default: all")
    parser.add_argument("--data", type=pathlib.Path, default=results / "data")
    parser.add_argument("--images", type=pathlib.Path, default=results / "images")
    options = parser.parse_args()
    unknown = sorted(set(options.pictures) - set(PICTURES))
    if unknown:
        parser.error(f"found {', '.join(unknown)}; allowed: {', '.join(PICTURES)}")
    for name in options.pictures or PICTURES:
        draw(name, options.data, options.images)


if __name__ == "__main__":
    main()
