#!/usr/bin/env python3
"""Area of the whole accelerator by part, memories included (docs/results.md, "The whole accelerator").

usage: eval/accelerator_parts.py [--presets 8x8,16x16,64x64] [--liberty FILE] [--plot docs/accelerator.svg]

Each preset is one run of `microscopiq synth --top`. A run is kept in build/accelerator (or --work), so the
script resumes after an interruption; --again makes it anew. Prints the table as Markdown."""

from __future__ import annotations

import argparse

import kept_runs

LOGIC = ("core", "readers", "accumulators", "outputs", "control around the core")
MEMORIES = ("memory: output accumulators", "memory: activation buffer")
OTHER = "memory: all others"
COLOURS = ("#0072b2", "#56b4e9", "#009e73", "#8c510a", "#5c5c5c", "#d55e00", "#e69f00", "#cc79a7")


def measure(preset: str, options: argparse.Namespace) -> dict:
    """The report of one preset."""
    arguments = ["--config", preset, "--top", "--no-twin"]
    if preset in options.timed.split(","):
        arguments.append("--timing")
    return kept_runs.synthesize(preset, arguments, options)


def parts_of(report: dict) -> dict[str, float]:
    """mm^2 by part; small memories together."""
    parts = dict.fromkeys((*LOGIC, *MEMORIES, OTHER), 0.0)
    for part in report["accelerator"]["parts"]:
        name = part["part"] if part["part"] in parts else OTHER
        parts[name] += part["area_um2"] / 1e6
    return parts


def megahertz(report: dict) -> str:
    return f"{report['timing']['fmax_mhz']:.1f}" if "timing" in report else "-"


def table(reports: dict[str, dict]) -> str:
    presets = {preset: parts_of(report) for preset, report in reports.items()}
    lines = [["mm^2", *presets], ["---"] * (1 + len(presets))]
    for part in (*LOGIC, *MEMORIES, OTHER):
        lines.append([part, *(f"{areas[part]:.3f}" for areas in presets.values())])
    lines.append(["all", *(f"{sum(areas.values()):.2f}" for areas in presets.values())])
    logic = [sum(areas[part] for part in LOGIC) / sum(areas.values()) for areas in presets.values()]
    lines.append(["of it logic", *(f"{100 * share:.1f} %" for share in logic)])
    energies = [report["accelerator"]["memory_launch_energy_j"] * 1e12 for report in reports.values()]
    lines.append(["pJ of memories a token start", *(f"{energy:.0f}" for energy in energies)])
    lines.append(["f_max MHz", *map(megahertz, reports.values())])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def draw(reports: dict[str, dict], file: str) -> None:
    plt = kept_runs.pyplot("parts")
    figure, axis = plt.subplots(figsize=(7.4, 1.0 + 0.55 * len(reports)), layout="constrained")
    for row, areas in enumerate(map(parts_of, reports.values())):
        total, left = sum(areas.values()), 0.0
        for part, colour in zip(areas, COLOURS, strict=True):
            share = 100 * areas[part] / total
            label = part if row == 0 else None
            axis.barh(row, share, left=left, color=colour, edgecolor="white", linewidth=0.5, label=label)
            left += share
        axis.text(101, row, f"{total:.1f} mm²", va="center")
    axis.set_yticks(range(len(reports)), list(reports))
    axis.invert_yaxis()
    axis.set(xlim=(0, 100), xlabel="share of the area, %")
    figure.legend(frameon=False, loc="outside lower center", ncols=3)
    figure.savefig(file, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--presets", default="8x8,16x16,64x64", help="separated by commas")
    parser.add_argument("--timed", default="8x8,16x16", help="presets whose f_max is measured too")
    kept_runs.add_options(parser, "accelerator")
    options = parser.parse_args()
    reports = {preset: measure(preset, options) for preset in options.presets.split(",")}
    print(table(reports))
    if options.plot:
        draw(reports, options.plot)


if __name__ == "__main__":
    main()
