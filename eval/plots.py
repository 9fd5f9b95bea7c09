#!/usr/bin/env python3
"""Draws the pictures of docs/results/accuracy.md and docs/results/paper.md from docs/results/data.

usage: eval/plots.py [--only PICTURE,..] [--data DIRECTORY] [--output DIRECTORY] [--check]

  formats      squared output error of MiniLM's layers against stored bits (minilm.csv)
  ladder       the paper's ablation, step by step (ladder.csv)
  perplexity   SmolLM2 against bits and time of a token (smollm2.csv, token-time.csv)
  contention   accesses to ReCoN that wait, by tokens a tile and by units (contention.csv)

With --check nothing is written, and it is an error if a picture would change. Needs matplotlib
(eval/setup.sh)."""

from __future__ import annotations

import argparse
import pathlib
import sys
import tempfile

import picture
import tables
from picture import BLUE, GREEN, GREY, GROUND, ORANGE, PURPLE, TEXT

IMAGES = tables.RESULTS / "images"


def plain(value: float, _position: int | None = None) -> str:
    return f"{value:.3g}"


def log_ticks(axis, subdivisions: tuple[float, ...]) -> None:
    """Ticks of a logarithmic scale as plain numbers."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    axis.set_major_locator(LogLocator(base=10, subs=subdivisions, numticks=20))
    axis.set_major_formatter(FuncFormatter(plain))
    axis.set_minor_locator(NullLocator())


# Series of `formats`: name, colour, marker, methods in minilm.csv, which a line joins.
FORMATS = (
    ("full_range, three prices of an outlier", BLUE, "o", ("full_range, price {}", "1234")),
    ("GPTQ, groups of 128 and 64", GREEN, "s", ("GPTQ, groups of {}", ("128", "64"))),
    ("GPTQ, activation order", GREEN, "D", ("GPTQ, groups of 128, ordered", "-")),
    ("paper, compensated", ORANGE, "^", ("paper, compensated", "-")),
    ("paper, rounded", ORANGE, "v", ("paper, rounded", "-")),
    ("INT, rounded", GREY, "P", ("INT, groups of 128", "-")),
    ("MX-INT, rounded", GREY, "X", ("MX-INT, blocks of 128", "-")),
    ("GOBO, rounded", PURPLE, "*", ("GOBO", "-")),
    ("MXFP4, rounded", PURPLE, "h", ("MXFP4", "-")),
    ("OliVe, rounded", PURPLE, "d", ("OliVe", "-")),
)


def draw_formats(plt, data: pathlib.Path):
    rows = {(row["method"], row["width_bits"]): row for row in tables.read_csv(data / "minilm.csv")}
    figure, panels = plt.subplots(1, 2, figsize=(picture.WIDTH, 4.3))
    handles = {}
    for panel, width in zip(panels, "24", strict=True):
        for name, colour, marker, (method, endings) in FORMATS:
            found = [rows.get((method.format(ending), width)) for ending in endings]
            points = sorted((float(row[tables.BITS]), float(row[tables.ERROR])) for row in found if row)
            if points:
                (handles[name],) = panel.plot(
                    *zip(*points, strict=True),
                    color=colour,
                    marker=marker,
                    markersize=9 if marker == "*" else 7,
                    markeredgecolor=GROUND,
                    linestyle="-" if len(points) > 1 else "",
                )
        panel.set(yscale="log", title=f"{width}-bit formats", xlabel="stored bits per weight")
        log_ticks(panel.yaxis, (1, 1.5, 2, 3, 5, 7))
        panel.margins(0.1, 0.12)
        panel.grid(True)
    panels[0].set_ylabel("squared relative output error")
    names = [name for name, *_ in FORMATS if name in handles]
    figure.legend([handles[name] for name in names], names, loc="outside lower center", ncols=2)
    return figure, "Squared output error of MiniLM's layers against stored bits, for ten methods"


def draw_ladder(plt, data: pathlib.Path):
    rows = tables.read_csv(data / "ladder.csv")
    figure, panels = plt.subplots(1, 2, figsize=(picture.WIDTH, 3.9), sharey=True)
    for panel, width in zip(panels, "24", strict=True):
        of_width = [row for row in rows if row["width_bits"] == width]
        errors = [float(row[tables.ERROR]) for row in of_width]
        panel.barh(range(len(errors)), errors, 0.62, color=BLUE if width == "2" else GREEN)
        for place, row in enumerate(of_width):
            text = f"{tables.number(row[tables.ERROR])}; {float(row[tables.BITS]):.2f}"
            panel.annotate(text, (errors[place], place), (4, 0), textcoords="offset points", va="center")
        panel.set(title=f"{width} bits: error; stored bits", xlim=(0, 1.55 * max(errors)))
        panel.tick_params(axis="y", length=0)
        panel.locator_params(axis="x", nbins=4)
    panels[0].set_yticks(range(len(of_width)), [row["rung"] for row in of_width])
    panels[0].invert_yaxis()
    figure.supxlabel("squared relative output error", fontsize=picture.FONT_SIZE)
    return figure, "The steps of the paper's ablation on MiniLM, at 2 and at 4 bits"


# Series of `perplexity`: name, colour, marker, line, methods in smollm2.csv.
WIDTHS = ("bb = 2", "average 2.5 bits", "average 3 bits", "bb = 4")
LANGUAGE = (
    ("full_range", BLUE, "o", "-", [f"full_range, {width}" for width in WIDTHS]),
    ("full_range, tuned", BLUE, "^", "--", [f"full_range, {width}, tuned" for width in WIDTHS]),
    ("GPTQ", GREEN, "s", ":", ["GPTQ, 2 bits", "GPTQ, 4 bits"]),
    ("paper", ORANGE, "v", ":", ["paper, bb = 2", "paper, bb = 4"]),
    ("INT4, rounded", GREY, "P", "", ["INT4, rounded"]),
    ("GOBO, rounded", PURPLE, "*", "", ["GOBO, 4 bits, rounded"]),
    ("MXFP4, rounded", PURPLE, "h", "", ["MXFP4, rounded"]),
    ("OliVe, rounded", PURPLE, "d", "", ["OliVe, rounded"]),
)


def draw_perplexity(plt, data: pathlib.Path):
    rows = {
        row["method"]: row
        for row in tables.read_csv(data / "smollm2.csv")
        if row["model"] == tables.PUBLISHED
    }
    times = {row["method"]: row for row in tables.read_csv(data / "token-time.csv")}
    figure, (left, right) = plt.subplots(1, 2, figsize=(picture.WIDTH, 4.0))
    handles = []
    for name, colour, marker, line, methods in LANGUAGE:
        found = [rows[method] for method in methods]
        ratios = [float(row["handbook_ratio"]) for row in found]
        style = {
            "color": colour,
            "marker": marker,
            "linestyle": line,
            "markeredgecolor": GROUND,
            "markersize": 8,
        }
        handles += left.plot([float(row[tables.BITS]) for row in found], ratios, label=name, **style)
        if all(method in times for method in methods):
            ends = [
                [int(times[method][end]) / 1000 for end in ("cycles_min", "cycles_max")] for method in methods
            ]
            right.plot([sum(pair) / 2 for pair in ends], ratios, **style)
            for pair, ratio in zip(ends, ratios, strict=True):
                right.plot(pair, [ratio, ratio], color=colour, linewidth=4, solid_capstyle="butt")
    left.set(xlabel="stored bits per weight", ylabel="perplexity, to the original model's")
    right.set(xlabel="time of a token, us, 64x64 at 1 GHz")
    for panel, subdivisions in ((left, (1, 1.2, 1.5, 2, 3, 5, 7)), (right, (1, 1.2, 1.4, 1.6, 1.8))):
        panel.set_yscale("log")
        log_ticks(panel.yaxis, subdivisions)
        panel.grid(True)
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure, "Perplexity of SmolLM2 against stored bits and against the predicted time of a token"


SCHEMES = (
    ("core", "this core", BLUE, "o", "-"),
    ("oldest_first", "the paper's, oldest row first", ORANGE, "s", "--"),
    ("by_blocks", "the paper's, an arbiter per column of blocks", GREEN, "^", ":"),
)
LOAD = ("random, 9.00 %", "2")


def draw_contention(plt, data: pathlib.Path):
    rows = [
        row
        for row in tables.read_csv(data / "contention.csv")
        if (row["load"], row["mode"]) == LOAD and row["spacing"] == "1"
    ]
    figure, (left, right) = plt.subplots(1, 2, figsize=(picture.WIDTH, 3.9))
    for scheme, name, colour, marker, line in SCHEMES:
        of_scheme = [row for row in rows if row["scheme"] == scheme]
        style = {
            "color": colour,
            "marker": marker,
            "linestyle": line,
            "markeredgecolor": GROUND,
            "markersize": 7,
        }
        waits = sorted(
            (int(row["tokens"]), 100 * int(row["waited"]) / int(row["accesses"]))
            for row in of_scheme
            if row["units"] == "1"
        )
        left.plot(*zip(*waits, strict=True), label=name, **style)
        slower = sorted(
            (int(row["units"]), float(row["slowdown"])) for row in of_scheme if row["tokens"] == "128"
        )
        right.plot(*zip(*slower, strict=True), **style)
    left.axhline(3, color=TEXT, linewidth=1)
    left.text(128, 4, "the paper's claim: below 3 %", ha="right", va="bottom")
    left.set(title="one unit", xlabel="tokens per tile", ylabel="accesses that wait, %", xscale="log")
    right.set(
        title="128 tokens per tile",
        xlabel="ReCoN units, of 64 rows",
        ylabel="times slower",
        xscale="log",
        yscale="log",
    )
    for axis in (left.xaxis, right.xaxis):
        ticks(axis, [1, 2, 4, 8, 16, 32, 64, 128] if axis is left.xaxis else [1, 2, 4, 8, 16, 32, 64])
    ticks(right.yaxis, [1, 2, 5, 10, 20, 50])
    for panel in (left, right):
        panel.grid(True)
    figure.legend(loc="outside lower center", ncols=2)
    return figure, "Accesses to ReCoN that wait, by tokens per tile, and time lost by number of units"


def ticks(axis, places: list[int]) -> None:
    from matplotlib.ticker import NullLocator

    axis.set_ticks(places, [str(place) for place in places])
    axis.set_minor_locator(NullLocator())


PICTURES = {
    "formats": draw_formats,
    "ladder": draw_ladder,
    "perplexity": draw_perplexity,
    "contention": draw_contention,
}


def draw(name: str, data: pathlib.Path, path: pathlib.Path) -> None:
    """Draws a picture from the CSV files in `data` into an SVG file."""
    plt = picture.pyplot(name)
    with plt.rc_context({"figure.constrained_layout.use": True}):
        figure, title = PICTURES[name](plt, data)
        picture.save(figure, path, title)
        plt.close(figure)


def stale(names: list[str], data: pathlib.Path, images: pathlib.Path) -> list[str]:
    """Those pictures that would change."""
    found = []
    with tempfile.TemporaryDirectory() as directory:
        for name in names:
            new = pathlib.Path(directory) / f"{name}.svg"
            draw(name, data, new)
            old = images / new.name
            if not old.exists() or old.read_text(encoding="utf-8") != new.read_text(encoding="utf-8"):
                found.append(name)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", help="pictures, separated by commas; default: all")
    parser.add_argument("--data", type=pathlib.Path, default=tables.RESULTS / "data")
    parser.add_argument("--output", type=pathlib.Path, default=IMAGES)
    parser.add_argument("--check", action="store_true", help="write nothing; are the pictures up to date?")
    options = parser.parse_args()
    names = options.only.split(",") if options.only else list(PICTURES)
    unknown = sorted(set(names) - set(PICTURES))
    if unknown:
        parser.error(f"--only: found {', '.join(unknown)}; allowed: {', '.join(PICTURES)}")
    if options.check:
        changed = stale(names, options.data, options.output)
        if changed:
            sys.exit(f"plots.py: {', '.join(changed)} would change; draw anew")
        return
    options.output.mkdir(parents=True, exist_ok=True)
    for name in names:
        draw(name, options.data, options.output / f"{name}.svg")


if __name__ == "__main__":
    main()
